import Base
import Cryptography
import ProviderKit
import SandboxKit
import Transport

/// Keeps a record of handshakes that failed, which no service ever hears of.
struct HandshakeDesk: Sendable {
    let router: Router
    let services: [any SandboxService]
    let tenants: Tenants
    let clocks: Clocks
    let requests: RequestLog
    let metrics: Metrics
    let time: any TimeSource
    private let budget = Locked(HandshakeBudget())

    init(
        router: Router, services: [any SandboxService], tenants: Tenants, clocks: Clocks, requests: RequestLog, metrics: Metrics,
        time: any TimeSource
    ) {
        self.router = router
        self.services = services
        self.tenants = tenants
        self.clocks = clocks
        self.requests = requests
        self.metrics = metrics
        self.time = time
    }

    /// Counts a failure and, as far as the log has room for such, keeps a record.
    func failed(_ failure: HTTPHandshakeFailure) {
        let words = HandshakeVerdict(failure)
        let objection = failure.objection?.cause as? HandshakeObjection
        metrics.counter(
            "bujeol_sandbox_handshakes_failed_total", help: "TLS handshakes that failed, by the rule that the request log names.",
            labels: ["rule": words.rule]
        ).add()
        // Whoever said nothing has no mistake to look for.
        guard failure.hasReceived, let unlogged = budget.withLock({ $0.take(at: time.uptime) }) else { return }
        var verdict = objection?.verdict ?? Verdict(rule: words.rule, reason: words.reason, remedy: words.remedy)
        if let error = failure.error { verdict.details["tls"] = .string(error.message) }
        if let certificate = failure.certificate { verdict.details["certificate"] = certificate.facts }
        if unlogged > 0 { verdict.details["unlogged_before"] = .number(unlogged) }
        let known = objection?.tenant.flatMap { tenants.contains($0) ? $0 : nil }
        let tenant = known ?? .demo
        let details = HTTPPeer.TLSDetails(serverName: failure.serverName, clientCertificate: nil, version: "")
        requests.append(
            RequestRecord(
                tenantTime: clocks.now(tenant), machineTime: time.now, tenant: tenant, isTenantKnown: known != nil,
                provider: failure.serverName.flatMap(router.provider(ofHost:)).map { services[$0].provider } ?? "", method: "", path: "",
                outcome: .handshakeFailed, duration: .zero, address: failure.address, tls: details, verdict: verdict,
                requestFields: .null, requestBody: .null, replyFields: .null, replyBody: .null))
    }
}

/// How many failed handshakes the log takes: many at once, but few in the long run, so that somebody who tries all ports does not fill it.
struct HandshakeBudget: Sendable {
    /// How many at once.
    static let burst = 60
    /// One more after this time.
    static let pace = Duration.seconds(1)

    private var left = HandshakeBudget.burst
    private var refilled = Duration.zero
    private var unlogged = 0

    /// Takes one at a moment of the machine's uptime: how many had to be left out since the last one, or nothing when this one must be, too.
    mutating func take(at now: Duration) -> Int? {
        let steps = (now - refilled).wholeNanoseconds / Self.pace.wholeNanoseconds
        let gained = Int(max(0, min(steps, Int64(Self.burst))))
        left = min(Self.burst, left + gained)
        refilled = gained == Self.burst ? now : refilled + Self.pace * gained
        guard left > 0 else {
            unlogged += 1
            return nil
        }
        left -= 1
        defer { unlogged = 0 }
        return unlogged
    }
}

extension Certificate {
    /// What the request log shows of a certificate. Names in it may be anybody's words, so they are cut.
    var facts: JSON {
        [
            "subject": .string(String(subject.prefix(200))), "issuer": .string(String(issuer.prefix(200))),
            "serial": .string(Hexadecimal.encode(serialNumber.prefix(20))), "sha256": .string(Hexadecimal.encode(fingerprint)),
            "not_before": .string(notBefore.internetText), "not_after": .string(notAfter.internetText),
        ]
    }
}
