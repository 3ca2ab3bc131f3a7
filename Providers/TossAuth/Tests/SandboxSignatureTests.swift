import Base
import Cryptography
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: signatures of persons, and the check of their certificates")
struct SandboxSignatureTests {
    /// An authority, a signer and the book that the signer writes.
    private struct Office {
        static let start = Timestamp(unixSeconds: 1_784_160_000)

        let authority: CertificateAuthority
        let database: Database
        let signer: PersonSigner
        var now = Office.start

        init() async throws {
            authority = try CertificateAuthority(
                name: "Test sandbox", validity: CertificateValidity(from: Office.start, days: 3650), random: SeededRandom(seed: 5))
            database = try Database(.memory)
            try await database.migrate(CertificateBook.owner, CertificateBook.migrations)
            signer = PersonSigner(authority: authority, database: database)
        }

        func sign(_ person: Person, _ content: String = "{}", tenant: TenantID = .demo) async throws -> SignedMessage {
            try SignedMessage(
                der: await signer.sign(SignatureRequest(content: Array(content.utf8), person: person, tenant: tenant, moment: now)))
        }

        func validate(_ text: String, tenant: TenantID = .demo, authority: Certificate? = nil, hasAuthority: Bool = true) async throws
            -> CertificateValidation.Answer
        {
            let root = hasAuthority ? authority ?? self.authority.certificate : nil
            let now = now
            return try await database.read { connection in
                try CertificateValidation(authority: root, book: CertificateBook(connection, tenant), now: now).answer(.string(text))
            }
        }

        func revoke(_ serial: String, tenant: TenantID = .demo) async throws -> JSON? {
            let (now, signer) = (now, signer)
            return try await database.write { connection in
                try CertificateControl(
                    control: ControlCall(Call(method: .post, path: "/certificates/\(serial)/revoke")),
                    book: CertificateBook(connection, tenant), now: now, forget: { signer.forget(serial: $0, of: tenant) }
                ).answer()
            }
        }
    }

    private static func person(_ id: String = "p1", _ name: String = "김토스") -> Person {
        Person(id: id, name: name, phone: "01012345678", birthday: "19930324", gender: .female, nationality: .local)
    }

    private func openssl(_ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
        try Program.run("/usr/bin/env", ["openssl"] + arguments)
    }

