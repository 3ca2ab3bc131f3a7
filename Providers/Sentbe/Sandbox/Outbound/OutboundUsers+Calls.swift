import Base
import SandboxKit
import Sentbe

extension OutboundCall {
    /// `POST /outbound/users`
    func createUser() throws -> JSON {
        let nationality = try parameters.country("nationality", otherwise: .invalidCountry) ?? ""
        var person: JSON.Members = [
            "first_name": .string(try parameters.required("first_name")), "middle_name": .optional(try parameters.text("middle_name")),
            "last_name": .string(try parameters.required("last_name")), "nationality": .string(nationality),
            "birth_date": .optional(try parameters.birthDate()), "email": .optional(try parameters.email()),
            "phone_country_code": .optional(try parameters.country("phone_country_code", otherwise: .invalidCountry)),
            "phone_number": .optional(try parameters.phone()), "gender": .string(try gender()),
        ]
        let password = try parameters.required("password")
        let address = try parameters.object("address_attributes")
        person["address_attributes"] = .object(try self.address(address, [:]))
        try takeListed(into: &person)
        let identity = try identity(nationality)
        try checkConsents()
        let externalID = try parameters.required("external_id", longest: 100)
        try checkNew(externalID: externalID, identity: identity)

        let user = OutboundUser(
            id: try records.nextNumber("sentbe_outbound_users", "id"), person: person, identity: identity,
            password: SaltedPassword(password, random), checks: [.mobile: .standby, .documents: .standby, .bank: .standby], createdAt: now)
        try records.save(user)
        try records.register(user.id, at: partner.id, externalID: externalID, now)
        try send(.mobile, to: user.id)
        return user.json(externalID: externalID)
    }

    /// `GET /outbound/users`
    func listUsers() throws -> JSON {
        context.list(try records.outboundUsers(of: partner.id, try context.page()).map { $0.user.json(externalID: $0.externalID) })
    }

    /// `GET /outbound/users/{id}`
    func showUser() throws -> JSON {
        let (user, externalID) = try ownUser(path("id"))
        return user.json(externalID: externalID)
    }

    /// `POST /outbound/update_user_info`
    func updateUser() throws -> JSON {
        let known = context.row.parameters.map(\.name).filter { $0 != "user_id" }
        guard known.contains(where: { parameters[$0] != nil }) else {
            throw Refused(
                .invalidParameter,
                Verdict(
                    "user.nothing-to-update", ko: "바꿀 항목이 하나도 없습니다.", en: "there is nothing to update",
                    fix: ("user_id 말고 바꿀 항목을 보내세요.", "Send what is to change besides user_id."),
                    ["permitted": .array(known.map { .string($0) })]))
        }
        let (email, phone) = (try parameters.email(), try parameters.phone())
        let passwords = try passwords()
        var (user, externalID) = try ownUser(try parameters.required("user_id"))
        if let email { user.person["email"] = .string(email) }
        try takeListed(into: &user.person)
        if parameters["address_attributes"] != nil {
            let old = user.person["address_attributes"]?.members ?? [:]
            user.person["address_attributes"] = .object(try address(try parameters.object("address_attributes"), old))
        }
        if let passwords { try change(passwords, of: &user) }
        var isNewPhone = false
        if let phone, user.person["phone_number"]?.string != phone {
            user.person["phone_number"] = .string(phone)
            // Who answers the new number has not been found out yet.
            user.checks[.mobile] = .standby
            isNewPhone = true
        }
        user.isOutdated = false
        try records.save(user)
        if isNewPhone { try send(.mobile, to: user.id) }
        return user.json(externalID: externalID)
    }

