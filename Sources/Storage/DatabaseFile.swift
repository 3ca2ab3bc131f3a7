import Base

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `Bujl`, big-endian at offset 68 of every database of ours (sqlite.org/fileformat2.html#application_id).
let applicationIdentifier: Int32 = 0x4275_6A6C

/// The right of this process to open one database file, held from before SQLite sees the file until after it was closed.
///
/// POSIX locks belong to the process and are dropped when *any* descriptor of the file is closed. So a file that is open here
/// must neither be opened again nor even be looked at, and SQLite cannot tell: hence the list.
final class DatabaseFile: Sendable {
    /// The path as it was given; messages show it.
    let path: String
    /// The length of the file in bytes when it was looked at.
    let size: Int64
    /// Whether a log with something in it lies beside the file.
    let hasLog: Bool
    private let identity: Identity

    private struct Identity: Hashable, Sendable {
        let device: UInt64
        let node: UInt64
    }

    private static let openFiles = Locked<Set<Identity>>([])

    /// Finds or makes the file and looks at its header, without changing a byte of what is there.
    init(_ path: String) throws(StorageError) {
        self.path = path
        let (identity, size, hasLog) = try Self.openFiles.withLock { (open) throws(StorageError) -> (Identity, Int64, Bool) in
            let status = try Self.findOrCreate(path)
            let identity = Identity(device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
            guard !open.contains(identity) else { throw StorageError.inUse(file: path) }
            try Self.inspect(path, size: Int64(status.st_size))
            let hasLog = try Self.hasLog(path)
            open.insert(identity)
            return (identity, Int64(status.st_size), hasLog)
        }
        self.identity = identity
        self.size = size
        self.hasLog = hasLog
    }

    deinit {
        let identity = identity
        Self.openFiles.withLock { _ = $0.remove(identity) }
    }

    /// The path in a form that SQLite takes for nothing but a path (`file:…` and `:memory:` mean other things to it).
    var pathForSQLite: String { path.hasPrefix("/") ? path : "./" + path }

    private static func findOrCreate(_ path: String) throws(StorageError) -> stat {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw StorageError.missing("the path is empty", "경로가 비어 있습니다", path) }
        if try status(path) == nil {
            guard try !hasLog(path) else { throw StorageError.lostMainFile(path) }
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                close(descriptor)
            } else if errno != EEXIST {
                throw StorageError.system(errno, path)
            }
        }
        guard let status = try status(path) else { throw StorageError.system(ENOENT, path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StorageError.missing("is not a regular file", "일반 파일이 아닙니다", path)
        }
        return status
    }

    private static func status(_ path: String) throws(StorageError) -> stat? {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status }
        guard errno == ENOENT else { throw StorageError.system(errno, path) }
        return nil
    }

    private static func hasLog(_ path: String) throws(StorageError) -> Bool { try (status(path + "-wal")?.st_size ?? 0) > 0 }

    private static func inspect(_ path: String, size: Int64) throws(StorageError) {
        if size == 0 {
            // SQLite would delete a log that belongs to an empty file, and with it whatever was acknowledged.
            guard try !hasLog(path) else { throw StorageError.lostMainFile(path) }
        } else {
            try checkHeader(try header(path), path)
        }
        guard unsafe faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 else { throw StorageError.system(errno, path) }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard unsafe faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 else { throw StorageError.system(errno, path) }
    }

    /// The first 100 bytes, fewer when the file is shorter.
    private static func header(_ path: String) throws(StorageError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.system(errno, path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw StorageError.system(errno, path) }
        return Array(bytes.prefix(count))
    }

    private static func checkHeader(_ header: [UInt8], _ path: String) throws(StorageError) {
        guard header.count == 100, header.starts(with: Array("SQLite format 3".utf8) + [0]) else { throw StorageError.notADatabase(path) }
        let identifier = header[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard identifier == UInt32(bitPattern: applicationIdentifier) else { throw StorageError.foreignSchema(path) }
    }
}

extension StorageError {
    fileprivate static func missing(_ english: String, _ korean: String, _ path: String) -> StorageError {
        StorageError(
            .cannotOpen, file: path,
            text: BilingualText(
                korean: "데이터 파일 \(path)을(를) 열 수 없습니다: \(korean).", english: "Cannot open the data file \(path): \(english)."),
            remedy: BilingualText(korean: "데이터 디렉터리(--data)를 확인하세요.", english: "Check the data directory (--data)."))
    }

    fileprivate static func notADatabase(_ path: String) -> StorageError {
        StorageError(
            .notADatabase, file: path,
            text: BilingualText(
                korean: "파일 \(path)은(는) SQLite 데이터베이스가 아니거나 머리 부분이 손상되었습니다.",
                english: "The file \(path) is not a SQLite database, or its header is damaged."),
            remedy: BilingualText(
                korean: "파일은 바꾸지 않았습니다. 파일을 옮기거나 백업에서 복원하거나 다른 데이터 디렉터리(--data)를 지정하세요.",
                english: "Nothing was changed. Move the file away, restore a backup, or choose another directory with --data."))
    }

    fileprivate static func foreignSchema(_ path: String) -> StorageError {
        StorageError(
            .foreignSchema, file: path,
            text: BilingualText(
                korean: "파일 \(path)은(는) 다른 프로그램의 SQLite 데이터베이스입니다.",
                english: "The file \(path) is a SQLite database of another program."),
            remedy: BilingualText(
                korean: "파일은 바꾸지 않았습니다. 다른 데이터 디렉터리(--data)를 지정하세요.",
                english: "Nothing was changed. Choose another directory with --data."))
    }

    fileprivate static func lostMainFile(_ path: String) -> StorageError {
        StorageError(
            .corrupt, file: path,
            text: BilingualText(
                korean: "파일 \(path)이(가) 없거나 비어 있는데 그 로그 \(path)-wal은 남아 있습니다.",
                english: "The file \(path) is missing or empty although its log \(path)-wal is still there."),
            remedy: BilingualText(
                korean: "아무것도 바꾸지 않았습니다. 두 파일을 함께 복원하거나, 새로 시작하려면 -wal 파일을 옮기세요.",
                english: "Nothing was changed. Restore both files together, or move the -wal file away to begin anew."))
    }

    fileprivate static func system(_ number: Int32, _ path: String) -> StorageError {
        let detail = unsafe String(cString: strerror(number))
        let (code, english, korean): (Code, String, String) =
            switch number {
            case ENOENT, ENOTDIR: (.cannotOpen, "its directory does not exist", "디렉터리가 없습니다")
            case EACCES, EPERM: (.readOnly, "it or its directory may not be read and written", "파일이나 디렉터리를 읽고 쓸 권한이 없습니다")
            case EROFS: (.readOnly, "the file system is read-only", "파일 시스템이 읽기 전용입니다")
            case ENOSPC, EDQUOT: (.diskFull, "the disk or the quota is full", "디스크나 할당량이 가득 찼습니다")
            default: (.cannotOpen, "the system refused", "시스템이 거부했습니다")
            }
        return StorageError(
            code, file: path,
            text: BilingualText(
                korean: "데이터 파일 \(path)을(를) 열 수 없습니다: \(korean) (\(detail)).",
                english: "Cannot open the data file \(path): \(english) (\(detail))."),
            remedy: BilingualText(
                korean: "디렉터리와 권한, 남은 공간을 확인하거나 다른 데이터 디렉터리(--data)를 지정하세요.",
                english: "Check the directory, its permissions and free space, or choose another with --data."))
    }
}
