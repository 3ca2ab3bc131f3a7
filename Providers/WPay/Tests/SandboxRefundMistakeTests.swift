import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: a wrong hashData of a refund is explained")
struct SandboxRefundMistakeTests {
    /// Makes each mistake in Python and prints its name, the digest, and what was hashed with the key's name in the key's place.
    private static let script = """
        import sys, json, hashlib
        f = json.load(sys.stdin)
        KEY, HASHKEY, NAME = f.pop('iniKey'), f.pop('hashKey'), '[INIAPI key]'
        order = 'type paymethod timestamp clientIp mid tid'.split()
        part = ['price', 'confirmPrice']
        partial = f['type'] == 'PartialRefund'
        values = [f.get(n, '') for n in (order + part if partial else order)]
        def show(name, parts, joint='', kind='sha512', key=KEY, label=NAME, case=str):
            text = joint.join(key if p == NAME else p for p in parts)
            print(name, case(hashlib.new(kind, text.encode()).hexdigest()), joint.join(label if p == NAME else p for p in parts), sep='\\t')
        show('upper-case', [NAME] + values, case=str.upper)
        show('hash-key', [NAME] + values, key=HASHKEY, label='[hashKey]')
        show('sha-256', [NAME] + values, kind='sha256')
        show('ampersand', [NAME] + values, '&')
        show('key-last', values + [NAME])
        if partial: show('without-part', [NAME] + [f[n] for n in order])
        else: show('part-in-whole', [NAME] + [f.get(n, '') for n in order + part])
        show('message-included', [NAME] + values + [f['msg']])
        """

    @Test("Every known mistake is named in both languages with both messages and the first byte that differs", arguments: [true, false])
    func everyMistake(_ isPartial: Bool) async throws {
        let house = try await SandboxHouse()
        var fields: JSON.Members = [
            "type": isPartial ? "PartialRefund" : "Refund", "paymethod": "Card", "timestamp": "20260102030405", "clientIp": "203.0.113.7",
            "mid": .string(WPayDemonstration.mid), "tid": "TID0000000000000099", "msg": "x", "price": "100", "confirmPrice": "900",
        ]
        let sent = fields.names.map { (name: $0, value: fields[$0]?.string ?? "") }
        fields["iniKey"] = .string(WPayDemonstration.iniAPIKey)
        fields["hashKey"] = .string(WPayDemonstration.hashKey)
        let lines = try PythonOracle.lines(Self.script, input: JSON.object(fields).bytes)
        #expect(lines.count == 7)
        for line in lines {
            let parts = line.split(separator: "\t").map(String.init)
            let call = Call(
                method: .post, path: "/api/v1/refund", fields: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(FormText.encode(sent + [(name: "hashData", value: parts[1])]).utf8))
            let judgement = await house.send(call)
            #expect(judgement.isRefusal("refund.hash", code: "01"), "\(line)")
            let details = try #require(judgement.verdict?.details)
            #expect(details["mistake"]?.string == parts[0] && details["message_implied"]?.string == parts[2], "\(line)")
            let (built, implied) = (Array(details["message_built"]?.string?.utf8 ?? "".utf8), Array(parts[2].utf8))
            if ["upper-case", "hash-key", "sha-256"].contains(parts[0]) {
                #expect(details["first_difference"] == .null, "\(line)")
            } else {
                let difference = try #require(details["first_difference"])
                let offset = Int(try #require(difference["offset"]?.integer))
                #expect(built[..<offset] == implied[..<offset])
                func byte(_ bytes: [UInt8]) -> JSON {
                    offset < bytes.count ? .string(String(decoding: [bytes[offset]], as: UTF8.self)) : .null
                }
                #expect(difference["expected"] == byte(built) && difference["received"] == byte(implied) && byte(built) != byte(implied))
            }
            for secret in [WPayDemonstration.iniAPIKey, WPayDemonstration.hashKey] {
                #expect(!JSON.object(details).text.contains(secret))
            }
        }
    }

    @Test("A digest that no known mistake makes is refused without an implied message")
    func unknown() async throws {
        let house = try await SandboxHouse()
        let refund = INIAPIRefund(
            mid: WPayDemonstration.mid, tid: "T", message: "x", clientIP: "203.0.113.7", time: Timestamp(unixSeconds: 0))
        let verdict = try #require(await house.send(refund.call(key: Secret("wrong"))).verdict)
        #expect(verdict.rule == "refund.hash" && verdict.details["message_implied"] == .null && verdict.details["mistake"] == nil)
        #expect(verdict.details["message_built"]?.string?.hasPrefix("[INIAPI key]RefundCard") == true)
    }
}
