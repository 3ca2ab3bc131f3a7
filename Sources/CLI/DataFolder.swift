import Base
import SandboxKit
import Transport

/// One provider's folder in the data directory, made when the first file is written into it.
struct DataFolder: HandoutFiles {
    private let directory: String

    init(_ directory: String) { self.directory = directory }

    func write(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
        try Process.makePrivateDirectory(directory)
        try Process.writePrivateFile(path(name), bytes)
    }

    func read(_ name: String) throws(SystemError) -> [UInt8]? {
        guard Process.exists(path(name)) else { return nil }
        return try Process.readFile(path(name)).bytes
    }

    func path(_ name: String) -> String { directory + "/" + name }
}
