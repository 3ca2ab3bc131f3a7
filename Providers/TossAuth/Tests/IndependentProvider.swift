import Base
import Foundation
import TestSupport
import Testing

/// The Toss Auth of `Conformance/peers/provider.py`, which shares no code with this package: it is called over TLS, and steered over a port of its own.
final class IndependentProvider: Sendable {
    /// Where the provider's calls are: `https://127.0.0.1:…/toss-auth`.
    let base: String
    /// PEM files: the public key of the sessions, the authority of the signatures, the certificate of the server.
    let publicKey: String
    let authority: String
    let trust: String
    private let wheel: String
    private let program: Program
    private let directory: TemporaryDirectory

    /// A pair of RSA-4096 takes openssl up to seconds, so one is made for all tests.
    private static let serviceKey = Result {
        let directory = try TemporaryDirectory()
        let file = directory.file("service.key")
        let made = try Program.run("/usr/bin/env", ["openssl", "genrsa", "-out", file, "4096"])
        try #require(made.code == 0, "\(made.errors)")
        return (directory, file)
    }

    /// Starts it, with a partner of its own unless told.
    init(clientID: String = "independent-partner", clientSecret: String = "independent-partner-secret", tokenSeconds: Int = 3600) throws {
        directory = try TemporaryDirectory()
        program = try Program(
            "/usr/bin/env",
            [
                "python3", "-X", "utf8", PackageFiles.root + "/Providers/TossAuth/Conformance/peers/provider.py", "--folder",
                directory.path, "--key",
                try Self.serviceKey.get().1, "--tls", "--prefix", "/toss-auth", "--id", clientID, "--secret", clientSecret,
                "--token-seconds",
                String(tokenSeconds),
            ], holdsInput: true)
        base = try #require(program.waitFor("provider (\\S+)"), "\(program.standardError)")
        publicKey = try #require(program.waitFor("key (\\S+)"))
        authority = try #require(program.waitFor("authority (\\S+)"))
        trust = try #require(program.waitFor("trust (\\S+)"))
        wheel = try #require(program.waitFor("steer (\\S+)"))
    }

    /// Has something happen there.
    @discardableResult
    func steer(_ path: String, _ body: JSON = [:]) throws -> JSON {
        let answer = try curl("-w", "%{http_code}", "-d", body.text, "\(wheel)/\(path)")
        try #require(answer.hasSuffix("200"), "\(path): \(answer)")
        return try JSON(String(answer.dropLast(3)))
    }

    /// The user approves.
    func complete(_ transaction: String) throws { try steer("complete/\(transaction)") }

    /// Orders trouble for the next `times` calls.
    func trouble(_ call: String, _ kind: String, times: Int = 1, _ more: JSON.Members = [:]) throws {
        var members: JSON.Members = ["call": .string(call), "kind": .string(kind), "times": .number(times)]
        for (name, value) in zip(more.names, more.values) { members[name] = value }
        try steer("trouble", .object(members))
    }

    /// What it has noted.
    func journal() throws -> Journal { Journal(json: try JSON(try curl("\(wheel)/journal"))) }

    /// Every token, session key, key and field that has gone by.
    func secrets() throws -> [String] { try JSON(try curl("\(wheel)/secrets"))["secrets"]?.elements?.compactMap(\.string) ?? [] }

    /// What an independent provider has noted of its callers.
    struct Journal {
        let json: JSON

        /// How often `call` was called.
        func calls(_ call: String) -> Int { Int(json["calls"]?[call]?.integer ?? -1) }

        /// What a caller should never have done.
        var wrong: [String] { json["wrong"]?.elements?.compactMap(\.string) ?? ["no journal"] }

        /// How many reads of a transaction were counted.
        func reads(_ transaction: String) -> Int { Int(json["transactions"]?[transaction]?["reads"]?.integer ?? -1) }

        /// Name, phone number and birthday as they were opened there.
        func claim(_ transaction: String) -> [String] { json["transactions"]?[transaction]?["claim"]?.elements?.compactMap(\.string) ?? [] }

        /// How many reads of any transaction were counted.
        var allReads: [Int] { json["transactions"]?.members?.values.map { Int($0["reads"]?.integer ?? -1) } ?? [] }
    }
}
