internal import COpenSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What a step that moves no data achieved.
public enum TLSProgress: Sendable {
    /// It is complete.
    case done
    /// Repeat it when the descriptor can be read.
    case wantsRead
    /// Repeat it when the descriptor can be written.
    case wantsWrite
}

/// What a read or a write achieved.
public enum TLSTransfer: Sendable, Equatable {
    /// So many bytes were moved, at least one.
    case moved(Int)
    /// Repeat it when the descriptor can be read.
    case wantsRead
    /// Repeat it when the descriptor can be written.
    case wantsWrite
    /// The peer said farewell: nothing more will come.
    case closed
}

/// One TLS connection over a non-blocking socket, which stays the caller's to close after the session has gone.
///
/// Confined to the loop of its connection, hence not `Sendable`. Once any operation has thrown, the session is of no further use.
@safe
public final class TLSSession {
    private let session: OpaquePointer
    // The contexts are kept for the callbacks: the one that the session began with, and the one that the server name led to.
    private let serverContext: TLSServerContext?
    private let clientContext: TLSClientContext?
    private var chosenContext: TLSServerContext?
    private var hasFailed = false
    /// The caller's certificate that ended the handshake; nothing when none did.
    public private(set) var refusedCertificate: Certificate?
    /// Why the server's own rules refused that certificate; nothing when OpenSSL did.
    public private(set) var objection: TLSCertificateObjection?

