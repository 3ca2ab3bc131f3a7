public import Base

/// Why a request was not built. Nothing has been sent.
public struct WPayRequestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A required field is missing or empty.
        public static let missingField = Code(rawValue: "missing-field")
        /// The API has no such field.
        public static let unknownField = Code(rawValue: "unknown-field")
        /// A field was given twice.
        public static let givenTwice = Code(rawValue: "given-twice")
        /// A field that is neither encrypted nor encoded holds an `&` or a line break, so that the signed message could mean another request.
        public static let ambiguousValue = Code(rawValue: "ambiguous-value")
        /// A field that is neither encrypted nor encoded holds other characters than ASCII, and nobody knows how WPAY would hash them.
        public static let notASCII = Code(rawValue: "not-ascii")
        /// A value is longer than WPAY's data dictionary allows.
        public static let tooLong = Code(rawValue: "too-long")
        /// A value given as plain is a ciphertext of these keys: it must be passed on as final.
        public static let alreadyEncrypted = Code(rawValue: "already-encrypted")
        /// A value given as final cannot be what its field's mark asks for.
        public static let notFinal = Code(rawValue: "not-final")
        /// A field must be encrypted and there is no SEED key.
        public static let noSeedKey = Code(rawValue: "no-seed-key")
    }

    /// What is wrong.
    public let code: Code
    /// The field.
    public let field: String
    /// What is wrong and what would be right, without the value.
    public let message: BilingualText

    /// Whether both are about the same.
    public static func == (left: WPayRequestError, right: WPayRequestError) -> Bool { left.code == right.code && left.field == right.field }

    /// Code, field and the English message.
    public var description: String { "\(code.rawValue) (\(field)): \(message.english)" }

    init(_ code: Code, _ field: String, _ korean: String, _ english: String) {
        self.code = code
        self.field = field
        message = BilingualText(korean: korean, english: english)
    }
}

extension WPayRequestError {
    static func missing(_ field: String) -> WPayRequestError {
        WPayRequestError(.missingField, field, "필수 필드 \(field)이(가) 없거나 비어 있습니다.", "the required field \(field) is missing or empty")
    }

    static func unknown(_ field: String, _ api: WPayAPI) -> WPayRequestError {
        let names = api.request.map(\.name).joined(separator: ", ")
        return WPayRequestError(
            .unknownField, field, "\(api.identifier) API에 \(field) 필드는 없습니다. 있는 필드: \(names)",
            "\(api.identifier) has no field \(field); it has \(names)")
    }

    static func givenTwice(_ field: String) -> WPayRequestError {
        WPayRequestError(.givenTwice, field, "\(field) 필드가 두 번 들어 있습니다.", "the field \(field) was given twice")
    }

    static func ambiguous(_ field: String) -> WPayRequestError {
        WPayRequestError(
            .ambiguousValue, field,
            "\(field)에는 &나 줄바꿈을 쓸 수 없습니다. 서명 메시지가 값을 이스케이프하지 않아 다른 요청과 구별되지 않기 때문입니다.",
            "\(field) must not contain & or a line break: the signed message escapes nothing, so it could mean another request")
    }

    static func notASCII(_ field: String) -> WPayRequestError {
        WPayRequestError(
            .notASCII, field, "\(field)은(는) 암호화도 URL 인코딩도 하지 않는 필드이므로 ASCII 문자만 쓸 수 있습니다.",
            "\(field) is neither encrypted nor encoded, so only ASCII characters can be used")
    }

    static func tooLong(_ field: String, _ limit: Int, inBytes: Bool) -> WPayRequestError {
        WPayRequestError(
            .tooLong, field, "\(field)은(는) 최대 \(limit)\(inBytes ? "바이트(UTF-8)" : "자")입니다.",
            "\(field) may have \(limit) \(inBytes ? "bytes of UTF-8" : "characters") at most")
    }

    static func alreadyEncrypted(_ field: String) -> WPayRequestError {
        WPayRequestError(
            .alreadyEncrypted, field, "\(field)에 이미 암호화된 값이 들어 있습니다. 다시 암호화하지 않도록 최종 값으로 넘기세요.",
            "\(field) holds a value that is encrypted already; pass it on as final, so that it is not encrypted twice")
    }

    static func notFinal(_ field: String, _ mark: WPayFieldMark) -> WPayRequestError {
        mark == .encrypted
            ? WPayRequestError(
                .notFinal, field, "최종 값으로 준 \(field)이(가) SEED 암호문(Base64)이 아닙니다.",
                "\(field) was given as final, but it is no SEED ciphertext in Base64")
            : WPayRequestError(
                .notFinal, field, "최종 값으로 준 \(field)이(가) URL 인코딩된 값이 아닙니다.", "\(field) was given as final, but it is not URL-encoded")
    }

    static func noSeedKey(_ field: String) -> WPayRequestError {
        WPayRequestError(
            .noSeedKey, field, "\(field)을(를) 암호화하려면 SEED 키와 IV가 필요합니다.", "\(field) must be encrypted, which needs the SEED key and IV")
    }
}
