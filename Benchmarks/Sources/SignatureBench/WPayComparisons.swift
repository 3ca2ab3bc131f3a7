import BareOpenSSL
import Base
import Measurement
import WPay

/// WPAY: signing and verifying a request whose values have 4 KiB in all, and SEED over 4 KiB.
func wpayComparisons() throws -> [Comparison] {
    let keys = try WPayKeys(
        hashKey: Secret(WPayDemonstration.hashKey), seedKey: Secret(WPayDemonstration.seedKey), seedIV: Secret(WPayDemonstration.seedIV))
    let fields = (0..<8).map { (name: "field\($0)", value: FinalValue(received: String(repeating: "abcdefgh", count: 64))) }
    let signed = SignedMessage.make(fields: fields, hashKey: keys.hashKey)
    let message = Array((fields.map { "\($0.name)=\($0.value.text)&" }.joined() + "hashKey=" + WPayDemonstration.hashKey).utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    demand(bare_sign(message, message.count, &digest) == 32, "OpenSSL signs")
    demand(Hexadecimal.encode(digest) == signed.signature, "both halves sign the same")
    let expected = digest

    let text = String(repeating: "가나다라 abcd ", count: 228)
    let plain = Array(text.utf8)
    let encrypted = try keys.seed.encrypt(text)
    let base64 = Array(encrypted.utf8)
    let key = [UInt8](0..<16)
    let vector = Array(WPayDemonstration.seedIV.utf8)
    var output = [UInt8](repeating: 0, count: 16_384)
    demand(bare_seed_encrypt(plain, Int32(plain.count), key, vector, &output) == base64.count, "OpenSSL encrypts")
    demand(Array(output[..<base64.count]) == base64, "both halves encrypt the same")

    return [
        Comparison(
            name: "WPAY sign (SHA-256)",
            ours: { demand(SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature.utf8.count == 64, "signs") },
            bare: { demand(bare_sign(message, message.count, &digest) == 32, "signs") }),
        Comparison(
            name: "WPAY verify (SHA-256)",
            ours: { demand(SignedMessage.make(fields: fields, hashKey: keys.hashKey).matches(signed.signature), "verifies") },
            bare: { demand(bare_verify(message, message.count, expected) == 1, "verifies") }),
        Comparison(
            name: "WPAY encrypt (SEED-CBC, Base64)",
            ours: { demand((try? keys.seed.encrypt(text))?.isEmpty == false, "encrypts") },
            bare: { demand(bare_seed_encrypt(plain, Int32(plain.count), key, vector, &output) > 0, "encrypts") }),
        Comparison(
            name: "WPAY decrypt (SEED-CBC, Base64)",
            ours: { demand(keys.seed.decrypt(encrypted)?.isEmpty == false, "decrypts") },
            bare: { demand(bare_seed_decrypt(base64, Int32(base64.count), key, vector, &output) > 0, "decrypts") }),
    ]
}
