import Base
import Cryptography
import TestSupport
import Testing

@testable import Sentbe

/// One envelope by one of the published samples, as the vector file holds it.
struct EnvelopeVector: Sendable, CustomStringConvertible {
    let id: String
    let writer: String
    let secret: String
    let salt: [UInt8]
    let payload: String
    let envelope: String?
    let envelopeDigest: String
    let envelopeLength: Int
    let plaintextDigest: String

    var description: String { "\(id) by \(writer)" }
    var dialect: SentbeDialect { writer.hasPrefix("php") ? .php : .rubyAndJavaScript }

    static let all: [EnvelopeVector] = {
        guard let file = try? JSON(PackageFiles.bytes("Providers/Sentbe/Vectors/envelopes.json")), let cases = file.elements else {
            return []
        }
        return cases.flatMap { item -> [EnvelopeVector] in
            guard let id = item["id"]?.string, let secret = item["secret_key"]?.string, let writers = item["writers"]?.members,
                let salt = item["salt_hex"]?.string.flatMap(Hexadecimal.decode)
            else { return [] }
            let payload = item["payload"]?.string ?? longPayload
            return writers.names.compactMap { writer in
                guard let written = writers[writer], let digest = written["envelope_sha256"]?.string,
                    let length = written["envelope_len"]?.integer, let plaintext = written["encrypted_sha256"]?.string
                else { return nil }
                return EnvelopeVector(
                    id: id, writer: writer, secret: secret, salt: salt, payload: payload, envelope: written["envelope"]?.string,
                    envelopeDigest: digest, envelopeLength: Int(length), plaintextDigest: plaintext)
            }
        }
    }()

    /// The 65,536 bytes that the vector file describes instead of holding them.
    static let longPayload: String = {
        let digits = String(repeating: "0123456789abcdef", count: 4096)
        return "{\"data\":\"" + digits.prefix(65_525) + "\"}"
    }()

    static let strings = all.filter { ["ruby", "php", "js"].contains($0.writer) }
    static let bare = all.filter { $0.writer == "raw" }
}

