import AppsInToss
import Base
import Cryptography
import TestSupport
import Testing

@Suite("Apps in Toss: vectors")
struct VectorTests {
    private func rows(_ file: String) throws -> [JSON] {
        let rows = try #require(try JSON(PackageFiles.bytes("Providers/AppsInToss/Vectors/\(file)")).elements)
        try #require(!rows.isEmpty)
        return rows
    }

    @Test("Every field of login-me in the vectors is opened, and written again byte for byte")
    func personalData() throws {
        for row in try rows("personal-data.json") {
            let cipher = try PersonalDataCipher(
                base64Key: Secret(try #require(row["key_base64"]?.string)), additionalData: Secret(try #require(row["aad_text"]?.string)))
            let value = try #require(row["value"]?.string)
            let plaintext = try #require(row["plaintext"]?.string)
            #expect(try cipher.open(value).reveal() == plaintext)
            let vector = try #require(row["iv_hex"]?.string.flatMap(Hexadecimal.decode))
            #expect(try cipher.seal(plaintext, initializationVector: vector) == value)
        }
    }

    @Test("Python's cryptography opens what is sealed here, and seals what is opened here")
    func python() throws {
        let script = """
            import sys, base64
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            for line in sys.stdin.read().splitlines():
                key, aad, iv, field = line.split("|")
                raw = base64.b64decode(field)
                text = AESGCM(base64.b64decode(key)).decrypt(raw[:12], raw[12:], aad.encode())
                iv = bytes.fromhex(iv)
                print(text.decode() + "|" + base64.b64encode(iv + AESGCM(base64.b64decode(key)).encrypt(iv, text[::-1] if text.isascii() else text, aad.encode())).decode())
            """
        let random = SeededRandom(seed: 7)
        let texts = ["", "홍길동", "01012345678", "19900101", "MALE", String(repeating: "가", count: 400)]
        var input: [String] = []
        var keys: [(Secret, String)] = []
        for (index, text) in texts.enumerated() {
            let key = Base64.encode(random.bytes(32))
            let additional = index.isMultiple(of: 2) ? "TOSS" : "앱인토스-시험"
            keys.append((Secret(key), additional))
            let cipher = try PersonalDataCipher(base64Key: Secret(key), additionalData: Secret(additional))
            let field = try cipher.seal(text, initializationVector: random.bytes(12))
            input.append("\(key)|\(additional)|\(Hexadecimal.encode(random.bytes(12)))|\(field)")
        }
        let lines = try PythonOracle.lines(script, input: input)
        try #require(lines.count == texts.count)
        for (index, line) in lines.enumerated() {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            try #require(parts.count == 2)
            #expect(parts[0] == texts[index])
            let cipher = try PersonalDataCipher(base64Key: keys[index].0, additionalData: Secret(keys[index].1))
            let isASCII = texts[index].utf8.allSatisfy { $0 < 128 }
            #expect(try cipher.open(parts[1]).reveal() == (isASCII ? String(texts[index].reversed()) : texts[index]))
        }
    }

    @Test("Every answer in the vectors is read as it says")
    func answers() throws {
        for row in try rows("answers.json") {
            let name = try #require(row["name"]?.string)
            let body = try #require(row["body"])
            let answer = AppsInTossEnvelope.read(body.bytes)
            if row["unreadable"]?.boolean == true {
                #expect(answer == nil, "\(name)")
            } else if let success = row["success"] {
                #expect(answer == .success(success), "\(name)")
            } else {
                guard case .refusal(let refusal)? = answer else {
                    Issue.record("\(name) was not refused")
                    continue
                }
                #expect(refusal.code.rawValue == row["code"]?.string, "\(name)")
                #expect(refusal.reason == row["reason"]?.string, "\(name)")
                #expect(refusal.leavesOutcomeOpen == row["open"]?.boolean, "\(name)")
                #expect(refusal.retryAfter?.wholeSeconds == row["retryAfter"]?.integer, "\(name)")
            }
        }
    }

    @Test("What the sandbox would write for an answer in the vectors is read as the same answer")
    func writtenAgain() throws {
        var count = 0
        for row in try rows("answers.json") {
            guard let body = row["body"], let answer = AppsInTossEnvelope.read(body) else { continue }
            switch answer {
            case .success(let content):
                for name in [AppsInTossEnvelope.SuccessName.success, .result] {
                    #expect(AppsInTossEnvelope.read(AppsInTossEnvelope.success(content, under: name).bytes) == answer)
                }
            case .refusal(let refusal):
                guard refusal.resultType != nil || refusal.isOAuth else { continue }
                for style in [AppsInTossEnvelope.CodeStyle.text, .number] {
                    #expect(AppsInTossEnvelope.read(AppsInTossEnvelope.failure(refusal, codes: style).bytes) == answer)
                }
            }
            count += 1
        }
        #expect(count > 15)
    }
}
