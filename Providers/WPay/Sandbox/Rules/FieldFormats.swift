import Base
import SandboxKit
import WPay

/// Lengths and formats of plain values, by the data dictionary.
enum FieldFormats {
    /// One field's format.
    private struct Format: Sendable {
        let isRight: @Sendable (String, SandboxSettings) -> Bool
        let korean: String
        let english: String

        init(_ korean: String, _ english: String, _ isRight: @escaping @Sendable (String, SandboxSettings) -> Bool) {
            self.korean = korean
            self.english = english
            self.isRight = isRight
        }

        init(_ korean: String, _ english: String, among values: [String]) {
            self.init(korean, english) { value, _ in values.contains(value) }
        }
    }

    private static let digit: @Sendable (UInt8) -> Bool = { (0x30...0x39).contains($0) }

    private static let formats: [String: Format] = [
        "goodsPrice": Format("숫자만 쓰는 원 단위 금액이어야 합니다", "must be an amount of won in digits only") { value, _ in
            value.utf8.allSatisfy(digit)
        },
        "hNum": Format("대시 없는 휴대전화 번호(숫자 10–11자리)여야 합니다", "must be a mobile number of 10 or 11 digits, without dashes") { value, _ in
            (10...11).contains(value.utf8.count) && value.utf8.allSatisfy(digit)
        },
        "birthDay": Format("YYYYMMDD 꼴의 날짜여야 합니다", "must be a date written YYYYMMDD") { value, _ in isDay(value) },
        "hCorp": Format("SKT, KTF, LGT, SKR, KTR, LGR 가운데 하나여야 합니다", "must be one of SKT, KTF, LGT, SKR, KTR, LGR") { value, settings in
            ["SKT", "KTF", "LGT", "SKR", "KTR", "LGR"].contains(value)
                || (settings.takesBothCarrierCodes && ["KFT", "KFR"].contains(value))
        },
        "socialNo2": Format("숫자 한 자리여야 합니다", "must be one digit") { value, _ in value.utf8.count == 1 && value.utf8.allSatisfy(digit) },
        "frnrYn": Format("Y 또는 N이어야 합니다", "must be Y or N", among: ["Y", "N"]),
        "payMethod": Format("01(카드) 또는 16(계좌)이어야 합니다", "must be 01 (card) or 16 (account)", among: ["01", "16"]),
        "cardQuota": Format("두 자리 개월 수(일시불 00)여야 합니다", "must be months in two digits, 00 for a lump sum") { value, _ in
            value.utf8.count == 2 && value.utf8.allSatisfy(digit)
        },
        "buyerTel": Format("숫자와 -만 쓸 수 있습니다", "may have digits and - only") { value, _ in
            value.utf8.allSatisfy { digit($0) || $0 == UInt8(ascii: "-") }
        },
        "buyerEmail": Format("이메일 주소여야 합니다", "must be an e-mail address") { value, _ in
            value.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).map(\.count).allSatisfy { $0 > 0 }
                && value.utf8.count { $0 == UInt8(ascii: "@") } == 1
                && value.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"&<>\"'()[],;:\\".utf8.contains($0) }
        },
        "billkeyAppFlag": Format("Y여야 합니다", "must be Y", among: ["Y"]),
        "cshRecpSave": Format("Y 또는 N이어야 합니다", "must be Y or N", among: ["Y", "N"]),
        "cshRecpCode": Format("1(소득공제) 또는 2(지출증빙)여야 합니다", "must be 1 (income deduction) or 2 (expense proof)", among: ["1", "2"]),
        "flagPin": Format("Y 또는 N이어야 합니다", "must be Y or N", among: ["Y", "N"]),
        "flagCardPoint": Format("Y 또는 N이어야 합니다", "must be Y or N", among: ["Y", "N"]),
        "options": Format("MQ, CP, CE, NI, PK, UC, BI를 :로 이어 써야 합니다", "must be of MQ, CP, CE, NI, PK, UC, BI, joined by :") { value, _ in
            value.split(separator: ":", omittingEmptySubsequences: false).allSatisfy { BasicInformation.options.contains(String($0)) }
        },
        "returnUrl": Format("http:// 또는 https:// 주소여야 합니다", "must be an http:// or https:// address") { value, _ in isAddress(value) },
        "cancelReturnUrl": Format("http:// 또는 https:// 주소여야 합니다", "must be an http:// or https:// address") { value, _ in
            isAddress(value)
        },
    ]

    /// Checks what is there; a field that is absent or empty has no format.
    ///
    /// - Throws: ``Refused`` that names the field, never its value.
    static func check(_ fields: [String: String], _ api: WPayAPI, _ settings: SandboxSettings) throws(Refused) {
        for field in api.request {
            guard let value = fields[field.name], !value.isEmpty else { continue }
            if let limit = field.maximumLength, value.unicodeScalars.count > limit { throw tooLong(field.name, limit, inBytes: false) }
            if let limit = field.maximumByteCount, value.utf8.count > limit { throw tooLong(field.name, limit, inBytes: true) }
            if let format = formats[field.name], !format.isRight(value, settings) {
                throw Refused(
                    "field.value", ko: "\(field.name): \(format.korean).", en: "\(field.name) \(format.english)", fix: nil,
                    ["field": .string(field.name)])
            }
        }
    }

    private static func tooLong(_ name: String, _ limit: Int, inBytes: Bool) -> Refused {
        Refused(
            "field.length", ko: "\(name)은(는) 최대 \(limit)\(inBytes ? "바이트(UTF-8)" : "자")입니다.",
            en: "\(name) may have \(limit) \(inBytes ? "bytes of UTF-8" : "characters") at most", fix: nil,
            ["field": .string(name), "limit": .number(limit)])
    }

    /// Whether it has the form of an MID: 1 to 10 letters and digits. What has another may be anything, a key included, and is not repeated.
    static func isMID(_ text: String) -> Bool {
        (1...10).contains(text.utf8.count)
            && text.utf8.allSatisfy { digit($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    }

    static func isAddress(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        return text.dropFirst(scheme.count).first.map { !"/?#".contains($0) } ?? false
    }

    private static func isDay(_ text: String) -> Bool {
        guard text.utf8.count == 8, text.utf8.allSatisfy(digit), let year = Int(text.prefix(4)),
            let month = Int(text.dropFirst(4).prefix(2)),
            let day = Int(text.suffix(2))
        else { return false }
        return CivilTime(year: year, month: month, day: day) != nil
    }
}