    /// `POST /outbound/registrations/mobile`
    func registerByMobile() throws -> JSON {
        let id = try parameters.required("id")
        guard let user = try Parameters.id(id).flatMap({ try records.outboundUser($0) }) else {
            throw refused(
                .unknownPerson,
                Verdict(
                    "registration.unknown", ko: "센트비에 그런 회원이 없습니다.", en: "Sentbe has no such customer",
                    fix: (
                        "POST /-/sentbe/outbound/users 로 센트비 기존 회원을 만들 수 있습니다.",
                        "POST /-/sentbe/outbound/users makes somebody who is a customer of Sentbe already."
                    )))
        }
        if try records.externalID(of: user.id, at: partner.id) != nil {
            throw Refused(
                .alreadyRegistered,
                Verdict(
                    "registration.done", ko: "이미 이 파트너의 사용자입니다.", en: "the user is this partner's already",
                    fix: ("GET /outbound/users/\(user.id) 로 확인하세요.", "See GET /outbound/users/\(user.id)."), ["user_id": .number(user.id)]))
        }
        try send(.external, to: user.id)
        return true
    }

    /// `GET /outbound/data_list/{list_type}`
    func dataList() throws -> JSON {
        guard let kind = OutboundLists.Kind(rawValue: path("list_type")) else {
            let known = OutboundLists.Kind.allCases.map(\.rawValue)
            throw refused(
                .unknownList,
                Verdict(
                    "list.unknown", ko: "없는 목록입니다. 목록: \(known.joined(separator: ", "))",
                    en: "there is no such list; lists: \(known.joined(separator: ", "))", fix: nil,
                    ["lists": .array(known.map { .string($0) })]))
        }
        return .array(settings[OutboundSettings.list(kind)].map { .string($0) })
    }

    // MARK: What a user's fields must hold

    private func gender() throws -> String {
        let text = try parameters.required("gender")
        guard ["M", "F"].contains(text) else {
            throw Parameters.wrong("gender", ko: "M 또는 F여야 합니다", en: "must be M or F", allowed: ["M", "F"])
        }
        return text
    }

    /// Takes the fields whose values must be in a list.
    ///
    /// - Throws: `E0102`.
    private func takeListed(into person: inout JSON.Members) throws {
        for kind in OutboundLists.Kind.allCases {
            guard let value = try parameters.text(kind.rawValue) else { continue }
            guard settings[OutboundSettings.list(kind)].holdsCode(value) else { throw notListed(kind, value) }
            person[kind.rawValue] = .string(value)
        }
    }

    private func notListed(_ kind: OutboundLists.Kind, _ value: String) -> Refused {
        let isRespelt = kind == .occupation && value == "entrepreneur"
        return Refused(
            .notInList,
            Verdict(
                isRespelt ? "list.spelling" : "list.value",
                ko: isRespelt ? "센트비 목록의 철자는 enterpreneur입니다." : "\(kind.rawValue) 목록에 없는 값입니다.",
                en: isRespelt ? "Sentbe's list spells it enterpreneur" : "the value is not in the list \(kind.rawValue)",
                fix: ("GET /outbound/data_list/\(kind.rawValue) 의 값을 쓰세요.", "Use a value of GET /outbound/data_list/\(kind.rawValue)."),
                [
                    "parameter": .string(kind.rawValue),
                    "allowed": .array(settings[OutboundSettings.list(kind)].map { .string($0) }),
                ]))
    }

    /// The digest of the identity number or the passport's.
    ///
    /// - Throws: `E0103` when it is malformed.
    private func identity(_ nationality: String) throws -> String? {
        let number = try parameters.text("identification_number")
        let passport = try parameters.text("passport")
        let allowed = settings[OutboundSettings.identityDigits]
        if let number, !OutboundLists.isIdentityNumber(number, digits: allowed) {
            let list = allowed.map(String.init).joined(separator: ", ")
            throw Refused(
                .identityNumber,
                Verdict(
                    "identity.number", ko: "identification_number는 숫자 \(list)자리여야 합니다. 하이픈도 빼세요.",
                    en: "identification_number must have \(list) digits and nothing else, no hyphen either", fix: nil,
                    ["length": .number(number.utf8.count), "digits": .array(allowed.map { .number($0) })]))
        }
        if let passport, !OutboundLists.isPassportNumber(passport) {
            throw Refused(
                .identityNumber,
                Verdict(
                    "identity.passport", ko: "여권번호는 영문과 숫자 5–20자여야 합니다.", en: "a passport's number has 5 to 20 letters and digits",
                    fix: nil,
                    ["length": .number(passport.utf8.count)]))
        }
        return OutboundUser.identity(number: number, passport: passport, nationality: nationality)
    }

