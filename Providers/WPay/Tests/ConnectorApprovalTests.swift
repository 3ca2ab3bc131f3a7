import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: approvals and net-cancels")
struct ConnectorApprovalTests {
    private let path = ConnectorHouse.approvalPath
    private let approval = ConnectorHouse.approval()
    private let wtid = "WTID0000000000000001"
    private static let cancel = "https://fcwpaystd.inicis.com/stdwpay/std/rest/v1/payreqapplcancel"

    @Test("An approval goes to the place that the verified callback named, and a success is delivered without a net-cancel")
    func approved() async throws {
        let house = try ConnectorHouse { _, _ in ScriptedWPay.answer("0000", ["tid": "TID1"]) }
        #expect(try await house.authenticate().json["result"] == "success")
        let answer = await house.post(path, approval)
        #expect(answer.outcome == "delivered" && answer.result == "success" && answer.json["tid"] == "TID1", "\(answer.text)")
        #expect(!answer.fields.contains("Bujeol-Net-Cancel"))
        #expect(house.wpay.targets == ["https://fcwpaystd.inicis.com/stdwpay/std/rest/v1/payappl/card"])
        let complaint = try WPayOracle.complaint(
            house.wpay.sent[0].body,
            fields: [
                .init("mid", "INIwpayT03"), .init("wpayUserKey", ConnectorHouse.person.userKey, "E"), .init("ci", ""), .init("wtid", wtid),
            ])
        #expect(complaint == "")
    }

    @Test("Without a verified callback or its ticket nothing is approved, nor to a place that is not allowed")
    func unproven() async throws {
        let house = try ConnectorHouse()
        let unknown = await house.post(path, approval)
        #expect(unknown.status == 409 && unknown.outcome == "refused" && unknown.json["code"] == "authentication-unknown")
        for domain in [
            "https://evil.example", "http://wpaystd.inicis.com", "https://inicis.com.evil.example", "https://wpaystd.inicis.com:8443",
        ] {
            let house = try ConnectorHouse()
            let result = try await house.authenticate(domain: domain)
            #expect(result.json["verified"] == true && result.json["ticket"] == nil && result.json["wpayDomainAllowed"] == false)
            let answer = await house.post(path, approval)
            #expect(answer.status == 409 && answer.json["code"] == "domain-refused", "\(domain)")
            #expect(house.wpay.sent.isEmpty)
        }
        #expect(house.wpay.sent.isEmpty)
    }

    @Test(
        "Allowed places: below a configured domain over https, with or without a scheme, URL-encoded or not, and the configured base itself",
        arguments: [
            ("", "environment: \"live\"", "wpaystd.inicis.com", "https://wpaystd.inicis.com/stdwpay"),
            ("", "environment: \"live\"", "https%3A%2F%2Fkswpaystd.inicis.com", "https://kswpaystd.inicis.com/stdwpay"),
            ("", "environment: \"live\"", "", "https://wpaystd.inicis.com/stdwpay"),
            ("", "origin: \"http://127.0.0.1:8600/wpay\"", "http://127.0.0.1:8600/wpay", "http://127.0.0.1:8600/wpay/stdwpay"),
            ("", "origin: \"http://127.0.0.1:8600/wpay\"", "127.0.0.1:8600", "http://127.0.0.1:8600/wpay/stdwpay"),
            (
                ", allowedHosts: [\"http://localhost:8600/wpay\"]", "environment: \"live\"", "http://localhost:8600/wpay",
                "http://localhost:8600/wpay/stdwpay"
            ),
            (", allowedHosts: [\"pay.example\"]", "environment: \"live\"", "https://a.pay.example/", "https://a.pay.example/stdwpay"),
        ])
    func places(_ settings: String, _ place: String, _ domain: String, _ target: String) async throws {
        let house = try ConnectorHouse(settings, place: place)
        try await house.authenticate(domain: domain)
        #expect(await house.post(path, approval).result == "success")
        #expect(house.wpay.targets == [target + "/std/rest/v1/payappl/card"])
    }

