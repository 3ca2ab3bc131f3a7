import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: commands")
struct CommandTests {
    private struct Source: SettingsSource {
        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) { (Array("test_pw\n".utf8), false) }
        func environment(_ name: String) -> String? { name == "KEY" ? "test_pw" : nil }
    }

    private func run(_ name: String, _ arguments: [String], _ input: String) async throws -> CommandOutput {
        let command = try #require(SentbeConnector.commands.first { $0.name == name })
        let surroundings = CommandSurroundings(
            standardInput: { Array(input.utf8) }, source: Source(), time: ManualTime(), random: SeededRandom())
        return try await command.run(arguments, surroundings)
    }

    private func output(_ output: CommandOutput) -> String {
        output.pieces.map { piece in
            switch piece {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .line(let text): text + "\n"
            case .sentence(let text): text.english + "\n"
            case .remark: ""
            }
        }.joined()
    }

    private let text = "{\"user_id\":\"47\",\"recipient_id\":\"10\",\"external_id\":\"23\"}"
    private let salt = "29346d322cb26b23"

    @Test("encrypt writes the published envelope, decrypt brings back the very bytes")
    func roundTrip() async throws {
        let envelope = output(try await run("encrypt", ["--key", "test_pw", "--salt", salt], text))
        #expect(
            envelope
                == "{\"ct\":\"px9FHLEd8cJoPMpnDeNZ6tWSppxzkzANFTZyBxw0dZdebcynTvKvZpHVTUU2aoEjx3kebP+tDloR6OjAS6cYU8FK8wnBQv2OtgiWluyPxu0=\",\"iv\":\"57c252d6b13d6644c8ae5431cb8dabef\",\"s\":\"29346d322cb26b23\"}\n"
        )
        for given in [["--key", "test_pw"], ["--key-file", "f"], ["--key-environment", "KEY"]] {
            #expect(output(try await run("decrypt", given, envelope)) == text)
        }
        let odd = " no json: \u{1}홍😀/\r\n\n"
        for dialect in ["ruby", "js", "php"] {
            let sealed = output(try await run("encrypt", ["--key", "k", "--dialect", dialect], odd))
            #expect(output(try await run("decrypt", ["--key", "k"], sealed)) == odd)
        }
    }

    @Test("Two runs without --salt differ")
    func freshSalt() async throws {
        let command = try #require(SentbeConnector.commands.first { $0.name == "encrypt" })
        let surroundings = CommandSurroundings(
            standardInput: { Array("{}".utf8) }, source: Source(), time: ManualTime(), random: SystemRandom())
        let one = output(try await command.run(["--key", "k"], surroundings))
        #expect(one != output(try await command.run(["--key", "k"], surroundings)))
    }

    @Test("explain ends well on a right envelope, and names step, mistake, remedy and place on a wrong one")
    func explains() async throws {
        let envelope = output(try await run("encrypt", ["--key", "test_pw", "--salt", salt], text))
        let right = try await run("explain", ["--key", "test_pw"], envelope)
        #expect(right.isPositive)
        let spaced = envelope.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")
        let wrong = try await run("explain", ["--key", "test_pw"], spaced)
        #expect(!wrong.isPositive)
        let words = output(wrong)
        for word in ["step 3", "[plus-became-space]", "remedy", "expected 0x2b '+', received 0x20", text, envelope] {
            #expect(words.contains(word))
        }
        let other = output(try await run("explain", ["--key", "another", "--other-key", "test_pw"], envelope))
        #expect(other.contains("[other-secret]"))
        #expect(other.contains("--other-key"))
    }

    @Test(
        "Wrong arguments and unusable input are complaints, not answers",
        arguments: [
            ("encrypt", [], "{}", true), ("encrypt", ["--key", "k", "--salt", "00"], "{}", true),
            ("encrypt", ["--key", "k", "--dialect", "java"], "{}", true), ("encrypt", ["--key", "k", "{}"], "", true),
            ("decrypt", ["--key", "k"], "{}", false), ("decrypt", ["--key", "k"], "", false), ("explain", ["--key", "k", "x"], "", true),
        ] as [(String, [String], String, Bool)])
    func complaints(_ name: String, _ arguments: [String], _ input: String, _ isUsage: Bool) async throws {
        let error = await #expect(throws: CommandError.self) { _ = try await run(name, arguments, input) }
        #expect(error?.isUsage == isUsage)
    }
}
