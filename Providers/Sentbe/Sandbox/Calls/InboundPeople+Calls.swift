import Base
import SandboxKit
import Sentbe
import Storage

extension CallContext {
    /// `POST /inbound/users`
    func createUser() throws -> JSON {
        var person = try contact()
        person["first_name"] = .string(try parameters.required("first_name"))
        person["middle_name"] = .optional(try parameters.text("middle_name"))
        person["last_name"] = .string(try parameters.required("last_name"))
        person["nationality"] = .optional(try parameters.country("nationality", otherwise: .invalidCountry))
        let user = InboundUser(
            id: try records.nextNumber("sentbe_inbound_users", "id"), partner: partner.id, person: person, createdAt: now)
        try records.save(user)
        return user.json
    }

    /// `GET /inbound/users`
    func listUsers() throws -> JSON { list(try records.inboundUsers(of: partner.id, try page()).map(\.json)) }

    /// `POST /inbound/update_user_info`
    func updateUser() throws -> JSON {
        let contact = try contact()
        var user = try ownUser(try parameters.required("user_id"))
        for name in contact.names { user.person[name] = contact[name] }
        try records.save(user)
        return user.json
    }

    /// How a person is reached, and its birth date, as far as the parameters tell them.
    private func contact() throws -> JSON.Members {
        var members: JSON.Members = [:]
        members["email"] = try parameters.email().map { .string($0) }
        members["phone_country_code"] = try parameters.country("phone_country_code").map { .string($0) }
        members["phone_number"] = try parameters.phone().map { .string($0) }
        members["birth_date"] = try parameters.birthDate().map { .string($0) }
        return members
    }

    /// The caller's user of an id out of a path or a parameter.
    ///
    /// - Throws: `E0002` when there is none, or it is another partner's.
    func ownUser(_ id: String) throws -> InboundUser {
        let user = try Parameters.id(id).flatMap { try records.inboundUser($0) }
        if let user, user.partner == partner.id { return user }
        throw unknown(id, "user", ko: "사용자", isOther: user != nil)
    }

    /// `POST /inbound/recipients`
    func createRecipient() throws -> JSON {
        var person = try contact()
        person["first_name"] = .string(try parameters.required("first_name"))
        person["middle_name"] = .optional(try parameters.text("middle_name"))
        person["last_name"] = .string(try parameters.required("last_name"))
        let bank = try bankAttributes()
        let user = try ownUser(try parameters.required("user_id"))
        person["country"] = .string(try servedCountry())
        try checkBank(bank)
        let recipient = InboundRecipient(
            id: try records.nextNumber("sentbe_inbound_recipients", "id"), partner: partner.id, userID: user.id, person: person, bank: bank,
            verifiedAt: settings[InboundSettings.verifiesAtOnce] ? now : nil, createdAt: now)
        try records.save(recipient)
        return recipient.json
    }

    /// The country of a recipient, which must be one that is paid out in.
    private func servedCountry() throws -> String {
        let country = try parameters.country("country", otherwise: .invalidCountry) ?? ""
        guard !settings[InboundSettings.countries].contains(country) else { return country }
        let list = settings[InboundSettings.countries].joined(separator: ", ")
        throw Refused(
            .invalidCountry,
            Verdict(
                "recipient.country", ko: "수취인의 국가는 \(list)만 됩니다.", en: "a recipient's country must be one of \(list)",
                fix: ("인바운드는 한국 계좌로만 보냅니다.", "The inbound API pays out to Korean accounts only."), ["country": .string(country)]))
    }

    /// `GET /inbound/recipients`
    func listRecipients() throws -> JSON { list(try records.inboundRecipients(of: partner.id, try page()).map(\.json)) }

