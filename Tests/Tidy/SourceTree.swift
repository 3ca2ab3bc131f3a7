import Base
import Foundation
import TestSupport

/// The package's files as texts by path, read from disk or made up by a test.
struct SourceTree {
    var files: [String: String]

    init(_ files: [String: String]) { self.files = files }

    /// Reads a folder, leaving out what is built, what belongs to version control, and what is not text.
    init(folder: String) throws {
        files = [:]
        try read(folder, below: "")
    }

    /// The package that this test belongs to.
    static func package() throws -> SourceTree { try reading.get() }

    private static let reading = Result { try SourceTree(folder: PackageFiles.root) }

    private mutating func read(_ root: String, below path: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path.isEmpty ? root : "\(root)/\(path)") {
            if [".build", ".git", ".bujeol", ".venv", ".swiftpm", ".DS_Store", "node_modules"].contains(name) { continue }
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(root)/\(inner)", isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                try read(root, below: inner)
            } else {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(inner)"))
                files[inner] = String(data: bytes, encoding: .utf8) ?? ""
            }
        }
    }

    /// Writes every file below `folder`.
    func write(to folder: String) throws {
        for (path, text) in files {
            let url = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    /// The Swift files below any of `folders`, by path.
    func swift(_ folders: String...) -> [SwiftFile] {
        files.filter { file in file.key.hasSuffix(".swift") && folders.contains { file.key.hasPrefix($0 + "/") } }
            .sorted { $0.key < $1.key }.map { SwiftFile(path: $0.key, text: $0.value) }
    }

    /// The names of the folders directly in `folder`.
    func folders(in folder: String) -> [String] {
        let names = files.keys.filter { $0.hasPrefix(folder + "/") }.map { $0.dropFirst(folder.count + 1).split(separator: "/") }
        return Set(names.filter { $0.count > 1 }.map { String($0[0]) }).sorted()
    }

    func hasFile(in folder: String) -> Bool { files.keys.contains { $0.hasPrefix(folder + "/") } }
}

/// A Swift file, taken apart when a rule asks for it.
struct SwiftFile {
    var path: String
    var text: String

    var codeLines: [(number: Int, text: Substring)] {
        if let known = SwiftFile.known.withLock({ $0[text] }) { return known }
        let lines = SwiftText(text).only([.code]).numberedLines
        SwiftFile.known.withLock { $0[text] = lines }
        return lines
    }

    /// Several rules ask for the same files, and taking a file apart is slow in an unoptimised build.
    private static let known = Locked<[String: [(number: Int, text: Substring)]]>([:])

    var commentLines: [(number: Int, text: Substring)] { SwiftText(text).only([.comment]).numberedLines }

    /// The imports, those inside `#if` included.
    var imports: [Import] { Import.all(in: text) }
}

/// A rule that a place breaks.
struct Finding: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var complaint: String

    init(_ path: String, _ line: Int = 1, _ complaint: String) {
        self.path = path
        self.line = line
        self.complaint = complaint
    }

    var description: String { "\(path):\(line): \(complaint)" }

    /// The same without the line, which changes with every edit.
    var text: String { "\(path): \(complaint)" }
}

/// A sentence about the tree, and what breaks it.
struct Rule: Sendable, CustomStringConvertible {
    var description: String
    var findings: @Sendable (SourceTree) -> [Finding]

    init(_ description: String, _ findings: @escaping @Sendable (SourceTree) -> [Finding]) {
        self.description = description
        self.findings = findings
    }
}

extension String {
    /// The lines, counted from 1.
    var numberedLines: [(number: Int, text: Substring)] {
        split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { (number: $0.offset + 1, text: $0.element) }
    }
}
