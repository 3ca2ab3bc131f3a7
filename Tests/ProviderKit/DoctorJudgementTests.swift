import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("What the doctor makes of what was seen")
struct DoctorJudgementTests {
    private let now = Timestamp(unixSeconds: 1_767_225_600)
    private let documented = ["203.0.113.1", "203.0.113.2", "203.0.113.3"]

    private func judge(_ place: HostObservation) -> [DoctorFinding] { DoctorJudgement(now: now).findings(of: [place]) }

    private func rule(_ addresses: [String] = []) -> OutboundRule { OutboundRule(origin: api, purpose: calls, addresses: addresses) }

    private func open(_ host: String, _ handshake: AddressVisit.Handshake? = nil) -> AddressVisit {
        AddressVisit(address: socket(host), connection: .open(after: .milliseconds(2)), handshake: handshake, localAddress: "10.0.0.5")
    }

    private func closed(_ host: String, _ connection: AddressVisit.Connection = .timedOut) -> AddressVisit {
        AddressVisit(address: socket(host), connection: connection)
    }

    private func answered(ahead: Duration, took: Duration = .milliseconds(20)) -> AnswerObservation {
        .answered(status: 404, date: now, asked: now + ahead, answered: now + ahead + took)
    }

    // MARK: Names

    @Test("documented addresses only: all is well; another among them: a warning that names it")
    func undocumented() {
        let known = HostObservation(rule: rule(documented), name: .addresses([socket("203.0.113.2")]))
        #expect(judge(known).map(\.severity) == [.good])
        let foreign = HostObservation(rule: rule(documented), name: .addresses([socket("203.0.113.2"), socket("198.51.100.9")]))
        let finding = judge(foreign).only(.name)
        #expect(finding.worst == .warning && finding.text.contains("198.51.100.9") && !finding.text.contains("203.0.113.2"))
    }

    @Test("a host without documented addresses may have any")
    func anyAddress() {
        #expect(judge(HostObservation(rule: rule(), name: .addresses([socket("198.51.100.9")]))).worst == .good)
    }

    @Test("a provider's name that leads to this machine is noticed")
    func hostsFile() {
        let finding = judge(HostObservation(rule: rule(documented), name: .addresses([socket("127.0.0.1")])))
        #expect(finding.worst == .warning && finding.text.contains("this machine"))
    }

    @Test("no address, and no answer", arguments: [NameAnswer.none, .timedOut])
    func noName(_ answer: NameAnswer) {
        let findings = judge(HostObservation(rule: rule(documented), name: answer))
        #expect(findings.map(\.severity) == [.problem] && findings.first?.remedy != nil)
    }

    // MARK: Ports

    @Test("every documented address counts: one that DNS names and that is blocked is a problem, one that it does not name a warning")
    func blocked() {
        let visits = [open("203.0.113.1"), closed("203.0.113.2"), closed("203.0.113.3")]
        let place = HostObservation(
            rule: rule(documented), name: .addresses([socket("203.0.113.1"), socket("203.0.113.2")]), visits: visits)
        let findings = judge(place).only(.port)
        #expect(findings.map(\.severity) == [.good, .problem, .warning], "\(findings.text)")
        #expect(findings[1].message.english.contains("203.0.113.2:443") && findings[1].remedy?.english.contains("203.0.113.2:443") == true)
        #expect(findings[2].message.english.contains("203.0.113.3:443"))
    }

    @Test("addresses that are blocked alike share a finding; those that refuse have another")
    func alike() {
        let refused = AddressVisit.Connection.failed(SystemError(call: "connect", number: 111))
        let place = HostObservation(
            rule: rule(documented), visits: [closed("203.0.113.1"), closed("203.0.113.2"), closed("203.0.113.3", refused)])
        let findings = judge(place).only(.port)
        #expect(findings.count == 2 && findings.worst == .problem)
        #expect(findings[0].message.english.contains("203.0.113.1:443, 203.0.113.2:443"))
        #expect(findings[1].message.english.contains(SystemError(call: "connect", number: 111).reason))
    }

    @Test("IPv6 that leads nowhere is worth a note only while IPv4 works")
    func noIPv6() {
        let place = HostObservation(rule: rule(), visits: [open("198.51.100.9"), closed("2001:db8::1")])
        #expect(judge(place).only(.port).map(\.severity) == [.good, .note])
        let alone = HostObservation(rule: rule(), visits: [closed("2001:db8::1")])
        #expect(judge(alone).only(.port).map(\.severity) == [.problem])
    }

