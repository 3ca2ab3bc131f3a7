import Base
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite("RSA")
struct RSATests {
    /// Made once: a fresh pair takes a while on a slow machine.
    private static let fresh = Result { try PrivateKey.generateRSA(bits: 2048) }
    private static let published = Result { try PrivateKey(pem: Secret(RSAVectors.privateKeyPEM)) }

    private func hexadecimal(_ bytes: [UInt8]) -> String { Hexadecimal.encode(bytes) }

    private func write(_ key: PrivateKey, to directory: TemporaryDirectory) throws {
        _ = try key.pem.withText { try directory.write("private.pem", $0) }
        _ = try directory.write("public.pem", key.publicKey.pem)
    }

    private static let oaepSHA1 = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha1"]
    private static let oaepSHA256 = [
        "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256",
    ]

    @Test("What another implementation encrypted for the published key opens to what it encrypted")
    func vectors() throws {
        let key = try Self.published.get()
        #expect(key.isRSA && key.bits == 4096)
        #expect(hexadecimal(key.publicKey.fingerprint) == RSAVectors.publicKeyFingerprint)
        #expect(RSAVectors.sessions.count >= 2)
        for session in RSAVectors.sessions {
            let ciphertext = try #require(Base64.decode(session.ciphertext.filter { $0 != "\n" }))
            #expect(try key.decryptOAEP(ciphertext).withText { $0 } == session.plaintext)
            #expect(throws: CipherError.self) { try key.decryptOAEP(ciphertext, digest: .sha256) }
        }
    }

