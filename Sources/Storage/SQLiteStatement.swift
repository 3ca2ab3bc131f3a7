import CSQLite

/// A prepared statement; finalised when released.
@safe
final class SQLiteStatement {
    private let pointer: OpaquePointer
    /// Whether running it cannot change the file directly.
    let isReadOnly: Bool
    /// How many values it takes.
    let parameterCount: Int
    /// When it was last used, counted in uses; the cache drops the oldest.
    var lastUse: UInt64 = 0
    private var names: [String]?
    private var preparations: Int32 = 0

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
        unsafe isReadOnly = sqlite3_stmt_readonly(pointer) != 0
        unsafe parameterCount = Int(sqlite3_bind_parameter_count(pointer))
    }

    deinit { unsafe sqlite3_finalize(pointer) }

    /// Puts `value` in the place of the `?` with this number, counted from 1.
    func bind(_ value: SQLValue, at index: Int) -> Int32 {
        let index = Int32(index)
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(pointer, index)
        case .integer(let number):
            return unsafe sqlite3_bind_int64(pointer, index, number)
        case .real(let number):
            return unsafe sqlite3_bind_double(pointer, index, number)
        case .text(let text):
            // A C string always has an address; a buffer of no bytes need not, and SQLite would take that for null.
            let length = text.utf8.count
            guard length <= Int32.max else { return SQLITE_TOOBIG }
            return unsafe text.withCString { unsafe bujeol_sqlite3_bind_text(pointer, index, $0, Int32(length)) }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return unsafe sqlite3_bind_zeroblob(pointer, index, 0) }
            guard bytes.count <= Int32.max else { return SQLITE_TOOBIG }
            return unsafe bytes.withUnsafeBytes { unsafe bujeol_sqlite3_bind_blob(pointer, index, $0.baseAddress, Int32($0.count)) }
        }
    }

    /// Moves to the next row: `SQLITE_ROW`, `SQLITE_DONE` or an error.
    func step() -> Int32 { unsafe sqlite3_step(pointer) }

    /// Makes the statement ready for its next use and lets go of the values.
    func reset() {
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
    }

    /// The row that the last step came to.
    func row() -> Row {
        let names = columnNames()
        return Row(columns: names, values: names.indices.map { value(Int32($0)) })
    }

    /// SQLite prepares a statement anew by itself when the schema changed, and `*` may then stand for other columns.
    private func columnNames() -> [String] {
        let preparations = unsafe sqlite3_stmt_status(pointer, SQLITE_STMTSTATUS_REPREPARE, 0)
        if let names, preparations == self.preparations { return names }
        let names = unsafe (0..<sqlite3_column_count(pointer)).map { index in
            guard let name = unsafe sqlite3_column_name(pointer, index) else { return "" }
            return unsafe String(cString: name)
        }
        self.names = names
        self.preparations = preparations
        return names
    }

    private func value(_ column: Int32) -> SQLValue {
        switch unsafe sqlite3_column_type(pointer, column) {
        case SQLITE_INTEGER:
            return unsafe .integer(sqlite3_column_int64(pointer, column))
        case SQLITE_FLOAT:
            return unsafe .real(sqlite3_column_double(pointer, column))
        case SQLITE_TEXT:
            guard let text = unsafe sqlite3_column_text(pointer, column) else { return .text("") }
            let count = unsafe Int(sqlite3_column_bytes(pointer, column))
            return unsafe .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let bytes = unsafe sqlite3_column_blob(pointer, column) else { return .blob([]) }
            let count = unsafe Int(sqlite3_column_bytes(pointer, column))
            return unsafe .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
        default:
            return .null
        }
    }
}
