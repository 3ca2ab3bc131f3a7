import Base
import Foundation
import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FileRefusalTests {
    let directory: TemporaryDirectory
    let file: String

    init() throws {
        directory = try TemporaryDirectory()
        file = directory.file()
    }

    /// Makes a database of ours with a few hundred pages, closed.
    private func makeDatabase() async throws {
        let database = try await openNumbers(.file(file))
        try await database.write { connection in
            for number in Int64(1)...300 {
                try connection.execute("INSERT INTO numbers VALUES (?, ?)", .integer(number), .text(String(repeating: "가", count: 1000)))
            }
        }
        await database.close()
        #expect(try directory.contents().keys.sorted() == ["state.db"])
    }

    private func overwrite(at offset: Int, with bytes: [UInt8]) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: file))
        data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        try data.write(to: URL(fileURLWithPath: file))
    }

    /// Opening must fail with the code, name the file in both languages, and change nothing in the directory.
    private func expectRefusal(_ code: StorageError.Code, _ path: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let path = path ?? file
        let before = try directory.contents()
        let error = openingError(path)
        #expect(error?.code == code, "\(error?.description ?? "no error")", sourceLocation: sourceLocation)
        #expect(error?.file == path, sourceLocation: sourceLocation)
        #expect(error?.text.english.contains(path) == true, sourceLocation: sourceLocation)
        #expect(error?.text.korean.contains(path) == true, sourceLocation: sourceLocation)
        #expect(error?.remedy.korean.isEmpty == false, sourceLocation: sourceLocation)
        #expect(try directory.contents() == before, "something was changed", sourceLocation: sourceLocation)
    }

    @Test("A new file belongs to its owner only, says whose it is, and is readable by SQLite elsewhere")
    func fresh() async throws {
        let database = try await openNumbers(.file(file))
        try await database.insert(1, "부절")
        for name in ["state.db", "state.db-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        #expect(try await database.setting("synchronous") == 2)
        #expect(try await database.setting("foreign_keys") == 1)
        #expect(try await database.setting("journal_mode") == "wal")
        await database.close()
        let script = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            print(c.execute('PRAGMA application_id').fetchone()[0], c.execute('PRAGMA integrity_check').fetchone()[0], *c.execute('SELECT * FROM numbers').fetchone())
            """
        #expect(try output("python3", "-c", script, file) == "\(applicationIdentifier) ok 1 부절\n")
    }

    @Test("A file that is no database is refused", arguments: [1, 15, 16, 99, 100, 5000])
    func garbage(_ size: Int) throws {
        try Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(to: URL(fileURLWithPath: file))
        try expectRefusal(.notADatabase)
    }

    @Test("A database of another program is refused, also while its log is not merged")
    func foreign() throws {
        let script = """
            import sqlite3, sys, os
            c = sqlite3.connect(sys.argv[1], isolation_level=None)
            c.execute('PRAGMA journal_mode=WAL'); c.execute('CREATE TABLE theirs (x)'); c.execute('PRAGMA wal_checkpoint')
            c.execute('INSERT INTO theirs VALUES (1)')
            os._exit(0)
            """
        _ = try output("python3", "-c", script, file)
        #expect(try directory.contents().keys.contains("state.db-wal"))
        try expectRefusal(.foreignSchema)
    }

    @Test("A damaged header is refused", arguments: [0, 5, 16, 18, 68])
    func header(_ offset: Int) async throws {
        try await makeDatabase()
        try overwrite(at: offset, with: [0xEE, 0xEE])
        try expectRefusal(offset < 16 ? .notADatabase : offset == 68 ? .foreignSchema : .corrupt)
    }

    @Test("A truncated file is refused", arguments: [50, 100, 4096, 8192, 100_001])
    func truncated(_ size: Int) async throws {
        try await makeDatabase()
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        try data.prefix(size).write(to: URL(fileURLWithPath: file))
        try expectRefusal(size < 100 ? .notADatabase : .corrupt)
    }

    @Test("A damaged page in the middle is refused when the file is opened")
    func damagedPage() async throws {
        try await makeDatabase()
        try overwrite(at: 4096 * 20, with: Array(repeating: 0xAA, count: 4096))
        try expectRefusal(.corrupt)
    }

    @Test("A damaged file whose log is not merged is refused, and both stay as they are")
    func damagedWithLog() async throws {
        try await makeDatabase()
        let database = try await openNumbers(.file(file))
        try await database.insert(1000)
        let contents = try directory.contents()
        await database.close()
        for (name, bytes) in contents { try bytes.write(to: URL(fileURLWithPath: directory.file(name))) }
        #expect(try directory.contents()["state.db-wal"]?.isEmpty == false)
        try overwrite(at: 4096 * 20, with: Array(repeating: 0xAA, count: 4096))
        try expectRefusal(.corrupt)
    }

    @Test("A log whose file is missing or empty is not thrown away", arguments: [true, false])
    func lostFile(_ isMissing: Bool) throws {
        try Data(repeating: 1, count: 5000).write(to: URL(fileURLWithPath: file + "-wal"))
        if !isMissing { try Data().write(to: URL(fileURLWithPath: file)) }
        try expectRefusal(.corrupt)
    }

    @Test("A missing directory, a directory in place of the file, a file in place of the directory and a device are refused")
    func wrongPlaces() throws {
        try expectRefusal(.cannotOpen, directory.file("missing/state.db"))
        try expectRefusal(.cannotOpen, directory.path)
        #expect(openingError("/dev/null")?.code == .cannotOpen)
        #expect(openingError("")?.code == .cannotOpen)
        try Data([1]).write(to: URL(fileURLWithPath: directory.file("plain")))
        try expectRefusal(.cannotOpen, directory.file("plain/state.db"))
    }

    @Test("An empty file is a new one, and names with a meaning for SQLite are only names")
    func names() async throws {
        try Data().write(to: URL(fileURLWithPath: file))
        let database = try await openNumbers(.file(file))
        try await database.insert(1)
        await database.close()
        let odd = directory.file("file:x?mode=memory 부절")
        let other = try await openNumbers(.file(odd))
        await other.close()
        #expect(FileManager.default.fileExists(atPath: odd))
    }

    @Test("A file that is open is refused to a second database of the same process, and free after closing")
    func twiceInOneProcess() async throws {
        let database = try await openNumbers(.file(file))
        try await database.insert(1)
        #expect(openingError(file)?.code == .inUse)
        #expect(openingError(directory.path + "/./state.db")?.code == .inUse)
        // The refusal must not have cost the first one its lock.
        #expect(try lockSeenByPython() == "locked\n")
        await database.close()
        #expect(try lockSeenByPython() == "free\n")
        #expect(openingError(file) == nil)
    }

    private func lockSeenByPython() throws -> String {
        let script = """
            import sqlite3, sys
            try:
                sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT count(*) FROM numbers').fetchone(); print('free')
            except sqlite3.OperationalError as e:
                print('locked' if 'locked' in str(e) else e)
            """
        return try output("python3", "-c", script, file)
    }

    @Test("A file that another process has open is refused")
    func otherProcess() async throws {
        try await makeDatabase()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM numbers').fetchone(); print(1, flush=True); sys.stdin.read()",
            file,
        ]
        let input = Pipe()
        let answer = Pipe()
        process.standardInput = input
        process.standardOutput = answer
        try process.run()
        #expect(answer.fileHandleForReading.availableData.count > 0)
        let error = openingError(file)
        #expect(error?.code == .inUse)
        #expect(error?.description.contains(file) == true)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(openingError(file) == nil)
    }

    #if os(Linux)
        /// The error of opening as somebody whom permissions bind, which they do not for root.
        private func openingErrorAsOrdinaryUser(_ path: String) -> StorageError? {
            // The identity for file access belongs to the thread, and opening happens on the caller's.
            guard geteuid() == 0 else { return openingError(path) }
            // Glibc's Swift module leaves <sys/fsuid.h> out.
            guard let symbol = dlsym(nil, "setfsuid") else { return nil }
            let setFileSystemUser = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> Int32).self)
            _ = setFileSystemUser(65534)
            defer { _ = setFileSystemUser(0) }
            return openingError(path)
        }

        @Test("A file or a directory that may not be written is refused")
        func permissions() async throws {
            try await makeDatabase()
            chmod(directory.path, 0o777)
            chmod(file, 0o444)
            let before = try directory.contents()
            let error = openingErrorAsOrdinaryUser(file)
            #expect(error?.code == .readOnly)
            #expect(error?.text.english.contains(file) == true)
            chmod(file, 0o666)
            chmod(directory.path, 0o555)
            #expect(openingErrorAsOrdinaryUser(file)?.code == .readOnly)
            #expect(openingErrorAsOrdinaryUser(directory.file("new.db"))?.code == .readOnly)
            #expect(try directory.contents() == before)
            chmod(directory.path, 0o777)
            #expect(openingErrorAsOrdinaryUser(file) == nil)
        }
    #endif
}
