import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

extension ControlDesk {
    /// `partners` and what hangs below it.
    func partners(_ rest: [String]) throws -> Answer? {
        if rest.isEmpty {
            try only(.get, .post)
            return call.method == .get ? Answer(try records.describePartners()) : try makePartner()
        }
        guard var partner = try records.partner(rest[0]) else {
            throw ControlDesk.missing("없는 partner_id입니다.", "There is no such partner_id.")
        }
        switch (rest.count, rest.count > 1 ? rest[1] : "") {
        case (1, _):
            try only(.get, .put)
            if call.method == .put {
                try partner.change(.object(try body(["name", "callback_url", "allow_list", "access_id", "secret_key"])))
                try records.save(partner)
            }
        case (2, "reissue-secret"):
            try only(.post)
            partner.formerSecret = partner.secret
            partner.secret = Secret(environment.random.hexadecimal(16))
            try records.save(partner)
        default: return nil
        }
        return Answer(try records.describe(partner))
    }

    /// A further partner with credentials of its own.
    private func makePartner() throws -> Answer {
        let members = try body(["partner_id", "name", "callback_url", "allow_list", "access_id", "secret_key"])
        var partner = try Partner.fresh(tenant, now: now, records.connection, environment.random)
        if let wanted = members["partner_id"] {
            guard let id = wanted.string ?? wanted.integer.map({ String($0) }), (1...20).contains(id.utf8.count),
                id.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else {
                throw ControlError(
                    message: BilingualText(
                        korean: "partner_id는 20자리 이하의 숫자여야 합니다.", english: "partner_id must be a number of at most 20 digits."))
            }
            partner.id = id
        }
        var wishes = members
        wishes["partner_id"] = nil
        try partner.change(.object(wishes))
        do {
            try records.make(partner, now: now, environment.random)
        } catch let error as StorageError where error.isDuplicate {
            throw ControlDesk.conflict("이미 있는 partner_id입니다.", "The partner_id is taken.")
        }
        return Answer(reply: Reply(status: 201, json: try records.describe(partner)))
    }
}

extension Partner {
    /// A partner with fresh credentials; the demo tenant's first has those of the published samples.
    static func fresh(_ tenant: TenantID, now: Timestamp, _ connection: Connection, _ random: any RandomSource) throws -> Partner {
        let isDemo = try tenant == .demo && Partner.find(SentbeDemonstration.partnerID, connection) == nil
        if isDemo {
            return Partner(
                id: SentbeDemonstration.partnerID, tenant: tenant, name: "demo", accessID: SentbeDemonstration.accessID,
                secret: Secret(SentbeDemonstration.secretKey), createdAt: now)
        }
        // Partner ids tell tenants apart, so they are drawn from a range in which nobody meets another by chance.
        return Partner(
            id: String(1_000_000_000 + random.number(below: 9_000_000_000)), tenant: tenant, name: "sentbe",
            accessID: "access_" + random.hexadecimal(8), secret: Secret(random.hexadecimal(16)), createdAt: now)
    }

    /// Takes `name`, `callback_url`, `allow_list`, `access_id` and `secret_key`, as far as they are there; null takes the address away.
    ///
    /// - Throws: ``ControlError`` that names the member.
    mutating func change(_ json: JSON) throws(ControlError) {
        if let wanted = json["name"]?.string, !wanted.isEmpty { name = String(wanted.prefix(100)) }
        if let wanted = json["callback_url"] {
            guard wanted.isNull || wanted.string.flatMap(CallbackTarget.init) != nil else {
                throw ControlError(
                    message: BilingualText(
                        korean: "callback_url은 http:// 또는 https:// 주소이거나 null이어야 합니다.",
                        english: "callback_url must be an http:// or https:// address, or null."))
            }
            callbackURL = wanted.string
        }
        if let wanted = json["allow_list"] {
            guard let list = try? AllowList(wanted) else {
                throw ControlError(
                    message: BilingualText(
                        korean: "allow_list는 \"all\"이거나 IPv4·IPv6 주소와 CIDR 범위의 배열이어야 합니다.",
                        english: "allow_list must be \"all\", or an array of IPv4 or IPv6 addresses and CIDR ranges."))
            }
            allowList = list
        }
        if let wanted = json["access_id"] { accessID = try Partner.credential(wanted, "access_id") }
        if let wanted = json["secret_key"] {
            let text = try Partner.credential(wanted, "secret_key")
            if !secret.equals(Array(text.utf8)) {
                formerSecret = secret
                secret = Secret(text)
            }
        }
    }

    private static func credential(_ json: JSON, _ name: String) throws(ControlError) -> String {
        guard let text = json.string, (1...200).contains(text.utf8.count),
            name == "secret_key" || text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw ControlError(
                message: BilingualText(
                    korean: "\(name)은(는) 200바이트 이하의 문자열이어야 합니다(access_id는 공백 없는 ASCII).",
                    english: "\(name) must be a text of at most 200 bytes (access_id: ASCII without spaces)."))
        }
        return text
    }
}

extension Records {
    /// Adds a partner with its first data of every part.
    func make(_ partner: Partner, now: Timestamp, _ random: any RandomSource) throws {
        try add(partner)
        for part in SandboxParts.all { try part.makeData(self, partner, now, random) }
    }

    /// The partners as the control API shows them; the first one's credentials also on top.
    func describePartners() throws -> JSON {
        let described = try partners().map { try describe($0) }
        var members: JSON.Members = [:]
        if let first = described.first {
            for name in ["partner_id", "access_id", "secret_key"] { members[name] = first[name] }
        }
        members["partners"] = .array(described)
        return .object(members)
    }

    func describe(_ partner: Partner) throws -> JSON {
        var members: JSON.Members = [
            "partner_id": .string(partner.id), "access_id": .string(partner.accessID),
            "secret_key": partner.secret.withText { .string($0) }, "name": .string(partner.name), "allow_list": partner.allowList.json,
            "callback_url": .optional(partner.callbackURL), "created_at": .optional(partner.createdAt),
        ]
        for part in SandboxParts.all {
            let more = try part.describe(self, partner)
            for name in more.names { members[name] = more[name] }
        }
        return .object(members)
    }
}
