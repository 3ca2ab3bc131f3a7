public import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files and environment variables of the process, for a server that uses a provider without the command line.
public struct SystemSource: SettingsSource {
    /// The longest file that is read, in bytes.
    public static let longestFile = 4 << 20

    /// A source.
    public init() {}

    /// The bytes of a file, and whether anybody but its owner may read it.
    public func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(call: "open", number: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(call: "fstat", number: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw SystemError(call: "open", number: EISDIR) }
        var bytes: [UInt8] = []
        while bytes.count <= SystemSource.longestFile {
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(call: "read", number: errno) }
            if count == 0 { return (bytes, status.st_mode & 0o077 != 0) }
            bytes.append(contentsOf: piece[..<count])
        }
        throw SystemError(call: "read", number: EFBIG)
    }

    /// The value of an environment variable.
    public func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
