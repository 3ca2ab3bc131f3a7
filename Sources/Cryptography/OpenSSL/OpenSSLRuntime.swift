internal import COpenSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What has to happen once per process before OpenSSL writes to a socket.
enum OpenSSLRuntime {
    /// OpenSSL writes with `write(2)`, which kills the process with SIGPIPE when the peer has gone; the error result is what we want instead.
    private static let started: Bool = {
        _ = signal(SIGPIPE, SIG_IGN)
        return true
    }()

    static func start() { _ = started }
}

/// The errors that OpenSSL has queued on this thread.
enum OpenSSLErrors {
    /// Forgets what earlier operations left behind, so that the next failure is described by its own errors only.
    static func clear() { ERR_clear_error() }

    /// Takes everything off the queue and returns the oldest error's reason, which is one of OpenSSL's own constant sentences.
    static func takeReason() -> Reason? {
        let code = ERR_get_error()
        guard code != 0 else { return nil }
        ERR_clear_error()
        let text = unsafe ERR_reason_error_string(code)
        let library = Int32(truncatingIfNeeded: (code >> 23) & 0xFF)
        let reason = Int32(truncatingIfNeeded: code & 0x7F_FFFF)
        let sentence = unsafe text.map { unsafe String(cString: $0) } ?? "error \(reason) of library \(library)"
        return Reason(library: library, number: reason, text: sentence)
    }

    /// One queued error.
    struct Reason {
        var library: Int32
        var number: Int32
        var text: String
    }
}

/// Overwrites bytes that are about to be given back, where they are; a copy that somebody else holds stays as it is.
public func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
}

/// A memory BIO: how OpenSSL reads and writes PEM without a file.
@safe
final class MemoryBuffer {
    private let handle: OpaquePointer

    init?() {
        guard let handle = unsafe bujeol_BIO_new_memory() else { return nil }
        unsafe self.handle = handle
    }

    convenience init?(_ bytes: [UInt8]) {
        self.init()
        let count = Int32(clamping: bytes.count)
        guard count > 0 else { return }
        let written = unsafe bytes.withUnsafeBytes { unsafe BIO_write(handle, $0.baseAddress, count) }
        guard written == count else { return nil }
    }

    deinit { unsafe BIO_free(handle) }

    /// Lends the BIO to a function of OpenSSL.
    func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result { unsafe body(handle) }

    /// What has been written and not yet read.
    var bytes: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe bujeol_BIO_get_memory(handle, &start)
        guard count > 0, let start = unsafe start else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
