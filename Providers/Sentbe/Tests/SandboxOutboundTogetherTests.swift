import Base
import Gateway
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import Sentbe
@testable import SentbeSandbox

@Suite("Sentbe: outbound and the second generation through the gateway") struct SandboxOutboundTogetherTests {
    /// A gateway with a connection of each generation, the sandbox behind it, and a network between them.
    private final class House: HTTPExchange {
        private let target = Locked<(any HTTPHandler)?>(nil)
        let time = ManualTime()

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            guard let handler = target.withLock({ $0 }) else {
                throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody listens")
            }
            var request = request
            request.fields["Host"] = origin.authority
            return await handler.respond(to: request, from: HTTPPeer(address: "127.0.0.1", port: 40_000))
        }

        func open(urlForm: SentbeGeneration2.URLForm = .path) async throws -> (gateway: Gateway, sandbox: Sandbox) {
            let origin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600)
            let sandbox = try await Sandbox(
                services: [SentbeSandbox.self], database: try Database(.memory), time: time, random: SeededRandom(), exchange: self,
                configuration: SandboxConfiguration(version: "test", baseURL: { "http://127.0.0.1:8600" }))
            target.withLock { $0 = sandbox }
            let environment = ConnectorEnvironment(connection: "sentbe", exchange: self, time: time, random: SeededRandom(seed: 2))
            let first = SentbeCredentials(
                partnerID: SentbeDemonstration.partnerID, accessID: Secret(SentbeDemonstration.accessID),
                secretKey: Secret(SentbeDemonstration.secretKey))
            let second = SecondGenerationCredentials(
                apiKey: Secret(Generation2Demo.keys.apiKey), hmacSecret: Generation2Demo.keys.hmacSecret,
                dataSecret: Generation2Demo.keys.dataSecret, urlForm: urlForm)
            let generations: [(String, SentbeConnector.Generation)] = [("first", .first(first)), ("second", .second(second))]
            let connections = generations.map { name, generation in
                (name, SentbeConnector(.init(generation: generation, origin: origin, pathPrefix: "/sentbe"), environment: environment))
            }
            return (Gateway(connections: Dictionary(uniqueKeysWithValues: connections), exchange: self, time: time), sandbox)
        }
    }

    private func call(_ gateway: Gateway, _ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async -> HTTPResponse {
        await gateway.respond(
            to: HTTPRequest(
                method: method, target: path, fields: ["Host": "127.0.0.1", "Content-Type": "application/json"], body: body?.bytes ?? []),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    @Test("Plain JSON becomes a quote, a transfer and a cancel")
    func outbound() async throws {
        let (gateway, _) = try await House().open()
        let quote = await call(gateway, .post, "/first/outbound/check_commission", Outbound.quote())
        let data = try #require(try JSON(quote.bytes ?? [])["data"], "\(String(decoding: quote.bytes ?? [], as: UTF8.self))")
        #expect(data["send_amount"] == 119_090)
        let rate = try #require(data["exchange_rate_list_id"]?.integer)
        let order = Outbound.transfer(["exchange_rate_list_id": .string(String(rate))])
        let made = await call(gateway, .post, "/first/outbound/transfers", order)
        #expect(made.fields["Bujeol-Result"] == "success" && made.fields["Bujeol-Outcome"] == "delivered")
        let id = try #require(try JSON(made.bytes ?? [])["data"]?["transfer_id"]?.integer)
        let again = await call(gateway, .post, "/first/outbound/transfers", order)
        #expect(try JSON(again.bytes ?? [])["errors"]?[0]?["error_code"] == "E0013")
        let cancelled = await call(gateway, .post, "/first/outbound/transfers/cancel", ["transfer_id": .number(id)])
        #expect(try JSON(cancelled.bytes ?? [])["data"]?["status"] == "Canceled")
        let list = await call(gateway, .get, "/first/outbound/transfers/user/15?page=1")
        #expect(try JSON(list.bytes ?? [])["data"]?.elements?.count == 2)
    }

    @Test(
        "Plain JSON becomes a signed call, in both forms of the url, and the answer comes back opened",
        arguments: SentbeGeneration2.URLForm.allCases)
    func secondGeneration(_ form: SentbeGeneration2.URLForm) async throws {
        let (gateway, sandbox) = try await House().open(urlForm: form)
        let settings: JSON = ["generation2_url_form": .string(form.rawValue)]
        let put = HTTPRequest(method: .put, target: "/-/sentbe/settings", fields: ["Host": "127.0.0.1"], body: settings.bytes)
        #expect(await sandbox.respond(to: put, from: HTTPPeer(address: "127.0.0.1", port: 1)).status == 200)
        let opened = await call(gateway, .post, "/second/hanwha/getWebviewId", ["user_id": "1001329"])
        #expect(opened.fields["Bujeol-Result"] == "success", "\(String(decoding: opened.bytes ?? [], as: UTF8.self))")
        #expect(try JSON(opened.bytes ?? [])["data"]?["user_id"] == "1001329")
        for _ in 0..<3 { #expect(await call(gateway, .get, "/second/hanwha/ping").fields["Bujeol-Result"] == "success") }
        let refused = await call(gateway, .post, "/second/hanwha/deleteUser", ["user_id": "7"])
        #expect(refused.fields["Bujeol-Result"] == "fail" && refused.fields["Bujeol-Error-Code"] == "1003")
    }
}
