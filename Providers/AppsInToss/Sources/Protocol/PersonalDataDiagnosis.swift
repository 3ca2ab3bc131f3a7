public import Base
import Cryptography

/// Why a field of login-me cannot be decrypted, for the developer who holds the key anyway.
///
/// Never show it to whoever sent the field: it tells apart what ``PersonalDataCipher/open(_:)`` keeps together on purpose.
public struct PersonalDataDiagnosis: Sendable, Equatable {
    /// One cause.
    public struct Cause: RawRepresentable, Hashable, Sendable {
        /// A short constant word.
        public let rawValue: String
        /// A cause by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Nothing: it can be decrypted.
        public static let none = Cause(rawValue: "none")
        /// The key is 32 bytes written in hexadecimal digits, or as they are.
        public static let keyEncoding = Cause(rawValue: "key-encoding")
        /// The key is Base64 of another number of bytes, or no Base64 at all.
        public static let keyLength = Cause(rawValue: "key-length")
        /// The field is one of Toss Auth's.
        public static let tossAuth = Cause(rawValue: "toss-auth-field")
        /// The field went through a URL or was cut out badly: `%2B`, a space for a plus, line breaks, quotation marks, the alphabet of URLs.
        public static let transport = Cause(rawValue: "changed-on-the-way")
        /// The field is no Base64.
        public static let notBase64 = Cause(rawValue: "not-base64")
        /// The field is shorter than vector and tag.
        public static let tooShort = Cause(rawValue: "too-short")
        /// The key fits and the additional data does not.
        public static let additionalData = Cause(rawValue: "additional-data")
        /// The key does not fit, or the field was changed.
        public static let wrongKey = Cause(rawValue: "wrong-key")
    }

    /// What it is.
    public var cause: Cause
    /// The same in a sentence with what to do, without any part of key, field or text.
    public var message: BilingualText

    init(_ cause: Cause, _ korean: String, _ english: String) {
        self.cause = cause
        message = BilingualText(korean: korean, english: english)
    }

    /// Looks for the cause.
    ///
    /// - Parameters:
    ///   - field: The field as it was received.
    ///   - base64Key: The key as it was configured.
    ///   - additionalData: The additional data as it was configured.
    public static func explain(_ field: String, base64Key: Secret, additionalData: Secret) -> PersonalDataDiagnosis {
        let cipher: PersonalDataCipher
        switch readKey(base64Key, additionalData) {
        case .failure(let complaint): return complaint.diagnosis
        case .success(let read): cipher = read
        }
        if (try? cipher.open(field)) != nil {
            return PersonalDataDiagnosis(.none, "이 키와 AAD로 복호화됩니다.", "this key and this additional data decrypt it")
        }
        if field.utf8.starts(with: "v1$".utf8) {
            return PersonalDataDiagnosis(
                .tossAuth,
                "토스 인증(Toss Auth)의 필드입니다(v1$…). 앱인토스 로그인 필드와는 암호화 방식이 다르니 토스 인증 복호화로 여세요.",
                "this is a field of Toss Auth (v1$…), which is encrypted in another way; decrypt it as one")
        }
        guard let bytes = Base64.decode(field) else { return explainText(field, cipher) }
        guard bytes.count >= PersonalDataCipher.leastByteCount else {
            return PersonalDataDiagnosis(
                .tooShort, "IV 12바이트와 태그 16바이트보다 짧습니다(\(bytes.count)바이트). 값이 잘렸는지 확인하세요.",
                "shorter than the 12 bytes of the vector and the 16 of the tag (\(bytes.count) bytes); was it cut off?")
        }
        return explainBytes(bytes, cipher)
    }

    private struct Complaint: Error { var diagnosis: PersonalDataDiagnosis }

    private static func readKey(_ text: Secret, _ additionalData: Secret) -> Result<PersonalDataCipher, Complaint> {
        if let cipher = try? PersonalDataCipher(base64Key: text, additionalData: additionalData) { return .success(cipher) }
        let bytes = text.withBytes { PersonalDataCipher.trimmed($0) }
        if bytes.count == 64, Hexadecimal.decode(String(decoding: bytes, as: UTF8.self)) != nil {
            return .failure(
                Complaint(
                    diagnosis: PersonalDataDiagnosis(
                        .keyEncoding, "키가 16진수로 적혀 있습니다. 메일로 받은 Base64 그대로 쓰세요.",
                        "the key is written in hexadecimal digits; use the Base64 as it came by mail")))
        }
        if let decoded = Base64.decode(bytes) {
            return .failure(
                Complaint(
                    diagnosis: PersonalDataDiagnosis(
                        .keyLength, "키가 \(decoded.count)바이트입니다. 32바이트여야 합니다. 메일로 받은 값이 잘리지 않았는지 확인하세요.",
                        "the key is \(decoded.count) bytes long and must be 32; was the value from the mail cut off?")))
        }
        if bytes.count == PersonalDataCipher.keyByteCount {
            return .failure(
                Complaint(
                    diagnosis: PersonalDataDiagnosis(
                        .keyEncoding, "키가 이미 Base64를 푼 32바이트로 보입니다. Base64로 쓴 44자를 주세요.",
                        "the key seems to be the 32 bytes themselves; give the 44 characters of Base64")))
        }
        return .failure(
            Complaint(
                diagnosis: PersonalDataDiagnosis(
                    .keyLength, "키가 Base64가 아닙니다. 32바이트를 Base64로 쓴 44자여야 합니다.",
                    "the key is no Base64; it must be 32 bytes in Base64, 44 characters")))
    }

