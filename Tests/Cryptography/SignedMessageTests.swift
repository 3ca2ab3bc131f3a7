import Base
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite("Signed messages")
struct SignedMessageTests {
    private static let moment = Timestamp(unixSeconds: 1_800_000_000)
    private static let validity = CertificateValidity(from: moment, days: 30)
    private static let content = Array(#"{"txId":"a39c84d9-0000-4000-8000-000000000000","이름":"김토스"}"#.utf8)
    private let authority: CertificateAuthority
    private let signer: TLSIdentity

    init() throws {
        authority = try CertificateAuthority(name: "서명 시험 인증기관", validity: Self.validity)
        signer = try authority.issueSignerIdentity(name: "김토스", validity: Self.validity)
    }

    private func message() throws -> [UInt8] { try SignedMessage.sign(Self.content, by: signer, at: Self.moment) }

    private func refusal(_ der: [UInt8], authorities: [Certificate]? = nil, at moment: Timestamp = moment) -> SignedMessageError? {
        do throws(SignedMessageError) {
            try SignedMessage(der: der).verify(authorities: authorities ?? [authority.certificate], at: moment)
            return nil
        } catch { return error }
    }

    /// A directory with the root, the signer's certificate and key, and the content.
    private func directory(_ identity: TLSIdentity? = nil) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let identity = identity ?? signer
        _ = try directory.write("root.pem", authority.certificatePEM)
        _ = try directory.write("signer.pem", identity.certificateChainPEM)
        _ = try identity.privateKey.pem.withText { try directory.write("key.pem", $0) }
        try Data(Self.content).write(to: URL(filePath: directory.file("content")))
        return directory
    }

    private func openssl(_ arguments: [String], input: [UInt8] = []) async throws -> [UInt8] {
        let answer = try await Oracle.run("openssl", arguments, input: input)
        try #require(answer.status == 0, "\(arguments): \(answer.errors)")
        return answer.output
    }

    /// What the openssl program signs in this directory.
    private func sign(_ directory: TemporaryDirectory, _ options: String...) async throws -> [UInt8] {
        try await openssl(
            [
                "cms", "-sign", "-binary", "-outform", "DER", "-in", directory.file("content"), "-signer", directory.file("signer.pem"),
                "-inkey", directory.file("key.pem"),
            ] + options)
    }

    @Test("A certificate for connections is told from one for signatures")
    func purposes() throws {
        let server = try authority.issueServerIdentity(names: ["shop.example"], validity: Self.validity)
        let client = try authority.issueClientIdentity(name: "shop", validity: Self.validity)
        #expect(server.certificates[0].isForConnectionsOnly && client.certificates[0].isForConnectionsOnly)
        #expect(!signer.certificates[0].isForConnectionsOnly && !authority.certificate.isForConnectionsOnly)
    }

    @Test("What is signed here reads back with its content, signer and time, and is believed at that time")
    func roundTrip() throws {
        let der = try message()
        let read = try SignedMessage(der: der)
        #expect(read.der == der && read.content == Self.content)
        #expect(read.signer == signer.certificates[0] && read.signer.commonName == "김토스")
        #expect(read.signedAt == Self.moment && read.otherCertificates.isEmpty)
        #expect(refusal(der) == nil)
        let empty = try SignedMessage.sign([], by: signer, at: Self.moment)
        #expect(try SignedMessage(der: empty).content.isEmpty)
        #expect(refusal(empty) == nil)
        // Certificates write years from 2050 on in another form.
        let late = try #require(Timestamp(internetText: "2051-03-01T00:00:01Z"))
        #expect(try SignedMessage(der: SignedMessage.sign([1], by: signer, at: late)).signedAt == late)
    }

    @Test(
        "The openssl program believes what is signed here, and finds the content and the time of signing in it; not after one byte has changed"
    )
    func opensslVerifies() async throws {
        let directory = try directory()
        let verify = [
            "cms", "-verify", "-inform", "DER", "-binary", "-CAfile", directory.file("root.pem"), "-attime",
            String(Self.moment.unixSeconds),
        ]
        let der = try message()
        #expect(try await openssl(verify, input: der) == Self.content)
        let printed = String(decoding: try await openssl(["cms", "-cmsout", "-print", "-inform", "DER"], input: der), as: UTF8.self)
        #expect(printed.contains("Jan 15 08:00:00 2027 GMT"), "signing time")
        #expect(printed.contains("sha256"))
        let subject = try await openssl(
            ["x509", "-noout", "-subject", "-nameopt", "sep_multiline,utf8,show_type"], input: Array(signer.certificateChainPEM.utf8))
        #expect(String(decoding: subject, as: UTF8.self).contains("CN=UTF8STRING:김토스"))
        let changed = try replacing("김토스", with: "김토수", in: der)
        #expect(try await Oracle.run("openssl", verify, input: changed).status != 0)
        #expect(refusal(changed) == .signatureWrong)
    }

