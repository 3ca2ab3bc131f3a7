public import Base
import Cryptography

/// The second generation of the API, as one partner's published client shows it (2020–21): signed, with the parameters encrypted in the body.
///
/// `x-api-signature` is base64 of HMAC-SHA-256 over nonce, url and the exact bytes of the body; the body is `{"data":"<base64>"}`, where data is `Salted__`, 8 bytes of salt
/// and AES-256-CBC of the JSON text, encoded once. Key and vector follow from a second secret as in ``SentbeEnvelope``.
public enum SentbeGeneration2 {
    /// Header fields.
    public static let apiKey = "x-api-key"
    /// Seconds since the epoch, in decimal.
    public static let nonce = "x-api-nonce"
    /// The signature.
    public static let signature = "x-api-signature"

    /// How much of the URL is signed.
    public enum URLForm: String, Sendable, CaseIterable {
        /// The path with its leading `/`: the later client, and the default.
        case path
        /// `host:port` and the path: the earlier client.
        case hostAndPath

        /// What is signed for a call.
        ///
        /// - Parameters:
        ///   - authority: `host:port` as the partner writes it.
        ///   - path: The path with its leading `/`.
        public func text(authority: String, path: String) -> String {
            switch self {
            case .path: path
            case .hostAndPath: authority + path
            }
        }
    }

    /// The signature of a call, in base64.
    public static func signature(nonce: String, url: String, body: [UInt8], secret: Secret) -> String {
        Base64.encode(secret.withBytes { hmacSHA256(Array(nonce.utf8) + Array(url.utf8) + body, key: $0) })
    }

    /// Whether `signature` is the one of this call, compared in constant time; `false` for anything but strict base64.
    public static func verifies(_ signature: String, nonce: String, url: String, body: [UInt8], secret: Secret) -> Bool {
        guard let given = Base64.decode(signature) else { return false }
        let expected = secret.withBytes { hmacSHA256(Array(nonce.utf8) + Array(url.utf8) + body, key: $0) }
        return constantTimeEquals(given, expected)
    }

    /// `Salted__`, by which OpenSSL's own form begins.
    public static let saltedMark = Array("Salted__".utf8)

    /// Encrypts a text into the value of `data`.
    ///
    /// - Parameters:
    ///   - text: The JSON text.
    ///   - secret: The second secret, for data.
    ///   - salt: 8 random bytes, fresh each time.
    /// - Throws: ``SentbeEnvelopeError/Code/unavailable`` when the salt has another length.
    public static func seal(_ text: [UInt8], secret: Secret, salt: [UInt8]) throws(SentbeEnvelopeError) -> String {
        guard let derived = PassphraseKey(passphrase: secret, salt: salt) else { throw .saltLength }
        do throws(CipherError) {
            let cipher = try BlockCipher.aes256CBC()
            return Base64.encode(
                saltedMark + salt + (try cipher.encrypt(text, key: derived.key, initializationVector: derived.initializationVector)))
        } catch {
            throw .cipherUnavailable
        }
    }

    /// Decrypts the value of `data`.
    ///
    /// - Throws: ``SentbeEnvelopeError`` with `ct-not-base64`, `ct-length` (also without `Salted__`), `undecryptable` or `not-utf8`.
    public static func open(_ data: String, secret: Secret) throws(SentbeEnvelopeError) -> [UInt8] {
        guard let bytes = Base64.decode(data) else { throw .ciphertextNotBase64 }
        guard bytes.starts(with: saltedMark), bytes.count >= 32, bytes.count % BlockCipher.blockByteCount == 0,
            let derived = PassphraseKey(passphrase: secret, salt: Array(bytes[8..<16]))
        else { throw .ciphertextLength }
        let text: [UInt8]
        do throws(CipherError) {
            let cipher = try BlockCipher.aes256CBC()
            text = try cipher.decrypt(Array(bytes[16...]), key: derived.key, initializationVector: derived.initializationVector)
        } catch {
            throw error.code == .damaged ? .undecryptable : .cipherUnavailable
        }
        guard String(validating: text, as: UTF8.self) != nil else { throw .notUTF8 }
        return text
    }

    /// Opens the body of a request down to its parameters. A name that stands twice is refused, as in the first generation.
    public static func parameters(_ body: [UInt8], secret: Secret) throws(SentbeEnvelopeError) -> JSON.Members {
        guard let json = try? JSON(body), json.members != nil else { throw .notAnEnvelope }
        guard !RepeatedNames.exist(in: body) else { throw .memberTwice }
        guard let data = json["data"]?.string else { throw .missingMember("data") }
        let text = try open(data, secret: secret)
        guard let members = (try? JSON(text))?.members else { throw .notParameters }
        guard !RepeatedNames.exist(in: text) else { throw .nameTwice }
        return members
    }

    /// `{"data":"…"}` in its shortest form. What is signed must be these very bytes.
    public static func body(_ data: String) -> [UInt8] { Array("{\"data\":\"\(data)\"}".utf8) }

    /// How far a nonce may be from the provider's clock. Ours: the provider's own window is not known.
    public static let nonceWindow: Duration = .seconds(300)
}

extension SentbeGeneration2 {
    /// An answer: `{error, code, message, data}`, `data` encrypted like a request's.
    public struct Reply: Sendable, Hashable {
        /// `error` as it came; its meaning is not known.
        public var error: JSON
        /// 200 when all is well.
        public var code: ReplyCode
        /// The provider's words.
        public var message: String
        /// The opened data; `null` when there was none.
        public var data: JSON

        /// An answer by its parts.
        public init(error: JSON = false, code: ReplyCode, message: String, data: JSON = .null) {
            self.error = error
            self.code = code
            self.message = message
            self.data = data
        }

        /// Reads and opens an answer. `code` may be a number or a text.
        ///
        /// - Throws: ``SentbeEnvelopeError`` with `not-an-envelope` for what is no such JSON, or the reason why `data` does not open.
        public init(_ body: [UInt8], secret: Secret) throws(SentbeEnvelopeError) {
            guard let json = try? JSON(body), let code = json.text("code").flatMap(JSON.integer), let code = Int(exactly: code) else {
                throw .notAnEnvelope
            }
            self.init(error: json["error"] ?? .null, code: ReplyCode(rawValue: code), message: json["message"]?.string ?? "")
            guard let data = json["data"], !data.isNull else { return }
            guard let sealed = data.string else { throw .missingMember("data") }
            if sealed.isEmpty { return }
            let text = try SentbeGeneration2.open(sealed, secret: secret)
            do throws(JSONError) { self.data = try JSON(text) } catch { throw .notJSON }
        }

        /// The answer with its data encrypted.
        public func body(secret: Secret, salt: [UInt8]) throws(SentbeEnvelopeError) -> [UInt8] {
            var members: JSON.Members = ["error": error, "code": .number(code.rawValue), "message": .string(message)]
            members["data"] = data.isNull ? .null : .string(try SentbeGeneration2.seal(data.bytes, secret: secret, salt: salt))
            return JSON.object(members).bytes
        }
    }

    /// The `code` of an answer.
    public struct ReplyCode: RawRepresentable, Hashable, Sendable {
        /// The number.
        public let rawValue: Int
        /// A code by its number; also one that is not known.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// All is well.
        public static let success = ReplyCode(rawValue: 200)
        /// The user does not match.
        public static let userMismatch = ReplyCode(rawValue: 1003)
        /// The signature is wrong.
        public static let signatureError = ReplyCode(rawValue: 48)
    }
}
