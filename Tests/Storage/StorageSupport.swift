import Base
import Foundation
import Testing

@testable import Storage

/// A directory that goes away with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the directory.
    func file(_ name: String = "state.db") -> String { path + "/" + name }

    /// Every file's bytes, to see that nothing was changed, added or removed.
    func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            contents[name] = try Data(contentsOf: URL(fileURLWithPath: file(name)))
        }
        return contents
    }
}

/// One table, as most tests need.
let numbers = [Migration(version: 1, statements: ["CREATE TABLE numbers (number INTEGER PRIMARY KEY, word TEXT) STRICT"])]

/// Opens a database with the table of numbers.
func openNumbers(_ location: StorageLocation) async throws -> Database {
    let database = try Database(location)
    try await database.migrate("numbers", numbers)
    return database
}

extension Database {
    /// Writes one number and waits for the acknowledgement.
    nonisolated func insert(_ number: Int64, _ word: String? = nil) async throws {
        try await write { try $0.execute("INSERT INTO numbers VALUES (?, ?)", .integer(number), .optional(word)) }
    }

    /// The same from the database's own isolation.
    func insertIsolated(_ number: Int64) async throws { try await insert(number) }

    /// All numbers in ascending order.
    func allNumbers() async throws -> [Int64] {
        try await read { try $0.query("SELECT number FROM numbers ORDER BY number").compactMap { $0.integer("number") } }
    }
}

/// The error of opening a file, which must fail.
func openingError(_ path: String) -> StorageError? {
    do throws(StorageError) {
        _ = try Database(.file(path))
        return nil
    } catch {
        return error
    }
}

/// What a command prints, to have somebody else's opinion.
func output(_ command: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
}

/// An executor that a test can hold up, so that it decides which writers wait together.
final class HeldExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "held")
    private let counter = Locked(0)

    /// How many jobs have ever come.
    var count: Int { counter.withLock { $0 } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // First of all: the job may be the last that keeps this executor alive.
        counter.withLock { $0 += 1 }
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func hold() { queue.suspend() }

    func letGo() { queue.resume() }
}

/// Starts all `writes`, one write each, while nothing can run, in order, then lets them run together; their results come in the same order.
func together(
    _ database: Database, _ executor: HeldExecutor, _ writes: [@Sendable () async throws -> Void]
) async -> [Result<Void, any Error>] {
    executor.hold()
    var tasks: [Task<Void, any Error>] = []
    for write in writes {
        tasks.append(Task { try await write() })
        while database.waitingCount < tasks.count { await Task.yield() }
    }
    executor.letGo()
    var results: [Result<Void, any Error>] = []
    for task in tasks { results.append(await task.result) }
    return results
}

/// The storage error in a result, if there is one.
func storageError<Value>(_ result: Result<Value, any Error>) -> StorageError? {
    if case .failure(let error) = result { error as? StorageError } else { nil }
}

/// How many commits a write-ahead log holds, counted from its bytes (sqlite.org/fileformat2.html#walformat).
func commitsInLog(_ path: String) throws -> Int {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    func number(_ offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    let pageSize = Int(number(8))
    let salt = bytes[16..<24]
    return stride(from: 32, to: bytes.count, by: 24 + pageSize).count { frame in
        Array(bytes[frame + 8..<frame + 16]) == Array(salt) && number(frame + 4) != 0
    }
}