    /// Changes one letter of the content, of which the message holds one copy as it is.
    private func replacing(_ old: String, with new: String, in bytes: [UInt8]) throws -> [UInt8] {
        let needle = Array("\"\(old)\"".utf8)
        let index = try #require((0...(bytes.count - needle.count)).first { bytes[$0..<($0 + needle.count)].elementsEqual(needle) })
        return Array(bytes[..<index] + Array("\"\(new)\"".utf8) + bytes[(index + needle.count)...])
    }

    @Test("What the openssl program signs is read and believed here: with a curve's key, with RSA, without signed attributes, and in BER")
    func opensslSigns() async throws {
        let directory = try directory()
        for options in [
            ["-nodetach"], ["-nodetach", "-noattr"], ["-nodetach", "-stream", "-indef"], ["-nodetach", "-md", "sha512"],
            ["-nodetach", "-keyid"],
        ] {
            let arguments = [
                "cms", "-sign", "-binary", "-outform", "DER", "-in", directory.file("content"), "-signer", directory.file("signer.pem"),
                "-inkey", directory.file("key.pem"),
            ]
            let der = try await openssl(arguments + options)
            #expect(try SignedMessage(der: der).content == Self.content, "\(options)")
            #expect(refusal(der) == nil, "\(options)")
            #expect(refusal(try replacing("김토스", with: "김토수", in: der)) == .signatureWrong, "\(options)")
        }
        let rsa = try await selfSigned(directory, "rsa:2048")
        let der = try await sign(directory, "-nodetach")
        #expect(refusal(der, authorities: [rsa], at: rsa.notBefore) == nil)
        #expect(refusal(der, at: rsa.notBefore) == .untrusted)
    }

    /// Puts a fresh self-signed certificate and its key in the signer's place.
    private func selfSigned(_ directory: TemporaryDirectory, _ kind: String, _ options: String...) async throws -> Certificate {
        _ = try await openssl(
            [
                "req", "-x509", "-newkey", kind, "-nodes", "-subj", "/CN=self", "-days", "2", "-keyout", directory.file("key.pem"), "-out",
                directory.file("signer.pem"),
            ] + options)
        return try Certificate.all(pem: String(contentsOfFile: directory.file("signer.pem"), encoding: .utf8))[0]
    }

