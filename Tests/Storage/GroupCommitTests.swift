import Base
import Foundation
import Testing

@testable import Storage

@Suite struct GroupCommitTests {
    let directory: TemporaryDirectory
    let executor = HeldExecutor()
    let database: Database

    init() async throws {
        directory = try TemporaryDirectory()
        database = try Database(.file(directory.file()), executor: executor)
        try await database.migrate("numbers", numbers)
    }

    private struct Refusal: Error, Equatable {}

    @Test("200 writers that wait together are committed by one commit, also by the log's own count")
    func oneCommit() async throws {
        let before = try commitsInLog(directory.file("state.db-wal"))
        let database = database
        let results = await together(database, executor, (1...200).map { number in { try await database.insert(Int64(number)) } })
        #expect(results.allSatisfy { storageError($0) == nil })
        #expect(await database.statistics.commits == 1)
        #expect(await database.statistics.writes == 200)
        #expect(try commitsInLog(directory.file("state.db-wal")) - before == 1)
        #expect(try await database.allNumbers() == Array(1...200))
    }

    @Test(
        "200 concurrent writers on the thread of the storage need far fewer commits, wherever they are isolated", arguments: [true, false])
    func ownThread(_ isIsolated: Bool) async throws {
        let database = try await openNumbers(.file(directory.file("own.db")))
        try await withThrowingTaskGroup { group in
            for number in Int64(1)...200 {
                group.addTask { try await isIsolated ? database.insertIsolated(number) : database.insert(number) }
            }
            try await group.waitForAll()
        }
        #expect(await database.statistics.writes == 200)
        #expect(await database.statistics.commits < 100)
        #expect(try await database.allNumbers().count == 200)
        await database.close()
    }

    @Test("600 waiting writers take two commits, as a group has a largest size")
    func largestGroup() async throws {
        let database = database
        _ = await together(database, executor, (1...600).map { number in { try await database.insert(Int64(number)) } })
        #expect(await database.statistics.commits == 2)
        #expect(try await database.allNumbers().count == 600)
    }

    @Test("Bodies run in the order of their calls")
    func order() async throws {
        let database = database
        let seen = Locked<[Int]>([])
        _ = await together(
            database, executor, (1...50).map { number in { try await database.write { _ in seen.withLock { $0.append(number) } } } })
        #expect(seen.withLock { $0 } == Array(1...50))
    }

    @Test("A body that throws is undone alone")
    func oneFails() async throws {
        let database = database
        let results = await together(
            database, executor,
            [
                { try await database.insert(1) },
                {
                    try await database.write { connection in
                        try connection.execute("INSERT INTO numbers VALUES (2, NULL)")
                        try connection.execute("DELETE FROM numbers WHERE number = 1")
                        throw Refusal()
                    }
                },
                { try await database.insert(1) },
                { try await database.insert(3) },
            ])
        #expect(try await database.allNumbers() == [1, 3])
        #expect(throws: Refusal()) { try results[1].get() }
        #expect(storageError(results[2])?.code == .constraint)
        #expect(storageError(results[2])?.isDuplicate == true)
        #expect(await database.statistics == DatabaseStatistics(commits: 1, writes: 2, rolledBack: 2, reads: 1))
    }

    @Test("When SQLite gives up the transaction, those before are told, and those after are still stored")
    func transactionLost() async throws {
        let database = database
        try await database.insert(9)
        let results = await together(
            database, executor,
            [
                { try await database.insert(1) },
                {
                    try await database.write { connection in
                        // The body overlooks the error on purpose; what it does afterwards must not be kept either.
                        try? connection.execute("INSERT OR ROLLBACK INTO numbers VALUES (9, NULL)")
                        try? connection.execute("INSERT INTO numbers VALUES (2, NULL)")
                    }
                },
                { try await database.insert(3) },
            ])
        #expect(storageError(results[0])?.code == .constraint)
        #expect(storageError(results[1])?.code == .constraint)
        #expect(storageError(results[2]) == nil)
        #expect(try await database.allNumbers() == [3, 9])
    }

    @Test("A broken deferred foreign key fails its own writer and not the commit of all")
    func deferredForeignKey() async throws {
        let database = database
        try await database.migrate(
            "children",
            [
                Migration(
                    version: 1,
                    statements: [
                        "CREATE TABLE child (parent INTEGER REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED) STRICT"
                    ])
            ])
        let results = await together(
            database, executor,
            [
                { try await database.insert(1) },
                { try await database.write { try $0.execute("INSERT INTO child VALUES (7)") } },
                {
                    try await database.write {
                        try $0.execute("INSERT INTO child VALUES (8)"); try $0.execute("INSERT INTO numbers VALUES (8, '')")
                    }
                },
            ])
        #expect(results.map { storageError($0)?.code } == [nil, .constraint, nil])
        #expect(try await database.allNumbers() == [1, 8])
        #expect(try await database.read { try $0.query("SELECT parent FROM child").map { $0["parent"] } } == [8])
    }

    @Test("A writer that is cancelled while it waits is stored and acknowledged, and its neighbours too")
    func cancellation() async throws {
        let database = database
        executor.hold()
        let tasks = (1...3).map { number in Task { try await database.insert(Int64(number)) } }
        while database.waitingCount < 3 { await Task.yield() }
        tasks[0].cancel()
        tasks[1].cancel()
        executor.letGo()
        for task in tasks { try await task.value }
        #expect(try await database.allNumbers() == [1, 2, 3])
    }

    @Test("A full disk fails the writer that met it, keeps what was acknowledged, and passes when there is room again")
    func fullDatabase() async throws {
        let database = database
        try await database.insert(1)
        try await database.limitPages(4)
        let results = await together(
            database, executor,
            (2...9).map { number in { try await database.insert(Int64(number), String(repeating: "가", count: 20_000)) } })
        #expect(results.allSatisfy { storageError($0)?.code == .diskFull })
        #expect(storageError(results[0])?.description.contains(directory.file()) == true)
        #expect(try await database.allNumbers() == [1])
        try await database.limitPages(10_000)
        try await database.insert(10)
        await database.close()
        #expect(
            try output(
                "python3", "-c",
                "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT group_concat(number) FROM numbers').fetchone()[0])",
                directory.file()) == "1,10\n")
    }

    @Test("Closing commits what waits, and whoever comes later is told")
    func closing() async throws {
        let database = database
        executor.hold()
        let count = executor.count
        let closing = Task { await database.close() }
        while executor.count == count { await Task.yield() }
        let writes = (1...3).map { number in Task { try await database.insert(Int64(number)) } }
        while database.waitingCount < 3 { await Task.yield() }
        executor.letGo()
        for write in writes { try await write.value }
        await closing.value
        await #expect(throws: StorageError.closed(file: nil)) { try await database.insert(4) }
        await #expect(throws: StorageError.closed(file: nil)) { try await database.allNumbers() }
        await #expect(throws: StorageError.closed(file: nil)) { try await database.migrate("numbers", numbers) }
        await database.close()
        let again = try await openNumbers(.file(directory.file()))
        #expect(try await again.allNumbers() == [1, 2, 3])
        await again.close()
    }
}
