import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

extension ControlDesk {
    /// Users, recipients, transfers and the wallet of the inbound API; nothing when the path is not one of them.
    func inbound(_ segments: [String]) throws -> Answer? {
        let rest = Array(segments.dropFirst())
        switch (segments.first, rest.count) {
        case ("users", 0):
            try only(.get)
            return Answer(.array(try records.inboundUsers(of: try partner(queried("partner_id")).id, try everything()).map(\.controlJSON)))
        case ("recipients", 0):
            try only(.get)
            return Answer(
                .array(try records.inboundRecipients(of: try partner(queried("partner_id")).id, try everything()).map(\.controlJSON)))
        case ("recipients", 1...2): return try recipient(rest)
        case ("transfers", 0):
            try only(.get)
            let partner = try partner(queried("partner_id"))
            if let externalID = queried("external_id") {
                return Answer(.array(try records.inboundTransfer(externalID: externalID, of: partner.id).map { [$0.controlJSON] } ?? []))
            }
            return Answer(.array(try records.inboundTransfers(of: partner.id, try everything()).map(\.controlJSON)))
        case ("transfers", 1...2): return try transfer(rest)
        case ("wallet", 0): return try wallet()
        default: return nil
        }
    }

    /// The newest rows, as many as are wanted.
    private func everything() throws -> Page { Page(number: 1, size: try limit(), order: .newestFirst) }

    private func recipient(_ rest: [String]) throws -> Answer? {
        guard let id = Int64(rest[0]), let recipient = try records.inboundRecipient(id) else {
            throw ControlDesk.missing("없는 수취인입니다.", "There is no such recipient.")
        }
        if rest.count == 1 {
            try only(.get)
            return Answer(recipient.controlJSON)
        }
        guard rest[1] == "verify" else { return nil }
        try only(.post)
        try records.verify(recipient, settings, at: now)
        return Answer(try records.inboundRecipient(id)?.controlJSON ?? .null, scheduleChanged: true)
    }

    private func transfer(_ rest: [String]) throws -> Answer? {
        guard let id = Int64(rest[0]), let transfer = try records.inboundTransfer(id) else {
            throw ControlDesk.missing("없는 송금입니다.", "There is no such transfer.")
        }
        if rest.count == 1 {
            try only(.get)
            return Answer(transfer.controlJSON)
        }
        guard let move = InboundTransfer.Move(rawValue: rest[1]) else { return nil }
        try only(.post)
        guard move.target(from: transfer.status) != nil else {
            let origins = move.origins.map(\.rawValue).joined(separator: ", ")
            throw ControlDesk.conflict(
                "\(transfer.status.rawValue) 상태에서는 할 수 없습니다. \(move.rawValue)은(는) \(origins) 상태에서만 됩니다.",
                "A transfer in state \(transfer.status.rawValue) does not allow it; \(move.rawValue) is for \(origins).")
        }
        if move == .verify, let recipient = try records.inboundRecipient(transfer.recipientID) {
            // The link in the text message verifies the person, and with it everything that waits for that person.
            try records.verify(recipient, settings, at: now)
        } else {
            _ = try records.make(move, of: transfer, settings, at: now)
        }
        return Answer(try records.inboundTransfer(id)?.controlJSON ?? .null, scheduleChanged: true)
    }

    private func wallet() throws -> Answer {
        try only(.get, .post)
        guard call.method == .post else { return Answer(try describeWallet(try partner(queried("partner_id")))) }
        let members = try body(["partner_id", "currency", "amount"])
        let partner = try partner(members["partner_id"].flatMap { $0.string ?? $0.integer.map { String($0) } })
        let currency = members["currency"]?.string ?? "USD"
        guard InboundSettings.currencies.contains(currency) else {
            let list = InboundSettings.currencies.joined(separator: ", ")
            throw ControlError(
                message: BilingualText(korean: "currency는 \(list) 가운데 하나여야 합니다.", english: "currency must be one of \(list)."))
        }
        var digits = ""
        switch members["amount"] {
        case .string(let text)?, .number(let text)?: digits = text
        default: break
        }
        let isOut = digits.hasPrefix("-")
        guard let amount = Money(isOut ? String(digits.dropFirst()) : digits) else {
            throw ControlError(
                message: BilingualText(
                    korean: "amount는 \"1000.00\" 같은 금액이어야 합니다(소수점 아래 두 자리까지, 빼려면 앞에 '-').",
                    english: "amount must be money such as \"1000.00\", with at most two decimals; a '-' in front takes it out."))
        }
        do {
            try records.topUp(partner.id, currency, by: isOut ? Money.zero - amount : amount, at: now)
        } catch let short as WalletShort {
            throw ControlDesk.conflict("잔액이 \(short.balance.text)뿐입니다.", "The wallet holds \(short.balance.text) only.")
        }
        return Answer(try describeWallet(partner))
    }

    private func describeWallet(_ partner: Partner) throws -> JSON {
        [
            "partner_id": .string(partner.id), "balances": .array(try records.balances(of: partner.id).map(\.json)),
            "entries": try records.walletEntries(of: partner.id, limit: try limit()),
        ]
    }
}

extension InboundUser {
    /// The user as the control API shows it: with what replies leave out.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["nationality"] = person["nationality"] ?? .null
        members["birth_date"] = person["birth_date"] ?? .null
        members["partner_id"] = .string(partner)
        return .object(members)
    }
}

extension InboundRecipient {
    /// The recipient as the control API shows it: with whether the person has verified.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["user_id"] = .number(userID)
        members["country"] = person["country"] ?? .null
        members["partner_id"] = .string(partner)
        members["verified_at"] = .optional(verifiedAt)
        return .object(members)
    }
}

extension InboundTransfer {
    /// The transfer as the control API shows it: with external_id, and what can be done to it.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["partner_id"] = .string(partner)
        members["external_id"] = .string(externalID)
        members["due_at"] = .optional(dueAt)
        members["moves"] = .array(Move.allCases.filter { $0.target(from: status) != nil }.map { .string($0.rawValue) })
        return .object(members)
    }
}
