import Base
import Cryptography
import ProviderKit
import SandboxKit
import Transport

/// One call to a provider, or a TLS handshake that led to none, as the request log keeps it: nothing secret is in here.
struct RequestRecord: Sendable {
    /// What the caller got.
    enum Outcome: String, Sendable {
        /// A whole answer.
        case answered
        /// The beginning of an answer.
        case truncated
        /// The connection closed without an answer, at once or after a while.
        case dropped
        /// There was no call: the TLS handshake failed.
        case handshakeFailed = "handshake_failed"
    }

    var id = 0
    /// By the tenant's clock.
    var tenantTime: Timestamp
    /// By the machine's clock.
    var machineTime: Timestamp
    var tenant: TenantID
    /// Whether the call's credentials named the tenant; otherwise the call is kept with the demo tenant.
    var isTenantKnown: Bool
    /// Empty when a handshake named no provider's host.
    var provider: String
    var route: String?
    /// Method and path are empty when there was no call.
    var method: String
    var path: String
    var outcome: Outcome
    /// The status of the answer; nothing when there was no answer.
    var status: Int?
    var duration: Duration
    var address: String
    /// What TLS agreed on, or had come to when it failed; nothing on a plain connection.
    var tls: HTTPPeer.TLSDetails?
    var verdict: Verdict?
    var faults: [Fault] = []
    var requestFields: JSON
    var requestBody: JSON
    var replyFields: JSON
    var replyBody: JSON

    /// The record as the control API shows it.
    ///
    /// - Parameter language: `ko` or `en` when the verdict shall speak one language only.
    func json(language: String?) -> JSON {
        var members: JSON.Members = [
            "id": .number(id), "time": .string(tenantTime.internetText), "machine_time": .string(machineTime.internetText),
            "tenant": .string(tenant.rawValue), "tenant_known": .boolean(isTenantKnown),
            "provider": provider.isEmpty ? .null : .string(provider),
            "route": route.map { .string($0) } ?? .null, "method": method.isEmpty ? .null : .string(method),
            "path": path.isEmpty ? .null : .string(path),
            "outcome": .string(outcome.rawValue), "status": status.map { .number($0) } ?? .null,
            "duration_ms": .number("\(Double(duration.wholeNanoseconds / 1000) / 1000)"), "address": .string(address),
        ]
        if let tls { members["tls"] = Self.shown(tls) }
        if let verdict { members["verdict"] = Self.speaking(language, verdict.json) }
        if !faults.isEmpty {
            members["faults"] = .array(faults.map { ["id": .number($0.id), "kind": .string($0.kind.word)] })
        }
        guard outcome != .handshakeFailed else { return .object(members) }
        members["request"] = ["headers": requestFields, "body": requestBody]
        members["reply"] = status == nil ? .null : ["headers": replyFields, "body": replyBody]
        return .object(members)
    }

    private static func shown(_ tls: HTTPPeer.TLSDetails) -> JSON {
        var members: JSON.Members = ["server_name": tls.serverName.map { .string(String($0.prefix(253))) } ?? .null]
        if !tls.version.isEmpty { members["version"] = .string(tls.version) }
        if let certificate = tls.clientCertificate.flatMap({ try? Certificate(der: $0) }) { members["certificate"] = certificate.facts }
        return .object(members)
    }

    private static func speaking(_ language: String?, _ verdict: JSON) -> JSON {
        guard let language, var members = verdict.members else { return verdict }
        for name in ["reason", "remedy"] {
            if let text = members[name]?[language] { members[name] = text }
        }
        return .object(members)
    }
}

/// What is known of a call when it is over, before anything secret was taken out.
struct ObservedCall {
    var provider: String
    var call: Call
    var address: String
    var tls: HTTPPeer.TLSDetails?
    var tenant: TenantID
    var isTenantKnown: Bool
    var route: String?
    var verdict: Verdict?
    var outcome: RequestRecord.Outcome
    /// The answer that was sent or begun; nothing when there was none.
    var reply: Reply?
    var faults: [Fault]
    var tenantTime: Timestamp
    var machineTime: Timestamp
    var duration: Duration

    /// The call without anything secret.
    func record(_ redactor: Redactor) -> RequestRecord {
        var pass = RedactionPass(redactor)
        // Everything is read first, so that whatever one part gives away as secret is then taken out of all parts.
        let path = pass.target(path: call.path, query: call.query)
        let requestFields = pass.fields(call.fields)
        let requestBody = pass.requestBody(call.body, contentType: call.fields["Content-Type"])
        let replyFields = reply.map { pass.fields($0.fields) } ?? .null
        let replyBody = reply.map { pass.body($0.body, contentType: $0.fields["Content-Type"]) } ?? .null
        return RequestRecord(
            tenantTime: tenantTime, machineTime: machineTime, tenant: tenant, isTenantKnown: isTenantKnown, provider: provider,
            route: route, method: String(call.method.rawValue.prefix(32)), path: pass.scrubbedPath(path), outcome: outcome,
            status: reply?.status, duration: duration, address: address, tls: tls,
            verdict: verdict.map { Self.scrubbed($0, pass) },
            faults: faults, requestFields: pass.scrubbed(requestFields), requestBody: pass.scrubbed(requestBody),
            replyFields: pass.scrubbed(replyFields), replyBody: pass.scrubbed(replyBody))
    }

    private static func scrubbed(_ verdict: Verdict, _ pass: RedactionPass) -> Verdict {
        var verdict = verdict
        verdict.reason = scrubbed(verdict.reason, pass)
        verdict.remedy = verdict.remedy.map { scrubbed($0, pass) }
        if let details = pass.scrubbed(.object(verdict.details)).members { verdict.details = details }
        return verdict
    }

    private static func scrubbed(_ text: BilingualText, _ pass: RedactionPass) -> BilingualText {
        BilingualText(korean: pass.scrubbed(text.korean), english: pass.scrubbed(text.english))
    }
}

extension RedactionPass {
    /// A path in which nothing that was taken out elsewhere stands, percent-encoded or not; long ones are cut.
    func scrubbedPath(_ path: String) -> String {
        var shown = scrubbed(path)
        if let decoded = FormText.decodePart(shown.utf8, plusIsSpace: false) {
            let clean = scrubbed(decoded)
            if clean != decoded { shown = clean }
        }
        return shown.utf8.count <= 2048 ? shown : String(shown.prefix(2048)) + "…"
    }
}
