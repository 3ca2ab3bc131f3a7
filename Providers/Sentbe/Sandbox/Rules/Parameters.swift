import Base
import SandboxKit
import Sentbe

/// A call's parameters as it wrote them. Ids and amounts may be texts or numbers; a value never stands in a verdict.
struct Parameters {
    let members: JSON.Members
    private let prefix: String

    init(_ members: JSON.Members = [:], under prefix: String = "") {
        self.members = members
        self.prefix = prefix
    }

    /// The value under `name`; nothing when it is missing, null or an empty text.
    subscript(name: String) -> JSON? {
        guard let value = members[name], !value.isNull, value != .string("") else { return nil }
        return value
    }

    /// The text under `name`, at most 200 bytes; a number counts by its digits.
    func text(_ name: String, longest: Int = 200) throws(Refused) -> String? {
        let text: String
        switch self[name] {
        case nil: return nil
        case .string(let value)?: text = value
        case .number(let digits)?: text = digits
        default: throw Parameters.wrong(prefix + name, ko: "문자열이어야 합니다", en: "must be a text")
        }
        guard text.utf8.count <= longest, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Parameters.wrong(
                prefix + name, ko: "\(longest)바이트 이하이고 제어 문자가 없어야 합니다", en: "must have at most \(longest) bytes and no control characters")
        }
        return text
    }

    /// The text under `name`, which must be there.
    func required(_ name: String, longest: Int = 200) throws(Refused) -> String {
        guard let text = try text(name, longest: longest) else { throw Parameters.wrong(prefix + name, ko: "필수입니다", en: "is required") }
        return text
    }

    /// A whole number, written as a number or as the text of one.
    func integer(_ name: String) throws(Refused) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let number = JSON.integer(text) else { throw Parameters.wrong(prefix + name, ko: "정수여야 합니다", en: "must be a whole number") }
        return number
    }

    /// The object under `name`; empty when it is absent.
    func object(_ name: String) throws(Refused) -> Parameters {
        guard let value = self[name] else { return Parameters(under: "\(prefix)\(name).") }
        guard let inner = value.members else { throw Parameters.wrong(prefix + name, ko: "객체여야 합니다", en: "must be an object") }
        return Parameters(inner, under: "\(prefix)\(name).")
    }

    /// A birth date, `YYYYMMDD`.
    func birthDate(_ name: String = "birth_date") throws(Refused) -> String? {
        guard let text = try text(name) else { return nil }
        let digits = text.utf8.map { Int($0) - 0x30 }
        guard digits.count == 8, digits.allSatisfy({ (0...9).contains($0) }),
            CivilTime(
                year: digits.prefix(4).reduce(0) { $0 * 10 + $1 }, month: digits[4] * 10 + digits[5], day: digits[6] * 10 + digits[7])
                != nil
        else {
            throw Parameters.wrong(prefix + name, ko: "실제 날짜인 YYYYMMDD 여덟 자리여야 합니다", en: "must be a real date of eight digits, YYYYMMDD")
        }
        return text
    }

    /// A country by two letters.
    ///
    /// - Throws: `code` when there is no such country.
    func country(_ name: String, otherwise code: SentbeErrorCode = .invalidParameter) throws(Refused) -> String? {
        guard let text = try text(name) else { return nil }
        guard Countries.contains(text) else {
            let wrong = Parameters.wrong(
                prefix + name, ko: "ISO 3166 두 글자 국가 코드(대문자)여야 합니다", en: "must be a country's two capital letters (ISO 3166)")
            throw Refused(code, wrong.verdict, message: code == .invalidParameter ? wrong.message : nil)
        }
        return text
    }

    /// A phone number: digits, dashes, spaces, and perhaps a plus in front.
    func phone(_ name: String = "phone_number") throws(Refused) -> String? {
        guard let text = try text(name, longest: 30) else { return nil }
        let rest = text.hasPrefix("+") ? text.dropFirst() : text[...]
        let digits = rest.utf8.filter { (0x30...0x39).contains($0) }.count
        let others = rest.utf8.filter { $0 == UInt8(ascii: "-") || $0 == 0x20 }.count
        guard (4...20).contains(digits), digits + others == rest.utf8.count else {
            throw Parameters.wrong(prefix + name, ko: "숫자와 '-'로 된 전화번호여야 합니다", en: "must be a phone number of digits and dashes")
        }
        return text
    }

    /// An address with one `@` and something on both sides of it.
    func email(_ name: String = "email") throws(Refused) -> String? {
        guard let text = try text(name) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !text.utf8.contains(0x20) else {
            throw Parameters.wrong(prefix + name, ko: "전자우편 주소여야 합니다", en: "must be an e-mail address")
        }
        return text
    }

    /// The number that an id writes: decimal digits and nothing else, at most eighteen.
    static func id(_ text: String) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// A parameter has a value that cannot be meant. The value itself is not repeated.
    static func wrong(_ name: String, ko korean: String, en english: String, allowed: [String] = []) -> Refused {
        var details: JSON.Members = ["parameter": .string(name)]
        if !allowed.isEmpty { details["allowed"] = .array(allowed.map { .string($0) }) }
        return Refused(
            .invalidParameter,
            Verdict(
                "parameter.value", ko: "\(name): \(korean).", en: "\(name) \(english)",
                fix: ("문서의 형식대로 보내세요. 보낸 값은 기록하지 않습니다.", "Send it in the documented form. What was sent is not logged."), details),
            message: "Invalid parameter: \(name)")
    }
}

/// Countries by their two letters (ISO 3166-1, alpha-2).
enum Countries {
    static func contains(_ code: String) -> Bool {
        // By bytes, for the same reason as in ``isCode(_:)``: nothing but two ASCII letters has two bytes and equals one of them.
        code.utf8.count == 2 && codes.contains(code)
    }

    private static let codes = Set(
        """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK \
        CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS \
        GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV \
        LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
        PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
        TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
        """.split(separator: " ").map(String.init))
}
