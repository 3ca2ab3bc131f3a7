import Base
import Cryptography
import SandboxKit
import WPay

/// The text that `hashData` is the digest of, as INIAPI wants it or as somebody got it wrong.
struct RefundMessage: Sendable {
    var values: [String]
    /// What stands between the parts; nothing, as it should be.
    var joint = ""
    var isKeyLast = false
    /// Whether the hashKey of WPAY was taken for the INIAPI key.
    var usesHashKey = false

    /// The text with the key's name in the key's place.
    var shown: String { text(key: usesHashKey ? SignedMessage.hiddenKey : "[INIAPI key]") }

    func text(key: String) -> String { (isKeyLast ? values + [key] : [key] + values).joined(separator: joint) }

    /// Where `other` parts from this text, in bytes of ``shown``; null when only the key, the kind of digest or the case of its digits differ.
    func difference(from other: RefundMessage) -> JSON {
        guard other.usesHashKey == usesHashKey else { return .null }
        let (own, theirs) = (Array(shown.utf8), Array(other.shown.utf8))
        let offset = zip(own, theirs).prefix { $0 == $1 }.count
        guard offset < own.count || offset < theirs.count else { return .null }
        func byte(_ bytes: [UInt8]) -> JSON { SignatureVerdict.shown(offset < bytes.count ? bytes[offset] : nil) }
        return ["offset": .number(offset), "expected": byte(own), "received": byte(theirs)]
    }
}

/// What goes wrong with `hashData`, with the recipe that reproduces it.
struct RefundMistake: Sendable {
    let name: String
    let reason: BilingualText
    let message: RefundMessage
    private let digest: Digest
    private let isUpperCase: Bool

    private init(
        _ name: String, _ korean: String, _ english: String, _ message: RefundMessage, digest: Digest = .sha512, isUpperCase: Bool = false
    ) {
        self.name = name
        reason = BilingualText(korean: korean, english: english)
        self.message = message
        self.digest = digest
        self.isUpperCase = isUpperCase
    }

    /// The mistake that makes the digest that was received; nothing when none of the known ones does.
    static func find(_ received: String, _ fields: ReceivedFields, _ merchant: Merchant) -> RefundMistake? {
        all(fields).first { mistake in
            let key = mistake.message.usesHashKey ? merchant.hashKey : merchant.iniAPIKey
            let digits = key.withText { Hexadecimal.encode(mistake.digest.hash(mistake.message.text(key: $0))) }
            return (mistake.isUpperCase ? digits.uppercased() : digits) == received
        }
    }

    private static func all(_ fields: ReceivedFields) -> [RefundMistake] {
        let whole = INIAPIRefund.signingOrder.map { fields[$0] }
        let part = INIAPIRefund.partialSigningOrder.map { fields[$0] }
        let values = fields["type"] == INIAPIRefund.partialType ? whole + part : whole
        let right = RefundMessage(values: values)
        return [
            RefundMistake("upper-case", "대문자 16진수입니다.", "it is written in upper-case digits", right, isUpperCase: true),
            RefundMistake(
                "hash-key", "INIAPI 키 대신 hashKey를 썼습니다.", "the hashKey was used instead of the INIAPI key",
                RefundMessage(values: values, usesHashKey: true)),
            RefundMistake("sha-256", "SHA-512 대신 SHA-256을 썼습니다.", "SHA-256 was used instead of SHA-512", right, digest: .sha256),
            RefundMistake("ampersand", "값을 &로 이었습니다.", "the values were joined by &", RefundMessage(values: values, joint: "&")),
            RefundMistake("key-last", "키를 맨 뒤에 붙였습니다.", "the key was put last", RefundMessage(values: values, isKeyLast: true)),
            RefundMistake(
                "without-part", "부분환불인데 price와 confirmPrice를 넣지 않았습니다.", "price and confirmPrice of the partial refund were left out",
                RefundMessage(values: whole)),
            RefundMistake(
                "part-in-whole", "전체환불에는 price와 confirmPrice가 들어가지 않습니다.", "price and confirmPrice do not belong to a whole refund",
                RefundMessage(values: whole + part)),
            RefundMistake(
                "message-included", "msg까지 넣었습니다.", "msg was included", RefundMessage(values: values + [fields["msg"]])),
        ]
    }
}
