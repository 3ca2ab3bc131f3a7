import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("What the doctor looks at")
struct DoctorTests {
    private let table = [
        DocumentedHost("api.example", addresses: ["203.0.113.1", "203.0.113.2"], purpose: calls),
        DocumentedHost("pay.example", port: 8443, purpose: calls),
    ]

    private func doctor(_ network: MadeUpNetwork, _ time: any TimeSource = ManualTime()) -> Doctor {
        Doctor(network: network, time: time, random: SeededRandom(seed: 7))
    }

    @Test("a connection to the provider gets the documented addresses, one to a sandbox none")
    func rules() {
        let real = table.rule(for: api, purpose: calls)
        #expect(real.addresses == ["203.0.113.1", "203.0.113.2"] && real.isProvider)
        let sandbox = table.rule(for: HTTPOrigin(isSecure: true, host: "127.0.0.1", port: 8643), pathPrefix: "/x", purpose: calls)
        #expect(sandbox.addresses.isEmpty && !sandbox.isProvider && sandbox.pathPrefix == "/x")
        for other in [
            HTTPOrigin(isSecure: false, host: "api.example", port: 443), HTTPOrigin(isSecure: true, host: "api.example", port: 8443),
        ] {
            #expect(!table.rule(for: other, purpose: calls).isProvider)
        }
        #expect(table[1].rule.origin.port == 8443)
    }

    @Test("every documented address is visited, and every other that DNS names; one request goes out, and moves nothing")
    func looks() async {
        let network = MadeUpNetwork(names: ["api.example": .addresses([socket("203.0.113.2"), socket("198.51.100.9")])])
        let findings = await doctor(network).examine([PlacedConnector(outbound: [table[0].rule])])
        let log = network.log.withLock { $0 }
        #expect(log.visited.map(\.host).sorted() == ["198.51.100.9", "203.0.113.1", "203.0.113.2"])
        #expect(log.asked.map(\.origin) == [api])
        #expect(log.asked.map { "\($0.request.method) \($0.request.target) \($0.request.body.count)" } == ["GET / 0"])
        #expect(findings.count == 1 && findings[0].worst == .warning, "\(findings.first?.text ?? "")")
    }

    @Test("where no address takes a connection, no request is tried")
    func unreachable() async {
        let network = MadeUpNetwork(
            names: ["api.example": .none], visits: ["203.0.113.1": (.timedOut, nil), "203.0.113.2": (.timedOut, nil)])
        let findings = await doctor(network).examine([PlacedConnector(outbound: [table[0].rule])])
        #expect(network.log.withLock { $0.asked.isEmpty } && findings[0].only(.port).worst == .problem)
    }

    @Test("without a name no request is tried, however open the documented addresses are")
    func nameless() async {
        let network = MadeUpNetwork(names: ["api.example": .timedOut])
        let findings = await doctor(network).examine([PlacedConnector(outbound: [table[0].rule])])
        #expect(network.log.withLock { $0.asked.isEmpty && $0.visited.count == 2 })
        #expect(findings[0].filter { $0.severity == .problem }.map(\.check) == [.name], "\(findings[0].text)")
    }

    @Test("what the provider's own reading finds in the answer stands among the findings")
    func remark() async {
        let network = MadeUpNetwork(names: ["api.example": .addresses([socket("203.0.113.1")])]) { _, _ in
            .success(HTTPResponse(status: 200, body: Array("refused".utf8)))
        }
        var rule = table[0].rule
        rule.remark = { response in
            guard response.bytes == Array("refused".utf8) else { return nil }
            return DoctorFinding(.certificate, "api.example", .problem, BilingualText(korean: "거절", english: "refused inside"))
        }
        let findings = await doctor(network).examine([PlacedConnector(outbound: [rule])])
        #expect(findings[0].filter { $0.severity == .problem }.text.contains("refused inside"))
    }

