import Base
import ProviderKit
import SandboxKit
import Transport

/// Runs `bujeol <provider> <command> …`: what the providers themselves offer on the command line.
struct ProviderCommands {
    let terminal: Terminal
    /// The providers to play when a command opens the sandbox's state itself.
    var services: [any SandboxService.Type] = Registry.providers.map { $0.sandbox }

    /// The exit code of a command whose answer is no, such as a signature that does not match.
    static let negative: Int32 = 1
    /// The exit code of `sysexits.h` for input that cannot be used.
    static let unusableInput: Int32 = 65

    /// Runs one command of `provider`.
    ///
    /// - Parameter words: What follows the provider's name.
    /// - Throws: ``ArgumentError`` for words that cannot be followed.
    func run(_ provider: RegisteredProvider, _ words: [String]) async throws(ArgumentError) -> Int32 {
        guard let word = words.first, !ProviderCommands.asksForHelp(word) else {
            terminal.print(ProviderCommands.help(provider.commands, provider))
            return 0
        }
        guard let command = ProviderCommands.command(of: provider, words) else { return try showGroup(of: provider, words) }
        var arguments = Array(words.dropFirst(command.name.split(separator: " ").count))
        if arguments.contains(where: { $0 == "--help" || $0 == "-h" }) {
            terminal.print(ProviderCommands.description(of: command, provider))
            return 0
        }
        var surroundings = surroundings
        if provider.needsSandbox(command) {
            let control = SandboxControl(directory: try Arguments.takeDataDirectory(from: &arguments), services: services)
            surroundings.control = { call throws(CommandError) in try await control.reply(to: call) }
        }
        do throws(CommandError) {
            let output = try await command.run(arguments, surroundings)
            for piece in output.pieces { show(piece) }
            return output.isPositive ? 0 : ProviderCommands.negative
        } catch {
            if error.isUsage { throw ArgumentError(message: error.message, helpCommand: "bujeol \(provider.name) \(command.name) --help") }
            terminal.complain(error.message)
            return ProviderCommands.unusableInput
        }
    }

    /// The command that `words` begin with; of two the one with more words.
    private static func command(of provider: RegisteredProvider, _ words: [String]) -> ProviderCommand? {
        provider.commands.filter { words.starts(with: $0.name.split(separator: " ").map(String.init)) }
            .max { $0.name.split(separator: " ").count < $1.name.split(separator: " ").count }
    }

    /// Helps somebody who wrote the first word of several commands only.
    private func showGroup(of provider: RegisteredProvider, _ words: [String]) throws(ArgumentError) -> Int32 {
        let word = words.first ?? ""
        let group = provider.commands.filter { $0.name.hasPrefix(word + " ") }
        if !group.isEmpty, words.count == 1 || words.count == 2 && ProviderCommands.asksForHelp(words[1]) {
            terminal.print(ProviderCommands.help(group, provider))
            return 0
        }
        let known = (group.isEmpty ? provider.commands : group).map(\.name).joined(separator: ", ")
        let written = group.isEmpty ? word : words.prefix(2).joined(separator: " ")
        throw ArgumentError(
            message: BilingualText(
                korean: "\(provider.name)에 \(written) 명령은 없습니다. 쓸 수 있는 명령: \(known)",
                english: "\(provider.name) has no command \"\(written)\"; it has \(known)"), helpCommand: "bujeol \(provider.name)")
    }

    private func show(_ piece: CommandOutput.Piece) {
        switch piece {
        case .bytes(let bytes): terminal.print(bytes: bytes)
        case .line(let text): terminal.print(text)
        case .sentence(let text): terminal.print(text)
        case .remark(let text): terminal.note(text)
        }
    }

    private var surroundings: CommandSurroundings {
        CommandSurroundings(
            standardInput: { [terminal] () throws(SystemError) in
                if Process.standardInputIsTerminal {
                    terminal.note(
                        BilingualText(korean: "입력을 기다립니다. 다 넣었으면 Ctrl-D를 누르세요.", english: "Waiting for input; Ctrl-D ends it."))
                }
                return try Process.readStandardInput()
            }, source: SystemSource(), time: SystemTime(), random: SystemRandom(),
            writePrivateFile: { (path, bytes) throws(SystemError) in
                if let end = path.lastIndex(of: "/"), end != path.startIndex { try Process.makePrivateDirectory(String(path[..<end])) }
                try Process.writePrivateFile(path, bytes)
            })
    }

    private static func asksForHelp(_ word: String) -> Bool { ["help", "--help", "-h"].contains(word) }

    private static func help(_ commands: [ProviderCommand], _ provider: RegisteredProvider) -> BilingualText {
        let descriptions = commands.map { description(of: $0, provider) }
        return BilingualText(
            korean: descriptions.map(\.korean).joined(separator: "\n\n"), english: descriptions.map(\.english).joined(separator: "\n\n"))
    }

    private static func description(of command: ProviderCommand, _ provider: RegisteredProvider) -> BilingualText {
        let head = "bujeol \(provider.name) \(command.name) \(command.usage)\n    "
        let secrets = secrets(of: command)
        let data = data(of: command, provider)
        return BilingualText(
            korean: head + command.summary.korean + secrets.korean + data.korean,
            english: head + command.summary.english + secrets.english + data.english)
    }

    /// Which sandbox the command works with; empty when it works with none.
    private static func data(of command: ProviderCommand, _ provider: RegisteredProvider) -> BilingualText {
        guard provider.needsSandbox(command) else { return BilingualText(korean: "", english: "") }
        return BilingualText(
            korean: "\n    --data DIR: 그 디렉터리의 샌드박스를 씁니다. 켜져 있지 않아도 됩니다. 기본 \(Arguments.usualDataDirectory)",
            english: "\n    --data DIR names the sandbox by its directory, running or not; \(Arguments.usualDataDirectory) when left out.")
    }

    /// How the command's keys can be given without standing in the list of processes; empty when it takes none.
    private static func secrets(of command: ProviderCommand) -> BilingualText {
        let names = command.options.filter { $0.kind == .secret }.map { "--" + $0.name }
        guard let first = names.first else { return BilingualText(korean: "", english: "") }
        let others = names.dropFirst().joined(separator: ", ")
        return BilingualText(
            korean: "\n    프로세스 목록에 키가 보이지 않게 하려면 \(first)-file 파일이나 \(first)-environment 변수이름으로 주세요."
                + (others.isEmpty ? "" : " 다른 키도 같습니다: \(others)"),
            english: "\n    \(first)-file FILE or \(first)-environment VARIABLE keep the key out of the list of processes"
                + (others.isEmpty ? "." : "; likewise \(others)."))
    }

    /// The lines that `bujeol help` adds for what providers offer; empty when none offers anything.
    static var overview: BilingualText {
        let providers = Registry.providers.filter { !$0.commands.isEmpty }
        guard !providers.isEmpty else { return BilingualText(korean: "", english: "") }
        let lines = providers.map { provider in
            let names = provider.commands.map(\.name).joined(separator: "|")
            return "  bujeol \(provider.name) \(names) …\n"
        }.joined()
        return BilingualText(
            korean: "\n\n제공사별 도구 (--help로 사용법)\n\(lines)", english: "\n\nTools of each provider (--help tells how)\n\(lines)")
    }
}
