import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, second generation: the call that Sentbe makes") struct SandboxGeneration2VerificationTests {
    /// A partner that answers what it is told and keeps what it was asked.
    private final class Partner: HTTPExchange {
        private let log = Locked<[(request: HTTPRequest, origin: HTTPOrigin)]>([])
        private let answer: @Sendable () throws -> HTTPResponse?

        init(_ answer: @escaping @Sendable () throws -> HTTPResponse?) { self.answer = answer }

        var asked: [(request: HTTPRequest, origin: HTTPOrigin)] { log.withLock { $0 } }

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            log.withLock { $0.append((request, origin)) }
            if let response = try? answer() { return response }
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody listens")
        }
    }

    /// A sandbox whose partner answers so, with a webview_id of a new user.
    private func house(_ partner: Partner) async throws -> (sandbox: SentbeSandbox, database: Database, token: String) {
        let database = try Database(.memory)
        let clocks = HandClocks()
        let sandbox = try await SentbeSandbox(
            environment: SandboxEnvironment(
                database: database, clocks: clocks, random: SeededRandom(seed: 5), exchange: partner,
                publicBase: { "http://127.0.0.1:8600/sentbe" }))
        _ = try await sandbox.createTenant(.demo, settings: [:])
        let put = Call(method: .put, path: "/generation2/partners/1", body: Array(#"{"url":"http://127.0.0.1:3000/bank"}"#.utf8))
        #expect(try #require(await sandbox.control(put, tenant: .demo)).status == 200)
        _ = try #require(await sandbox.control(Call(method: .post, path: "/generation2/users/1001329/unverify"), tenant: .demo))
        let end = clocks.now(.demo).unixSeconds + 600
        let id = "0123456789abcdef"
        try await database.write { connection in
            try Records(connection, .demo).addWebview(
                id, partner: "1", user: Generation2Demo.user, end: Timestamp(unixSeconds: end), clocks.now(.demo))
        }
        let token = WebviewToken.make(.init(end: end, id: id, user: "1001329"), key: Secret("bujeol hmac secret"))
        return (sandbox, database, token)
    }

    private func press(_ sandbox: SentbeSandbox, _ token: String, _ code: String) async -> Judgement {
        let form = FormText.encode([(name: "webview_id", value: token), (name: "verification_code", value: code)])
        let call = Call(
            method: .post, path: "/hanwha/webview/user", fields: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array(form.utf8))
        return await sandbox.respond(to: call, from: CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 1), host: "localhost"))
    }

    private func isVerified(_ database: Database) async throws -> Bool {
        try await database.read { try Records($0, .demo).generation2User(Generation2Demo.user)?.isVerified ?? false }
    }

    private static func reply(_ data: JSON, code: Int64 = 200) throws -> HTTPResponse {
        let sealed = try Generation2Oracle.shared.seal(data.text)
        let body: JSON = ["error": .boolean(code != 200), "code": .number(code), "message": "x", "data": .string(sealed)]
        return HTTPResponse(status: 200, body: body.bytes)
    }

    @Test("Sentbe asks the partner with a signature and a body that openssl verifies and opens, and believes the code it answers")
    func asks() async throws {
        let partner = Partner { try Self.reply(["verification_code": "4711"]) }
        let (sandbox, database, token) = try await house(partner)
        let wrong = await press(sandbox, token, "4712")
        #expect(wrong.reply.status == 400 && wrong.rule == "verification.code")
        #expect(try await !isVerified(database))
        let right = await press(sandbox, token, " 4711 ")
        #expect(right.reply.status == 200 && right.tenant == .demo && right.route == "generation-2-webview-user", "\(right.rule ?? "")")
        #expect(try await isVerified(database))

        let asked = try #require(partner.asked.last)
        #expect(
            asked.request.target == "/bank/getVerification" && asked.request.method == .post && asked.origin.authority == "127.0.0.1:3000")
        let body = String(decoding: asked.request.body, as: UTF8.self)
        let nonce = try #require(asked.request.fields["x-api-nonce"])
        #expect(nonce == "1767225600" && asked.request.fields["x-api-key"] == "bujeol-demo-api-key")
        let oracle = Generation2Oracle.shared
        let expected = try oracle.base64(oracle.authenticate(nonce + "/bank/getVerification" + body))
        #expect(asked.request.fields["x-api-signature"] == expected)
        let data = try #require(try JSON(asked.request.body)["data"]?.string)
        #expect(try oracle.open(data) == #"{"user_id":"1001329"}"#)
        #expect(partner.asked.count == 2 && partner.asked[0].request.body != partner.asked[1].request.body)
    }

    @Test("The other form of the url signs host and port too")
    func hostAndPath() async throws {
        let partner = Partner { try Self.reply(["verification_code": 4711]) }
        let (sandbox, _, token) = try await house(partner)
        let put = Call(method: .put, path: "/settings", body: Array(#"{"generation2_url_form":"hostAndPath"}"#.utf8))
        #expect(try #require(await sandbox.control(put, tenant: .demo)).status == 200)
        #expect(await press(sandbox, token, "4711").reply.status == 200)
        let asked = try #require(partner.asked.last)
        let body = String(decoding: asked.request.body, as: UTF8.self)
        let oracle = Generation2Oracle.shared
        let expected = try oracle.base64(oracle.authenticate("1767225600127.0.0.1:3000/bank/getVerification" + body))
        #expect(asked.request.fields["x-api-signature"] == expected)
    }

    @Test("A partner that is not there, refuses, or answers something else leaves the registration open, and the log says which")
    func failures() async throws {
        let rows: [(@Sendable () throws -> HTTPResponse?, String)] = [
            ({ nil }, "verification.unreachable"), ({ try Self.reply(["verification_code": "1"], code: 48) }, "verification.refused"),
            ({ HTTPResponse(status: 200, body: Array("<html>".utf8)) }, "verification.unreadable"),
            (
                { HTTPResponse(status: 200, body: Array(#"{"error":false,"code":200,"message":"","data":"AAAA"}"#.utf8)) },
                "verification.unreadable"
            ),
            ({ try Self.reply(["code": "4711"]) }, "verification.unreadable"),
            ({ try Self.reply(["verification_code": ""]) }, "verification.unreadable"),
        ]
        for (answer, rule) in rows {
            let (sandbox, database, token) = try await house(Partner(answer))
            let judgement = await press(sandbox, token, "4711")
            #expect(judgement.reply.status == 502 && judgement.rule == rule && judgement.verdict?.isBilingual == true)
            #expect(try await !isVerified(database))
        }
    }

    @Test("The partner's address must be one, and can be taken away")
    func address() async throws {
        let (sandbox, _, _) = try await house(Partner { nil })
        for (body, status) in [
            (#"{"url":"ftp://x"}"#, 400), (#"{"url":"http://x/?a=b"}"#, 400), (#"{"url":5}"#, 400), (#"{"uri":"http://x"}"#, 400),
            (#"{"url":null}"#, 200),
        ] {
            let put = Call(method: .put, path: "/generation2/partners/1", body: Array(body.utf8))
            #expect(try #require(await sandbox.control(put, tenant: .demo)).status == status, "\(body)")
        }
        let unknown = Call(method: .get, path: "/generation2/partners/99")
        #expect(try #require(await sandbox.control(unknown, tenant: .demo)).status == 404)
    }
}
