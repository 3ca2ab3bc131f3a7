import Base
import ProviderKit
import TestSupport
import Testing
import Transport
import WPay

/// The caller's half against the provider's half: every message that one signs, the other judges.
@Suite("WPAY connector and WPAY sandbox, end to end")
struct ConnectorSandboxTests {
    private let approvePath = ConnectorHouse.approvalPath
    private let calls = "/stdwpay/std/rest/v1/"

    private func approval(_ result: JSON) -> JSON {
        ["wpayUserKey": result["fields"]?["wpayUserKey"] ?? .null, "wtid": result["wtid"] ?? .null]
    }

    @Test("Join, register a card, authenticate, approve, look up, refund: every signature holds on both sides")
    func journey() async throws {
        try await BothHalves.run { halves in
            let shopper = try await halves.shopper()
            let authenticated = try await halves.authenticate(shopper)
            #expect(authenticated["verified"] == true && authenticated["fields"]?["oid"] == "ORDER-1", "\(authenticated.text)")
            #expect(authenticated["fields"]?["wpayDomain"] == "http://127.0.0.1:8600/wpay")
            let wtid = try #require(authenticated["wtid"]?.string)
            #expect(await halves.house.send(.get, "/results/\(wtid)").json == authenticated)
            let approved = await halves.house.post(approvePath, approval(authenticated))
            #expect(approved.result == "success" && approved.json["applPrice"]?.integer == 1000, "\(approved.text)")
            #expect(approved.json["wpayUserKey"]?.string == shopper.userKey && approved.json["goodsName"] == "사과 1kg")
            #expect(try await halves.state(wtid) == "APPROVED")
            let tid = try #require(approved.json["tid"])
            let partial = await halves.house.post(
                "/iniapi/refund", ["paymethod": "Card", "tid": tid, "msg": "부분 환불", "price": 400, "confirmPrice": 600])
            #expect(partial.result == "success", "\(partial.text)")
            #expect(partial.json["prtcRemains"]?.string == "600" || partial.json["prtcRemains"]?.integer == 600, "\(partial.text)")
            let rest = await halves.house.post(
                "/iniapi/refund", ["paymethod": "Card", "tid": tid, "msg": "나머지", "price": 600, "confirmPrice": 0])
            #expect(rest.result == "success", "\(rest.text)")
            let again = await halves.house.post("/iniapi/refund", ["paymethod": "Card", "tid": tid, "msg": "한 번 더"])
            #expect(again.result == "fail" && again.outcome == "delivered", "\(again.text)")
            #expect(try await halves.state(wtid) == "REFUNDED")
            #expect(halves.verdicts.count == 1, "only the last refund was refused: \(halves.verdicts)")
        }
    }

