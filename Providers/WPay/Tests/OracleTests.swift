import Base
import Foundation
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

/// A Python program signs by `orders.txt`, with `hashlib` and OpenSSL's own command for SEED: it shares no code and no table with ours.
@Suite("WPay: every API against an independent signer")
struct OracleTests {
    /// One line for each API and side: identifier, side, signature, and the fields as `name=value` in their final form, separated by tabs.
    private static let script = """
        import sys, re, json, base64, hashlib, subprocess, urllib.parse
        KEY, SEED, IV = b'made-up-hash-key-0123456789abcde', bytes(range(16)).hex(), b'MADE-UP-IV-16-BY'.hex()
        cache = {}
        def encrypt(text):
            if text not in cache:
                run = subprocess.run(['openssl', 'enc', '-seed-cbc', '-provider', 'legacy', '-provider', 'default', '-K', SEED, '-iv', IV],
                                     input=text.encode(), capture_output=True, check=True)
                cache[text] = base64.b64encode(run.stdout).decode()
            return cache[text]
        def encode(text): return urllib.parse.quote_plus(text, safe='*').replace('~', '%7E')
        def plain(name, mark, carrier):
            if mark == 'E': return name[:8] + ' 값'
            # A name that travels in JSON is signed as it is, so that it may not hold what separates fields.
            if mark == 'U': return '가 ~*\\'()%+=' + ('' if carrier == 'json' else '&') + name[:4]
            return name[0]
        def line(product, name, carrier, side, words):
            signed, fields, message = True, [], ''
            for word in words:
                if word == '+':
                    signed = False
                    continue
                field, mark = re.match(r'(\\w+)\\*?(?:\\((E|U)\\))?$', word).groups()
                # Every third signed field that nobody must give stays empty.
                value = '' if signed and '*' not in word and side == '>' and product == 'std' and len(field) % 3 == 0 else plain(field, mark, carrier)
                final = value
                if value and mark == 'E': final = encrypt(value)
                if mark == 'U' and carrier in ('page', 'form'): final = encode(value)
                fields.append([field, value, final, signed])
                if signed: message += field + '=' + final + '&'
            digest = hashlib.sha256(message.encode() + b'hashKey=' + KEY).hexdigest()
            print(json.dumps([product, name, side, digest, fields], ensure_ascii=False))
        for text in sys.stdin.read().split('\\n'):
            words = text.split()
            if not words or words[0].startswith('#'): continue
            if words[0] in ('>', '<', '<<'): line(product, name, carrier if words[0] == '>' else 'page', words[0], words[1:])
            else: product, name, carrier = words[:3]
        """

    private struct Line {
        var api: WPayAPI
        var side: String
        var signature: String
        var fields: [(name: String, plain: String, final: String, isSigned: Bool)]
    }

    private func lines() throws -> [Line] {
        let output = try PythonOracle.lines(Self.script, input: Array(try WPayVectors.text("orders.txt").utf8))
        return try output.map { text in
            let json = try JSON(Array(text.utf8))
            let product = try #require(json[0]?.string.flatMap { WPayProduct(rawValue: $0) })
            let name = try #require(json[1]?.string)
            return Line(
                api: try #require(WPayTables.api(product, name)), side: try #require(json[2]?.string),
                signature: try #require(json[3]?.string),
                fields: try #require(json[4]?.elements).map { field in
                    (
                        try #require(field[0]?.string), try #require(field[1]?.string), try #require(field[2]?.string),
                        field[3]?.boolean == true
                    )
                })
        }
    }

    @Test("Every request is built and signed as the independent signer does it, and every signed callback of its is verified and opened")
    func everyAPI() throws {
        let keys = try WPayVectors.keys()
        let builder = WPayRequestBuilder(keys)
        var (requests, callbacks) = (0, 0)
        for line in try lines() {
            switch line.side {
            case ">":
                requests += 1
                let request = try builder.build(line.api, line.fields.shuffled().map { ($0.name, .plain($0.plain)) })
                #expect(request.signature == line.signature, "\(line.api.identifier)")
                for field in line.fields { #expect(request.value(field.name)?.text == field.final, "\(line.api.identifier) \(field.name)") }
                // Given again as final, the same request comes out.
                let again = try builder.build(line.api, line.fields.map { ($0.name, .final($0.final)) })
                #expect(again.signature == line.signature)
                try expectOnTheWire(request, line)
            case "<<":
                callbacks += 1
                let values = line.fields.map { (name: $0.name, value: $0.final) } + [(name: "signature", value: line.signature)]
                // A success code cannot be the one letter that the signer writes; the signature is looked at first, so another code does not verify.
                guard case .verified(let callback) = try WPayCallback.verify(values.shuffled(), of: line.api, keys: keys) else {
                    Issue.record("\(line.api.identifier) must verify")
                    continue
                }
                for field in line.fields where field.isSigned {
                    #expect(callback[field.name]?.text == field.plain, "\(line.api.identifier) \(field.name)")
                }
                for field in line.fields where !field.isSigned {
                    #expect(callback[field.name] == nil)
                    #expect(callback.unauthenticated(field.name)?.text == field.final)
                }
                try expectEveryBitCounts(values, line.api, keys)
            default: break
            }
        }
        #expect(requests == WPayTables.all.count)
        #expect(callbacks == WPayTables.all.filter(\.replyIsSigned).count)
    }

    private func expectOnTheWire(_ request: WPayRequest, _ line: Line) throws {
        let call = try #require(request.call(pathPrefix: "/wpay", site: "kbstar"))
        let sent = line.fields.map { [$0.name, $0.final] } + [["signature", line.signature]]
        let received: [[String]]
        if line.api.carrier == .json {
            let members = try #require(try JSON(call.body).members)
            received = members.names.map { [$0, members[$0]?.string ?? "?"] }
        } else {
            let form = line.api.carrier == .query ? Array((call.query ?? "").utf8) : call.body
            received = try #require(FormText.decode(form)).map { [$0.name, $0.value] }
        }
        #expect(Set(received) == Set(sent))
        #expect(call.path == "/wpay" + line.api.path.replacing("{site}", with: "kbstar"))
        #expect(call.method.rawValue == (line.api.carrier == .query ? "GET" : "POST"))
    }

    /// Whatever signed value is altered, the callback is refused.
    private func expectEveryBitCounts(_ values: [(name: String, value: String)], _ api: WPayAPI, _ keys: WPayKeys) throws {
        for (index, value) in values.enumerated() where api.replyField(value.name)?.isSigned == true || value.name == "signature" {
            var altered = values
            altered[index].value = value.value.isEmpty ? "x" : value.value + "0"
            #expect(throws: WPayCallbackError.self) { try WPayCallback.verify(altered, of: api, keys: keys) }
        }
    }
}