    @Test("behind a proxy neither names nor addresses are looked at, but the request is")
    func proxied() async {
        let network = MadeUpNetwork(proxy: "proxy.example:3128")
        let findings = await doctor(network).examine([PlacedConnector(outbound: [table[0].rule])])
        let log = network.log.withLock { $0 }
        #expect(log.resolved.isEmpty && log.visited.isEmpty && log.asked.count == 1)
        #expect(findings[0].only(.answer).worst == .good && findings[0].only(.sourceAddress).text.contains("proxy.example:3128"))
    }

    @Test("an address in numbers needs no DNS")
    func literal() async {
        let network = MadeUpNetwork()
        let rule = table.rule(for: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600), pathPrefix: "/x", purpose: calls)
        _ = await doctor(network).examine([PlacedConnector(outbound: [rule])])
        let log = network.log.withLock { $0 }
        #expect(log.resolved.isEmpty && log.visited == [socket("127.0.0.1", 8600)] && log.asked.first?.request.target == "/x/")
    }

    @Test("a sandbox is asked whom it saw, and only the doctor's own request counts")
    func sandbox() async throws {
        let mark = Locked("")
        let network = MadeUpNetwork { request, _ in
            guard request.target.hasPrefix("/-/requests") else {
                mark.withLock { $0 = request.fields["User-Agent"] ?? "" }
                return .success(HTTPResponse(status: 404))
            }
            let own = mark.withLock { $0 }
            let record = { (agent: String, address: String) -> JSON in
                ["address": .string(address), "request": ["headers": ["User-Agent": .string(agent)]]]
            }
            let log: JSON = ["requests": [record("bujeol-doctor/other", "192.0.2.1"), record(own, "192.0.2.2")]]
            return .success(HTTPResponse(status: 200, body: log.bytes))
        }
        let rule = table.rule(for: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600), purpose: calls)
        let findings = await doctor(network).examine([PlacedConnector(outbound: [rule])])
        #expect(findings[0].only(.sourceAddress).map { $0.facts["address"]?.string } == ["192.0.2.2"])
    }

    @Test("a provider is never asked a second time", arguments: [200, 404, 500])
    func onceOnly(status: Int) async {
        let network = MadeUpNetwork(names: ["api.example": .addresses([socket("203.0.113.1")])]) { _, _ in
            .success(HTTPResponse(status: status, body: Array("{}".utf8)))
        }
        _ = await doctor(network).examine([PlacedConnector(outbound: [table[0].rule])])
        #expect(network.log.withLock { $0.asked.count } == 1)
    }

    @Test("what a sandbox claims is shown only when it is an address")
    func claims() async {
        let mark = Locked("")
        let network = MadeUpNetwork { request, _ in
            mark.withLock { if $0.isEmpty { $0 = request.fields["User-Agent"] ?? "" } }
            let agent = mark.withLock { $0 }
            let record: JSON = ["address": "\u{1B}[31mboo", "request": ["headers": ["User-Agent": .string(agent)]]]
            return .success(HTTPResponse(status: 200, body: (["requests": [record]] as JSON).bytes))
        }
        let rule = table.rule(for: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600), purpose: calls)
        let findings = await doctor(network).examine([PlacedConnector(outbound: [rule])])
        #expect(findings[0].only(.sourceAddress).isEmpty)
    }

    @Test("forty places are looked at some at a time, and each connection gets its own findings in order")
    func many() async {
        let hosts = (0..<40).map { DocumentedHost("host-\($0).example", purpose: calls) }
        let network = MadeUpNetwork()
        let own = DoctorFinding(.certificate, "app", .warning, BilingualText(korean: "30일", english: "30 days"))
        let findings = await doctor(network).examine([
            PlacedConnector(outbound: hosts.prefix(25).map(\.rule)), PlacedConnector(outbound: hosts.suffix(15).map(\.rule), own: [own]),
        ])
        #expect(findings.map { $0.only(.name).count } == [25, 15])
        #expect(findings[0].map(\.subject) == hosts.prefix(25).map(\.host) && findings[1].first == own)
        #expect((2...16).contains(network.log.withLock { $0.busiest }))
    }
}
