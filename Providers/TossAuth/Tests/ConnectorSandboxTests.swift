import Base
import Cryptography
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

/// Both halves in one process: the gateway on this machine's clock, the sandbox on one that stands months away until the test moves it.
private struct BothHalves: Sendable {
    let sandbox: SandboxHouse
    let gateway: Gateway
    let connector: TossAuthConnector

    private struct Network: HTTPExchange {
        let sandbox: SandboxHouse

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            let answer = await sandbox.send(request.method, request.target, request.body, request.fields)
            return HTTPResponse(status: answer.status, fields: answer.fields, body: Array(answer.text.utf8))
        }
    }

    /// - Parameter credentials: Another client than the demonstration's.
    init(_ sandbox: SandboxHouse, credentials: SandboxHouse.Credentials? = nil, settings: String = "") throws {
        self.sandbox = sandbox
        let network = Network(sandbox: sandbox)
        let place = DemonstrationPlace(base: "http://127.0.0.1:8600/toss-auth", authorityFile: "ca.pem", folder: "folder")
        var text = TossAuthConnector.demonstration(place).replacing(
            "verifySignature: { authorities: \"ca.pem\" }", with: "deadline: \"5m\"" + settings)
        if let credentials {
            text = text.replacing(TossAuthDemonstration.clientID, with: credentials.id)
                .replacing(TossAuthDemonstration.clientSecret, with: credentials.secret)
        }
        let key = try #require(try sandbox.files.read(TossAuthDemonstration.publicKeyFile))
        let files = ["c.json5": text, "folder/\(TossAuthDemonstration.publicKeyFile)": String(decoding: key, as: UTF8.self)]
        let environment = ConnectorEnvironment(connection: "toss", exchange: network, time: SystemTime(), random: SystemRandom())
        connector = try TossAuthConnector(
            settings: Settings(file: "c.json5", source: ConnectorFiles(files: files)), environment: environment)
        gateway = Gateway(connections: ["toss": connector], exchange: network, time: SystemTime())
    }

    func call(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil, _ fields: HTTPFields = [:]) async -> HTTPResponse {
        var fields = fields
        fields.append("Host", "127.0.0.1")
        return await gateway.respond(
            to: HTTPRequest(method: method, target: "/toss" + target, fields: fields, body: body?.bytes ?? []),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    func call(_ purpose: TossAuthAPI.Purpose, _ body: JSON, _ fields: HTTPFields = [:], older: Bool = false) async -> HTTPResponse {
        await call(.post, TossAuthRoutes.row(for: purpose, olderPath: older).path, body, fields)
    }

    func begin(_ body: JSON = ConnectorHouse.person, older: Bool = false) async throws -> String {
        let response = await call(.request, body, older: older)
        return try #require(response.houseJSON?["success"]?["txId"]?.string, "\(response.houseText)")
    }
}

@Suite("Toss Auth connector against the sandbox")
struct ConnectorSandboxTests {
    @Test("The whole way with the demonstration's settings: asked, followed, approved, read twice, and its end told by the sandbox's clock")
    func journey() async throws {
        let halves = try BothHalves(try await SandboxHouse())
        for older in [false, true] {
            let txID = try await halves.begin(older: older)
            let early = await halves.call(.result, ["txId": .string(txID)], older: older)
            #expect(early.fields["Bujeol-Error-Code"] == "CE3102")
            #expect(early.fields["Bujeol-Reads-Left"] == "2")
            try await halves.sandbox.move(txID, "open")
            #expect(await halves.call(.status, ["txId": .string(txID)], older: older).houseJSON?["success"]?["status"] == "IN_PROGRESS")
            try await halves.sandbox.move(txID, "approve")
            let page = await halves.call(.get, "/-/transactions/\(txID)?wait=30s")
            #expect(page.houseJSON?["status"] == "COMPLETED")

            let result = await halves.call(.result, ["txId": .string(txID)], older: older)
            let content = try #require(result.houseJSON?["success"], "\(result.houseText)")
            #expect(content["personalData"]?["name"] == "김토스")
            #expect(content["personalData"]?["birthday"] == "19930324")
            #expect(content["signature"]?.string.flatMap { Base64.decode($0) }?.first == 0x30)
            let completed = try #require(content["completedDt"]?.string.flatMap { TossAuthTime.read($0) })
            #expect(abs((completed - SandboxHouse.start).fractionalSeconds) < 7_200)
            #expect(result.fields["Bujeol-Result-Deadline"] == TossAuthTime.text(completed + .seconds(3_600)))
            #expect(result.fields["Bujeol-Age-Group"] == "ADULT")
            let again = await halves.call(.result, ["txId": .string(txID)], older: older)
            #expect(again.bytes == result.bytes && again.fields["Bujeol-Repeated"] == "true")

            // The sandbox's clock goes on without this machine's: only the sandbox can know, and once it has said so it is not asked again.
            halves.sandbox.time.advance(by: .seconds(3_600))
            let late = await halves.call(.result, ["txId": .string(txID)], ["Bujeol-Read": "fresh"], older: older)
            #expect(late.fields["Bujeol-Error-Code"] == "CE3103")
            let withheld = await halves.call(.result, ["txId": .string(txID)], ["Bujeol-Read": "fresh"], older: older)
            #expect(withheld.status == 410)
        }
    }

    @Test("Real credentials bring the person who was named, and the provider's own words for one who was not found or does not match")
    func realPeople() async throws {
        let sandbox = try await SandboxHouse()
        let tenant = try await sandbox.makeTenant("live")
        try await sandbox.ask(
            .post, "/people",
            ["name": "홍길동", "phone": "01012345678", "birthday": "19900102", "gender": "MALE", "nationality": "FOREIGNER"], tenant: "live")
        let halves = try BothHalves(sandbox, credentials: tenant.live)
        let txID = try await halves.begin()
        try await sandbox.move(txID, "approve", tenant: "live")
        let result = await halves.call(.result, ["txId": .string(txID)])
        let person = try #require(result.houseJSON?["success"]?["personalData"], "\(result.houseText)")
        #expect(person["name"] == "홍길동" && person["birthday"] == "19900102" && person["nationality"] == "FOREIGNER")
        var stranger = try #require(ConnectorHouse.person.members)
        stranger["userPhone"] = "01099990000"
        let unknown = await halves.call(.request, .object(stranger))
        #expect(unknown.fields["Bujeol-Error-Code"] == "CE3000")
        stranger["userPhone"] = "01012345678"
        stranger["userName"] = "이몽룡"
        let mismatch = await halves.call(.request, .object(stranger))
        #expect(mismatch.fields["Bujeol-Error-Code"] == "CE3001")
        #expect(mismatch.fields["Bujeol-Result"] == "fail" && mismatch.fields["Bujeol-Outcome"] == "delivered")
    }

    @Test("A new key of the sandbox's is told by its refusal, and a connection with the new file works again")
    func newKey() async throws {
        let sandbox = try await SandboxHouse()
        let halves = try BothHalves(sandbox)
        _ = try await halves.begin()
        try await sandbox.ask(.post, "/key", ["generate": true])
        let refused = await halves.call(.request, ConnectorHouse.person)
        #expect(refused.fields["Bujeol-Error-Code"] == "CE5000")
        #expect(await (try BothHalves(sandbox)).call(.request, ConnectorHouse.person).status == 200)
    }

    @Test("A token that the sandbox no longer knows is replaced, and nobody notices")
    func revoked() async throws {
        let sandbox = try await SandboxHouse()
        let halves = try BothHalves(sandbox)
        let txID = try await halves.begin()
        try await sandbox.move(txID, "approve")
        try await sandbox.ask(.post, "/tokens/revoke")
        let result = await halves.call(.result, ["txId": .string(txID)])
        #expect(result.houseJSON?["success"]?["personalData"]?["name"] == "김토스", "\(result.houseText)")
        #expect(result.fields["Bujeol-Reads-Left"] == "1")
    }
}