@Suite("Sentbe: envelopes of the published samples")
struct EnvelopeVectorTests {
    @Test("There are thirteen cases by five writers, so that no test passes over an empty list")
    func complete() { #expect(EnvelopeVector.all.count == 65) }

    @Test("What the samples wrote is written byte for byte", arguments: EnvelopeVector.strings)
    func written(_ vector: EnvelopeVector) throws {
        #expect(Hexadecimal.encode(Digest.sha256.hash(vector.dialect.quoted(vector.payload))) == vector.plaintextDigest)
        let envelope = try SentbeEnvelope.seal(
            vector.payload, secret: Secret(vector.secret), salt: vector.salt, dialect: vector.dialect)
        #expect(envelope.utf8.count == vector.envelopeLength)
        #expect(Hexadecimal.encode(Digest.sha256.hash(envelope)) == vector.envelopeDigest)
        if let expected = vector.envelope { #expect(envelope == expected) }
    }

    @Test("Parameters encrypted without the second encoding are written too", arguments: EnvelopeVector.bare)
    func bare(_ vector: EnvelopeVector) throws {
        let envelope = try SentbeEnvelope.seal(
            vector.payload, secret: Secret(vector.secret), salt: vector.salt, encoding: .single)
        #expect(Hexadecimal.encode(Digest.sha256.hash(envelope)) == vector.envelopeDigest)
    }

    @Test("What the samples wrote is read back to the same text", arguments: EnvelopeVector.strings)
    func read(_ vector: EnvelopeVector) throws {
        guard let envelope = vector.envelope else { return }
        let (text, encoding) = try SentbeEnvelope.openText(envelope, secret: Secret(vector.secret))
        #expect(text == vector.payload)
        #expect(encoding == .double)
    }

    @Test(
        "What the samples made of an object is read as single encoding", arguments: EnvelopeVector.all.filter { $0.writer == "php_array" })
    func readArray(_ vector: EnvelopeVector) throws {
        guard let envelope = vector.envelope else { return }
        let opened = try SentbeEnvelope.open(envelope, secret: Secret(vector.secret))
        #expect(opened.encoding == .single)
        // json_decode of what is no JSON gives null, and null is written: no parameters.
        let given = (try? JSON(vector.payload))?.members ?? [:]
        #expect(opened.parameters == given)
    }

    @Test("Bare text opens when it is a JSON object, and is refused at step 6 when it is none", arguments: EnvelopeVector.bare)
    func readBare(_ vector: EnvelopeVector) throws {
        guard let envelope = vector.envelope else { return }
        let secret = Secret(vector.secret)
        guard !vector.payload.isEmpty else {
            #expect(try SentbeEnvelope.open(envelope, secret: secret).parameters.count == 0)
            return
        }
        if let members = (try? JSON(vector.payload))?.members {
            let opened = try SentbeEnvelope.open(envelope, secret: secret)
            #expect(opened.parameters == members)
            #expect(opened.text == vector.payload)
        } else {
            let error = #expect(throws: SentbeEnvelopeError.self) { try SentbeEnvelope.open(envelope, secret: secret) }
            #expect(error?.code == .notJSON)
            #expect(error?.step == 6)
        }
    }

    @Test("The worked example comes out with every value between")
    func workedExample() throws {
        let example = try JSON(PackageFiles.bytes("Providers/Sentbe/Vectors/worked-example.json"))
        func text(_ name: String) throws -> String { try #require(example[name]?.string) }
        let secret = Secret(try text("secret_key"))
        let salt = try #require(Hexadecimal.decode(try text("salt_hex")))
        let parameters = try text("parameters_text_P")
        #expect(String(decoding: SentbeDialect.rubyAndJavaScript.quoted(parameters), as: UTF8.self) == (try text("plaintext_D")))
        let derived = try #require(PassphraseKey(passphrase: secret, salt: salt))
        #expect(derived.key.withBytes { Hexadecimal.encode($0) } == (try text("key_hex")))
        #expect(Hexadecimal.encode(derived.initializationVector) == (try text("iv_hex")))
        let envelope = try SentbeEnvelope.seal(parameters, secret: secret, salt: salt)
        #expect(envelope == (try text("envelope")))
        #expect(example["headers"]?["SIGNATURE"]?.string == envelope)
        #expect(try SentbeEnvelope.open(envelope, secret: secret).text == parameters)
    }

    @Test(
        "Each variant of the worked example is taken or refused at its step",
        arguments: [
            ("upper_case_hex", nil), ("iv_member_changed", 4), ("salt_missing", 3), ("last_byte_changed", 5), ("ct_plus_as_space", 3),
        ] as [(String, Int?)])
    func variants(_ id: String, _ step: Int?) throws {
        let variants = try #require(try JSON(PackageFiles.bytes("Providers/Sentbe/Vectors/envelope-variants.json")).elements)
        let variant = try #require(variants.first { $0["id"]?.string == id })
        let envelope = try #require(variant["envelope"]?.string)
        let secret = Secret(try #require(variant["secret_key"]?.string))
        if let step {
            let error = #expect(throws: SentbeEnvelopeError.self) { try SentbeEnvelope.open(envelope, secret: secret) }
            #expect(error?.step == step)
        } else {
            #expect(
                try SentbeEnvelope.open(envelope, secret: secret).text
                    == "{\"user_id\":\"47\",\"recipient_id\":\"10\",\"external_id\":\"23\"}")
        }
    }

    @Test("The header KEY of before version 1.2 is the published one")
    func keyHeader() throws {
        let vector = try JSON(PackageFiles.bytes("Providers/Sentbe/Vectors/key-header.json"))
        func text(_ name: String) throws -> String { try #require(vector[name]?.string) }
        let access = Secret(try text("access_id"))
        let secret = Secret(try text("secret_key"))
        let old = SentbeHeaders.keyValue(.old, partnerID: try text("partner_id"), accessID: access, secretKey: secret)
        #expect(old == Secret(try text("key_header")))
        #expect(SentbeHeaders.keyValue(.plain, partnerID: "1", accessID: access, secretKey: secret) == access)
    }
}
