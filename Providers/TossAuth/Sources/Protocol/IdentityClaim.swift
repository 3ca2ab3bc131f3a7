public import Base

/// What an application says about a person, for a check with personal data. It exists only in a form that the provider takes, and has no printable one.
public struct IdentityClaim: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// One of its three parts, by the name of the member that carries it.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// The person's name.
        case name = "userName"
        /// The person's telephone number.
        case phone = "userPhone"
        /// The person's birthday.
        case birthday = "userBirthday"
    }

    private let texts: [Part: Secret]

    /// Takes the three parts as they are; nothing is stripped or guessed.
    ///
    /// - Parameters:
    ///   - name: Not empty, not only white space, at most ``TossAuthLimits/longestName`` bytes, without control characters, and in composed form (NFC): Hangul that is spelt
    ///     with separate letters, as file names on a Mac are, is another text to the provider.
    ///   - phone: 10 or 11 ASCII digits and nothing else.
    ///   - birthday: `YYYYMMDD`, a real date; see ``Birthday``.
    /// - Throws: ``ClaimFault`` for the first part that cannot be sent.
    public init(name: String, phone: String, birthday: String) throws(ClaimFault) {
        guard let fault = IdentityClaim.fault(.name, name) ?? IdentityClaim.fault(.phone, phone) ?? IdentityClaim.fault(.birthday, birthday)
        else {
            texts = [.name: Secret(name), .phone: Secret(phone), .birthday: Secret(birthday)]
            return
        }
        throw fault
    }

    /// What is wrong with `text` as one part, or nothing.
    public static func fault(_ part: Part, _ text: String) -> ClaimFault? {
        switch part {
        case .name: nameFault(text)
        case .phone: phoneFault(text)
        case .birthday:
            Birthday(text) != nil
                ? nil
                : ClaimFault(
                    .birthday, "생년월일은 숫자 8자리(YYYYMMDD)의 실제 날짜여야 합니다. 구분자를 빼고, 없는 날짜가 아닌지 확인하세요.",
                    "the birthday must be eight digits, YYYYMMDD, and a real date; leave separators out")
        }
    }

    /// One part as text, for whoever encrypts or compares it.
    public func reveal(_ part: Part) -> String { texts[part]?.withText { $0 } ?? "" }

    func secret(_ part: Part) -> Secret { texts[part] ?? Secret([UInt8]()) }

    private static func nameFault(_ text: String) -> ClaimFault? {
        let scalars = text.unicodeScalars
        if scalars.allSatisfy(\.properties.isWhitespace) {
            return ClaimFault(.name, "이름이 비어 있습니다.", "the name is empty")
        }
        if text.utf8.count > TossAuthLimits.longestName {
            return ClaimFault(
                .name, "이름이 너무 깁니다. UTF-8로 \(TossAuthLimits.longestName)바이트까지입니다.",
                "the name is too long; at most \(TossAuthLimits.longestName) bytes of UTF-8")
        }
        if scalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
            return ClaimFault(.name, "이름에 줄바꿈 같은 제어 문자가 들어 있습니다.", "the name holds a control character, such as a line break")
        }
        if scalars.contains(where: { (0x1100...0x11FF).contains($0.value) }) {
            return ClaimFault(
                .name, "이름의 한글이 자모로 풀려 있습니다(NFD). 완성형(NFC)으로 바꾸어 보내세요.",
                "the Hangul of the name is decomposed (NFD); normalise it to NFC")
        }
        return nil
    }

    private static func phoneFault(_ text: String) -> ClaimFault? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return ClaimFault(
                .phone, "휴대전화번호에는 숫자만 쓸 수 있습니다. 하이픈, 공백, +82를 빼고 01012345678처럼 쓰세요.",
                "the telephone number must be digits only: no hyphens, no spaces, no +82, as in 01012345678")
        }
        guard TossAuthLimits.phoneDigits.contains(text.utf8.count) else {
            return ClaimFault(.phone, "휴대전화번호는 10자리 또는 11자리여야 합니다.", "the telephone number must have 10 or 11 digits")
        }
        return nil
    }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why something about a person cannot be sent. It never repeats what was given.
public struct ClaimFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The part that is wrong.
    public var part: IdentityClaim.Part
    /// What is wrong and what would be right.
    public var message: BilingualText

    init(_ part: IdentityClaim.Part, _ korean: String, _ english: String) {
        self.part = part
        message = BilingualText(korean: korean, english: english)
    }

    /// The member's name and the English sentence.
    public var description: String { "\(part.rawValue): \(message.english)" }
}

/// A day on which somebody was born. It has no printable form.
public struct Birthday: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The years that are taken for a birthday's (ours): nobody alive was born before, and the last is far enough for a sandbox's moved clock.
    public static let years = 1850...2199

    let date: CivilTime

    /// Reads `YYYYMMDD`: eight ASCII digits that name a real day, or nothing.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 8, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let number = bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard Birthday.years.contains(number / 10_000),
            let date = CivilTime(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        else { return nil }
        self.date = date
    }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
