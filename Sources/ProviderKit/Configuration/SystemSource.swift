public import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

#if canImport(SwiftOverlayShims)
    // Beside the modules of OpenSSL and libevent the compiler may meet `stat` and `timespec` in this one first.
    import SwiftOverlayShims
#endif

/// The files and environment variables of the process, for the command line and for a server that uses a provider without it.
public struct SystemSource: SettingsSource {
    /// A source.
    public init() {}

    /// The bytes of a file of at most 4 MiB, and whether anybody but its owner may read it.
    public func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        let file = try SystemSource.read(path)
        return (file.bytes, file.mode & 0o077 != 0)
    }

    /// The value of an environment variable.
    public func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// What tells whether a file has changed; a symbolic link counts as what it leads to.
    public func stamp(_ path: String) -> FileStamp? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
            let (modified, changed) = (status.st_mtim, status.st_ctim)
        #endif
        func nanoseconds(_ moment: timespec) -> Int64 { Int64(moment.tv_sec) * 1_000_000_000 + Int64(moment.tv_nsec) }
        return FileStamp(
            size: Int64(status.st_size), modified: nanoseconds(modified), changed: nanoseconds(changed), node: UInt64(status.st_ino),
            device: UInt64(truncatingIfNeeded: status.st_dev))
    }

    /// Reads a whole file.
    ///
    /// - Parameter limit: More bytes than this are an error.
    public static func read(_ path: String, limit: Int = 4 << 20) throws(SystemError) -> (bytes: [UInt8], mode: UInt32) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(call: "open", number: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(call: "fstat", number: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw SystemError(call: "open", number: EISDIR) }
        return (try readAll(descriptor, limit: limit), UInt32(status.st_mode))
    }

    /// Reads a descriptor to its end.
    ///
    /// - Parameter limit: More bytes than this are an error.
    public static func readAll(_ descriptor: Int32, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe systemRead(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(call: "read", number: errno) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece[..<count])
        }
        throw SystemError(call: "read", number: EFBIG)
    }
}

/// The system's call, out of reach of the method of the same name.
private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, target, count)
}
