public import Base

/// Why an envelope could not be written or read, and at which step. The provider itself says `E0004` for all of it; this is for the private log.
public struct SentbeEnvelopeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a log and a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Step 1: the header is longer than the cap.
        public static let tooLong = Code(rawValue: "too-long")
        /// Step 2: the header is not a JSON object.
        public static let notAnEnvelope = Code(rawValue: "not-an-envelope")
        /// Step 2: a member of the envelope is written twice.
        public static let memberTwice = Code(rawValue: "member-twice")
        /// Step 3: `ct`, `iv` or `s` is missing or not a text.
        public static let missingMember = Code(rawValue: "missing-member")
        /// Step 3: `ct` is not strict base64.
        public static let ciphertextNotBase64 = Code(rawValue: "ct-not-base64")
        /// Step 3: the ciphertext is empty or not a multiple of 16 bytes.
        public static let ciphertextLength = Code(rawValue: "ct-length")
        /// Step 3: `s` is not 8 bytes in hexadecimal.
        public static let saltForm = Code(rawValue: "s-form")
        /// Step 3: `iv` is not 16 bytes in hexadecimal.
        public static let vectorForm = Code(rawValue: "iv-form")
        /// Step 4: `iv` is not what follows from the secret and `s`.
        public static let vectorDiffers = Code(rawValue: "iv-differs")
        /// Step 5: the padding is wrong.
        public static let undecryptable = Code(rawValue: "undecryptable")
        /// Step 6: what came out is not UTF-8.
        public static let notUTF8 = Code(rawValue: "not-utf8")
        /// Step 6: what came out is not JSON.
        public static let notJSON = Code(rawValue: "not-json")
        /// Step 6: encoded once, where the reader was told to take only double encoding.
        public static let singleEncoding = Code(rawValue: "single-encoding")
        /// Step 7: the parameters are not a JSON object.
        public static let notParameters = Code(rawValue: "not-parameters")
        /// Step 7: a parameter's name is written twice.
        public static let nameTwice = Code(rawValue: "name-twice")
        /// This machine's OpenSSL cannot do it, or a salt of the wrong length was handed in.
        public static let unavailable = Code(rawValue: "unavailable")
    }

    /// What is wrong.
    public var code: Code
    /// The step of reading that failed, 1 to 7; 0 when none did.
    public var step: Int
    /// The same in a sentence, without secrets and without any of the parameters.
    public var message: BilingualText

    init(_ code: Code, step: Int, _ korean: String, _ english: String) {
        self.code = code
        self.step = step
        message = BilingualText(korean: korean, english: english)
    }

    /// Whether both have the same code; the wording does not count.
    public static func == (left: SentbeEnvelopeError, right: SentbeEnvelopeError) -> Bool { left.code == right.code }

    /// Code, step and the English message.
    public var description: String { "\(code.rawValue) (step \(step)): \(message.english)" }
}

extension SentbeEnvelopeError {
    static func tooLong(_ count: Int, limit: Int) -> SentbeEnvelopeError {
        SentbeEnvelopeError(
            .tooLong, step: 1, "SIGNATURE 헤더가 \(count)바이트로, 한도 \(limit)바이트를 넘었습니다.",
            "the SIGNATURE header has \(count) bytes, more than the limit of \(limit)")
    }

    static let notAnEnvelope = SentbeEnvelopeError(
        .notAnEnvelope, step: 2, "SIGNATURE 헤더가 {\"ct\",\"iv\",\"s\"} 꼴의 JSON 객체가 아닙니다.",
        "the SIGNATURE header is not a JSON object {\"ct\",\"iv\",\"s\"}")
    static let memberTwice = SentbeEnvelopeError(
        .memberTwice, step: 2, "봉투에 같은 이름의 항목이 두 번 있습니다.", "a member of the envelope is written twice")

    static func missingMember(_ name: String) -> SentbeEnvelopeError {
        SentbeEnvelopeError(
            .missingMember, step: 3, "봉투에 \"\(name)\" 항목이 없거나 문자열이 아닙니다.",
            "the envelope has no member \"\(name)\", or it is not a text")
    }

    static let ciphertextNotBase64 = SentbeEnvelopeError(
        .ciphertextNotBase64, step: 3, "\"ct\"가 올바른 base64가 아닙니다.", "\"ct\" is not proper base64")
    static let ciphertextLength = SentbeEnvelopeError(
        .ciphertextLength, step: 3, "\"ct\"의 길이가 16바이트의 양의 배수가 아닙니다.", "\"ct\" does not hold a positive multiple of 16 bytes")
    static let saltForm = SentbeEnvelopeError(
        .saltForm, step: 3, "\"s\"는 8바이트를 나타내는 16자리 16진수여야 합니다.", "\"s\" must be 16 hexadecimal digits, 8 bytes")
    static let vectorForm = SentbeEnvelopeError(
        .vectorForm, step: 3, "\"iv\"는 16바이트를 나타내는 32자리 16진수여야 합니다.", "\"iv\" must be 32 hexadecimal digits, 16 bytes")
    static let vectorDiffers = SentbeEnvelopeError(
        .vectorDiffers, step: 4, "\"iv\"가 secret_key와 \"s\"로 계산한 값과 다릅니다.",
        "\"iv\" is not what follows from the secret_key and \"s\"")
    static let undecryptable = SentbeEnvelopeError(
        .undecryptable, step: 5, "복호화 결과의 패딩이 올바르지 않습니다.", "the padding is wrong after decryption")
    static let notUTF8 = SentbeEnvelopeError(
        .notUTF8, step: 6, "복호화한 내용이 UTF-8이 아닙니다.", "what was decrypted is not UTF-8")
    static let notJSON = SentbeEnvelopeError(
        .notJSON, step: 6, "복호화한 내용이 JSON이 아닙니다.", "what was decrypted is not JSON")
    static let singleEncoding = SentbeEnvelopeError(
        .singleEncoding, step: 6, "매개변수 JSON이 문자열로 한 번 더 인코딩되어 있지 않습니다.",
        "the parameters were not encoded once more as a JSON string")
    static let notParameters = SentbeEnvelopeError(
        .notParameters, step: 7, "매개변수가 JSON 객체가 아닙니다.", "the parameters are not a JSON object")
    static let nameTwice = SentbeEnvelopeError(
        .nameTwice, step: 7, "같은 이름의 매개변수가 두 번 있습니다.", "a parameter's name is written twice")
    static let saltLength = SentbeEnvelopeError(
        .unavailable, step: 0, "salt는 8바이트여야 합니다.", "the salt must have 8 bytes")
    static let cipherUnavailable = SentbeEnvelopeError(
        .unavailable, step: 0, "이 컴퓨터의 OpenSSL로 AES-256-CBC를 쓸 수 없습니다.", "this machine's OpenSSL cannot do AES-256-CBC")
}
