import Base

/// What the command line asks for.
struct Arguments: Sendable, Equatable {
    /// What to do.
    enum Command: String, Sendable {
        case up, sandbox, gateway, check, version, help
        case sandboxTrust = "sandbox trust"
    }

    var command = Command.help
    var sandboxPort: Int?
    var sandboxTLSPort: Int?
    var gatewayPort: Int?
    var dataDirectory = Arguments.usualDataDirectory
    var configurationFile: String?
    var language: Language?

    /// Reads the arguments that follow the program's name.
    ///
    /// - Throws: ``ArgumentError`` naming the argument and what would be right.
    init(_ arguments: [String]) throws(ArgumentError) {
        var rest = arguments[...]
        guard let word = rest.popFirst() else { return }
        guard let command = Arguments.command(word) else {
            throw ArgumentError(
                message: BilingualText(korean: "알 수 없는 명령입니다: \(word)", english: "there is no command \"\(word)\""))
        }
        self.command = command
        if command == .sandbox, rest.first == "trust" {
            rest.removeFirst()
            self.command = .sandboxTrust
        }
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" {
                self.command = .help
                return
            }
            try take(argument, &rest)
        }
    }

    private static func command(_ word: String) -> Command? {
        switch word {
        case "--help", "-h": return .help
        case "--version": return .version
        default: return Command(rawValue: word)
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(ArgumentError) {
        let name: String
        let value: String
        if let equals = argument.firstIndex(of: "="), argument.hasPrefix("--") {
            name = String(argument[..<equals])
            value = String(argument[argument.index(after: equals)...])
        } else {
            name = argument
            guard Arguments.options.contains(name) else {
                throw ArgumentError(
                    message: BilingualText(korean: "알 수 없는 옵션입니다: \(name)", english: "there is no option \"\(name)\""))
            }
            guard let next = rest.popFirst() else { throw Arguments.needsValue(name) }
            value = next
        }
        switch name {
        case "--sandbox-port": sandboxPort = try Arguments.port(name, value)
        case "--sandbox-tls-port": sandboxTLSPort = try Arguments.port(name, value)
        case "--gateway-port": gatewayPort = try Arguments.port(name, value)
        case "--data": dataDirectory = value
        case "--config": configurationFile = value
        case "--language": language = try Arguments.language(value)
        default:
            throw ArgumentError(message: BilingualText(korean: "알 수 없는 옵션입니다: \(name)", english: "there is no option \"\(name)\""))
        }
    }

    /// Takes `--language` out of words that are somebody else's to read.
    static func takeLanguage(from words: inout [String]) throws(ArgumentError) -> Language? {
        guard let value = try take("--language", from: &words) else { return nil }
        return try language(value)
    }

    /// Takes `--data` out of words that are somebody else's to read; the usual directory when it is not there.
    static func takeDataDirectory(from words: inout [String]) throws(ArgumentError) -> String {
        guard let directory = try take("--data", from: &words) else { return usualDataDirectory }
        guard !directory.isEmpty else { throw needsValue("--data") }
        return directory
    }

    /// Takes `--name VALUE` or `--name=VALUE` out of words; what stands behind two hyphens alone is left as it is.
    private static func take(_ name: String, from words: inout [String]) throws(ArgumentError) -> String? {
        let options = words.prefix { $0 != "--" }
        if let index = options.firstIndex(where: { $0.hasPrefix(name + "=") }) {
            return String(words.remove(at: index).dropFirst(name.count + 1))
        }
        guard let index = options.firstIndex(of: name) else { return nil }
        guard index + 1 < options.count else { throw needsValue(name) }
        words.remove(at: index)
        return words.remove(at: index)
    }

    private static func needsValue(_ name: String) -> ArgumentError {
        ArgumentError(message: BilingualText(korean: "\(name)에 값이 필요합니다.", english: "\(name) needs a value"))
    }

    private static func language(_ value: String) throws(ArgumentError) -> Language {
        guard let language = Language(rawValue: value) else {
            throw ArgumentError(message: BilingualText(korean: "--language는 ko 또는 en입니다.", english: "--language is ko or en"))
        }
        return language
    }

    /// Where state is kept unless told otherwise.
    static let usualDataDirectory = "./.bujeol"

    private static let options = ["--sandbox-port", "--sandbox-tls-port", "--gateway-port", "--data", "--config", "--language"]

    private static func port(_ name: String, _ value: String) throws(ArgumentError) -> Int {
        guard let port = Int(value), (0...65_535).contains(port) else {
            throw ArgumentError(
                message: BilingualText(
                    korean: "\(name)에는 0에서 65535 사이의 포트 번호를 씁니다. 0이면 빈 포트를 골라 알려 드립니다.",
                    english: "\(name) takes a port from 0 to 65535; 0 picks a free one and prints it"))
        }
        return port
    }

    /// What `bujeol help` prints.
    static let help = BilingualText(
        korean: """
            부절 \(Version.text): 결제·인증 API를 부르는 쪽과 받는 쪽을 한 프로그램에.

            명령
              bujeol up         샌드박스와 게이트웨이를 데모 데이터로 함께 켭니다
              bujeol sandbox    샌드박스만 켭니다
              bujeol sandbox trust
                                클라이언트가 샌드박스의 TLS 인증서를 믿게 하는 방법을 언어별로 알려 줍니다
              bujeol gateway    게이트웨이만 켭니다 (--config 필요)
              bujeol check      설정 파일을 검사합니다 (--config 필요)
              bujeol doctor     연결마다 인증서, 방화벽, TLS, 시계를 살펴봅니다 (doctor --help)
              bujeol version    버전을 알려 줍니다

            옵션
              --sandbox-port N       샌드박스 포트, 기본 8600 (0이면 빈 포트)
              --sandbox-tls-port N   샌드박스 TLS 포트, 기본 8643
              --gateway-port N       게이트웨이 포트, 기본 8700
              --data DIR             상태를 두는 곳, 기본 ./.bujeol
              --config FILE          JSON5 설정 파일
              --language ko|en       안내 문구의 언어
            """,
        english: """
            Bujeol \(Version.text): both halves of Korean payment and identity APIs in one program.

            Commands
              bujeol up         starts the sandbox and the gateway with demo data
              bujeol sandbox    starts the sandbox alone
              bujeol sandbox trust
                                tells how clients in each language come to trust the sandbox's TLS
              bujeol gateway    starts the gateway alone (needs --config)
              bujeol check      checks a configuration (needs --config)
              bujeol doctor     looks at every connection's certificates, firewall, TLS and clock (doctor --help)
              bujeol version    prints the version

            Options
              --sandbox-port N       the sandbox's port, 8600 (0 picks a free one)
              --sandbox-tls-port N   the sandbox's TLS port, 8643
              --gateway-port N       the gateway's port, 8700
              --data DIR             where state is kept, ./.bujeol
              --config FILE          a JSON5 configuration
              --language ko|en       the language of messages
            """)
}

/// A command line that cannot be followed.
struct ArgumentError: Error, Equatable {
    var message: BilingualText
    /// What to type to see how it is done.
    var helpCommand = "bujeol help"
}
