import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

extension ControlDesk {
    /// What hangs below `outbound`; nothing when the path is none of it.
    func outbound(_ segments: [String]) throws -> Answer? {
        guard segments.first == "outbound", segments.count > 1 else { return nil }
        let rest = Array(segments.dropFirst(2))
        switch (segments[1], rest.count) {
        case ("users", 0):
            try only(.get, .post)
            if call.method == .post { return try makeCustomer() }
            return Answer(.array(try records.outboundUsers(limit: try limit()).map { try described($0) }))
        case ("users", _): return try outboundUser(rest)
        case ("codes", 0):
            try only(.get)
            return Answer(.array(try records.outboundCodes(limit: try limit()).map { $0.controlJSON(settings, now) }))
        case ("documents", 0):
            try only(.get)
            return Answer(.array(try records.outboundDocuments(limit: try limit()).map(\.controlJSON)))
        case ("recipients", 0):
            try only(.get)
            return Answer(.array(try records.outboundRecipients(limit: try limit()).map(\.controlJSON)))
        case ("transfers", 0):
            try only(.get)
            return Answer(.array(try records.outboundTransfers(limit: try limit()).map(\.controlJSON)))
        case ("transfers", _): return try outboundTransfer(rest)
        case ("faults", 0): return try outboundFaults()
        default: return nil
        }
    }

    // MARK: Users

    private func outboundUser(_ rest: [String]) throws -> Answer? {
        guard let id = Int64(rest[0]), var user = try records.outboundUser(id) else {
            throw ControlDesk.missing("없는 사용자입니다.", "There is no such user.")
        }
        switch (rest.count, rest.count > 1 ? rest[1] : "") {
        case (1, _): try only(.get)
        case (2, "outdate"):
            try only(.post)
            user.isOutdated = true
            try records.save(user)
        case (2, "credit"):
            try only(.put)
            guard let credit = try body(["amount"])["amount"]?.integer, (0...1_000_000_000).contains(credit) else {
                throw ControlError(
                    message: BilingualText(
                        korean: "amount는 0에서 1000000000 사이의 원이어야 합니다.", english: "amount must be 0 to 1000000000 won."))
            }
            user.credit = credit
            try records.save(user)
        case (3, let name):
            guard let check = OutboundUser.Check(rawValue: name) else { return nil }
            try only(.post)
            guard try move(&user, check, rest[2]) else { return nil }
        default: return nil
        }
        return Answer(try described(user))
    }

    /// Decides a check as somebody at Sentbe or at the bank does; false for a word that is no decision.
    private func move(_ user: inout OutboundUser, _ check: OutboundUser.Check, _ word: String) throws -> Bool {
        let decisions: [String: OutboundUser.CheckState] = [
            "approve": .completed, "reject": .rejected, "hold": .pending, "reset": .standby,
        ]
        guard let state = decisions[word] else { return false }
        guard check != .mobile || [.completed, .standby].contains(state) else {
            throw ControlDesk.conflict("mobile 인증은 approve와 reset만 됩니다.", "The check by telephone knows approve and reset only.")
        }
        user.checks[check] = state
        try records.save(user)
        // What has been decided needs no code any more.
        if check == .mobile { try records.removeOutboundCodes(.mobile, of: user.id) }
        if check == .bank, state != .pending { try records.removeOutboundCodes(.bank, of: user.id) }
        return true
    }

    /// Somebody who is a customer of Sentbe already and nobody's user.
    private func makeCustomer() throws -> Answer {
        let names = ["first_name", "last_name", "email", "phone_country_code", "phone_number", "nationality"]
        let members = try body(names + ["identification_number", "outdated"])
        var person: JSON.Members = [
            "first_name": "Jose", "last_name": "Garcia", "email": .null, "phone_country_code": "KR", "phone_number": "010-5550-0199",
            "nationality": "PH",
        ]
        for name in names {
            guard let value = members[name] else { continue }
            guard let text = value.string, (1...200).contains(text.utf8.count) else {
                throw ControlError(
                    message: BilingualText(
                        korean: "\(name)은(는) 200바이트 이하의 문자열이어야 합니다.", english: "\(name) must be a text of at most 200 bytes."))
            }
            person[name] = .string(text)
        }
        let number = members["identification_number"]?.string
        if let wanted = members["identification_number"],
            !(number.map { OutboundLists.isIdentityNumber($0, digits: settings[OutboundSettings.identityDigits]) } ?? wanted.isNull)
        {
            throw ControlError(
                message: BilingualText(
                    korean: "identification_number의 자릿수가 맞지 않습니다.", english: "identification_number has a wrong number of digits."))
        }
        let standby = Dictionary(uniqueKeysWithValues: OutboundUser.Check.allCases.map { ($0, OutboundUser.CheckState.standby) })
        var user = OutboundUser(
            id: try records.nextNumber("sentbe_outbound_users", "id"), person: person,
            identity: OutboundUser.identity(number: number, passport: nil, nationality: ""), checks: standby, createdAt: now)
        user.checks[.documents] = .completed
        user.checks[.bank] = .completed
        user.isOutdated = members["outdated"]?.boolean ?? false
        try records.save(user)
        return Answer(reply: Reply(status: 201, json: try described(user)))
    }

