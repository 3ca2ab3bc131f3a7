import AppsInToss
import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("Apps in Toss: commands")
struct ProtocolCommandTests {
    private struct Files: SettingsSource {
        var files: [String: [UInt8]]
        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
            guard let bytes = files[path] else { throw SystemError(call: "open", number: 2) }
            return (bytes, path.hasSuffix(".open"))
        }
        func environment(_ name: String) -> String? { nil }
    }

    private func run(
        _ name: String, _ arguments: [String], input: String = "", files: [String: [UInt8]] = [:], now: Timestamp? = nil
    ) async throws -> CommandOutput {
        let command = try #require(AppsInTossCommands.commands.first { $0.name == name })
        let surroundings = CommandSurroundings(
            standardInput: { Array(input.utf8) }, source: Files(files: files), time: now.map { ManualTime($0) } ?? ManualTime(),
            random: SeededRandom())
        return try await command.run(arguments, surroundings)
    }

    private func text(_ output: CommandOutput) -> String {
        output.pieces.map { piece in
            switch piece {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .line(let line): line
            case .sentence(let text), .remark(let text): text.english
            }
        }.joined(separator: "\n")
    }

    private let key = "SR4QZURtZfXJdB9KyNVXqZIzA+elMWPQYYaBy6WGkow="
    private let field = "9xq+wddPp1tGo6QJo3mi99fX0lSoYGvGhgRmOfTPcXO7RFNX/Q=="

    @Test("decrypt opens a field from the arguments and from standard input")
    func decrypt() async throws {
        let given = try await run("decrypt", [field, "--key", key, "--additional-data", "TOSS"])
        #expect(text(given) == "홍길동" && given.isPositive)
        let piped = try await run(
            "decrypt", ["--key-file", "k", "--additional-data", "TOSS"], input: field + "\n", files: ["k": Array((key + "\n").utf8)])
        #expect(text(piped) == "홍길동")
    }

    @Test("decrypt that fails ends with 1 and says why")
    func explained() async throws {
        let wrong = try await run("decrypt", [field, "--key", key])
        #expect(!wrong.isPositive && text(wrong).contains("TOSS") && text(wrong).contains("[additional-data]"))
        let auth = try await run("decrypt", ["--key", key], input: "v1$a$b")
        #expect(!auth.isPositive && text(auth).contains("[toss-auth-field]"))
        await #expect(throws: CommandError.self) { try await run("decrypt", [field]) }
        await #expect(throws: CommandError.self) { try await run("decrypt", [field, field, "--key", key]) }
    }

    @Test("inspect accepts a pair that belongs together and refuses everything else, each with its reason")
    func inspect() async throws {
        let start = Timestamp(unixSeconds: 1_767_225_600)
        let authority = try CertificateAuthority(name: "test", validity: CertificateValidity(from: start, days: 1000))
        let identity = try authority.issueClientIdentity(name: "shop", validity: CertificateValidity(from: start, days: 390))
        let other = try authority.issueClientIdentity(name: "shop", validity: CertificateValidity(from: start, days: 390))
        let certificate = Array(identity.certificateChainPEM.utf8)
        let files: [String: [UInt8]] = [
            "c": certificate, "k": identity.privateKey.pem.withBytes { $0 }, "k2": other.privateKey.pem.withBytes { $0 },
            "k.open": identity.privateKey.pem.withBytes { $0 }, "half": Array(certificate.prefix(certificate.count / 2)),
        ]
        let good = try await run("inspect", ["--certificate", "c", "--key", "k", "--app", "shop"], files: files)
        #expect(
            good.isPositive && text(good).contains("(CN) shop") && text(good).contains("389 days left")
                || text(good).contains("390 days left"))
        let cases: [(certificate: String, key: String, app: String, moment: Timestamp, word: String)] = [
            ("c", "k2", "shop", start, "mismatch"), ("c", "k", "stall", start, "stall"), ("k", "c", "shop", start, "swapped"),
            ("half", "k", "shop", start, "error"), ("missing", "k", "shop", start, "unreadable"),
            ("c", "k.open", "shop", start, "readable"),
            ("c", "k", "shop", start + .seconds(400 * 86_400), "expired"),
        ]
        for (certificate, key, app, moment, word) in cases {
            let bad = try await run("inspect", ["--certificate", certificate, "--key", key, "--app", app], files: files, now: moment)
            #expect(!bad.isPositive, "\(word)")
            #expect(text(bad).contains(word), "\(text(bad))")
            #expect(!text(bad).contains("PRIVATE KEY-----"))
        }
        await #expect(throws: CommandError.self) { try await run("inspect", ["--certificate", "c"], files: files) }
    }
}
