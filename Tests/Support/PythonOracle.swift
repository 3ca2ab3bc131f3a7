import Foundation

/// Asks Python's standard library the same question, as a second opinion that shares no code with ours.
public enum PythonOracle {
    /// Python could not be run or gave up.
    public struct Failure: Error, CustomStringConvertible {
        /// What it wrote to standard error.
        public let description: String
    }

    /// Runs `script` with `input` on its standard input and returns what it wrote, line by line without the line ends.
    public static func lines(_ script: String, input: [UInt8]) throws -> [String] {
        let directory = try TemporaryDirectory()
        let (source, output, complaint) = (directory.file("input"), directory.file("output"), directory.file("complaint"))
        try Data(input).write(to: URL(fileURLWithPath: source))
        for path in [output, complaint] { try Data().write(to: URL(fileURLWithPath: path)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-X", "utf8", "-c", script]
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: complaint))
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: String(decoding: try Data(contentsOf: URL(fileURLWithPath: complaint)), as: UTF8.self))
        }
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Runs `script` with one line of input for each element.
    public static func lines(_ script: String, input: [String]) throws -> [String] {
        try lines(script, input: Array(input.map { $0 + "\n" }.joined().utf8))
    }
}
