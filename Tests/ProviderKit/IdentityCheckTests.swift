import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@testable import ProviderKit

/// A disk with what the openssl command made.
private final class Bench {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @discardableResult
    func openssl(_ arguments: String...) throws -> String {
        let answer = try Program.run("/usr/bin/env", ["openssl"] + arguments)
        try #require(answer.code == 0, "\(arguments): \(answer.errors)")
        return answer.output
    }

    func path(_ name: String) -> String { directory.file(name) }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path(name)))) }
}

@Suite("The check of a certificate and its key")
struct IdentityCheckTests {
    private let good = IssuedPairs.pairs[4]
    private let other = IssuedPairs.pairs[5]

    private func check(
        _ certificate: [UInt8], _ key: [UInt8], others: Bool = false, published: Bool = false, name: String? = nil,
        now: Timestamp = IssuedPairs.start
    ) -> IdentityCheck {
        IdentityCheck(
            IdentityMaterial(
                certificate: .init(name: "app.crt", content: .success(Secret(certificate)), isReadableByOthers: published),
                key: .init(name: "app.key", content: .success(Secret(key)), isReadableByOthers: others)), expectedName: name, now: now)
    }

    private func check(_ certificate: String, _ key: String, others: Bool = false, name: String? = nil) -> IdentityCheck {
        check(Array(certificate.utf8), Array(key.utf8), others: others, name: name)
    }

    @Test("a good pair has no finding, and its facts are those that the openssl command tells")
    func faultless() throws {
        let bench = try Bench()
        try good.certificateChainPEM.write(toFile: bench.path("app.crt"), atomically: true, encoding: .utf8)
        let check = check(good.certificateChainPEM, good.keyText, name: "shop")
        #expect(check.findings.isEmpty && check.identity?.fingerprint == good.fingerprint)
        let told = try bench.openssl("x509", "-in", bench.path("app.crt"), "-noout", "-serial", "-subject", "-fingerprint", "-sha256")
            .lowercased()
        let facts = try #require(check.facts)
        #expect(told.contains("serial=\(facts.serialNumber)") && told.contains("cn = shop") && facts.name == "shop")
        #expect(told.replacing(":", with: "").contains("fingerprint=\(facts.fingerprint)"))
        #expect(facts.daysLeft(at: IssuedPairs.start) == 390 && facts.daysLeft(at: facts.notAfter) == 0)
        #expect(facts.daysLeft(at: facts.notAfter + .seconds(1)) == -1)
    }

