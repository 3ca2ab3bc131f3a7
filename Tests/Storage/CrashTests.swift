import Foundation
import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Each round is a process of its own that kills itself, by the signal nobody can catch, at a moment its writers do not know.
@Suite(.serialized) struct CrashTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Writes numbers from eight tasks and notes each, after its acknowledgement, in another file, until the end comes.
    private static func writeUntilKilled(_ file: String, _ acknowledgements: String, from first: Int64) async throws {
        let database = try await openNumbers(.file(file))
        let descriptor = open(acknowledgements, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        try await withThrowingTaskGroup { group in
            for lane in Int64(0)..<8 {
                group.addTask {
                    for step in Int64(0)... {
                        let number = first + lane + 8 * step
                        try await database.insert(number, String(repeating: "x", count: Int(number % 3000)))
                        let line = "\(number)\n"
                        #expect(write(descriptor, line, line.utf8.count) == line.utf8.count)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func die(afterMicroseconds delay: UInt32) {
        Thread.detachNewThread {
            usleep(delay)
            kill(getpid(), SIGKILL)
        }
    }

    /// What the dead process had seen acknowledged; a line that is not whole was not.
    private func acknowledged(_ path: String) throws -> [Int64] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropLast().compactMap { Int64($0) }
    }

    @Test("After kill -9 at 20 random moments nothing acknowledged is lost and the file opens")
    func killedWhileWriting() async throws {
        let file = directory.file()
        let notes = directory.file("acknowledged")
        var noted = 0
        for round in Int64(1)...20 {
            let delay = UInt32.random(in: 0..<25_000)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [file = file as String, notes = notes as String, round = round as Int64, delay = delay as UInt32] in
                // The clock starts at the first acknowledgement, so that most rounds die in the middle of a commit.
                Thread.detachNewThread {
                    let start = (try? Data(contentsOf: URL(fileURLWithPath: notes)).count) ?? 0
                    while ((try? Data(contentsOf: URL(fileURLWithPath: notes)).count) ?? 0) == start { usleep(200) }
                    usleep(delay)
                    kill(getpid(), SIGKILL)
                }
                try await Self.writeUntilKilled(file, notes, from: round * 1_000_000)
            }
            let database = try await openNumbers(.file(file))
            let stored = Set(try await database.allNumbers())
            let expected = try acknowledged(notes)
            #expect(expected.count > noted)
            #expect(expected.allSatisfy { stored.contains($0) })
            noted = expected.count
            await database.close()
        }
        #expect(
            try output(
                "python3", "-c", "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])",
                file) == "ok\n")
    }

    @Test("After kill -9 while the file is being made it opens all the same")
    func killedWhileOpening() async throws {
        for round in Int64(1)...10 {
            let file = directory.file("new-\(round).db")
            let notes = directory.file("acknowledged-\(round)")
            let delay = UInt32.random(in: 0..<8_000)
            await #expect(processExitsWith: .signal(SIGKILL)) { [file = file as String, notes = notes as String, delay = delay as UInt32] in
                Self.die(afterMicroseconds: delay)
                try await Self.writeUntilKilled(file, notes, from: 0)
            }
            let database = try await openNumbers(.file(file))
            let stored = Set(try await database.allNumbers())
            #expect(try acknowledged(notes).allSatisfy { stored.contains($0) })
            await database.close()
        }
    }

    @Test("When the disk refuses the commit of a group, none of the group is acknowledged or stored, and earlier rows are safe")
    func commitFails() async throws {
        let file = directory.file()
        await #expect(processExitsWith: .success) { [file = file as String] in
            signal(SIGXFSZ, SIG_IGN)
            let executor = HeldExecutor()
            let database = try Database(.file(file), executor: executor)
            try await database.migrate("numbers", numbers)
            try await database.insert(1)
            // From here on the log cannot grow by more than a page; the commit meets an error of the disk half-way.
            let length = try Data(contentsOf: URL(fileURLWithPath: file + "-wal")).count
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let unlimited = limit
            limit.rlim_cur = rlim_t(length + 5000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let word = String(repeating: "w", count: 500)
            var writes: [@Sendable () async throws -> Void] = (2...50).map { number in { try await database.insert(Int64(number), word) } }
            // This one refuses because of a row that the failed commit takes back: to hear its own error would be to hear of that row.
            writes.append { try await database.write { try $0.execute("INSERT INTO numbers VALUES (2, 'again')") } }
            let results = await together(database, executor, writes)
            for result in results { #expect(storageError(result)?.code == .inputOutput, "\(result)") }
            #expect(await database.statistics.commits == 1)
            #expect(try await database.allNumbers() == [1])
            limit = unlimited
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            try await database.insert(100)
            #expect(try await database.allNumbers() == [1, 100])
            await database.close()
        }
        let database = try await openNumbers(.file(file))
        #expect(try await database.allNumbers() == [1, 100])
        await database.close()
    }
}
