import Base
import Cryptography

/// A refused header taken apart, with what the known mistakes need to be tried on it.
struct SentbeEvidence {
    /// What a mistake explains.
    struct Finding {
        var text: String?
        var expected: String?
        var detail: BilingualText?
    }

    let header: [UInt8]
    let failure: SentbeEnvelopeError?
    let secret: Secret
    let others: [SentbeDiagnosis.OtherSecret]
    /// The members, whatever their form; nothing when the header is no JSON object.
    let members: JSON.Members?

    init(_ header: [UInt8], secret: Secret, others: [SentbeDiagnosis.OtherSecret], failure: SentbeEnvelopeError?) {
        self.header = header
        self.secret = secret
        self.others = others
        self.failure = failure
        members = (try? JSON(header, depth: 16))?.members
    }

    var headerText: String { String(decoding: header, as: UTF8.self) }
    func member(_ name: String) -> String? { members?[name]?.string }

    /// `ct` in bytes, where it is proper base64 of whole blocks.
    var ciphertext: [UInt8]? {
        guard let bytes = member("ct").flatMap(Base64.decode), !bytes.isEmpty, bytes.count % BlockCipher.blockByteCount == 0 else {
            return nil
        }
        return bytes
    }

    var salt: [UInt8]? {
        guard let salt = member("s").flatMap(Hexadecimal.decode), salt.count == SentbeEnvelope.saltByteCount else { return nil }
        return salt
    }

    var vector: [UInt8]? {
        guard let vector = member("iv").flatMap(Hexadecimal.decode), vector.count == BlockCipher.blockByteCount else { return nil }
        return vector
    }

    /// Whether the vector is what the reader stumbled over.
    var hasWrongVector: Bool { failure?.code == .vectorDiffers || failure?.code == .vectorForm }

    /// `P`, when `ciphertext` decrypts under this key and vector to the JSON of a text or an object.
    static func text(of ciphertext: [UInt8], key: Secret, vector: [UInt8]) -> String? {
        guard let plaintext = try? BlockCipher.aes256CBC().decrypt(ciphertext, key: key, initializationVector: vector) else { return nil }
        return (try? SentbeEnvelope.text(plaintext))?.text
    }

    static func text(of ciphertext: [UInt8], secret: Secret, salt: [UInt8]) -> String? {
        guard let derived = PassphraseKey(passphrase: secret, salt: salt) else { return nil }
        return text(of: ciphertext, key: derived.key, vector: derived.initializationVector)
    }

    /// The envelope as it should have come, in the dialect that the header seems to be written in.
    func rebuilt(_ text: String, salt: [UInt8]?) -> String? {
        guard let salt else { return nil }
        let looksLikePHP = header.firstRange(of: "\\/".utf8) != nil
        return try? SentbeEnvelope.seal(text, secret: secret, salt: salt, dialect: looksLikePHP ? .php : .rubyAndJavaScript)
    }

    /// The finding that `repaired`, read in the place of the header, opens.
    func ifOpens(_ repaired: String) -> Finding? {
        guard !repaired.utf8.elementsEqual(header),
            let content = try? SentbeEnvelope.read(Array(repaired.utf8), secret: secret, rules: .init(longestHeader: .max))
        else { return nil }
        return Finding(text: content.text, expected: repaired)
    }

    /// The finding that the header opens with another value of `ct`.
    func ifOpensWithCiphertext(_ ciphertextText: String) -> Finding? {
        guard var members, let old = member("ct"), old != ciphertextText else { return nil }
        members["ct"] = .string(ciphertextText)
        guard var finding = ifOpens(JSON.object(members).text) else { return nil }
        finding.expected = rebuilt(finding.text ?? "", salt: salt)
        return finding
    }

    /// The finding that the ciphertext opens under this key, with any of the vectors that a writer could have taken.
    func ifDecrypts(key: [UInt8]) -> Finding? {
        guard key.count == 32, let ciphertext else { return nil }
        var vectors = [[UInt8](repeating: 0, count: BlockCipher.blockByteCount)]
        if let vector { vectors.insert(vector, at: 0) }
        if let salt, let derived = PassphraseKey(passphrase: secret, salt: salt) { vectors.append(derived.initializationVector) }
        for vector in vectors {
            if let text = SentbeEvidence.text(of: ciphertext, key: Secret(key), vector: vector) {
                return Finding(text: text, expected: rebuilt(text, salt: salt))
            }
        }
        return nil
    }

    /// The secret's bytes, cut or filled with zeros to 32.
    var secretAsKey: [UInt8] {
        secret.withBytes { Array(($0 + [UInt8](repeating: 0, count: 32)).prefix(32)) }
    }

    /// The secret followed by other bytes, digested.
    func digest(_ digest: Digest, before: [UInt8] = [], salt: [UInt8]) -> [UInt8] {
        var input = before
        secret.append(to: &input)
        return digest.hash(input + salt)
    }
}
