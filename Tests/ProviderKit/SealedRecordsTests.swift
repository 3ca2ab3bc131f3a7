import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing

@Suite("Records that are sealed")
struct SealedRecordsTests {
    private let under = MemoryRecords(time: ManualTime())
    private let secret = Secret("canary-secret")

    private func sealed(_ secret: Secret? = nil, purpose: String = "results", seed: UInt64 = 1) -> SealedRecords {
        SealedRecords(under, secret: secret ?? self.secret, purpose: purpose, random: SeededRandom(seed: seed))
    }

    private func failure(_ body: () async throws -> Void) async -> RecordError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? RecordError
        }
    }

    @Test("what is kept comes back, of every length, and a later keep takes the place of an earlier one")
    func roundTrip() async throws {
        let records = sealed()
        for length in [0, 1, 15, 16, 17, 100_000] {
            let bytes = [UInt8](repeating: 7, count: length)
            try await records.keep("a", bytes, until: nil)
            #expect(try await records.record("a") == bytes)
        }
        #expect(try await records.record("b") == nil)
        try await records.forget("a")
        #expect(try await records.record("a") == nil)
    }

    @Test("names and ends are the other keeper's business: prefixes are found, and a record whose time is over is gone")
    func names() async throws {
        let time = ManualTime()
        let records = SealedRecords(MemoryRecords(time: time), secret: secret, purpose: "results", random: SeededRandom())
        try await records.keep("x/2", [1], until: nil)
        try await records.keep("x/1", [1], until: time.now + .seconds(10))
        try await records.keep("y/1", [1], until: nil)
        #expect(try await records.names(beginningWith: "x/") == ["x/1", "x/2"])
        time.advance(by: .seconds(10))
        #expect(try await records.record("x/1") == nil)
        #expect(try await records.names(beginningWith: "x/") == ["x/2"])
    }

    @Test("nothing of a record stands in clear, and the same record is sealed differently each time")
    func confidentiality() async throws {
        let records = sealed()
        let text = Array("canary-person".utf8)
        try await records.keep("a", text, until: nil)
        let first = try #require(try await under.record("a"))
        try await records.keep("a", text, until: nil)
        let second = try #require(try await under.record("a"))
        #expect(first.count == text.count + SealedRecords.growth && first != second)
        #expect(Array(first[1..<13]) != Array(second[1..<13]))
        #expect(!String(decoding: first + second, as: UTF8.self).contains("canary"))
        #expect(!"\(records)".contains("canary"))
    }

    @Test("every changed byte, every cut, another name, another secret and another purpose are refused, and the record stays as it is")
    func damage() async throws {
        let records = sealed()
        try await records.keep("a", [1, 2, 3], until: nil)
        let good = try #require(try await under.record("a"))
        for index in good.indices {
            var bad = good
            bad[index] ^= 0x80
            try await under.keep("a", bad, until: nil)
            #expect(await failure { _ = try await records.record("a") } != nil, "byte \(index)")
            #expect(try await under.record("a") == bad)
        }
        for length in 0..<good.count {
            try await under.keep("a", Array(good.prefix(length)), until: nil)
            #expect(await failure { _ = try await records.record("a") } != nil, "\(length) bytes")
        }
        try await under.keep("b", good, until: nil)
        #expect(await failure { _ = try await records.record("b") } != nil)
        try await under.keep("a", good, until: nil)
        #expect(await failure { _ = try await sealed(Secret("other")).record("a") } != nil)
        #expect(await failure { _ = try await sealed(purpose: "other").record("a") } != nil)
        #expect(try await records.record("a") == [1, 2, 3])
        let complaint = await failure { _ = try await sealed(Secret("other")).record("a") }
        #expect(complaint?.message.english.contains("\"a\"") == true && complaint?.message.korean.contains("\"a\"") == true)
    }

    @Test("a record that is too long once sealed is refused, and the older one stays")
    func bounds() async throws {
        let records = sealed()
        try await records.keep("a", [1], until: nil)
        let longest = RecordBounds.longestRecord - SealedRecords.growth
        #expect(await failure { try await records.keep("a", [UInt8](repeating: 0, count: longest + 1), until: nil) } != nil)
        #expect(try await records.record("a") == [1])
        try await records.keep("a", [UInt8](repeating: 0, count: longest), until: nil)
        #expect(try await records.record("a")?.count == longest)
    }

    @Test("the layout is a version, the vector, the ciphertext and the tag, under a key that Python derives alike")
    func layout() async throws {
        let text = Array("무엇이든".utf8)
        try await sealed().keep("이름", text, until: nil)
        let bytes = try #require(try await under.record("이름"))
        let script = """
            import hmac, sys
            print(hmac.new(b"canary-secret", b"bujeol sealed records: results", "sha256").hexdigest())
            """
        let key = try #require(Hexadecimal.decode(PythonOracle.lines(script, input: [String]())[0]))
        let opened = try AuthenticatedCipher.aes256GCM().open(
            .init(ciphertext: Array(bytes[13..<bytes.count - 16]), tag: Array(bytes.suffix(16))), key: Secret(key),
            initializationVector: Array(bytes[1..<13]), additionalData: Array("이름".utf8))
        #expect(bytes[0] == 1 && opened == text)
    }
}
