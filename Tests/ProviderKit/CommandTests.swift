import Base
import ProviderKit
import Testing
import Transport

/// A disk of two files and an environment of one variable.
private struct SmallSource: SettingsSource {
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard path == "key.txt" else { throw SystemError(call: "open", number: 2) }
        return (Array("from a file\n".utf8), false)
    }

    func environment(_ name: String) -> String? { name == "KEY" ? "from the environment" : nil }
}

@Suite("Commands of providers")
struct CommandTests {
    private let surroundings = CommandSurroundings(
        standardInput: { () throws(SystemError) in Array("piped".utf8) }, source: SmallSource(), time: SystemTime(), random: SystemRandom())

    private let echo = ProviderCommand(
        "echo", usage: "[--loud] --key K words …", summary: BilingualText(korean: "되풀이", english: "repeats"),
        options: [.init("key", .secret), .init("salt", .value), .init("loud", .flag)]
    ) { input throws(CommandError) in
        let key = try input.requiredSecret("key").withText { $0 }
        return CommandOutput([
            .line("\(key)|\(input.value("salt") ?? "-")|\(input.isSet("loud"))|\(input.words.joined(separator: ","))"),
            .bytes(try input.standardInput()),
        ])
    }

    private func line(_ arguments: [String]) async throws -> String {
        let output = try await echo.run(arguments, surroundings)
        guard case .line(let text)? = output.pieces.first else { return "" }
        return text
    }

    @Test("Options, flags and words are told apart, and everything behind two hyphens is a word")
    func parsing() async throws {
        #expect(try await line(["a=b", "--key", "k", "--loud", "--salt=s=t", "--", "--x"]) == "k|s=t|true|a=b,--x")
    }

    @Test("A secret comes from the command line, a file without its last line break, or the environment")
    func secrets() async throws {
        #expect(try await line(["--key-file", "key.txt"]) == "from a file|-|false|")
        #expect(try await line(["--key-environment=KEY"]) == "from the environment|-|false|")
    }

    @Test(
        "What cannot be followed is refused with a sentence in both languages and without the secret",
        arguments: [
            [], ["--key"], ["--key", "", "x"], ["--nonsense", "1"], ["--loud=1"], ["--key", "hush", "--key", "hush"],
            ["--key", "hush", "--key-file", "key.txt"], ["--salt-file", "x"],
        ])
    func refused(arguments: [String]) async {
        let error = await #expect(throws: CommandError.self) { try await echo.run(arguments, surroundings) }
        #expect(error?.isUsage == true)
        #expect(error?.message.korean.isEmpty == false)
        #expect(error?.message.english.contains("hush") == false)
    }

    @Test("A key's file or variable that is not there is unusable input, not a wrong argument", arguments: ["file", "environment"])
    func missing(form: String) async {
        let error = await #expect(throws: CommandError.self) { try await echo.run(["--key-" + form, "MISSING"], surroundings) }
        #expect(error?.isUsage == false)
        #expect(error?.message.korean.contains("MISSING") == true && error?.message.english.contains("MISSING") == true)
    }
}
