import BareOpenSSL
import Base
import Measurement
import Sentbe

/// Sentbe: the envelope of 4 KiB of parameters, written and read. The bare calls get the text already encoded as JSON and give it back so: the difference is the JSON.
func sentbeComparisons() throws -> [Comparison] {
    let secret = Secret(SentbeDemonstration.secretKey)
    let pass = Array(SentbeDemonstration.secretKey.utf8)
    let salt: [UInt8] = [0x29, 0x34, 0x6d, 0x32, 0x2c, 0xb2, 0x6b, 0x23]
    let person = "{\"first_name\":\"길동\",\"last_name\":\"홍\",\"phone_number\":\"010-1234-5678\",\"country\":\"KR\"}"
    let text = "{\"people\":[" + (0..<44).map { _ in person }.joined(separator: ",") + "]}"
    let envelope = try SentbeEnvelope.seal(text, secret: secret, salt: salt)
    let plain = Array(JSON.string(text).text.utf8)
    let start = envelope.utf8.index(envelope.startIndex, offsetBy: "{\"ct\":\"".utf8.count)
    let base64 = Array(envelope[start...].utf8.prefix { $0 != UInt8(ascii: "\"") })
    var output = [UInt8](repeating: 0, count: 16_384)
    demand(
        bare_envelope_encrypt(plain, Int32(plain.count), pass, Int32(pass.count), salt, &output) == base64.count
            && Array(output[..<base64.count]) == base64, "both halves write the same envelope")

    return [
        Comparison(
            name: "Sentbe encrypt (envelope, AES-CBC)",
            ours: { demand((try? SentbeEnvelope.seal(text, secret: secret, salt: salt))?.isEmpty == false, "encrypts") },
            bare: { demand(bare_envelope_encrypt(plain, Int32(plain.count), pass, Int32(pass.count), salt, &output) > 0, "encrypts") }),
        Comparison(
            name: "Sentbe decrypt (envelope, AES-CBC)",
            ours: { demand((try? SentbeEnvelope.openText(envelope, secret: secret))?.text.isEmpty == false, "decrypts") },
            bare: { demand(bare_envelope_decrypt(base64, Int32(base64.count), pass, Int32(pass.count), salt, &output) > 0, "decrypts") }),
    ]
}
