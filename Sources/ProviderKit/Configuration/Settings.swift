public import Base
public import Transport

/// What is wrong with a configuration, where, and how to mend it.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's name as given.
    public var file: String
    /// The line, counted from 1; nothing when the file as a whole is meant.
    public var line: Int?
    /// What is wrong and what to do, without any secret.
    public var message: BilingualText

    /// A complaint about one place.
    public init(file: String, line: Int?, message: BilingualText) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: message`, in English.
    public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message.english)" }
}

/// Reads the files and environment variables that a configuration names. Handed in, so that a test needs no disk.
public protocol SettingsSource: Sendable {
    /// The bytes of a file, and whether anybody but its owner may read it.
    ///
    /// - Throws: a ``SystemError`` naming the reason.
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool)
    /// The value of an environment variable.
    func environment(_ name: String) -> String?
    /// What tells whether a file has changed, without reading it where there is a disk; nothing when there is no such file.
    func stamp(_ path: String) -> FileStamp?
}

/// One object of a configuration file, which knows where each of its members stands.
public struct Settings: Sendable {
    private let value: JSON
    private let path: [JSONPositions.PathElement]
    private let document: Document

    struct Document: Sendable {
        var file: String
        var isReadableByOthers: Bool
        var positions: JSONPositions
        var source: any SettingsSource
    }

    /// Reads a JSON5 file.
    ///
    /// - Throws: ``ConfigurationError`` when it cannot be read or is not JSON5.
    public init(file: String, source: any SettingsSource) throws(ConfigurationError) {
        let content: (bytes: [UInt8], isReadableByOthers: Bool)
        do throws(SystemError) {
            content = try source.file(file)
        } catch {
            throw ConfigurationError(
                file: file, line: nil,
                message: BilingualText(
                    korean: "설정 파일을 읽을 수 없습니다 (\(error.reason)). 경로와 권한을 확인하세요.",
                    english: "the configuration cannot be read (\(error.reason)); check its path and permissions"))
        }
        do throws(JSONError) {
            let (value, positions) = try JSON.withPositions(content.bytes)
            self.value = value
            document = Document(file: file, isReadableByOthers: content.isReadableByOthers, positions: positions, source: source)
            path = []
        } catch {
            throw ConfigurationError(
                file: file, line: error.line,
                message: BilingualText(
                    korean: "JSON5 형식이 아닙니다 (\(error.column)번째 바이트: \(error.reason)).",
                    english: "this is not JSON5 (column \(error.column): \(error.reason))"))
        }
        guard value.members != nil else {
            throw error("파일 전체가 하나의 객체여야 합니다: { … }", "the whole file must be one object: { … }")
        }
    }

    private init(value: JSON, path: [JSONPositions.PathElement], document: Document) {
        self.value = value
        self.path = path
        self.document = document
    }

    /// The names of the members in order.
    public var names: [String] { value.members?.names ?? [] }

    /// Where the files and environment variables are read that this configuration names; for those that are looked at again later.
    public var source: any SettingsSource { document.source }

    /// A complaint about member `name`, or about this object.
    public func error(at name: String? = nil, _ korean: String, _ english: String) -> ConfigurationError {
        let place = name.map { path + [.member($0)] } ?? path
        return ConfigurationError(
            file: document.file, line: document.positions.line(place), message: BilingualText(korean: korean, english: english))
    }

    /// Refuses members that nobody reads, so that a misspelt setting is not silently ignored.
    public func allowOnly(_ known: [String]) throws(ConfigurationError) {
        for name in names where !known.contains(name) {
            let list = known.joined(separator: ", ")
            throw error(
                at: name, "알 수 없는 설정 \"\(name)\"입니다. 쓸 수 있는 이름: \(list)", "unknown setting \"\(name)\"; known here are: \(list)")
        }
    }

    /// The object under `name`; nothing when it is missing.
    public func object(_ name: String) throws(ConfigurationError) -> Settings? {
        guard let member = value[name] else { return nil }
        guard member.members != nil else { throw error(at: name, "\"\(name)\"은(는) 객체여야 합니다.", "\"\(name)\" must be an object") }
        return Settings(value: member, path: path + [.member(name)], document: document)
    }

    /// The objects in the array under `name`; empty when it is missing.
    public func objects(_ name: String) throws(ConfigurationError) -> [Settings] {
        guard let member = value[name] else { return [] }
        guard let elements = member.elements, elements.allSatisfy({ $0.members != nil }) else {
            throw error(at: name, "\"\(name)\"은(는) 객체의 배열이어야 합니다.", "\"\(name)\" must be an array of objects")
        }
        return elements.enumerated().map { index, element in
            Settings(value: element, path: path + [.member(name), .element(index)], document: document)
        }
    }

    /// Whether there is a text under `name`, and not an object or anything else.
    public func isText(_ name: String) -> Bool { value[name]?.string != nil }

    /// The text under `name`; nothing when it is missing.
    public func string(_ name: String) throws(ConfigurationError) -> String? {
        guard let member = value[name] else { return nil }
        guard let text = member.string, !text.isEmpty else {
            throw error(at: name, "\"\(name)\"은(는) 비어 있지 않은 문자열이어야 합니다.", "\"\(name)\" must be a text that is not empty")
        }
        return text
    }

    /// The text under `name`, which must be there.
    public func requiredString(_ name: String) throws(ConfigurationError) -> String {
        guard let text = try string(name) else { throw error("\"\(name)\" 설정이 필요합니다.", "\"\(name)\" is missing") }
        return text
    }

    /// The texts in the array under `name`; nothing when it is missing.
    public func strings(_ name: String) throws(ConfigurationError) -> [String]? {
        guard let member = value[name] else { return nil }
        guard let texts = member.elements?.map(\.string), !texts.contains(nil) else {
            throw error(at: name, "\"\(name)\"은(는) 문자열의 배열이어야 합니다.", "\"\(name)\" must be an array of texts")
        }
        return texts.compactMap { $0 }
    }

    /// The truth value under `name`; nothing when it is missing.
    public func boolean(_ name: String) throws(ConfigurationError) -> Bool? {
        guard let member = value[name] else { return nil }
        guard let value = member.boolean else {
            throw error(at: name, "\"\(name)\"은(는) true 또는 false여야 합니다.", "\"\(name)\" must be true or false")
        }
        return value
    }

    /// The whole number under `name`, within `range`; nothing when it is missing.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let member = value[name] else { return nil }
        guard let value = member.integer, let number = Int(exactly: value), range.contains(number) else {
            throw error(
                at: name, "\"\(name)\"은(는) \(range.lowerBound)에서 \(range.upperBound) 사이의 정수여야 합니다.",
                "\"\(name)\" must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The length of time under `name`, written as `30s`, `500ms`, `5m` or `2h`; nothing when it is missing.
    public func duration(_ name: String) throws(ConfigurationError) -> Duration? {
        guard let text = try string(name) else { return nil }
        guard let duration = Duration(settingText: text) else {
            throw error(
                at: name, "\"\(name)\"은(는) 30s, 500ms, 5m, 2h처럼 써야 합니다.", "\"\(name)\" must be written like 30s, 500ms, 5m or 2h")
        }
        return duration
    }

    /// The origin under `name`, such as `https://api.example.com`; nothing when it is missing.
    public func origin(_ name: String) throws(ConfigurationError) -> HTTPOrigin? {
        guard let text = try string(name) else { return nil }
        guard let origin = HTTPOrigin(text) else {
            throw error(
                at: name, "\"\(name)\"은(는) https://호스트[:포트] 꼴이어야 하며 경로를 붙일 수 없습니다.",
                "\"\(name)\" must be https://host[:port], without a path")
        }
        return origin
    }

    /// The origin under `name` and the path behind it, such as `http://127.0.0.1:8600/provider`; nothing when it is missing. The path has no slash at its end.
    public func base(_ name: String) throws(ConfigurationError) -> (origin: HTTPOrigin, pathPrefix: String)? {
        guard let text = try string(name) else { return nil }
        let scheme = text.utf8.firstRange(of: "://".utf8)?.upperBound ?? text.startIndex
        let slash = text[scheme...].firstIndex(of: "/") ?? text.endIndex
        var path = text[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        guard let origin = HTTPOrigin(String(text[..<slash])), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 })
        else {
            throw error(
                at: name, "\"\(name)\"은(는) https://호스트[:포트][/경로] 꼴이어야 합니다.",
                "\"\(name)\" must be https://host[:port][/path]")
        }
        return (origin, String(path))
    }

    /// The secret under `name`: `{ file: "path" }`, `{ env: "NAME" }`, or, only in a file that nobody else may read, the text itself.
    ///
    /// White space at the end of a secret's file is not part of the secret.
    public func secret(_ name: String) throws(ConfigurationError) -> Secret? {
        guard let member = value[name] else { return nil }
        if member.string != nil {
            guard !document.isReadableByOthers else {
                throw error(
                    at: name,
                    "비밀 값 \"\(name)\"이(가) 다른 사용자도 읽을 수 있는 파일에 적혀 있습니다. chmod 600으로 막거나 { file: … } 또는 { env: … }로 바꾸세요.",
                    "the secret \"\(name)\" stands in a file that others can read; chmod 600 it, or use { file: … } or { env: … }")
            }
            return try string(name).map { Secret($0) }
        }
        guard member.members != nil, let reference = try object(name) else { throw secretForm(name) }
        try reference.allowOnly(["file", "env"])
        switch (try reference.string("file"), try reference.string("env")) {
        case (let file?, nil): return try secret(name, file: file)
        case (nil, let variable?):
            // What is no name may be the secret itself, put into the wrong place: it must not come back in the complaint.
            guard Settings.isVariableName(variable) else {
                throw reference.error(
                    at: "env", "\"env\"에는 비밀 값이 아니라 환경 변수의 이름(영문자, 숫자, 밑줄)을 쓰세요.",
                    "\"env\" takes the name of an environment variable (letters, digits, underscores), not the secret itself")
            }
            guard let text = document.source.environment(variable), !text.isEmpty else {
                throw error(
                    at: name, "환경 변수 \(variable)이(가) 비어 있거나 없습니다.", "the environment variable \(variable) is empty or not set")
            }
            return Secret(text)
        default: throw secretForm(name)
        }
    }

    private func secretForm(_ name: String) -> ConfigurationError {
        error(
            at: name, "\"\(name)\"은(는) { file: \"경로\" } 또는 { env: \"이름\" } 가운데 하나여야 합니다.",
            "\"\(name)\" must be either { file: \"path\" } or { env: \"NAME\" }")
    }

    private static func isVariableName(_ text: String) -> Bool {
        !(0x30...0x39).contains(text.utf8.first ?? 0x30)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: return true
                default: return false
                }
            }
    }

    private func secret(_ name: String, file: String) throws(ConfigurationError) -> Secret {
        let content: (bytes: [UInt8], isReadableByOthers: Bool)
        do throws(SystemError) {
            content = try document.source.file(file)
        } catch let reason {
            throw error(
                at: name, "비밀 파일 \(file)을(를) 읽을 수 없습니다 (\(reason.reason)).",
                "the secret's file \(file) cannot be read (\(reason.reason))")
        }
        guard !content.isReadableByOthers else {
            throw error(
                at: name, "비밀 파일 \(file)을(를) 다른 사용자도 읽을 수 있습니다. chmod 600 \(file)을 실행하세요.",
                "the secret's file \(file) can be read by others; run chmod 600 \(file)")
        }
        var bytes = content.bytes
        while let last = bytes.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { bytes.removeLast() }
        guard !bytes.isEmpty else { throw error(at: name, "비밀 파일 \(file)이(가) 비어 있습니다.", "the secret's file \(file) is empty") }
        return Secret(bytes)
    }
}

extension Duration {
    /// Reads a whole number with a unit: `ms`, `s`, `m`, `h` or `d`.
    public init?(settingText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 100_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        case "h": self = .seconds(number * 3600)
        case "d": self = .seconds(number * 86_400)
        default: return nil
        }
    }
}
