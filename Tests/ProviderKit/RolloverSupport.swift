import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@testable import ProviderKit

/// A server in another program that demands client certificates and counts calls by their serial numbers.
struct DemandingServer {
    let program: Program
    let origin: HTTPOrigin
    private let control: String

    init(tls: String, identity: TLSIdentity, authority: CertificateAuthority, in directory: TemporaryDirectory) throws {
        func file(_ name: String, _ text: String) throws -> String {
            try text.write(toFile: directory.file(name), atomically: true, encoding: .utf8)
            return directory.file(name)
        }
        program = try Program(
            "/usr/bin/env",
            [
                "python3", PackageFiles.root + "/Scripts/demanding-server", "--tls", tls,
                "--certificate", file("server.crt", identity.certificateChainPEM), "--key", file("server.key", identity.keyText),
                "--authority", file("authority.pem", authority.certificatePEM),
            ])
        let ports = try #require(program.waitFor("listening (\\d+ \\d+)"), "\(program.standardError)").split(separator: " ")
        origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: Int(ports[0]) ?? 0)
        control = "http://127.0.0.1:\(ports[1])"
    }

    /// Calls by serial number.
    func calls() throws -> [String: Int] {
        let text = try Program.run("/usr/bin/env", ["curl", "-sS", "-m", "60", control + "/"]).output
        let members = try #require(JSON(Array(text.utf8))["calls"]?.members, "\(text)")
        return members.names.reduce(into: [:]) { $0[$1] = members[$1]?.integer.map { Int($0) } }
    }

    /// Has it answer calls with that certificate with a refusal.
    func refuse(_ serial: String) throws {
        _ = try Program.run("/usr/bin/env", ["curl", "-sS", "-m", "60", control + "/refuse/" + serial])
    }

    func end() {
        program.signal(SIGKILL)
        program.wait()
    }
}

extension TLSIdentity {
    var serial: String { Hexadecimal.encode(certificates[0].serialNumber) }
}

/// The ways in which people and tools put a pair of files in the place of another.
enum Placing: CaseIterable {
    case renamed
    case inPlace
    case inPieces
    case byLink

    func put(_ identity: TLSIdentity, in directory: TemporaryDirectory) throws {
        let texts = [("app.crt", identity.certificateChainPEM), ("app.key", identity.keyText)]
        switch self {
        case .renamed:
            for (name, text) in texts {
                try write(text, directory.file(name + ".new"))
                try #require(rename(directory.file(name + ".new"), directory.file(name)) == 0)
            }
        case .inPlace: for (name, text) in texts { try overwrite(text, directory.file(name)) }
        case .inPieces:
            for (name, text) in texts {
                let handle = try #require(FileHandle(forWritingAtPath: try resolved(directory.file(name))))
                try handle.truncate(atOffset: 0)
                for piece in stride(from: 0, to: text.utf8.count, by: 100) {
                    try handle.write(contentsOf: Data(text.utf8.dropFirst(piece).prefix(100)))
                    Thread.sleep(forTimeInterval: 0.02)
                }
                try handle.close()
            }
        case .byLink:
            // As Kubernetes does: a folder of the version, a link to it that is renamed, and links through that.
            let folder = "..\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory.file(folder), withIntermediateDirectories: true)
            for (name, text) in texts { try write(text, directory.file(folder + "/" + name)) }
            try #require(symlink(folder, directory.file("..data.new")) == 0)
            try #require(rename(directory.file("..data.new"), directory.file("..data")) == 0)
            for (name, _) in texts where (try? FileManager.default.destinationOfSymbolicLink(atPath: directory.file(name))) == nil {
                try #require(symlink("..data/" + name, directory.file(name + ".link")) == 0)
                try #require(rename(directory.file(name + ".link"), directory.file(name)) == 0)
            }
        }
    }

    private func write(_ text: String, _ path: String) throws {
        try #require(FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
    }

    private func overwrite(_ text: String, _ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return try write(text, path) }
        let handle = try #require(FileHandle(forWritingAtPath: try resolved(path)))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    private func resolved(_ path: String) throws -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
}
