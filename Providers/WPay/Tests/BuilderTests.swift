import Base
import ProviderKit
import TestSupport
import Testing

@testable import WPay

@Suite("WPay: what the request builder refuses, and what survives it")
struct BuilderTests {
    private let keys: WPayKeys
    private let api: WPayAPI
    private let good: [String: String] = [
        "mid": "INIwpayT03", "wpayUserKey": "WP202601010000000001", "wpayToken": "TK202601010000000002", "oid": "ORDER-1",
        "goodsName": "사과",
        "goodsPrice": "1000", "buyerName": "홍길동", "buyerTel": "010-1234-5678", "cardQuota": "00",
        "returnUrl": "https://shop.example/r?a=1&b=2",
    ]

    init() throws {
        keys = try WPayVectors.keys()
        api = try #require(WPayTables.api(identifier: "payauth/card"))
    }

    private func build(_ changes: [String: WPayValue?], extra: [(name: String, value: WPayValue)] = []) throws(WPayRequestError)
        -> WPayRequest
    {
        var values = good.mapValues { WPayValue.plain($0) }
        for (name, value) in changes { values[name] = value }
        return try WPayRequestBuilder(keys).build(api, values.map { ($0.key, $0.value) } + extra)
    }

    private func error(_ changes: [String: WPayValue?], extra: [(name: String, value: WPayValue)] = []) -> WPayRequestError? {
        do throws(WPayRequestError) {
            _ = try build(changes, extra: extra)
            return nil
        } catch {
            return error
        }
    }

    @Test("What would be ambiguous, unreadable or too long is refused with the field's name and without the value")
    func refusals() throws {
        let cases: [(changes: [String: WPayValue?], code: WPayRequestError.Code, field: String)] = [
            (["oid": nil], .missingField, "oid"),
            (["oid": .plain("")], .missingField, "oid"),
            (["wpayUserKey": .final("")], .missingField, "wpayUserKey"),
            (["oid": .plain("A&hush=1")], .ambiguousValue, "oid"),
            (["couponCode": .plain("hush\n")], .ambiguousValue, "couponCode"),
            (["buyerEmail": .plain("hush\r\nx")], .ambiguousValue, "buyerEmail"),
            (["oid": .final("A&hush")], .ambiguousValue, "oid"),
            (["oid": .plain("주문hush")], .notASCII, "oid"),
            (["buyerEmail": .plain("hush@예.example")], .notASCII, "buyerEmail"),
            (["buyerNam": .plain("hush")], .unknownField, "buyerNam"),
            (["signature": .plain("hush")], .unknownField, "signature"),
            (["oid": .plain(String(repeating: "hush", count: 26))], .tooLong, "oid"),
            (["goodsPrice": .plain("12345678901")], .tooLong, "goodsPrice"),
            (["buyerName": .plain(String(repeating: "가", count: 11))], .tooLong, "buyerName"),
            (["goodsName": .plain(String(repeating: "가", count: 34))], .tooLong, "goodsName"),
            (["goodsPrice": .final("12345678901")], .tooLong, "goodsPrice"),
            (["wpayUserKey": .plain(try keys.seed.encrypt("WP202601010000000001"))], .alreadyEncrypted, "wpayUserKey"),
            (["wpayUserKey": .final("WP202601010000000001")], .notFinal, "wpayUserKey"),
            (["wpayUserKey": .final("not base64 &hush")], .notFinal, "wpayUserKey"),
            (["goodsName": .final("사과 hush")], .notFinal, "goodsName"),
            (["goodsName": .final("a&hush=b")], .notFinal, "goodsName"),
            (["goodsName": .final("100%")], .notFinal, "goodsName"),
        ]
        for (changes, code, field) in cases {
            let error = error(changes)
            #expect(error?.code == code, "\(field): \(String(describing: error))")
            #expect(error?.field == field)
            #expect(error.map { "\($0)\($0.message.korean)" }?.contains("hush") == false)
            #expect(error?.message.korean.contains(field) == true)
        }
        #expect(error([:], extra: [("oid", .plain("ORDER-2"))])?.code == .givenTwice)
    }