    @Test("The openssl program opens what is encrypted here, of every length from none to the longest")
    func opensslDecrypts() async throws {
        let key = try Self.fresh.get()
        let directory = try TemporaryDirectory()
        try write(key, to: directory)
        let arguments = ["pkeyutl", "-decrypt", "-inkey", directory.file("private.pem")]
        for (digest, options, longest) in [(Digest.sha1, Self.oaepSHA1, 214), (.sha256, Self.oaepSHA256, 190)] {
            for length in [0, 1, 69, longest] {
                let plaintext = SeededRandom().bytes(length)
                let ciphertext = try key.publicKey.encryptOAEP(Secret(plaintext), digest: digest)
                #expect(ciphertext.count == 256)
                let answer = try await Oracle.run("openssl", arguments + options, input: ciphertext)
                try #require(answer.status == 0, "\(answer.errors)")
                #expect(answer.output == plaintext)
                #expect(try key.decryptOAEP(ciphertext, digest: digest).withBytes { $0 } == plaintext)
            }
            let error = #expect(throws: CipherError.self) {
                try key.publicKey.encryptOAEP([UInt8](repeating: 1, count: longest + 1), digest: digest)
            }
            #expect(error?.code == .tooLong)
        }
        let other = try key.publicKey.encryptOAEP([1, 2, 3], digest: .sha1)
        let refusal = try await Oracle.run("openssl", arguments + Self.oaepSHA256, input: other)
        #expect(refusal.status != 0, "the program took SHA-1 for SHA-256")
    }

    @Test(
        "What the openssl program encrypts with SHA-1 opens here; what it encrypts with SHA-256, or with a mask of another digest, does not"
    )
    func opensslEncrypts() async throws {
        let key = try Self.fresh.get()
        let directory = try TemporaryDirectory()
        try write(key, to: directory)
        let arguments = ["pkeyutl", "-encrypt", "-pubin", "-inkey", directory.file("public.pem")]
        let text = Array("AES_GCM$한글".utf8)
        let good = try await Oracle.run("openssl", arguments + Self.oaepSHA1, input: text)
        try #require(good.status == 0, "\(good.errors)")
        #expect(try key.decryptOAEP(good.output).withBytes { $0 } == text)
        let mixed = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha256"]
        for options in [Self.oaepSHA256, mixed, []] {
            let bad = try await Oracle.run("openssl", arguments + options, input: text)
            try #require(bad.status == 0, "\(bad.errors)")
            #expect(throws: CipherError.self) { try key.decryptOAEP(bad.output) }
        }
    }

    @Test("A ciphertext that is changed, cut, longer, or of another key is refused in one and the same way")
    func damaged() throws {
        let key = try Self.fresh.get()
        let good = try key.publicKey.encryptOAEP(Array("홍길동".utf8))
        let foreign = try Self.published.get().publicKey.encryptOAEP([1])
        let changed = stride(from: 0, to: good.count, by: 37).map { index in
            var bad = good
            bad[index] ^= 1
            return bad
        }
        let attempts =
            changed + [[], Array(good.dropLast()), good + [0], [UInt8](repeating: 0xFF, count: 256), foreign, Array(foreign.prefix(256))]
        var descriptions: Set<String> = []
        for attempt in attempts {
            let error = #expect(throws: CipherError.self) { try key.decryptOAEP(attempt) }
            #expect(error?.code == .damaged)
            descriptions.insert(error?.description ?? "")
        }
        #expect(descriptions.count == 1)
        #expect(try key.decryptOAEP(good).withBytes { $0 } == Array("홍길동".utf8))
    }

    @Test("Two encryptions of one text differ")
    func fresh() throws {
        let key = try Self.published.get().publicKey
        #expect(try key.encryptOAEP([1]) != key.encryptOAEP([1]))
    }

    @Test("Many tasks may use one key at once")
    func concurrent() async throws {
        let key = try Self.fresh.get()
        let publicKey = try PublicKey(spkiDER: key.publicKey.spkiDER)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<32 {
                group.addTask { @concurrent in
                    let text = [UInt8](repeating: UInt8(index), count: 69)
                    let signature = try key.signRSASHA256(text)
                    return try key.decryptOAEP(publicKey.encryptOAEP(text)).equals(text)
                        && publicKey.isRSASHA256(signature: signature, of: text)
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("The openssl program takes the signatures made here, and its own are taken here; a changed byte on either side is not")
    func signatures() async throws {
        let key = try Self.fresh.get()
        let directory = try TemporaryDirectory()
        try write(key, to: directory)
        let text = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiLthqDsiqQifQ"
        let message = try directory.write("message", text)
        let own = try key.signRSASHA256(Array(text.utf8))
        let theirs = try await Oracle.run("openssl", ["dgst", "-sha256", "-sign", directory.file("private.pem"), message])
        // This scheme has no random part: both must come to the same bytes.
        #expect(theirs.output == own)
        try Data(own).write(to: URL(filePath: directory.file("signature")))
        let verify = ["dgst", "-sha256", "-verify", directory.file("public.pem"), "-signature", directory.file("signature")]
        #expect(try await Oracle.run("openssl", verify + [message]).status == 0)
        let publicKey = key.publicKey
        #expect(publicKey.isRSASHA256(signature: theirs.output, of: Array(text.utf8)))
        var changed = own
        changed[200] ^= 4
        for (signature, bytes) in [
            (changed, Array(text.utf8)), (own, Array(text.utf8) + [0]), (own, []), ([], Array(text.utf8)),
            (Array(own.dropLast()), Array(text.utf8)), (own + [0], Array(text.utf8)),
        ] {
            #expect(!publicKey.isRSASHA256(signature: signature, of: bytes))
        }
        #expect(try !Self.published.get().publicKey.isRSASHA256(signature: own, of: Array(text.utf8)))
        let sha512 = try await Oracle.run("openssl", ["dgst", "-sha512", "-sign", directory.file("private.pem"), message])
        #expect(!publicKey.isRSASHA256(signature: sha512.output, of: Array(text.utf8)))
    }

    @Test("A public key reads back from DER and from PEM as itself, and the openssl program reads it too")
    func publicForms() async throws {
        let key = try Self.fresh.get().publicKey
        #expect(try PublicKey(spkiDER: key.spkiDER) == key)
        #expect(try PublicKey(pem: key.pem) == key)
        #expect(key.isRSA && key.bits == 2048)
        let answer = try await Oracle.run("openssl", ["pkey", "-pubin", "-outform", "DER"], input: Array(key.pem.utf8))
        #expect(answer.output == key.spkiDER)
        let curve = try PrivateKey.generate()
        #expect(!curve.isRSA && curve.bits == 256)
        #expect(try PublicKey(pem: curve.publicKey.pem) == curve.publicKey)
    }

    @Test("What is no public key, is more than one, or has bytes behind it is refused")
    func refusedKeys() throws {
        let key = try Self.fresh.get()
        let der = key.publicKey.spkiDER
        for bytes in [[], [0x30], der + [0], Array(der.dropLast()), [0x30, 0x00], Array(der.dropFirst())] {
            let error = #expect(throws: CertificateError.self) { try PublicKey(spkiDER: bytes) }
            #expect(error?.code == .malformedKey)
        }
        let privateText = key.pem.withText { $0 }
        let certificate = try CertificateAuthority(name: "root", validity: .init(from: Timestamp(unixSeconds: 1_800_000_000), days: 1))
            .certificatePEM
        for (text, word) in [
            ("", "no public key"), ("hello", "no public key"), (privateText, "a private key"), (certificate, "a certificate"),
            (key.publicKey.pem + key.publicKey.pem, "more than one"),
        ] {
            let error = #expect(throws: CertificateError.self) { try PublicKey(pem: text) }
            #expect(error?.code == .malformedKey)
            #expect(error?.message.contains(word) == true)
        }
    }

    @Test(
        "A key on a curve, a key for PSS only and one of 1024 bits are refused as keys of the wrong kind, and so is making one of an odd size"
    )
    func wrongKinds() async throws {
        let curve = try PrivateKey.generate()
        let small = try await Oracle.run("openssl", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"])
        let pss = try await Oracle.run("openssl", ["genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"])
        for key in [curve, try PrivateKey(pem: Secret(small.output)), try PrivateKey(pem: Secret(pss.output))] {
            for attempt: () throws -> Void in [
                { _ = try key.publicKey.encryptOAEP([1]) }, { _ = try key.decryptOAEP([1]) }, { _ = try key.signRSASHA256([1]) },
            ] {
                let error = #expect(throws: CipherError.self) { try attempt() }
                #expect(error?.code == .wrongKeyKind)
            }
            #expect(!key.publicKey.isRSASHA256(signature: [UInt8](repeating: 0, count: 128), of: [1]))
        }
        for bits in [0, 1024, 2047, 8193, -1, .max] {
            #expect(throws: CertificateError.self) { try PrivateKey.generateRSA(bits: bits) }
        }
    }
}
