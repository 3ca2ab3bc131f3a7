import Foundation

/// The package's own files, found from where this file stands.
public enum PackageFiles {
    /// The package's folder, without a slash at the end.
    public static let root: String = {
        // Tests/Support/PackageFiles.swift stands three steps below it.
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    }()

    /// The bytes of a file, its path relative to the package's folder.
    public static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: root + "/" + path)))
    }
}

/// The inputs that a fuzz target starts from and the ones that once broke it, replayed by ordinary tests.
public enum FuzzCorpus {
    /// One input.
    public struct Input: Sendable, CustomStringConvertible {
        /// The file's name.
        public let name: String
        /// What is in it.
        public let bytes: [UInt8]

        /// The file's name.
        public var description: String { name }
    }

    /// The inputs in `Fuzz/Corpora/<name>`, by file name.
    public static func inputs(_ name: String) throws -> [Input] {
        let folder = "Fuzz/Corpora/\(name)"
        return try FileManager.default.contentsOfDirectory(atPath: "\(PackageFiles.root)/\(folder)").sorted().map { file in
            Input(name: file, bytes: try PackageFiles.bytes("\(folder)/\(file)"))
        }
    }
}
