import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth connector: everything else")
struct ConnectorOtherTests {
    private static let validate = "/api/v1/certificate/validate"

    @Test("Other calls pass with the token in the place of the caller's proof; refused for the token, one that reads is made again")
    func passing() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let answer = await house.call(
                .post, ConnectorOtherTests.validate, #"{"certificate":"PEM"}"#,
                ["Authorization": "Basic own", "X-Mine": "1", "Bujeol-Reference": "r"])
            #expect(answer.houseJSON?["success"]?["valid"] == true)
            #expect(["Bujeol-Result", "Bujeol-Outcome"].map { answer.fields[$0] } == ["success", "delivered"])
            let sent = try #require(house.sent("validate").first?.request)
            #expect(sent.target == "/toss-auth" + ConnectorOtherTests.validate)
            #expect(sent.fields["Authorization"] == "Bearer t1")
            #expect(sent.fields["X-Mine"] == "1")
            #expect(!sent.fields.contains("Bujeol-Reference"))
            house.provider.state.withLock { $0.refusedTokens = ["t1"] }
            #expect(await house.call(.post, ConnectorOtherTests.validate, "{}").status == 200)
            #expect(house.provider.names("validate").map(\.token) == ["t1", "t1", "t2"])
            // Nobody knows what an unknown path does: it is sent once, with the token, and never again.
            house.provider.state.withLock { $0.refusedTokens = ["t2"] }
            try await simulation.sleep(for: .seconds(10))
            let unknown = await house.call(.post, "/api/v2/sign/doc/request", "{}")
            #expect(unknown.fields["Bujeol-Error-Code"] == "CE1000")
            #expect(unknown.fields["Bujeol-Result"] == "fail")
            #expect(house.provider.names("request").map(\.token) == ["t2"])
            #expect(house.count("bujeol_toss_auth_refusals_total{connection=\"toss\",code=\"CE1000\"}") == "2")
        }
    }

    @Test("Nobody fetches a token through the gateway: the secret would travel for nothing")
    func noTokens() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let response = await house.call(.post, "/token", "grant_type=client_credentials&client_id=a&client_secret=hidden")
            #expect(response.status == 404)
            #expect(response.fields["Bujeol-Outcome"] == "refused")
            #expect(!response.houseText.contains("hidden"))
            #expect(house.wire.sent.isEmpty)
        }
    }

    @Test("Where callers must prove themselves, every call and every page demands it")
    func callers() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation, settings: ", requireCaller: true")
            let proof: HTTPFields = ["Bujeol-Caller": "web:web:key"]
            let txID = try await house.completed(proof)
            let before = house.wire.sent.count
            for fields in [[:], ["Bujeol-Caller": "web:wrong"], ["Bujeol-Caller": "web"], ["Authorization": "Basic d2ViOndlYjprZXk="]]
                as [HTTPFields]
            {
                let calls = [
                    await house.call(.request, ConnectorHouse.person, fields),
                    await house.call(.status, ["txId": .string(txID.text)], fields),
                    await house.result(txID, fields), await house.call(.post, ConnectorOtherTests.validate, "{}", fields),
                    await house.call(.get, "/-/transactions/\(txID)", "", fields),
                    await house.call(.get, "/-/transactions/\(txID)?wait=1s", "", fields),
                    await house.call(.delete, "/-/transactions/\(txID)", "", fields),
                ]
                for response in calls {
                    #expect(response.status == 401)
                    #expect(response.houseJSON?["code"] == "caller-unknown")
                }
            }
            #expect(house.wire.sent.count == before)
            #expect(await house.result(txID, proof).status == 200)
            #expect(await house.call(.get, "/-/transactions/\(txID)?wait=1s", "", proof).status == 200)
            #expect(!house.wire.sent.contains { $0.request.fields.contains("Bujeol-Caller") })
        }
    }

    @Test("Ready is who has a token, or the means to get one")
    func readiness() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            #expect(await house.connector.readiness().isReady)
            #expect(house.provider.state.withLock { $0.tokens } == 1)
            let environment = ConnectorEnvironment(connection: "c", exchange: Refusing(), time: simulation, random: SystemRandom())
            let configuration = TossAuthConnector.Configuration(
                credentials: TossAuthPlace.live.credentials(clientID: "a", clientSecret: Secret("b")))
            let refused = await (try TossAuthConnector(configuration, environment: environment)).readiness()
            #expect(!refused.isReady)
            #expect(refused.reason.english.contains("client id and secret"))
        }
    }

    private struct Refusing: HTTPExchange {
        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            HTTPResponse(status: 401, body: Array(#"{"error":"invalid_client"}"#.utf8))
        }
    }

    @Test("Time limits are those of the settings, for the token's call too")
    func timeouts() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation, settings: ", connectTimeout: \"2s\", readTimeout: \"4s\", deadline: \"9s\"")
            _ = await house.call(.request, ConnectorHouse.oneTouch)
            _ = await house.call(.post, ConnectorOtherTests.validate, "{}")
            for sent in house.wire.sent {
                #expect(sent.timeouts.connect == .seconds(2))
                #expect(sent.timeouts.firstByte == .seconds(4))
                #expect(sent.timeouts.total <= .seconds(9))
            }
            #expect(house.wire.sent.count == 3)
        }
    }

    @Test("With trusted certificates of its own, every call goes by them")
    func trust() throws {
        let simulation = Simulation()
        try simulation.run {
            let now = simulation.now
            let authority = try CertificateAuthority(name: "made up", validity: CertificateValidity(from: now - .seconds(86_400), days: 30))
            let house = try ConnectorHouse(simulation, settings: ", trust: \"ca.pem\"", files: ["ca.pem": authority.certificatePEM])
            _ = await house.call(.request, ConnectorHouse.oneTouch)
            _ = await house.call(.post, ConnectorOtherTests.validate, "{}")
            #expect(house.wire.sent.map(\.authorities) == [1, 1, 1])
        }
    }

    @Test("A signature is told to be valid, invalid or unchecked, and the certificate's standing where it is asked for")
    func signatures() throws {
        let simulation = Simulation()
        try simulation.run {
            let now = simulation.now
            let validity = CertificateValidity(from: now - .seconds(86_400), days: 30)
            let authority = try CertificateAuthority(name: "made up", validity: validity)
            let stranger = try CertificateAuthority(name: "stranger", validity: validity)
            let settings = ", verifySignature: { authorities: \"ca.pem\" }, validateCertificate: true"
            let house = try ConnectorHouse(simulation, settings: settings, files: ["ca.pem": authority.certificatePEM])
            for (issuer, finding) in [(authority, "valid"), (stranger, "invalid")] {
                let txID = try await house.completed()
                let signer = try issuer.issueSignerIdentity(name: "김토스", validity: validity)
                let content: JSON = ["txId": .string(txID.text)]
                let message = try SignedMessage.sign(content.bytes, by: signer, at: now)
                house.provider.change(txID) { $0.signature = Base64.encode(message) }
                let response = await house.result(txID)
                #expect(response.fields["Bujeol-Signature"] == finding)
                #expect(response.fields["Bujeol-Certificate"] == "valid")
            }
            let txID = try await house.completed()
            let broken = await house.result(txID)
            #expect(broken.status == 200)
            #expect(broken.fields["Bujeol-Signature"] == "invalid")
            #expect(!broken.fields.contains("Bujeol-Certificate"))
        }
    }

    @Test("After all of it, no log line and no metric holds anything of the person, a key, a token or the secret")
    func silence() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            _ = await house.call(.request, ConnectorHouse.person, ["Bujeol-Reference": "order-7"])
            let txID = try await house.completed()
            house.provider.fault("request", .losesAnswer, .refuses(.userMismatch))
            for _ in 0..<2 { _ = await house.call(.request, ConnectorHouse.person) }
            _ = await house.call(.request, ["requestType": "USER_PERSONAL", "userName": "홍길동"])
            house.provider.fault("result", .foreignSession)
            for _ in 0..<3 { _ = await house.result(txID, ["Bujeol-Read": "fresh"]) }
            house.provider.state.withLock { $0.refusedTokens = ["t1"] }
            _ = await house.call(.status, ["txId": .string(txID.text)])
            _ = await house.call(.get, "/-/transactions/\(txID)")
            let text = house.logged + house.metrics.text
            #expect(text.contains("result read") && text.contains("token received"))
            let words = [
                "홍길동", "01012345678", "19900102", "김토스", "19930324", "CI01", "DI01", "v1$", "Bearer", "t1\"",
                TossAuthDemonstration.clientSecret,
                "order-7", txID.text,
            ]
            for word in words { #expect(!text.contains(word), "\(word)") }
        }
    }

    @Test("The doctor learns the two hosts with their six addresses, or the one place, and what the settings amount to")
    func doctor() async throws {
        let time = ManualTime()
        let environment = ConnectorEnvironment(connection: "c", exchange: Refusing(), time: time, random: SystemRandom())
        func connector(_ id: String, _ place: TossAuthPlace, _ key: ServiceKey, keep: Duration = .seconds(60)) throws -> TossAuthConnector {
            var configuration = TossAuthConnector.Configuration(
                credentials: place.credentials(clientID: id, clientSecret: Secret(id)), place: place, key: key)
            configuration.options.keepResult = keep
            return try TossAuthConnector(configuration, environment: environment)
        }
        let live = try connector("real", .live, .production)
        #expect(live.outbound.map(\.origin.host) == ["oauth2.cert.toss.im", "cert.toss.im"])
        for rule in live.outbound {
            #expect(rule.isProvider)
            #expect(rule.origin.port == 443)
            #expect(Set(rule.addresses) == Set(TossAuthFirewall.addresses + TossAuthFirewall.olderAddresses))
        }
        #expect(await live.examine(time).map(\.severity) == [.good, .good])
        let test = try connector("test_a", .live, .production)
        #expect(await test.examine(time).map(\.severity) == [.note, .good])
        let origin = HTTPOrigin(isSecure: false, host: "sandbox.example", port: 8600)
        let place = TossAuthPlace(token: origin, service: origin, pathPrefix: "/toss-auth")
        let sandbox = try connector("test_a", place, .sandbox, keep: .zero)
        #expect(sandbox.outbound.map(\.pathPrefix) == ["/toss-auth"])
        #expect(sandbox.outbound.allSatisfy { !$0.isProvider && $0.addresses.isEmpty })
        let findings = await sandbox.examine(time)
        #expect(findings.map(\.subject) == ["clientID", "publicKey", "base", "keepResult"])
        #expect(findings.map(\.severity) == [.note, .good, .warning, .warning])
        let other = try ServiceKey(try PrivateKey.generateRSA(bits: 2048).publicKey)
        #expect(await (try connector("real", .live, other)).examine(time).map(\.severity) == [.good, .warning])
        for finding in findings { #expect((finding.severity >= .warning) == (finding.remedy != nil)) }
    }

    @Test("Requests that were cut off are told to the log when the gateway begins again")
    func cutOff() throws {
        let simulation = Simulation()
        try simulation.run {
            let records = MemoryRecords(time: simulation)
            let house = try ConnectorHouse(simulation, records: records)
            house.provider.fault("request", .losesAnswer)
            _ = await house.call(.request, ConnectorHouse.person)
            let next = try ConnectorHouse(simulation, provider: house.provider, records: records)
            try await next.connector.open()
            #expect(next.logged.contains("requests were cut off"))
        }
    }
}