    /// Begins the server's side of a connection on `descriptor`.
    public init(server context: TLSServerContext, descriptor: Int32) throws(TLSError) {
        unsafe session = try TLSSession.make(context.handle, descriptor)
        serverContext = context
        clientContext = nil
        unsafe SSL_set_ex_data(session, 0, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_accept_state(session)
    }

    /// Begins the client's side of a connection on `descriptor`.
    ///
    /// - Parameter host: the DNS name or IP address that the server's certificate must bear; a DNS name is also sent as SNI.
    public init(client context: TLSClientContext, host: String, descriptor: Int32) throws(TLSError) {
        unsafe session = try TLSSession.make(context.handle, descriptor)
        serverContext = nil
        clientContext = context
        let isAddress = unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
        if !isAddress {
            OpenSSLErrors.clear()
            // Only alternative names count, as RFC 9525 has it, and a wildcard stands for one whole label.
            let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
            unsafe SSL_set_hostflags(session, flags)
            guard !host.isEmpty, unsafe SSL_set1_host(session, host) == 1, unsafe bujeol_SSL_set_tlsext_host_name(session, host) == 1 else {
                throw TLSError.configuration("the host name cannot be asked for")
            }
        }
        unsafe SSL_set_connect_state(session)
    }

    private static func make(_ context: TLSContextHandle, _ descriptor: Int32) throws(TLSError) -> OpaquePointer {
        OpenSSLErrors.clear()
        guard let session = unsafe SSL_new(context.pointer) else { throw TLSError.configuration("no TLS session could be made") }
        guard unsafe SSL_set_fd(session, descriptor) == 1 else {
            unsafe SSL_free(session)
            throw TLSError.configuration("the descriptor cannot be used")
        }
        return unsafe session
    }

    deinit { unsafe SSL_free(session) }

    /// Goes on with the handshake as far as the descriptor allows.
    public func handshake() throws(TLSError) -> TLSProgress {
        OpenSSLErrors.clear()
        let result = unsafe SSL_do_handshake(session)
        if result == 1 { return .done }
        switch try outcome(of: result) {
        case .wantsRead: return .wantsRead
        case .wantsWrite: return .wantsWrite
        case .closed, .moved: throw fail(TLSError(.refusedByPeer, "the peer ended the handshake"))
        }
    }

    /// Appends what has arrived, `limit` bytes at most, to `buffer`.
    ///
    /// Read until the answer is not ``TLSTransfer/moved(_:)`` or ``hasBufferedBytes`` is false: the descriptor does not become readable
    /// for bytes that the session has already taken from it.
    public func read(into buffer: inout [UInt8], atMost limit: Int) throws(TLSError) -> TLSTransfer {
        OpenSSLErrors.clear()
        var result: Int32 = 0
        var count = 0
        buffer.append(addingCapacity: limit) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, initialized in
                let free = unsafe target.baseAddress.map { unsafe $0 + initialized }
                result = unsafe SSL_read_ex(session, free, limit, &count)
                if result == 1 { initialized += count }
            }
        }
        return result == 1 ? .moved(count) : try outcome(of: result)
    }

    /// Writes `bytes` from the index `start` on, as many as the descriptor takes.
    ///
    /// After `wantsRead` or `wantsWrite` the same bytes, and possibly more behind them, must be offered again: part of them may have left.
    public func write(_ bytes: [UInt8], from start: Int = 0) throws(TLSError) -> TLSTransfer {
        precondition(start < bytes.count, "there must be something to write")
        OpenSSLErrors.clear()
        var count = 0
        let result = unsafe bytes.withUnsafeBytes { source in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: source[start...])
            return unsafe SSL_write_ex(session, rest.baseAddress, rest.count, &count)
        }
        return result == 1 ? .moved(count) : try outcome(of: result)
    }

    /// Says farewell to the peer, without waiting for its own. Does nothing before the handshake is complete or after a failure.
    public func shutdown() throws(TLSError) -> TLSProgress {
        OpenSSLErrors.clear()
        guard !hasFailed, unsafe SSL_is_init_finished(session) == 1 else { return .done }
        let result = unsafe SSL_shutdown(session)
        if result >= 0 { return .done }
        switch try outcome(of: result) {
        case .wantsRead: return .wantsRead
        case .wantsWrite: return .wantsWrite
        case .closed, .moved: return .done
        }
    }

    /// Whether the session holds bytes that it has taken from the descriptor but not yet handed out (perhaps not a whole record).
    public var hasBufferedBytes: Bool { unsafe SSL_has_pending(session) == 1 }

    private func outcome(of result: Int32) throws(TLSError) -> TLSTransfer {
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        default:
            var error = TLSError.operation(reason: OpenSSLErrors.takeReason(), verifyResult: unsafe SSL_get_verify_result(session))
            if let objection {
                error = TLSError(
                    .untrustedCertificate, "the caller's certificate was refused: \(objection.alert.rawValue)", detail: .objection)
            }
            throw fail(error)
        }
    }

    private func fail(_ error: TLSError) -> TLSError {
        hasFailed = true
        return error
    }

    /// The session that a callback of OpenSSL is about. Only sessions of servers have one.
    static func owner(of session: OpaquePointer) -> TLSSession? {
        // Not retained: OpenSSL calls back only from within a method of the session that owns `session`.
        guard let owner = unsafe SSL_get_ex_data(session, 0) else { return nil }
        return unsafe Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
    }

    /// Asks the directory of the server's context which context goes on. False when the name is refused.
    func chooseContext() -> Bool {
        guard let names = serverContext?.names else { return true }
        switch names.choice(forServerName: serverName) {
        case .current:
            return true
        case .refused:
            return false
        case .context(let context):
            // Taking over a context's certificate and authorities does not take over whether callers are asked for theirs.
            guard unsafe SSL_set_SSL_CTX(session, context.handle.pointer) != nil else { return false }
            unsafe SSL_set_verify(session, context.verifyMode, judgeCaller)
            // Nor does it take over how certificates are verified.
            let parameters = unsafe SSL_get0_param(session)
            if context.rules.checksDates {
                unsafe X509_VERIFY_PARAM_clear_flags(parameters, TLSServerContext.ignoringDates)
            } else {
                unsafe X509_VERIFY_PARAM_set_flags(parameters, TLSServerContext.ignoringDates)
            }
            chosenContext = context
            return true
        }
    }

    /// What the server's own rules have against a certificate.
    func objection(to certificate: Certificate) -> TLSCertificateObjection? {
        (chosenContext ?? serverContext)?.rules.judge?(certificate, serverName)
    }

    func callerWasRefused(_ certificate: Certificate, _ objection: TLSCertificateObjection?) {
        refusedCertificate = certificate
        self.objection = objection
    }
}

extension TLSSession {
    /// `TLSv1.2` or `TLSv1.3`; meaningful after the handshake.
    public var version: String { unsafe String(cString: SSL_get_version(session)) }

    /// The host name that the client asked for (SNI), in lower case; nothing when it named none.
    public var serverName: String? {
        guard let name = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else { return nil }
        return unsafe String(cString: name).lowercased()
    }

    /// Whether the peer has sent anything at all.
    public var hasReceived: Bool { unsafe BIO_number_read(SSL_get_rbio(session)) > 0 }

    /// The application protocol that was agreed on (ALPN): `http/1.1`, or nothing when the peer offered none.
    public var applicationProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &start, &count)
        guard count > 0, let start = unsafe start else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// The peer's own certificate in DER; nothing when it presented none.
    public var peerCertificate: [UInt8]? {
        guard let handle = unsafe SSL_get1_peer_certificate(session) else { return nil }
        return unsafe CertificateReference(owning: handle).der
    }
}
