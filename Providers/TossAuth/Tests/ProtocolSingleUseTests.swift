import Foundation
import TestSupport
import Testing

/// That a session is used once is a promise of the compiler's; so the compiler is asked.
@Suite("Toss Auth: a session's single use")
struct ProtocolSingleUseTests {
    /// Where this build's modules are: beside the program that runs the tests.
    private static let modules = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent().path + "/Modules"
    private static let hasModules = FileManager.default.fileExists(atPath: modules + "/TossAuth.swiftmodule")

    private func complaints(_ lines: String) throws -> String {
        let directory = try TemporaryDirectory()
        let source = directory.file("use.swift")
        let text = "import Base\nimport TossAuth\nfunc use(_ claim: IdentityClaim, _ json: JSON) throws {\n\(lines)\n}\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: source))
        let libraries = ["COpenSSL", "CEvent", "CSQLite"].flatMap { ["-I", "\(PackageFiles.root)/Sources/C/\($0)"] }
        // What is used up is looked at in the intermediate language; reading the types alone would not find it.
        let (code, _, errors) = try Program.run(
            "/usr/bin/env",
            ["swiftc", "-swift-version", "6", "-parse-as-library", "-emit-sil", "-o", directory.file("sil")]
                + ["-I", ProtocolSingleUseTests.modules] + libraries + [source])
        #expect((code == 0) == errors.isEmpty, "\(errors)")
        return errors
    }

    @Test("A session that is used once compiles", .enabled(if: hasModules))
    func once() throws {
        let errors = try complaints(
            """
            _ = try RequestSession(for: .sandbox, random: SystemRandom()).seal(claim)
            let session = try ResultSession(for: .sandbox, random: SystemRandom())
            let kept = session.kept()
            _ = try session.open(json)
            _ = try KeptResultSession(kept).open(json)
            """)
        #expect(errors.isEmpty, "\(errors)")
    }

    @Test(
        "A second claim, a second answer, and a copy of a session do not compile", .enabled(if: hasModules),
        arguments: [
            "let session = try RequestSession(for: .sandbox, random: SystemRandom())\n_ = try session.seal(claim)\n_ = try session.seal(claim)",
            "let session = try ResultSession(for: .sandbox, random: SystemRandom())\n_ = try session.open(json)\n_ = try session.open(json)",
            "let session = try ResultSession(for: .sandbox, random: SystemRandom())\nlet other = session\n_ = try session.open(json)\n_ = try other.open(json)",
            "let session = try ResultSession(for: .sandbox, random: SystemRandom())\n_ = try session.open(json)\n_ = session.kept()",
        ])
    func twice(_ lines: String) throws {
        let errors = try complaints(lines)
        #expect(errors.contains("consumed more than once") || errors.contains("used after consume"), "\(errors)")
    }
}
