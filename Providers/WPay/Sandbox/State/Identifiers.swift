import Base
import Cryptography

/// Ids as this provider writes them. Their shapes are known only for the user key; the others are ours.
enum Identifier {
    /// A plain `wpayUserKey`: two letters, the day, ten digits; 20 characters.
    static func userKey(_ now: Timestamp, _ random: any RandomSource) -> String { "WU\(now.compactText.prefix(8))\(digits(10, random))" }

    /// A plain `wpayToken` of a card or account, shaped like a user key.
    static func token(_ now: Timestamp, _ random: any RandomSource) -> String { "WT\(now.compactText.prefix(8))\(digits(10, random))" }

    /// A `wtid`: 20 characters.
    static func wtid(_ now: Timestamp, _ random: any RandomSource) -> String {
        "WTID\(now.compactText.dropFirst(2).prefix(6))\(digits(10, random))"
    }

    /// A `tid`: 40 characters, the merchant and the moment within.
    static func tid(_ method: PayMethod, _ mid: String, _ now: Timestamp, _ random: any RandomSource) -> String {
        let merchant = String((mid + "0000000000").prefix(10))
        return "WPAY\(method == .card ? "CARD" : "ACCT")\(merchant)\(now.compactText)\(digits(8, random))"
    }

    /// The token of an auto-pay sign-up, which looks encrypted and which nobody can open: 44 characters of base64.
    static func autoPayToken(_ random: any RandomSource) -> String { Base64.encode(random.bytes(32)) }

    /// An approval number: eight digits, the first not zero.
    static func approvalNumber(_ random: any RandomSource) -> Int64 { 10_000_000 + Int64(random.number(below: 90_000_000)) }

    /// A billing key: 40 hexadecimal digits.
    static func billingKey(_ random: any RandomSource) -> String { random.hexadecimal(20) }

    /// A merchant id: ten characters.
    static func mid(_ random: any RandomSource) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "wpay" + String((0..<6).map { _ in alphabet[Int(random.number(below: 36))] })
    }

    /// A text of letters and digits, such as a hash key or a SEED initialization vector.
    static func word(_ count: Int, _ random: any RandomSource) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<count).map { _ in alphabet[Int(random.number(below: 62))] })
    }

    /// The identity value (CI) that an identity check finds for a person: the same for the same person, 88 characters as real ones.
    static func ci(name: String, birthDay: String, phone: String) -> String {
        Base64.encode(Digest.sha512.hash("wpay-sandbox-ci|\(name)|\(birthDay)|\(phone)"))
    }

    private static func digits(_ count: Int, _ random: any RandomSource) -> String {
        String((0..<count).map { _ in Character(Unicode.Scalar(0x30 + UInt8(random.number(below: 10)))) })
    }
}
