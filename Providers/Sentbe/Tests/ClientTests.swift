import Base
import Cryptography
import TestSupport
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: the Swift client")
struct ClientTests {
    private static let credentials = SentbeCredentials(
        partnerID: "1", accessID: Secret("test_id"), secretKey: Secret("test_pw"))
    private static let origin = HTTPOrigin(isSecure: true, host: "partner.example", port: 443)

    private func client(_ exchange: ScriptedSentbe) -> SentbeClient {
        SentbeClient(ClientTests.credentials, origin: ClientTests.origin, exchange: exchange, random: SeededRandom())
    }

    private let payout = Payout.Request(
        userID: 47, recipientID: "10", externalID: "23", sendAmount: 1_000_000, transferCurrency: "USD", feeCurrency: "USD")

    @Test("A payout is written with ids and amounts as texts, nested as documented, and read with exact decimals")
    func createTransfer() async throws {
        let exchange = ScriptedSentbe(data: SentbeHouse.payout(id: 5))
        let made = try await client(exchange).inbound.createTransfer(payout)
        let sent = try #require(exchange.sent.first)
        #expect(sent.request.target == "/inbound/transfers")
        #expect(sent.request.body.isEmpty)
        #expect(sent.timeouts.connect == .seconds(5) && sent.timeouts.firstByte == .seconds(15))
        #expect(
            sent.parameters == [
                "user_id": "47", "recipient_id": "10", "external_id": "23",
                "transfer_info": ["send_amount": "1000000", "send_amount_currency": "KRW"],
                "wallet_info": ["transfer_currency": "USD", "fee_currency": "USD"],
            ])
        #expect(made.id == "5")
        #expect(made.received == SentbeMoney(1_000_000, "KRW"))
        #expect(made.received.amount.text == "1000000.0")
        #expect(made.billing.map(\.money.description) == ["909.1 USD", "2.5 USD"])
        #expect(made.status == .waitingVerification)
        #expect(made.createdAt == Timestamp(internetText: "2026-01-01T00:00:00Z"))
        #expect(made.raw.json["billing_info"]?[1]?["desc"] == "distribution cost")
    }

    @Test("Ids may be numbers or texts, lists may be an array or one object, unknown members stay in raw")
    func lenient() async throws {
        let user: JSON = ["id": 7, "first_name": "John", "new_member": [1]]
        for data in [[user], user] as [JSON] {
            let users = try await client(ScriptedSentbe(data: data)).inbound.users()
            #expect(users.map(\.id) == ["7"])
            #expect(users[0].firstName == "John")
            #expect(users[0].raw.json["new_member"] == [1])
        }
        #expect(try await client(ScriptedSentbe(data: ["id": "7"])).inbound.user("7").id == 7)
        #expect(try await client(ScriptedSentbe(data: .null)).inbound.users().isEmpty)
        #expect(try await client(ScriptedSentbe(data: [])).outbound.transfers().isEmpty)
    }

    @Test("Every refusal keeps all complaints and acts on the first; the status does not count")
    func refusal() async throws {
        let body = "{\"result\":false,\"errors\":[{\"message\":\"canary\",\"error_code\":\"E0014\"},{\"error_code\":\"E0005\"}]}"
        for status in [200, 400, 500] {
            let exchange = ScriptedSentbe { _, _ in HTTPResponse(status: status, body: Array(body.utf8)) }
            let error = await #expect(throws: SentbeError.self) { try await client(exchange).inbound.createTransfer(payout) }
            #expect(error?.errorCode == .balanceTooLow)
            #expect(error?.failures.map(\.code) == [.balanceTooLow, .invalidParameter])
            #expect(error?.outcome == .refused)
            #expect(error.map { !"\($0)".contains("canary") && "\($0)".contains("E0014") } == true)
        }
    }

    @Test("A lost or unreadable answer to a payout is unknown, and is not repeated; one that never left says so")
    func outcomes() async throws {
        let cases: [(ScriptedSentbe, SentbeError.Outcome)] = [
            (ScriptedSentbe { _, _ in throw ScriptedSentbe.lost }, .unknown),
            (ScriptedSentbe { _, _ in throw ScriptedSentbe.unreachable }, .notSent),
            (ScriptedSentbe { _, _ in HTTPResponse(status: 502, body: Array("<html>".utf8)) }, .unknown),
            (ScriptedSentbe(data: ["transfer_info": ["transfer_id": 5]]), .unknown),
        ]
        for (exchange, outcome) in cases {
            let error = await #expect(throws: SentbeError.self) { try await client(exchange).inbound.createTransfer(payout) }
            #expect(error?.outcome == outcome)
            #expect(exchange.sent.count == 1)
        }
    }

    @Test("Senseless values never leave")
    func invalid() async {
        let exchange = ScriptedSentbe()
        let client = client(exchange)
        var free = payout
        free.sendAmount = 0
        var nameless = payout
        nameless.externalID = ""
        for request in [free, nameless] {
            #expect(await #expect(throws: SentbeError.self) { try await client.inbound.createTransfer(request) }?.outcome == .notSent)
        }
        for id in ["", ".", ".."] {
            #expect(await #expect(throws: SentbeError.self) { try await client.inbound.user(SentbeUserID(id)) }?.code == .invalidRequest)
        }
        #expect(await #expect(throws: SentbeError.self) { try await client.inbound.users(page: 0) }?.code == .invalidRequest)
        var long = InboundUser.Change()
        long.email = PersonalText(String(repeating: "x", count: 20_000))
        #expect(await #expect(throws: SentbeError.self) { try await client.inbound.updateUser(1, long) }?.code == .parametersTooLong)
        #expect(exchange.sent.isEmpty)
    }

    @Test("An id cannot change which call is made")
    func pathEscapes() async throws {
        let exchange = ScriptedSentbe { _, _ in ScriptedSentbe.failure(.invalidID) }
        await #expect(throws: SentbeError.self) { try await client(exchange).inbound.transfer("../users?x=1#/한") }
        #expect(exchange.sent[0].request.target == "/inbound/transfers/..%2Fusers%3Fx%3D1%23%2F%ED%95%9C")
    }

    @Test("Every call of the tables is made with its method, its path and only parameters that its row lists")
    func allCalls() async throws {
        let exchange = ScriptedSentbe { _, _ in ScriptedSentbe.failure(.internalError) }
        let client = client(exchange)
        func attempt(_ body: () async throws -> Void) async { do { try await body() } catch {} }
        await attempt { _ = try await client.inbound.createUser(Samples.sender) }
        await attempt { _ = try await client.inbound.users(page: 2) }
        await attempt { _ = try await client.inbound.user(1) }
        await attempt { _ = try await client.inbound.updateUser(1, Samples.senderChange) }
        await attempt { _ = try await client.inbound.createRecipient(Samples.recipient) }
        await attempt { _ = try await client.inbound.recipients() }
        await attempt { _ = try await client.inbound.recipient(1) }
        await attempt { _ = try await client.inbound.updateRecipient(1, Samples.recipientChange) }
        await attempt { _ = try await client.inbound.banks() }
        await attempt { _ = try await client.inbound.balances() }
        await attempt { _ = try await client.inbound.balance("USD") }
        await attempt { _ = try await client.inbound.quote(.init(sendAmount: 1, transferCurrency: "USD", feeCurrency: "KRW")) }
        await attempt { _ = try await client.inbound.createTransfer(payout) }
        await attempt { _ = try await client.inbound.transfers() }
        await attempt { _ = try await client.inbound.transfer(1) }
        await attempt { _ = try await client.outbound.createUser(Samples.user) }
        await attempt { _ = try await client.outbound.users() }
        await attempt { _ = try await client.outbound.user(1) }
        await attempt { _ = try await client.outbound.updateUser(1, Samples.userChange) }
        await attempt { try await client.outbound.registerByMobile(1) }
        await attempt { _ = try await client.outbound.dataList("occupation") }
        await attempt { try await client.outbound.checkBank(1, Samples.account) }
        await attempt { try await client.outbound.verifyBank(1, code: "0000") }
        await attempt { try await client.outbound.checkMobile(1) }
        await attempt { try await client.outbound.verifyMobile(1, code: "0000", asExternal: "e") }
        await attempt { _ = try await client.outbound.checkDocument(Samples.document) }
        await attempt { _ = try await client.outbound.recipientFields() }
        await attempt { _ = try await client.outbound.recipientFields(country: "PH") }
        await attempt { _ = try await client.outbound.recipientFields(country: "PH", method: .bank) }
        await attempt { _ = try await client.outbound.createRecipient(Samples.recipientAbroad) }
        await attempt { _ = try await client.outbound.recipients() }
        await attempt { _ = try await client.outbound.recipient(1) }
        await attempt { _ = try await client.outbound.recipients(of: 1) }
        await attempt { _ = try await client.outbound.remittanceCodes("bank") }
        await attempt { _ = try await client.outbound.remittanceCodes("bank", country: "PH", page: 2) }
        await attempt { _ = try await client.outbound.quote(Samples.quote) }
        await attempt { _ = try await client.outbound.createTransfer(.init(Samples.quote, exchangeRateListID: "9", externalID: "e")) }
        await attempt { _ = try await client.outbound.transfers() }
        await attempt { _ = try await client.outbound.transfer(1) }
        await attempt { _ = try await client.outbound.transfers(of: 1) }
        await attempt { _ = try await client.outbound.cancelTransfer(1) }
        let rows = exchange.sent.map { SentbeRoutes.row($0.request.method, $0.request.target) }
        #expect(rows.compactMap { $0?.name } == SentbeRoutes.all.map(\.name))
        for (row, sent) in zip(rows.compactMap { $0 }, exchange.sent) {
            guard row.carrier == .envelope else { continue }
            let given = sent.parameters?.members ?? [:]
            Samples.compare(given, row.parameters, row.name)
        }
    }

    @Test("The document goes as a form in clear whose parts another parser reads")
    func document() async throws {
        let exchange = ScriptedSentbe(data: ["id": "17"])
        var form = Samples.document
        form.fileName = "a\"\r\nX: 1.jpg"
        #expect(try await client(exchange).outbound.checkDocument(form) == "17")
        let sent = try #require(exchange.sent.first)
        #expect(!sent.request.fields.contains("SIGNATURE"))
        let script = """
            import sys, email, email.policy
            message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.HTTP)
            for part in message.iter_parts():
                print(part.get_param("name", header="content-disposition"), part.get_filename(), part.get_content_type(), part.get_payload(decode=True).hex())
            """
        let head = "Content-Type: \(sent.request.fields["Content-Type"] ?? "")\r\n\r\n"
        let lines = try PythonOracle.lines(script, input: Array(head.utf8) + sent.request.body)
        #expect(
            lines == [
                "user_id None text/plain 31", "document_type None text/plain 70617373706f7274", "document a___X: 1.jpg image/jpeg ffd800ff",
            ])
    }

    @Test("A callback is read only with the right token, and the transfer fetched under the partner's own id")
    func callback() async throws {
        let exchange = ScriptedSentbe(data: SentbeHouse.payout(id: 5, status: "Complete"))
        let client = client(exchange)
        let body = Array("{\"token\":\"test_id\",\"external_id\":\"23\",\"status\":\"Refunded\"}".utf8)
        let confirmed = try await client.inbound.confirm(body) { $0 == "23" ? 5 : nil }
        #expect(confirmed.callback.status == .refunded)
        #expect(confirmed.transfer?.status == .complete)
        #expect(exchange.sent.map(\.request.target) == ["/inbound/transfers/5"])
        #expect(try await client.inbound.confirm(body) { _ in nil }.transfer == nil)
        let forged = Array("{\"token\":\"other\",\"external_id\":\"23\",\"status\":\"Complete\"}".utf8)
        let error = await #expect(throws: SentbeError.self) { try await client.inbound.confirm(forged) { _ in 5 } }
        #expect(error?.code == .callbackRefused)
        #expect(exchange.sent.count == 1)
    }

    @Test("An answer about another transfer than the one that was asked for is not believed")
    func otherTransfer() async throws {
        let client = client(ScriptedSentbe(data: SentbeHouse.payout(id: 6, status: "Complete")))
        let body = Array("{\"token\":\"test_id\",\"external_id\":\"23\",\"status\":\"Complete\"}".utf8)
        let error = await #expect(throws: SentbeError.self) { try await client.inbound.confirm(body) { _ in 5 } }
        #expect(error?.code == .unreadableAnswer)
        #expect(try await client.inbound.transfer(6).status == .complete)
    }

    @Test("A payout whose answer got lost is found again by sender, recipient, amount and time")
    func find() async throws {
        let rows: [JSON] = [
            SentbeHouse.payout(id: 9, user: "48"), SentbeHouse.payout(id: 8, amount: "999999"), SentbeHouse.payout(id: 7),
        ]
        let client = client(ScriptedSentbe(data: .array(rows)))
        let made = try #require(Timestamp(internetText: "2026-01-01T00:00:00Z"))
        #expect(try await client.inbound.find(payout, since: made).map(\.id) == [7])
        #expect(try await client.inbound.find(payout, since: made + .seconds(1)).isEmpty)
    }

    @Test("An outbound quote and transfer are read, the virtual account in its three parts")
    func outbound() async throws {
        let data: JSON = [
            "transfer_id": 3, "user_id": 1, "recipient_id": 2, "send_amount": .number("105000.0"), "send_amount_currency": "KRW",
            "receive_amount": .number("4000.00"), "receive_amount_currency": "PHP", "commission": .number("5000.0"),
            "commission_currency": "KRW",
            "status": "Transfer Requested", "virtual_account": "국민은행 | 123-45 | 센트비", "created_at": "2018-05-14T13:23:09.000+09:00",
            "credit_usage_amount": 0, "total_commission": .number("5000.0"), "exchange_rate_list_id": 99,
        ]
        let client = client(ScriptedSentbe(data: data))
        let transfer = try await client.outbound.transfer(3)
        #expect(transfer.virtualAccount?.bank == "국민은행")
        #expect(transfer.virtualAccount?.number == "123-45")
        #expect(transfer.sent == SentbeMoney(105_000, "KRW"))
        #expect(transfer.status == .transferRequested)
        let quote = try await client.outbound.quote(Samples.quote)
        #expect(quote.exchangeRateListID == "99")
        #expect(quote.creditUsed == 0)
    }

    @Test("Persons' data print as [redacted], whole requests and replies too")
    func redacted() async throws {
        var dumped = ""
        dump(Samples.user, to: &dumped)
        dump(Samples.recipientAbroad, to: &dumped)
        dump(Samples.document, to: &dumped)
        dump(try await client(ScriptedSentbe(data: ["id": 1, "email": "canary@x"])).inbound.user(1), to: &dumped)
        #expect(!dumped.contains("canary"))
        #expect(dumped.contains("[redacted]"))
    }

    @Test("The second generation's client encrypts, signs and opens")
    func second() async throws {
        let credentials = SecondGenerationCredentials(apiKey: Secret("k"), hmacSecret: Secret("h"), dataSecret: Secret("d"))
        let exchange = ScriptedSentbe { _, number in
            let reply = SentbeGeneration2.Reply(
                code: number == 0 ? .success : .userMismatch, message: "", data: ["user_id": "1"])
            return HTTPResponse(status: 200, body: (try? reply.body(secret: Secret("d"), salt: [0, 1, 2, 3, 4, 5, 6, 7])) ?? [])
        }
        let client = SentbeSecondClient(
            credentials, origin: ClientTests.origin, pathPrefix: "/p", exchange: exchange, time: ManualTime(), random: SeededRandom())
        let answer = try await client.call("getWebviewId", ["user_id": "1"])
        #expect(answer.data.json == ["user_id": "1"])
        let sent = try #require(exchange.sent.first)
        #expect(
            SentbeGeneration2.verifies(
                sent.request.fields["x-api-signature"] ?? "", nonce: sent.request.fields["x-api-nonce"] ?? "", url: "/hanwha/getWebviewId",
                body: sent.request.body, secret: Secret("h")))
        #expect(sent.request.target == "/p/hanwha/getWebviewId")
        let error = await #expect(throws: SentbeError.self) { try await client.call("checkUser") }
        #expect(error?.errorCode?.rawValue == "1003")
        #expect(await #expect(throws: SentbeError.self) { try await client.call("nothing") }?.code == .invalidRequest)
    }
}
