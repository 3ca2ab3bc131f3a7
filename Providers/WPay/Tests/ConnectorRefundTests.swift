import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: refunds through INIAPI")
struct ConnectorRefundTests {
    private static let settings = ", iniAPIKey: \"DocsOnlyIniApiKey\", clientAddress: \"203.0.113.7\""
    private let whole: JSON = ["paymethod": "Card", "tid": "TID0000000000000099", "msg": "고객 변심"]

    private func house(
        _ place: String = "environment: \"test\"",
        answer: @escaping @Sendable (ScriptedWPay.Sent, Int) async throws -> HTTPResponse = { _, _ in ScriptedWPay.answer("00") }
    ) throws -> ConnectorHouse {
        // 2026-01-02 03:04:05 in Korea, the moment of the worked example.
        let time = ManualTime(Timestamp(unixSeconds: 1_767_290_645))
        return try ConnectorHouse(ConnectorRefundTests.settings, place: place, time: time, answer: answer)
    }

    @Test("A refund goes as a form with the digest of the worked example, to the place of its environment")
    func whole() async throws {
        for (place, target) in [
            ("environment: \"test\"", "https://deviniapi.inicis.com/stg/api/v1/refund"),
            ("environment: \"live\"", "https://iniapi.inicis.com/api/v1/refund"),
            ("origin: \"http://127.0.0.1:8600/wpay\"", "http://127.0.0.1:8600/wpay/api/v1/refund"),
        ] {
            let house = try house(place)
            let answer = await house.post("/iniapi/refund", whole)
            #expect(answer.outcome == "delivered" && answer.result == "success", "\(answer.text)")
            #expect(house.wpay.targets == [target])
            let sent = house.wpay.sent[0]
            #expect(sent.request.fields["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8")
            #expect(
                sent.fields["hashData"]
                    == "bcb5521d401f8915400a45f09fe57b7c7df617d5339db7693f073420df0023634a5a66803e042176e11798bc07a358a617cb42dfc3c7655c97563a258d4a54cb"
            )
            #expect(sent.fields["type"] == "Refund" && sent.fields["timestamp"] == "20260102030405" && sent.fields["msg"] == "고객 변심")
            #expect(sent.fields["mid"] == "INIwpayT03" && sent.fields["clientIp"] == "203.0.113.7" && sent.fields["price"] == nil)
        }
    }

    @Test("A partial refund signs the amounts too")
    func partial() async throws {
        let house = try house()
        let answer = await house.post(
            "/iniapi/refund",
            ["type": "PartialRefund", "paymethod": "Card", "tid": "T1", "msg": "x", "price": 400, "confirmPrice": "600", "taxFree": 0])
        #expect(answer.result == "success", "\(answer.text)")
        let fields = house.wpay.sent[0].fields
        let expected = try WPayOracle.sha512("DocsOnlyIniApiKeyPartialRefundCard20260102030405203.0.113.7INIwpayT03T1400600")
        #expect(fields["hashData"] == expected && fields["type"] == "PartialRefund" && fields["taxFree"] == "0" && fields["tax"] == nil)
    }

    @Test(
        "01 is not success here, nor is WPAY's own 0000; an unreadable answer is unverified, a lost one unknown, and nothing is sent again")
    func outcomes() async throws {
        for code in ["01", "0000"] {
            let house = try house { _, _ in ScriptedWPay.answer(code) }
            #expect(await house.post("/iniapi/refund", whole).result == "fail")
        }
        let unreadable = try house { _, _ in HTTPResponse(status: 200, body: Array("<html>".utf8)) }
        #expect(await unreadable.post("/iniapi/refund", whole).outcome == "unverified")
        let lost = try house { _, _ in throw ScriptedWPay.lost }
        let answer = await lost.post("/iniapi/refund", whole)
        #expect(answer.outcome == "unknown" && answer.json["netCancel"] == nil)
        #expect(unreadable.wpay.sent.count == 1 && lost.wpay.sent.count == 1)
    }

    @Test(
        "What does not fit is refused, and nothing leaves",
        arguments: [
            (#"{"paymethod": "01", "tid": "T", "msg": "m"}"#, "Card"), (#"{"paymethod": "Card", "msg": "m"}"#, "tid"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "type": "PartialRefund"}"#, "price"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "type": "Refund", "price": 1, "confirmPrice": 1}"#, "Refund"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "price": 100}"#, "confirmPrice"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "price": 0, "confirmPrice": 1}"#, "price"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "price": "1,000", "confirmPrice": 1}"#, "commas"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "clientIp": "1.2.3.4"}"#, "clientIp"),
            (#"{"paymethod": "Card", "tid": {"encrypted": "T"}, "msg": "m"}"#, "tid"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "mid": "INIother01"}"#, "mid"),
            // An amount that was left blank is not a wish for all of it.
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "price": "", "confirmPrice": ""}"#, "price"),
            (#"{"paymethod": "Card", "tid": "T", "msg": "m", "price": null}"#, "price"),
            ("paymethod=Card&tid=T&msg=m&type=Refund&price=", "Refund"),
        ])
    func refusals(_ body: String, _ word: String) async throws {
        let house = try house()
        let answer = await house.send(.post, "/iniapi/refund", body)
        #expect(
            answer.status == 400 && answer.outcome == "refused" && answer.json["detail"]?.string?.contains(word) == true, "\(answer.text)")
        #expect(house.wpay.sent.isEmpty)
    }

    @Test("Without an INIAPI key a refund says which settings it needs")
    func noKey() async throws {
        let answer = await (try ConnectorHouse()).post("/iniapi/refund", whole)
        #expect(answer.status == 400 && answer.json["detail"]?.string?.contains("iniAPIKey") == true)
    }
}
