public import Base
import Cryptography

/// A mistake that writers of envelopes are known to make. Rows of ``all``, in the order in which they are tried.
public struct SentbeMistake: Sendable, Identifiable {
    /// A short constant word, fit for a log and a test.
    public let id: String
    /// What was done.
    public let name: BilingualText
    /// What to do instead.
    public let remedy: BilingualText
    let look: @Sendable (SentbeEvidence) -> SentbeEvidence.Finding?

    init(
        _ id: String, name: (korean: String, english: String), remedy: (korean: String, english: String),
        _ look: @escaping @Sendable (SentbeEvidence) -> SentbeEvidence.Finding?
    ) {
        self.id = id
        self.name = BilingualText(korean: name.korean, english: name.english)
        self.remedy = BilingualText(korean: remedy.korean, english: remedy.english)
        self.look = look
    }

    /// Every known mistake: with the header as a whole, with `ct`, with the vector and the salt, with the key, and with what was encrypted.
    public static let all: [SentbeMistake] = aboutHeader + aboutCiphertext + aboutVector + aboutKey + aboutContent
}

extension SentbeMistake {
    static let aboutHeader: [SentbeMistake] = [
        SentbeMistake(
            "too-long", name: ("헤더가 너무 깁니다", "the header is too long"),
            remedy: ("매개변수를 줄이세요. 실제 요청은 2 KB를 넘지 않습니다.", "send fewer parameters; real requests stay below 2 KB")
        ) { $0.failure?.code == .tooLong ? .init() : nil },
        SentbeMistake(
            "plain-parameters", name: ("매개변수를 암호화하지 않고 그대로 넣었습니다", "the parameters were put into the header unencrypted"),
            remedy: (
                "매개변수 JSON을 secret_key로 암호화한 봉투 {\"ct\",\"iv\",\"s\"}를 넣으세요.",
                "put in the envelope {\"ct\",\"iv\",\"s\"} that holds them encrypted"
            )
        ) { evidence in
            guard let members = evidence.members, ["ct", "iv", "s"].allSatisfy({ members[$0] == nil }) else { return nil }
            return .init(text: evidence.headerText)
        },
        SentbeMistake(
            "percent-encoded", name: ("봉투 전체를 URL 인코딩했습니다", "the whole envelope was percent-encoded"),
            remedy: ("봉투는 헤더에 그대로 넣습니다. URL 인코딩하지 마세요.", "an envelope stands in the header as it is; do not percent-encode it")
        ) { evidence in
            guard evidence.header.first == UInt8(ascii: "%") else { return nil }
            for plusIsSpace in [false, true] {
                guard let decoded = percentDecoded(evidence.header, plusIsSpace: plusIsSpace) else { continue }
                if let finding = evidence.ifOpens(decoded) { return finding }
            }
            return nil
        },
        SentbeMistake(
            "envelope-in-base64", name: ("봉투 전체를 base64로 한 번 더 감쌌습니다", "the whole envelope was wrapped in base64"),
            remedy: ("봉투 JSON을 그대로 헤더에 넣으세요.", "put the envelope's JSON into the header as it is")
        ) { evidence in
            Base64.decode(evidence.headerText).flatMap { String(validating: $0, as: UTF8.self) }.flatMap { evidence.ifOpens($0) }
        },
        SentbeMistake(
            "envelope-quoted", name: ("봉투를 JSON 문자열로 한 번 더 인코딩했습니다", "the envelope was encoded once more as a JSON string"),
            remedy: (
                "샘플의 encrypt는 이미 JSON 텍스트를 돌려줍니다. 다시 인코딩하지 마세요.", "the samples' encrypt already returns JSON text; do not encode it again"
            )
        ) { evidence in
            if let text = (try? JSON(evidence.header))?.string { return evidence.ifOpens(text) }
            let marks = [UInt8(ascii: "'"), UInt8(ascii: "\"")]
            guard let first = evidence.header.first, marks.contains(first), evidence.header.last == first else { return nil }
            return evidence.ifOpens(String(decoding: evidence.header.dropFirst().dropLast(), as: UTF8.self))
        },
        SentbeMistake(
            "openssl-salted",
            name: ("봉투가 아니라 OpenSSL의 \"Salted__\" 형식을 보냈습니다", "OpenSSL's \"Salted__\" form was sent instead of an envelope"),
            remedy: (
                "openssl enc나 CryptoJS의 기본 문자열 대신 ct, iv, s를 나눈 JSON을 쓰세요(CryptoJS에서는 format 옵션).",
                "write JSON with ct, iv and s apart, not what openssl enc or CryptoJS print by default (CryptoJS: the option format)"
            )
        ) { evidence in
            guard let bytes = Base64.decode(evidence.headerText), bytes.starts(with: SentbeGeneration2.saltedMark), bytes.count >= 32 else {
                return nil
            }
            let salt = Array(bytes[8..<16])
            guard let text = SentbeEvidence.text(of: Array(bytes[16...]), secret: evidence.secret, salt: salt) else { return .init() }
            return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
        },
        SentbeMistake(
            "cut-off", name: ("헤더가 중간에서 잘렸습니다", "the header was cut off on its way"),
            remedy: (
                "헤더 길이를 제한하는 프록시나 라이브러리를 찾아 한도를 늘리거나 매개변수를 줄이세요.",
                "look for a proxy or a library that limits headers: raise its limit, or send less"
            )
        ) { evidence in
            guard evidence.members == nil, evidence.header.first == UInt8(ascii: "{"), evidence.header.last != UInt8(ascii: "}"),
                evidence.header.prefix(16).firstRange(of: "\"ct\"".utf8) != nil
            else { return nil }
            return .init()
        },
        SentbeMistake(
            "missing-member", name: ("봉투에 빠진 항목이 있습니다", "the envelope lacks a member"),
            remedy: ("ct, iv, s 세 항목이 모두 필요합니다.", "all three are needed: ct, iv and s")
        ) { $0.failure?.code == .missingMember ? .init(detail: $0.failure?.message) : nil },
        SentbeMistake(
            "member-twice", name: ("봉투에 같은 항목이 두 번 있습니다", "a member of the envelope is written twice"),
            remedy: ("ct, iv, s를 한 번씩만 쓰세요.", "write ct, iv and s once each")
        ) { $0.failure?.code == .memberTwice ? .init() : nil },
    ]

    static func percentDecoded(_ bytes: [UInt8], plusIsSpace: Bool) -> String? {
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = Hexadecimal.value(bytes[index + 1]),
                let low = Hexadecimal.value(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(bytes[index] == UInt8(ascii: "+") && plusIsSpace ? 0x20 : bytes[index])
                index += 1
            }
        }
        return String(validating: output, as: UTF8.self)
    }
}
