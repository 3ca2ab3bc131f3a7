import Base
import Foundation
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: behind the sandbox's own door, with its request log, faults and hosts")
struct SandboxLogTests {
    private func sandbox(_ base: @escaping @Sendable () -> String = { "http://127.0.0.1:8600" }) async throws -> Sandbox {
        try await Sandbox(
            services: [WPaySandbox.self], database: try Database(.memory), time: SystemTime(), random: SystemRandom(),
            exchange: RecordingNetwork(), configuration: SandboxConfiguration(version: "test", baseURL: base))
    }

    private static let peer = HTTPPeer(address: "127.0.0.1", port: 40_000)

    @discardableResult
    private func send(_ sandbox: Sandbox, _ call: Call, host: String? = nil) async -> HTTPResponse {
        var call = call
        if let host { call.fields["Host"] = host } else { call.path = "/wpay" + call.path }
        return await sandbox.respond(to: call.request, from: Self.peer)
    }

    private func control(_ sandbox: Sandbox, _ method: HTTPMethod, _ path: String, _ body: String = "") async throws -> JSON {
        let response = await sandbox.respond(
            to: HTTPRequest(method: method, target: "/-" + path, body: Array(body.utf8)), from: Self.peer)
        return try JSON(try #require(response.bytes))
    }

    @Test("A wrong signature's mistake stands in the request log: both messages, the first differing byte, name and remedy, and no person")
    func diagnosis() async throws {
        let sandbox = try await sandbox()
        var values = SandboxHouse.member
        values["wtid"] = "WTID0000000000000001"
        let cases: [(mistake: String, code: String)] = [("label", "label-hash"), ("order", "neighbours-swapped"), ("upper", "upper-case")]
        for (mistake, _) in cases {
            let call = try SandboxOracle.calls([SandboxOracle.Order(row: "payappl/card", values: values, mistake: mistake)])[0]
            let response = await send(sandbox, call)
            #expect(try JSON(response.bytes ?? []).members?.names == ["resultCode", "resultMsg"])
        }
        let log = try await control(sandbox, .get, "/requests?route=payappl/card")
        let records = try #require(log["requests"]?.elements)
        #expect(records.count == 3)
        for (record, (mistake, _)) in zip(records.reversed(), cases) {
            let verdict = try #require(record["verdict"])
            let details = try #require(verdict["details"])
            #expect(verdict["rule"] == "signature.mismatch" && details["mistakes"]?.elements?.count == 1, "\(mistake)")
            let built = try #require(details["message_built"]?.string)
            #expect(built.hasPrefix("mid=INIwpayT03&wpayUserKey=[wpayUserKey") && built.hasSuffix("&hashKey=[hashKey]"), "\(built)")
            #expect(built.contains("&ci=&wtid=WTID0000000000000001&"))
            let implied = try #require(details["message_implied"]?.string)
            if mistake == "label" {
                #expect(implied.hasSuffix("&hash=[hashKey]"))
                #expect(details["first_difference"]?["field"] == "hashKey" && details["first_difference"]?["expected"] == "K")
            }
            if mistake == "order" {
                #expect(implied.hasPrefix("wpayUserKey=[wpayUserKey") && details["first_difference"]?["offset"] == 0)
                #expect(details["first_difference"]?["expected"] == "m" && details["first_difference"]?["received"] == "w")
            }
        }
        let text = log.text
        let encrypted = try SandboxHouse.call("userinfo", SandboxHouse.member).query ?? ""
        let key = try #require(FormText.decode(encrypted.utf8)?.first { $0.name == "wpayUserKey" }?.value)
        for secret in [WPayDemonstration.hashKey, WPayDemonstration.seedKey, WPayDemonstration.seedIV, DemoData.userKey, key] {
            #expect(!text.contains(secret))
        }
    }

    @Test("A request far larger than any genuine one is refused without a search for its mistake, so that nobody can keep the sandbox busy")
    func oversized() async throws {
        let house = try await SandboxHouse()
        let signed = try SandboxHouse.call(
            "payauth/card",
            SandboxHouse.member.merging([
                "wpayToken": DemoData.cardToken, "oid": "ORDER-1", "goodsName": "사과", "goodsPrice": "1000", "buyerName": "홍길동",
                "buyerTel": "010-1234-5678", "cardQuota": "00", "returnUrl": "https://shop.example/return",
            ]) { $1 })
        let good = try #require(FormText.decode(signed.body))
        func verdict(_ changes: [String: String], more: Int = 0) async throws -> Verdict {
            var call = signed
            var fields = good.map { (name: $0.name, value: changes[$0.name] ?? $0.value) }
            fields += (0..<more).map { (name: "x\($0)", value: "") }
            call.body = Array(FormText.encode(fields).utf8)
            return try #require(await house.send(call).verdict)
        }
        let zeros = String(repeating: "0", count: 64)
        let usual = try await verdict(["signature": zeros])
        #expect(usual.rule == "signature.mismatch" && usual.details["message_built"]?.string?.isEmpty == false)
        let oversized = [
            try await verdict(["oid": String(repeating: "&", count: 20_000)]), try await verdict(["signature": zeros], more: 300),
            try await verdict(["signature": String(repeating: "f", count: 20_000)]),
        ]
        for verdict in oversized {
            #expect(verdict.rule == "signature.mismatch" && verdict.isBilingual && verdict.reason.english.contains("too large"))
            #expect(
                verdict.details["message_built"] == nil && verdict.details["bytes"] != nil
                    && JSON.object(verdict.details).bytes.count < 2_000)
        }
        let refund = INIAPIRefund(
            mid: WPayDemonstration.mid, tid: String(repeating: "T", count: 20_000), message: "x", clientIP: "203.0.113.7",
            time: Timestamp(unixSeconds: 0))
        let refused = try #require(await house.send(refund.call(key: Secret("wrong"))).verdict)
        #expect(refused.rule == "refund.hash" && refused.details["message_built"] == nil && refused.details["bytes"] != nil)
    }

