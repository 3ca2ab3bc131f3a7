import Base
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite("PEM as people damage it")
struct PEMTextTests {
    private static let certificate = TestCertificates.client.certificates[0]
    private static let pem = certificate.pem
    private static let key = TestCertificates.client.privateKey.pem.withText { $0 }

    private func read(_ text: String) throws -> PEMText { try PEMText(Array(text.utf8)) }

    /// A way to damage a text that leaves its meaning clear.
    struct Damaged: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var repairs: Set<PEMText.Repair>
        var damage: @Sendable (String) -> String
    }

    static let damages: [Damaged] = [
        Damaged(testDescription: "as it was issued", repairs: []) { $0 },
        Damaged(testDescription: "without the last line feed", repairs: []) { String($0.dropLast()) },
        Damaged(testDescription: "behind text, as the openssl command writes it", repairs: []) {
            "Bag Attributes\n    localKeyID: 01\n\n" + $0
        },
        Damaged(testDescription: "literal \\n", repairs: [.escapedLineFeeds]) { $0.replacing("\n", with: "\\n") },
        Damaged(testDescription: "literal \\n between line feeds", repairs: [.escapedLineFeeds]) { $0.replacing("\n", with: "\\n\n") },
        Damaged(testDescription: "literal \\r\\n in quotes", repairs: [.escapedLineFeeds, .quotes]) {
            "\"" + $0.replacing("\n", with: "\\r\\n") + "\""
        },
        Damaged(testDescription: "all on one line", repairs: [.lostLineFeeds]) { $0.replacing("\n", with: "") },
        Damaged(testDescription: "blanks in place of line feeds", repairs: [.lostLineFeeds, .blanks]) { $0.replacing("\n", with: " ") },
        Damaged(testDescription: "indented", repairs: [.blanks]) { $0.replacing("\n", with: "\n    ") },
        Damaged(testDescription: "CRLF", repairs: [.carriageReturns]) { $0.replacing("\n", with: "\r\n") },
        Damaged(testDescription: "CR alone", repairs: [.carriageReturns]) { $0.replacing("\n", with: "\r") },
        Damaged(testDescription: "a byte order mark", repairs: [.byteOrderMark]) { "\u{FEFF}" + $0 },
        Damaged(testDescription: "without any white space at all", repairs: [.lostBlanks, .lostLineFeeds]) {
            $0.replacing("\n", with: "").replacing(" ", with: "")
        },
        Damaged(testDescription: "the whole file in Base64", repairs: [.wholeFileBase64]) { Base64.encode(Array($0.utf8)) },
        Damaged(testDescription: "the whole file in Base64, in lines", repairs: [.wholeFileBase64]) { text in
            let characters = Array(Base64.encode(Array(text.utf8)))
            return stride(from: 0, to: characters.count, by: 76).map { String(characters[$0..<min($0 + 76, characters.count)]) + "\n" }
                .joined()
        },
        Damaged(testDescription: "Base64 of CRLF", repairs: [.wholeFileBase64, .carriageReturns]) {
            Base64.encode(Array($0.replacing("\n", with: "\r\n").utf8))
        },
        Damaged(testDescription: "the body on one long line", repairs: [.lostLineFeeds]) { text in
            var lines = text.split(separator: "\n").map(String.init)
            let body = lines[1..<(lines.count - 1)].joined()
            lines = [lines[0], body, lines[lines.count - 1]]
            return body.count > 254 ? lines.joined(separator: "\n") + "\n" : text.replacing("\n", with: "")
        },
    ]

    @Test("what can only mean one thing is read, to the byte, and every repair is named", arguments: damages)
    func repairs(damaged: Damaged) async throws {
        let certificate = try read(damaged.damage(Self.pem))
        #expect(certificate.blocks.map(\.label) == ["CERTIFICATE"] && certificate.blocks.allSatisfy(\.isCertificate))
        #expect(certificate.blocks.first?.content == Secret(Self.certificate.der))
        #expect(certificate.blocks.first?.pem == Secret(Self.pem))
        #expect(Set(certificate.repairs) == damaged.repairs)
        let key = try read(damaged.damage(Self.key))
        #expect(key.blocks.map(\.label) == ["PRIVATE KEY"] && key.blocks.allSatisfy(\.isPrivateKey))
        #expect(key.blocks.first?.pem == Secret(Self.key))
        // Both in one text, as chains and some tools have them.
        let both = try read(damaged.damage(Self.pem + Self.key))
        #expect(both.blocks.map(\.label) == ["CERTIFICATE", "PRIVATE KEY"])
        #expect(both.blocks.map(\.pem) == [Secret(Self.pem), Secret(Self.key)])
    }

    @Test("what leaves open what was meant is refused and named")
    func refusals() throws {
        func damage(_ bytes: [UInt8]) -> PEMText.Damage? {
            do throws(PEMText.Damage) {
                _ = try PEMText(bytes)
                return nil
            } catch {
                return error
            }
        }
        func damage(_ text: String) -> PEMText.Damage? { damage(Array(text.utf8)) }
        let lines = Self.pem.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(damage("") == .empty && damage(" \n\t\r\n\0") == .empty && damage("\"\"") == .empty)
        #expect(damage(Self.certificate.der) == .der)
        #expect(damage([0xFF, 0xFE] + Self.pem.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == .utf16)
        #expect(damage("no certificate here") == .notPEM && damage("/etc/bujeol/app.key") == .notPEM)
        #expect(damage(lines.dropFirst().dropLast(2).joined(separator: "\n")) == .missingArmour)
        #expect(damage(Self.pem.replacing("-----", with: "----")) == .brokenArmour)
        #expect(damage(Self.pem.replacing("-----BEGIN CERTIFICATE-----", with: "-----BEGIN CERTIFICATE")) == .brokenArmour)
        #expect(damage(lines.dropLast(2).joined(separator: "\n")) == .unfinished(label: "CERTIFICATE"))
        #expect(damage(lines.dropLast(2).joined(separator: "\n") + "\n" + Self.key) == .unfinished(label: "CERTIFICATE"))
        #expect(damage(String(Self.pem.dropLast(3))) == .unfinished(label: "CERTIFICATE"))
        #expect(
            damage(Self.pem.replacing("END CERTIFICATE", with: "END PRIVATE KEY"))
                == .differingLabels(begin: "CERTIFICATE", end: "PRIVATE KEY"))
        var foreign = lines
        foreign[2] = "*" + foreign[2].dropFirst()
        #expect(damage(foreign.joined(separator: "\n")) == .foreignCharacter(label: "CERTIFICATE"))
        var shorter = lines
        shorter.remove(at: 2)
        #expect(damage(shorter.joined(separator: "\n")) == .incomplete(label: "CERTIFICATE"))
        shorter = lines
        shorter[2].removeLast()
        #expect(damage(shorter.joined(separator: "\n")) == .incomplete(label: "CERTIFICATE"))
        #expect(damage("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n") == .incomplete(label: "CERTIFICATE"))
    }

    @Test("a text that is cut off anywhere is never taken for a whole one")
    func cutOff() throws {
        let both = Array((Self.pem + Self.key).utf8)
        let firstEnd = Self.pem.utf8.count
        for length in 0..<both.count - 1 {
            let blocks = (try? PEMText(Array(both[..<length])))?.blocks.map(\.label) ?? []
            // The beginning of a second block is only known as one by its whole first word.
            let isWhole = (firstEnd - 1..<firstEnd + 10).contains(length)
            #expect(blocks == (isWhole ? ["CERTIFICATE"] : []), "\(length)")
        }
    }

    @Test("every bit that flips in the Base64 is noticed or changes the content, and nothing crashes")
    func flipped() throws {
        var random = Dice(source: SeededRandom(seed: 7))
        let original = Array(Self.key.utf8)
        for _ in 0..<3000 {
            var bytes = original
            // What stands behind the last line does not count.
            bytes[Int.random(in: bytes.indices.dropLast(), using: &random)] = UInt8.random(in: 0...255, using: &random)
            guard bytes != original, let text = try? PEMText(bytes) else { continue }
            for block in text.blocks where block.label == "PRIVATE KEY" && block.pem == Secret(Self.key) {
                // The same content is fine when only white space was touched.
                #expect(!text.repairs.isEmpty || bytes.filter { $0 > 0x20 } == original.filter { $0 > 0x20 })
            }
        }
    }

    @Test("locked keys, PKCS#1, SEC1, DER and PKCS#12 as the openssl command writes them are told apart")
    func forms() async throws {
        let directory = try TemporaryDirectory()
        let plain = try directory.write("plain.key", Self.key)
        let certificate = try directory.write("app.crt", Self.pem)
        func openssl(_ arguments: String...) async throws -> [UInt8] {
            let answer = try await Oracle.run("openssl", arguments)
            try #require(answer.status == 0, "\(answer.errors)")
            return answer.output
        }
        let sec1 = try PEMText(try await openssl("ec", "-in", plain))
        #expect(sec1.blocks.map(\.label) == ["EC PRIVATE KEY"] && sec1.blocks[0].isPrivateKey && !sec1.blocks[0].isEncrypted)
        let withParameters = try PEMText(try await openssl("ecparam", "-name", "prime256v1", "-genkey"))
        #expect(withParameters.blocks.map(\.label).suffix(1) == ["EC PRIVATE KEY"])
        let rsa = try PEMText(try await openssl("genrsa", "-traditional", "2048"))
        #expect(rsa.blocks.map(\.label) == ["RSA PRIVATE KEY"])
        let locked = try PEMText(try await openssl("pkcs8", "-topk8", "-in", plain, "-passout", "pass:x"))
        #expect(locked.blocks.map(\.label) == ["ENCRYPTED PRIVATE KEY"] && locked.blocks[0].isEncrypted)
        let old = try await openssl("ec", "-in", plain, "-aes128", "-passout", "pass:x")
        #expect(try PEMText(old).blocks.map(\.isEncrypted) == [true])
        let oldOnOneLine = String(decoding: old, as: UTF8.self).replacing("\n", with: "\\n")
        #expect(try PEMText(Array(oldOnOneLine.utf8)).blocks.map(\.isEncrypted) == [true])
        #expect(throws: PEMText.Damage.der) { try PEMText(try Data(contentsOf: URL(filePath: plain)).isEmpty ? [] : self.der(plain)) }
        let container = try await openssl("pkcs12", "-export", "-in", certificate, "-inkey", plain, "-passout", "pass:x")
        #expect(throws: PEMText.Damage.pkcs12) { try PEMText(container) }
    }

    private struct Dice: RandomNumberGenerator {
        var source: SeededRandom
        mutating func next() -> UInt64 { source.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
    }

    private func der(_ path: String) throws -> [UInt8] {
        try PEMText(Array(Data(contentsOf: URL(filePath: path)))).blocks[0].content.withBytes { $0 }
    }
}
