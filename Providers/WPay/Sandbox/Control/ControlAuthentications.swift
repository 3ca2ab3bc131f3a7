import Base
import ProviderKit
import SandboxKit
import Transport
import WPay

extension ControlDesk {
    /// Members of the body that are no fields of the page.
    private static let own = ["api", "outcome", "deliver", "pin", "card_number", "account_number"]

    /// `authentications`: goes through any page without a browser and without a signature, and gives the signed form that the browser would post to the merchant.
    ///
    /// Everything has a default: a card payment of 1,000 won by the tenant's newest member with the main card.
    func authentication() throws -> Answer {
        try only(.post)
        let wanted = try body()
        let name = try ControlDesk.text(wanted, "api") ?? "payauth/card"
        guard let api = WPayTables.api(identifier: name), api.isPage else {
            let known = WPayTables.all.filter(\.isPage).map(\.identifier).joined(separator: ", ")
            throw ControlDesk.wrong("api", "페이지 이름이어야 합니다: \(known)", "must be the name of a page: \(known)")
        }
        let unknown = wanted.names.filter { name in !ControlDesk.own.contains(name) && api.requestField(name) == nil }
        guard unknown.isEmpty else {
            let names = unknown.joined(separator: ", ")
            let list = (ControlDesk.own + api.request.map(\.name)).joined(separator: ", ")
            throw ControlError(
                message: BilingualText(
                    korean: "\(api.identifier)에 없는 항목입니다: \(names). 쓸 수 있는 이름: \(list)",
                    english: "\(api.identifier) has no members \(names). It has: \(list)"))
        }
        guard let mode = PageMode(rawValue: try ControlDesk.text(wanted, "outcome") ?? PageMode.approve.rawValue), mode != .interactive
        else {
            throw ControlDesk.wrong("outcome", "approve, fail, cancel 가운데 하나여야 합니다", "must be one of approve, fail, cancel")
        }
        let merchant = try merchant(wanted)
        let operations = try operations(merchant)
        let keys = try merchant.keys()
        let fields = try fields(of: api, wanted, merchant, keys, operations)
        try FieldFormats.check(fields, api, operations.settings)
        let admission = Admission(
            api: api, merchant: merchant, keys: keys, settings: operations.settings, now: now, fields: fields)
        let result = try operations.outcome(mode, admission, try entry(wanted))
        let callback = try ReplyWriter(api: api, settings: operations.settings).callback(result, to: admission.returnAddress, keys)
        var members = callback.json.members ?? [:]
        members["api"] = .string(api.identifier)
        members["plain"] = .object(plain(result, api))
        return Answer(
            status: 201, json: .object(members), scheduleChanged: true,
            posting: wanted["deliver"]?.boolean == true ? callback : nil)
    }

    /// What came of it before it was encrypted and encoded.
    private func plain(_ result: OperationResult, _ api: WPayAPI) -> JSON.Members {
        var members = JSON.Members()
        for field in api.reply where result.values[field.name] != nil { members[field.name] = result.values[field.name] }
        return members
    }

    /// The page's fields: what the body says, else what makes sense. A user key or token may also be given encrypted, as a callback had it.
    private func fields(
        of api: WPayAPI, _ wanted: JSON.Members, _ merchant: Merchant, _ keys: WPayKeys, _ operations: Operations
    ) throws -> [String: String] {
        var fields: [String: String] = [:]
        for field in api.request {
            guard var value = try ControlDesk.text(wanted, field.name) else { continue }
            if ["wpayUserKey", "wpayToken"].contains(field.name), value.utf8.count > 20 { value = keys.seed.decrypt(value) ?? value }
            fields[field.name] = value
        }
        fields["mid"] = merchant.mid
        func preset(_ name: String, _ value: @autoclosure () throws -> String?) throws {
            guard fields[name] == nil, api.requestField(name) != nil, let value = try value() else { return }
            fields[name] = value
        }
        try preset("userId", "user-\(environment.random.hexadecimal(4))")
        try preset("wpayUserKey", try records.members(limit: 1000).first { $0.family == merchant.family && $0.status == .normal }?.userKey)
        try preset("oid", "ORDER-\(environment.random.hexadecimal(5))")
        try preset("goodsName", "테스트 상품")
        try preset("goodsPrice", "1000")
        try preset("buyerName", "홍길동")
        try preset("buyerTel", "010-1234-5678")
        try preset("cardQuota", "00")
        try preset("billkeyAppFlag", "Y")
        try preset("returnUrl", "http://127.0.0.1:3000/return")
        try preset("cancelReturnUrl", "http://127.0.0.1:3000/return")
        try preset("nMid", try records.merchants().first { $0.family == merchant.family && $0.isAutoPay }?.mid)
        let userKey = fields["wpayUserKey"] ?? ""
        let isAccount = api.name == "payauth/acct"
        try preset(
            "wpayToken",
            try isAccount
                ? records.means(of: userKey).first { $0.method == .account && $0.status == .normal }?.token
                : operations.presetMeans(of: userKey)?.token)
        return fields
    }

    private func entry(_ wanted: JSON.Members) throws -> ShopperEntry {
        var entry = ShopperEntry.preset(environment.random)
        entry.pin = try ControlDesk.text(wanted, "pin") ?? entry.pin
        if let number = try ControlDesk.text(wanted, "card_number") { entry.card?.number = number }
        if let number = try ControlDesk.text(wanted, "account_number") { entry.account?.number = number }
        return entry
    }
}
