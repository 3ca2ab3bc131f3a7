import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

extension ControlDesk {
    /// What hangs below `generation2`; nothing when the path is none of it.
    func generation2(_ segments: [String]) throws -> Answer? {
        guard segments.first == "generation2", segments.count > 1 else { return nil }
        let rest = Array(segments.dropFirst(2))
        switch (segments[1], rest.count) {
        case ("partners", 0):
            try only(.get)
            return Answer(.array(try records.generation2Keys().map { described($0) }))
        case ("partners", 1...2): return try generation2Partner(rest)
        case ("users", 0):
            try only(.get, .post)
            if call.method == .post { return try makeGeneration2Customer() }
            return Answer(.array(try records.generation2Users(limit: try limit()).map(\.controlJSON)))
        case ("users", 2): return try generation2User(rest)
        case ("transfers", 0):
            try only(.get)
            return Answer(.array(try records.generation2Transfers(user: nil, limit: try limit()).map(\.controlJSON)))
        default: return nil
        }
    }

    private func described(_ keys: Generation2Keys) -> JSON {
        var members = keys.controlJSON.members ?? [:]
        members["partner_id"] = .string(keys.partner)
        return .object(members)
    }

    private func generation2Partner(_ rest: [String]) throws -> Answer? {
        guard var keys = try records.generation2Keys(of: rest[0]) else {
            throw ControlDesk.missing("없는 partner_id입니다.", "There is no such partner_id.")
        }
        if rest.count == 2 {
            guard rest[1] == "reissue-secrets" else { return nil }
            try only(.post)
            let fresh = Generation2Keys.fresh(keys.partner, environment.random)
            keys.formerSecret = keys.hmacSecret
            keys.hmacSecret = fresh.hmacSecret
            keys.dataSecret = fresh.dataSecret
        } else {
            try only(.get, .put)
            if call.method == .put, let url = try body(["url"])["url"] {
                guard url.isNull || url.string.map({ CallbackTarget($0) != nil && !$0.contains("?") }) ?? false else {
                    throw ControlError(
                        message: BilingualText(
                            korean: "url은 쿼리 없는 http:// 또는 https:// 주소이거나 null이어야 합니다.",
                            english: "url must be an http:// or https:// address without a query, or null."))
                }
                keys.url = url.string
            }
        }
        try records.save(keys)
        return Answer(described(keys))
    }

    private func generation2User(_ rest: [String]) throws -> Answer? {
        guard let id = Int64(rest[0]), var user = try records.generation2User(id) else {
            throw ControlDesk.missing("없는 사용자입니다.", "There is no such user.")
        }
        guard rest[1] == "verify" || rest[1] == "unverify" else { return nil }
        try only(.post)
        user.isVerified = rest[1] == "verify"
        try records.save(user)
        return Answer(user.controlJSON)
    }

    /// Somebody who is a customer of Sentbe already and nobody's user.
    private func makeGeneration2Customer() throws -> Answer {
        let members = try body(["id_number", "first_name", "last_name", "phone_number"])
        guard let number = members["id_number"]?.string, (5...20).contains(number.utf8.count) else {
            throw ControlError(
                message: BilingualText(korean: "id_number는 5–20자의 문자열이어야 합니다.", english: "id_number must be a text of 5 to 20 characters."))
        }
        let identity = Generation2User.identity(number)
        guard try records.generation2User(identity: identity) == nil else {
            throw ControlDesk.conflict("id_number가 같은 사람이 이미 있습니다.", "There is a person of that id_number already.")
        }
        func text(_ name: String, _ standard: String) -> JSON { .string(members[name]?.string ?? standard) }
        let user = Generation2User(
            id: try records.nextGeneration2User(), partner: nil, identity: identity,
            person: [
                "phone": ["iso": "KR", "number": text("phone_number", "01055500399")],
                "user_name": ["first": text("first_name", "Jose"), "middle": "", "last": text("last_name", "Garcia")],
            ], verificationID: String(10 + environment.random.number(below: 90)),
            code: CodeCheck.newCode(environment.random, fixed: settings[OutboundSettings.fixedCode]), createdAt: now)
        try records.save(user)
        return Answer(reply: Reply(status: 201, json: user.controlJSON))
    }
}

extension Generation2User {
    /// The user as the control API shows it.
    fileprivate var controlJSON: JSON {
        [
            "user_id": .string(String(id)), "partner_id": .optional(partner), "verified": .boolean(isVerified),
            "verification_id": .string(verificationID), "verification_code": .string(code), "created_at": .optional(createdAt),
            "person": .object(person),
        ]
    }
}

extension Generation2Transfer {
    /// The transfer as the control API shows it.
    fileprivate var controlJSON: JSON {
        [
            "tr_id": .string(id), "partner_id": .string(partner), "user_id": .string(String(userID)), "from_amount": .number(fromAmount),
            "transfer_fee": .number(fee), "withdrawal_amount": .number(withdrawal), "to_amount": toAmount.json,
            "to_currency": .string(currency), "base_rate": .string(rate.text), "status": .string(status.rawValue), "tr_no": .optional(trNo),
            "created_at": .optional(createdAt),
        ]
    }
}