    private func described(_ user: OutboundUser) throws -> JSON {
        var members = user.json(externalID: "").members ?? [:]
        members["external_id"] = nil
        members["credit"] = .number(user.credit)
        members["outdated"] = .boolean(user.isOutdated)
        members["partners"] = .array(
            try records.registrations(of: user.id).map { ["partner_id": .string($0.partner), "external_id": .string($0.externalID)] })
        return .object(members)
    }

    // MARK: Transfers

    private func outboundTransfer(_ rest: [String]) throws -> Answer? {
        guard let id = Int64(rest[0]), let transfer = try records.outboundTransfer(id) else {
            throw ControlDesk.missing("없는 송금입니다.", "There is no such transfer.")
        }
        guard rest.count == 2 else {
            try only(.get)
            return rest.count == 1 ? Answer(transfer.controlJSON) : nil
        }
        let events: [String: OutboundStatus.Event] = [
            "deposit": .deposited, "hold": .held, "release": .released, "stop": .stopped, "complete": .paidOut, "refund": .paidBack,
            "expire": .timeRanOut, "cancel": .cancelled,
        ]
        guard let event = events[rest[1]] else { return nil }
        try only(.post)
        if event == .deposited, let amount = try body(["amount"])["amount"], amount.integer != transfer.quote.sendAmount {
            throw ControlDesk.conflict(
                "입금액이 send_amount \(transfer.quote.sendAmount)원과 다릅니다.",
                "The deposit is not the send_amount of \(transfer.quote.sendAmount) won.")
        }
        guard let moved = try records.happen(event, to: transfer, settings, at: now) else {
            let origins = OutboundStatus.allCases.filter { $0.after(event) != nil }.map(\.rawValue).joined(separator: ", ")
            throw ControlDesk.conflict(
                "\(transfer.status.rawValue) 상태에서는 할 수 없습니다. \(rest[1])은(는) \(origins) 상태에서만 됩니다.",
                "A transfer in state \(transfer.status.rawValue) does not allow it; \(rest[1]) is for \(origins).")
        }
        return Answer(moved.controlJSON, scheduleChanged: true)
    }

    // MARK: Faults

    private func outboundFaults() throws -> Answer {
        try only(.get, .post, .delete)
        if call.method == .delete { try records.removeOutboundFaults() }
        if call.method == .post { try orderFault() }
        return Answer(
            .array(
                try records.outboundFaults().map {
                    ["id": .number($0.id), "call": .string($0.call), "code": .string($0.code.rawValue), "count": .number($0.remaining)]
                }))
    }

    private func orderFault() throws {
        let members = try body(["call", "code", "count"])
        let codes = SentbeErrorCode.rows.filter { $0.apis.contains(.outbound) }.map(\.code.rawValue)
        let calls = OutboundCalls.rows.map(\.route.name)
        guard let code = members["code"]?.string, codes.contains(code) else {
            let list = codes.joined(separator: ", ")
            throw ControlError(message: BilingualText(korean: "code는 \(list) 가운데 하나여야 합니다.", english: "code must be one of \(list)."))
        }
        let call = members["call"]?.string ?? OutboundFault.any
        guard call == OutboundFault.any || calls.contains(call) else {
            let list = calls.joined(separator: ", ")
            throw ControlError(message: BilingualText(korean: "call은 * 또는 \(list)여야 합니다.", english: "call must be * or one of \(list)."))
        }
        let count = members["count"].map { $0.integer ?? 0 } ?? 1
        guard (1...1000).contains(count) else {
            throw ControlError(message: BilingualText(korean: "count는 1에서 1000 사이여야 합니다.", english: "count must be 1 to 1000."))
        }
        try records.addOutboundFault(call: call, code: SentbeErrorCode(rawValue: code), count: count)
    }
}

extension OutboundCode {
    /// The code as the control API shows it.
    fileprivate func controlJSON(_ settings: SandboxSettings, _ now: Timestamp) -> JSON {
        let lifetime = kind == .bank ? settings[OutboundSettings.bankCodeSeconds] : settings[OutboundSettings.codeSeconds]
        let end = lifetime.map { check.sentAt + .seconds($0) }
        return [
            "partner_id": .string(partner), "user_id": .number(userID), "kind": .string(kind.rawValue), "code": .string(check.code),
            "sent_at": .optional(check.sentAt), "valid_until": .optional(end), "failures": .number(check.failures),
            "usable": .boolean(check.failures < settings[OutboundSettings.codeFailures] && end.map { now < $0 } ?? true),
        ]
    }
}

extension OutboundDocument {
    /// The document as the control API shows it; the picture itself is not kept.
    fileprivate var controlJSON: JSON {
        [
            "id": .number(id), "partner_id": .string(partner), "user_id": .number(userID), "document_type": .string(type),
            "format": .string(format), "bytes": .number(byteCount), "sha256": .string(digest), "created_at": .optional(createdAt),
        ]
    }
}

extension OutboundRecipient {
    /// The recipient as the control API shows it.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["partner_id"] = .string(partner)
        members["user_id"] = .number(userID)
        members["external_id"] = .optional(externalID)
        members["country"] = .string(country)
        return .object(members)
    }
}

extension OutboundTransfer {
    /// The transfer as the control API shows it.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["partner_id"] = .string(partner)
        members["external_id"] = .string(externalID)
        members["rate"] = .string(quote.rate.text)
        members["credit_usage_amount"] = .number(quote.creditUsage)
        members["due_at"] = .optional(dueAt)
        return .object(members)
    }
}