    @Test(
        "each fault has its own word, and says in both languages what to do",
        arguments: [
            "empty certificate", "empty key", "swapped", "key twice", "certificate twice", "mismatch", "name", "expired", "readable", "der",
            "cut certificate", "cut key", "broken certificate", "broken key", "no certificate",
        ])
    func faults(fault: String) throws {
        let (pem, key) = (good.certificateChainPEM, good.keyText)
        let (result, code, words): (IdentityCheck, String, [String]) =
            switch fault {
            case "empty certificate": (check("\n", key), "certificate-empty", ["app.crt", "empty"])
            case "empty key": (check(pem, ""), "key-empty", ["app.key", "empty"])
            case "swapped": (check(key, pem), "files-swapped", ["exchange"])
            case "key twice": (check(key, key), "key-instead-of-certificate", ["app.crt", "_public.crt"])
            case "certificate twice": (check(pem, pem), "certificate-instead-of-key", ["app.key", "_private.key"])
            case "mismatch": (check(pem, other.keyText), "key-mismatch", ["app.crt", "app.key", "together"])
            case "name": (check(pem, key, name: "another-app"), "wrong-name", ["\"shop\"", "\"another-app\""])
            case "expired":
                (check(Array(pem.utf8), Array(key.utf8), now: good.certificates[0].notAfter + .seconds(1)), "expired", ["2027-01-26"])
            case "readable": (check(pem, key, others: true), "readable-by-others", ["chmod 600 app.key"])
            case "der": (check(good.certificates[0].der, Array(key.utf8)), "certificate-der", ["openssl x509 -inform der"])
            case "cut certificate": (check(String(pem.prefix(300)), key), "certificate-unfinished", ["END CERTIFICATE"])
            case "cut key": (check(pem, String(key.prefix(120))), "key-unfinished", ["END PRIVATE KEY"])
            case "broken certificate":
                (check(pem.replacing("MII", with: "MIJ"), key), "certificate-incomplete", ["missing"])
            case "broken key": (check(pem, key.replacing("\nMI", with: "\n*I")), "key-foreign-character", ["Base64"])
            default: (check("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----", key), "no-certificate", ["PUBLIC KEY"])
            }
        #expect(result.errors.map(\.code) == [code], "\(result.findings)")
        #expect(result.identity == nil)
        for word in words { #expect(result.errors.first?.message.english.contains(word) == true, "\(result.errors)") }
        let korean = try #require(result.errors.first?.message.korean)
        #expect(korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) })
    }

    @Test("a certificate that is not valid yet, or ends soon, is usable with a warning")
    func dates() {
        let later = IssuedPairs.client("shop", 5, 100)
        let early = check(later.certificateChainPEM, later.keyText)
        #expect(early.identity != nil && early.findings.map(\.code) == ["not-yet-valid"])
        let soon = IssuedPairs.client("shop", -5, 12)
        let ending = check(soon.certificateChainPEM, soon.keyText)
        #expect(ending.identity != nil && ending.findings.map(\.code) == ["ends-soon"])
        #expect(ending.findings[0].message.korean.contains("12일"))
    }

    @Test("locked keys are refused with the command that unlocks them, and that command does")
    func locked() throws {
        let bench = try Bench()
        try good.keyText.write(toFile: bench.path("plain.key"), atomically: true, encoding: .utf8)
        try bench.openssl("pkcs8", "-topk8", "-in", bench.path("plain.key"), "-passout", "pass:secret", "-out", bench.path("app.key"))
        let pem = Array(good.certificateChainPEM.utf8)
        let locked = check(pem, try bench.bytes("app.key"))
        #expect(locked.errors.map(\.code) == ["key-encrypted"])
        #expect(locked.errors[0].message.english.contains("openssl pkcs8 -topk8 -nocrypt -in app.key -out new.key"))
        try bench.openssl(
            "pkcs8", "-topk8", "-nocrypt", "-in", bench.path("app.key"), "-passin", "pass:secret", "-out", bench.path("new.key"))
        #expect(check(pem, try bench.bytes("new.key")).findings.isEmpty)
    }

    @Test("PKCS#1 and SEC1 are accepted with a warning that names the form", arguments: ["rsa", "ec"])
    func oldForms(kind: String) throws {
        let bench = try Bench()
        if kind == "rsa" {
            try bench.openssl("genrsa", "-traditional", "-out", bench.path("app.key"), "2048")
        } else {
            try bench.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", bench.path("app.key"))
        }
        try bench.openssl(
            "req", "-x509", "-key", bench.path("app.key"), "-subj", "/CN=shop", "-days", "3650", "-out", bench.path("app.crt"))
        let check = check(try bench.bytes("app.crt"), try bench.bytes("app.key"), now: SystemTime().now + .seconds(60))
        #expect(check.identity != nil && check.findings.map(\.code) == ["key-not-pkcs8"])
        #expect(check.findings[0].message.english.contains(kind == "rsa" ? "PKCS#1" : "SEC1"))
    }

    @Test("weak keys and certificates for servers only are refused")
    func unfit() throws {
        let bench = try Bench()
        func made(_ kind: [String], _ usage: String) throws -> IdentityCheck {
            let answer = try Program.run(
                "/usr/bin/env",
                ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=shop", "-days", "30", "-addext", "extendedKeyUsage=" + usage]
                    + ["-keyout", bench.path("k"), "-out", bench.path("c")] + kind)
            try #require(answer.code == 0, "\(answer.errors)")
            return check(try bench.bytes("c"), try bench.bytes("k"), now: SystemTime().now + .seconds(60))
        }
        #expect(try made(["-newkey", "rsa:1024"], "clientAuth").errors.map(\.code) == ["weak-key"])
        #expect(try made(["-newkey", "rsa:2048"], "serverAuth").errors.map(\.code) == ["wrong-purpose"])
        #expect(try made(["-newkey", "rsa:2048"], "clientAuth,serverAuth").errors.isEmpty)
        #expect(try made(["-newkey", "ed25519"], "clientAuth").errors.isEmpty)
    }

    @Test("a chain is presented whole and in order, whatever its order in the file; what does not belong is left out")
    func chains() throws {
        let root = IssuedPairs.authority.certificatePEM
        let (leaf, key) = (good.certificateChainPEM, good.keyText)
        let inOrder = check(leaf + root, key)
        #expect(inOrder.findings.map(\.code) == ["several-certificates"] && inOrder.identity?.certificates.count == 2)
        let reversed = check(root + leaf, key)
        #expect(Set(reversed.findings.map(\.code)) == ["wrong-order", "several-certificates"])
        #expect(reversed.identity?.fingerprint == inOrder.identity?.fingerprint)
        let mixed = check(other.certificateChainPEM + leaf, key)
        #expect(mixed.identity?.fingerprint == good.fingerprint)
        #expect(mixed.findings.map(\.code).contains("unrelated-certificates"))
        let withKey = check(leaf + key, key)
        #expect(withKey.identity != nil && withKey.findings.map(\.code).contains("key-beside-certificate"))
        let published = check(Array((leaf + key).utf8), Array(key.utf8), published: true)
        #expect(published.identity == nil && published.errors.map(\.code) == ["readable-by-others"])
        #expect(check(Array(leaf.utf8), Array(key.utf8), published: true).findings.isEmpty)
    }

    @Test("damage that is put right is told for each file, and does not keep the pair from use")
    func repaired() {
        let check = check(good.certificateChainPEM.replacing("\n", with: "\\n"), Base64.encode(Array(good.keyText.utf8)))
        #expect(check.identity?.fingerprint == good.fingerprint)
        #expect(check.findings.map(\.code) == ["certificate-escaped-line-feeds", "key-whole-file-base64"])
    }
}

@Suite("The settings of certificates")
struct IdentitySettingsTests {
    private let good = IssuedPairs.pairs[6]

