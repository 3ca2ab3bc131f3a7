public import Base
public import Transport

/// The arguments of one command, read by its list of options.
public struct CommandInput: Sendable {
    /// What stands there without an option, in order: `<api>`, `name=value`.
    public let words: [String]
    private let values: [String: String]
    private let flags: Set<String>
    private let surroundings: CommandSurroundings

    init(_ arguments: [String], options: [ProviderCommand.Option], _ surroundings: CommandSurroundings) throws(CommandError) {
        self.surroundings = surroundings
        var words: [String] = []
        var values: [String: String] = [:]
        var flags: Set<String> = []
        var rest = arguments[...]
        var onlyWords = false
        while let argument = rest.popFirst() {
            if onlyWords || !argument.hasPrefix("--") {
                words.append(argument)
                continue
            }
            if argument == "--" {
                onlyWords = true
                continue
            }
            let (name, attached) = CommandInput.split(argument)
            switch CommandInput.kind(of: name, options) {
            case .flag?:
                guard attached == nil else { throw .takesNoValue(name) }
                flags.insert(name)
            case .value?, .secret?:
                guard let value = attached ?? rest.popFirst() else { throw .needsValue(name) }
                guard values.updateValue(value, forKey: name) == nil else { throw .givenTwice(name) }
            case nil: throw .unknownOption(name)
            }
        }
        self.words = words
        self.values = values
        self.flags = flags
    }

    /// The value of `--name`; nothing when it was not given.
    public func value(_ name: String) -> String? { values[name] }

    /// Whether `--name` was given.
    public func isSet(_ flag: String) -> Bool { flags.contains(flag) }

    /// The secret of `--name`, `--name-file` or `--name-environment`; nothing when none of them was given. A file's last line break does not count.
    ///
    /// - Throws: ``CommandError`` when more than one was given, or the file or the variable cannot be read.
    public func secret(_ name: String) throws(CommandError) -> Secret? {
        let given = [name, name + "-file", name + "-environment"].filter { values[$0] != nil }
        guard given.count < 2 else {
            throw CommandError(
                BilingualText(
                    korean: "--\(given[0])와 --\(given[1])를 함께 줄 수 없습니다. 하나만 남기세요.",
                    english: "--\(given[0]) and --\(given[1]) were both given; keep one"))
        }
        if let text = values[name] { return Secret(text) }
        if let variable = values[name + "-environment"] {
            guard let text = surroundings.source.environment(variable) else {
                throw CommandError(
                    BilingualText(korean: "환경 변수 \(variable)이(가) 없습니다.", english: "there is no environment variable \(variable)"),
                    isUsage: false)
            }
            return Secret(text)
        }
        guard let path = values[name + "-file"] else { return nil }
        do throws(SystemError) {
            var bytes = try surroundings.source.file(path).bytes
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            return Secret(bytes)
        } catch {
            throw CommandError(
                BilingualText(
                    korean: "\(path): 키 파일을 읽을 수 없습니다 (\(error.reason)). 경로와 권한을 확인하세요.",
                    english: "\(path): the key cannot be read (\(error.reason)); check its path and permissions"), isUsage: false)
        }
    }

    /// The secret of `--name` or one of its two other forms.
    ///
    /// - Throws: ``CommandError`` when none of them was given, naming all three.
    public func requiredSecret(_ name: String) throws(CommandError) -> Secret {
        if let secret = try secret(name), !secret.isEmpty { return secret }
        throw CommandError(
            BilingualText(
                korean: "--\(name)가 필요합니다. 프로세스 목록에 보이지 않게 --\(name)-file이나 --\(name)-environment로도 줄 수 있습니다.",
                english: "--\(name) is needed; --\(name)-file and --\(name)-environment keep it out of the list of processes"))
    }

