import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPay: the Swift client's pages, callbacks and calls")
struct ClientTests {
    private let userKey = WPayUserKey("WP202601010000000001")
    private let token = WPayToken("TK202601010000000002")
    private let order = WPayOrder(id: "ORDER-1", goodsName: "사과 <1kg>", price: 1000, buyerName: "홍길동", buyerTel: "010-1234-5678")

    /// The form's fields, checked against the builder fed with plain values by name.
    private func expect(_ page: some WPayPage, _ api: String, _ plain: [String: String]) throws {
        let shop = try ClientShop()
        let form = try shop.client.form(for: page)
        let row = try #require(WPayTables.api(identifier: api))
        #expect(form.action == "https://stgwpaystd.inicis.com/stdwpay/std/u/v1/" + api)
        let expected = try WPayRequestBuilder(shop.keys).build(
            row, plain: plain.map { ($0.key, $0.value) } + [("mid", WPayDemonstration.mid)])
        #expect(form.fields.map { [$0.name, $0.value] } == expected.fields.map { [$0.name, $0.value] }, "\(api)")
    }

    @Test("Every page gives the form that its API asks for")
    func pages() throws {
        let (key, means, back) = ("WP202601010000000001", "TK202601010000000002", "https://shop.example/r?a=1&b=2")
        let goods = ["oid": "ORDER-1", "goodsName": "사과 <1kg>", "goodsPrice": "1000"]
        let buyer = ["buyerName": "홍길동", "buyerTel": "010-1234-5678"]
        try expect(
            JoinPage(
                userID: "test01", returnURL: back, consentName: "약관", consentURL: "https://shop.example/t", identity: "CI", name: "홍길동",
                phone: "01012345678", phoneCarrier: "SKT", birthDay: "19900101", residentDigit: "1", isForeigner: false,
                readOnlyFields: "userNm",
                appearance: WPayAppearance(styleSheetURL: "https://a/c", textURL: "https://a/t", title: "상점", iconURL: "i")),
            "memreg",
            [
                "userId": "test01", "returnUrl": back, "agreePayNm": "약관", "agreeUrl": "https://shop.example/t", "ci": "CI",
                "userNm": "홍길동",
                "hNum": "01012345678", "hCorp": "SKT", "birthDay": "19900101", "socialNo2": "1", "frnrYn": "N", "optReadOnly": "userNm",
                "resetCssUrl": "https://a/c", "resetTextUrl": "https://a/t", "customTitle": "상점", "customShortcutUrl": "i",
            ])
        try expect(PINPage(.check, userKey: userKey, returnURL: back), "pinno/auth", ["wpayUserKey": key, "returnUrl": back])
        try expect(
            PINPage(.change, userKey: userKey, returnURL: back, identity: "CI"), "pinno/reset",
            ["wpayUserKey": key, "returnUrl": back, "ci": "CI"])
        try expect(MyPage(userKey: userKey, returnURL: back), "mypage", ["wpayUserKey": key, "returnUrl": back])
        try expect(RegistrationPage(.card, userKey: userKey, returnURL: back), "payreg/card", ["wpayUserKey": key, "returnUrl": back])
        try expect(RegistrationPage(.account(), userKey: userKey, returnURL: back), "payreg/acct", ["wpayUserKey": key, "returnUrl": back])
        try expect(
            RegistrationPage(.account(.number(digits: 3)), userKey: userKey, returnURL: back), "payreg/acct",
            ["wpayUserKey": key, "returnUrl": back, "arsVersion": "2", "authNoLength": "3"])
        try expect(
            RegistrationPage(.cardWithBillingKey(mid: "INIbillTST", remainingMonths: 6), userKey: userKey, returnURL: back),
            "payreg/card-billkey", ["wpayUserKey": key, "returnUrl": back, "iniBillKeyiMid": "INIbillTST", "expireDate": "6"])
        try expect(
            CardPayment(
                userKey: userKey, token: token, order: order, returnURL: back, isInterestFree: true, couponCode: "C1", cardCode: "06",
                asksForPIN: true, usesPoints: false),
            "payauth/card",
            goods.merging(buyer) { $1 }.merging([
                "wpayUserKey": key, "wpayToken": means, "payMethod": "01", "bankCardCode": "06", "cardQuota": "00", "cardInterest": "Y",
                "couponCode": "C1", "flagPin": "Y", "flagCardPoint": "N", "returnUrl": back,
            ]) { $1 })
        try expect(
            AccountPayment(
                userKey: userKey, token: token, bankCode: "04", order: order, returnURL: back, cashReceipt: (.expenseProof, "1234567890")),
            "payauth/acct",
            goods.merging(buyer) { $1 }.merging([
                "wpayUserKey": key, "wpayToken": means, "payMethod": "16", "bankCardCode": "04", "returnUrl": back, "cshRecpSave": "Y",
                "cshRecpCode": "2", "cshRecpInfo": "1234567890",
            ]) { $1 })
        try expect(
            WindowPayment(userKey: userKey, order: order, returnURL: back, phoneCheck: .birthDay), "payauth/stdMain",
            goods.merging(buyer) { $1 }.merging(["wpayUserKey": key, "returnUrl": back, "arsVersion": "1"]) { $1 })
        let signUp = AutoPayPage(
            userKey: userKey, token: token, autoPayMid: "INIwpayT04", orderID: "ORDER-1", goodsName: "사과 <1kg>", price: 1000,
            returnURL: back,
            companyCode: "06", remainingMonths: 3)
        let common = goods.merging(["wpayUserKey": key, "returnUrl": back, "billkeyAppFlag": "Y", "cardExpDate": "3"]) { $1 }
        try expect(signUp, "payauth/auto", common.merging(["wpayToken": means, "bankCardCode": "06"]) { $1 })
        var window = signUp
        window.token = nil
        try expect(window, "payauth/auto/stdMain", common.merging(["nMid": "INIwpayT04"]) { $1 })
        window.buyerEmail = "a@b.example"
        let mail = ["nMid": "INIwpayT04", "emailUseFlag": "Y", "buyerEmail": "a@b.example"]
        try expect(window, "payauth/auto/stdMain", common.merging(mail) { $1 })
        try expect(
            MyPage(userKey: userKey, returnURL: back, phoneCheck: .birthDay), "mypage",
            ["wpayUserKey": key, "returnUrl": back, "arsVersion": "1"])
    }

