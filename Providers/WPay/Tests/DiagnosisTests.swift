import Base
import ProviderKit
import TestSupport
import Testing

@testable import WPay

@Suite("WPay: a signature that does not match is explained")
struct DiagnosisTests {
    private let keys: WPayKeys
    private let api: WPayAPI
    /// A card payment as the sandbox receives it, one form decode done.
    private let received: [(name: String, value: String)]

    init() throws {
        keys = try WPayVectors.keys()
        api = try #require(WPayTables.api(identifier: "payauth/card"))
        received = [
            ("mid", "INIwpayT03"), ("wpayUserKey", try keys.seed.encrypt("WP202601010000000001")),
            ("wpayToken", try keys.seed.encrypt("TK202601010000000002")), ("ci", ""), ("payMethod", "01"), ("bankCardCode", "06"),
            ("oid", "ORDER-0001"), ("goodsName", "%EC%82%AC%EA%B3%BC+1kg%21"), ("goodsPrice", "1000"),
            ("buyerName", "%ED%99%8D%EA%B8%B8%EB%8F%99"), ("buyerTel", "01012345678"), ("buyerEmail", "buyer@example.com"),
            ("cardQuota", "00"),
            ("cardInterest", "N"), ("couponCode", ""), ("flagPin", "Y"), ("returnUrl", "https%3A%2F%2Fshop.example%2Fr%3Fa%3D1"),
            ("customTitle", "%EC%83%81%EC%A0%90"),
        ]
    }

    /// Makes the mistakes in Python, on the received values, and prints each code with the signature it gives.
    private static let script = """
        import sys, json, hashlib, urllib.parse, base64
        KEY = 'made-up-hash-key-0123456789abcde'
        data = json.load(sys.stdin)
        fields = [(n, v) for n, v in data['fields']][:17]
        extra = data['fields'][17]
        plain = {'wpayUserKey': 'WP202601010000000001', 'wpayToken': 'TK202601010000000002'}
        E = set(plain)
        U = {'goodsName', 'buyerName', 'returnUrl'}
        q = urllib.parse.quote_plus
        def sign(fields, label='&hashKey=', key=KEY):
            return hashlib.sha256(('&'.join(n + '=' + v for n, v in fields) + label + key).encode()).hexdigest()
        def values(fields, joint): return hashlib.sha256((joint.join([v for n, v in fields] + [KEY])).encode()).hexdigest()
        def change(names, to): return [(n, to(n, v) if n in names else v) for n, v in fields]
        def show(code, signature, about=''): print(code, signature, about)
        block = data['block']
        empties = [n for n, v in fields if v == '']
        show('label-hash', sign(fields, '&hash='))
        show('values-joined', values(fields, '&'))
        show('values-bare', values(fields, ''))
        show('empty-dropped', sign([f for f in fields if f[1]]), 'ci,couponCode')
        show('empty-dropped', sign([f for f in fields if f[0] != 'couponCode']), 'couponCode')
        show('null-as-text', sign(change(empties, lambda n, v: 'null')), 'ci,couponCode')
        show('null-as-text', sign(change(['ci'], lambda n, v: 'null')), 'ci')
        show('null-as-text', sign(change(empties, lambda n, v: 'undefined')), 'ci,couponCode')
        show('base64-encoded', sign(change(E, lambda n, v: q(v))), 'wpayUserKey,wpayToken')
        show('base64-encoded', sign(change(['wpayToken'], lambda n, v: q(v))), 'wpayToken')
        show('base64-encoded', sign(change(E, lambda n, v: v.replace('=', '%3d').replace('+', '%2b').replace('/', '%2f'))), 'wpayUserKey,wpayToken')
        show('base64-line-break', sign(change(E, lambda n, v: v + '\\n')), 'wpayUserKey,wpayToken')
        show('empty-encrypted', sign(change(empties, lambda n, v: block)), 'ci,couponCode')
        show('empty-encrypted', sign(change(['ci'], lambda n, v: block)), 'ci')
        show('signed-unencrypted', sign(change(E, lambda n, v: plain[n])), 'wpayUserKey,wpayToken')
        show('signed-unencrypted', sign(change(['wpayToken'], lambda n, v: plain[n])), 'wpayToken')
        show('signed-unencoded', sign(change(U, lambda n, v: urllib.parse.unquote_plus(v))), 'goodsName,buyerName,returnUrl')
        show('signed-unencoded', sign(change(['buyerName'], lambda n, v: urllib.parse.unquote_plus(v))), 'buyerName')
        show('encoded-once-too-often', sign(change(U, lambda n, v: q(v))), 'goodsName,buyerName,returnUrl')
        show('other-encoder', sign(change(U, lambda n, v: urllib.parse.quote(urllib.parse.unquote_plus(v), safe=''))), 'goodsName')
        show('other-encoder', sign(change(['goodsName'], lambda n, v: urllib.parse.quote(urllib.parse.unquote_plus(v), safe="!'()*~"))), 'goodsName')
        show('unsigned-included', sign(fields + [extra]), 'customTitle')
        show('signature-included', sign(fields + [('signature', '')]))
        swapped = fields[:]
        swapped[8], swapped[9] = swapped[9], swapped[8]
        show('neighbours-swapped', sign(swapped), 'goodsPrice,buyerName')
        order = 'mid wpayUserKey wpayToken ci payMethod bankCardCode oid goodsName goodsPrice buyerName buyerTel buyerEmail returnUrl'.split()
        show('other-order', sign([(n, dict(fields)[n]) for n in order]), 'payauth/acct')
        show('alphabetical', sign(sorted(fields)))
        show('other-merchant-key', sign(fields, key='another-made-up-hash-key-0123456'), 'INIwpayT04')
        show('key-with-line-break', sign(fields, key=KEY + '\\n'))
        show('key-missing', sign(fields, key=''))
        show('upper-case', sign(fields).upper())
        show('label-hash+upper-case', sign(fields, '&hash=').upper())
        show('values-joined+null-as-text', values(change(empties, lambda n, v: 'null'), '&'), 'ci,couponCode')
        show('label-hash+empty-dropped', sign([f for f in fields if f[1]], '&hash='), 'ci,couponCode')
        show('values-bare+signed-unencrypted', values(change(E, lambda n, v: plain[n]), ''), 'wpayUserKey,wpayToken')
        show('right', sign(fields))
        """

