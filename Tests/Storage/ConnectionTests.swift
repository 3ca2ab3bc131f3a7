import Base
import Foundation
import Testing

@testable import Storage

@Suite struct ConnectionTests {
    private func refusal(_ body: @escaping @Sendable (Connection) throws -> Void, reading: Bool = false) async throws -> StorageError? {
        let database = try await openNumbers(.memory)
        try await database.insert(1, "one")
        let error = await #expect(throws: StorageError.self) {
            if reading { try await database.read(body) } else { try await database.write(body) }
        }
        #expect(try await database.allNumbers() == [1])
        return error
    }

    @Test(
        "A body can neither end its transaction, nor reach another file, nor change a setting",
        arguments: [
            "COMMIT", "ROLLBACK", "BEGIN", "END", "SAVEPOINT x", "RELEASE writer", "ROLLBACK TO writer", "ATTACH ':memory:' AS x",
            "DETACH main",
            "PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA journal_mode=DELETE", "VACUUM", "VACUUM INTO '/tmp/never'",
        ])
    func forbidden(_ sql: String) async throws {
        let error = try await refusal { connection in
            try connection.execute("INSERT INTO numbers VALUES (2, NULL)")
            try connection.execute(sql)
        }
        #expect(error?.code == .invalidStatement)
    }

    @Test(
        "A read cannot write",
        arguments: ["DELETE FROM numbers", "CREATE TABLE x (y)", "UPDATE numbers SET word = '' RETURNING number", "COMMIT"])
    func readOnly(_ sql: String) async throws {
        let error = try await refusal({ _ = try $0.query(sql) }, reading: true)
        #expect(error?.code == .invalidStatement)
    }

    @Test("Too few and too many values, two statements and none are refused")
    func misuse() async throws {
        #expect(try await refusal { try $0.execute("DELETE FROM numbers WHERE number = ?") }?.code == .invalidStatement)
        #expect(try await refusal { try $0.execute("DELETE FROM numbers", 1) }?.code == .invalidStatement)
        #expect(try await refusal { try $0.execute("DELETE FROM numbers; DELETE FROM numbers") }?.code == .invalidStatement)
        #expect(try await refusal { try $0.execute(" -- nothing") }?.code == .invalidStatement)
        #expect(try await refusal { try $0.execute("DELETE FROM numbers\0") }?.code == .invalidStatement)
    }

    @Test("A write knows how many rows it touched and which row it made, and RETURNING gives rows")
    func changes() async throws {
        let database = try await openNumbers(.memory)
        let counts = try await database.write { connection in
            try connection.execute("INSERT INTO numbers VALUES (5, 'a'), (6, 'b'), (7, NULL)")
            let inserted = connection.changes
            let row = connection.lastInsertedRow
            let returned = try connection.query("UPDATE numbers SET word = ? WHERE number > ? RETURNING number", "c", 5)
            return [inserted, Int(row), returned.count, connection.changes]
        }
        #expect(counts == [3, 7, 2, 2])
    }

    @Test("A cached statement sees the columns that a later migration added")
    func newColumns() async throws {
        let database = try await openNumbers(.memory)
        try await database.insert(1, "one")
        #expect(try await database.read { try $0.query("SELECT * FROM numbers").first?.columns } == ["number", "word"])
        try await database.migrate(
            "numbers", numbers + [Migration(version: 2, statements: ["ALTER TABLE numbers ADD COLUMN more TEXT DEFAULT 'm'"])])
        let row = try await database.read { try $0.query("SELECT * FROM numbers").first }
        #expect(row?.columns == ["number", "word", "more"])
        #expect(row?.text("more") == "m")
    }

    @Test("More different statements than are cached still work, each with its own answer")
    func manyStatements() async throws {
        let database = try await openNumbers(.memory)
        let sums = try await database.read { connection in
            try (0..<700).map { try connection.query("SELECT \($0) + ? AS sum", 1).first?.integer("sum") }
        }
        #expect(sums == (1...700).map { Int64($0) })
    }

    @Test("An error text has the place and the cause, and never a stored value")
    func noValues() async throws {
        let error = try await refusal { try $0.execute("INSERT INTO numbers VALUES (?, ?)", 1, "canary-value") }
        #expect(error?.isDuplicate == true)
        #expect(error?.description.contains("numbers.number") == true)
        #expect(error.map { String(reflecting: $0) }?.contains("canary") == false)
    }

    @Test("A connection kept beyond its body stops the program when it is used")
    func kept() async {
        await #expect(processExitsWith: .failure) {
            final class Keeper: @unchecked Sendable { var connection: Connection? }
            let keeper = Keeper()
            let database = try await openNumbers(.memory)
            try await database.write { keeper.connection = $0 }
            _ = try keeper.connection?.query("SELECT 1")
        }
    }

    @Test("A database that nobody holds any more gives its file free without being closed")
    func released() async throws {
        let directory = try TemporaryDirectory()
        do {
            let database = try await openNumbers(.file(directory.file()))
            try await database.insert(1)
        }
        // The last job of the storage's thread may still be letting go of it.
        var error = openingError(directory.file())
        for _ in 0..<6000 where error != nil {
            try await Task.sleep(for: .milliseconds(10))
            error = openingError(directory.file())
        }
        #expect(error == nil)
        let again = try await openNumbers(.file(directory.file()))
        #expect(try await again.allNumbers() == [1])
        await again.close()
    }
}