    @Test("Every look-up and every change of a member and its means is signed as the sandbox wants it, and comes back opened")
    func memberCalls() async throws {
        try await BothHalves.run { halves in
            let shopper = try await halves.shopper()
            let key = shopper.userKey
            let means: JSON = ["wpayUserKey": .string(key), "wpayToken": .string(shopper.token)]
            func get(_ path: String, _ query: String) async -> ConnectorHouse.Answer {
                await halves.house.send(.get, calls + path + "?" + query)
            }
            #expect(await get("userinfo", "wpayUserKey=\(key)").json["wpayUserKey"]?.string == key)
            #expect(await get("getBasicInfos", "options=MQ%3ACP").result == "success")
            #expect(await get("payinfo", "wpayUserKey=\(key)&wpayToken=\(shopper.token)").json["wpayToken"]?.string == shopper.token)
            let named = await halves.house.post(
                calls + "setncnm", ["wpayUserKey": .string(key), "wpayToken": .string(shopper.token), "wpayTokenNcnm": "생활비 & 1"])
            #expect(named.result == "success" && named.json["wpayTokenNcnm"] == "생활비 & 1", "\(named.text)")
            for path in ["setmaj", "rlsmaj"] { #expect(await halves.house.post(calls + path, means).result == "success") }
            let list = await get("payinfos", "wpayUserKey=\(key)&payMethod=01")
            #expect(list.json["payList"]?[0]?["wpayToken"]?.string == shopper.token, "\(list.text)")
            #expect(list.json["payList"]?[0]?["wpayTokenNcnm"] == "생활비 & 1")
            #expect(await halves.house.post(calls + "delpayinfo", means).result == "success")
            #expect(await halves.house.post(calls + "memunreg", ["wpayUserKey": .string(key), "userId": "shopper-1"]).result == "success")
            #expect(halves.verdicts.isEmpty, "\(halves.verdicts)")
        }
    }

    @Test("The introduction's look-up finds the demo member's card")
    func introduction() async throws {
        try await BothHalves.run { halves in
            let line = try #require(WPayConnector.introduction(base: "").first { $0.english.contains("curl -s /stdwpay") }).english
            let words = line.split(separator: " ").map(String.init)
            let (path, data) = (words[2], words[(words.firstIndex(of: "-d") ?? 0) + 1])
            let answer = await halves.house.send(.get, "\(path)?\(data)", "", ["Bujeol-Open": "fields"])
            #expect(answer.json["payList"]?[0]?["wpayTokenNcnm"] == "데모 카드", "\(line): \(answer.text)")
        }
    }

    @Test("Who joins again, or registers the same card again, is already there: no failure, and the key comes with it")
    func already() async throws {
        try await BothHalves.run { halves in
            let shopper = try await halves.shopper("shopper-7")
            let again = try await halves.visit(
                "memreg", ["userId": "shopper-7", "agreePayNm": "가게", "agreeUrl": "https://shop.example/terms"])
            #expect(again["result"] == "already" && again["resultCode"] == "2006", "\(again.text)")
            #expect(again["fields"]?["wpayUserKey"]?.string == shopper.userKey)
        }
    }

    @Test(
        "An approval whose answer is lost is undone at the sandbox, whether it arrived or not", arguments: ["answer", "request", "garbled"])
    func lostApproval(_ what: String) async throws {
        try await BothHalves.run { halves in
            let authenticated = try await halves.authenticate(try await halves.shopper())
            let wtid = try #require(authenticated["wtid"]?.string)
            halves.fault("payappl/card", what == "answer" ? .answerLost : what == "request" ? .requestLost : .answerGarbled)
            let answer = await halves.house.post(approvePath, approval(authenticated))
            #expect(answer.outcome == (what == "garbled" ? "unverified" : "unknown"))
            #expect(answer.json["netCancel"] == "accepted" && answer.json["attempts"] == 1, "\(answer.text)")
            #expect(try await halves.state(wtid) == "NETCANCELLED")
            #expect(await halves.house.post(approvePath, approval(authenticated)).status == 409)
            // A gateway that has forgotten asks again, and the sandbox holds firm.
            let ticket = try #require(authenticated["ticket"]?.string)
            let place = "origin: \"http://127.0.0.1:8600/wpay\""
            let late = await halves.house.post(
                approvePath, approval(authenticated), ["Bujeol-Ticket": ticket], to: try halves.house.restarted(place: place))
            #expect(late.result == "fail" && late.fields["Bujeol-Net-Cancel"] == "withheld", "\(late.text)")
            #expect(try await halves.state(wtid) == "NETCANCELLED")
        }
    }

    @Test("A net-cancel that gets lost twice is repeated a second apart until it is confirmed")
    func lostNetCancels() async throws {
        try await BothHalves.run { halves in
            let authenticated = try await halves.authenticate(try await halves.shopper())
            let wtid = try #require(authenticated["wtid"]?.string)
            halves.fault("payappl/card", .answerLost)
            halves.fault("payreqapplcancel", .requestLost)
            halves.fault("payreqapplcancel", .answerLost)
            let before = halves.house.time.uptime
            let answer = await halves.house.post(approvePath, approval(authenticated))
            #expect(answer.json["netCancel"] == "accepted" && answer.json["attempts"] == 3, "\(answer.text)")
            #expect(halves.house.time.uptime - before == .seconds(2))
            #expect(try await halves.state(wtid) == "NETCANCELLED")
        }
    }

    @Test("When no net-cancel gets through, the payment stays approved, and the answer says that nobody knows")
    func unknown() async throws {
        try await BothHalves.run { halves in
            let authenticated = try await halves.authenticate(try await halves.shopper())
            let wtid = try #require(authenticated["wtid"]?.string)
            halves.fault("payappl/card", .answerLost)
            for _ in 0..<3 { halves.fault("payreqapplcancel", .requestLost) }
            let answer = await halves.house.post(approvePath, approval(authenticated))
            #expect(answer.json["netCancel"] == "unknown" && answer.json["attempts"] == 3)
            #expect(try await halves.state(wtid) == "APPROVED")
            // The application tries once more by itself.
            let cancel: JSON = [
                "wpayUserKey": authenticated["fields"]?["wpayUserKey"] ?? .null, "wtid": .string(wtid), "cancelMsg": "응답 없음",
            ]
            #expect(await halves.house.post(calls + "payreqapplcancel", cancel).result == "success")
            #expect(try await halves.state(wtid) == "NETCANCELLED")
        }
    }

    @Test("A payment that waits too long is refused, and the refusal is delivered")
    func expired() async throws {
        try await BothHalves.run { halves in
            let authenticated = try await halves.authenticate(try await halves.shopper())
            try await halves.house.time.sleep(for: .seconds(601))
            let answer = await halves.house.post(approvePath, approval(authenticated))
            #expect(answer.outcome == "delivered" && answer.result == "fail", "\(answer.text)")
            #expect(answer.fields["Bujeol-Net-Cancel"] == "refused")
        }
    }

    @Test("Signing up for auto-pay with one merchant id, and charging and ending it with the other's keys")
    func autoPay() async throws {
        try await BothHalves.run { halves in
            let shopper = try await halves.shopper()
            let signedUp = try await halves.visit(
                "payauth/auto/stdMain",
                [
                    "wpayUserKey": .string(shopper.userKey), "oid": "AUTO-1", "goodsName": "구독", "goodsPrice": 5000, "billkeyAppFlag": "Y",
                ])
            #expect(signedUp["verified"] == true && signedUp["result"] == "success", "\(signedUp.text)")
            let fields = try #require(signedUp["fields"])
            let charge = await halves.house.post(
                "/stdwpay/std/apis/payreqappl",
                [
                    "wpayUserKey": .string(shopper.userKey), "wtid": fields["wtid"] ?? .null, "wpayToken": fields["wpayToken"] ?? .null,
                    "oid": "AUTO-1-1", "goodsName": "구독 1회차", "goodsPrice": 5000, "buyerName": "김철수", "buyerTel": "01087654321",
                ])
            #expect(charge.result == "success" && charge.json["applPrice"]?.integer == 5000, "\(charge.text) \(halves.verdicts)")
            let refund = await halves.house.post(
                "/iniapi/refund", ["mid": "INIwpayA03", "paymethod": "Card", "tid": charge.json["tid"] ?? .null, "msg": "환불"])
            #expect(refund.result == "success", "\(refund.text)")
            let ended = await halves.house.post(
                "/shop/std/rest/v1/autopaycancel", ["wpayUserKey": .string(shopper.userKey), "wtid": fields["wtid"] ?? .null])
            #expect(ended.result == "success", "\(ended.text)")
            #expect(halves.verdicts.isEmpty, "\(halves.verdicts)")
        }
    }

    @Test("The old standard and a partner's site go the same way, each with its own orders")
    func otherProducts() async throws {
        try await BothHalves.run { halves in
            let old = try await halves.visit("old/memreg", ["userId": "old-1", "ci": "CI-OLD-1"])
            let key = try #require(old["fields"]?["wpayUserKey"], "\(old.text)")
            let found = await halves.house.send(.get, "/stdwpay/apis/schMemRegInfo?userId=old-1")
            #expect(found.json["wpayUserKey"] == key, "\(found.text)")
            let registered = try await halves.visit("kbstar/cst/u/payreg/v2", ["wpayUserKey": key, "payMethod": "01"])
            let token = try #require(registered["fields"]?["wpayToken"], "\(registered.text)")
            let authenticated = try await halves.visit(
                "kbstar/cst/u/payreqauth",
                [
                    "wpayUserKey": key, "wpayToken": token, "payMethod": "01", "oid": "CST-1", "goodsName": "배", "goodsPrice": 700,
                    "buyerName": "이영희", "buyerTel": "010", "flagPinMsg": "확인",
                ])
            #expect(authenticated["result"] == "success" && authenticated["ticket"] != nil, "\(authenticated.text)")
            let approved = await halves.house.post("/kbstar/cst/apis/payreqappl", approval(authenticated))
            #expect(approved.result == "success" && approved.json["applPrice"]?.integer == 700, "\(approved.text)")
            #expect(halves.verdicts.isEmpty, "\(halves.verdicts)")
        }
    }

    @Test("A place without a scheme, and one that is not allowed")
    func places() async throws {
        try await BothHalves.run { halves in
            let shopper = try await halves.shopper()
            try await halves.control(.put, "/settings", ["wpay_domain": "bare-host"])
            let bare = try await halves.authenticate(shopper)
            #expect(bare["fields"]?["wpayDomain"] == "127.0.0.1:8600")
            #expect(await halves.house.post(approvePath, approval(bare)).result == "success")
            try await halves.control(.put, "/settings", ["wpay_domain": "other-host", "wpay_domain_other": "https://elsewhere.example"])
            let other = try await halves.authenticate(shopper, oid: "ORDER-2")
            #expect(other["verified"] == true && other["wpayDomainAllowed"] == false, "\(other.text)")
            #expect(await halves.house.post(approvePath, approval(other)).json["code"] == "domain-refused")
        }
    }

    @Test("A shopper who cancels comes back with a verified failure, or with an unverified one when the sandbox does not sign failures")
    func cancelled() async throws {
        try await BothHalves.run { halves in
            let shopper = try await halves.shopper()
            try await halves.control(.put, "/settings", ["pages": "cancel"])
            let signed = try await halves.authenticate(shopper)
            #expect(signed["verified"] == true && signed["result"] == "fail" && signed["ticket"] == nil, "\(signed.text)")
            try await halves.control(.put, "/settings", ["failures_are_signed": false])
            let unsigned = try await halves.authenticate(shopper, oid: "ORDER-2")
            #expect(unsigned["verified"] == false && unsigned["result"] == "fail" && unsigned["fields"] == nil, "\(unsigned.text)")
        }
    }
}