    /// `POST /inbound/update_recipient_info`
    func updateRecipient() throws -> JSON {
        let contact = try contact()
        let bank = try bankAttributes()
        var recipient = try ownRecipient(try parameters.required("recipient_id"))
        if let verifiedAt = recipient.verifiedAt {
            throw Refused(
                .recipientFixed,
                Verdict(
                    "recipient.verified", ko: "이미 인증을 마친 수취인은 바꿀 수 없습니다.", en: "the recipient has verified and can no longer be changed",
                    fix: ("새 수취인을 만드세요.", "Make a new recipient."),
                    ["recipient_id": .number(recipient.id), "verified_at": .string(verifiedAt.internetText)]))
        }
        try checkBank(bank)
        for name in contact.names { recipient.person[name] = contact[name] }
        for name in bank.names { recipient.bank[name] = bank[name] }
        try records.save(recipient)
        return recipient.json
    }

    /// The caller's recipient of an id.
    ///
    /// - Throws: `E0002` when there is none, or it is another partner's.
    func ownRecipient(_ id: String) throws -> InboundRecipient {
        let recipient = try Parameters.id(id).flatMap { try records.inboundRecipient($0) }
        if let recipient, recipient.partner == partner.id { return recipient }
        throw unknown(id, "recipient", ko: "수취인", isOther: recipient != nil)
    }

    /// `bank_attributes`, as far as the parameters tell them; the account has a number of digits and dashes.
    private func bankAttributes() throws -> JSON.Members {
        let parameters = try parameters.object("bank_attributes")
        var members: JSON.Members = [:]
        for name in ["name", "account_number", "account_holder_name", "branch"] {
            members[name] = try parameters.text(name).map { .string($0) }
        }
        if let number = members["account_number"]?.string {
            let isNumber = number.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
            guard isNumber, (4...30).contains(number.utf8.count) else {
                throw Parameters.wrong(
                    "bank_attributes.account_number", ko: "숫자와 '-'로 된 계좌번호여야 합니다", en: "must be an account number of digits and dashes")
            }
        }
        return members
    }

    /// The bank of an account must be one of the list, named by its code.
    private func checkBank(_ attributes: JSON.Members) throws {
        let banks = InboundBanks.all(settings[InboundSettings.bankCodes])
        guard let code = attributes["name"]?.string, !banks.contains(where: { $0.code == code }) else { return }
        let isName = InboundBanks.table.contains { $0.label == code }
        throw Refused(
            .bankNotSupported,
            Verdict(
                isName ? "bank.name" : "bank.unknown",
                ko: isName ? "bank_attributes.name에 은행 이름을 넣었습니다. 이름은 name이지만 은행 코드를 넣는 자리입니다." : "목록에 없는 은행 코드입니다.",
                en: isName
                    ? "bank_attributes.name holds a bank's name; despite its name it takes a bank's code"
                    : "the bank code is not in the list",
                fix: ("GET /inbound/banks 의 키를 쓰세요.", "Use a key of GET /inbound/banks.")))
    }

    /// Why an id names nothing that the caller may see.
    func unknown(_ id: String, _ kind: String, ko korean: String, isOther: Bool, code: SentbeErrorCode = .invalidID) -> Refused {
        let isNumber = Parameters.id(id) != nil
        let rule = isOther ? "\(kind).other-partner" : isNumber ? "\(kind).unknown" : "\(kind).no-id"
        return Refused(
            code,
            Verdict(
                rule,
                ko: isOther
                    ? "다른 파트너의 \(korean)입니다. PARTNER-ID를 확인하세요." : isNumber ? "없는 \(korean) id입니다." : "\(korean) id는 숫자여야 합니다.",
                en: isOther
                    ? "the \(kind) is another partner's; look at PARTNER-ID"
                    : isNumber ? "there is no such \(kind) id" : "a \(kind) id is a number",
                fix: (
                    "GET /-/sentbe/\(kind)s 로 있는 것을 확인하세요. 만들 때 받은 id를 보관해야 합니다.",
                    "GET /-/sentbe/\(kind)s lists what there is; the id from the reply must be stored."
                ), isNumber ? ["\(kind)_id": .string(id)] : ["length": .number(id.utf8.count)]), message: "Invalid \(kind) id")
    }
}
