import Foundation
import Testing

@testable import Storage

@Suite struct DatabaseTests {
    let directory = try? TemporaryDirectory()

    @Test("What was written is read back, before and after a restart")
    func roundTrip() async throws {
        let file = try #require(directory).file()
        let database = try await openNumbers(.file(file))
        try await database.insert(1, "하나")
        try await database.insert(2)
        #expect(try await database.allNumbers() == [1, 2])
        await database.close()
        let again = try await openNumbers(.file(file))
        let rows = try await again.read { try $0.query("SELECT * FROM numbers ORDER BY number") }
        #expect(rows.map { $0.text("word") } == ["하나", nil])
        #expect(rows[0]["number"] == 1)
        await again.close()
    }

    @Test("Every kind of value comes back as it went in", arguments: [StorageLocation.memory])
    func values(_ location: StorageLocation) async throws {
        let database = try Database(location)
        try await database.migrate("values", [Migration(version: 1, statements: ["CREATE TABLE v (id INTEGER PRIMARY KEY, v ANY) STRICT"])])
        let values: [SQLValue] = [
            nil, 0, .integer(.max), .integer(.min), 1.5, "", "a\0b", "부절 🎋", .blob([]), .blob([0, 255, 0]),
            .blob(Array(repeating: 7, count: 100_000)),
        ]
        let result = try await database.write { connection in
            for (index, value) in values.enumerated() {
                try connection.execute("INSERT INTO v VALUES (?, ?)", .integer(Int64(index)), value)
            }
            return try connection.query("SELECT v FROM v ORDER BY id").map { $0["v"] }
        }
        #expect(result == values)
    }
}
