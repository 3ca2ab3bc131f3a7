import Base
import SandboxKit
import Sentbe

extension OutboundCall {
    /// `GET /outbound/params`, `/{country}`, `/{country}/{receive_method}`
    func recipientFields() throws -> JSON {
        guard context.path["country"] != nil else {
            let open = Corridor.table.filter { settings[OutboundSettings.countries].contains($0.country) }
            return RecipientFields.common(open.flatMap { row in row.methods.map { RecipientFields.of(row.country, $0) } }).json
        }
        let corridor = try corridor(path("country"))
        guard context.path["receive_method"] != nil else {
            return RecipientFields.common(corridor.methods.map { RecipientFields.of(corridor.country, $0) }).json
        }
        return RecipientFields.of(corridor.country, try method(path("receive_method"), in: corridor)).json
    }

    /// `POST /outbound/recipients`
    func createRecipient() throws -> JSON {
        let names = (try parameters.required("first_name"), try parameters.text("middle_name"), try parameters.required("last_name"))
        let phone = try parameters.phone()
        let externalID = try parameters.text("external_id", longest: 100)
        _ = try parameters.text("identification_number", longest: 40)
        let (user, _) = try ownUser(try parameters.required("user_id"))
        let corridor = try corridor(try parameters.required("country"))
        let method = try method(try parameters.required("receive_method"), in: corridor)
        let fields = RecipientFields.of(corridor.country, method)
        try checkPresence(fields, corridor, method)

        let person: JSON.Members = [
            "first_name": .string(names.0), "middle_name": .optional(names.1), "last_name": .string(names.2),
            "phone_country_code": .optional(try parameters.country("phone_country_code", otherwise: .invalidCountry)),
            "phone_number": .optional(phone), "address_attributes": .object(try recipientAddress()),
        ]
        let account = try account(fields, corridor, method)
        if let externalID, let taken = try records.outboundRecipient(externalID: externalID, at: partner.id) {
            throw refused(
                .recipientExternalIDTaken,
                Verdict(
                    "recipient.external-id-taken", ko: "이미 쓴 external_id입니다.", en: "the external_id is taken",
                    fix: ("GET /outbound/recipients/\(taken.id) 가 그 수취인입니다.", "GET /outbound/recipients/\(taken.id) is its recipient."),
                    ["recipient_id": .number(taken.id)]))
        }
        let recipient = OutboundRecipient(
            id: try records.nextNumber("sentbe_outbound_recipients", "id"), partner: partner.id, userID: user.id, externalID: externalID,
            country: corridor.country, method: method, person: person, account: account, createdAt: now)
        try records.add(recipient)
        return recipient.json
    }

    /// `GET /outbound/recipients`, `/user/{user_id}`
    func listRecipients() throws -> JSON {
        let user = try context.path["user_id"].map { try ownUser($0).user.id }
        return context.list(try records.outboundRecipients(of: partner.id, user: user, try context.page()).map(\.json))
    }

    /// `GET /outbound/remittance_codes/{method}`, `/{method}/{country}`
    func listCodes() throws -> JSON {
        guard let method = SentbeReceiveMethod(name: path("method")) else { throw unknownMethod(Corridor.methodNames) }
        let country = context.path["country"]
        if let country, !country.isCode("KR") { _ = try corridor(country) }
        let page = try context.page()
        let all = RemittanceCode.list(method, country).map(\.json)
        // A page so far behind that its beginning cannot be counted is as empty as any behind the end.
        let (start, isBeyond) = (page.number - 1).multipliedReportingOverflow(by: page.size)
        guard !isBeyond, start < all.count else { return context.list([]) }
        return context.list(Array(all[Int(start)..<min(all.count, Int(start + page.size))]))
    }

    // MARK: Countries and methods

    /// Where the money goes.
    ///
    /// - Throws: `E0011`.
    private func corridor(_ country: String) throws(Refused) -> Corridor {
        let open = settings[OutboundSettings.countries]
        if open.contains(country), let corridor = Corridor.to(country) { return corridor }
        let isSmall = open.contains(country.uppercased())
        let isKorea = country == "KR"
        throw Refused(
            .invalidCountry,
            Verdict(
                isSmall ? "country.case" : "country.unknown",
                ko: isSmall
                    ? "국가 코드는 대문자 두 글자입니다." : isKorea ? "해외 송금이라 한국(KR)으로는 보낼 수 없습니다." : "이 샌드박스가 송금하지 않는 국가입니다.",
                en: isSmall
                    ? "a country is written with two capital letters"
                    : isKorea ? "money goes abroad, not to Korea (KR)" : "no money goes to this country",
                fix: (
                    "설정 outbound_receive_countries: \(open.joined(separator: ", "))",
                    "The setting outbound_receive_countries: \(open.joined(separator: ", "))."
                ), ["allowed": .array(open.map { .string($0) })]))
    }

