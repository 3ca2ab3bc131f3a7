public import Base
import Cryptography

/// The encrypted parameters of a call as they stand in the header `SIGNATURE`: `{"ct":"<base64>","iv":"<32 hex>","s":"<16 hex>"}`.
///
/// Despite the header's name nothing is signed: the envelope has no MAC, no time, and is not bound to a method or a path. That it opens to sensible JSON is all
/// that shows the writer's knowledge of the secret. Recipe: an AES-256-CBC key and vector out of the secret and 8 random bytes (EVP_BytesToKey with MD5, one round)
/// over the parameters' JSON text, which is first written as a JSON string.
public enum SentbeEnvelope {
    /// The length of a salt in bytes.
    public static let saltByteCount = PassphraseKey.saltByteCount

    /// What a reader puts up with.
    public struct Rules: Sendable, Hashable {
        /// The longest header in bytes.
        public var longestHeader: Int
        /// Whether parameters that were encoded once only are taken too.
        public var takesSingleEncoding: Bool

        /// Rules; by default 16 KiB and both encodings.
        public init(longestHeader: Int = SentbeHeaders.longestSignature, takesSingleEncoding: Bool = true) {
            self.longestHeader = longestHeader
            self.takesSingleEncoding = takesSingleEncoding
        }
    }

    /// What an envelope held. As it is about persons, it prints as `[redacted]`.
    public struct Opened: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        /// The parameters' JSON text, `P`, as its writer wrote it; empty when there are none.
        public var text: String
        /// The parameters in their order; empty when there are none.
        public var parameters: JSON.Members
        /// How often they were encoded.
        public var encoding: SentbeEncoding
        /// The salt, 8 bytes: the same salt and ciphertext seen again is a call that was sent again.
        public var salt: [UInt8]
        /// SHA-256 of the ciphertext, by which a replayed header is recognised.
        public var ciphertextDigest: [UInt8]

        /// Always `[redacted]`.
        public var description: String { "[redacted]" }
        /// Always `[redacted]`.
        public var debugDescription: String { "[redacted]" }
        /// A mirror without children.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    /// Writes the envelope of `text`.
    ///
    /// - Parameters:
    ///   - text: The parameters' JSON text, taken as it is. Leave out white space: the published Ruby reader breaks on it.
    ///   - secret: The secret_key.
    ///   - salt: 8 random bytes, fresh for every sending.
    ///   - dialect: Whose bytes to write.
    ///   - encoding: How often the text is encoded; leave it at double unless you test a reader.
    /// - Returns: Printable ASCII, 72 bytes and the base64 of the ciphertext.
    /// - Throws: ``SentbeEnvelopeError/Code/unavailable`` when the salt has another length.
    public static func seal(
        _ text: String, secret: Secret, salt: [UInt8], dialect: SentbeDialect = .rubyAndJavaScript, encoding: SentbeEncoding = .double
    ) throws(SentbeEnvelopeError) -> String {
        guard let derived = PassphraseKey(passphrase: secret, salt: salt) else { throw .saltLength }
        let plaintext = encoding == .double ? dialect.quoted(text) : Array(text.utf8)
        return try write(plaintext, key: derived.key, vector: derived.initializationVector, salt: salt, dialect: dialect)
    }

    static func write(
        _ plaintext: [UInt8], key: Secret, vector: [UInt8], salt: [UInt8], dialect: SentbeDialect
    ) throws(SentbeEnvelopeError) -> String {
        let ciphertext: [UInt8]
        do throws(CipherError) {
            ciphertext = try BlockCipher.aes256CBC().encrypt(plaintext, key: key, initializationVector: vector)
        } catch {
            throw .cipherUnavailable
        }
        let base64 = dialect.envelopeText(Base64.encode(ciphertext))
        return "{\"ct\":\"\(base64)\",\"iv\":\"\(Hexadecimal.encode(vector))\",\"s\":\"\(Hexadecimal.encode(salt))\"}"
    }

    /// Reads an envelope down to the parameters: steps 1 to 7.
    ///
    /// - Parameters:
    ///   - header: The value of `SIGNATURE` as it came.
    ///   - secret: The secret_key.
    ///   - rules: What to put up with.
    /// - Throws: ``SentbeEnvelopeError`` naming the first step that failed. Tell the caller nothing but `E0004`: the difference between a wrong padding and wrong
    ///   JSON would let somebody decrypt without the key.
    public static func open(_ header: String, secret: Secret, rules: Rules = Rules()) throws(SentbeEnvelopeError) -> Opened {
        let content = try read(Array(header.utf8), secret: secret, rules: rules)
        let parameters = try parameters(content.text)
        return Opened(
            text: content.text, parameters: parameters, encoding: content.encoding, salt: content.salt,
            ciphertextDigest: Digest.sha256.hash(content.ciphertext))
    }

