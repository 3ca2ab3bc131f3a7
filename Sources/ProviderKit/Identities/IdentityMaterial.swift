public import Base
public import Transport

/// The bytes of a certificate and of its key as they were found, before anybody has looked at them.
public struct IdentityMaterial: Sendable {
    /// One of the two.
    public struct Part: Sendable {
        /// What to call it in messages: the file's path, or the name of the environment variable.
        public var name: String
        /// Whether it is a file, which can be mended where it is.
        public var isFile: Bool
        /// What was found; why not, when it cannot be read.
        public var content: Result<Secret, SystemError>
        /// Whether anybody but its owner may read it.
        public var isReadableByOthers: Bool

        /// A part by what was found.
        public init(name: String, isFile: Bool = true, content: Result<Secret, SystemError>, isReadableByOthers: Bool = false) {
            self.name = name
            self.isFile = isFile
            self.content = content
            self.isReadableByOthers = isReadableByOthers
        }
    }

    /// The certificate, or the chain.
    public var certificate: Part
    /// The private key.
    public var key: Part

    /// Pairs the two.
    public init(certificate: Part, key: Part) {
        self.certificate = certificate
        self.key = key
    }
}

/// One thing that was noticed about a certificate or its key.
public struct IdentityFinding: Sendable, Hashable {
    /// How much it matters.
    public enum Level: String, Sendable {
        /// The pair works all the same, but somebody should mend it.
        case warning
        /// The pair cannot be used.
        case error
    }

    /// Which part it is about.
    public enum Subject: String, Sendable {
        /// The certificate.
        case certificate
        /// The private key.
        case key
    }

    /// A short constant word, such as `key-mismatch`.
    public var code: String
    /// How much it matters.
    public var level: Level
    /// Which part it is about.
    public var subject: Subject
    /// What was noticed and what to do, without any part of a key.
    public var message: BilingualText

    /// A finding.
    public init(_ code: String, _ level: Level, _ subject: Subject, _ message: BilingualText) {
        self.code = code
        self.level = level
        self.subject = subject
        self.message = message
    }
}
