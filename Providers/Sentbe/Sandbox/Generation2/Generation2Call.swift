import Base
import SandboxKit
import Sentbe
import Storage

/// One accepted call of the second generation, within one write.
struct Generation2Call {
    let name: String
    let keys: Generation2Keys
    let settings: SandboxSettings
    let now: Timestamp
    let records: Records
    let environment: SandboxEnvironment

    /// What a call comes to.
    struct Answer {
        /// What the reply's `data` holds, before it is encrypted; null for none.
        var data: JSON
        /// Whether it stays in clear.
        var isClear = false
        var warning: Verdict?
    }

    /// Hands the call to its rules. Everything is checked before anything is changed, since a refusal is kept with its nonce.
    ///
    /// - Throws: ``Generation2Refused``.
    func answer(_ members: JSON.Members) throws -> Answer {
        do {
            let parameters = Parameters(members)
            switch name {
            case "generation-2-ping": return Answer(data: .null)
            case "generation-2-test-encrypt": return Answer(data: .object(members))
            case "generation-2-test-decrypt":
                return Answer(data: .object(members), isClear: settings[Generation2Settings.showsDecrypted])
            case "generation-2-calculation": return try calculation(parameters)
            case "generation-2-create-user": return try createUser(parameters)
            case "generation-2-migrate-user": return try migrateUser(parameters)
            case "generation-2-check-user": return try checkUser(parameters)
            case "generation-2-delete-user": return try deleteUser(parameters)
            case "generation-2-webview-id":
                let user = try ownUser(parameters)
                return Answer(data: ["user_id": .string(String(user.id)), "webview_id": .string(try webview(user))])
            case "generation-2-result": return try result(parameters)
            default:
                throw Generation2Refused(
                    .unknownCall, Verdict("call.unknown", ko: "처리할 수 없는 호출입니다.", en: "there is no rule for this call"))
            }
        } catch let refused as Refused {
            // The common rules of parameters know the first generation's codes only.
            throw Generation2Refused(.parameter, refused.verdict)
        }
    }

    // MARK: Amounts

    /// `getCalculation`
    private func calculation(_ parameters: Parameters) throws -> Answer {
        let country = try parameters.required("to_country")
        let to = try parameters.required("to_currency")
        let from = try parameters.required("from_currency")
        let input = try parameters.required("input_currency")
        guard let corridor = Corridor.to(country), corridor.currency.isCode(to), let current = settings[OutboundSettings.rates][to] else {
            let known = Corridor.table.map { "\($0.country) \($0.currency)" }
            throw Parameters.wrong(
                "to_country / to_currency", ko: "송금하는 국가와 그 통화여야 합니다", en: "must be a country that money goes to, and its currency",
                allowed: known)
        }
        guard from.isCode("KRW") else {
            throw Parameters.wrong("from_currency", ko: "KRW여야 합니다", en: "must be KRW", allowed: ["KRW"])
        }
        guard [from, to].holdsCode(input) else {
            throw Parameters.wrong(
                "input_currency", ko: "from_currency나 to_currency여야 합니다", en: "must be from_currency or to_currency", allowed: [from, to])
        }
        let (rate, id, warning) = try rate(parameters, to, current)
        let (won, foreign) = try amounts(try parameters.required("input_amount"), isWon: input.isCode("KRW"), rate)
        let fee = settings[Generation2Settings.fee]
        return Answer(
            data: [
                "exchange_rate_id": .string(String(id)), "from_amount": .number("\(won).0"), "from_currency": "KRW",
                "to_amount": foreign.json,
                "to_currency": .string(to), "transfer_fee": .number("\(fee).0"), "base_rate": .number(rate.text),
            ], warning: warning)
    }

    /// Both amounts, exactly: won are rounded up, what the recipient gets is rounded down.
    func amounts(_ input: String, isWon: Bool, _ rate: ExchangeRate) throws(Refused) -> (won: Int64, foreign: Money) {
        let wrong = Parameters.wrong(
            "input_amount", ko: isWon ? "원 단위의 양의 정수여야 합니다" : "소수점 아래 두 자리까지의 양수여야 합니다",
            en: isWon ? "must be a positive whole number of won" : "must be positive, with at most two decimals")
        if isWon {
            guard let won = JSON.integer(input), (1...ExchangeRate.largestAmount).contains(won), let bought = rate.hundredths(for: won),
                bought > 0, bought <= Money.largest.hundredths
            else { throw wrong }
            return (won, Money(hundredths: bought))
        }
        guard let foreign = Money(input), foreign > .zero, foreign.hundredths <= ExchangeRate.largestAmount * 100 else { throw wrong }
        return (rate.won(forHundredths: foreign.hundredths), foreign)
    }