    @Test("A message that is shown holds no personal value in any form, not even one that the message's own separator takes apart")
    func mask() throws {
        let api = try #require(WPayTables.api(identifier: "payauth/card"))
        let keys = try #require(DemoData.merchants(at: Timestamp(unixSeconds: 0)).first).keys()
        let people = [
            "wpayUserKey": try keys.seed.encrypt(DemoData.userKey), "ci": "CI&OF=SOMEBODY", "buyerName": URLCodec.encode("홍길동&아들"),
            "buyerTel": "010-1234-5678", "buyerEmail": "a&b@example.com",
        ]
        let received = ReceivedFields(people.map { (name: $0.key, value: $0.value) } + [(name: "oid", value: "ORDER-1")])
        let mask = MessageMask(api: api, received: received, keys: keys)
        let forms = people.values.flatMap { [$0, URLCodec.encode($0), URLCodec.decode($0) ?? ""] } + [DemoData.userKey]
        let values = try forms + people.values.map { try keys.seed.encrypt($0) }
        for value in values where value.utf8.count > 1 {
            for message in people.keys.map({ "mid=M&\($0)=\(value)&oid=ORDER-1&hashKey=[hashKey]" }) + [
                "M&\(value)&ORDER-1&", "M\(value)ORDER-1",
            ] {
                let shown = mask.masked(message)
                #expect(shown.contains("ORDER-1") && shown.hasPrefix("m") == message.hasPrefix("m"))
                for part in ["홍길동", "아들", "SOMEBODY", "example.com", "1234", DemoData.userKey, value] {
                    #expect(!shown.contains(part), "\(message) → \(shown)")
                }
            }
        }
        #expect(mask.masked("mid=M&ci=CI&OF=SOMEBODY&oid=1") == "mid=M&ci=[ci as received]&oid=1")
    }

