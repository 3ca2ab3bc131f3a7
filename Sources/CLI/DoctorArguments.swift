import Base

/// What follows `bujeol doctor`.
struct DoctorArguments: Sendable, Equatable {
    var configurationFile: String?
    var connection: String?
    var dataDirectory = Arguments.usualDataDirectory
    var sandboxPort: Int?
    var sandboxTLSPort = 8643
    var isForMachines = false
    var asksForHelp = false

    /// Reads the words; `--language` has been taken out of them.
    ///
    /// - Throws: ``ArgumentError`` naming the word that cannot be followed.
    init(_ words: [String]) throws(ArgumentError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch word {
            case "--json":
                isForMachines = true
                continue
            case "--help", "-h", "help":
                asksForHelp = true
                continue
            default: break
            }
            guard DoctorArguments.options.contains(parts[0]) else {
                throw DoctorArguments.error("알 수 없는 옵션입니다: \(parts[0])", "there is no option \"\(parts[0])\"")
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                throw DoctorArguments.error("\(parts[0])에 값이 필요합니다.", "\(parts[0]) needs a value")
            }
            try take(parts[0], value)
        }
        guard configurationFile != nil, words.contains(where: { $0.hasPrefix("--sandbox-") }) else { return }
        throw DoctorArguments.error(
            "--sandbox-port와 --sandbox-tls-port는 --config 없이 데모 연결을 볼 때만 씁니다. 설정 파일에는 주소가 이미 있습니다.",
            "--sandbox-port and --sandbox-tls-port are for the demo connections, without --config; a configuration names its addresses itself"
        )
    }

    private mutating func take(_ name: String, _ value: String) throws(ArgumentError) {
        switch name {
        case "--config": configurationFile = value
        case "--connection": connection = value
        case "--data": dataDirectory = value
        case "--sandbox-port": sandboxPort = try DoctorArguments.port(name, value)
        default: sandboxTLSPort = try DoctorArguments.port(name, value)
        }
    }

    private static let options = ["--config", "--connection", "--data", "--sandbox-port", "--sandbox-tls-port"]

    private static func port(_ name: String, _ value: String) throws(ArgumentError) -> Int {
        guard let port = Int(value), (1...65_535).contains(port) else {
            throw error("\(name)에는 1에서 65535 사이의 포트 번호를 씁니다.", "\(name) takes a port from 1 to 65535")
        }
        return port
    }

    static func error(_ korean: String, _ english: String) -> ArgumentError {
        ArgumentError(message: BilingualText(korean: korean, english: english), helpCommand: "bujeol doctor --help")
    }

    /// What `bujeol doctor --help` prints.
    static let help = BilingualText(
        korean: """
            bujeol doctor [--config FILE] [--connection 이름] [--json] [--data DIR]

            모든 연결의 인증서, DNS, 포트, TLS, 시계를 살펴보고 무엇을 해야 하는지 알려 줍니다. 호스트마다 GET 요청을 하나만 보내며 결제와 무관합니다.

              --config FILE         살펴볼 설정. 없으면 bujeol up의 데모 연결을 봅니다
              --connection 이름     그 연결만 봅니다
              --json                프로그램이 읽을 JSON으로 출력합니다
              --data DIR            상태를 두는 곳, 기본 ./.bujeol
              --sandbox-port N      데모 연결의 샌드박스 포트 (--config 없이). 기본은 DIR에서 켜져 있는 샌드박스의 포트, 없으면 8600
              --sandbox-tls-port N  데모 연결의 샌드박스 TLS 포트, 기본 8643 (--config 없이)
              --language ko|en      안내 문구의 언어

            종료 상태: 0 모두 정상, 1 문제 있음, 2 주의할 점만 있음, 64 잘못된 명령줄, 78 잘못된 설정
            """,
        english: """
            bujeol doctor [--config FILE] [--connection NAME] [--json] [--data DIR]

            Looks at certificates, DNS, ports, TLS and clocks of every connection, and says what to do. Sends one GET to each host, which moves nothing.

              --config FILE         the configuration to look at; without, the demo connections of bujeol up
              --connection NAME     looks at that connection only
              --json                prints JSON for programs
              --data DIR            where state is kept, ./.bujeol
              --sandbox-port N      the sandbox's port for the demo connections (without --config): that of the sandbox running on DIR, else 8600
              --sandbox-tls-port N  the sandbox's TLS port for the demo connections, 8643 (without --config)
              --language ko|en      the language of messages

            Exit status: 0 all is well, 1 problems, 2 nothing worse than warnings, 64 wrong command line, 78 wrong configuration
            """)
}
