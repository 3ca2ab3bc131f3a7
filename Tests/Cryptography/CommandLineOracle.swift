import Foundation
import TestSupport

/// Runs the commands that serve as independent oracles.
enum Oracle {
    struct Result: Sendable {
        var status: Int32
        var output: [UInt8]
        var errors: String
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs `command` with `input` on its standard input and returns what it answered.
    static func run(_ command: String, _ arguments: [String], input: [UInt8] = []) async throws -> Result {
        try await onThread { try runBlocking(command, arguments, input: input) }
    }

    private static func runBlocking(_ command: String, _ arguments: [String], input: [UInt8]) throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [command] + arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        let writer = stdin.fileHandleForWriting
        let thread = Thread {
            try? writer.write(contentsOf: Data(input))
            try? writer.close()
        }
        thread.start()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let errors = try stderr.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: Array(output), errors: String(decoding: errors, as: UTF8.self))
    }
}

/// Runs blocking code on a thread of its own, so that the few threads that all tests share stay free.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}

extension TemporaryDirectory {
    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }
}
