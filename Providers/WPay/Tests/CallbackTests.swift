import Base
import ProviderKit
import TestSupport
import Testing

@testable import WPay

@Suite("WPay: callbacks are believed only when their signature holds")
struct CallbackTests {
    private let keys: WPayKeys
    private let api: WPayAPI

    init() throws {
        keys = try WPayVectors.keys()
        api = try #require(WPayTables.api(identifier: "payauth/card"))
    }

    /// A callback signed as WPAY would.
    private func callback(_ changes: [String: String] = [:], of api: WPayAPI? = nil) throws -> [(name: String, value: String)] {
        let api = api ?? self.api
        var values = [
            "resultCode": "0000", "resultMsg": "%EC%A0%95%EC%83%81+%EC%B2%98%EB%A6%AC", "mid": "INIwpayT03", "wtid": "WTID0000000000000001",
            "oid": "ORDER-0001", "wpayUserKey": try keys.seed.encrypt("WP202601010000000001"),
            "wpayToken": try keys.seed.encrypt("TK202601010000000002"), "wpayDomain": "fcwpaystd.inicis.com", "payMethod": "01",
        ]
        values.merge(changes) { $1 }
        let fields = api.signedReply.map { (name: $0.name, value: FinalValue(received: values[$0.name] ?? "")) }
        let signature = SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature
        return api.reply.map { ($0.name, values[$0.name] ?? "") } + [("signature", signature)]
    }

