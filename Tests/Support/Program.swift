import Foundation

/// A program that a test starts, reads, signals and waits for.
///
/// It writes into files and not into pipes: when it has ended, all that it printed is there to be read, whoever else may hold the other end of its output.
public final class Program: @unchecked Sendable {
    // Sendable because `process` is started in `init` and the rest is immutable.
    private let process = Foundation.Process()
    private let directory: TemporaryDirectory
    private let input = Pipe()

    /// Starts `path`; what it prints is collected. With `holdsInput` its standard input stays open, without a word, for as long as this process lives: so it can end when the test does, however
    /// that ends. Otherwise there is none.
    public init(_ path: String, _ arguments: [String], environment: [String: String] = [:], holdsInput: Bool = false) throws {
        directory = try TemporaryDirectory()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors) = (try Self.handle(directory.file("output")), try Self.handle(directory.file("errors")))
        defer { for handle in [output, errors] { try? handle.close() } }
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = holdsInput ? input : FileHandle.nullDevice
        try process.run()
    }

    private static func handle(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    private func text(_ name: String) -> String {
        String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: directory.file(name)))) ?? Data(), as: UTF8.self)
    }

    /// What it has printed on standard output.
    public var standardOutput: String { text("output") }

    /// What it has printed on standard error.
    public var standardError: String { text("errors") }

    /// Waits until the whole lines on standard output match `pattern`, and returns the first group; nothing when it ends before, or after `seconds`.
    public func waitFor(_ pattern: String, seconds: Double = 60) -> String? {
        // Not `Date`: a machine that has just started may set its clock.
        let limit = ContinuousClock.now + .seconds(seconds)
        while true {
            // Asked before the last look: what it printed at its very end counts.
            let isLast = !process.isRunning || ContinuousClock.now > limit
            let output = standardOutput
            // A line that is still being written would match with half of a port.
            let lines = isLast ? output : output[..<(output.lastIndex(of: "\n") ?? output.startIndex)] + "\n"
            if let match = firstGroup(pattern, in: lines) { return match }
            if isLast { return nil }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    /// Sends a signal.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The process's number.
    public var identifier: Int32 { process.processIdentifier }

    /// Waits for its end and returns its exit code; after `seconds` it is killed.
    @discardableResult
    public func wait(seconds: Double = 120) -> Int32 {
        let limit = ContinuousClock.now + .seconds(seconds)
        while process.isRunning, ContinuousClock.now < limit { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return process.terminationStatus
    }

    // The child inherits the blocked signals of the thread that started it, so that a polite request might not end it.
    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

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
