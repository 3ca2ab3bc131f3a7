import Base

/// Where the data lives.
public enum StorageLocation: Sendable, Hashable {
    /// A file; its directory must exist.
    case file(String)
    /// The memory of this process; gone when the database is released.
    case memory
}

/// One SQLite database, on a thread of its own.
///
/// The file is in WAL mode with `synchronous=FULL`, so what was acknowledged survives a crash of the process, of the system and of the
/// power. It is locked for this process as long as it is open. Writers that come while a commit is under way are committed together by the next.
///
/// A cancelled task does not cancel its read or write: money may depend on a record being written even though its caller has gone.
/// Who wants to stop early asks `Task.isCancelled` first.
public actor Database {
    private let handle: SQLiteHandle
    private let executor: any SerialExecutor
    private let queue = Locked(WriteQueue())
    private nonisolated let file: String?
    private var counts = DatabaseStatistics()

    /// The most writers that one transaction carries; the next transaction follows at once.
    private static let largestGroup = 512

    /// Opens the database, which is made when it does not exist (readable and writable by its owner only).
    ///
    /// Blocks for the time the disk needs. A file that is not a database of ours is refused and not changed.
    /// - Parameters:
    ///   - location: where the data lives.
    ///   - executor: where the work runs; a thread of its own when nothing is given. It must run jobs one at a time in the order they came.
    /// - Throws: ``StorageError`` that names the file.
    public init(_ location: StorageLocation, executor: (any SerialExecutor)? = nil) throws(StorageError) {
        switch location {
        case .file(let path): handle = try SQLiteHandle.opened(path)
        case .memory: handle = try SQLiteHandle.inMemory()
        }
        file = handle.file
        if let executor {
            self.executor = executor
        } else {
            do throws(StorageThread.ThreadRefused) {
                self.executor = try StorageThread()
            } catch {
                throw error.error(file: handle.file)
            }
        }
    }

    /// Where the database's work runs.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Brings the tables of `owner` (a part of the program, such as a provider's name) up to date, all due steps in one transaction.
    ///
    /// - Throws: ``StorageError``; the file is then as it was.
    public func migrate(_ owner: String, _ migrations: [Migration]) throws(StorageError) {
        try MigrationLedger(handle: handle).migrate(owner, migrations)
    }

    /// Runs `body` on the state that all acknowledged writes have left.
    ///
    /// - Throws: what `body` throws, or ``StorageError``.
    public func read<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        guard !handle.isClosed else { throw StorageError.closed(file: handle.file) }
        counts.reads += 1
        let connection = Connection(handle, .reading)
        defer { connection.invalidate() }
        return try handle.withStrangerRules { try body(connection) }
    }

    /// Runs `body` once and returns its result after it was committed and the disk has confirmed it.
    ///
    /// Bodies run in the order of their calls. A body that throws is undone alone. It also learns of its error only after the commit: what it saw, and
    /// refused, may have been written by another body of the same group.
    /// - Throws: what `body` throws, or ``StorageError``; then nothing of it is to be seen. Only where the disk failed in the middle of a commit
    ///   and the process ended right after, SQLite may still find the commit complete at the next opening.
    public nonisolated func write<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let write = Write(file, body)
        // Nobody but the leader goes to the storage's thread, and the others are resumed from there straight to where they came from.
        switch queue.withLock({ $0.called(write) }) {
        case .leads: await commitWaiting()
        case .follows: break
        case .refused: throw StorageError.closed(file: file)
        }
        return try await write.value()
    }

    /// Commits what is waiting, moves the log into the file and closes it; every later call fails with `closed`.
    public func close() async {
        commit(queue.withLock { $0.closed() })
        handle.close()
    }

    /// How much was done since the database was opened.
    public var statistics: DatabaseStatistics { counts }

    /// Limits the size of the file, so that a test can meet a full disk.
    func limitPages(_ count: Int) throws(StorageError) { try handle.run("PRAGMA max_page_count=\(count)") }

    /// A setting as SQLite reports it.
    func setting(_ name: String) throws(StorageError) -> SQLValue { try handle.rows("PRAGMA \(name)").first?.values.first ?? .null }
}

extension Database {
    /// How many writes wait for a commit.
    nonisolated var waitingCount: Int { queue.withLock { $0.count } }

    private func commitWaiting() async {
        // Behind those already in line: callers that are isolated to the database, or share its executor, add their writes from there.
        await Task.yield()
        commit(queue.withLock { $0.commitBegan() })
    }

    private func commit(_ writes: [any WaitingWrite]) {
        var rest = writes[...]
        while !rest.isEmpty {
            let group = rest.prefix(Self.largestGroup)
            rest = rest.dropFirst(group.count - commit(group).count)
        }
    }

    /// Commits as many writes as one transaction carries, tells their callers, and returns those that have not run yet.
    private func commit(_ group: ArraySlice<any WaitingWrite>) -> ArraySlice<any WaitingWrite> {
        var ran = 0
        var failures = 0
        do throws(StorageError) {
            try handle.run("BEGIN IMMEDIATE")
            for write in group {
                ran += 1
                let end = try run(write)
                if case .transactionLost(let loss) = end {
                    // Everything this transaction had done is gone. Those who have not run yet have lost nothing.
                    counts.rolledBack += ran
                    for write in group.prefix(ran) { write.tell(loss) }
                    return group.dropFirst(ran)
                }
                if case .undone = end { failures += 1 }
            }
            try handle.run("COMMIT")
        } catch {
            if !handle.isAutocommit { try? handle.run("ROLLBACK") }
            counts.rolledBack += ran
            for write in group { write.tell(error) }
            return []
        }
        counts.commits += 1
        counts.writes += ran - failures
        counts.rolledBack += failures
        for write in group { write.tell(nil) }
        return []
    }

    private enum BodyEnd {
        case kept
        case undone
        case transactionLost(StorageError)
    }

    /// Runs one body inside a savepoint of its own.
    private func run(_ write: any WaitingWrite) throws(StorageError) -> BodyEnd {
        try handle.run("SAVEPOINT writer")
        let connection = Connection(handle, .writing)
        var failed = handle.withStrangerRules { write.run(connection) }
        connection.invalidate()
        if let loss = connection.transactionLoss { return .transactionLost(loss) }
        if !failed && handle.hasDeferredViolation {
            write.fail(StorageError.deferredViolation(file: file))
            failed = true
        }
        if failed { try handle.run("ROLLBACK TO writer") }
        try handle.run("RELEASE writer")
        return failed ? .undone : .kept
    }
}

/// How much a database has done since it was opened.
public struct DatabaseStatistics: Sendable, Hashable {
    /// Transactions committed.
    public var commits = 0
    /// Writes acknowledged.
    public var writes = 0
    /// Writes undone, because their body threw or their transaction failed.
    public var rolledBack = 0
    /// Reads begun.
    public var reads = 0
}
