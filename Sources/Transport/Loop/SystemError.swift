#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A call of the operating system that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the call.
    public var call: String
    /// The value of `errno`.
    public var number: Int32

    /// A failed call.
    public init(call: String, number: Int32) {
        self.call = call
        self.number = number
    }

    /// The operating system's own words for the number.
    public var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        unsafe strerror_r(number, &buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The call and the reason.
    public var description: String { "\(call): \(reason)" }
}