    @Test("No key, no person and no card stands in the log, whatever is sent and answered")
    func privacy() async throws {
        let sandbox = try await sandbox()
        let wtid = try #require(try await control(sandbox, .post, "/wpay/authentications", "{}")["plain"]?["wtid"]?.string)
        let member = SandboxHouse.member
        let person = [
            "mid": WPayDemonstration.mid, "userId": "canary-user", "ci": "CANARY-CI-0123456789", "userNm": "카나리아", "hNum": "01077776666",
            "birthDay": "19870707", "socialNo2": "1",
        ]
        var orders = [
            SandboxOracle.Order(row: "payappl/card", values: member.merging(["wtid": wtid]) { $1 }),
            SandboxOracle.Order(row: "payinfos", values: member), SandboxOracle.Order(row: "cst/apis/memregci", values: person),
            SandboxOracle.Order(
                row: "memreg", values: person.merging(["returnUrl": "https://a.example/", "agreePayNm": "x", "agreeUrl": "y"]) { $1 }),
        ]
        orders += orders.map { SandboxOracle.Order(row: $0.row, values: $0.values, mistake: "signature") }
        // As plain as a beginner sends them.
        orders.append(SandboxOracle.Order(row: "cst/apis/memregci", values: ["mid": WPayDemonstration.mid], final: person))
        for call in try SandboxOracle.calls(orders) { await send(sandbox, call) }
        await send(
            sandbox,
            Call(method: .post, path: "/stdwpay/nothing", body: Array("hashKey=\(WPayDemonstration.hashKey)&x=01077776666".utf8)))
        let text = try await control(sandbox, .get, "/requests").text
        #expect(text.contains("canary") == false && text.contains("payappl/card"))
        let secrets =
            [WPayDemonstration.hashKey, WPayDemonstration.seedKey, WPayDemonstration.seedIV, WPayDemonstration.iniAPIKey, DemoData.userKey]
            + [DemoData.cardToken, "557042******1074", "CANARY-CI-0123456789", "카나리아", "01077776666", "19870707", "홍길동"]
        for secret in secrets { #expect(!text.contains(secret), "\(secret)") }
    }

    @Test(
        "A lost answer to an approval: the money has moved, the net-cancel undoes it; before, it had not; and a net-cancel may fail as often as told"
    )
    func faults() async throws {
        let sandbox = try await sandbox()
        func transaction(_ wtid: String) async throws -> JSON { try await control(sandbox, .get, "/wpay/transactions/\(wtid)") }
        func wtid() async throws -> String {
            try #require(try await control(sandbox, .post, "/wpay/authentications", "{}")["plain"]?["wtid"]?.string)
        }
        func approve(_ wtid: String) throws -> Call {
            try SandboxHouse.call("payappl/card", SandboxHouse.member.merging(["wtid": wtid]) { $1 })
        }
        func undo(_ wtid: String) throws -> Call {
            try SandboxHouse.call("payreqapplcancel", SandboxHouse.member.merging(["wtid": wtid, "cancelMsg": "응답 없음"]) { $1 })
        }
        let after = try await wtid()
        _ = try await control(sandbox, .post, "/faults", #"{"kind":"drop","when":"after","route":"payappl/card"}"#)
        #expect(await send(sandbox, try approve(after)).bytes == nil)
        #expect(try await transaction(after)["state"] == "APPROVED")
        _ = try await control(
            sandbox, .post, "/faults",
            #"{"kind":"status","status":200,"content_type":"application/json","body":"{\"resultCode\":\"9999\",\"resultMsg\":\"x\"}","route":"payreqapplcancel","times":2}"#
        )
        for expected in ["9999", "9999", "0000"] {
            let response = await send(sandbox, try undo(after))
            #expect(try JSON(response.bytes ?? [])["resultCode"]?.string == expected)
        }
        #expect(try await transaction(after)["state"] == "NETCANCELLED")
        let before = try await wtid()
        _ = try await control(sandbox, .post, "/faults", #"{"kind":"drop","route":"payappl/card"}"#)
        #expect(await send(sandbox, try approve(before)).bytes == nil)
        #expect(try await transaction(before)["state"] == "AUTHENTICATED")
        #expect(try JSON(await send(sandbox, try undo(before)).bytes ?? [])["resultCode"] == "0000")
        #expect(try await transaction(before)["state"] == "NETCANCELLED")
    }

    @Test("Under the real host names each API is at its own product's host only, refunds at theirs")
    func hosts() async throws {
        let sandbox = try await sandbox()
        let look = try SandboxHouse.call("userinfo", SandboxHouse.member)
        for host in ["wpaystd.inicis.com", "stgwpaystd.inicis.com", "fcwpaystd.inicis.com"] {
            #expect(await send(sandbox, look, host: host).status == 200)
        }
        for host in ["wpay.inicis.com", "wpayplus.inicis.com", "iniapi.inicis.com"] {
            #expect(await send(sandbox, look, host: host).status == 404)
        }
        let refund = INIAPIRefund(
            mid: WPayDemonstration.mid, tid: "T", message: "x", clientIP: "203.0.113.7", time: Timestamp(unixSeconds: 1_767_225_600))
        func status(_ host: String, _ prefix: String) async -> Int {
            await send(sandbox, refund.call(key: Secret(WPayDemonstration.iniAPIKey), pathPrefix: prefix), host: host).status
        }
        #expect(await status("iniapi.inicis.com", "") == 200)
        #expect(await status("deviniapi.inicis.com", "/stg") == 200)
        #expect(await status("iniapi.inicis.com", "/stg") == 404)
        #expect(await status("wpaystd.inicis.com", "") == 404)
        let rules = try await control(sandbox, .get, "/requests").members?["requests"]?.elements?.compactMap {
            $0["verdict"]?["rule"]?.string
        }
        #expect(Set(rules ?? []) == ["call.host", "call.refund", "refund.unknown"])
    }

    @Test("The lines of the introduction run in a shell as they are")
    func introduction() async throws {
        let base = Locked("")
        let sandbox = try await sandbox { base.withLock { $0 } }
        let group = try EventLoopGroup(count: 1)
        let server = try HTTPServer(
            group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), handler: sandbox)
        base.withLock { $0 = "http://\(server.address)" }
        let lines = sandbox.introduction(baseURL: base.withLock { $0 }).map(\.english).filter { $0.contains("curl ") }
        #expect(lines.count == 2)
        let outputs = try lines.map { try Program.run("/bin/sh", ["-c", $0]).output }
        await server.shutdown(deadline: .seconds(1))
        let look = try JSON(outputs[0])
        #expect(look["resultCode"] == "0000" && look["status"] == "00")
        let authentication = try JSON(outputs[1])
        #expect(authentication["plain"]?["oid"] == "ORDER-1" && authentication["fields"]?["signature"]?.string?.count == 64)
    }
}
