import Base
import ProviderKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The executable: reads its arguments and runs one command.
@main
struct Bujeol {
    /// Exit codes follow `sysexits.h`: 64 for wrong arguments, 65 for input that cannot be used, 78 for a wrong configuration, 70 for everything else that
    /// fails. A provider's command whose answer is no ends with 1; what the doctor ends with stands at ``DoctorReport/exitStatus``.
    static func main() {
        Process.keepMemoryPrivate()
        ShutdownSignal.block()
        // The main thread belongs to the signals, so nothing may be left to its actor.
        Task { @concurrent in Process.end(await exitCode(Array(CommandLine.arguments.dropFirst()))) }
        ShutdownSignal.takeAll()
    }

    private static func exitCode(_ words: [String]) async -> Int32 {
        var terminal = Terminal(language: Language(environment: Process.environment("LC_ALL") ?? Process.environment("LANG")))
        do {
            if let provider = words.first.flatMap(Registry.provider), !provider.commands.isEmpty {
                ShutdownSignal.endAtOnce()
                var words = Array(words.dropFirst())
                if let language = try Arguments.takeLanguage(from: &words) { terminal = Terminal(language: language) }
                return try await ProviderCommands(terminal: terminal).run(provider, words)
            }
            if words.first == "doctor" {
                ShutdownSignal.endAtOnce()
                var words = Array(words.dropFirst())
                if let language = try Arguments.takeLanguage(from: &words) { terminal = Terminal(language: language) }
                return try await DoctorCommand(terminal: terminal).run(words)
            }
            let arguments = try Arguments(words)
            if let language = arguments.language { terminal = Terminal(language: language) }
            try await run(arguments, terminal: terminal)
            return 0
        } catch let error as ArgumentError {
            terminal.complain(error.message)
            terminal.complain(
                BilingualText(korean: "사용법은 \(error.helpCommand)로 볼 수 있습니다.", english: "see \(error.helpCommand) for what there is"))
            return 64
        } catch let error as ConfigurationFailure {
            for problem in error.problems { terminal.complain(problem) }
            return 78
        } catch let error as StartFailure {
            terminal.complain(error.message)
            return 70
        } catch {
            terminal.complain(BilingualText(korean: "실행하지 못했습니다: \(error)", english: "could not run: \(error)"))
            return 70
        }
    }

    private static func run(_ arguments: Arguments, terminal: Terminal) async throws {
        switch arguments.command {
        case .help:
            let tools = ProviderCommands.overview
            terminal.print(
                BilingualText(korean: Arguments.help.korean + tools.korean, english: Arguments.help.english + tools.english))
        case .version: terminal.print("bujeol \(Version.text)")
        case .check: try check(arguments, terminal: terminal)
        case .sandboxTrust: try trust(arguments, terminal: terminal)
        case .up, .sandbox, .gateway:
            let halves = try await RunningHalves.start(arguments, terminal: terminal)
            let reload = halves.reload
            ShutdownSignal.onHangUp { Task { await reload() } }
            await ShutdownSignal.wait()
            terminal.note(BilingualText(korean: "진행 중인 요청을 마치고 종료합니다.", english: "Finishing what is in flight, then ending."))
            await halves.shutDown()
        }
    }

    private static func trust(_ arguments: Arguments, terminal: Terminal) throws {
        var port = arguments.sandboxTLSPort
        if port == nil, let file = arguments.configurationFile {
            port = try Configuration(file: file, source: SystemSource()).sandboxTLSPort
        }
        try TrustCommand(directory: arguments.dataDirectory, port: port, terminal: terminal).run()
    }

    private static func check(_ arguments: Arguments, terminal: Terminal) throws {
        guard let file = arguments.configurationFile else {
            throw ArgumentError(
                message: BilingualText(
                    korean: "check에는 --config 파일이 필요합니다.", english: "check needs the file to check: --config FILE"))
        }
        let configuration = try Configuration(file: file, source: SystemSource())
        try configuration.checkConnections()
        terminal.print(
            BilingualText(
                korean: "\(file): 이상 없습니다. 연결 \(configuration.connections.count)개를 확인했습니다.",
                english: "\(file): nothing to complain about; \(configuration.connections.count) connection(s) checked."))
    }
}

/// The version that the program reports.
enum Version {
    static let text = "0.1.0"
}
