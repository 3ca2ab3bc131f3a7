import Base
import CSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection to SQLite with its prepared statements; not to be touched by two threads at a time.
@safe
final class SQLiteHandle {
    /// The path for messages; nothing for a database in memory.
    let file: String?
    private var pointer: OpaquePointer?
    private var claim: DatabaseFile?
    private let rules = StatementRules()
    private var statements: [StatementKey: SQLiteStatement] = [:]
    private var uses: UInt64 = 0

    /// The engine's statements are kept apart from the callers': the rules are asked only when a statement is prepared, and the
    /// engine's prepared COMMIT would otherwise be at everybody's service.
    private struct StatementKey: Hashable {
        let sql: String
        let isStrangers: Bool
    }

    /// How many prepared statements are kept; a program has far fewer different ones.
    private static let capacity = 256

    /// Opens the file that `claim` speaks for, or a database in memory, and sets nothing yet.
    init(_ claim: DatabaseFile?) throws(StorageError) {
        self.claim = claim
        file = claim?.path
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = unsafe sqlite3_open_v2(claim?.pathForSQLite ?? ":memory:", &pointer, flags, nil)
        guard result == SQLITE_OK else {
            let error = failure(result)
            unsafe sqlite3_close_v2(pointer)
            unsafe pointer = nil
            throw error
        }
        let context = unsafe Unmanaged.passUnretained(rules).toOpaque()
        unsafe sqlite3_set_authorizer(pointer, authorize, context)
    }

    deinit { close() }

    /// Closes the file; every later use fails.
    func close() {
        statements.removeAll()
        unsafe sqlite3_close_v2(pointer)
        unsafe pointer = nil
        // Only now may the file be opened again.
        claim = nil
    }

    var isClosed: Bool { unsafe pointer == nil }

    /// Whether SQLite was able to open the file for reading only.
    var isReadOnly: Bool { unsafe sqlite3_db_readonly(pointer, "main") == 1 }

    /// Whether no transaction is open.
    var isAutocommit: Bool { unsafe pointer == nil || sqlite3_get_autocommit(pointer) != 0 }

    /// How many rows the latest insert, update or delete touched.
    var changes: Int { unsafe pointer == nil ? 0 : Int(sqlite3_changes64(pointer)) }

    /// The row identifier of the latest insert.
    var lastInsertedRow: Int64 { unsafe pointer == nil ? 0 : sqlite3_last_insert_rowid(pointer) }

    /// Whether a deferred foreign key is broken at this moment, so that COMMIT would fail.
    var hasDeferredViolation: Bool {
        var current: Int32 = 0
        var highest: Int32 = 0
        return unsafe sqlite3_db_status(pointer, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0) == SQLITE_OK && current != 0
    }

    /// While false, the file and its log stay as they are even when closing.
    func mayMoveLogIntoFile(_ isAllowed: Bool) { unsafe bujeol_sqlite3_keep_log_on_close(pointer, isAllowed ? 0 : 1) }

    func setBusyTimeout(milliseconds: Int32) { unsafe sqlite3_busy_timeout(pointer, milliseconds) }

    /// Runs `body` while statements that would end the transaction, reach another file or change a setting are refused.
    func withStrangerRules<Result>(_ body: () throws -> Result) rethrows -> Result {
        rules.isForStrangers = true
        defer { rules.isForStrangers = false }
        return try body()
    }

    /// Runs one statement to its end and gives its rows to `each`.
    func run(_ sql: String, _ values: [SQLValue] = [], mayWrite: Bool = true, each: (Row) -> Void = { _ in }) throws(StorageError) {
        let statement = try prepared(sql)
        if !mayWrite && !statement.isReadOnly { throw StorageError.invalid("a statement that writes was run while reading", file: file) }
        guard statement.parameterCount == values.count else {
            throw StorageError.invalid("\(values.count) values for \(statement.parameterCount) places", file: file)
        }
        defer { statement.reset() }
        for (index, value) in values.enumerated() {
            let result = statement.bind(value, at: index + 1)
            guard result == SQLITE_OK else { throw failure(result) }
        }
        while true {
            switch statement.step() {
            case SQLITE_ROW: each(statement.row())
            case SQLITE_DONE: return
            case let result: throw failure(result)
            }
        }
    }

    /// The rows of a query.
    func rows(_ sql: String, _ values: [SQLValue] = [], mayWrite: Bool = true) throws(StorageError) -> [Row] {
        var rows: [Row] = []
        try run(sql, values, mayWrite: mayWrite) { rows.append($0) }
        return rows
    }

    private func prepared(_ sql: String) throws(StorageError) -> SQLiteStatement {
        guard unsafe pointer != nil else { throw StorageError.closed(file: file) }
        uses += 1
        let key = StatementKey(sql: sql, isStrangers: rules.isForStrangers)
        if let statement = statements[key] {
            statement.lastUse = uses
            return statement
        }
        let statement = try prepare(sql)
        if statements.count >= Self.capacity, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
        }
        statement.lastUse = uses
        statements[key] = statement
        return statement
    }

    private func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
        guard sql.utf8.count < Int32.max, !sql.utf8.contains(0) else {
            throw StorageError.invalid("the SQL text is not a text", file: file)
        }
        var handle: OpaquePointer?
        var isOnly = true
        let result = unsafe sql.withCString { text in
            var rest: UnsafePointer<CChar>?
            let result = unsafe sqlite3_prepare_v3(pointer, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, &rest)
            if let rest = unsafe rest { isOnly = unsafe String(cString: rest).utf8.allSatisfy { $0 <= 0x20 || $0 == 0x3B } }
            return result
        }
        guard result == SQLITE_OK else { throw failure(result) }
        guard let handle = unsafe handle else { throw StorageError.invalid("there is no statement in the SQL text", file: file) }
        let statement = unsafe SQLiteStatement(handle)
        guard isOnly else { throw StorageError.invalid("one statement at a time: there is more after the first", file: file) }
        return statement
    }

    /// What SQLite says about the call that has just failed.
    func failure(_ result: Int32) -> StorageError {
        let message = unsafe pointer.flatMap { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(result)
        let detail = unsafe message.map { unsafe String(cString: $0) } ?? "no message"
        let systemError = unsafe pointer.map { unsafe sqlite3_system_errno($0) } ?? 0
        return StorageError.sqlite(result, systemError: systemError, detail: detail, file: file)
    }
}

/// Whose statements are being prepared: the engine's own, which may do anything, or a caller's.
private final class StatementRules {
    var isForStrangers = false

    /// What a caller may ask SQLite about itself; settings are the engine's.
    static let pragmas: Set<String> = [
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list", "foreign_key_check",
        "integrity_check", "quick_check", "defer_foreign_keys", "page_count", "page_size",
    ]
}

/// Called by SQLite while it compiles a statement, on the thread that does so.
private func authorize(
    _ context: UnsafeMutableRawPointer?, _ action: Int32, _ first: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?,
    _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?
) -> Int32 {
    // The handle owns the rules and outlives every call into SQLite.
    guard let context = unsafe context else { return SQLITE_DENY }
    let rules = unsafe Unmanaged<StatementRules>.fromOpaque(context).takeUnretainedValue()
    guard rules.isForStrangers else { return SQLITE_OK }
    switch action {
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ATTACH, SQLITE_DETACH:
        return SQLITE_DENY
    case SQLITE_PRAGMA:
        guard let first = unsafe first else { return SQLITE_DENY }
        return unsafe StatementRules.pragmas.contains(String(cString: first).lowercased()) ? SQLITE_OK : SQLITE_DENY
    default:
        return SQLITE_OK
    }
}
