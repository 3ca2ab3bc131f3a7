#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The bytes of the address: 4 for IPv4, 16 for IPv6.
    public let octets: [UInt8]
    /// The port, 0 to 65535.
    public let port: Int
    /// The interface a link-local IPv6 address belongs to, 0 for any.
    let scope: UInt32

    /// Whether it is an IPv6 address.
    public var isIPv6: Bool { octets.count == 16 }

    /// Whether it leads to this machine and nowhere else: `127.0.0.0/8`, also inside IPv6 (`::ffff:127.0.0.1`), or `::1`.
    public var isLoopback: Bool {
        if octets.count == 4 { return octets[0] == 127 }
        if octets.prefix(10).contains(where: { $0 != 0 }) { return false }
        return octets[10...] == [0, 0, 0, 0, 0, 1] || octets[10...].starts(with: [0xFF, 0xFF, 127])
    }

    /// Reads an address in numbers (`127.0.0.1`, `::1`), or nothing when `host` is a name.
    public init?(numericHost host: String, port: Int) {
        guard (0...65535).contains(port) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            octets = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
        } else if unsafe inet_pton(AF_INET6, host, &six) == 1 {
            octets = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
        } else {
            return nil
        }
        self.port = port
        scope = 0
    }

    /// The address in numbers; an IPv4 address that travels inside IPv6 (`::ffff:a.b.c.d`) is written as plain IPv4.
    public var host: String {
        if octets.count == 4 { return octets.map(String.init).joined(separator: ".") }
        if octets.prefix(10).allSatisfy({ $0 == 0 }), octets[10] == 0xFF, octets[11] == 0xFF {
            return octets[12...].map(String.init).joined(separator: ".")
        }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        unsafe inet_ntop(AF_INET6, octets, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `127.0.0.1:80` or `[::1]:80`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Copies an address that the operating system filled in; nothing for another family.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let four = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in.self) }
            octets = unsafe withUnsafeBytes(of: four.sin_addr) { unsafe Array($0) }
            port = Int(UInt16(bigEndian: four.sin_port))
            scope = 0
        case AF_INET6:
            let six = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in6.self) }
            octets = unsafe withUnsafeBytes(of: six.sin6_addr) { unsafe Array($0) }
            port = Int(UInt16(bigEndian: six.sin6_port))
            scope = six.sin6_scope_id
        default: return nil
        }
    }

    /// Lends the address in the form that system calls take.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length: Int
        if octets.count == 4 {
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = UInt16(port).bigEndian
            unsafe withUnsafeMutableBytes(of: &four.sin_addr) { unsafe $0.copyBytes(from: octets) }
            length = MemoryLayout<sockaddr_in>.size
            #if canImport(Darwin)
                four.sin_len = UInt8(length)
            #endif
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: four, as: sockaddr_in.self) }
        } else {
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = UInt16(port).bigEndian
            six.sin6_scope_id = scope
            unsafe withUnsafeMutableBytes(of: &six.sin6_addr) { unsafe $0.copyBytes(from: octets) }
            length = MemoryLayout<sockaddr_in6>.size
            #if canImport(Darwin)
                six.sin6_len = UInt8(length)
            #endif
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: six, as: sockaddr_in6.self) }
        }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}