    @Test("Without SEED keys final values can be signed and plain ones cannot; an empty one can")
    func withoutSeed() throws {
        let builder = WPayRequestBuilder(hashKey: keys.hashKey)
        let userKey = try keys.seed.encrypt("WP202601010000000001")
        let leave = try #require(WPayTables.api(identifier: "memunreg"))
        let request = try builder.build(
            leave, [("mid", .plain("INIwpayT03")), ("userId", .plain("")), ("wpayUserKey", .final(userKey))])
        #expect(request.signed.map(\.value.text) == ["INIwpayT03", "", userKey, ""])
        #expect(throws: WPayRequestError.self) {
            try builder.build(leave, [("mid", .plain("INIwpayT03")), ("wpayUserKey", .plain("WP202601010000000001"))])
        }
    }

    @Test("In JSON a name is signed and sent as it is, in a form it is encoded for both")
    func carriers() throws {
        let charge = try #require(WPayTables.api(identifier: "autopay/payreqappl"))
        let values: [(name: String, value: String)] = [
            ("mid", "INIwpayT04"), ("wpayUserKey", "WP202601010000000001"), ("wtid", "W1"), ("wpayToken", "anything-as-is"), ("oid", "O1"),
            ("goodsName", "사과 1kg"), ("goodsPrice", "1000"), ("buyerName", "홍길동"), ("buyerTel", "01012345678"),
        ]
        let request = try WPayRequestBuilder(keys).build(charge, plain: values)
        #expect(request.message.text.contains("&wpayToken=anything-as-is&oid=O1&goodsName=사과 1kg&"))
        let body = try JSON(try #require(request.call()).body)
        #expect(body["goodsName"] == "사과 1kg")
        #expect(body["signature"] == .string(request.signature))
        #expect(throws: WPayRequestError.self) {
            try WPayRequestBuilder(keys).build(charge, plain: values.map { ($0.name, $0.name == "goodsName" ? "a&b" : $0.value) })
        }
    }

    @Test("The old pages take extras for their looks, but no misspelt field")
    func style() throws {
        let page = try #require(WPayTables.api(identifier: "old/mypage"))
        let base = [
            ("mid", "INIWPAYTST"), ("wpayUserKey", "WP202601010000000001"), ("cancelReturnUrl", "https://shop.example/"),
        ].map { (name: $0.0, value: $0.1) }
        let request = try WPayRequestBuilder(keys).build(page, plain: base + [("someNewColor", "#가")])
        #expect(request.unsigned.map(\.name) == ["someNewColor"])
        #expect(request.unsigned.map(\.value.text) == ["%23%EA%B0%80"])
        #expect(throws: WPayRequestError.self) { try WPayRequestBuilder(keys).build(page, plain: base + [("WTID", "x")]) }
    }

    @Test("A net-cancel takes merchant, member and wtid from its approval, unchanged, and only approvals have one")
    func netCancel() throws {
        let approval = try WPayRequestBuilder(keys).build(
            try #require(WPayTables.api(identifier: "payappl/card")),
            [("mid", .plain("INIwpayT03")), ("wpayUserKey", .plain("WP202601010000000001")), ("wtid", .plain("W1")), ("tax", .plain("90"))])
        let values = try #require(approval.netCancelValues(reason: "통신 오류"))
        let undo = try #require(WPayTables.netCancel(of: approval.api))
        let request = try WPayRequestBuilder(keys).build(undo, values)
        #expect(request.signed.map(\.name) == ["mid", "wpayUserKey", "wtid", "cancelMsg"])
        #expect(request.value("wpayUserKey") == approval.value("wpayUserKey"))
        #expect(request.value("cancelMsg")?.text == "%ED%86%B5%EC%8B%A0+%EC%98%A4%EB%A5%98")
        #expect(request.netCancelValues(reason: "x") == nil)
    }

    @Test("Any text survives encrypting and decrypting, and encoding and decoding")
    func roundTrips() throws {
        let random = SeededRandom(seed: 42)
        for _ in 0..<3_000 {
            let length = Int(random.number(below: 40))
            var text = ""
            for _ in 0..<length {
                let kind = random.number(below: 4)
                let bound: UInt64 = kind == 0 ? 0x80 : kind == 1 ? 0x800 : kind == 2 ? 0x1_0000 : 0x11_0000
                if let scalar = Unicode.Scalar(UInt32(random.number(below: bound))) { text.unicodeScalars.append(scalar) }
            }
            let encrypted = try keys.seed.encrypt(text)
            #expect(encrypted.isEmpty == text.isEmpty)
            #expect(Array((keys.seed.decrypt(encrypted) ?? "?").utf8) == Array(text.utf8))
            let encoded = URLCodec.encode(text)
            #expect(encoded.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x26 && $0 != 0x3D })
            #expect(Array((URLCodec.decode(encoded) ?? "?").utf8) == Array(text.utf8))
        }
    }

    @Test("A JSON reply's U field is decoded when it can only be encoded, and otherwise taken as it is")
    func tolerantDecoding() {
        let cases = [
            ("%EC%82%AC%EA%B3%BC+1kg", "사과 1kg"), ("%EC%82%AC%EA%B3%BC%201kg", "사과 1kg"), ("사과 1kg", "사과 1kg"), ("", ""), ("a+b", "a+b"),
            ("100%", "100%"), ("100%25", "100%"), ("50% 할인", "50% 할인"), ("%ZZ", "%ZZ"), ("a%2", "a%2"), ("%FF", "%FF"), ("가%41", "가%41"),
            ("%41\n", "%41\n"),
        ]
        for (received, read) in cases { #expect(URLCodec.decodeIfEncoded(received) == read, "\(received)") }
    }

    @Test("Keys say what is wrong with them, and never what they are")
    func keyErrors() throws {
        func code(_ hashKey: String, _ key: String, _ vector: String) -> WPayKeyError? {
            do throws(WPayKeyError) {
                _ = try WPayKeys(hashKey: Secret(hashKey), seedKey: Secret(key), seedIV: Secret(vector))
                return nil
            } catch {
                return error
            }
        }
        let (hash, key, vector) = (WPayDemonstration.hashKey, WPayDemonstration.seedKey, WPayDemonstration.seedIV)
        #expect(code(hash, key, vector) == nil)
        #expect(code("", key, vector)?.code == .hashKey)
        #expect(code(hash + "\n", key, vector)?.code == .hashKey)
        #expect(code(hash, "AAECAwQFBgcICQoLDA0O", vector)?.code == .seedKey)
        #expect(code(hash, "not base64", vector)?.code == .seedKey)
        #expect(code(hash, key, "short")?.code == .seedIV)
        #expect(code(hash, key, "가나다라마 ")?.code == .seedIV)
        #expect(code(hash, "not base64", vector)?.description.contains("not base64") == false)
    }
}
