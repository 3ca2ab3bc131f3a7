import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: what the connection sends, and what it makes of the answer")
struct ConnectorTests {
    @Test("A body of JSON becomes three header fields, an empty body and no query; its order and digits survive, its white space does not")
    func request() async throws {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange)
        let response = await house.call(
            .post, "/inbound/check_commission", "{ \"z\" : 1000.0 ,\n \"a\": {\"b\": \"\\ud64d/길동\"} }",
            ["Authorization": "Bearer x", "KEY": "mine", "SIGNATURE": "mine", "Content-Type": "text/plain", "X-Own": "1", "Cookie": "c"])
        #expect(response.status == 200)
        let sent = try #require(exchange.sent.first)
        #expect(sent.request.target == "/prefix/inbound/check_commission")
        #expect(sent.request.body.isEmpty)
        #expect(sent.origin.host == "partner.example")
        #expect(sent.request.fields.map(\.name).sorted() == ["Content-Type", "KEY", "PARTNER-ID", "SIGNATURE", "X-Own"])
        #expect(sent.request.fields["PARTNER-ID"] == "1")
        #expect(sent.request.fields["KEY"] == "test_id")
        #expect(sent.request.fields["Content-Type"] == "application/json; charset=utf-8")
        let header = try #require(sent.request.fields["SIGNATURE"])
        let opened = try SentbeEnvelope.open(header, secret: Secret("test_pw"))
        #expect(opened.text == "{\"z\":1000.0,\"a\":{\"b\":\"홍/길동\"}}")
        #expect(opened.encoding == .double)
        #expect(sent.timeouts.connect == .seconds(5))
        #expect(sent.timeouts.firstByte == .seconds(15))
    }

    @Test("The query of a GET travels encrypted and not in the target; without parameters there is no SIGNATURE")
    func query() async throws {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange)
        _ = await house.call(.get, "/inbound/users?page=2&name=%ED%99%8D+a")
        _ = await house.call(.get, "/inbound/users/47")
        #expect(exchange.sent.map(\.request.target) == ["/prefix/inbound/users", "/prefix/inbound/users/47"])
        #expect(exchange.sent[0].parameters == ["page": "2", "name": "홍 a"])
        #expect(!exchange.sent[1].request.fields.contains("SIGNATURE"))
        #expect(exchange.sent[1].request.fields.contains("PARTNER-ID"))
    }

    @Test("An answer must come whole and uncompressed, so the caller's wishes for anything else stay behind")
    func wholeAnswers() async {
        let exchange = ScriptedSentbe()
        let wishes: HTTPFields = ["Accept-Encoding": "gzip", "If-None-Match": "\"x\"", "Range": "bytes=0-1", "Accept": "*/*"]
        _ = await SentbeHouse(exchange).call(.get, "/inbound/balances", "", wishes)
        #expect(exchange.sent[0].request.fields.map(\.name).sorted() == ["Accept", "Content-Type", "KEY", "PARTNER-ID"])
    }

    @Test("Every sending has a salt of its own")
    func salts() async throws {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange)
        for _ in 0..<20 { _ = await house.call(.get, "/inbound/users?page=1") }
        let salts = exchange.sent.compactMap { $0.request.fields["SIGNATURE"].flatMap { try? JSON($0)["s"]?.string } }
        #expect(Set(salts).count == 20)
    }

    @Test("The PHP dialect and the old form of KEY are written when they are set")
    func settings() async throws {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange, dialect: .php, keyStyle: .old)
        _ = await house.call(.post, "/inbound/check_commission", "{\"a\":\"홍/\"}")
        #expect(exchange.sent[0].request.fields["KEY"] == "2Wcn6y5CGavEL1BTJLOGJUY7KuE1djqCJ1zXDbF/4G4=")
        let header = try #require(exchange.sent[0].request.fields["SIGNATURE"])
        let parts = try SentbeEnvelopeParts(Array(header.utf8), longest: .max)
        let derived = try #require(PassphraseKey(passphrase: Secret("test_pw"), salt: parts.salt))
        let plain = try BlockCipher.aes256CBC().decrypt(
            parts.ciphertext, key: derived.key, initializationVector: derived.initializationVector)
        #expect(String(decoding: plain, as: UTF8.self) == "\"{\\\"a\\\":\\\"\\ud64d\\/\\\"}\"")
    }

    @Test(
        "What cannot be parameters is refused before anything leaves",
        arguments: [
            ("/inbound/users", "[1]"), ("/inbound/users", "a=1"), ("/inbound/users", "{\"a\":1"), ("/inbound/users", "{\"a\":1,\"a\":2}"),
            ("/inbound/users?page=1", "{\"a\":1}"), ("/inbound/users?a=%zz", ""), ("/inbound/users?a=1&a=2", ""),
            ("/outbound/verifications/document", "{\"user_id\":\"1\"}"),
        ])
    func refusals(_ path: String, _ body: String) async {
        let exchange = ScriptedSentbe()
        let response = await SentbeHouse(exchange).call(.post, path, body)
        #expect(response.status == 400)
        #expect(response.outcome == "refused")
        #expect(exchange.sent.isEmpty)
    }

    @Test("Above 6,000 bytes of envelope the connection warns in log and answer; above its limit it refuses with the numbers")
    func lengths() async throws {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange)
        let long = "{\"a\":\"\(String(repeating: "x", count: 5_000))\"}"
        let response = await house.call(.post, "/inbound/users", long)
        #expect(response.fields["Bujeol-Warning"]?.contains("bytes") == true)
        #expect(house.lines.withLock { $0.filter { $0.contains("cut by a proxy") }.count } == 1)
        let short = await house.call(.post, "/inbound/users", "{\"a\":\"x\"}")
        #expect(!short.fields.contains("Bujeol-Warning"))
        let refused = await house.call(.post, "/inbound/users", "{\"a\":\"\(String(repeating: "x", count: 13_000))\"}")
        #expect(refused.status == 413)
        #expect(refused.outcome == "refused")
        #expect(refused.json?["code"]?.string == "parameters-too-long")
        #expect(refused.json?["detail"]?.string?.contains("16384") == true)
        #expect(exchange.sent.count == 2)
        #expect(!house.lines.withLock { $0.joined() }.contains("xxxx"))
    }

    @Test("The document check passes through in clear, with partner and KEY and without an envelope")
    func document() async throws {
        let exchange = ScriptedSentbe(data: ["id": 7])
        let house = SentbeHouse(exchange)
        let body = "--b\r\nContent-Disposition: form-data; name=\"user_id\"\r\n\r\n1\r\n--b--\r\n"
        let response = await house.call(
            .post, "/outbound/verifications/document", body, ["Content-Type": "multipart/form-data; boundary=b", "KEY": "mine"])
        #expect(response.result == "success")
        let sent = try #require(exchange.sent.first)
        #expect(sent.request.body == Array(body.utf8))
        #expect(sent.request.fields["Content-Type"] == "multipart/form-data; boundary=b")
        #expect(sent.request.fields.values("KEY") == ["test_id"])
        #expect(!sent.request.fields.contains("SIGNATURE"))
    }

    @Test("The answer's body is untouched; result and first error stand in fields of the gateway's own")
    func results() async {
        let odd = "{ \"result\" : false, \"errors\":[{\"message\":\"m\",\"error_code\":\"E0005\"},{\"error_code\":\"E0102\"}] }"
        let bodies = [
            odd, "{\"result\":true,\"data\":1.50}", "<html>431</html>",
            "{\"result\":false,\"errors\":[{\"error_code\":\"a b\\r\\nX: 1\"}]}",
        ]
        let exchange = ScriptedSentbe { _, number in
            HTTPResponse(
                status: number == 2 ? 431 : 200, fields: ["Bujeol-Result": "success", "X-Own": "1"], body: Array(bodies[number].utf8))
        }
        let house = SentbeHouse(exchange)
        let expected: [(String, String?)] = [("fail", "E0005"), ("success", nil), ("unreadable", nil), ("fail", nil)]
        for (number, (result, code)) in expected.enumerated() {
            let response = await house.call(.get, "/inbound/users/1")
            #expect(response.bytes == Array(bodies[number].utf8))
            #expect(response.fields.values("Bujeol-Result") == [result])
            #expect(response.fields["Bujeol-Error-Code"] == code)
            #expect(response.outcome == "delivered")
            #expect(response.fields["X-Own"] == "1")
        }
    }

    @Test("Nothing is repeated: a lost answer to any call leaves exactly one request behind", arguments: SentbeRoutes.all.map(\.name))
    func neverRepeated(_ name: String) async throws {
        let row = try #require(SentbeRoutes.row(named: name))
        let exchange = ScriptedSentbe { _, _ in throw ScriptedSentbe.lost }
        let house = SentbeHouse(exchange)
        let path = row.path.split(separator: "/").map { $0.hasPrefix("{") ? "7" : String($0) }.joined(separator: "/")
        let isForm = row.carrier == .multipart
        let response = await house.call(
            row.route.method, "/" + path, row.route.method == .get ? "" : isForm ? "--b--" : "{\"external_id\":\"23\"}",
            isForm ? ["Content-Type": "multipart/form-data; boundary=b"] : [:])
        #expect(response.outcome == "unknown")
        #expect(exchange.sent.count == 1)
    }

    @Test("A transfer whose answer got lost is told how to find out, in words and for a program")
    func unknownTransfer() async throws {
        let house = SentbeHouse(ScriptedSentbe { _, _ in throw ScriptedSentbe.lost })
        let response = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        #expect(response.status == 502)
        #expect(response.outcome == "unknown")
        let recovery = try #require(response.json?["recovery"])
        #expect(recovery["list"] == "GET /inbound/transfers?page=1")
        #expect(recovery["repeat"] == "Bujeol-Recover: external-id")
        #expect(response.json?["detail_ko"]?.string?.contains("external_id") == true)
        let outbound = await house.call(.post, "/outbound/transfers", "{\"external_id\":\"1\"}")
        #expect(outbound.json?["recovery"]?["list"] == "GET /outbound/transfers?page=1")
        let refused = await SentbeHouse(ScriptedSentbe { _, _ in throw ScriptedSentbe.unreachable }).call(
            .post, "/inbound/transfers", SentbeHouse.transfer)
        #expect(refused.outcome == "not-sent")
    }

    @Test(
        "With Bujeol-Recover a lost transfer is sent once more with the same external_id and another salt; E0013 means that the first went through"
    )
    func recovery() async throws {
        for (code, recovered) in [(SentbeErrorCode.invalidExternalID, "first-went-through"), (nil, "sent-now")]
            as [(SentbeErrorCode?, String)]
        {
            let exchange = ScriptedSentbe { _, number in
                if number == 0 { throw ScriptedSentbe.lost }
                return code.map { ScriptedSentbe.failure($0) } ?? ScriptedSentbe.success(SentbeHouse.payout(id: 5))
            }
            let house = SentbeHouse(exchange)
            let response = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer, ["Bujeol-Recover": "external-id"])
            #expect(response.outcome == "delivered")
            #expect(response.fields["Bujeol-Recovered"] == recovered)
            #expect(exchange.sent.count == 2)
            #expect(exchange.sent[0].parameters == exchange.sent[1].parameters)
            #expect(exchange.sent[1].parameters?["external_id"] == "23")
            #expect(exchange.sent[0].request.fields["SIGNATURE"] != exchange.sent[1].request.fields["SIGNATURE"])
            #expect(exchange.sent.allSatisfy { !$0.request.fields.contains("Bujeol-Recover") })
        }
    }

    @Test(
        "When the repeat is answered with anything else, the first one's fate stays unknown",
        arguments: [SentbeErrorCode.balanceTooLow, .internalError])
    func recoveryWithoutProof(_ code: SentbeErrorCode) async throws {
        let exchange = ScriptedSentbe { _, number in
            if number == 0 { throw ScriptedSentbe.lost }
            return ScriptedSentbe.failure(code)
        }
        let response = await SentbeHouse(exchange).call(
            .post, "/inbound/transfers", SentbeHouse.transfer, ["Bujeol-Recover": "external-id"])
        #expect(response.outcome == "unknown")
        #expect(response.json?["repeat_answered"]?.string == code.rawValue)
        #expect(exchange.sent.count == 2)
        let lost = ScriptedSentbe { _, _ in throw ScriptedSentbe.lost }
        let again = await SentbeHouse(lost).call(.post, "/inbound/transfers", SentbeHouse.transfer, ["Bujeol-Recover": "external-id"])
        #expect(again.outcome == "unknown")
        #expect(lost.sent.count == 2)
    }

    @Test("Bujeol-Recover is for new transfers with an external_id, and knows one value")
    func recoveryRefused() async {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange)
        let cases = [
            ("/inbound/transfers", SentbeHouse.transfer, "yes"), ("/inbound/transfers", "{}", "external-id"),
            ("/inbound/users", "{\"external_id\":\"1\"}", "external-id"),
        ]
        for (path, body, wish) in cases {
            #expect(await house.call(.post, path, body, ["Bujeol-Recover": wish]).outcome == "refused")
        }
        #expect(exchange.sent.isEmpty)
    }

    @Test("Readiness stays good, and says so when the provider refused the credentials last")
    func readiness() async {
        let house = SentbeHouse(
            ScriptedSentbe { _, number in number == 0 ? ScriptedSentbe.failure(.invalidKey) : ScriptedSentbe.success(1) })
        _ = await house.call(.get, "/inbound/balances")
        let refused = await house.connector.readiness()
        #expect(refused.isReady)
        #expect(refused.reason.english.contains("E0003"))
        _ = await house.call(.get, "/inbound/balances")
        #expect(!(await house.connector.readiness().reason.english.contains("E0003")))
    }

    @Test("Neither log nor problem document holds a parameter, a secret or an envelope")
    func secrets() async {
        let house = SentbeHouse(ScriptedSentbe { _, _ in throw ScriptedSentbe.lost })
        let response = await house.call(.post, "/inbound/transfers", "{\"external_id\":\"canary\",\"user_id\":\"canary\"}")
        let text = String(decoding: response.bytes ?? [], as: UTF8.self) + house.lines.withLock { $0.joined() }
        for word in ["canary", "test_pw", "test_id", "\"ct\""] { #expect(!text.contains(word)) }
    }
}