    @Test("A form's HTML escapes what it holds, and a page that cannot be signed says which field")
    func html() async throws {
        let shop = try ClientShop()
        let form = WPayForm(action: "https://a/?b=1&c=\"", fields: [("n\"><script>", "v<&>\"'")])
        let html = form.html(id: "pay\"x")
        #expect(html.contains("action=\"https://a/?b=1&amp;c=&quot;\"") && html.contains("id=\"payx\""))
        #expect(html.contains("name=\"n&quot;&gt;&lt;script&gt;\" value=\"v&lt;&amp;&gt;&quot;'\""))
        #expect(!html.contains("<script"))
        var odd = order
        odd.id = "A&B"
        let error = await wpayError { () throws(WPayError) in
            try shop.client.form(for: CardPayment(userKey: userKey, token: token, order: odd, returnURL: "https://shop.example"))
        }
        #expect(error?.code == .invalidRequest && error?.outcome == .notSent && error?.message.english.contains("oid") == true)
    }

    @Test("Joining and registering again are successes of their own, with the key and the token")
    func alreadyThere() throws {
        let shop = try ClientShop()
        let (key, token) = (try shop.keys.seed.encrypt("WP1"), try shop.keys.seed.encrypt("TK1"))
        for (code, was) in [("0000", false), ("2006", true)] {
            let body = shop.callback(
                ["resultCode": code, "mid": shop.client.mid, "wtid": "W", "wpayUserKey": key], of: JoinPage.api)
            guard case .success(let member) = try shop.client.joined(callback: body) else {
                Issue.record("must be a success")
                continue
            }
            #expect(member.wasAlreadyMember == was && member.userKey == WPayUserKey(received: FinalValue(received: key)))
            #expect(member.wtid == "W")
        }
        for (code, was) in [("000000", false), ("7028", true)] {
            let body = shop.callback(
                [
                    "resultCode": code, "mid": shop.client.mid, "wpayToken": token, "cardName": "BC%EC%B9%B4%EB%93%9C",
                    "bankCardNo": "5570",
                ],
                of: RegistrationPage.cardAPI)
            guard case .success(let means) = try shop.client.registered(callback: body, of: RegistrationPage.cardAPI) else {
                Issue.record("must be a success")
                continue
            }
            #expect(means.wasAlreadyRegistered == was && means.name == "BC카드" && means.number?.text == "5570")
        }
    }

