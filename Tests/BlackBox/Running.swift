import Foundation
import Testing
import TestSupport

/// The binary that `swift build` made beside these tests.
let bujeol: String = {
    if let path = ProcessInfo.processInfo.environment["BUJEOL_BINARY"] { return path }
    return PackageFiles.root + "/.build/debug/bujeol"
}()

/// `bujeol up` on free ports, with a data directory of its own.
struct Up {
    let program: Program
    let sandbox: String
    let gateway: String

    init(data: String, language: String = "en", configuration: String? = nil) throws {
        program = try Program(
            bujeol,
            ["up", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--gateway-port", "0", "--data", data, "--language", language]
                + (configuration.map { ["--config", $0] } ?? []))
        sandbox = try #require(program.waitFor("sandbox\\s+(http://\\S+)"), "\(program.standardError)")
        gateway = try #require(program.waitFor("gateway\\s+(http://\\S+)"))
    }

    func end() -> Int32 {
        program.signal(SIGTERM)
        return program.wait()
    }
}

func curl(_ arguments: String...) throws -> String {
    try Program.run("/usr/bin/env", ["curl", "-sS", "-m", "20"] + arguments).output
}

let receipt = "612df0250d681b001de61de6"