    @Test("A ticket stands for the callback after a restart, for an hour and for its own wtid and keys only")
    func tickets() async throws {
        let house = try ConnectorHouse()
        let ticket = try #require(try await house.authenticate().json["ticket"]?.string)
        let proof: HTTPFields = ["Bujeol-Ticket": ticket]
        let answer = await house.post(path, approval, proof, to: try house.restarted())
        #expect(answer.result == "success", "\(answer.text)")
        #expect(house.wpay.targets == ["https://fcwpaystd.inicis.com/stdwpay/std/rest/v1/payappl/card"])
        #expect(!house.wpay.sent[0].request.fields.contains("Bujeol-Ticket"))
        let forged = String(ticket.dropLast(1)) + (ticket.hasSuffix("0") ? "1" : "0")
        let parts = ticket.split(separator: ".")
        let later = "\(parts[0]).\((Int(parts[1]) ?? 0) + 1).\(parts[2]).\(parts[3])"
        for wrong in [forged, later, "", "1.1.1.1", "\(parts[0]).\(parts[1]).\(parts[2])"] {
            let refused = await house.post(path, approval, ["Bujeol-Ticket": wrong], to: try house.restarted())
            #expect(refused.status == 409 && refused.json["code"] == "ticket-refused", "\(wrong)")
        }
        let other = await house.post(path, ConnectorHouse.approval(wtid: "WTID0000000000000002"), proof, to: try house.restarted())
        #expect(other.json["code"] == "ticket-refused")
        let strict = try house.restarted(", allowedHosts: [\"pay.example\"]")
        #expect(await house.post(path, approval, proof, to: strict).json["code"] == "domain-refused")
        try await house.time.sleep(for: .seconds(3599))
        #expect(await house.post(path, approval, proof, to: try house.restarted()).result == "success")
        try await house.time.sleep(for: .seconds(1))
        #expect(await house.post(path, approval, proof, to: try house.restarted()).json["code"] == "ticket-refused")
        #expect(house.wpay.sent.count == 2)
    }

    @Test("A lost answer is followed by a net-cancel to the same place with the same data; the problem document says that nothing is paid")
    func lostAndUndone() async throws {
        let house = try ConnectorHouse { sent, _ in
            if sent.request.target.hasSuffix("payappl/card") { throw ScriptedWPay.lost }
            return ScriptedWPay.answer("0000")
        }
        try await house.authenticate()
        let answer = await house.post(path, approval)
        #expect(answer.status == 504 && answer.outcome == "unknown")
        #expect(answer.json["netCancel"] == "accepted" && answer.json["attempts"] == 1 && answer.json["resultCode"] == "0000")
        #expect(answer.json["wtid"]?.string == wtid)
        #expect(answer.json["detail"]?.string?.contains("nothing is paid") == true)
        #expect(house.wpay.targets.last == ConnectorApprovalTests.cancel)
        let complaint = try WPayOracle.complaint(
            house.wpay.sent[1].body,
            fields: [
                .init("mid", "INIwpayT03"), .init("wpayUserKey", ConnectorHouse.person.userKey, "E"), .init("wtid", wtid),
                .init("cancelMsg", "approval outcome unknown", "U"),
            ])
        #expect(complaint == "")
        // Dead for good: in this process because it remembers, whatever the ticket says.
        let again = await house.post(path, approval)
        #expect(again.status == 409 && again.json["code"] == "not-approved-again" && house.wpay.sent.count == 2)
    }