    private func explain(_ signature: String, _ values: [(name: String, value: String)]? = nil, of other: WPayAPI? = nil) -> WPayDiagnosis {
        WPayDiagnosis.explain(
            other ?? api, received: values ?? received, signature: signature, hashKey: keys.hashKey, seed: keys.seed,
            otherKeys: [WPayOtherKey(name: "INIwpayT04", hashKey: Secret("another-made-up-hash-key-0123456"))])
    }

    @Test("Every mistake of the list is recognized when somebody else makes it, with the fields it is about and a remedy in both languages")
    func everyMistake() throws {
        let input: JSON = [
            "fields": .array(received.map { [.string($0.name), .string($0.value)] }), "block": .string(try keys.seed.encryptPadded("")),
        ]
        let lines = try PythonOracle.lines(Self.script, input: input.bytes)
        var seen: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let diagnosis = explain(words[1])
            let codes = diagnosis.mistakes.map(\.code)
            seen.formUnion(codes)
            if words[0] == "right" {
                #expect(diagnosis.isMatch && codes.isEmpty)
                continue
            }
            #expect(!diagnosis.isMatch)
            #expect(codes == words[0].split(separator: "+").map(String.init), "\(line)")
            if words[0] != "other-merchant-key" && !words[2].isEmpty {
                #expect(diagnosis.subject?.replacing(" ", with: "").hasPrefix(words[2]) == true, "\(line): \(diagnosis.subject ?? "-")")
            }
            #expect(diagnosis.implied != nil)
            #expect(diagnosis.digestCount <= WPayDiagnosis.digestLimit)
            for text in [diagnosis.explanation.korean, diagnosis.explanation.english, diagnosis.expected, diagnosis.implied ?? ""] {
                #expect(!text.isEmpty && !text.contains("made-up-hash-key"))
                #expect(!text.contains("WP2026") && !text.contains("TK2026"), "\(line)")
            }
            let sameBytes = ["other-merchant-key", "key-with-line-break", "key-missing", "upper-case"].contains(words[0])
            #expect((diagnosis.difference == nil) == sameBytes, "\(line)")
        }
        // The rest of the list needs other values or another API; the tests below make those.
        let rest = Set(WPayMistake.all.map(\.code)).subtracting(seen)
        #expect(rest == ["plus-became-space", "sent-unencrypted", "wire-order"])
    }

    @Test("Mistakes in what was sent are recognized too: a plus that became a space, a plain value beside a signed ciphertext")
    func sending() throws {
        let phone = try keys.seed.encrypt("01012345678")
        #expect(phone.contains("+"))
        let join = try #require(WPayTables.api(identifier: "memreg"))
        func values(_ phone: String, ci: String = "") throws -> [(name: String, value: String)] {
            [
                ("mid", "INIwpayT03"), ("userId", try keys.seed.encrypt("test01")), ("ci", ci), ("userNm", "a"), ("hNum", phone),
                ("returnUrl", "x"),
            ]
        }
        func sign(_ values: [(name: String, value: String)]) -> String {
            let fields = join.signedRequest.map { field in
                (name: field.name, value: FinalValue(received: values.first { $0.name == field.name }?.value ?? ""))
            }
            return SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature
        }
        let right = sign(try values(phone))
        #expect(explain(right, try values(phone), of: join).isMatch)
        #expect(explain(right, try values(phone.replacing("+", with: " ")), of: join).mistakes.map(\.code) == ["plus-became-space"])
        let plain = explain(right, try values("01012345678"), of: join)
        #expect(plain.mistakes.map(\.code) == ["sent-unencrypted"])
        // What was sent in plain by mistake is a person's, and is not repeated.
        #expect(plain.expected.contains("&hNum=[redacted]&hCorp=") && plain.implied?.contains("hNum=\(phone)") == true)
        #expect(plain.difference?.expected == nil && plain.difference?.expectedContext.hasSuffix("hNum=[redacted]") == true)
        #expect(plain.difference?.received == phone.utf8.first)
        let unexplained = explain(String(repeating: "0", count: 64), try values("01012345678"), of: join)
        #expect(!unexplained.expected.contains("0101234"))
        // An identity value encrypted by habit from the old standard.
        let habit = explain(sign(try values(phone, ci: try keys.seed.encrypt("CI"))), try values(phone, ci: "CI"), of: join)
        #expect(habit.mistakes.map(\.code) == ["sent-unencrypted"])
        #expect(habit.subject == "ci")
        let odd = Array(received.prefix(17).reversed())
        let wire = SignedMessage.make(
            fields: odd.map { ($0.name, FinalValue(received: $0.value)) }, hashKey: keys.hashKey)
        #expect(explain(wire.signature, odd).mistakes.map(\.code) == ["wire-order"])
    }

    @Test("The recorded mistakes are recognized in the document's own example")
    func recorded() throws {
        let file = try WPayVectors.json("signatures.json")
        var custom = api
        custom.request = ["mid", "wpayUserKey", "wpayTokenValue", "email"].map { WPayField($0) }
        let expected = [["empty-dropped"], ["values-joined", "null-as-text"], ["empty-encrypted"]]
        for (vector, codes) in zip(try #require(file["mistakes"]?.elements), expected) {
            let values = try vector.inputs().map { (name: $0.name, value: $0.value.text) }
            #expect(explain(try vector.text("signature"), values, of: custom).mistakes.map(\.code) == codes)
        }
        for (vector, code) in zip(try #require(file["styles"]?.elements), [nil, "label-hash", "values-joined", "values-bare"]) {
            let values = try vector.inputs().map { (name: $0.name, value: $0.value.text) }
            #expect(explain(try vector.text("signature"), values, of: custom).mistakes.first?.code == code)
        }
    }

    @Test("The first differing byte is told with both bytes and what stands around it")
    func difference() throws {
        let message = SignedMessage.make(
            fields: received.prefix(17).map { ($0.name, FinalValue(received: $0.value)) }, style: .hashLabel, hashKey: keys.hashKey)
        let diagnosis = explain(message.signature)
        let difference = try #require(diagnosis.difference)
        let (right, signed) = (Array(diagnosis.expected.utf8), Array(try #require(diagnosis.implied).utf8))
        #expect(right[..<difference.offset] == signed[..<difference.offset])
        #expect(difference.expected == UInt8(ascii: "K") && right[difference.offset] == UInt8(ascii: "K"))
        #expect(difference.received == UInt8(ascii: "=") && signed[difference.offset] == UInt8(ascii: "="))
        #expect(difference.expectedContext.hasSuffix("&hashKey="))
        #expect(difference.receivedContext.hasSuffix("&hash="))
    }

    @Test("A person's decrypted value is shown nowhere, not even its first byte")
    func hidden() throws {
        let fields = received.prefix(17).map { field in
            (name: field.name, value: FinalValue(received: field.name == "wpayUserKey" ? "WP202601010000000001" : field.value))
        }
        let diagnosis = explain(SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature)
        #expect(diagnosis.mistakes.map(\.code) == ["signed-unencrypted"])
        #expect(diagnosis.implied?.contains("wpayUserKey=[redacted]&wpayToken=") == true)
        #expect(diagnosis.difference?.received == nil)
        #expect(diagnosis.difference?.receivedContext.hasSuffix("wpayUserKey=[redacted]") == true)
    }

    @Test("What nobody knows stays unexplained, and what was sent cannot make the search long", .timeLimit(.minutes(2)))
    func bounded() throws {
        let nothing = explain(String(repeating: "ab", count: 32))
        #expect(nothing.mistakes.isEmpty && nothing.implied == nil && !nothing.isMatch)
        #expect((100...WPayDiagnosis.digestLimit).contains(nothing.digestCount))
        for signature in ["", "short", String(repeating: "z", count: 100_000), "가"] { #expect(explain(signature).digestCount == 1) }
        let huge =
            received.map { (name: $0.name, value: $0.value + String(repeating: "%20", count: 20_000)) }
            + (0..<2_000).map { (name: "extra\($0)", value: "x") }
        let bounded = explain(String(repeating: "0", count: 64), huge)
        #expect(bounded.digestCount < 100)
        let many = WPayDiagnosis.explain(
            api, received: received, signature: String(repeating: "0", count: 64), hashKey: keys.hashKey, seed: keys.seed,
            otherKeys: (0..<5_000).map { WPayOtherKey(name: "\($0)", hashKey: Secret("\($0)")) })
        #expect(many.digestCount <= WPayDiagnosis.digestLimit)
    }
}
