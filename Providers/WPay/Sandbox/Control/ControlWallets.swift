import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    // MARK: Merchants

    /// `merchants`: shows them with their keys, or makes one with keys of its own.
    func merchants() throws -> Answer {
        try only(.get, .post)
        guard call.method == .post else { return Answer(json: try records.describeMerchants()) }
        let wanted = try body(["mid", "name", "auto_pay_of"])
        let mid = try ControlDesk.text(wanted, "mid")
        if let mid {
            guard FieldFormats.isMID(mid) else {
                throw ControlDesk.wrong("mid", "영문자와 숫자 1–10자여야 합니다", "must be 1 to 10 letters and digits")
            }
        }
        var family: String?
        if let main = try ControlDesk.text(wanted, "auto_pay_of") {
            guard let merchant = try records.merchant(main), !merchant.isAutoPay else {
                throw ControlDesk.wrong(
                    "auto_pay_of", "이 테넌트의 일반 MID여야 합니다", "must be an MID of this tenant that is none for auto-pay itself")
            }
            family = merchant.mid
        }
        let name = try ControlDesk.text(wanted, "name") ?? mid ?? "상점"
        let merchant = Merchant.fresh(
            mid, tenant: tenant, name: name, family: family, isAutoPay: family != nil, now: now, environment.random)
        do {
            try records.add(merchant)
        } catch let error as StorageError where error.isDuplicate {
            throw ControlError(status: 409, message: BilingualText(korean: "이미 있는 MID입니다.", english: "The MID is taken."))
        }
        return Answer(status: 201, json: merchant.credentials)
    }

    // MARK: Members

    private static let personNames = ["userNm", "hNum", "hCorp", "birthDay", "socialNo2", "frnrYn"]

    /// `members`: shows them, or lets somebody join.
    func members() throws -> Answer {
        try only(.get, .post)
        guard call.method == .post else { return Answer(json: .array(try records.members(limit: try limit()).map(\.controlJSON))) }
        let wanted = try body(["mid", "userId", "ci", "pin"] + ControlDesk.personNames)
        let result = try operations(try merchant(wanted)).join(
            userID: try ControlDesk.text(wanted, "userId") ?? "user-\(environment.random.hexadecimal(4))",
            ci: try ControlDesk.text(wanted, "ci") ?? "", person: Person(try texts(wanted, ControlDesk.personNames)),
            pin: try ControlDesk.text(wanted, "pin") ?? DemoData.pin)
        guard let member = try records.member(result["wpayUserKey"]) else {
            throw ControlDesk.missing("없는 회원입니다.", "There is no such member.")
        }
        return Answer(status: result.code == .success ? 201 : 200, json: member.controlJSON)
    }

    private func texts(_ members: JSON.Members, _ names: [String]) throws -> JSON.Members {
        var texts = JSON.Members()
        for name in names { texts[name] = try ControlDesk.text(members, name).map { .string($0) } }
        return texts
    }

    /// `members/{wpayUserKey}`: shows one, or changes status and PIN.
    func member(_ userKey: String) throws -> Answer {
        try only(.get, .put)
        guard var member = try records.member(userKey) else {
            throw ControlDesk.missing("없는 wpayUserKey입니다.", "There is no such user key.")
        }
        if call.method == .put {
            let wanted = try body(["status", "pin"])
            if let code = try ControlDesk.text(wanted, "status") {
                guard let status = MemberStatus(rawValue: code), status != .unknown else {
                    throw ControlDesk.wrong("status", "00, 01, 02, 03 가운데 하나여야 합니다", "must be one of 00, 01, 02, 03")
                }
                member.status = status
                member.leftAt = status == .left ? now : nil
            }
            if let pin = try ControlDesk.text(wanted, "pin") { member.setPIN(try Operations.checked(pin)) }
            try records.save(member)
        }
        return Answer(json: member.controlJSON)
    }

    // MARK: Cards and accounts

    /// `means`: shows them, or registers one.
    func means() throws -> Answer {
        try only(.get, .post)
        guard call.method == .post else {
            let listed =
                try queried("wpayUserKey").map { try records.means(of: $0, withDeleted: true) } ?? records.means(limit: try limit())
            return Answer(json: .array(listed.map { $0.controlJSON(at: now) }))
        }
        let wanted = try body(["wpayUserKey", "payMethod", "number", "bankCardCode", "expiry", "wpayTokenNcnm", "checkFlg", "cardTypeFlg"])
        let userKey = try ControlDesk.text(wanted, "wpayUserKey") ?? records.members(limit: 1).first?.userKey ?? ""
        guard let member = try records.member(userKey), let merchant = try records.merchant(member.family) else {
            throw ControlDesk.missing("없는 wpayUserKey입니다.", "There is no such user key.")
        }
        let operations = try operations(merchant)
        let preset = ShopperEntry.preset(environment.random)
        let result: OperationResult
        if try ControlDesk.text(wanted, "payMethod") == PayMethod.account.rawValue {
            var entry = preset.account ?? AccountEntry(bank: "", number: "")
            entry.number = try ControlDesk.text(wanted, "number") ?? entry.number
            entry.bank = try ControlDesk.text(wanted, "bankCardCode") ?? entry.bank
            entry.nickname = try ControlDesk.text(wanted, "wpayTokenNcnm") ?? ""
            result = try operations.registerAccount(userKey, entry)
        } else {
            var entry = preset.card ?? CardEntry(number: "")
            entry.number = try ControlDesk.text(wanted, "number") ?? entry.number
            entry.company = try ControlDesk.text(wanted, "bankCardCode") ?? entry.company
            entry.nickname = try ControlDesk.text(wanted, "wpayTokenNcnm") ?? ""
            entry.checkFlag = try ControlDesk.text(wanted, "checkFlg") ?? entry.checkFlag
            entry.ownerFlag = try ControlDesk.text(wanted, "cardTypeFlg") ?? entry.ownerFlag
            if let expiry = try ControlDesk.text(wanted, "expiry") { try entry.setExpiry(expiry) }
            result = try operations.registerCard(userKey, entry)
        }
        guard let means = try records.means(result["wpayToken"]) else {
            throw ControlDesk.missing("없는 wpayToken입니다.", "There is no such token.")
        }
        return Answer(status: result.code == .success ? 201 : 200, json: means.controlJSON(at: now))
    }

    /// `means/{wpayToken}`: shows one, or changes its status.
    func means(_ token: String) throws -> Answer {
        try only(.get, .put)
        guard var means = try records.means(token) else { throw ControlDesk.missing("없는 wpayToken입니다.", "There is no such token.") }
        if call.method == .put {
            guard let status = try ControlDesk.text(try body(["status"]), "status").flatMap(MeansStatus.init), status != .unknown else {
                throw ControlDesk.wrong("status", "00, 01, 02 가운데 하나여야 합니다", "must be one of 00, 01, 02")
            }
            means.status = status
            if status == .deleted { means.isMain = false }
            try records.save(means)
        }
        return Answer(json: means.controlJSON(at: now))
    }
}

extension CardEntry {
    /// Reads `YYYY-MM`.
    fileprivate mutating func setExpiry(_ text: String) throws(ControlError) {
        let parts = text.split(separator: "-").map { Int($0) }
        guard parts.count == 2, let year = parts[0], let month = parts[1], (2000...2099).contains(year), (1...12).contains(month) else {
            throw ControlDesk.wrong("expiry", "2030-12처럼 YYYY-MM이어야 합니다", "must be written YYYY-MM, such as 2030-12")
        }
        expiryYear = year
        expiryMonth = month
    }
}
