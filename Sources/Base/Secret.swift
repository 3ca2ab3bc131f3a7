#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes that must not be printed: a key, a token, a password.
///
/// It describes itself as `[redacted]` to `print`, `dump`, string interpolation and reflection, its comparison takes the same time wherever
/// the bytes differ, and its memory is overwritten when the last reference goes away. Copies that a caller takes out with
/// ``withText(_:)`` or ``withBytes(_:)`` are the caller's to keep short-lived.
public final class Secret: Sendable {
    private let storage: Storage

    /// Keeps a copy of `bytes`.
    public init(_ bytes: [UInt8]) { storage = Storage(bytes) }

    /// Keeps a copy of the UTF-8 bytes of `text`.
    public convenience init(_ text: String) { self.init(Array(text.utf8)) }

    /// How many bytes it holds.
    public var count: Int { storage.count }

    /// Whether it holds no bytes at all.
    public var isEmpty: Bool { storage.count == 0 }

    /// Lends the bytes for the length of `body`.
    public func withBytes<Result, Failure: Error>(_ body: ([UInt8]) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(storage.copy())
    }

    /// Lends the bytes where they are, without a copy, for the length of `body`.
    public func withSpan<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        try storage.withSpan(body)
    }

    /// Appends the bytes to `output`, which is then the caller's to keep short-lived.
    public func append(to output: inout [UInt8]) { storage.append(to: &output) }

    /// Lends the bytes as text for the length of `body`; bytes that are not UTF-8 become replacement characters.
    public func withText<Result, Failure: Error>(_ body: (String) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(String(decoding: storage.copy(), as: UTF8.self))
    }

    /// Whether `bytes` are these bytes, in a time that depends on their number only.
    public func equals(_ bytes: [UInt8]) -> Bool {
        let own = storage.copy()
        guard own.count == bytes.count else { return false }
        var difference: UInt8 = 0
        for index in own.indices { difference |= own[index] ^ bytes[index] }
        return difference == 0
    }
}

extension Secret: Equatable {
    /// Whether both hold the same bytes, compared in constant time.
    public static func == (left: Secret, right: Secret) -> Bool { right.withBytes { left.equals($0) } }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children, so that `dump` and debuggers' summaries show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The memory behind a secret. Never written after `init`, so it may be read from any thread.
@safe
private final class Storage: @unchecked Sendable {
    // Sendable because `buffer` is filled in `init`, only read until `deinit`, and never leaves this class.
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
        unsafe buffer = .allocate(byteCount: bytes.count, alignment: 1)
        unsafe buffer.copyBytes(from: bytes)
    }

    var count: Int { unsafe buffer.count }

    func copy() -> [UInt8] { unsafe Array(buffer) }

    func append(to output: inout [UInt8]) { unsafe output.append(contentsOf: buffer) }

    func withSpan<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        // The span cannot outlive the call, and `self` keeps the buffer for as long.
        try unsafe body(Span(_unsafeElements: UnsafeBufferPointer(buffer.bindMemory(to: UInt8.self))))
    }

    deinit {
        if let start = unsafe buffer.baseAddress {
            #if canImport(Darwin)
                unsafe memset_s(start, buffer.count, 0, buffer.count)
            #else
                unsafe explicit_bzero(start, buffer.count)
            #endif
        }
        unsafe buffer.deallocate()
    }
}