    @Test("An unreadable answer likewise, and a net-cancel is repeated a second apart, three times at most")
    func unreadableAndUnknown() async throws {
        for (body, word) in [("<html>", "unknown"), (#"{"resultCode":"9999"}"#, "refused")] {
            let house = try ConnectorHouse { sent, _ in
                HTTPResponse(status: 200, body: Array((sent.request.target.hasSuffix("payappl/card") ? "<html>" : body).utf8))
            }
            try await house.authenticate()
            let answer = await house.post(path, approval)
            #expect(answer.status == 502 && answer.outcome == "unverified")
            #expect(answer.json["netCancel"]?.string == word && answer.json["attempts"] == 3)
            #expect(answer.json["detail"]?.string?.contains("A person must look") == true)
            #expect(house.wpay.targets.dropFirst() == ArraySlice(repeating: ConnectorApprovalTests.cancel, count: 3))
            let moments = house.wpay.sent.map(\.at)
            #expect(moments[1] == moments[0] && moments[2] - moments[1] == .seconds(1) && moments[3] - moments[2] == .seconds(1))
            #expect(house.logged.withLock { $0.contains { $0.contains("a person must look") && $0.contains("\"error\"") } })
            #expect(house.metrics.text.contains("bujeol_wpay_net_cancels_total{connection=\"wpay\",result=\"\(word)\"} 1"))
        }
    }

    @Test("A caller who goes away cuts no net-cancel short, nor the pause before the next one")
    func callerGone() async throws {
        let cancelled = Locked<[Bool]>([])
        let arrived = Locked(false)
        let house = try ConnectorHouse { _, number in
            if number == 0 {
                arrived.withLock { $0 = true }
                try? await Task.sleep(for: .seconds(600))
                throw ScriptedWPay.lost
            }
            cancelled.withLock { $0.append(Task.isCancelled) }
            if number == 1 { throw ScriptedWPay.lost }
            return ScriptedWPay.answer("0000")
        }
        try await house.authenticate()
        let call = Task { await house.post(path, approval) }
        while !arrived.withLock({ $0 }) { try await SystemTime().sleep(for: .milliseconds(2)) }
        call.cancel()
        #expect(await call.value.json["netCancel"] == "accepted")
        #expect(cancelled.withLock { $0 } == [false, false])
        #expect(house.wpay.sent[2].at - house.wpay.sent[1].at == .seconds(1))
    }

    @Test("A net-cancel that succeeds at the third attempt ends it")
    func thirdAttempt() async throws {
        let house = try ConnectorHouse { _, number in
            if number == 0 || number == 2 { throw ScriptedWPay.lost }
            if number == 1 { throw ScriptedWPay.refusedConnection }
            return ScriptedWPay.answer("000000")
        }
        try await house.authenticate()
        let answer = await house.post(path, approval)
        #expect(answer.json["netCancel"] == "accepted" && answer.json["attempts"] == 3 && house.wpay.sent.count == 4)
    }

    @Test("A clear refusal is delivered, and one net-cancel is sent as a precaution", arguments: ["0000", "9999", ""])
    func refused(_ code: String) async throws {
        let house = try ConnectorHouse { sent, _ in
            if sent.request.target.hasSuffix("payappl/card") { return ScriptedWPay.answer("9999", ["resultMsg": "%EA%B0%80"]) }
            if code.isEmpty { throw ScriptedWPay.lost }
            return ScriptedWPay.answer(code)
        }
        try await house.authenticate()
        let answer = await house.post(path, approval)
        #expect(answer.status == 200 && answer.outcome == "delivered" && answer.result == "fail")
        #expect(answer.json["resultMsg"] == "%EA%B0%80")
        #expect(answer.fields["Bujeol-Net-Cancel"] == ["0000": "accepted", "9999": "refused", "": "unknown"][code])
        #expect(house.wpay.targets.dropFirst() == [ConnectorApprovalTests.cancel])
        #expect(await house.post(path, approval).json["code"] == "not-approved-again")
    }

    @Test("After a restart a refusal may mean that the payment was approved before: the precaution is withheld, so that nothing is undone")
    func refusedAfterRestart() async throws {
        let house = try ConnectorHouse { _, number in ScriptedWPay.answer(number == 0 ? "0000" : "9999") }
        let ticket = try #require(try await house.authenticate().json["ticket"]?.string)
        #expect(await house.post(path, approval).result == "success")
        let restarted = try house.restarted()
        let answer = await house.post(path, approval, ["Bujeol-Ticket": ticket], to: restarted)
        #expect(answer.result == "fail" && answer.fields["Bujeol-Net-Cancel"] == "withheld")
        #expect(house.wpay.targets.count == 2 && house.wpay.targets.allSatisfy { $0.hasSuffix("/payappl/card") })
    }

    @Test("No wtid is approved twice: WPAY would refuse the second one, and the net-cancel after a refusal would undo the first")
    func twice() async throws {
        let gate = Locked<CheckedContinuation<Void, Never>?>(nil)
        let house = try ConnectorHouse(time: SystemTime()) { sent, number in
            if number == 0 { await withCheckedContinuation { continuation in gate.withLock { $0 = continuation } } }
            return ScriptedWPay.answer("0000")
        }
        try await house.authenticate()
        async let first = house.post(path, approval)
        var waiter: CheckedContinuation<Void, Never>?
        while waiter == nil {
            try await SystemTime().sleep(for: .milliseconds(2))
            waiter = gate.withLock { $0 }
        }
        let second = await house.post(path, approval)
        #expect(second.status == 409 && second.json["detail"]?.string?.contains("under way") == true)
        waiter?.resume()
        #expect(await first.result == "success")
        let third = await house.post(path, approval)
        #expect(third.status == 409 && third.json["detail"]?.string?.contains("approved already") == true)
        #expect(house.wpay.sent.count == 1)
    }

    @Test("An approval that did not leave may be asked for again, and is not net-cancelled")
    func notSent() async throws {
        let house = try ConnectorHouse { _, number in
            if number == 0 { throw ScriptedWPay.refusedConnection }
            return ScriptedWPay.answer("0000")
        }
        try await house.authenticate()
        let answer = await house.post(path, approval)
        #expect(answer.outcome == "not-sent" && answer.json["netCancel"] == nil && house.wpay.sent.count == 1)
        #expect(await house.post(path, approval).result == "success")
    }

    @Test("A net-cancel of the application's own goes to the same place, and kills the wtid whatever becomes of it")
    func ownNetCancel() async throws {
        let house = try ConnectorHouse { _, _ in throw ScriptedWPay.refusedConnection }
        try await house.authenticate()
        let fields: JSON = ["wpayUserKey": .string(ConnectorHouse.person.userKey), "wtid": .string(wtid), "cancelMsg": "통신 오류"]
        let cancel = "/stdwpay/std/rest/v1/payreqapplcancel"
        #expect(await house.post(cancel, fields).outcome == "not-sent")
        #expect(await house.post(cancel, fields).outcome == "not-sent")
        #expect(await house.post(path, approval).json["code"] == "not-approved-again")
        #expect(house.wpay.targets == [ConnectorApprovalTests.cancel, ConnectorApprovalTests.cancel])
    }

    @Test("A failed authentication opens no approval")
    func failedAuthentication() async throws {
        let house = try ConnectorHouse()
        let result = await house.send(.post, ConnectorHouse.returnPath, try ConnectorHouse.authentication(code: "9999"))
        #expect(result.json["verified"] == true && result.json["result"] == "fail" && result.json["ticket"] == nil)
        #expect(await house.post(path, approval).json["code"] == "authentication-unknown")
    }

    @Test("The old standard names no place: its approvals go to the configured host, and are undone there")
    func oldStandard() async throws {
        let house = try ConnectorHouse { _, number in
            if number == 0 { throw ScriptedWPay.lost }
            return ScriptedWPay.answer("0000")
        }
        let answer = await house.post("/stdwpay/apis/payreqappl", approval)
        #expect(answer.json["netCancel"] == "accepted", "\(answer.text)")
        #expect(
            house.wpay.targets == ["payreqappl", "payreqapplcancel"].map { "https://stgwpay.inicis.com/stdwpay/apis/" + $0 })
    }

