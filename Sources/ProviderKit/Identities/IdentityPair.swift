public import Base
internal import Cryptography
internal import Transport

/// Where a certificate and its key are found, as the settings say.
public struct IdentityPair: Sendable {
    /// Where one of the two is.
    public enum Part: Sendable {
        /// In a file, which is watched.
        case file(String)
        /// In an environment variable or in the settings themselves, under this name; it stays as it is for as long as the program runs.
        case text(Secret, name: String)
    }

    /// The setting that names it, such as `certificate` or `certificates[1]`.
    public var subject: String
    /// The certificate, or the chain.
    public var certificate: Part
    /// The private key.
    public var key: Part
    /// From when on it is used; nothing for at once.
    public var activeFrom: Timestamp?
    let complain: @Sendable (_ name: String?, _ message: BilingualText) -> ConfigurationError

    /// A pair that stands in no settings.
    public init(certificate: Part, key: Part, activeFrom: Timestamp? = nil, subject: String = "certificate") {
        self.subject = subject
        self.certificate = certificate
        self.key = key
        self.activeFrom = activeFrom
        complain = { ConfigurationError(file: $0 ?? subject, line: nil, message: $1) }
    }

    private init(_ settings: Settings, subject: String) throws(ConfigurationError) {
        self.subject = subject
        certificate = try IdentityPair.certificate(settings)
        key = try IdentityPair.key(settings)
        if let text = try settings.string("activeFrom") {
            guard let moment = Timestamp(internetText: text) else {
                throw settings.error(
                    at: "activeFrom", "\"activeFrom\"은 2026-11-01T00:00:00+09:00처럼 시간대까지 적어야 합니다.",
                    "\"activeFrom\" must be a moment with its zone, such as 2026-11-01T00:00:00+09:00")
            }
            activeFrom = moment
        }
        complain = { settings.error(at: $0, $1.korean, $1.english) }
    }

    /// The names of the settings that ``all(in:)`` reads, for `allowOnly`.
    public static let settingNames = ["certificate", "key", "activeFrom", "certificates"]

    /// The pairs of a connection: `certificate`, `key` and perhaps `activeFrom` directly, or several in the array `certificates`.
    ///
    /// `certificate` is a file's path, `{ file: "path" }`, `{ env: "NAME" }` or the PEM itself; `key` is a secret.
    /// - Returns: The pairs in their order; empty when none of the settings is there.
    public static func all(in settings: Settings) throws(ConfigurationError) -> [IdentityPair] {
        let isDirect = ["certificate", "key", "activeFrom"].contains { settings.names.contains($0) }
        guard settings.names.contains("certificates") else { return isDirect ? [try IdentityPair(settings, subject: "certificate")] : [] }
        if isDirect {
            throw settings.error(
                at: "certificates", "\"certificates\"와 \"certificate\"/\"key\"는 함께 쓸 수 없습니다. 한쪽으로 모으세요.",
                "\"certificates\" and \"certificate\"/\"key\" exclude each other; put all into one of them")
        }
        var pairs: [IdentityPair] = []
        for entry in try settings.objects("certificates") {
            try entry.allowOnly(["certificate", "key", "activeFrom"])
            pairs.append(try IdentityPair(entry, subject: "certificates[\(pairs.count)]"))
        }
        if pairs.isEmpty { throw settings.error(at: "certificates", "\"certificates\"가 비어 있습니다.", "\"certificates\" is empty") }
        return pairs
    }

    private static func certificate(_ settings: Settings) throws(ConfigurationError) -> Part {
        guard settings.isText("certificate") else { return try reference("certificate", settings) }
        let text = try settings.requiredString("certificate")
        return text.contains("-----BEGIN") ? .text(Secret(text), name: "certificate") : .file(text)
    }

    private static func key(_ settings: Settings) throws(ConfigurationError) -> Part {
        guard settings.isText("key") else { return try reference("key", settings) }
        guard let secret = try settings.secret("key") else { throw missing("key", settings) }
        return .text(secret, name: "key")
    }

    private static func reference(_ name: String, _ settings: Settings) throws(ConfigurationError) -> Part {
        guard let object = try settings.object(name) else { throw missing(name, settings) }
        try object.allowOnly(["file", "env"])
        if let file = try object.string("file"), try object.string("env") == nil { return .file(file) }
        guard let secret = try settings.secret(name) else { throw missing(name, settings) }
        return .text(secret, name: try object.string("env") ?? name)
    }

    private static func missing(_ name: String, _ settings: Settings) -> ConfigurationError {
        settings.error("\"\(name)\" 설정이 필요합니다. 인증서와 개인 키는 짝을 이룹니다.", "\"\(name)\" is missing: a certificate goes with its key")
    }

    // MARK: Reading

    /// The bytes as they are now.
    public func material(from source: any SettingsSource) -> IdentityMaterial {
        IdentityMaterial(
            certificate: IdentityPair.found(certificate, source), key: IdentityPair.found(key, source))
    }

    private static func found(_ part: Part, _ source: any SettingsSource) -> IdentityMaterial.Part {
        switch part {
        case .text(let secret, let name): return IdentityMaterial.Part(name: name, isFile: false, content: .success(secret))
        case .file(let path):
            do throws(SystemError) {
                let file = try source.file(path)
                return IdentityMaterial.Part(
                    name: path, content: .success(Secret(file.bytes)), isReadableByOthers: file.isReadableByOthers)
            } catch {
                return IdentityMaterial.Part(name: path, content: .failure(error))
            }
        }
    }

    /// What its files look like from outside.
    func stamps(from source: any SettingsSource) -> IdentityWatch.Stamps {
        func stamp(_ part: Part) -> FileStamp? { if case .file(let path) = part { source.stamp(path) } else { nil } }
        return IdentityWatch.Stamps(certificate: stamp(certificate), key: stamp(key))
    }

    /// Whether anything about it can change while the program runs.
    var isWatched: Bool {
        switch (certificate, key) {
        case (.text, .text): false
        default: true
        }
    }

    func complaint(about finding: IdentityFinding) -> ConfigurationError { complain(finding.subject.rawValue, finding.message) }
}

extension IdentityMaterial {
    /// A digest over everything that a check looks at.
    var digest: [UInt8] {
        var bytes: [UInt8] = []
        for part in [certificate, key] {
            switch part.content {
            case .success(let secret): bytes += [part.isReadableByOthers ? 1 : 0] + secret.withBytes { Digest.sha256.hash($0) }
            case .failure(let error): bytes += [2] + Array("\(error.number)".utf8)
            }
        }
        return Digest.sha256.hash(bytes)
    }
}

extension SettingsSource {
    /// A stamp made of the content, for a source without a disk.
    public func stamp(_ path: String) -> FileStamp? {
        do throws(SystemError) {
            let bytes = try file(path).bytes
            let digest = Digest.sha256.hash(bytes)
            func number(_ part: ArraySlice<UInt8>) -> Int64 { part.reduce(0) { $0 << 8 | Int64($1) } }
            return FileStamp(
                size: Int64(bytes.count), modified: number(digest[0..<7]), changed: number(digest[7..<14]), node: 0, device: 0)
        } catch {
            return nil
        }
    }
}
