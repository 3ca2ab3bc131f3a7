internal import COpenSSL

/// Why TLS could not be set up, agreed on or kept.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// OpenSSL did not accept the settings.
        public static let invalidConfiguration = Code(rawValue: "invalid-configuration")
        /// The peer's certificate was issued by nobody we trust, or its chain is broken.
        public static let untrustedCertificate = Code(rawValue: "untrusted-certificate")
        /// The peer's certificate is not valid now.
        public static let certificateNotValidNow = Code(rawValue: "certificate-not-valid-now")
        /// The peer's certificate belongs to another host.
        public static let hostNameMismatch = Code(rawValue: "host-name-mismatch")
        /// The peer presented no certificate although one is required.
        public static let missingCertificate = Code(rawValue: "missing-certificate")
        /// The peer ended the connection with an alert: it did not accept something of ours.
        public static let refusedByPeer = Code(rawValue: "refused-by-peer")
        /// Both sides have no version, cipher or application protocol in common, or the peer does not speak TLS.
        public static let protocolFailure = Code(rawValue: "protocol-failure")
        /// The connection ended without TLS's farewell, so what was read may have been cut short.
        public static let truncated = Code(rawValue: "truncated")
    }

    /// What went wrong.
    public var code: Code
    /// What happened, made of constant sentences only.
    public var message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether both have the same code; the wording does not count.
    public static func == (left: TLSError, right: TLSError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }

    /// A failed set-up, with the reason that OpenSSL queued.
    static func configuration(_ message: String) -> TLSError {
        TLSError(.invalidConfiguration, message + (OpenSSLErrors.takeReason().map { ": \($0.text)" } ?? ""))
    }

    /// A failed operation on a session whose certificate check ended with `verifyResult`.
    static func operation(reason: OpenSSLErrors.Reason?, verifyResult: Int) -> TLSError {
        guard let reason else { return TLSError(.truncated, "the connection was lost") }
        guard reason.library == ERR_LIB_SSL else { return TLSError(.protocolFailure, reason.text) }
        switch reason.number {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            let words = unsafe String(cString: X509_verify_cert_error_string(verifyResult))
            return TLSError(code(verifyResult: Int32(truncatingIfNeeded: verifyResult)), "\(reason.text): \(words)")
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return TLSError(.missingCertificate, reason.text)
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: return TLSError(.truncated, reason.text)
        // OpenSSL numbers a received alert 1000 and more (SSL_AD_REASON_OFFSET).
        case 1000..<1256: return TLSError(.refusedByPeer, reason.text)
        default: return TLSError(.protocolFailure, reason.text)
        }
    }

    private static func code(verifyResult: Int32) -> Code {
        switch verifyResult {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .hostNameMismatch
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .certificateNotValidNow
        default: .untrustedCertificate
        }
    }
}
