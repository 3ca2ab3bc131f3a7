import Base
import ProviderKit
import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the program asks of the operating system about itself.
enum Process {
    /// The value of an environment variable.
    static func environment(_ name: String) -> String? { SystemSource().environment(name) }

    /// Keeps keys and card numbers out of crash reports: no core file, and no report by the Swift runtime, which prints the memory behind registers.
    static func keepMemoryPrivate() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if canImport(Darwin)
            unsafe setrlimit(RLIMIT_CORE, &none)
        #else
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #endif
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
    }

    /// Ends the program at once, when everything it had to close is closed.
    ///
    /// Not by `exit`: that has OpenSSL free what it keeps for the process while a thread that is just ending, a loop's or a database's, frees what it kept for
    /// itself: a program that had ended well could then still die of an abort.
    static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    /// Makes a directory that only its owner may enter, with its parents; an existing one is left as it is.
    static func makePrivateDirectory(_ path: String) throws(SystemError) {
        var partial = ""
        for piece in path.split(separator: "/", omittingEmptySubsequences: false) {
            partial += partial.isEmpty && !path.hasPrefix("/") ? String(piece) : "/" + piece
            if partial.isEmpty || partial == "/" || piece.isEmpty { continue }
            partial = partial.hasPrefix("//") ? String(partial.dropFirst()) : partial
            if unsafe mkdir(partial, 0o700) != 0, errno != EEXIST { throw SystemError(call: "mkdir", number: errno) }
        }
    }

    /// Reads a whole file of at most `limit` bytes.
    static func readFile(_ path: String, limit: Int = 4 << 20) throws(SystemError) -> (bytes: [UInt8], mode: UInt32) {
        try SystemSource.read(path, limit: limit)
    }

    /// Whether somebody types what this program reads.
    static var standardInputIsTerminal: Bool { isatty(0) == 1 }

    /// Reads standard input to its end, at most `limit` bytes.
    static func readStandardInput(limit: Int = 16 << 20) throws(SystemError) -> [UInt8] {
        try SystemSource.readAll(0, limit: limit)
    }

    /// Writes a file that only its owner may read, replacing one of that name in a single step.
    static func writePrivateFile(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        let temporary = path + ".new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError(call: "open", number: errno) }
        var start = 0
        while start < bytes.count {
            let piece = Array(bytes[start...])
            let count = unsafe write(descriptor, piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error = SystemError(call: "write", number: errno)
                close(descriptor)
                throw error
            }
            start += count
        }
        fsync(descriptor)
        close(descriptor)
        guard unsafe rename(temporary, path) == 0 else { throw SystemError(call: "rename", number: errno) }
    }

    /// The path from the root, without links; the path itself when there is nothing there.
    static func absolutePath(_ path: String) -> String {
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// The names of what is in a directory, in order; none when there is no such directory.
    static func files(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
                    unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                })
        }
        return names.sorted()
    }

    /// Looks at the directory where state is kept, and changes nothing.
    static func dataDirectoryCheck(_ path: String) -> DataDirectoryCheck {
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        // A missing directory is made with its parents: the nearest that exists decides.
        var nearest = path
        while unsafe access(nearest, F_OK) != 0, nearest != "/", nearest != "." {
            while nearest.count > 1, nearest.hasSuffix("/") { nearest.removeLast() }
            nearest = nearest.lastIndex(of: "/").map { $0 == nearest.startIndex ? "/" : String(nearest[..<$0]) } ?? "."
        }
        var volume = statvfs()
        let free = unsafe statvfs(nearest, &volume) == 0 ? UInt64(volume.f_bavail) * UInt64(volume.f_frsize) : nil
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        return DataDirectoryCheck(
            path: path, kind: !isThere ? .missing : isDirectory ? .directory : .somethingElse,
            isWritable: unsafe access(nearest, W_OK | X_OK) == 0, isOpenToOthers: isThere && status.st_mode & 0o077 != 0, free: free)
    }

    /// Removes a file; nothing happens when there is none.
    static func removeFile(_ path: String) { unsafe unlink(path) }

    /// Whether there is something at `path`.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