    /// The rate that the call names, as long as it holds, or a new one.
    private func rate(_ parameters: Parameters, _ currency: String, _ current: ExchangeRate) throws -> (ExchangeRate, Int64, Verdict?) {
        let lifetime = settings[Generation2Settings.rateSeconds]
        var warning: Verdict?
        if let text = try parameters.text("exchange_rate_id"), text != "0" {
            let told = try JSON.integer(text).flatMap { id in
                try records.generation2Rate(id, currency, partner: keys.partner).map { (id: id, rate: $0.rate, at: $0.at) }
            }
            if let told, now >= told.at, now - told.at < .seconds(lifetime) { return (told.rate, told.id, nil) }
            warning = Verdict(
                warned: told == nil ? "rate.unknown" : "rate.expired",
                ko: told == nil ? "모르는 exchange_rate_id라서 새 환율로 계산했습니다." : "exchange_rate_id의 유효 시간 \(lifetime)초가 지나 새 환율로 계산했습니다.",
                en: told == nil
                    ? "the exchange_rate_id is unknown, so a new rate was taken"
                    : "the exchange_rate_id held for \(lifetime) seconds, so a new rate was taken",
                fix: ("응답의 exchange_rate_id와 금액을 쓰세요.", "Use the reply's exchange_rate_id and amounts."))
        }
        let oldest = now - .seconds(lifetime) - .seconds(86_400)
        return (current, try records.addGeneration2Rate(current, currency, partner: keys.partner, oldest: oldest, now), warning)
    }

    // MARK: Users

    /// `createUser`
    private func createUser(_ parameters: Parameters) throws -> Answer {
        let agreements = try parameters.object("agreements")
        let listed = agreements["list"]?.elements?.compactMap(\.string) ?? []
        let missing = SentbeGeneration2.agreements.filter { !listed.contains($0) }
        guard missing.isEmpty, agreements["version"] != nil else {
            throw Generation2Refused(
                .parameter,
                Verdict(
                    "user.consents", ko: "agreements에 version과 동의 다섯 가지가 모두 있어야 합니다. 빠진 동의: \(missing.joined(separator: ", "))",
                    en: "agreements needs a version and all five consents; missing: \(missing.joined(separator: ", "))", fix: nil,
                    ["missing": .array(missing.map { .string($0) })]))
        }
        _ = try parameters.required("id_type")
        let identity = try identity(parameters)
        let person = try person(parameters)
        if let known = try records.generation2User(identity: identity) {
            let isOwn = known.partner == keys.partner
            throw Generation2Refused(
                .duplicate,
                Verdict(
                    isOwn ? "user.exists" : "user.customer",
                    ko: isOwn ? "이미 이 파트너의 사용자입니다." : "id_number가 같은 사람이 센트비에 이미 있습니다.",
                    en: isOwn ? "the user is this partner's already" : "Sentbe knows a person of the same id_number already",
                    fix: isOwn
                        ? ("getWebviewId를 쓰세요.", "Use getWebviewId.")
                        : ("checkUser가 준 user_id로 migrationUser를 부르세요.", "Call migrationUser with the user_id that checkUser gave."),
                    ["user_id": .string(String(known.id))]))
        }
        let user = Generation2User(
            id: try records.nextGeneration2User(), partner: keys.partner, identity: identity,
            person: person, verificationID: String(10 + environment.random.number(below: 90)),
            code: CodeCheck.newCode(environment.random, fixed: settings[OutboundSettings.fixedCode]), createdAt: now)
        try records.save(user)
        return Answer(
            data: [
                "user_id": .string(String(user.id)), "webview_id": .string(try webview(user)),
                "verification_id": .string(user.verificationID),
            ])
    }

    /// `migrationUser`: a customer of Sentbe becomes the partner's user.
    private func migrateUser(_ parameters: Parameters) throws -> Answer {
        let id = try parameters.required("user_id")
        let person = try person(parameters)
        guard var user = try Parameters.id(id).flatMap({ try records.generation2User($0) }),
            user.partner == nil || user.partner == keys.partner
        else {
            throw mismatch(id)
        }
        user.partner = keys.partner
        for name in person.names { user.person[name] = person[name] }
        try records.save(user)
        return Answer(data: ["user_id": .string(String(user.id)), "webview_id": .string(try webview(user))])
    }

    /// `checkUser`
    private func checkUser(_ parameters: Parameters) throws -> Answer {
        let number = try parameters.required("id_number")
        let user = try records.generation2User(identity: try identity(parameters))
        let isOwn = user?.partner == keys.partner
        // What another partner told is not this one's business.
        let shown = isOwn || user?.partner == nil ? user : nil
        return Answer(
            data: [
                "id_number": .string(number), "sign_status": .boolean(isOwn), "sentbe_exist_status": .boolean(user != nil),
                "phone": shown?.person["phone"]?["number"] ?? "", "remittable_status": .boolean(isOwn && user?.isVerified ?? false),
                "user_id": .string(shown.map { String($0.id) } ?? ""), "account_number": shown?.person["account_number"] ?? "",
            ])
    }

    /// `deleteUser`
    private func deleteUser(_ parameters: Parameters) throws -> Answer {
        try records.removeGeneration2User(try ownUser(parameters).id)
        return Answer(data: .null)
    }

