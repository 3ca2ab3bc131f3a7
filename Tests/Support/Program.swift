import Foundation

/// A program that a test starts, reads, signals and waits for.
public final class Program: @unchecked Sendable {
    // Sendable because `process` is started in `init` and `output` is guarded by `condition`.
    private let process = Foundation.Process()
    private let condition = NSCondition()
    // Bytes: a piece may end in the middle of a character.
    private var output = Data()
    private var errors = Data()
    private var openPipes = 2

    /// Starts `path`; what it prints is collected.
    public init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let out = Pipe()
        let err = Pipe()
        process.standardOutput = out
        process.standardError = err
        process.standardInput = FileHandle.nullDevice
        out.fileHandleForReading.readabilityHandler = { [weak self] handle in self?.collect(handle, isError: false) }
        err.fileHandleForReading.readabilityHandler = { [weak self] handle in self?.collect(handle, isError: true) }
        try process.run()
    }

    private func collect(_ handle: FileHandle, isError: Bool) {
        let data = handle.availableData
        if data.isEmpty { handle.readabilityHandler = nil }
        condition.lock()
        if data.isEmpty { openPipes -= 1 }
        if isError { errors += data } else { output += data }
        condition.broadcast()
        condition.unlock()
    }

    /// What it has printed on standard output.
    public var standardOutput: String {
        condition.lock()
        defer { condition.unlock() }
        return String(decoding: output, as: UTF8.self)
    }

    /// What it has printed on standard error.
    public var standardError: String {
        condition.lock()
        defer { condition.unlock() }
        return String(decoding: errors, as: UTF8.self)
    }

    /// Waits until standard output matches `pattern`, and returns the first group; nothing after `seconds`.
    public func waitFor(_ pattern: String, seconds: Double = 20) -> String? {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let match = firstGroup(pattern, in: String(decoding: output, as: UTF8.self)) { return match }
            if !condition.wait(until: limit) { return nil }
        }
    }

    /// Sends a signal.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The process's number.
    public var identifier: Int32 { process.processIdentifier }

    /// Waits for its end and returns its exit code; after `seconds` it is killed.
    @discardableResult
    public func wait(seconds: Double = 60) -> Int32 {
        let limit = Date(timeIntervalSinceNow: seconds)
        while process.isRunning, Date() < limit { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        // The last output may still be on its way through the pipes; a child of the program's own may hold them open for longer.
        let end = Date(timeIntervalSinceNow: 2)
        condition.lock()
        while openPipes > 0, condition.wait(until: end) {}
        condition.unlock()
        return process.terminationStatus
    }

    deinit { if process.isRunning { process.terminate() } }

    /// Runs a program to its end.
    public static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        let program = try Program(path, arguments, environment: environment)
        let code = program.wait()
        return (code, program.standardOutput, program.standardError)
    }
}

private func firstGroup(_ pattern: String, in text: String) -> String? {
    guard let expression = try? NSRegularExpression(pattern: pattern),
        let match = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)),
        let range = Range(match.range(at: match.numberOfRanges > 1 ? 1 : 0), in: text)
    else { return nil }
    return String(text[range])
}
