public import Base

/// Why an envelope was refused, for the developer who wrote it: the step that failed, the known mistake that explains it, the envelope that should have come, and the
/// first byte at which the two part.
///
/// It says more than the provider would, recovered parameters included, so it belongs into a private log and never into an answer. The work is bounded: a fixed list
/// of attempts over a header of at most ``longestHeader`` bytes.
public struct SentbeDiagnosis: Sendable {
    /// Longer headers are not looked into, only measured.
    public static let longestHeader = 64 << 10
    /// How many other secrets are tried.
    public static let otherSecretLimit = 16

    /// A secret that is not the right one but may have been taken for it.
    public struct OtherSecret: Sendable {
        /// Whose or which it is: the partner's access_id, a secret before its change, another partner's.
        public var name: BilingualText
        /// The secret.
        public var secret: Secret

        /// A secret with its name.
        public init(name: BilingualText, secret: Secret) {
            self.name = name
            self.secret = secret
        }
    }

    /// Where two texts part.
    public struct Difference: Sendable, Hashable {
        /// The place in bytes, counted from 0.
        public var offset: Int
        /// The byte that should be there; nothing when the text should have ended.
        public var expected: UInt8?
        /// The byte that is there; nothing when the text has ended.
        public var received: UInt8?

        /// The first place at which two texts differ; nothing when they are the same.
        public init?(expected: some Collection<UInt8>, received: some Collection<UInt8>) {
            var left = expected.makeIterator()
            var right = received.makeIterator()
            var offset = 0
            while true {
                let (one, other) = (left.next(), right.next())
                guard one == other else {
                    (self.offset, self.expected, self.received) = (offset, one, other)
                    return
                }
                guard one != nil else { return nil }
                offset += 1
            }
        }
    }

    /// What the envelope held; nothing when it was refused.
    public var opened: SentbeEnvelope.Opened?
    /// The step that failed; nothing when none did.
    public var failure: SentbeEnvelopeError?
    /// The known mistake that reproduces what came; nothing when none does, or none was made.
    public var mistake: SentbeMistake?
    /// What more there is to say about this one, such as which other key fits.
    public var detail: BilingualText?
    /// The parameters' text that the mistake hides, where it could be recovered. Personal data.
    public var recovered: String?
    /// The header as it should have come, where it could be rebuilt: same parameters, same salt.
    public var expected: String?
    /// Where the header that came parts from ``expected``.
    public var difference: Difference?
    /// What a reader puts up with, but a careful writer would change. In the order of ``SentbeRemark/all``.
    public var remarks: [SentbeRemark] = []

    /// Explains one header.
    ///
    /// - Parameters:
    ///   - header: The value of `SIGNATURE` as it came.
    ///   - secret: The secret_key that it should have been written with.
    ///   - others: Secrets that may have been taken instead.
    ///   - rules: What the reader puts up with.
    public static func explain(
        _ header: String, secret: Secret, others: [OtherSecret] = [], rules: SentbeEnvelope.Rules = .init()
    ) -> SentbeDiagnosis {
        var diagnosis = SentbeDiagnosis()
        do throws(SentbeEnvelopeError) {
            let opened = try SentbeEnvelope.open(header, secret: secret, rules: rules)
            diagnosis.opened = opened
            diagnosis.remarks = SentbeRemark.all.filter { $0.applies(opened, header, secret) }
            return diagnosis
        } catch {
            diagnosis.failure = error
        }
        let bytes = Array(header.utf8)
        guard bytes.count <= longestHeader, diagnosis.failure?.code != .unavailable else { return diagnosis }
        let evidence = SentbeEvidence(bytes, secret: secret, others: Array(others.prefix(otherSecretLimit)), failure: diagnosis.failure)
        for mistake in SentbeMistake.all {
            guard let finding = mistake.look(evidence) else { continue }
            diagnosis.mistake = mistake
            diagnosis.detail = finding.detail
            diagnosis.recovered = finding.text
            diagnosis.expected = finding.expected
            diagnosis.difference = finding.expected.flatMap { Difference(expected: $0.utf8, received: bytes) }
            break
        }
        return diagnosis
    }
}

/// Something about an envelope that opens, worth a word to its writer.
public struct SentbeRemark: Sendable, Identifiable {
    /// A short constant word.
    public let id: String
    /// What it is and what to do.
    public let text: BilingualText
    let applies: @Sendable (SentbeEnvelope.Opened, _ header: String, _ secret: Secret) -> Bool

    /// All of them.
    public static let all: [SentbeRemark] = [
        SentbeRemark(
            id: "single-encoding",
            text: BilingualText(
                korean: "매개변수를 한 번만 인코딩했습니다. 현재 샘플은 JSON 텍스트를 문자열로 한 번 더 인코딩합니다. 실제 서버가 한 번짜리를 받는지는 알려져 있지 않습니다.",
                english:
                    "the parameters are encoded once; the current samples encode the JSON text once more as a string, and nobody knows whether the real server takes single encoding"
            )
        ) { opened, _, _ in opened.encoding == .single && !opened.text.isEmpty },
        SentbeRemark(
            id: "not-compact",
            text: BilingualText(
                korean: "매개변수 JSON의 토큰 사이에 공백이나 줄바꿈이 있습니다. 공개된 Ruby 복호화 코드는 이것을 깨뜨리므로 공백 없이 쓰세요.",
                english:
                    "there is white space between the parameters' tokens; the published Ruby reader breaks on it, so write compact JSON")
        ) { opened, _, _ in hasLooseSpace(opened.text) },
        SentbeRemark(
            id: "escapes",
            text: BilingualText(
                korean: "매개변수 값에 이스케이프(따옴표, 역슬래시, 줄바꿈, \\u)가 있습니다. 공개된 Ruby 복호화 코드는 이것을 다른 값으로 읽거나 깨뜨립니다.",
                english:
                    "a value holds an escape (quotation mark, backslash, line feed, \\u); the published Ruby reader reads it as something else or breaks"
            )
        ) { opened, _, _ in opened.text.utf8.contains(UInt8(ascii: "\\")) },
        SentbeRemark(
            id: "long-header",
            text: BilingualText(
                korean: "SIGNATURE가 \(SentbeHeaders.signatureWarning)바이트를 넘습니다. 중간의 프록시(보통 8 KB)가 431이나 400으로 끊을 수 있습니다.",
                english:
                    "SIGNATURE is longer than \(SentbeHeaders.signatureWarning) bytes; a proxy on the way (usually 8 KB) may answer 431 or 400"
            )
        ) { _, header, _ in header.utf8.count > SentbeHeaders.signatureWarning },
        SentbeRemark(
            id: "secret-not-ascii",
            text: BilingualText(
                korean: "secret_key에 ASCII가 아닌 글자가 있습니다. 언어마다 다르게 다루며 Ruby 샘플은 오류를 냅니다.",
                english: "the secret_key holds characters beyond ASCII; languages disagree about them and the Ruby sample raises an error")
        ) { _, _, secret in !SentbeHeaders.isPortable(secret) },
    ]

    private static func hasLooseSpace(_ text: String) -> Bool {
        var isInText = false
        var isEscaped = false
        for byte in text.utf8 {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else {
                    isInText = byte != UInt8(ascii: "\"")
                }
            } else if byte == UInt8(ascii: "\"") {
                isInText = true
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                return true
            }
        }
        return false
    }
}