    @Test("Signed failures carry WPAY's words, unsigned ones nothing, forged ones and ones that lack their key are errors")
    func failures() throws {
        let shop = try ClientShop()
        let refused = shop.callback(
            ["resultCode": "9999", "resultMsg": "%EC%98%A4%EB%A5%98", "mid": shop.client.mid], of: JoinPage.api)
        guard case .failure(let code, let message) = try shop.client.joined(callback: refused) else {
            Issue.record("must be a failure")
            return
        }
        #expect(code == .anyError && message == "오류")
        guard case .unverifiedFailure("9999") = try shop.client.joined(callback: Array("resultCode=9999".utf8)) else {
            Issue.record("must be unverified")
            return
        }
        let bodies: [(code: WPayCallbackError.Code, body: [UInt8])] = [
            (.signatureMissing, Array("resultCode=0000&mid=INIwpayT03".utf8)),
            (.incomplete, shop.callback(["resultCode": "0000", "mid": shop.client.mid], of: JoinPage.api)),
            (.otherMerchant, shop.callback(["resultCode": "0000", "mid": "INIwpayT99"], of: JoinPage.api)),
            (.signatureMismatch, shop.callback(["resultCode": "0000", "mid": shop.client.mid], of: PINPage.checkAPI)),
            (.unreadable, Array("a=%zz".utf8)),
        ]
        for (code, body) in bodies {
            let error = #expect(throws: WPayCallbackError.self) { try shop.client.joined(callback: body) }
            #expect(error?.code == code)
        }
    }

    @Test("Auto-pay's callback keeps the token as it came, PIN and my page bring the member")
    func otherCallbacks() throws {
        let shop = try ClientShop()
        let signUp = shop.callback(
            [
                "resultCode": "0000", "mid": shop.client.mid, "wtid": "W", "oid": "O", "wpayToken": "opaque+/==", "wpayDomain": "x",
                "wpayUserKey": try shop.keys.seed.encrypt("WP1"), "bankCardCode": "06",
            ], of: AutoPayPage.api)
        guard case .success(let autoPay) = try shop.client.autoPaySignedUp(callback: signUp, of: AutoPayPage.api) else {
            Issue.record("must be a success")
            return
        }
        #expect(autoPay.token.text == "opaque+/==" && autoPay.wtid == "W" && autoPay.companyCode == "06")
        for api in [PINPage.checkAPI, PINPage.changeAPI, MyPage.api] {
            let body = shop.callback(
                ["resultCode": "0000", "mid": shop.client.mid, "wpayUserKey": try shop.keys.seed.encrypt("WP1")], of: api)
            guard case .success(let member) = try shop.client.confirmed(callback: body, of: api) else {
                Issue.record("must be a success")
                continue
            }
            #expect(member.userKey != nil)
        }
    }

    @Test("Whatever is printed shows no person and no key")
    func printing() throws {
        let shop = try ClientShop()
        let page = JoinPage(
            userID: "hush-user", returnURL: "https://shop.example", consentName: "약관", consentURL: "https://shop.example/t", name: "홍길동",
            phone: "01012345678", birthDay: "19900101")
        let receipt = AccountPayment(
            userKey: userKey, token: token, bankCode: "04", order: order, returnURL: "r", cashReceipt: (.incomeDeduction, "01012345678"))
        var dumped = ""
        dump(page, to: &dumped)
        dump(receipt, to: &dumped)
        dump(try shop.authentication(), to: &dumped)
        dump(shop.client, to: &dumped)
        for text in ["\(page)", "\(receipt)", "\(try shop.authentication())", dumped, "\(try shop.client.form(for: page))"] {
            for secret in ["hush-user", "홍길동", "0101234", "010-1234", "19900101", "WP2026", "TK2026", WPayDemonstration.hashKey] {
                #expect(!text.contains(secret), "\(secret)")
            }
        }
    }
}