    @Test("nobody at a port of this machine: the remedy speaks of the sandbox, not of firewalls")
    func nobodyHere() {
        let place = HostObservation(
            rule: rule(), visits: [closed("127.0.0.1", .failed(SystemError(call: "connect", number: 111)))])
        #expect(judge(place).only(.port).first?.remedy?.english.contains("bujeol up") == true)
    }

    // MARK: TLS

    @Test(
        "each way in which TLS fails has its own words, in both languages",
        arguments: [
            (TLSError.Code.untrustedCertificate, "do not vouch", "신뢰하지"),
            (.hostNameMismatch, "not for api.example", "api.example의 것이 아닙니다"),
            (.certificateNotValidNow, "not valid now", "지금은 유효하지"), (.refusedByPeer, "refused the TLS connection", "거절했습니다"),
            (.protocolFailure, "could not be agreed on", "맺지 못했습니다"),
        ])
    func failedHandshakes(code: TLSError.Code, english: String, korean: String) throws {
        let place = HostObservation(rule: rule(), visits: [open("198.51.100.9", .failed(TLSError(code, "words")))])
        let finding = try #require(judge(place).only(.tls).first)
        #expect(finding.severity == .problem && finding.message.english.contains(english) && finding.message.korean.contains(korean))
        #expect(finding.facts["code"]?.string == code.rawValue && finding.remedy != nil)
    }

    @Test("who vouches for the server is told: the system's authorities or the configured ones")
    func judges() {
        let visits = [open("198.51.100.9", .failed(TLSError(.untrustedCertificate, "")))]
        #expect(judge(HostObservation(rule: rule(), visits: visits)).text.contains("the system's authorities"))
        #expect(judge(HostObservation(rule: rule(), isJudgedBySystem: false, visits: visits)).text.contains("configured trust file"))
    }

    @Test("days left to the server's certificate are counted; few of them are worth a note")
    func serverCertificate() throws {
        for (days, severity) in [(87, DoctorFinding.Severity.good), (3, .note)] {
            let validity = CertificateValidity(notBefore: now - .seconds(60), notAfter: now + .seconds(Int64(days) * 86_400 + 60))
            let authority = try CertificateAuthority(name: "test", validity: validity)
            let der = try authority.issueServerIdentity(names: ["api.example"], validity: validity).certificates[0].der
            let place = HostObservation(rule: rule(), visits: [open("198.51.100.9", .done(version: "TLSv1.3", certificate: der))])
            let finding = try #require(judge(place).only(.tls).first)
            #expect(finding.severity == severity && finding.facts["days_left"]?.integer == Int64(days), "\(finding)")
        }
    }

    // MARK: Answer

    @Test("a server that hangs up after a client certificate is said to have refused it")
    func hungUp() throws {
        let validity = CertificateValidity(from: now, days: 1)
        var rule = rule()
        let place = { (rule: OutboundRule) in
            HostObservation(rule: rule, answer: .failed(HTTPExchangeError(.connectionLost, outcome: .unknown, message: "")))
        }
        #expect(judge(place(rule)).text.contains("did not answer"))
        rule.identity = try CertificateAuthority(name: "test", validity: validity).issueClientIdentity(name: "app", validity: validity)
        #expect(judge(place(rule)).text.contains("after it had seen the client certificate"))
    }

    @Test("a failed handshake is not told twice")
    func once() {
        let place = HostObservation(
            rule: rule(), visits: [open("198.51.100.9", .failed(TLSError(.hostNameMismatch, "")))],
            answer: .failed(HTTPExchangeError(.handshakeFailed, outcome: .notSent, message: "")))
        #expect(judge(place).filter { $0.severity == .problem }.count == 1)
    }

    @Test(
        "a server that only fails is worth a warning, any other status none",
        arguments: [(200, false), (404, false), (500, true), (503, true)])
    func statuses(status: Int, isWarning: Bool) {
        let place = HostObservation(rule: rule(), answer: .answered(status: status, date: now, asked: now, answered: now))
        #expect(judge(place).only(.answer).worst == (isWarning ? .warning : .good))
    }

    // MARK: Clock