    private func checkConsents() throws {
        let given = try parameters.object("agreements_attributes")
        let missing = SentbeLists.agreements.filter { given[$0] != .string("true") && given[$0] != true }
        guard missing.isEmpty else {
            throw refused(
                .consentsMissing,
                Verdict(
                    "user.consents", ko: "동의가 빠졌거나 \"true\"가 아닙니다: \(missing.joined(separator: ", "))",
                    en: "consents are missing or are not \"true\": \(missing.joined(separator: ", "))",
                    fix: (
                        "agreements_attributes의 다섯 항목을 모두 문자열 \"true\"로 보내세요.",
                        "Send all five members of agreements_attributes as the text \"true\"."
                    ), ["missing": .array(missing.map { .string($0) })]))
        }
    }

    private func checkNew(externalID: String, identity: String?) throws {
        if let taken = try records.outboundUserID(externalID: externalID, at: partner.id) {
            throw refused(
                .userExternalIDTaken,
                Verdict(
                    "user.external-id-taken", ko: "이미 쓴 external_id입니다.", en: "the external_id is taken",
                    fix: ("GET /outbound/users/\(taken) 가 그 사용자입니다.", "GET /outbound/users/\(taken) is its user."),
                    ["user_id": .number(taken)]))
        }
        if let same = try identity.flatMap({ try records.outboundUser(identity: $0) }) {
            let isOwn = try records.externalID(of: same.id, at: partner.id) != nil
            throw refused(
                .samePerson,
                Verdict(
                    "user.same-person", ko: "신분증 번호가 같은 사람이 센트비에 이미 있습니다.",
                    en: "Sentbe knows a person of the same identity number already",
                    fix: isOwn
                        ? ("GET /outbound/users/\(same.id) 를 쓰세요.", "Use GET /outbound/users/\(same.id).")
                        : (
                            "새로 만들지 말고 POST /outbound/registrations/mobile 로 등록하세요.",
                            "Do not make a new one; register the person with POST /outbound/registrations/mobile."
                        ), ["user_id": .number(same.id), "registered": .boolean(isOwn)]))
        }
    }

    /// An address with what is given laid over what was known.
    private func address(_ given: Parameters, _ known: JSON.Members) throws -> JSON.Members {
        var address = known
        if let country = try given.country("country", otherwise: .invalidCountry) { address["country"] = .string(country) }
        for name in ["region", "line_1", "line_2", "city", "postal_code"] {
            if let text = try given.text(name) { address[name] = .string(text) }
        }
        return address
    }

    /// The new password and the present one; nothing when neither is named.
    private func passwords() throws(Refused) -> (wanted: String, existing: String)? {
        let (wanted, existing) = (try parameters.text("password"), try parameters.text("existing_password"))
        if let wanted, let existing { return (wanted, existing) }
        guard wanted == nil else {
            throw Parameters.wrong("existing_password", ko: "비밀번호를 바꾸려면 필요합니다", en: "is needed to change the password")
        }
        guard existing == nil else {
            throw Parameters.wrong("password", ko: "existing_password와 함께 새 비밀번호를 보내야 합니다", en: "must come with existing_password")
        }
        return nil
    }

    private func change(_ passwords: (wanted: String, existing: String), of user: inout OutboundUser) throws {
        guard user.password?.isSame(passwords.existing) ?? false else {
            throw refused(
                .wrongPassword,
                Verdict(
                    "user.password", ko: "existing_password가 지금 비밀번호와 다릅니다.", en: "existing_password is not the present password",
                    fix: (
                        "같은 요청을 다시 보낸 것은 아닌지 확인하세요. 첫 번째 요청에서 이미 바뀌었을 수 있습니다.",
                        "See whether the call was repeated: the first one may have changed it."
                    )))
        }
        user.password = SaltedPassword(passwords.wanted, random)
    }
}
