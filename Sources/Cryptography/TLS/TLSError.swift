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

    /// More exactly what went wrong, where a person can be told what to do about it; more may be added.
    public struct Detail: RawRepresentable, Hashable, Sendable {
        /// A short constant word.
        public let rawValue: String
        /// A detail by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The peer speaks HTTP without TLS.
        public static let plainHTTP = Detail(rawValue: "plain-http")
        /// The peer speaks something else than TLS.
        public static let notTLS = Detail(rawValue: "not-tls")
        /// The peer offers versions of TLS only that are too old.
        public static let oldVersion = Detail(rawValue: "old-version")
        /// The peer offers other application protocols than `http/1.1` only.
        public static let applicationProtocol = Detail(rawValue: "application-protocol")
        /// Nobody here has the host name that the peer asked for.
        public static let serverName = Detail(rawValue: "server-name")
        /// Both sides have no cipher, curve or signature algorithm in common.
        public static let nothingInCommon = Detail(rawValue: "nothing-in-common")
        /// The peer's certificate was issued by itself.
        public static let selfSigned = Detail(rawValue: "self-signed")
        /// The peer's certificate was issued by somebody else.
        public static let foreignIssuer = Detail(rawValue: "foreign-issuer")
        /// The signature on the peer's certificate is not its issuer's: another authority of the same name issued it, or it was changed.
        public static let badSignature = Detail(rawValue: "bad-signature")
        /// The peer's certificate was issued for something else, for servers perhaps.
        public static let wrongPurpose = Detail(rawValue: "wrong-purpose")
        /// The server's own rules refused the peer's certificate.
        public static let objection = Detail(rawValue: "objection")
        /// The peer does not trust the authority that issued our certificate.
        public static let peerDistrusts = Detail(rawValue: "peer-distrusts")
    }

    /// What went wrong.
    public var code: Code
    /// More exactly what went wrong, when that is known.
    public var detail: Detail?
    /// What happened, made of constant sentences only.
    public var message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String, detail: Detail? = nil) {
        self.code = code
        self.detail = detail
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
        guard reason.library == ERR_LIB_SSL else {
            // A signature that is not the issuer's is an error of the cipher first.
            if verifyResult == X509_V_OK { return TLSError(.protocolFailure, reason.text) }
            return verification(reason.text, Int32(truncatingIfNeeded: verifyResult))
        }
        switch reason.number {
        case SSL_R_CERTIFICATE_VERIFY_FAILED: return verification(reason.text, Int32(truncatingIfNeeded: verifyResult))
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return TLSError(.missingCertificate, reason.text)
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: return TLSError(.truncated, reason.text)
        // OpenSSL numbers a received alert 1000 and more (SSL_AD_REASON_OFFSET).
        case 1000..<1256:
            let distrusts = [SSL_AD_UNKNOWN_CA, SSL_AD_BAD_CERTIFICATE, SSL_AD_CERTIFICATE_UNKNOWN].contains(reason.number - 1000)
            return TLSError(.refusedByPeer, reason.text, detail: distrusts ? .peerDistrusts : nil)
        default: return TLSError(.protocolFailure, reason.text, detail: detail(reason: reason.number))
        }
    }

    private static func verification(_ reason: String, _ result: Int32) -> TLSError {
        let words = unsafe String(cString: X509_verify_cert_error_string(Int(result)))
        return TLSError(code(verifyResult: result), "\(reason): \(words)", detail: detail(verifyResult: result))
    }

    private static func code(verifyResult: Int32) -> Code {
        switch verifyResult {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .hostNameMismatch
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .certificateNotValidNow
        default: .untrustedCertificate
        }
    }

    private static func detail(verifyResult: Int32) -> Detail? {
        switch verifyResult {
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: .selfSigned
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            .foreignIssuer
        case X509_V_ERR_CERT_SIGNATURE_FAILURE: .badSignature
        case X509_V_ERR_INVALID_PURPOSE: .wrongPurpose
        default: nil
        }
    }

    private static func detail(reason: Int32) -> Detail? {
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: .plainHTTP
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_UNKNOWN_PROTOCOL, SSL_R_BAD_PACKET_LENGTH, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_ENCRYPTED_LENGTH_TOO_LONG, SSL_R_BAD_RECORD_TYPE:
            .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_INAPPROPRIATE_FALLBACK: .oldVersion
        case SSL_R_NO_APPLICATION_PROTOCOL: .applicationProtocol
        case SSL_R_CALLBACK_FAILED, SSL_R_CLIENTHELLO_TLSEXT: .serverName
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SHARED_GROUPS,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
            .nothingInCommon
        default: nil
        }
    }
}
