import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

extension SeenPage {
    /// The form that goes back to the merchant.
    var callback: Form? { forms.first { $0.fields.contains { $0.name == "resultCode" } } }
}

extension SandboxHouse {
    /// The address that a shown page's buttons lead to.
    static func action(_ judgement: Judgement) throws -> String {
        let found = judgement.text.firstMatch(of: /action="(\/wpay)?(\/sandbox\/visit\/[0-9a-f]{64})"/)
        return String(try #require(found?.output.2, "no page: \(judgement.verdict?.json.text ?? "") \(judgement.text.suffix(800))"))
    }

    /// Presses a button of a shown page, with what was typed in.
    func press(_ press: String, on page: Judgement, _ entries: [String: String] = [:]) async throws -> Judgement {
        try await self.press(press, at: try SandboxHouse.action(page), entries)
    }

    func press(_ press: String, at action: String, _ entries: [String: String] = [:]) async throws -> Judgement {
        let pairs = entries.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) } + [("press", press)]
        return await send(
            Call(
                method: .post, path: action, fields: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(FormText.encode(pairs).utf8)))
    }

    /// A form of a page of the demo member's, with a card payment's fields where the page takes them.
    static func order(_ row: String, _ more: [String: String] = [:], mistake: String = "") throws -> SandboxOracle.Order {
        let api = try #require(WPayTables.api(identifier: row))
        let all = member.merging([
            "userId": "visitor-\(api.product.rawValue)-\(api.name.utf8.count)", "userNm": "박방문", "hNum": "01011112222", "hCorp": "KTF",
            "birthDay": "19910203", "agreePayNm": "상점 약관",
            "agreeUrl": "https://shop.example/terms", "wpayToken": api.name == "payauth/acct" ? DemoData.accountToken : DemoData.cardToken,
            "oid": "ORDER-7", "goodsName": "과일 & 상자", "goodsPrice": "5000", "buyerName": "홍길동", "buyerTel": "010-1234-5678",
            "cardQuota": "00", "billkeyAppFlag": "Y", "nMid": DemoData.autoPayMID, "iniBillKeyiMid": WPayDemonstration.mid,
            "returnUrl": "https://shop.example/return?id=5", "cancelReturnUrl": "https://shop.example/bye?a=1",
        ]) { $1 }.filter { api.requestField($0.key) != nil }
        var values = all.merging(more) { $1 }
        if api.name == "payauth/acct" { values["bankCardCode"] = "04" }
        return SandboxOracle.Order(row: row, values: values, mistake: mistake)
    }

    /// Opens a page with a form of the project's own builder: quicker than the oracle, whose turn is in SandboxPageTests.
    func open(_ row: String, _ more: [String: String] = [:]) async throws -> Judgement {
        await send(try SandboxHouse.call(row, try SandboxHouse.order(row, more).values))
    }

    /// What a shopper types in on a page so that it goes through.
    static func entries(_ row: String, number: Int = 0) throws -> [String: String] {
        let api = try #require(WPayTables.api(identifier: row))
        switch PageKind(api, [:]) {
        case .join:
            return [
                "name": "박방문", "phone": "010-1111-2222", "carrier": "KTF", "birth": "19910203", "new-pin": "246810",
                "new-pin-again": "246810", "agreed": "Y",
            ]
        case .pinChange: return ["pin": DemoData.pin, "new-pin": DemoData.pin, "new-pin-again": DemoData.pin]
        case .registerCard: return ["company": "06", "number": "9410 0000 0000 \(1000 + number)", "expiry": "12/30", "nickname": "내 카드"]
        case .registerAccount: return ["company": "88", "number": "110-000-00\(1000 + number)"]
        default: return ["pin": DemoData.pin]
        }
    }
}