    /// Reads an envelope down to the text that was put in, which need not be JSON: steps 1 to 6.
    ///
    /// - Throws: ``SentbeEnvelopeError`` naming the first step that failed.
    public static func openText(
        _ header: String, secret: Secret, rules: Rules = Rules()
    ) throws(SentbeEnvelopeError) -> (text: String, encoding: SentbeEncoding) {
        let content = try read(Array(header.utf8), secret: secret, rules: rules)
        return (content.text, content.encoding)
    }

    struct Content {
        var text: String
        var encoding: SentbeEncoding
        var salt: [UInt8]
        var ciphertext: [UInt8]
    }

    static func read(_ header: [UInt8], secret: Secret, rules: Rules) throws(SentbeEnvelopeError) -> Content {
        let parts = try SentbeEnvelopeParts(header, longest: rules.longestHeader)
        guard let derived = PassphraseKey(passphrase: secret, salt: parts.salt) else { throw .saltForm }
        guard constantTimeEquals(parts.vector, derived.initializationVector) else { throw .vectorDiffers }
        let plaintext: [UInt8]
        do throws(CipherError) {
            let cipher = try BlockCipher.aes256CBC()
            plaintext = try cipher.decrypt(parts.ciphertext, key: derived.key, initializationVector: derived.initializationVector)
        } catch {
            throw error.code == .damaged ? .undecryptable : .cipherUnavailable
        }
        let (text, encoding) = try text(plaintext)
        guard encoding == .double || rules.takesSingleEncoding else { throw .singleEncoding }
        return Content(text: text, encoding: encoding, salt: parts.salt, ciphertext: parts.ciphertext)
    }

    /// `P` out of `D`, the decrypted text.
    static func text(_ plaintext: [UInt8]) throws(SentbeEnvelopeError) -> (text: String, encoding: SentbeEncoding) {
        guard let text = String(validUTF8: plaintext.span) else { throw .notUTF8 }
        if plaintext.isEmpty { return ("", .single) }
        let json: JSON
        do throws(JSONError) { json = try JSON(plaintext) } catch { throw .notJSON }
        switch json {
        case .string(let inner): return (inner, .double)
        case .object, .null, .array: return (text, .single)
        case .boolean, .number: throw .notParameters
        }
    }

    /// Step 7: the parameters that `text` writes.
    static func parameters(_ text: String) throws(SentbeEnvelopeError) -> JSON.Members {
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) { return [:] }
        let json: JSON
        do throws(JSONError) { json = try JSON(bytes) } catch { throw .notParameters }
        switch json {
        case .null: return [:]
        case .array(let elements) where elements.isEmpty: return [:]
        case .object(let members):
            guard !RepeatedNames.exist(in: bytes) else { throw .nameTwice }
            return members
        default: throw .notParameters
        }
    }
}

/// The three members of an envelope, read and measured: steps 1 to 3.
struct SentbeEnvelopeParts {
    var ciphertext: [UInt8]
    var vector: [UInt8]
    var salt: [UInt8]

    init(_ header: [UInt8], longest: Int) throws(SentbeEnvelopeError) {
        guard header.count <= longest else { throw .tooLong(header.count, limit: longest) }
        let members = try SentbeEnvelopeParts.members(header)
        for name in ["ct", "iv", "s"] where members[name]?.string == nil { throw .missingMember(name) }
        guard let ciphertext = members["ct"]?.string.flatMap(Base64.decode) else { throw .ciphertextNotBase64 }
        guard !ciphertext.isEmpty, ciphertext.count % BlockCipher.blockByteCount == 0 else { throw .ciphertextLength }
        guard let salt = members["s"]?.string.flatMap(Hexadecimal.decode), salt.count == SentbeEnvelope.saltByteCount else {
            throw .saltForm
        }
        guard let vector = members["iv"]?.string.flatMap(Hexadecimal.decode), vector.count == BlockCipher.blockByteCount else {
            throw .vectorForm
        }
        self.ciphertext = ciphertext
        self.vector = vector
        self.salt = salt
    }

    static func members(_ header: [UInt8]) throws(SentbeEnvelopeError) -> JSON.Members {
        guard let members = (try? JSON(header, depth: 4))?.members else { throw .notAnEnvelope }
        guard !RepeatedNames.exist(in: header) else { throw .memberTwice }
        return members
    }
}
