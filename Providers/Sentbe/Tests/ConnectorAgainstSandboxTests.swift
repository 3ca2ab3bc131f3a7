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

/// Both halves in one process: an application's call goes through the gateway into the sandbox, and the sandbox's callback through the gateway to the application.
private final class BothHalves: Sendable {
    let sandbox: Sandbox
    let gateway: Gateway
    let network: Wires
    let time: any TimeSource

    /// The network between them: a host for each.
    final class Wires: HTTPExchange {
        private let handlers = Locked<[String: any HTTPHandler]>([:])
        private let losses = Locked<[String]>([])
        private let taken = Locked<[JSON]>([])

        /// What the application got.
        var callbacks: [JSON] { taken.withLock { $0 } }

        func connect(_ host: String, _ handler: any HTTPHandler) { handlers.withLock { $0[host] = handler } }
        /// The next call whose path ends so is carried out, and its answer is lost.
        func loseAnswer(to path: String) { losses.withLock { $0.append(path) } }

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            if origin.host == "application.example" {
                taken.withLock { $0.append((try? JSON(request.body)) ?? .null) }
                return HTTPResponse(status: 204)
            }
            guard let handler = handlers.withLock({ $0[origin.host] }) else {
                throw HTTPExchangeError(.nameNotFound, outcome: .notSent, message: "no such host")
            }
            var request = request
            request.fields["Host"] = origin.authority
            let response = await handler.respond(to: request, from: HTTPPeer(address: "127.0.0.1", port: 40_000))
            let isLost = losses.withLock { losses in
                guard let index = losses.firstIndex(where: { request.target.hasSuffix($0) }) else { return false }
                losses.remove(at: index)
                return true
            }
            if isLost { throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost") }
            return response
        }
    }

    init(application: Bool = false, time: any TimeSource = ManualTime()) async throws {
        let network = Wires()
        let base = "http://127.0.0.1:8600"
        sandbox = try await Sandbox(
            services: [SentbeSandbox.self], database: try Database(.memory), time: time, random: SeededRandom(), exchange: network,
            configuration: SandboxConfiguration(version: "test", baseURL: { base }))
        let extra = application ? ", application: \"http://application.example/sentbe\" }" : " }"
        let text = SentbeConnector.demonstration(DemonstrationPlace(base: "\(base)/sentbe")).dropLast(2) + extra
        let connector = try SentbeConnector(
            settings: Settings(file: "demo", source: OneFile(text: String(text))),
            environment: ConnectorEnvironment(connection: "sentbe", exchange: network, time: time, random: SeededRandom(seed: 2)))
        gateway = Gateway(
            connections: ["sentbe": connector], exchange: network, time: time, configuration: .init(hosts: ["gateway.example"]))
        self.network = network
        self.time = time
        network.connect("127.0.0.1", sandbox)
        network.connect("gateway.example", gateway)
    }