    private func keeper(_ text: String, _ change: (inout MemorySource) -> Void = { _ in }) throws -> IdentityKeeper {
        var source = MemorySource()
        source.files["app.crt"] = (Array(good.certificateChainPEM.utf8), true)
        source.files["app.key"] = (Array(good.keyText.utf8), false)
        source.variables["APP_CRT"] = good.certificateChainPEM.replacing("\n", with: "\\n")
        source.variables["APP_KEY"] = good.keyText.replacing("\n", with: " ")
        change(&source)
        let settings = try SettingsTests.settings(text, source)
        let house = KeptHouse(ManualTime(IssuedPairs.start))
        return try IdentityKeeper(settings: settings, environment: house.environment, customs: KeptHouse.customs())
    }

    private func complaint(_ text: String, _ change: (inout MemorySource) -> Void = { _ in }) -> (line: Int?, english: String)? {
        do {
            _ = try keeper(text, change)
            return nil
        } catch let error as ConfigurationError {
            #expect(error.file == "shop.json5")
            return (error.line, error.message.english)
        } catch {
            return (nil, "\(error)")
        }
    }

    @Test(
        "a pair is read from files, from the environment, or from the settings themselves",
        arguments: [
            "{ certificate: \"app.crt\", key: { file: \"app.key\" } }",
            "{ certificate: { file: \"app.crt\" }, key: { file: \"app.key\" } }",
            "{ certificate: { env: \"APP_CRT\" }, key: { env: \"APP_KEY\" } }",
            "{ certificates: [{ certificate: \"app.crt\", key: { env: \"APP_KEY\" } }] }",
            "{ certificates: [{ certificate: \"app.crt\", key: { file: \"app.key\" } }, "
                + "{ certificate: \"app.crt\", key: { file: \"app.key\" }, activeFrom: \"2027-01-01T00:00:00+09:00\" }] }",
        ])
    func forms(text: String) throws {
        #expect(try keeper(text).current == IdentityFacts(good.certificates[0]))
    }

    @Test("inline PEM is taken, and a key in a file that others can read is not")
    func inline() throws {
        let text = "{ certificate: \(JSON.string(good.certificateChainPEM).text), key: \(JSON.string(good.keyText).text) }"
        #expect(try keeper(text).current == IdentityFacts(good.certificates[0]))
        var source = MemorySource()
        source.files["app.crt"] = (Array(good.certificateChainPEM.utf8), true)
        let settings = try SettingsTests.settings(
            "{ certificate: \"app.crt\", key: \(JSON.string(good.keyText).text) }", others: true, source)
        #expect(throws: ConfigurationError.self) {
            try IdentityKeeper(
                settings: settings, environment: KeptHouse(ManualTime(IssuedPairs.start)).environment, customs: KeptHouse.customs())
        }
    }

    @Test("complaints name file and line of the setting that is wrong")
    func complaints() {
        let first = "{\n  certificate: \"app.crt\",\n  key: { file: \"app.key\" }\n}"
        #expect(complaint(first) == nil)
        let expired = complaint(first) { $0.files["app.crt"] = (Array(IssuedPairs.client("shop", -9, -1).certificateChainPEM.utf8), true) }
        #expect(expired?.line == 2 && expired?.english.contains("expired") == true)
        let mismatch = complaint(first) { $0.files["app.key"] = (Array(IssuedPairs.pairs[7].keyText.utf8), false) }
        #expect(mismatch?.line == 3 && mismatch?.english.contains("does not belong") == true)
        let readable = complaint(first) { $0.files["app.key"]?.isReadableByOthers = true }
        #expect(readable?.line == 3 && readable?.english.contains("chmod 600") == true)
        let second = "{\n  certificates: [\n    {\n      certificate: \"none.crt\",\n      key: { file: \"app.key\" } } ] }"
        #expect(complaint(second)?.line == 4)
        #expect(complaint("{\n certificate: \"app.crt\" }")?.english.contains("\"key\" is missing") == true)
        #expect(complaint("{ }")?.english.contains("are missing") == true)
        #expect(complaint("{\n certificates: [] }")?.line == 2)
        let both = complaint("{ certificate: \"app.crt\", key: { file: \"app.key\" },\n certificates: [] }")
        #expect(both?.english.contains("exclude") == true)
        let moment = complaint("{ certificate: \"app.crt\", key: { file: \"app.key\" },\n activeFrom: \"tomorrow\" }")
        #expect(moment?.line == 2 && moment?.english.contains("2026-11-01T00:00:00+09:00") == true)
        #expect(complaint("{ certificate: \"app.crt\", key: \"app.key\" }")?.english.contains("{ file: \"path\" }") == true)
    }
}