    private func file(_ directory: TemporaryDirectory, _ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: directory.file(name)))
        return directory.file(name)
    }

    @Test(
        "The openssl program believes the signature by the sandbox's authority alone, finds the content in it, and the person's name on the certificate"
    )
    func openssl() async throws {
        let office = try await Office()
        let transaction = try Self.completed(nonce: "n-1")
        let content = String(decoding: try #require(transaction.signedContent), as: UTF8.self)
        #expect(
            try JSON(content) == [
                "txId": .string(transaction.id), "requestedDt": "2026-07-16T09:00:00+09:00", "completedDt": "2026-07-16T09:01:00+09:00",
                "nonce": "n-1",
            ])
        let message = try await office.sign(Self.person(), content)
        let directory = try TemporaryDirectory()
        let signature = try file(directory, "signature.der", message.der)
        let root = try file(directory, "root.pem", Array(office.authority.certificatePEM.utf8))
        let verify = ["cms", "-verify", "-inform", "DER", "-in", signature, "-attime", "\(office.now.unixSeconds)", "-binary"]
        let believed = try openssl(verify + ["-CAfile", root])
        #expect(believed.code == 0 && believed.output == content, "\(believed.errors)")

        let stranger = try CertificateAuthority(name: "Other", validity: CertificateValidity(from: office.now, days: 9))
        let other = try file(directory, "other.pem", Array(stranger.certificatePEM.utf8))
        #expect(try openssl(verify + ["-CAfile", other]).code != 0)

        let signer = try file(directory, "signer.pem", Array(message.signer.pem.utf8))
        let name = ["-nameopt", "utf8,sep_comma_plus,-esc_msb"]
        let facts = try openssl(
            ["x509", "-in", signer, "-noout", "-subject", "-serial", "-dates", "-ext", "keyUsage,basicConstraints"] + name)
        #expect(facts.output.contains("김토스") && facts.output.contains("Digital Signature, Non Repudiation"), "\(facts.output)")
        #expect(facts.output.contains("CA:FALSE"))
        let book = try await office.database.read { try CertificateBook($0, .demo).certificates(limit: 9) }
        #expect(book.count == 1 && facts.output.contains("serial=\(book[0].serial)\n"))
        #expect(try openssl(["verify", "-CAfile", root, "-attime", "\(office.now.unixSeconds)", signer]).code == 0)
    }

    /// A transaction that was approved a minute after it was asked for.
    private static func completed(nonce: String?) throws -> Transaction {
        var transaction = Transaction(
            id: "4b0a8a43-1a2b-4c3d-8e4f-5a6b7c8d9e0f", client: "c", kind: .none, requestURL: "intoss://a", nonce: nonce, person: nil,
            at: Office.start, lifetime: .seconds(600))
        #expect(transaction.signedContent == nil)
        try transaction.approve(as: "p1", at: Office.start + .seconds(60))
        return transaction
    }

    @Test("A person keeps one certificate until it ends by the tenant's clock; another person, another name and another tenant have others")
    func oneCertificate() async throws {
        var office = try await Office()
        let other = try #require(TenantID(rawValue: "other"))
        let first = try await office.sign(Self.person())
        #expect(try await office.sign(Self.person(), "{\"a\":1}").signer == first.signer)
        let strangers = [
            try await office.sign(Self.person("p2")), try await office.sign(Self.person("p1", "김개명")),
            try await office.sign(Self.person(), tenant: other),
        ]
        #expect(Set(strangers.map(\.signer) + [first.signer]).count == 4)

        office.now = first.signer.notAfter
        let last = try await office.sign(Self.person())
        #expect(last.signer == first.signer)
        office.now = first.signer.notAfter + .seconds(1)
        let next = try await office.sign(Self.person())
        #expect(next.signer != first.signer && next.signer.notBefore <= office.now)
        #expect(try await office.database.read { try CertificateBook($0, .demo).certificates(limit: 9).count } == 4)
    }

    @Test("Nothing that is kept of a certificate says whose it is in clear")
    func nothingInClear() async throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority(name: "Test sandbox", validity: CertificateValidity(from: Office.start, days: 9))
        do {
            let database = try Database(.file(directory.file("state")))
            try await database.migrate(CertificateBook.owner, CertificateBook.migrations)
            let signer = PersonSigner(authority: authority, database: database)
            _ = try await signer.sign(
                SignatureRequest(content: Array("{}".utf8), person: Self.person(), tenant: .demo, moment: Office.start))
            #expect(try await database.read { try CertificateBook($0, .demo).certificates(limit: 9).count } == 1)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
            #expect(bytes.range(of: Data("김토스".utf8)) == nil, "\(name)")
        }
    }

    @Test(
        "Names that no certificate can bear are cut to what one can",
        arguments: ["", "\u{0}\n", String(repeating: "가", count: 70), "a\u{7}b"])
    func oddNames(_ name: String) async throws {
        let message = try await Office().sign(Self.person("p1", name))
        #expect(!message.signer.subject.isEmpty)
    }

    // MARK: validate

    @Test("A person's certificate is valid and enabled however its PEM is written")
    func writtenAnyhow() async throws {
        let office = try await Office()
        let certificate = try await office.sign(Self.person()).signer
        let base64 = Base64.encode(certificate.der)
        let forms = [
            certificate.pem, "-----BEGIN CERTIFICATE-----\n\(base64)\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\(base64)-----END CERTIFICATE-----", certificate.pem.replacing("\n", with: "\\n"),
            certificate.pem.replacing("\n", with: "\r\n"), base64, base64 + "\n", certificate.pem + certificate.pem,
        ]
        for form in forms {
            let answer = try await office.validate(form)
            #expect(answer == CertificateValidation.Answer(valid: true, enabled: true, verdict: nil), "\(form)")
        }
    }

    @Test("By the tenant's clock a certificate is valid from its first second to its last, and enabled all the while")
    func dates() async throws {
        var office = try await Office()
        let certificate = try await office.sign(Self.person()).signer
        for (moment, isValid) in [
            (certificate.notBefore - .seconds(1), false), (certificate.notBefore, true), (certificate.notAfter, true),
            (certificate.notAfter + .seconds(1), false),
        ] {
            office.now = moment
            let answer = try await office.validate(certificate.pem)
            #expect(answer.valid == isValid && answer.enabled && (answer.verdict?.rule == "certificate.dates") == !isValid, "\(moment)")
        }
    }

    @Test("A clock that stands before the authority began changes nothing: a certificate of that time is valid")
    func earlyClock() async throws {
        var office = try await Office()
        office.now = Office.start - .seconds(86_400 * 300)
        let certificate = try await office.sign(Self.person()).signer
        #expect(try await office.validate(certificate.pem).valid)
    }

    @Test("A revoked certificate is valid and not enabled, for good, and its person signs with another one from then on")
    func revoked() async throws {
        var office = try await Office()
        let certificate = try await office.sign(Self.person()).signer
        let serial = try await office.database.read { try CertificateBook($0, .demo).certificates(limit: 1)[0].serial }
        let answer = try #require(try await office.revoke(serial.lowercased()))
        #expect(answer["enabled"] == false && answer["serial"]?.string == serial && answer["revoked_at"]?.string == office.now.internetText)
        office.now = office.now + .seconds(5)
        #expect(try await office.revoke(serial)?["revoked_at"] == answer["revoked_at"])
        let checked = try await office.validate(certificate.pem)
        #expect(checked.valid && !checked.enabled && checked.verdict?.rule == "certificate.revoked")

        let next = try await office.sign(Self.person())
        #expect(next.signer != certificate)
        #expect(try await office.validate(next.signer.pem).enabled)
        await #expect(throws: ControlError.self) { try await office.revoke("00FF") }
        let other = try #require(TenantID(rawValue: "other"))
        await #expect(throws: ControlError.self) { try await office.revoke(serial, tenant: other) }
    }

    @Test("Certificates of others are neither valid nor enabled: another authority's, the sandbox's own for other ends, another tenant's")
    func foreign() async throws {
        let office = try await Office()
        let mine = try await office.sign(Self.person()).signer
        let validity = CertificateValidity(from: office.now, days: 30)
        let stranger = try CertificateAuthority(name: "Other", validity: validity)
        let foreigners = [
            try stranger.issueSignerIdentity(name: "김토스", validity: validity).certificates[0],
            try office.authority.issueClientIdentity(name: "app", validity: validity).certificates[0], office.authority.certificate,
        ]
        for certificate in foreigners {
            let answer = try await office.validate(certificate.pem)
            #expect(!answer.valid && !answer.enabled && answer.verdict?.rule == "certificate.foreign")
        }
        let other = try #require(TenantID(rawValue: "other"))
        #expect(try await office.validate(mine.pem, tenant: other) == office.validate(foreigners[0].pem))
        // As after the sandbox was given another authority.
        let moved = try await office.validate(mine.pem, authority: stranger.certificate)
        #expect(!moved.valid && moved.enabled && moved.verdict?.rule == "certificate.chain")
    }

    @Test("A sandbox without an authority says so, and calls no certificate valid")
    func withoutAuthority() async throws {
        let office = try await Office()
        let answer = try await office.validate(try await office.sign(Self.person()).signer.pem, hasAuthority: false)
        #expect(!answer.valid && !answer.enabled && answer.verdict?.rule == "certificate.no-authority")
    }

    @Test("What is no certificate is refused with a reason that repeats nothing of it")
    func malformed() async throws {
        let office = try await Office()
        let pem = try await office.sign(Self.person()).signer.pem
        let broken: [JSON] = [
            .null, 5, .string(""), "hello", .string(String(pem.dropLast(200))), .string(pem.replacing("M", with: "*")),
            .string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), .string(String(repeating: "A", count: 20_000)), "AAAA",
            .string(pem.replacing("CERTIFICATE", with: "PUBLIC KEY")),
        ]
        for member in broken {
            let thrown = #expect(throws: CertificateValidation.Unreadable.self) { try CertificateValidation.read(member) }
            let verdict = try #require(thrown?.verdict)
            #expect(verdict.rule.hasPrefix("certificate.") && verdict.kind == .refused && verdict.remedy != nil)
        }
    }
}
