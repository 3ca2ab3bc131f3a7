/// Why a certificate or a key could not be read or made.
public struct CertificateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The bytes hold no certificate, or a broken one.
        public static let malformedCertificate = Code(rawValue: "malformed-certificate")
        /// The bytes hold no private key, a broken one, or one locked with a passphrase.
        public static let malformedKey = Code(rawValue: "malformed-key")
        /// The private key belongs to another certificate.
        public static let keyMismatch = Code(rawValue: "key-mismatch")
        /// A name that cannot stand in a certificate.
        public static let invalidName = Code(rawValue: "invalid-name")
        /// A validity window that ends before it begins or leaves the years 1950 to 9999.
        public static let invalidValidity = Code(rawValue: "invalid-validity")
        /// OpenSSL could not make the certificate or the key.
        public static let notIssued = Code(rawValue: "not-issued")
    }

    /// What went wrong.
    public var code: Code
    /// What happened, in a sentence without any part of a key.
    public var message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Describes a failure with the reason that OpenSSL queued for it.
    init(_ code: Code, openSSL message: String) {
        let reason = OpenSSLErrors.takeReason().map { ": \($0.text)" } ?? ""
        self.init(code, message + reason)
    }

    /// Whether both have the same code; the wording does not count.
    public static func == (left: CertificateError, right: CertificateError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
