/// What the body of a read or a write talks to. It lives as long as the body runs: it cannot be sent to another task, and
/// one that was kept all the same stops the program when it is used.
public final class Connection {
    enum Purpose { case reading, writing }

    private let handle: SQLiteHandle
    private let purpose: Purpose
    private var isValid = true
    /// The error with which SQLite gave up the whole transaction, which a body must not be able to overlook.
    private(set) var transactionLoss: StorageError?

    init(_ handle: SQLiteHandle, _ purpose: Purpose) {
        self.handle = handle
        self.purpose = purpose
    }

    /// Runs one statement, with a value for each `?`.
    ///
    /// - Throws: ``StorageError``; the statement then has changed nothing.
    public func execute(_ sql: String, _ values: SQLValue...) throws(StorageError) {
        try run(sql, values) { _ in }
    }

    /// Runs one statement, with a value for each `?`, given as an array.
    ///
    /// - Throws: ``StorageError``; the statement then has changed nothing.
    public func execute(_ sql: String, values: [SQLValue]) throws(StorageError) {
        try run(sql, values) { _ in }
    }

    /// Runs one query (or a statement with `RETURNING`) and gives all of its rows.
    ///
    /// - Throws: ``StorageError``; the statement then has changed nothing.
    public func query(_ sql: String, _ values: SQLValue...) throws(StorageError) -> [Row] {
        try query(sql, values: values)
    }

    /// Runs one query (or a statement with `RETURNING`), its values given as an array, and gives all of its rows.
    ///
    /// - Throws: ``StorageError``; the statement then has changed nothing.
    public func query(_ sql: String, values: [SQLValue]) throws(StorageError) -> [Row] {
        var rows: [Row] = []
        try run(sql, values) { rows.append($0) }
        return rows
    }

    /// How many rows the latest insert, update or delete touched.
    public var changes: Int {
        checkUse()
        return handle.changes
    }

    /// The row identifier that the latest insert was given.
    public var lastInsertedRow: Int64 {
        checkUse()
        return handle.lastInsertedRow
    }

    /// Ends the body's right to use the connection.
    func invalidate() { isValid = false }

    private func checkUse() { precondition(isValid, "a database connection was used after its read or write had ended") }

    private func run(_ sql: String, _ values: [SQLValue], each: (Row) -> Void) throws(StorageError) {
        checkUse()
        // Without a transaction each further statement would commit by itself, although the body as a whole has failed.
        if let transactionLoss { throw transactionLoss }
        do throws(StorageError) {
            try handle.run(sql, values, mayWrite: purpose == .writing, each: each)
        } catch {
            if purpose == .writing && handle.isAutocommit { transactionLoss = error }
            throw error
        }
    }
}

@available(*, unavailable)
extension Connection: Sendable {}
