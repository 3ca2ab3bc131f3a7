import Foundation
import Testing
import TestSupport

/// The binary that `swift build` made beside these tests.
let bujeol = builtProgram

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

/// The arguments of a running program, as other users of the machine see them.
func arguments(of program: Program) throws -> String {
    #if os(Linux)
        // Not ps, which a small machine may lack.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(program.identifier)/cmdline"))
        return String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
    #else
        return try Program.run("/bin/ps", ["-ww", "-o", "args=", "-p", String(program.identifier)]).output
    #endif
}

/// Asks `url` until nobody listens there any more; false when somebody still does after a minute.
func isLeft(_ url: String) throws -> Bool {
    let limit = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < limit {
        if try Program.run("/usr/bin/env", ["curl", "-sS", "-m", "5", url]).code == 7 { return true }
    }
    return false
}

let receipt = "612df0250d681b001de61de6"