    /// The partner's user that the call names.
    private func ownUser(_ parameters: Parameters) throws -> Generation2User {
        let id = try parameters.required("user_id")
        guard let user = try Parameters.id(id).flatMap({ try records.generation2User($0) }), user.partner == keys.partner else {
            throw mismatch(id)
        }
        return user
    }

    private func mismatch(_ id: String) -> Generation2Refused {
        let isNumber = (1...18).contains(id.utf8.count) && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return Generation2Refused(
            .userMismatch,
            Verdict(
                "user.mismatch", ko: "이 파트너의 사용자가 아니거나 없는 user_id입니다.", en: "there is no such user_id, or it is not this partner's",
                fix: ("GET /-/sentbe/generation2/users 로 확인하세요.", "See GET /-/sentbe/generation2/users."),
                isNumber ? ["user_id": .string(id)] : ["length": .number(id.utf8.count)]))
    }

    private func identity(_ parameters: Parameters) throws -> String {
        let number = try parameters.required("id_number", longest: 40)
        let isNumber = number.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == UInt8(ascii: "-") }
        guard (5...20).contains(number.utf8.count), isNumber else {
            throw Parameters.wrong("id_number", ko: "영문과 숫자 5–20자여야 합니다", en: "must have 5 to 20 letters and digits")
        }
        return Generation2User.identity(number)
    }

    /// What a user is told of by `createUser` and `migrationUser` alike, without id_number.
    private func person(_ parameters: Parameters) throws -> JSON.Members {
        let phone = try parameters.object("phone")
        let name = try parameters.object("user_name")
        var person: JSON.Members = [
            "phone": ["iso": .string(try phone.required("iso")), "number": .string(try phone.required("number", longest: 30))],
            "user_name": [
                "first": .string(try name.required("first")), "middle": .string(try name.text("middle") ?? ""),
                "last": .string(try name.required("last")),
            ],
            "account_number": .string(try parameters.required("account_number")),
            "account_holder_name": .string(try parameters.required("account_holder_name")),
        ]
        guard let date = try parameters.birthDate() else { throw Parameters.wrong("birth_date", ko: "필수입니다", en: "is required") }
        person["birth_date"] = .string(date)
        guard let nationality = try parameters.country("nationality_iso") else {
            throw Parameters.wrong("nationality_iso", ko: "필수입니다", en: "is required")
        }
        person["nationality_iso"] = .string(nationality)
        if let email = try parameters.email() { person["email"] = .string(email) }
        if let country = try parameters.country("often_send_country_iso") { person["often_send_country_iso"] = .string(country) }
        // Numbers of lists that nobody has published.
        for name in ["gender", "occupation", "funds_source", "transfer_purpose"] {
            if let number = try parameters.integer(name) { person[name] = .number(number) }
        }
        return person
    }

    /// A fresh webview_id for a user.
    private func webview(_ user: Generation2User) throws -> String {
        let end = now.unixSeconds + settings[Generation2Settings.webviewSeconds]
        let id = environment.random.hexadecimal(16)
        try records.addWebview(id, partner: keys.partner, user: user.id, end: Timestamp(unixSeconds: end), now)
        return WebviewToken.make(.init(end: end, id: id, user: String(user.id)), key: keys.hmacSecret)
    }

    // MARK: Transfers

    /// `getResult`: the partner has withdrawn the won of a transfer that was ordered in the web view.
    private func result(_ parameters: Parameters) throws -> Answer {
        let user = try ownUser(parameters)
        let amount = try parameters.integer("withdrawal_amount")
        let number = try parameters.required("tr_no", longest: 100)
        let id = try parameters.required("tr_id", longest: 100)
        guard var transfer = try records.generation2Transfer(id), transfer.userID == user.id else {
            throw Generation2Refused(
                .userMismatch,
                Verdict(
                    "transfer.mismatch", ko: "없는 tr_id이거나 다른 사용자의 송금입니다.", en: "there is no such tr_id, or it is another user's",
                    fix: ("GET /-/sentbe/generation2/transfers 로 확인하세요.", "See GET /-/sentbe/generation2/transfers.")))
        }
        guard amount == transfer.withdrawal else {
            throw Generation2Refused(
                .amount,
                Verdict(
                    "transfer.amount", ko: "withdrawal_amount가 송금액과 수수료의 합 \(transfer.withdrawal)원이 아닙니다.",
                    en: "withdrawal_amount is not the \(transfer.withdrawal) won of amount and fee", fix: nil,
                    ["expected": .number(transfer.withdrawal), "received": amount.map { .number($0) } ?? .null]))
        }
        if let earlier = transfer.trNo, earlier != number {
            throw Generation2Refused(
                .duplicate,
                Verdict(
                    "transfer.tr-no", ko: "이미 다른 tr_no로 출금이 보고된 송금입니다.", en: "the withdrawal was reported before, with another tr_no",
                    fix: ("두 번 출금하지 않았는지 확인하세요.", "See that the money was not taken twice.")))
        }
        transfer.status = .received
        transfer.trNo = number
        try records.save(transfer)
        return Answer(data: ["status": .string(transfer.status.rawValue)])
    }
}
