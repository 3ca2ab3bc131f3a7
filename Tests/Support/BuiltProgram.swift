import Foundation

/// The binary that `swift build` made beside these tests, or the one that the environment variable `BUJEOL_BINARY` names.
public let builtProgram: String = {
    if let path = ProcessInfo.processInfo.environment["BUJEOL_BINARY"] { return path }
    return PackageFiles.root + "/.build/debug/bujeol"
}()

/// Runs curl and returns the body that it prints; an empty text when nobody answers.
public func curl(_ arguments: String...) throws -> String {
    try Program.run("/usr/bin/env", ["curl", "-sS", "-m", "60"] + arguments).output
}
