import Base
import Foundation
import Testing

@testable import Storage

@Suite struct MigrationTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let first = Migration(version: 1, statements: ["CREATE TABLE a (x INTEGER) STRICT"])
    private static let second = Migration(
        version: 2, statements: ["ALTER TABLE a ADD COLUMN y TEXT", "UPDATE a SET y = 'old ' || x", "CREATE INDEX a_y ON a (y)"])

    /// Opens, migrates and closes; gives the error, if any.
    private func migrate(_ migrations: [Migration], owner: String = "a") async throws -> StorageError? {
        let database = try Database(.file(directory.file()))
        do throws(StorageError) {
            try await database.migrate(owner, migrations)
        } catch {
            await database.close()
            return error
        }
        await database.close()
        return nil
    }

    @Test("A new file gets every step, an old one only those it lacks, and its rows survive")
    func upgrade() async throws {
        #expect(try await migrate([Self.first]) == nil)
        let database = try Database(.file(directory.file()))
        try await database.write { try $0.execute("INSERT INTO a VALUES (7)") }
        try await database.migrate("a", [Self.first, Self.second])
        #expect(try await database.read { try $0.query("SELECT y FROM a").map { $0.text("y") } } == ["old 7"])
        try await database.migrate("a", [Self.first, Self.second])
        await database.close()
    }

    @Test("Owners have versions of their own")
    func owners() async throws {
        #expect(try await migrate([Self.first, Self.second]) == nil)
        #expect(try await migrate([Migration(version: 1, statements: ["CREATE TABLE b (x)"])], owner: "b") == nil)
        #expect(try await migrate([Self.first, Self.second]) == nil)
    }

    @Test("A file that a newer program has migrated, or whose steps read differently now, is refused and not changed")
    func refusals() async throws {
        #expect(try await migrate([Self.first, Self.second]) == nil)
        let before = try directory.contents()
        let edited = Migration(version: 1, statements: ["CREATE TABLE a (x INTEGER, z TEXT) STRICT"])
        let third = Migration(version: 3, statements: ["CREATE TABLE c (x)"])
        let newer = try await migrate([Self.first])
        #expect(newer?.code == .newerVersion)
        #expect(newer?.description.contains(directory.file()) == true)
        #expect(newer?.text.korean.contains(directory.file()) == true)
        #expect(try await migrate([])?.code == .newerVersion)
        #expect(try await migrate([edited, Self.second])?.code == .changedMigration)
        #expect(try await migrate([Self.second, third])?.code == .changedMigration)
        #expect(try await migrate([Self.second, Self.first])?.code == .invalidStatement)
        #expect(try await migrate([Migration(version: 0, statements: [])])?.code == .invalidStatement)
        #expect(try directory.contents() == before)
    }

    @Test(
        "A step that fails leaves nothing of itself or of the steps before it",
        arguments: [
            "CREATE TABLE a (again INTEGER)", "nonsense", "COMMIT", "SAVEPOINT s", "PRAGMA synchronous=OFF", "ATTACH 'x.db' AS x",
            "CREATE TABLE b (x); CREATE TABLE c (x)", "", "INSERT INTO a VALUES (?)",
        ])
    func failure(_ statement: String) async throws {
        let error = try await migrate([Self.first, Migration(version: 2, statements: ["CREATE TABLE d (x)", statement])])
        #expect(error?.code == .invalidStatement)
        let database = try Database(.file(directory.file()))
        #expect(try await database.read { try $0.query("SELECT name FROM sqlite_schema") }.isEmpty)
        try await database.migrate("a", [Self.first, Self.second])
        await database.close()
    }
}