    @Test("Whatever is wrong has a case of its own")
    func refused() async throws {
        let der = try message()
        let directory = try directory()
        #expect(refusal([]) == .malformed)
        #expect(refusal(der + [0]) == .malformed)
        #expect(refusal(Array(der.dropLast())) == .malformed)
        #expect(refusal(Array("-----BEGIN CMS-----".utf8)) == .malformed)
        #expect(refusal(try await openssl(["cms", "-data_create", "-outform", "DER"], input: [1, 2, 3])) == .malformed)
        #expect(refusal([UInt8](repeating: 0x30, count: SignedMessage.longestByteCount + 1)) == .tooLarge)
        #expect(refusal(try await sign(directory)) == .contentMissing)
        #expect(refusal(try await sign(directory, "-nodetach", "-nocerts")) == .signerMissing)
        let certificates = try await openssl(["crl2pkcs7", "-nocrl", "-certfile", directory.file("signer.pem"), "-outform", "DER"])
        #expect(refusal(certificates) == .notSigned)
        let second = try authority.issueSignerIdentity(name: "둘째", validity: Self.validity)
        let certificate = try directory.write("second.pem", second.certificateChainPEM)
        let key = try second.privateKey.pem.withText { try directory.write("second.key", $0) }
        #expect(refusal(try await sign(directory, "-nodetach", "-signer", certificate, "-inkey", key)) == .severalSigners)
        #expect(refusal(try await sign(directory, "-nodetach", "-md", "sha1")) == .weak)
        let encryption = try await selfSigned(directory, "rsa:2048", "-addext", "keyUsage=keyEncipherment")
        #expect(refusal(try await sign(directory, "-nodetach"), authorities: [encryption], at: encryption.notBefore) == .wrongPurpose)
        #expect(refusal(try await sign(directory, "-nodetach", "-md", "md5"), authorities: [encryption], at: encryption.notBefore) == .weak)
        let small = try await selfSigned(directory, "rsa:1024")
        #expect(refusal(try await sign(directory, "-nodetach"), authorities: [small], at: small.notBefore) == .weak)
        #expect(throws: SignedMessageError.tooLarge) {
            try SignedMessage.sign([UInt8](repeating: 0, count: 65_536), by: signer, at: Self.moment)
        }
        #expect(throws: SignedMessageError.tooLarge) {
            try SignedMessage.sign([UInt8](repeating: 0, count: 65_500), by: signer, at: Self.moment)
        }
        let longest = try SignedMessage.sign([UInt8](repeating: 0, count: 60_000), by: signer, at: Self.moment)
        #expect(refusal(longest) == nil)
    }

    @Test("A foreign root, nobody's, an expired certificate and one of the future are refused, each as what it is, by the given time alone")
    func chains() throws {
        let der = try message()
        let namesake = try CertificateAuthority(name: "서명 시험 인증기관", validity: Self.validity)
        #expect(refusal(der, authorities: [namesake.certificate]) == .untrusted)
        #expect(refusal(der, authorities: []) == .untrusted)
        #expect(refusal(der, authorities: [namesake.certificate, authority.certificate]) == nil)
        #expect(refusal(der, at: Self.validity.notAfter - .seconds(1)) == nil)
        #expect(refusal(der, at: Self.validity.notAfter) == .expired)
        #expect(refusal(der, at: Self.validity.notBefore - .seconds(1)) == .notYetValid)
        let imposter = try namesake.issueSignerIdentity(name: "김토스", validity: Self.validity)
        #expect(refusal(try SignedMessage.sign(Self.content, by: imposter, at: Self.moment)) == .untrusted)
    }

    @Test("A message whose certificate is another one of the same name and number is refused")
    func swappedCertificate() throws {
        // One seed gives both certificates one serial number.
        let first = try CertificateAuthority(name: "R", validity: Self.validity, random: SeededRandom())
        let identity = try first.issueSignerIdentity(name: "김토스", validity: Self.validity)
        let mine = identity.certificates[0]
        // Only one of the same length can be put into its place without building the message anew; signatures differ in theirs.
        var second = first
        var other = mine
        repeat {
            second = try CertificateAuthority(name: "R", validity: Self.validity, random: SeededRandom())
            other = try second.issueSignerIdentity(name: "김토스", validity: Self.validity).certificates[0]
        } while other.der.count != mine.der.count
        #expect(mine.serialNumber == other.serialNumber && mine != other)
        let der = try SignedMessage.sign(Self.content, by: identity, at: Self.moment)
        let index = try #require((0...(der.count - mine.der.count)).first { der[$0..<($0 + mine.der.count)].elementsEqual(mine.der) })
        let swapped = Array(der[..<index] + other.der + der[(index + mine.der.count)...])
        #expect(try SignedMessage(der: swapped).signer == other)
        #expect(refusal(swapped, authorities: [first.certificate, second.certificate]) == .signatureWrong)
    }

    @Test("Whichever one byte is changed, nothing else than what was signed is ever believed, and nothing traps")
    func anyByte() throws {
        let der = try message()
        var refused = 0
        for index in der.indices {
            for bit: UInt8 in [0x01, 0x80] {
                var changed = der
                changed[index] ^= bit
                guard let read = try? SignedMessage(der: changed) else {
                    refused += 1
                    continue
                }
                guard refusal(changed) == nil else {
                    refused += 1
                    continue
                }
                #expect(read.content == Self.content && read.signer == signer.certificates[0] && read.signedAt == Self.moment)
            }
        }
        #expect(refused > der.count)
    }

    @Test("Every refusal has a sentence in both languages")
    func texts() {
        for error in SignedMessageError.allCases {
            #expect(error.text.korean.contains(where: { ("가"..."힣").contains($0) }) && !error.text.english.isEmpty)
        }
        #expect(Set(SignedMessageError.allCases.map(\.text)).count == SignedMessageError.allCases.count)
    }
}
