import Base
import ProviderKit
import SandboxKit
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: every server call, signed by an independent program")
struct SandboxCallTests {
    private typealias Order = SandboxOracle.Order

    /// Codes that the specification prints in six digits.
    private static let sixDigits: Set<String> = [
        "payinfo", "payinfo/auto", "setmaj", "rlsmaj", "setncnm", "billinginfos", "autopay/autopaycancel", "cst/apis/autopaycancel",
        "cst/apis/payinfo",
    ]

    @Test("Each call passes with its own signature, and with a wrong one changes nothing and learns nothing")
    func everyRow() async throws {
        let house = try await SandboxHouse()
        let orders = try await SandboxCallTests.orders(house)
        #expect(Set(orders.map(\.row)) == Set(WPayTables.all.filter { !$0.isPage }.map(\.identifier) + [INIAPIRefund.route.name]))
        var wrong = orders
        for index in wrong.indices { wrong[index].mistake = "signature" }
        let calls = try SandboxOracle.calls(wrong + orders)
        for (index, order) in orders.enumerated() {
            let isRefund = order.row == INIAPIRefund.route.name
            let refused = await house.send(calls[index])
            #expect(refused.isRefusal(isRefund ? "refund.hash" : "signature.mismatch", code: isRefund ? "01" : "9999"), "\(order.row)")
            #expect(refused.tenant == .demo && refused.route == order.row)
            let accepted = await house.send(calls[orders.count + index])
            let expected = isRefund ? "00" : SandboxCallTests.sixDigits.contains(order.row) ? "000000" : "0000"
            #expect(accepted.code == expected, "\(order.row): \(accepted.text) \(accepted.verdict?.json.text ?? "")")
            #expect(accepted.verdict == nil && accepted.reply.status == 200, "\(order.row)")
        }
    }