    @Test(
        "the clock is judged with half a second's resolution: what a Date cut off is not counted",
        arguments: [
            (Duration.zero, DoctorFinding.Severity.good), (.milliseconds(999), .good), (.milliseconds(-20), .good), (.seconds(5), .good),
            (.milliseconds(6200), .warning), (.seconds(-5), .good), (.milliseconds(-5100), .warning), (.seconds(60), .warning),
            (.milliseconds(61_100), .problem), (.seconds(-61), .problem), (.seconds(86_400), .problem),
        ])
    func skew(ahead: Duration, severity: DoctorFinding.Severity) {
        let findings = judge(HostObservation(rule: rule(), answer: answered(ahead: ahead))).only(.clock)
        #expect(findings.map(\.severity) == [severity], "\(findings.text)")
        #expect(
            findings.allSatisfy {
                severity == .good || $0.remedy != nil && $0.message.english.contains(ahead > .zero ? "ahead of" : "behind")
            })
    }

    @Test("the true difference lies within what is reported", arguments: [-3_600_000, -7_300, -400, 0, 1, 730, 12_345, 90_000_000])
    func interval(milliseconds: Int64) throws {
        // The server's clock shows a fraction that its Date leaves out.
        for fraction in [0, 1, 500, 999] as [Int64] {
            let server = now + .milliseconds(fraction)
            let here = server + .milliseconds(milliseconds)
            let place = HostObservation(
                rule: rule(), answer: .answered(status: 200, date: now, asked: here - .milliseconds(7), answered: here + .milliseconds(11)))
            let facts = try #require(judge(place).only(.clock).first?.facts)
            let (middle, around) = (try #require(facts["skew_ms"]?.integer), try #require(facts["uncertainty_ms"]?.integer))
            #expect(abs(middle - milliseconds) <= around + 1, "\(middle) ± \(around), not \(milliseconds)")
            #expect(around == 509)
        }
    }

    @Test("a provider's own tolerance makes a smaller difference a problem, and its consequence is told")
    func tolerance() {
        var rule = rule()
        rule.clockTolerances = [ClockTolerance(.seconds(3), BilingualText(korean: "서명이 거절됩니다", english: "signatures are refused"))]
        let findings = judge(HostObservation(rule: rule, answer: answered(ahead: .milliseconds(4500))))
        #expect(findings.only(.clock).worst == .problem && findings.text.contains("signatures are refused"))
        #expect(judge(HostObservation(rule: rule, answer: answered(ahead: .seconds(3)))).only(.clock).worst == .good)
    }

    @Test("without a Date nothing is judged")
    func noDate() {
        let place = HostObservation(rule: rule(), answer: .answered(status: 200, date: nil, asked: now, answered: now))
        #expect(judge(place).only(.clock).map(\.severity) == [.note])
    }

    // MARK: Source address

    @Test("a sandbox tells whom it sees; of a provider it is said in words how to find out, with what the address matters for")
    func source() {
        var sandbox = rule()
        sandbox.isProvider = false
        let seen = judge(HostObservation(rule: sandbox, visits: [open("127.0.0.1")], seenAddress: "127.0.0.1")).only(.sourceAddress)
        #expect(seen.map(\.severity) == [.good] && seen.text.contains("127.0.0.1"))
        var real = rule()
        real.sourceRule = BilingualText(korean: "허용 IP에 넣으세요.", english: "put it on the allow-list")
        let unknown = judge(HostObservation(rule: real, visits: [open("198.51.100.9")])).only(.sourceAddress)
        #expect(unknown.map(\.severity) == [.note] && unknown.text.contains("10.0.0.5, a private address"))
        #expect(unknown.first?.remedy?.english.contains("put it on the allow-list") == true)
        #expect(judge(HostObservation(rule: real, proxy: "proxy.example:3128")).text.contains("the proxy proxy.example:3128"))
    }

    @Test(
        "a public address is told from a private one",
        arguments: [
            ("8.8.8.8", true), ("172.15.0.1", true), ("100.128.0.1", true), ("2001:4860::1", true), ("10.1.1.1", false),
            ("172.16.0.1", false),
            ("172.31.9.9", false), ("192.168.3.4", false), ("100.64.0.1", false), ("169.254.1.1", false), ("fe80::1", false),
            ("fd00::1", false),
            ("::ffff:10.0.0.1", false), ("::1", false), ("127.0.0.2", false), ("192.0.2.2", false), ("198.51.100.1", false),
            ("203.0.113.9", false), ("198.18.0.1", false), ("192.0.3.1", true),
        ])
    func publicAddresses(host: String, isPublic: Bool) {
        var visit = open("198.51.100.9")
        visit.localAddress = host
        #expect(judge(HostObservation(rule: rule(), visits: [visit])).text.contains("a public address") == isPublic)
    }
}