    /// The text is no Base64: which change on the way would make it one that opens?
    private static func explainText(_ field: String, _ cipher: PersonalDataCipher) -> PersonalDataDiagnosis {
        let repairs: [(Repair, String, String)] = [
            (.percent, "퍼센트 인코딩(%2B 등)이 남아 있습니다. URL 디코딩을 한 번만 하세요.", "it is percent-encoded (%2B and the like); decode it once"),
            (
                .plus, "'+'가 공백으로 바뀌었습니다. 폼이나 쿼리 디코더를 거치지 마세요.",
                "a plus sign became a space: it went through the decoder of a form or a query"
            ),
            (.lines, "줄바꿈이나 공백, 따옴표가 섞였습니다. 값만 그대로 쓰세요.", "it has line breaks, spaces or quotation marks in it; use the value alone"),
            (.slashes, "JSON의 '\\/'가 그대로 남아 있습니다. JSON으로 읽은 값을 쓰세요.", "it still has JSON's \"\\/\" in it; use the value as JSON reads it"),
            (
                .alphabet, "URL용 Base64('-', '_') 또는 채움 문자(=)가 빠진 값입니다. 표준 Base64로 바꾸세요.",
                "it is written in the alphabet of URLs or without padding; use standard Base64"
            ),
        ]
        for (repair, korean, english) in repairs {
            guard let repaired = repair.apply(field), (try? cipher.open(repaired)) != nil else { continue }
            return PersonalDataDiagnosis(.transport, korean, english)
        }
        return PersonalDataDiagnosis(
            .notBase64, "Base64가 아닙니다. 암호화되지 않은 값이거나 도중에 바뀌었습니다.", "it is no Base64: not an encrypted value, or changed on the way")
    }

    private enum Repair {
        case percent, plus, lines, slashes, alphabet

        func apply(_ field: String) -> String? {
            var bytes = Array(field.utf8)
            switch self {
            case .percent:
                var decoded: [UInt8] = []
                var index = 0
                while index < bytes.count {
                    if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = Hexadecimal.value(bytes[index + 1]),
                        let low = Hexadecimal.value(bytes[index + 2])
                    {
                        decoded.append(high << 4 | low)
                        index += 3
                    } else {
                        decoded.append(bytes[index])
                        index += 1
                    }
                }
                bytes = decoded
            case .plus: bytes = bytes.map { $0 == 0x20 ? UInt8(ascii: "+") : $0 }
            case .lines: bytes.removeAll { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
            case .slashes: bytes.removeAll { $0 == UInt8(ascii: "\\") }
            case .alphabet:
                bytes = bytes.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
                while bytes.count % 4 != 0 { bytes.append(UInt8(ascii: "=")) }
            }
            return String(validating: bytes, as: UTF8.self)
        }
    }

    /// The bytes are there: does the key fit, and which additional data would?
    private static func explainBytes(_ bytes: [UInt8], _ cipher: PersonalDataCipher) -> PersonalDataDiagnosis {
        let configured = cipher.additionalData.withBytes { $0 }
        let key = Base64.encode(cipher.key.withBytes { $0 })
        let candidates: [([UInt8], String, String)] = [
            (PersonalDataCipher.trimmed(configured), "앞뒤 공백이나 줄바꿈을 뺀 AAD", "the additional data without the white space around it"),
            (configured + [0x0A], "끝에 줄바꿈이 붙은 AAD", "the additional data with a line break behind it"), ([], "빈 AAD", "no additional data"),
            (Array("TOSS".utf8), "AAD \"TOSS\"(PHP 예제의 값)", "the additional data \"TOSS\" of the PHP sample"),
            (Base64.decode(configured) ?? configured, "Base64를 푼 AAD", "the additional data decoded from Base64"),
            (Array(Base64.encode(configured).utf8), "Base64로 쓴 AAD", "the additional data in Base64"),
            (Array(key.utf8), "AAD 자리에 키(토스 인증의 방식)", "the key as additional data, as Toss Auth has it"),
        ]
        for (candidate, korean, english) in candidates where cipher.open(bytes, Secret(candidate)) != nil {
            return PersonalDataDiagnosis(
                .additionalData, "키는 맞고 AAD가 다릅니다. \(korean)(으)로는 열립니다.",
                "the key is right and the additional data is not: \(english) opens it")
        }
        if cipher.unverified(bytes).map(isLegible) == true {
            return PersonalDataDiagnosis(
                .additionalData, "키는 맞는 듯한데 AAD가 다르거나 태그가 깨졌습니다. 메일로 받은 AAD를 그대로 쓰세요.",
                "the key seems right; the additional data is another, or the tag was damaged: use the text from the mail as it is")
        }
        return PersonalDataDiagnosis(
            .wrongKey, "키가 다르거나 값이 도중에 바뀌었습니다. 이 미니앱의 키인지, 새로 발급받은 키는 아닌지 확인하세요.",
            "another key wrote it, or it was changed on the way; is it this mini-app's key, and has a new one been issued?")
    }

    /// Whether bytes could be a field's text. Noise of three bytes passes once in twenty times, of ten hardly ever.
    private static func isLegible(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value) }
    }
}