    @Test("At a partner's site the net-cancel stays below that site; a one-time code opens an approval at the place it came from")
    func customSites() async throws {
        let house = try ConnectorHouse { sent, _ in
            if sent.request.target.hasSuffix("otc") { return ScriptedWPay.answer("0000", ["wtid": "WTID0000000000000007", "otc": "x"]) }
            if sent.request.target.hasSuffix("payreqappl") { throw ScriptedWPay.lost }
            return ScriptedWPay.answer("0000")
        }
        let means: JSON = ["wpayUserKey": .string(ConnectorHouse.person.userKey), "wpayToken": .string(ConnectorHouse.person.token)]
        let code = await house.post("/kbstar/cst/apis/payreqauth/otc", means)
        let ticket = try #require(code.fields["Bujeol-Ticket"], "\(code.text)")
        let approval = ConnectorHouse.approval(wtid: "WTID0000000000000007")
        let answer = await house.post("/kbstar/cst/apis/payreqappl", approval)
        #expect(answer.json["netCancel"] == "accepted", "\(answer.text)")
        let base = "https://stgwpaycst.inicis.com/kbstar/cst/apis/"
        #expect(house.wpay.targets == ["payreqauth/otc", "payreqappl", "payreqapplcancel"].map { base + $0 })
        let other = await house.post("/kbstar/cst/apis/payreqappl", approval, ["Bujeol-Ticket": ticket], to: try house.restarted())
        #expect(other.json["netCancel"] == "accepted" && house.wpay.targets.last == base + "payreqapplcancel")
    }

    @Test("A charge of auto-pay that is lost has no net-cancel: it stays unknown")
    func lostCharge() async throws {
        let house = try ConnectorHouse { _, _ in throw ScriptedWPay.lost }
        let answer = await house.post(
            "/stdwpay/std/apis/payreqappl",
            [
                "wpayUserKey": .string(ConnectorHouse.person.userKey), "wtid": .string(wtid), "wpayToken": "T", "oid": "O",
                "goodsName": "g",
                "goodsPrice": 1, "buyerName": "b", "buyerTel": "1",
            ])
        #expect(answer.outcome == "unknown" && answer.json["netCancel"] == nil && house.wpay.sent.count == 1, "\(answer.text)")
    }

    @Test("The net-cancels have time of their own beyond the deadline: three times connect and read, and two pauses")
    func limit() throws {
        let connector = try ConnectorHouse.connector(
            ConnectorHouse.keys + ", environment: \"live\", connectTimeout: \"2s\", readTimeout: \"4s\", deadline: \"20s\"",
            ConnectorEnvironment(
                connection: "wpay", exchange: ScriptedWPay(SystemTime()) { _, _ in .abort }, time: SystemTime(), random: SeededRandom()))
        #expect(connector.deadline == .seconds(20) && connector.resolutionLimit == .seconds(3 * 6 + 2 + 1))
    }
}
