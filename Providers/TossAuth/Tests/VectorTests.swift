import Base
import Cryptography
import TestSupport
import Testing

@testable import TossAuth

@Suite("Toss Auth: vectors")
struct VectorTests {
    static let folder = "Providers/TossAuth/Vectors"

    static func rows(_ file: String, _ member: String? = nil) throws -> [JSON] {
        let json = try JSON(PackageFiles.bytes("\(folder)/\(file)"))
        let rows = try #require((member.map { json[$0] ?? .null } ?? json).elements)
        try #require(!rows.isEmpty)
        return rows
    }

    static func opener() throws -> SessionOpener {
        try SessionOpener(privateKey: PrivateKey(pem: Secret(PackageFiles.bytes("\(folder)/test-key.pem"))))
    }

    static func cipher(_ row: JSON) throws -> SessionCipher {
        try SessionCipher(
            id: #require(row["session_id"]?.string), key: Secret(#require(row["key_base64"]?.string.flatMap { Base64.decode($0) })),
            vector: Secret(#require(row["iv_base64"]?.string.flatMap { Base64.decode($0) })))
    }

    @Test("Every session key of the vectors opens, every field in it decrypts, and encrypting writes the field again byte for byte")
    func sessions() throws {
        let opener = try VectorTests.opener()
        for row in try VectorTests.rows("sessions.json") {
            let session = try opener.open(#require(row["session_key"]?.string))
            #expect(session.id == row["session_id"]?.string)
            #expect(session.version == "v1")
            let cipher = try VectorTests.cipher(row)
            for field in try #require(row["fields"]?.elements) {
                let plaintext = try #require(field["plaintext"]?.string)
                let value = try #require(field["value"]?.string)
                #expect(try session.open(value) == Secret(plaintext))
                #expect(try cipher.open(value) == Secret(plaintext))
                #expect(try session.seal(plaintext) == value)
                #expect(try cipher.seal(Secret(plaintext)) == value)
                let marked = try session.seal(plaintext, version: "v1_0.0.14")
                #expect(marked == "v1_0.0.14" + value.dropFirst(2))
                #expect(try session.open(marked) == Secret(plaintext))
            }
        }
    }

    @Test("Both built-in keys are the vectors' and have the fingerprints that are published; the opener's is the sandbox's")
    func keys() throws {
        let rows = try VectorTests.rows("keys.json")
        for (row, (key, kind)) in zip(rows, [(ServiceKey.production, ServiceKey.Kind.production), (.sandbox, .knownTest)]) {
            #expect(row["spki_base64"]?.string == Base64.encode(key.key.spkiDER))
            #expect(row["sha256"]?.string == Hexadecimal.encode(key.key.fingerprint))
            #expect(row["bits"]?.integer == Int64(key.key.bits))
            #expect(key.kind == kind)
            #expect(try ServiceKey(pem: key.key.pem) == key)
        }
        #expect(try VectorTests.opener().publicKey == .sandbox)
    }

    @Test("Every session key that must be refused is refused, with its true cause in the piece that is wrong")
    func refusedSessionKeys() throws {
        let opener = try VectorTests.opener()
        for row in try VectorTests.rows("refused.json", "session_keys") {
            let name = try #require(row["name"]?.string)
            let text = try #require(row["session_key"]?.string, "\(name)")
            let fault = #expect(throws: SessionFault.self, "\(name)") { _ = try opener.open(text) }
            try judge(fault, row)
            #expect(fault?.member == "sessionKey")
        }
    }

    @Test("Every field that must be refused is refused, with its true cause in the piece that is wrong, by both sides")
    func refusedFields() throws {
        let opener = try VectorTests.opener()
        let sessions = try VectorTests.rows("sessions.json")
        for row in try VectorTests.rows("refused.json", "fields") {
            let name = try #require(row["name"]?.string)
            let text = try #require(row["value"]?.string)
            let own = try #require(sessions.first { $0["name"] == row["session"] })
            let session = try opener.open(#require(own["session_key"]?.string))
            let fault = #expect(throws: SessionFault.self, "\(name)") { _ = try session.open(text, member: "userName") }
            try judge(fault, row)
            #expect(fault?.member == "userName")
            let cipher = try VectorTests.cipher(own)
            let other = #expect(throws: SessionFault.self, "\(name)") { _ = try cipher.open(text) }
            try judge(other, row)
        }
    }

    /// Compares a fault with its row, and sees that it says something in both languages and tells nothing.
    private func judge(_ fault: SessionFault?, _ row: JSON) throws {
        let name = row["name"]?.string ?? ""
        let fault = try #require(fault)
        #expect(fault.word == row["cause"]?.string, "\(name)")
        #expect(fault.piece.rawValue == row["piece"]?.string, "\(name)")
        let said = "\(fault) \(fault.message.korean) \(fault.message.english)"
        #expect(fault.message.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }, "\(name)")
        #expect(fault.message.english.contains(fault.piece.name.english), "\(name)")
        let secrets = ["홍길동", "01012345678", "8BSMEvzQOWctQ0DGwIDlufj9tKo9axslD1cK90gFa3U=", "wmRrPsclLTtvVIbw", "3f0c2a5e"]
        #expect(!secrets.contains { said.contains($0) }, "\(name)")
    }

    @Test("The printed samples keep to the layout, and share their keystream within a session")
    func samples() throws {
        for sample in try VectorTests.rows("samples.json") {
            let id = try #require(sample["session_id"]?.string)
            let keystream = sample["keystream_prefix_hex"]?.string.flatMap(Hexadecimal.decode)
            var plain: [(ciphertext: [UInt8], plaintext: [UInt8])] = []
            for value in try #require(sample["values"]?.elements) {
                let isKey = value["member"]?.string == "sessionKey"
                let text = try SealedText(
                    #require(value["value"]?.string), longest: isKey ? TossAuthLimits.longestSessionKey : TossAuthLimits.longestField)
                #expect(text.version == "v1" && text.id == id)
                #expect(Int64(text.bytes.count) == value["decoded_length"]?.integer)
                guard !isKey, let known = value["plaintext"]?.string ?? value["plaintext_prefix"]?.string else { continue }
                if value["plaintext"] != nil { #expect(text.bytes.count - 16 == known.utf8.count) }
                plain.append((Array(text.bytes.dropLast(16)), Array(known.utf8)))
            }
            // One key and one vector for all fields: each ciphertext adds the same stream to its plaintext.
            for (ciphertext, plaintext) in plain {
                let stream = zip(ciphertext, plaintext).map { $0 ^ $1 }
                let prefix = try #require(keystream)
                #expect(zip(stream, prefix).allSatisfy { $0 == $1 })
            }
            for (one, other) in zip(plain, plain.dropFirst()) {
                let difference = zip(one.ciphertext, other.ciphertext).map { $0 ^ $1 }
                #expect(zip(difference, zip(one.plaintext, other.plaintext).map { $0 ^ $1 }).allSatisfy { $0 == $1 })
            }
        }
    }

    @Test("Every answer in the vectors is read as it says, and written again as the same answer")
    func answers() throws {
        for row in try VectorTests.rows("answers.json") {
            let name = try #require(row["name"]?.string)
            let answer = TossAuthEnvelope.read(try #require(row["body"]).bytes)
            if row["unreadable"]?.boolean == true {
                #expect(answer == nil, "\(name)")
            } else if row["success"]?.boolean == true {
                let content = row["body"]?["success"] ?? .null
                #expect(answer == .success(content), "\(name)")
                #expect(TossAuthEnvelope.read(TossAuthEnvelope.success(content)) == answer, "\(name)")
                for link in ["appScheme", "androidAppUri", "iosAppUri"] { #expect(TossAuthEnvelope.link(link, in: content) == nil) }
            } else {
                guard case .refusal(let refusal)? = answer else {
                    Issue.record("\(name) was not refused")
                    continue
                }
                #expect(refusal.code.rawValue == row["code"]?.string, "\(name)")
                #expect(refusal.reason == row["reason"]?.string, "\(name)")
                #expect(refusal.advice?.rawValue == row["advice"]?.string, "\(name)")
                #expect(TossAuthEnvelope.read(TossAuthEnvelope.failure(refusal).bytes) == answer, "\(name)")
                if row["origin"]?.string == "documented" { #expect(TossAuthEnvelope.failure(refusal) == row["body"], "\(name)") }
            }
            for (member, seconds) in zip(row["moment"]?.members?.names ?? [], row["moment"]?.members?.values ?? []) {
                let text = try #require(row["body"]?["success"]?[member]?.string)
                #expect(TossAuthTime.read(text)?.unixSeconds == seconds.integer)
            }
        }
    }
}