    /// - Throws: `E0012` when there is no such method, or not in that country.
    private func method(_ text: String, in corridor: Corridor) throws(Refused) -> SentbeReceiveMethod {
        guard let method = SentbeReceiveMethod(name: text), corridor.methods.contains(method) else {
            throw unknownMethod(corridor.methods.map(\.rawValue))
        }
        return method
    }

    private func unknownMethod(_ known: [String]) -> Refused {
        let list = known.joined(separator: ", ")
        return Refused(
            .bankNotSupported,
            Verdict(
                "method.unknown", ko: "지원하지 않는 수취 방법입니다. 가능한 방법: \(list)", en: "the receive method is not supported; supported: \(list)",
                fix: nil, ["allowed": .array(known.map { .string($0) })]), message: "Receive method not supported")
    }

    // MARK: What a recipient's fields must hold

    /// Whether everything is there that the country and the method need.
    ///
    /// - Throws: `E0005`.
    private func checkPresence(_ fields: RecipientFields, _ corridor: Corridor, _ method: SentbeReceiveMethod) throws {
        var missing = fields.required.filter { parameters[$0] == nil }
        var superfluous: [String] = []
        for group in RecipientFields.groups {
            let given = try parameters.object(group)
            missing += (fields.requiredMembers[group] ?? []).filter { given[$0] == nil }.map { "\(group).\($0)" }
            // An address may say more than is needed; a card where a bank is meant is a mistake.
            guard group != "address_attributes" else { continue }
            superfluous += given.members.names.filter { given[$0] != nil && !fields.knows($0, in: group) }.map { "\(group).\($0)" }
        }
        let door = "GET /outbound/params/\(corridor.country)/\(method.rawValue)"
        guard missing.isEmpty else {
            throw Refused(
                .invalidParameter,
                Verdict(
                    "recipient.missing",
                    ko: "\(corridor.country)의 \(method.rawValue) 수취인에 필요한 항목이 없습니다: \(missing.joined(separator: ", "))",
                    en: "a recipient in \(corridor.country) by \(method.rawValue) needs: \(missing.joined(separator: ", "))",
                    fix: ("\(door) 가 필요한 항목을 알려 줍니다.", "\(door) tells what is needed."), ["parameters": .array(missing.map { .string($0) })]
                ),
                message: "Missing parameter: \(missing[0])")
        }
        if !superfluous.isEmpty {
            context.warn(
                Verdict(
                    warned: "recipient.superfluous", ko: "이 수취 방법에 쓰지 않는 항목을 무시했습니다: \(superfluous.count)개",
                    en: "\(superfluous.count) fields are of no use for this method and were ignored",
                    fix: ("\(door) 를 확인하세요.", "See \(door).")))
        }
    }

    private func recipientAddress() throws -> JSON.Members {
        let given = try parameters.object("address_attributes")
        var address = JSON.Members()
        if let country = try given.country("country", otherwise: .invalidCountry) { address["country"] = .string(country) }
        for name in ["region", "city", "line_1", "line_2", "postal_code"] {
            if let text = try given.text(name) { address[name] = .string(text) }
        }
        return address
    }

    private func account(_ fields: RecipientFields, _ corridor: Corridor, _ method: SentbeReceiveMethod) throws -> JSON.Members {
        let group = method.attributes
        let given = try parameters.object(group)
        var account = JSON.Members()
        for name in (fields.requiredMembers[group] ?? []) + (fields.optionalMembers[group] ?? []) {
            guard let text = try given.text(name) else { continue }
            switch name {
            case "name": try checkCode(text, corridor.country, method, "\(group).name")
            case "account_type":
                guard ["savings", "current"].contains(SentbeReceiveMethod.plain(text)) else {
                    throw Parameters.wrong(
                        "\(group).account_type", ko: "savings 또는 current여야 합니다", en: "must be savings or current",
                        allowed: ["savings", "current"])
                }
                account[name] = .string(SentbeReceiveMethod.plain(text))
                continue
            case "account_number":
                try checkNumber(text, "\(group).\(name)", 4...34, letters: true)
            case "card_number":
                try checkNumber(text, "\(group).\(name)", 12...23, letters: false)
            default: break
            }
            account[name] = .string(text)
        }
        return account
    }

    /// Digits with hyphens and spaces, and letters where an account may have some, as an IBAN has.
    private func checkNumber(_ text: String, _ name: String, _ length: ClosedRange<Int>, letters: Bool) throws(Refused) {
        let isNumber = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == 0x20 || letters && (0x41...0x5A).contains(byte & 0xDF)
        }
        guard isNumber, length.contains(text.utf8.count) else {
            throw Parameters.wrong(
                name, ko: letters ? "숫자와 영문, '-'로 된 \(length.lowerBound)–\(length.upperBound)자여야 합니다" : "숫자로 된 카드번호여야 합니다",
                en: letters
                    ? "must have \(length.lowerBound) to \(length.upperBound) digits, letters and dashes"
                    : "must be a card's number of digits")
        }
    }
}

extension Corridor {
    /// The methods as paths of codes write them.
    static let methodNames = SentbeReceiveMethod.allCases.map(\.pathText)
}