    /// All of standard input.
    ///
    /// - Throws: ``CommandError`` when it cannot be read.
    public func standardInput() throws(CommandError) -> [UInt8] {
        do throws(SystemError) {
            return try surroundings.standardInput()
        } catch {
            throw CommandError(
                BilingualText(korean: "표준 입력을 읽지 못했습니다 (\(error.reason)).", english: "standard input could not be read (\(error.reason))"),
                isUsage: false)
        }
    }

    /// Has the sandbox answer a call of its control API, and returns what it says.
    ///
    /// - Parameters:
    ///   - path: Path and query, such as `/-/example/items?tenant=demo`.
    ///   - body: What to send; nothing sends no body.
    /// - Throws: ``CommandError`` when the sandbox cannot be reached, or refuses: then with its own words.
    public func control(_ method: HTTPMethod, _ path: String, body: JSON? = nil) async throws(CommandError) -> JSON {
        var call = Call(HTTPRequest(method: method, target: path))
        if let body {
            call.fields["Content-Type"] = "application/json"
            call.body = body.bytes
        }
        let reply = try await surroundings.control(call)
        let answer = try? JSON(reply.body)
        if (200..<300).contains(reply.status), let answer { return answer }
        if let error = answer?["error"], let korean = error["ko"]?.string, let english = error["en"]?.string {
            throw CommandError(BilingualText(korean: korean, english: english), isUsage: false)
        }
        throw CommandError(
            BilingualText(
                korean: "샌드박스가 \(path)에 알 수 없는 답을 했습니다 (HTTP \(reply.status)).",
                english: "the sandbox gave no answer to \(path) that can be understood (HTTP \(reply.status))"), isUsage: false)
    }

    /// Writes a file that only its owner may read, in a single step, replacing an older one; makes missing directories for the owner alone.
    ///
    /// - Throws: ``CommandError`` when it cannot be written.
    public func writePrivateFile(_ path: String, _ bytes: [UInt8]) throws(CommandError) {
        do throws(SystemError) {
            try surroundings.writePrivateFile(path, bytes)
        } catch {
            throw CommandError(
                BilingualText(
                    korean: "\(path): 파일을 쓸 수 없습니다 (\(error.reason)). 경로와 권한을 확인하세요.",
                    english: "\(path): the file cannot be written (\(error.reason)); check its path and permissions"), isUsage: false)
        }
    }

    /// The clocks.
    public var time: any TimeSource { surroundings.time }
    /// Unpredictable bytes.
    public var random: any RandomSource { surroundings.random }
    /// Files and environment variables.
    public var source: any SettingsSource { surroundings.source }

    private static func split(_ argument: String) -> (name: String, value: String?) {
        let body = argument.dropFirst(2)
        guard let equals = body.firstIndex(of: "=") else { return (String(body), nil) }
        return (String(body[..<equals]), String(body[body.index(after: equals)...]))
    }

    private static func kind(of name: String, _ options: [ProviderCommand.Option]) -> ProviderCommand.Option.Kind? {
        for option in options {
            if option.name == name { return option.kind }
            if option.kind == .secret, name == option.name + "-file" || name == option.name + "-environment" { return .value }
        }
        return nil
    }
}

extension CommandError {
    fileprivate static func unknownOption(_ name: String) -> CommandError {
        CommandError(BilingualText(korean: "알 수 없는 옵션입니다: --\(name)", english: "there is no option --\(name)"))
    }

    fileprivate static func needsValue(_ name: String) -> CommandError {
        CommandError(BilingualText(korean: "--\(name)에 값이 필요합니다.", english: "--\(name) needs a value"))
    }

    fileprivate static func takesNoValue(_ name: String) -> CommandError {
        CommandError(BilingualText(korean: "--\(name)은(는) 값을 받지 않습니다.", english: "--\(name) takes no value"))
    }

    fileprivate static func givenTwice(_ name: String) -> CommandError {
        CommandError(BilingualText(korean: "--\(name)을(를) 두 번 줄 수 없습니다.", english: "--\(name) was given twice"))
    }
}
