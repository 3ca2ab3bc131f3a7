import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing

@testable import WPay

@Suite("WPay: the vectors, in both directions")
struct VectorTests {
    @Test("The four styles give the recorded messages and digests, and only the standard one is right")
    func styles() throws {
        let file = try WPayVectors.json("signatures.json")
        let hashKey = try #require(file["keys"]).text("hashKey")
        for vector in try #require(file["styles"]?.elements) {
            let style = try #require(WPay.SignedMessage.Style(rawValue: try vector.text("style")))
            let message = WPay.SignedMessage.make(fields: try vector.inputs(), style: style, hashKey: Secret(hashKey))
            #expect(message.signature == (try vector.text("signature")))
            #expect(message.text.replacing(WPay.SignedMessage.hiddenKey, with: hashKey) == (try vector.text("message")))
            let standard = WPay.SignedMessage.make(fields: try vector.inputs(), hashKey: Secret(hashKey))
            #expect(standard.matches(try vector.text("signature")) == (style == .standard))
        }
    }

    @Test("A well-known mistake never gives the right digest")
    func mistakes() throws {
        let file = try WPayVectors.json("signatures.json")
        let mistakes = try #require(file["mistakes"]?.elements)
        #expect(mistakes.count == 3)
        for vector in mistakes {
            let message = WPay.SignedMessage.make(fields: try vector.inputs(), hashKey: Secret(WPayDemonstration.hashKey))
            #expect(!message.matches(try vector.text("signature")))
        }
    }

    @Test("Whole messages are built from plain values to the byte, and callbacks are read back to the plain values")
    func messages() throws {
        let keys = try WPayVectors.keys()
        for vector in try #require(try WPayVectors.json("signatures.json")["messages"]?.elements) {
            let api = try #require(WPayTables.api(identifier: try vector.text("api")))
            let inputs = try #require(vector["inputs"]?.elements)
            if try vector.text("side") == "request" {
                let values = try inputs.map { input -> (name: String, value: WPayValue) in
                    let name = try input.text("name")
                    if let plain = input["plain"]?.string { return (name, .plain(plain)) }
                    let sent = try input.text("signed_value")
                    return (name, input["mark"] == nil ? .plain(sent) : .final(sent))
                }
                // Required, though no signature covers them, and the vector stops at the signature.
                let consents: [(name: String, value: WPayValue)] = api.request.filter { $0.isRequired && !$0.isSigned }.map {
                    ($0.name, .plain("x"))
                }
                let request = try WPayRequestBuilder(keys).build(api, values + consents)
                #expect(request.signature == (try vector.text("signature")))
                #expect(
                    request.message.text.replacing(WPay.SignedMessage.hiddenKey, with: WPayDemonstration.hashKey)
                        == (try vector.text("message"))
                )
                let call = try #require(request.call())
                let extras = consents.map { "&\($0.name)=x" }.joined()
                #expect(String(decoding: call.body, as: UTF8.self) == (try vector.text("form")) + extras)
            } else {
                let form = try #require(FormText.decode(Array(try vector.text("form").utf8)))
                guard case .verified(let callback) = try WPayCallback.verify(form, of: api, mid: WPayDemonstration.mid, keys: keys) else {
                    Issue.record("the callback must verify")
                    continue
                }
                for input in inputs {
                    guard let plain = input["plain"]?.string else { continue }
                    #expect(callback[try input.text("name")]?.text == plain)
                }
                #expect(callback.final("wpayUserKey")?.text == "fpiky3gUQvjdzrlcKZFMoqOOLnuBB8ZU8p717Sj9bxE=")
            }
        }
    }

    @Test("SEED encrypts and decrypts as OpenSSL's own command does, and an empty value stays empty")
    func seed() throws {
        let seed = try WPayVectors.keys().seed
        let vectors = try #require(try WPayVectors.json("seed.json")["cbc"]?.elements)
        #expect(vectors.count > 12)
        for vector in vectors {
            let (plain, ciphertext) = (try vector.text("plain"), try vector.text("ciphertext"))
            #expect(try seed.encryptPadded(plain) == ciphertext)
            #expect(seed.decrypt(ciphertext) == plain)
            #expect(try seed.encrypt(plain) == (plain.isEmpty ? "" : ciphertext))
        }
        #expect(seed.decrypt("") == "")
    }

    @Test("The block vectors of RFC 4269 hold")
    func blocks() throws {
        for vector in try #require(try WPayVectors.json("seed.json")["blocks"]?.elements) {
            let key = try #require(Hexadecimal.decode(try vector.text("key_hex")))
            let plain = try #require(Hexadecimal.decode(try vector.text("plain_hex")))
            // With a vector of zeros the first block of CBC is the block cipher itself.
            let encrypted = try BlockCipher.seedCBC().encrypt(
                plain, key: Secret(key), initializationVector: [UInt8](repeating: 0, count: 16))
            #expect(Hexadecimal.encode(encrypted.prefix(16)) == (try vector.text("cipher_hex")))
        }
    }

    @Test("URL-encoding is Java's, and what any of the four encoders wrote is read back")
    func encoders() throws {
        for vector in try #require(try WPayVectors.json("encoders.json").elements) {
            let text = try vector.text("text")
            #expect(URLCodec.encode(text) == (try vector.text("java")))
            for encoder in ["java", "php", "phpRaw", "javaScript"] { #expect(URLCodec.decode(try vector.text(encoder)) == text) }
        }
    }

    @Test("Refunds carry the manual's SHA-512, for the whole amount and for a part")
    func refunds() throws {
        let file = try WPayVectors.json("refunds.json")
        let key = Secret(try file.text("key"))
        let time = try #require(Timestamp(koreanText: "2026-01-02 03:04:05"))
        for vector in try #require(file["refunds"]?.elements) {
            let fields = try #require(vector["fields"]?.elements).map { (name: try $0.text("name"), value: try $0.text("value")) }
            func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
            #expect(INIAPIRefund.digest(of: fields, key: key) == (try vector.text("hashData")))
            let part = try value("price").map { price in
                INIAPIRefund.Part(
                    price: try #require(Int64(price)), confirmPrice: try #require(value("confirmPrice").flatMap { Int64($0) }),
                    tax: value("tax").flatMap { Int64($0) }, taxFree: value("taxFree").flatMap { Int64($0) })
            }
            let refund = INIAPIRefund(
                mid: "INIwpayT03", tid: "TID0000000000000099", message: value("msg") ?? "", clientIP: "203.0.113.7", time: time, part: part)
            let call = refund.call(key: key)
            let sent = try #require(FormText.decode(call.body))
            #expect(sent.map(\.name) == fields.map(\.name) + ["hashData"])
            #expect(sent.map(\.value) == fields.map(\.value) + [try vector.text("hashData")])
            #expect(call.path == "/api/v1/refund")
        }
    }
}