    private func error(_ values: [(name: String, value: String)], mid: String? = "INIwpayT03", of api: WPayAPI? = nil) -> WPayCallbackError
        .Code?
    {
        do throws(WPayCallbackError) {
            _ = try WPayCallback.verify(values, of: api ?? self.api, mid: mid, keys: keys)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("A good one opens: encrypted fields decrypted, encoded ones decoded, keys kept to be passed on, the domain checked")
    func good() throws {
        guard case .verified(let callback) = try WPayCallback.verify(try callback(), of: api, mid: "INIwpayT03", keys: keys) else {
            Issue.record("must verify")
            return
        }
        #expect(callback.isSuccess)
        #expect(callback["resultMsg"]?.text == "정상 처리")
        #expect(callback["wpayUserKey"]?.text == "WP202601010000000001")
        #expect(callback.final("wpayUserKey")?.text == (try keys.seed.encrypt("WP202601010000000001")))
        #expect(callback.base(allowed: WPayAllowedHosts())?.description == "https://fcwpaystd.inicis.com")
        #expect(callback.base(allowed: WPayAllowedHosts(domains: ["example.com"])) == nil)
        #expect(callback["payMethod"] == nil)
        #expect(callback.unauthenticated("payMethod")?.text == "01")
        #expect(callback.unauthenticated("oid") == nil)
        #expect(callback.unauthenticatedNames == ["payMethod"])
        #expect(callback.fields.map(\.name) == api.signedReply.map(\.name))
    }

    @Test("A signature that does not hold is an error, whatever the result code says")
    func mismatch() throws {
        for code in ["0000", "000000", "2006", "9999", "", "1234"] {
            var values = try callback(["resultCode": code])
            values[values.count - 1].value = String(repeating: "0", count: 64)
            #expect(error(values) == .signatureMismatch)
        }
        var altered = try callback()
        let place = try #require(altered.firstIndex { $0.name == "oid" })
        altered[place].value = "ORDER-0002"
        #expect(error(altered) == .signatureMismatch)
    }

    @Test("Only 64 lower-case digits are a signature: upper case, a cut one and one with a space are refused")
    func shape() throws {
        let good = try callback()
        let signature = good[good.count - 1].value
        for wrong in [signature.uppercased(), String(signature.dropLast()), signature + " ", " " + signature, signature + "0"] {
            var values = good
            values[values.count - 1].value = wrong
            #expect(error(values) == .signatureMismatch, "\(wrong)")
        }
    }

    @Test("Without a signature a success is an error, \"already there\" too; a failure is let through as unverified and says nothing more")
    func missing() throws {
        for code in ["0000", "000000", "2006", "7028"] {
            #expect(error(Array(try callback(["resultCode": code]).dropLast())) == .signatureMissing)
        }
        var unsigned = try callback(["resultCode": "9999"])
        unsigned[unsigned.count - 1].value = ""
        for values in [unsigned, Array(unsigned.dropLast())] {
            guard case .unverifiedFailure(let code) = try WPayCallback.verify(values, of: api, keys: keys) else {
                Issue.record("must be unverified")
                continue
            }
            #expect(code == .anyError)
        }
        #expect(error([]) == .noResultCode)
        #expect(error([("wtid", "x")]) == .noResultCode)
    }

    private static let nothing = Dictionary(
        uniqueKeysWithValues: ["mid", "resultMsg", "wpayUserKey", "wpayToken", "wpayDomain", "wtid", "oid", "payMethod"].map { ($0, "") })

    @Test("A signed failure verifies; fields it leaves out count as empty")
    func signedFailure() throws {
        let values = try callback([
            "resultCode": "9999", "wpayUserKey": "", "wpayToken": "", "wpayDomain": "", "wtid": "", "oid": "", "payMethod": "",
        ])
        let sparse = values.filter { !$0.value.isEmpty }
        let bare = try callback(["resultCode": "9999"].merging(Self.nothing) { $1 })
        for values in [values, sparse, bare, bare.filter { !$0.value.isEmpty }] {
            guard case .verified(let callback) = try WPayCallback.verify(values, of: api, mid: "INIwpayT03", keys: keys) else {
                Issue.record("must verify")
                continue
            }
            #expect(!callback.isSuccess)
            #expect(callback["wtid"] == nil)
            #expect(callback.base(allowed: WPayAllowedHosts()) == nil)
        }
    }

    @Test("A field that occurs twice, another merchant, an API without signatures, and keys that do not decrypt are errors")
    func others() throws {
        let good = try callback()
        #expect(error(good + [("wtid", "WTID0000000000000001")]) == .fieldTwice)
        #expect(error(good + [good[good.count - 1]]) == .fieldTwice)
        #expect(error(good, mid: "INIwpayT99") == .otherMerchant)
        #expect(error(try callback(["mid": ""])) == .otherMerchant)
        #expect(error(try callback(["mid": "INIwpayT99", "resultCode": "9999"])) == .otherMerchant)
        for name in ["payappl/card", "cst/u/arsauth/pa/sec"] {
            let unsigned = try #require(WPayTables.api(identifier: name))
            #expect(error(good, of: unsigned) == .neverSigned)
        }
        #expect(error(try callback(["wpayToken": "AAAAAAAAAAAAAAAAAAAAAA=="])) == .undecipherable)
        #expect(error(try callback(["wpayToken": "not base64"])) == .undecipherable)
    }

    @Test("A callback of one API does not verify as another one's")
    func crossed() throws {
        let values = try callback().filter { $0.name != "payMethod" }
        for other in WPayTables.all where other.replyIsSigned && other.signedReply.map(\.name) != api.signedReply.map(\.name) {
            #expect(error(values, mid: nil, of: other) == .signatureMismatch, "\(other.identifier)")
        }
    }

    @Test("A genuine message cut into other fields is not believed: nothing in it is escaped, so an & in a value could be another field's")
    func cutDifferently() throws {
        // What a PIN check said, told as if the shopper had left the old service: the same message, so the same signature.
        let check = try #require(WPayTables.api(identifier: "pinno/auth"))
        let checked = try callback(of: check)
        let left = try #require(WPayTables.api(identifier: "old/mypage"))
        func value(_ name: String) -> String { checked.first { $0.name == name }?.value ?? "" }
        var values = checked.filter { $0.name != "mid" && $0.name != "resultMsg" }
        values.append(("resultMsg", "\(value("resultMsg"))&mid=\(value("mid"))"))
        #expect(error(values, mid: nil, of: left) == .ambiguous)
        for odd in ["A&wpayUserKey=B", "A&B", "A\nB", "A\u{0}"] { #expect(error(try callback(["oid": odd])) == .ambiguous, "\(odd)") }
        #expect(error(try callback(["resultCode": "9999", "resultMsg": "A&B"])) == .ambiguous)
    }

    @Test("An unsigned failure whose code is no code is not passed on")
    func unsignedCode() throws {
        for code in ["<b>9999", "99 99", String(repeating: "9", count: 21), "9999\n", "구천"] {
            #expect(error([("resultCode", code)]) == .noResultCode, "\(code)")
        }
    }

    @Test("An identity value whose encryption nobody has published is opened when it decrypts and taken as it is when not")
    func guessed() throws {
        let joined = try #require(WPayTables.api(identifier: "old/memreg"))
        for (sent, opened) in [(try keys.seed.encrypt("CI-1"), "CI-1"), ("CI-plain", "CI-plain")] {
            let values = try callback(["ci": sent, "userId": try keys.seed.encrypt("user")], of: joined)
            guard case .verified(let callback) = try WPayCallback.verify(values, of: joined, keys: keys) else {
                Issue.record("must verify")
                continue
            }
            #expect(callback["ci"]?.text == opened)
        }
    }

    @Test("Values, callbacks and keys print without what is in them")
    func printing() throws {
        let plain = PlainValue("01012345678")
        let final = FinalValue(received: "JLCRNUF+hAc/kGsEf5j+0g==")
        var dumped = ""
        dump([plain], to: &dumped)
        dump([final], to: &dumped)
        dump(keys, to: &dumped)
        dump(try WPayCallback.verify(try callback(), of: api, keys: keys), to: &dumped)
        for text in ["\(plain)", "\(final)", String(reflecting: plain), String(reflecting: final), "\(keys)", dumped] {
            for secret in ["0101234", "JLCRN", WPayDemonstration.hashKey, "WP2026", "TK2026"] { #expect(!text.contains(secret)) }
        }
    }
}
