public import Base
public import ProviderKit
import Storage
public import Transport

/// The records of all connections in one SQLite file, which is opened, and made if need be, when the first connection keeps or reads something.
///
/// What was kept is on the disk before ``RecordKeeper/keep(_:_:until:)`` returns; records that are kept at the same time share a commit.
public actor GatewayRecords {
    private nonisolated let file: String
    fileprivate nonisolated let time: any TimeSource
    private let prepare: @Sendable () throws(SystemError) -> Void
    private var database: Database?
    private var isMigrated = false
    private var isClosed = false

    private static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE records (
                    connection TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, ends INTEGER, PRIMARY KEY (connection, name)
                ) STRICT
                """,
                "CREATE INDEX records_by_end ON records (ends) WHERE ends IS NOT NULL",
            ])
    ]

    /// Records in a file that need not exist yet.
    ///
    /// - Parameters:
    ///   - file: The path.
    ///   - time: The clock by which records end.
    ///   - prepare: Makes the file's directory if need be.
    public init(file: String, time: any TimeSource, prepare: @escaping @Sendable () throws(SystemError) -> Void = {}) {
        self.file = file
        self.time = time
        self.prepare = prepare
    }

    /// What keeps the records of one connection.
    public nonisolated func keeper(of connection: String) -> any RecordKeeper { Keeper(records: self, connection: connection) }

    /// Closes the file, if it was opened. Nothing can be kept any more.
    public func close() async {
        isClosed = true
        let opened = database
        database = nil
        await opened?.close()
    }

    private func opened() async throws(RecordError) -> Database {
        if let database { return database }
        guard !isClosed else {
            throw RecordError(
                BilingualText(
                    korean: "게이트웨이의 기록 파일 \(file)은(는) 종료되면서 닫혔습니다.",
                    english: "the gateway's records in \(file) were closed at its end"))
        }
        do throws(SystemError) { try prepare() } catch {
            throw RecordError(
                BilingualText(
                    korean: "게이트웨이의 기록을 둘 디렉터리를 만들 수 없습니다 (\(file), \(error.reason)). --data로 다른 곳을 정하세요.",
                    english: "the directory for the gateway's records cannot be made (\(file), \(error.reason)); choose another with --data"
                ))
        }
        do throws(StorageError) {
            let database: Database
            if let known = self.database { database = known } else { database = try Database(.file(file)) }
            self.database = database
            // Whoever comes in between finds the tables made, or makes them: the second time nothing is left to be done.
            if !isMigrated { try await database.migrate("gateway", GatewayRecords.migrations) }
            isMigrated = true
            return database
        } catch {
            throw RecordError(error)
        }
    }

    fileprivate func read<Result: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Result) async throws(RecordError) -> Result {
        let database = try await opened()
        do { return try await database.read(body) } catch { throw RecordError(error) }
    }

    fileprivate func write(_ body: @escaping @Sendable (Connection) throws -> Void) async throws(RecordError) {
        let database = try await opened()
        do { try await database.write(body) } catch { throw RecordError(error) }
    }
}

extension RecordError {
    /// What the storage says, in words for a person.
    fileprivate init(_ error: any Error) {
        guard let error = error as? StorageError else {
            self.init(BilingualText(korean: "기록을 읽거나 쓸 수 없습니다: \(error)", english: "records cannot be read or written: \(error)"))
            return
        }
        self.init(
            BilingualText(
                korean: "\(error.text.korean) \(error.remedy.korean)", english: "\(error.text.english) \(error.remedy.english)"))
    }
}

/// The records of one connection.
private struct Keeper: RecordKeeper {
    let records: GatewayRecords
    let connection: String

    func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        let now = records.time.now
        return try await records.read { [connection] database in
            let rows = try database.query(
                "SELECT bytes FROM records WHERE connection = ? AND name = ? AND (ends IS NULL OR ends > ?)", .text(connection),
                .text(name), .integer(now.nanosecondsSinceEpoch))
            return rows.first?.blob("bytes")
        }
    }

    func names(beginningWith prefix: String) async throws(RecordError) -> [String] {
        let now = records.time.now
        return try await records.read { [connection] database in
            // Texts are compared by their bytes here, which is also the order that is asked for.
            let rows = try database.query(
                """
                SELECT name FROM records WHERE connection = ? AND name >= ? AND substr(CAST(name AS BLOB), 1, ?) = CAST(? AS BLOB)
                AND (ends IS NULL OR ends > ?) ORDER BY name
                """, .text(connection), .text(prefix), .integer(Int64(prefix.utf8.count)), .text(prefix),
                .integer(now.nanosecondsSinceEpoch))
            return rows.compactMap { $0.text("name") }
        }
    }

    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        try RecordBounds.check(name, bytes)
        let now = records.time.now
        try await records.write { [connection] database in
            try database.execute("DELETE FROM records WHERE ends <= ?", .integer(now.nanosecondsSinceEpoch))
            try database.execute(
                """
                INSERT INTO records (connection, name, bytes, ends) VALUES (?, ?, ?, ?)
                ON CONFLICT (connection, name) DO UPDATE SET bytes = excluded.bytes, ends = excluded.ends
                """, .text(connection), .text(name), .blob(bytes), .optional(end?.nanosecondsSinceEpoch))
        }
    }

    func forget(_ name: String) async throws(RecordError) {
        try await records.write { [connection] database in
            try database.execute("DELETE FROM records WHERE connection = ? AND name = ?", .text(connection), .text(name))
        }
    }
}
