import AppsInToss
import Base
import Cryptography
import Foundation
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: certificates")
struct SandboxCertificateTests {
    private func openssl(_ arguments: String...) throws -> (code: Int32, output: String) {
        let run = try Program.run("/usr/bin/env", ["openssl"] + arguments)
        return (run.code, run.output + run.errors)
    }

    @Test("openssl finds an issued pair in order: chain, name, dates, key, PKCS#8")
    func oracle() async throws {
        let house = try await SandboxHouse()
        let answer = try await house.ask(.post, "/certificates", ["app": "bujeol-demo"])
        let folder = try TemporaryDirectory()
        let (authority, certificate, key) = (folder.file("ca.pem"), folder.file("public.crt"), folder.file("private.key"))
        let keyText = try #require(answer["private_key"]?.string)
        try Data(house.authority.certificatePEM.utf8).write(to: URL(fileURLWithPath: authority))
        try Data(try #require(answer["certificate"]?.string).utf8).write(to: URL(fileURLWithPath: certificate))
        try Data(keyText.utf8).write(to: URL(fileURLWithPath: key))
        #expect(keyText.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let at = String(house.clocks.now(.demo).unixSeconds)
        #expect(try openssl("verify", "-attime", at, "-purpose", "sslclient", "-CAfile", authority, certificate).code == 0)
        let late = String((house.clocks.now(.demo) + .seconds(390 * 86_400 + 1)).unixSeconds)
        #expect(try openssl("verify", "-attime", late, "-CAfile", authority, certificate).output.contains("certificate has expired"))
        let lines = try openssl("x509", "-in", certificate, "-noout", "-subject", "-serial", "-enddate", "-pubkey").output
        #expect(lines.contains("CN = bujeol-demo"))
        #expect(lines.contains("serial=\(try #require(answer["serial"]?.string))"))
        // 390 days after 2026-07-16 00:00:00 UTC.
        #expect(lines.contains("notAfter=Aug 10 00:00:00 2027 GMT"))
        let publicHalf = try openssl("pkey", "-in", key, "-pubout").output
        #expect(lines.contains(publicHalf))
        #expect(answer["certificate_file"] == "bujeol-demo_public.crt" && answer["private_key_file"] == "bujeol-demo_private.key")
    }

    @Test("several live side by side; one that was disabled is refused and can be enabled again")
    func several() async throws {
        let house = try await SandboxHouse()
        let first = try await house.issue()
        let second = try await house.issue(days: 30)
        func call(_ identity: TLSIdentity) async -> Judgement { await house.send("login-me", through: .tls(identity.certificates[0])) }
        #expect(await call(first.identity).isBareError("token.missing"))
        #expect(await call(second.identity).isBareError("token.missing"))
        let disabled = try await house.ask(.post, "/certificates/\(first.id)/disable")
        #expect(disabled["standing"] == "disabled")
        #expect(await call(first.identity).isRefusal("4010", "certificate.disabled"))
        #expect(await call(second.identity).isBareError("token.missing"))
        try await house.ask(.post, "/certificates/\(first.id)/enable")
        #expect(await call(first.identity).isBareError("token.missing"))
    }

    @Test("the list shows the end and the days left by the tenant's clock, and never a key")
    func list() async throws {
        let house = try await SandboxHouse()
        let (_, id) = try await house.issue(days: 10)
        func row() async throws -> JSON {
            let list = try await house.ask(.get, "/certificates?app=bujeol-demo")
            #expect(!list.text.contains("PRIVATE KEY"))
            return try #require(list["certificates"]?.elements?.first { $0["id"]?.integer == id })
        }
        #expect(try await row()["days_left"] == 10)
        house.clocks.advance(.seconds(86_400))
        #expect(try await row()["days_left"] == 9)
        house.clocks.advance(.seconds(9 * 86_400))
        #expect(try await row()["days_left"] == 0)
        #expect(try await row()["standing"] == "valid")
        house.clocks.advance(.seconds(1))
        #expect(try await row()["days_left"] == -1)
        #expect(try await row()["standing"] == "expired")
    }

    @Test("a private key is told once and is nowhere in the database's file")
    func keysAreNotKept() async throws {
        let folder = try TemporaryDirectory()
        let house = try await SandboxHouse(.file(folder.file("sandbox.sqlite")))
        let answer = try await house.ask(.post, "/certificates", ["app": "bujeol-demo"])
        let (status, shown) = try await house.control(.get, "/certificates/\(try #require(answer["id"]?.integer))")
        #expect(status == 200 && shown["certificate"] == answer["certificate"] && shown["private_key"] == nil)
        await house.database.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("sandbox.sqlite")))
        // The middle line of the PEM holds nothing but key.
        let line = try #require(answer["private_key"]?.string?.split(separator: "\n")[1])
        let certificateLine = try #require(answer["certificate"]?.string?.split(separator: "\n")[2])
        #expect(bytes.range(of: Data(certificateLine.utf8)) != nil)
        #expect(bytes.range(of: Data(line.utf8)) == nil)
        #expect(bytes.range(of: Data("PRIVATE KEY".utf8)) == nil)
        let text = try #require(answer["private_key"]?.string).split(separator: "\n").dropFirst().dropLast().joined()
        let der = try #require(Data(base64Encoded: text))
        // The secret number stands from byte 36 on in a PKCS#8 key on P-256.
        #expect(der.count > 68 && bytes.range(of: der[36..<68]) == nil)
    }

    @Test("the demo certificate lies in the folder under the console's names and opens the door")
    func demoFiles() async throws {
        let house = try await SandboxHouse()
        #expect(house.files.names == ["bujeol-demo_public.crt", "bujeol-demo_private.key"])
        let identity = try demoIdentity(house.files)
        #expect(await house.send("login-me", through: .tls(identity.certificates[0])).isBareError("token.missing"))
    }

    @Test("a reset keeps the demo certificate that callers hold")
    func reset() async throws {
        let house = try await SandboxHouse()
        let before = try demoIdentity(house.files)
        try await house.sandbox.removeTenant(.demo)
        #expect(await house.send("login-me", through: .tls(before.certificates[0])).isRefusal("4010", "certificate.forgotten"))
        _ = try await house.sandbox.createTenant(.demo, settings: [:])
        #expect(try demoIdentity(house.files).fingerprint == before.fingerprint)
        #expect(await house.send("login-me", through: .tls(before.certificates[0])).isBareError("token.missing"))
    }

    @Test("the demo certificate is issued anew when it is missing, damaged, expired, or of another authority")
    func reissued() async throws {
        let folder = try TemporaryDirectory()
        let files = MemoryFiles()
        let clocks = HandClocks()
        let authority = try CertificateAuthority(name: "Test sandbox", validity: CertificateValidity(from: clocks.now(.demo), days: 3650))
        /// Opens the sandbox on what is kept, and says whether it left the certificate as it was and whether the certificate lets in.
        func reopened(_ authority: CertificateAuthority) async throws -> (isSame: Bool, letsIn: Bool) {
            let before = try? demoIdentity(files).fingerprint
            let house = try await SandboxHouse(
                .file(folder.file("sandbox.sqlite")), clocks: clocks, files: files, authority: authority, demo: false)
            if before == nil, try await house.ask(.get, "/apps")["apps"]?.elements?.isEmpty ?? true {
                _ = try await house.sandbox.createTenant(.demo, settings: [:])
            }
            let identity = try demoIdentity(files)
            let letsIn = await house.send("login-me", through: .tls(identity.certificates[0])).isBareError("token.missing")
            await house.database.close()
            return (identity.fingerprint == before, letsIn)
        }
        #expect(try await reopened(authority) == (false, true))
        #expect(try await reopened(authority) == (true, true))
        files.remove("bujeol-demo_private.key")
        #expect(try await reopened(authority) == (false, true))
        try files.write("bujeol-demo_public.crt", Array("nonsense".utf8))
        #expect(try await reopened(authority) == (false, true))
        clocks.advance(.seconds(391 * 86_400))
        #expect(try await reopened(authority) == (false, true))
        // The same name, another key.
        let other = try CertificateAuthority(name: "Test sandbox", validity: CertificateValidity(from: clocks.now(.demo), days: 3650))
        #expect(try await reopened(other) == (false, true))
        #expect(try await reopened(other) == (true, true))
    }

    @Test("days outside 1 to 3,650, unknown mini-apps and unknown numbers are refused in words")
    func refusals() async throws {
        let house = try await SandboxHouse()
        for (wishes, status): (JSON, Int) in [
            (["days": 0], 400), (["days": 3651], 400), (["days": "ten"], 400), (["app": "nobody"], 404), (["day": 3], 400),
        ] {
            let (found, answer) = try await house.control(.post, "/certificates", wishes)
            #expect(found == status && answer["error"]?["ko"]?.string?.isEmpty == false, "\(wishes.text)")
        }
        #expect(try await house.control(.post, "/certificates/9999/disable").0 == 404)
        #expect(try await house.control(.get, "/certificates/1/disable").0 == 405)
    }

    private func demoIdentity(_ files: MemoryFiles) throws -> TLSIdentity {
        try TLSIdentity(
            certificateChainPEM: String(decoding: try #require(try files.read("bujeol-demo_public.crt")), as: UTF8.self),
            privateKeyPEM: Secret(try #require(try files.read("bujeol-demo_private.key"))))
    }
}