    private struct OneFile: SettingsSource {
        var text: String
        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) { (Array(text.utf8), false) }
        func environment(_ name: String) -> String? { nil }
    }

    func call(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil, _ fields: HTTPFields = [:]) async -> HTTPResponse {
        var fields = fields
        fields["Host"] = "127.0.0.1"
        return await gateway.respond(
            to: HTTPRequest(method: method, target: "/sentbe" + target, fields: fields, body: body?.bytes ?? []),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    func control(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil) async -> HTTPResponse {
        await sandbox.respond(
            to: HTTPRequest(method: method, target: target, fields: ["Host": "127.0.0.1"], body: body?.bytes ?? []),
            from: HTTPPeer(address: "127.0.0.1", port: 50_001))
    }

    /// A sender and a recipient, and what a payout to them needs.
    func payout(_ externalID: String) async throws -> JSON {
        let user = await call(
            .post, "/inbound/users",
            [
                "phone_country_code": "US", "phone_number": "010-1111-2222", "first_name": "홍", "last_name": "길/동 \"😀", "nationality": "US",
                "birth_date": "19900101",
            ])
        let userID = try #require(user.json?["data"]?.text("id"), "\(String(decoding: user.bytes ?? [], as: UTF8.self))")
        let recipient = await call(
            .post, "/inbound/recipients",
            [
                "user_id": .string(userID), "phone_country_code": "KR", "phone_number": "010-3333-4444", "first_name": "John",
                "last_name": "Smith",
                "country": "KR",
                "bank_attributes": ["name": "002", "account_number": "12341234", "account_holder_name": "John"],
            ])
        let recipientID = try #require(recipient.json?["data"]?.text("id"), "\(String(decoding: recipient.bytes ?? [], as: UTF8.self))")
        return [
            "user_id": .string(userID), "recipient_id": .string(recipientID), "external_id": .string(externalID),
            "transfer_info": ["send_amount": "100000", "send_amount_currency": "KRW"],
            "wallet_info": ["transfer_currency": "USD", "fee_currency": "USD"],
        ]
    }

    /// Waits until the states that the application was told are as wished.
    func waits(_ isFine: ([String]) -> Bool) async throws {
        while !isFine(network.callbacks.compactMap { $0["status"]?["confirmed"]?.string }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// How many transfers the sandbox holds.
    func transfers() async -> Int { await call(.get, "/inbound/transfers?page=1").json?["data"]?.elements?.count ?? -1 }
}

@Suite("Sentbe: the connection against the sandbox")
struct ConnectorAgainstSandboxTests {
    @Test("Plain JSON becomes a sender, a recipient and a payout; lists, pages and refusals come back as they are")
    func journey() async throws {
        let house = try await BothHalves()
        let made = await house.call(.post, "/inbound/transfers", try await house.payout("order-1"))
        #expect(made.fields["Bujeol-Result"] == "success")
        let id = try #require(made.json?["data"]?["transfer_info"]?.text("transfer_id"))
        let looked = await house.call(.get, "/inbound/transfers/\(id)")
        #expect(looked.json?["data"]?["transfer_info"]?["receive_amount_currency"] == "KRW")
        #expect(await house.transfers() == 1)
        let refused = await house.call(.get, "/inbound/transfers/999999")
        #expect(refused.fields["Bujeol-Result"] == "fail")
        #expect(refused.fields["Bujeol-Error-Code"] == "E0002")
        let unknown = await house.call(.post, "/inbound/transfers", ["surprise": "1"])
        #expect(unknown.fields["Bujeol-Error-Code"] == "E0005")
    }

    @Test("A lost answer leaves one payout, and a repeat on request leaves one too and says that the first went through")
    func recovery() async throws {
        let house = try await BothHalves()
        let payout = try await house.payout("order-2")
        house.network.loseAnswer(to: "/inbound/transfers")
        #expect(await house.call(.post, "/inbound/transfers", payout).outcome == "unknown")
        #expect(await house.transfers() == 1)
        let again = await house.call(.post, "/inbound/transfers", payout, ["Bujeol-Recover": "external-id"])
        #expect(again.fields["Bujeol-Recovered"] == "first-went-through")
        #expect(await house.transfers() == 1)
        // The same in one go.
        let other = try await house.payout("order-3")
        house.network.loseAnswer(to: "/inbound/transfers")
        let recovered = await house.call(.post, "/inbound/transfers", other, ["Bujeol-Recover": "external-id"])
        #expect(recovered.outcome == "delivered")
        #expect(recovered.fields["Bujeol-Recovered"] == "first-went-through")
        #expect(await house.transfers() == 2)
    }

    @Test("A callback that the sandbox would send is checked by a fetch and handed on with the state that is true")
    func callback() async throws {
        let house = try await BothHalves(application: true)
        let made = await house.call(.post, "/inbound/transfers", try await house.payout("order-4"))
        let id = try #require(made.json?["data"]?["transfer_info"]?.text("transfer_id"))
        let status = try #require(made.json?["data"]?["transfer_info"]?["status"]?.string)
        let claim: JSON = ["token": "test_id", "external_id": "order-4", "status": "Complete"]
        #expect(await house.call(.post, "/callback", claim).status == 200)
        let handed = try #require(house.network.callbacks.first)
        #expect(handed["transfer_id"]?.string == id)
        #expect(handed["status"] == ["claimed": "Complete", "confirmed": .string(status)])
    }

    @Test("Every dialect and both forms of KEY are taken by the sandbox as its settings say; the wrong secret is not")
    func otherConnections() async throws {
        let house = try await BothHalves()
        for (dialect, secret, result) in [
            (SentbeDialect.php, "test_pw", "success"), (.rubyAndJavaScript, "test_pw", "success"), (.php, "test_id", "fail"),
        ] {
            let credentials = SentbeCredentials(
                partnerID: "1", accessID: Secret("test_id"), secretKey: Secret(secret), dialect: dialect)
            let connector = SentbeConnector(
                .init(
                    generation: .first(credentials), origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600),
                    pathPrefix: "/sentbe"),
                environment: ConnectorEnvironment(
                    connection: "sentbe", exchange: house.network, time: house.time, random: SeededRandom(seed: 9)))
            let gateway = Gateway(connections: ["sentbe": connector], exchange: house.network, time: house.time)
            let response = await gateway.respond(
                to: HTTPRequest(method: .get, target: "/sentbe/inbound/users?page=1", fields: ["Host": "127.0.0.1"]),
                from: HTTPPeer(address: "127.0.0.1", port: 50_000))
            #expect(response.fields["Bujeol-Result"] == result)
            if result == "fail" { #expect(response.fields["Bujeol-Error-Code"] == "E0004") }
        }
    }

    @Test("The Swift client speaks to the sandbox without the gateway")
    func client() async throws {
        let house = try await BothHalves()
        let client = SentbeClient(
            SentbeCredentials(partnerID: "1", accessID: Secret("test_id"), secretKey: Secret("test_pw")),
            origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600), pathPrefix: "/sentbe", exchange: house.network)
        #expect(try await client.inbound.balances().map(\.currency) == ["USD", "KRW"])
        #expect(try await client.inbound.banks().contains { $0.code == "10316" })
        let user = try await client.inbound.createUser(Samples.realSender)
        #expect(try await client.inbound.user(user.id).id == user.id)
        let recipient = try await client.inbound.createRecipient(Samples.realRecipient(of: user.id))
        let quote = try await client.inbound.quote(.init(sendAmount: 110_000, transferCurrency: "USD", feeCurrency: "USD"))
        #expect(quote.received == SentbeMoney(110_000, "KRW"))
        let request = Payout.Request(
            userID: user.id, recipientID: recipient.id, externalID: "swift-1", sendAmount: 110_000, transferCurrency: "USD",
            feeCurrency: "USD")
        let payout = try await client.inbound.createTransfer(request)
        #expect(payout.received == SentbeMoney(110_000, "KRW"))
        #expect(payout.billing.map(\.money) == quote.billing.map(\.money))
        let since = Timestamp(unixSeconds: 0)
        #expect(try await client.inbound.find(request, since: since).map(\.id) == [payout.id])
        let error = await #expect(throws: SentbeError.self) { try await client.inbound.createTransfer(request) }
        #expect(error?.errorCode == .invalidExternalID)
    }

    @Test("Callbacks that the sandbox sends arrive, and the application gets every state as it was fetched", .timeLimit(.minutes(5)))
    func callbacksOverTheWire() async throws {
        let house = try await BothHalves(application: true, time: SystemTime())
        let running = Task { await house.sandbox.run() }
        defer { running.cancel() }
        let set = await house.control(.put, "/-/sentbe/partners/1", ["callback_url": "http://gateway.example/sentbe/callback"])
        #expect(set.status == 200)
        let payout = try await house.payout("order-5")
        let made = await house.call(.post, "/inbound/transfers", payout)
        let id = try #require(made.json?["data"]?["transfer_info"]?.text("transfer_id"))
        try await house.waits { $0.contains("Waiting verification") }
        #expect(await house.control(.post, "/-/sentbe/transfers/\(id)/verify").status == 200)
        #expect(await house.control(.post, "/-/clock", ["advance": "1m"]).status == 200)
        try await house.waits { $0.last == "Complete" }
        #expect(house.network.callbacks.allSatisfy { $0["external_id"] == "order-5" && $0["transfer_id"]?.string == id })
    }

    @Test("The Swift client orders a transfer abroad and cancels it")
    func outbound() async throws {
        let house = try await BothHalves()
        let client = SentbeClient(
            SentbeCredentials(partnerID: "1", accessID: Secret("test_id"), secretKey: Secret("test_pw")),
            origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600), pathPrefix: "/sentbe", exchange: house.network)
        #expect(try await client.outbound.dataList("occupation").contains("enterpreneur"))
        let user = try #require(try await client.outbound.users().first { $0.isVerified })
        let fields = try await client.outbound.recipientFields(country: "PH", method: .bank)
        #expect(fields.required.contains("bank_attributes.account_number"))
        let bank = try #require(try await client.outbound.remittanceCodes("bank", country: "PH").first)
        var draft = OutboundRecipient.Draft(userID: user.id, firstName: "Maria", lastName: "Santos", country: "PH", receiveMethod: .bank)
        draft.externalID = "swift-recipient"
        draft.phoneNumber = "0917-123-4567"
        draft.phoneCountryCode = "PH"
        draft.address = [("country", "PH"), ("city", "Manila"), ("region", "NCR")]
        draft.account = BankAccount(bankCode: bank.value, number: "123456789", holder: "Maria Santos", type: "savings")
        let recipient = try await client.outbound.createRecipient(draft)
        #expect(recipient.receiveMethod == .bank)
        let asked = RemittanceQuote.Request(userID: user.id, recipientID: recipient.id, receiveAmount: 4_000, receiveCurrency: "PHP")
        let quote = try await client.outbound.quote(asked)
        let order = Remittance.Request(asked, exchangeRateListID: quote.exchangeRateListID, externalID: "swift-2")
        let transfer = try await client.outbound.createTransfer(order)
        #expect(transfer.sent == quote.sent)
        #expect(transfer.status == .transferRequested)
        #expect(transfer.virtualAccount != nil)
        #expect(try await client.outbound.transfers(of: user.id).contains { $0.id == transfer.id })
        #expect(try await client.outbound.cancelTransfer(transfer.id).status == .canceled)
        let error = await #expect(throws: SentbeError.self) { try await client.outbound.cancelTransfer(transfer.id) }
        #expect(error?.errorCode == .invalidStatus)
        let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0x00]
        let other = try #require(try await client.outbound.users().first { $0.documentCheck == "standby" })
        let form = DocumentForm(userID: other.id, documentType: "passport", fileName: "p.jpg", contentType: "image/jpeg", picture: picture)
        #expect(try await !client.outbound.checkDocument(form).isEmpty)
    }

    @Test("A connection of the second generation is understood in both forms of the URL", arguments: SentbeGeneration2.URLForm.allCases)
    func secondGeneration(_ form: SentbeGeneration2.URLForm) async throws {
        let house = try await BothHalves()
        #expect(await house.control(.put, "/-/sentbe/settings", ["generation2_url_form": .string(form.rawValue)]).status == 200)
        let partners = await house.control(.get, "/-/sentbe/partners").json
        let keys = try #require((partners?["partners"]?[0] ?? partners?[0])?["generation2"], "\(partners?.text ?? "")")
        func secret(_ name: String) throws -> Secret { Secret(try #require(keys[name]?.string)) }
        let credentials = SecondGenerationCredentials(
            apiKey: try secret("api_key"), hmacSecret: try secret("hmac_secret"), dataSecret: try secret("data_secret"), urlForm: form)
        let connector = SentbeConnector(
            .init(
                generation: .second(credentials), origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600), pathPrefix: "/sentbe"),
            environment: ConnectorEnvironment(
                connection: "sentbe", exchange: house.network, time: house.time, random: SeededRandom(seed: 9)))
        let gateway = Gateway(connections: ["sentbe": connector], exchange: house.network, time: house.time)
        func call(_ method: HTTPMethod, _ path: String, _ body: String) async -> HTTPResponse {
            await gateway.respond(
                to: HTTPRequest(method: method, target: "/sentbe" + path, fields: ["Host": "127.0.0.1"], body: Array(body.utf8)),
                from: HTTPPeer(address: "127.0.0.1", port: 50_000))
        }
        for _ in 0..<2 {
            let ping = await call(.get, "/hanwha/ping", "")
            #expect(ping.fields["Bujeol-Result"] == "success", "\(String(decoding: ping.bytes ?? [], as: UTF8.self))")
        }
        let echo = await call(.post, "/hanwha/test/encrypt", "{\"a\":\"홍길동\",\"n\":1.50}")
        #expect(echo.fields["Bujeol-Result"] == "success")
        #expect(echo.json?["data"] == ["a": "홍길동", "n": .number("1.50")])
        let unknown = await call(.post, "/hanwha/getWebviewId", "{\"user_id\":\"0\"}")
        #expect(unknown.fields["Bujeol-Result"] == "fail")
    }
}