    /// One of each call, in an order in which each finds what it needs.
    private static func orders(_ house: SandboxHouse) async throws -> [Order] {
        let member = SandboxHouse.member
        let ci = Identifier.ci(name: "홍길동", birthDay: "19900101", phone: "01012345678")
        func wtid(_ api: String = "payauth/card") async throws -> String { try await house.wtid(["api": .string(api)]) }
        func order(_ row: String, _ more: [String: String] = [:]) -> Order { Order(row: row, values: member.merging(more) { $1 }) }
        let card = ["wpayToken": DemoData.cardToken]
        let signUp = try await house.authenticate(["api": "payauth/auto/stdMain", "oid": "AUTO-1"])["plain"]
        let other = try await house.authenticate(["api": "payauth/auto", "oid": "AUTO-2"])["plain"]
        let signUpID = try #require(signUp?["wtid"]?.string)
        let signUpToken = try #require(signUp?["wpayToken"]?.string)
        let charger = try SandboxOracle.Keys(
            #require(DemoData.merchants(at: Timestamp(unixSeconds: 0)).first { $0.mid == DemoData.autoPayMID }).credentials)
        let refundable = try await wtid()
        let approved = try await house.approve(refundable)
        let tid = try #require(approved.body["tid"]?.string)
        let spare = try await house.authenticate(["api": "payreg/card"])["plain"]?["wpayToken"]?.string
        let spare2 = try await house.authenticate(["api": "payreg/card"])["plain"]?["wpayToken"]?.string
        var orders = [
            order("userinfo", ["ci": ci]), order("cst/apis/userinfo", ["ci": ci]),
            Order(row: "old/schMemRegInfo", values: ["mid": WPayDemonstration.mid, "ci": ci]),
            Order(row: "getBasicInfos", values: ["mid": WPayDemonstration.mid, "options": "UC:MQ"]),
            order("payinfos"), order("payinfo", card), order("cst/apis/payinfo", card.merging(["ci": ci]) { $1 }),
            order("setmaj", card), order("rlsmaj", card), order("setncnm", card.merging(["wpayTokenNcnm": "생활비 카드"]) { $1 }),
            order("billinginfos"),
        ]
        orders.append(Order(row: "payinfo/auto", values: member, final: ["wpayToken": signUpToken]))
        orders.append(
            Order(
                row: "autopay/payreqappl",
                values: [
                    "mid": DemoData.autoPayMID, "wpayUserKey": DemoData.userKey, "wtid": signUpID, "wpayToken": signUpToken,
                    "oid": "CHARGE-1",
                    "goodsName": "월 구독", "goodsPrice": "9900", "buyerName": "홍길동", "buyerTel": "010-1234-5678",
                ], keys: charger))
        orders.append(
            Order(
                row: "autopay/autopaycancel", values: ["mid": DemoData.autoPayMID, "wpayUserKey": DemoData.userKey, "wtid": signUpID],
                keys: charger))
        orders.append(order("cst/apis/autopaycancel", ["wtid": try #require(other?["wtid"]?.string)]))
        orders.append(order("payappl/card", ["wtid": try await wtid(), "tax": "90"]))
        orders.append(order("payappl/acct", ["wtid": try await wtid("payauth/acct")]))
        orders.append(order("old/payreqappl", ["wtid": try await wtid("old/payreqauth")]))
        orders.append(order("cst/apis/payreqappl", ["wtid": try await wtid("cst/u/payreqauth")]))
        for row in ["payreqapplcancel", "old/payreqapplcancel", "cst/apis/payreqapplcancel"] {
            orders.append(order(row, ["wtid": try await wtid(), "cancelMsg": "통신 오류 ~!*'()"]))
        }
        orders.append(
            Order(
                row: INIAPIRefund.route.name,
                values: [
                    "type": "Refund", "paymethod": "Card", "timestamp": "20260102030405", "clientIp": "203.0.113.7",
                    "mid": WPayDemonstration.mid,
                    "tid": tid, "msg": "고객 변심",
                ]))
        orders.append(order("cst/apis/payreqauth/otc", card.merging(["payMethod": "01"]) { $1 }))
        orders.append(order("cst/apis/directpayreg", ["cardRegKey": "REG-KEY-1", "bankCardCode": "14"]))
        orders.append(order("delpayinfo", ["wpayToken": try #require(spare)]))
        orders.append(order("cst/apis/delpayinfo", ["wpayToken": try #require(spare2)]))
        orders.append(
            Order(
                row: "cst/apis/memregci",
                values: [
                    "mid": WPayDemonstration.mid, "userId": "cst-user", "ci": "CI-OF-A-CST-USER", "userNm": "김철수", "hNum": "01099998888",
                    "birthDay": "19850505", "socialNo2": "1",
                ]))
        let joined = try await house.authenticate(["api": "memreg", "userId": "leaver", "userNm": "이영희"])["plain"]
        orders.append(
            Order(
                row: "cst/apis/memunreg",
                values: ["mid": WPayDemonstration.mid, "wpayUserKey": try #require(joined?["wpayUserKey"]?.string), "userId": "leaver"]))
        orders.append(order("memunreg", ["userId": DemoData.userID]))
        return orders
    }

    @Test("A card approval answers every member of the table, encrypted and encoded as it says")
    func approvalReply() async throws {
        let house = try await SandboxHouse()
        let wtid = try await house.wtid(["oid": "ORDER-77", "goodsName": "과일 상자", "goodsPrice": 12_000, "buyerEmail": "a@example.com"])
        let body = try await house.send("payappl/card", SandboxHouse.member.merging(["wtid": wtid, "tax": "1090"]) { $1 }).body
        let names = [
            "resultCode", "resultMsg", "mid", "wtid", "wpayUserKey", "wpayToken", "payMethod", "bankCardCode", "cardIsscoCode",
            "bankCardNo",
            "oid", "goodsName", "buyerName", "buyerTel", "buyerEmail", "cardQuota", "cardInterest", "tid", "applDate", "applNum",
            "applPrice",
            "memberNum", "applCardNum", "cardCheckFlag", "partCancelCode", "couponFlag", "couponDiscount", "goodsCnt", "goodsDetail",
            "cupDeposit",
        ]
        #expect(body.members?.names == names)
        #expect(body["applPrice"] == 12_000 && body["applNum"]?.integer != nil && body["wtid"]?.string == wtid)
        #expect(body["tid"]?.string?.count == 40 && body["applDate"]?.string == "20260101090000" && body["partCancelCode"] == "1")
        #expect(body["goodsName"]?.string == "%EA%B3%BC%EC%9D%BC+%EC%83%81%EC%9E%90" && body["buyerEmail"] == "a@example.com")
        let opened = try SandboxOracle.decrypted([
            try #require(body["wpayUserKey"]?.string), try #require(body["wpayToken"]?.string),
        ])
        #expect(opened == [DemoData.userKey, DemoData.cardToken])
        try await house.set(["json_u_fields": "plain"])
        let again = try await house.wtid(["goodsName": "과일 상자"])
        let plain = try await house.send("payappl/card", SandboxHouse.member.merging(["wtid": again]) { $1 }).body
        #expect(plain["goodsName"] == "과일 상자" && plain["resultMsg"] == "정상 처리되었습니다.")
    }

    @Test("An account approval answers with its cash receipt, cannot be refunded in part, and as a whole under INIAPI's own word")
    func accountApproval() async throws {
        let house = try await SandboxHouse()
        let wtid = try await house.wtid(["api": "payauth/acct", "goodsPrice": 11_000, "cshRecpSave": "Y", "cshRecpCode": "1"])
        let values = SandboxHouse.member.merging(["wtid": wtid]) { $1 }
        #expect(try await house.send("payappl/card", values).isRefusal("wtid.method"))
        let body = try await house.send("payappl/acct", values).body
        let names = [
            "resultCode", "resultMsg", "mid", "wtid", "wpayUserKey", "wpayToken", "payMethod", "bankCardCode", "bankCardNo", "oid",
            "goodsName",
            "buyerName", "buyerTel", "buyerEmail", "tid", "applDate", "applPrice", "cshrApplNum", "cshrResultCode", "cshrResultMsg",
            "cshrApplPrice", "cshrSupplyPrice", "cshrTax", "cshrServicePrice", "cshrType",
        ]
        #expect(body.members?.names == names)
        #expect(body["payMethod"] == "16" && body["applPrice"] == 11_000 && body["cshrType"] == "1")
        #expect(body["cshrSupplyPrice"] == "10000" && body["cshrTax"] == "1000" && (body["cshrApplNum"]?.integer ?? 0) > 0)
        let tid = try #require(body["tid"]?.string)
        let part = INIAPIRefund.Part(price: 1000, confirmPrice: 10_000)
        #expect(await house.refund(tid, part: part, method: "Acct").isRefusal("refund.partial-impossible", code: "01"))
        #expect(await house.refund(tid).isRefusal("refund.paymethod", code: "01"))
        #expect(await house.refund(tid, method: "Acct").code == "00")
    }

    @Test("The lists of means and sign-ups carry what the tables say, and options choose the lists of basic information")
    func lists() async throws {
        let house = try await SandboxHouse()
        let means = try await house.send("payinfos", SandboxHouse.member).body
        #expect(means["payListCnt"] == "2" && means["payList"]?.elements?.count == 2)
        let first = try #require(means["payList"]?[0])
        #expect(first["majYn"] == "Y" && first["bankCardNo"] == "557042******1074" && first["payMethod"] == "01")
        #expect(try SandboxOracle.decrypted([try #require(first["wpayToken"]?.string)]) == [DemoData.cardToken])
        let accounts = try await house.send("payinfos", SandboxHouse.member.merging(["payMethod": "16"]) { $1 }).body
        #expect(accounts["payListCnt"] == "1" && accounts["payList"]?[0]?["cardName"]?.string.flatMap(URLCodec.decode) == "국민은행")
        let signUp = try await house.authenticate(["api": "payauth/auto", "oid": "AUTO-9", "goodsPrice": 9900])
        let list = try await house.send("billinginfos", SandboxHouse.member).body["billingList"]
        #expect(list?[0]?["oid"] == "AUTO-9" && list?[0]?["status"] == "00" && list?[0]?["goodsPrice"] == "9900")
        #expect(list?[0]?["wpayToken"] == signUp["plain"]?["wpayToken"])
        let infos = try await house.send("getBasicInfos", ["mid": WPayDemonstration.mid, "options": "PK:BI"]).body["basicInfos"]
        #expect(infos?.members?.names == ["paymethodList", "bcissrcdList"] && infos?["paymethodList"]?[0]?["Code"] == "01")
        let all = try await house.send("getBasicInfos", ["mid": WPayDemonstration.mid]).body["basicInfos"]
        #expect(all?.members?.count == 7)
    }

    @Test("The signature must be there, of the right MID's key, lower-case and over the values as received")
    func front() async throws {
        let house = try await SandboxHouse()
        let second = try #require(DemoData.merchants(at: Timestamp(unixSeconds: 0)).first { $0.mid == DemoData.secondMID })
        let keys = try SandboxOracle.Keys(second.credentials)
        var values = SandboxHouse.member
        var orders = [SandboxOracle.Order(row: "userinfo", values: values, keys: keys)]
        for mistake in ["order", "label", "upper"] {
            orders.append(SandboxOracle.Order(row: "userinfo", values: values, mistake: mistake))
        }
        for call in try SandboxOracle.calls(orders) { #expect(await house.send(call).isRefusal("signature.mismatch")) }
        var unsigned = try SandboxOracle.calls([SandboxOracle.Order(row: "userinfo", values: values)])[0]
        unsigned.query = unsigned.query?.replacing(/&signature=[0-9a-f]+/, with: "")
        #expect(await house.send(unsigned).isRefusal("signature.missing"))
        try await house.set(["upper_case_signatures": true])
        let upper = try await house.send(orders[3])
        #expect(upper.code == "0000" && upper.verdict?.rule == "signature.upper-case" && upper.verdict?.kind == .warned)
        values["mid"] = "nobody"
        #expect(try await house.send("userinfo", values).isRefusal("mid.unknown"))
        values["mid"] = nil
        #expect(try await house.send("userinfo", values).isRefusal("mid.missing"))
        #expect(try await house.send("userinfo", ["mid": WPayDemonstration.mid]).isRefusal("field.missing"))
        let foreign = try await house.send("userinfo", ["mid": DemoData.secondMID, "wpayUserKey": DemoData.userKey], keys: keys)
        #expect(foreign.isRefusal("member.other-merchant"))
    }

    @Test("What cannot be decrypted, is too long or has the wrong form is refused by name, after the signature")
    func fields() async throws {
        let house = try await SandboxHouse()
        let member = SandboxHouse.member
        func refused(_ order: SandboxOracle.Order, _ rule: String, _ field: String) async throws {
            let judgement = try await house.send(order)
            #expect(
                judgement.isRefusal(rule) && judgement.verdict?.details["field"]?.string == field, "\(judgement.verdict?.json.text ?? "")")
        }
        let ciphertext = "SQvRwbGJb2rruRfMrUgHzVMSp7C8jyH59XwP7MVki0Q="
        let encrypted = SandboxOracle.Order(
            row: "userinfo", values: ["mid": WPayDemonstration.mid], final: ["wpayUserKey": ciphertext])
        try await refused(encrypted, "field.undecipherable", "wpayUserKey")
        let long = String(repeating: "9", count: 41)
        try await refused(.init(row: "payappl/card", values: member.merging(["wtid": long]) { $1 }), "field.length", "wtid")
        try await refused(.init(row: "payinfos", values: member.merging(["payMethod": "1"]) { $1 }), "field.value", "payMethod")
        try await refused(
            .init(row: "getBasicInfos", values: ["mid": WPayDemonstration.mid, "options": "XX"]), "field.value", "options")
        var twice = try SandboxOracle.calls([SandboxOracle.Order(row: "userinfo", values: member)])[0]
        twice.query = (twice.query ?? "") + "&ci="
        #expect(await house.send(twice).isRefusal("field.twice"))
        var json = try SandboxOracle.calls([
            SandboxOracle.Order(row: "payreqapplcancel", values: member.merging(["wtid": "W", "cancelMsg": "x"]) { $1 })
        ])[0]
        json.fields["Content-Type"] = "application/json"
        #expect(await house.send(json).isRefusal("body.content-type"))
        json.fields["Content-Type"] = "application/www-from-urldecoded-x; charset=utf-8"
        #expect(await house.send(json).isRefusal("wtid.unknown"))
        try await house.set(["misspelt_content_types": false])
        #expect(await house.send(json).isRefusal("body.content-type"))
    }

    @Test("Other encoders pass as they are, or only Java's by a setting; calls from other addresses are refused when there is a list")
    func strictness() async throws {
        let house = try await SandboxHouse()
        let text = "통신 오류 ~!*'()"
        // As JavaScript's encodeURIComponent writes it; from the protocol notes.
        let javaScript = "%ED%86%B5%EC%8B%A0%20%EC%98%A4%EB%A5%98%20~!*'()"
        var values = SandboxHouse.member
        values["wtid"] = try await house.wtid()
        let foreign = SandboxOracle.Order(row: "payreqapplcancel", values: values, final: ["cancelMsg": javaScript])
        #expect(try await house.send(foreign).code == "0000")
        try await house.set(["u_fields_hashed": "java"])
        #expect(try await house.send(foreign).isRefusal("signature.mismatch"))
        values["cancelMsg"] = text
        let java = SandboxOracle.Order(
            row: "payreqapplcancel", values: values, final: ["cancelMsg": "%ED%86%B5%EC%8B%A0+%EC%98%A4%EB%A5%98+%7E%21*%27%28%29"])
        #expect(try await house.send(java).code == "0000")
        // Encoded once where twice is right: the value arrives decoded, and is taken with a warning.
        try await house.set(["u_fields_hashed": .null])
        let once = SandboxOracle.Order(row: "payreqapplcancel", values: values, final: ["cancelMsg": text])
        #expect(try await house.send(once).verdict?.rule == "field.encoded-once")
        try await house.set(["server_ips": ["198.51.100.9"]])
        #expect(try await house.send(java).isRefusal("caller.address"))
        try await house.set(["server_ips": ["198.51.100.9", "127.0.0.1"]])
        #expect(try await house.send(java).code == "0000")
    }

    @Test("An & in a bare signed field passes, since nobody knows better, but with a warning")
    func ambiguity() async throws {
        let house = try await SandboxHouse(settings: ["pages": "approve"])
        let values = SandboxHouse.member.merging([
            "wpayToken": DemoData.cardToken, "oid": "A&B", "goodsName": "x", "goodsPrice": "100", "buyerName": "x", "buyerTel": "010",
            "cardQuota": "00", "returnUrl": "https://a.example/",
        ]) { $1 }
        #expect(try await house.send("payauth/card", values).verdict?.rule == "field.ambiguous")
        #expect(try await house.send("payauth/card", values.merging(["oid": "주문"]) { $1 }).verdict?.rule == "field.not-ascii")
    }

    @Test("A charge by JSON may have its product and buyer encoded or not, and the log says which")
    func charges() async throws {
        let house = try await SandboxHouse()
        let signUp = try await house.authenticate(["api": "payauth/auto"])["plain"]
        let charger = try SandboxOracle.Keys(
            #require(DemoData.merchants(at: Timestamp(unixSeconds: 0)).first { $0.mid == DemoData.autoPayMID }).credentials)
        func charge(_ oid: String, _ goods: String) async throws -> Judgement {
            try await house.send(
                "autopay/payreqappl",
                [
                    "mid": DemoData.autoPayMID, "wpayUserKey": DemoData.userKey, "wtid": signUp?["wtid"]?.string ?? "",
                    "wpayToken": signUp?["wpayToken"]?.string ?? "", "oid": oid, "goodsName": goods, "goodsPrice": "9900",
                    "buyerName": "홍길동", "buyerTel": "010-1234-5678",
                ], keys: charger)
        }
        let plain = try await charge("A", "월 구독")
        #expect(plain.code == "0000" && plain.verdict == nil)
        #expect(plain.body["mid"] == nil && plain.body["memberNum"] == nil && plain.body["tid"]?.string?.count == 40)
        let encoded = try await charge("B", URLCodec.encode("월 구독"))
        #expect(encoded.code == "0000" && encoded.verdict?.rule == "charge.encoded")
        #expect(encoded.body["goodsName"]?.string.flatMap(URLCodec.decode) == "월 구독")
        let again = try await charge("A", "월 구독")
        #expect(again.code == "0000" && again.verdict?.rule == "auto-pay.oid-repeated")
        #expect(again.body["tid"] != plain.body["tid"])
    }
}
