import Base

extension SQLiteHandle {
    /// How long an opening waits for a process that is about to close the file, in milliseconds.
    private static let patience: Int32 = 250

    /// Files up to this size in bytes are checked page by page when opened; it takes a few milliseconds.
    private static let checkedSize: Int64 = 16 << 20

    /// Opens a database in memory.
    static func inMemory() throws(StorageError) -> SQLiteHandle {
        let handle = try SQLiteHandle(nil)
        try handle.run("PRAGMA foreign_keys=ON")
        try handle.run("PRAGMA trusted_schema=OFF")
        return handle
    }

    /// Opens a database file of ours, or makes one, and leaves any other file alone.
    static func opened(_ path: String) throws(StorageError) -> SQLiteHandle {
        let file = try DatabaseFile(path)
        let handle = try SQLiteHandle(file)
        // Should the file be refused, a log of earlier days must not be touched; an empty one of today may go.
        handle.mayMoveLogIntoFile(!file.hasLog)
        do throws(StorageError) {
            try handle.takePossession(file)
        } catch {
            handle.close()
            switch error.code {
            case .busy: throw StorageError.inUse(file: path, resultCode: error.resultCode)
            // The file bears our mark, so it was a database.
            case .notADatabase: throw StorageError.sqlite(11, systemError: 0, detail: "the header is damaged", file: path)
            default: throw error
            }
        }
        handle.mayMoveLogIntoFile(true)
        return handle
    }

    private func takePossession(_ claim: DatabaseFile) throws(StorageError) {
        guard !isReadOnly else { throw StorageError.sqlite(8, systemError: 0, detail: "opened for reading only", file: file) }
        setBusyTimeout(milliseconds: Self.patience)
        try run("PRAGMA locking_mode=EXCLUSIVE")
        try run("PRAGMA synchronous=FULL")
        try run("PRAGMA foreign_keys=ON")
        try run("PRAGMA trusted_schema=OFF")
        try run("PRAGMA cell_size_check=ON")
        try run("PRAGMA temp_store=MEMORY")
        // Its own mark first, by a plain rollback journal: from the first byte on the file says whose it is, and no log exists without a file.
        // Asked of SQLite and not of the file's size: a process killed in that very moment leaves pages that are taken back only now.
        if try rows("PRAGMA page_count").first?.values.first == 0 { try run("PRAGMA application_id=\(applicationIdentifier)") }
        let mode = try rows("PRAGMA journal_mode=WAL").first?.values.first?.text
        guard mode == "wal" else {
            throw StorageError.sqlite(1, systemError: 0, detail: "journal mode \(mode ?? "unknown") instead of wal", file: file)
        }
        // The log is cut to this many bytes when its content has been moved into the file.
        try run("PRAGMA journal_size_limit=\(16 << 20)")
        _ = try rows("SELECT count(*) FROM sqlite_schema")
        guard try rows("PRAGMA application_id").first?.values.first == .integer(Int64(applicationIdentifier)) else {
            throw StorageError.sqlite(26, systemError: 0, detail: "the mark of the program is missing", file: file)
        }
        if claim.size <= Self.checkedSize { try check() }
    }

    private func check() throws(StorageError) {
        let answer = try rows("PRAGMA quick_check(1)").first?.values.first?.text ?? "no answer"
        guard answer == "ok" else { throw StorageError.sqlite(11, systemError: 0, detail: answer, file: file) }
    }
}
