public import Base
internal import COpenSSL

/// AES-256 in Galois/Counter Mode (FIPS 197, SP 800-38D): encrypts, and proves that neither the ciphertext nor the additional data was changed.
///
/// An initialization vector must never be used twice with one key: a second use gives away both plaintexts and lets anybody forge messages.
public struct AuthenticatedCipher: Sendable {
    /// The length of a key in bytes.
    public static let keyByteCount = 32
    /// The length of an initialization vector in bytes; the one length that SP 800-38D recommends.
    public static let vectorByteCount = 12
    /// The length of a tag in bytes; shorter ones are not accepted.
    public static let tagByteCount = 16

    /// What ``seal(_:key:initializationVector:additionalData:)`` gives.
    public struct Sealed: Sendable, Hashable {
        /// As long as the plaintext.
        public var ciphertext: [UInt8]
        /// ``AuthenticatedCipher/tagByteCount`` bytes.
        public var tag: [UInt8]

        /// A message by its two parts.
        public init(ciphertext: [UInt8], tag: [UInt8]) {
            self.ciphertext = ciphertext
            self.tag = tag
        }
    }

    private let algorithm: Algorithm

    /// A key that is set up once for opening any number of messages, one after another.
    public struct Opener: ~Copyable {
        private let context: Context

        fileprivate init(_ context: Context) { self.context = context }

        /// The plaintext of one message; see ``AuthenticatedCipher/open(_:key:initializationVector:additionalData:)``.
        ///
        /// - Parameter initializationVector: ``AuthenticatedCipher/vectorByteCount`` bytes.
        public func open(
            _ ciphertext: Span<UInt8>, tag: Span<UInt8>, initializationVector: Span<UInt8>, additionalData: Span<UInt8>
        ) throws(CipherError) -> [UInt8] {
            guard initializationVector.count == vectorByteCount else { throw .wrongKeyLength }
            // What `update` gives is not to be looked at before `finish` has compared the tag, in constant time.
            guard context.begin(initializationVector), context.expect(tag), context.sign(additionalData),
                let plaintext = context.update(ciphertext), context.finish()
            else {
                OpenSSLErrors.clear()
                throw .damaged
            }
            return plaintext
        }
    }

    /// Sets a key up for opening messages.
    ///
    /// - Parameter key: ``keyByteCount`` bytes.
    /// - Throws: ``CipherError/Code/wrongKeyLength``.
    public func opener(key: Secret) throws(CipherError) -> Opener { Opener(try Context(algorithm, key, encrypts: false)) }

    /// The cipher.
    ///
    /// - Throws: ``CipherError/Code/unavailable`` when this OpenSSL does not have it.
    public static func aes256GCM() throws(CipherError) -> AuthenticatedCipher { AuthenticatedCipher(algorithm: try Algorithm.aes256.get()) }

    /// Encrypts `plaintext` and signs it together with `additionalData`.
    ///
    /// - Parameters:
    ///   - plaintext: At most 2³¹−1 bytes; may be empty.
    ///   - key: ``keyByteCount`` bytes.
    ///   - initializationVector: ``vectorByteCount`` bytes, never used before with this key.
    ///   - additionalData: What is signed but not encrypted; may be empty.
    /// - Throws: ``CipherError/Code/wrongKeyLength``, or ``CipherError/Code/damaged`` for a plaintext that is too long.
    public func seal(
        _ plaintext: [UInt8], key: Secret, initializationVector: [UInt8], additionalData: [UInt8] = []
    ) throws(CipherError) -> Sealed {
        guard initializationVector.count == AuthenticatedCipher.vectorByteCount else { throw .wrongKeyLength }
        let context = try Context(algorithm, key, encrypts: true)
        guard context.begin(initializationVector.span), context.sign(additionalData.span), let ciphertext = context.update(plaintext.span),
            context.finish(), let tag = context.tag
        else {
            OpenSSLErrors.clear()
            throw .damaged
        }
        return Sealed(ciphertext: ciphertext, tag: tag)
    }

    /// The plaintext of `sealed`, once its tag has been checked.
    ///
    /// - Throws: ``CipherError/Code/damaged`` for any ciphertext, tag, vector, key or additional data that do not belong together, which one told by nothing;
    ///   ``CipherError/Code/wrongKeyLength``.
    public func open(
        _ sealed: Sealed, key: Secret, initializationVector: [UInt8], additionalData: [UInt8] = []
    ) throws(CipherError) -> [UInt8] {
        try opener(key: key).open(
            sealed.ciphertext.span, tag: sealed.tag.span, initializationVector: initializationVector.span,
            additionalData: additionalData.span)
    }

    /// A key set up, and one message under way.
    @safe
    fileprivate final class Context {
        private let handle: OpaquePointer

        init(_ algorithm: Algorithm, _ key: Secret, encrypts: Bool) throws(CipherError) {
            guard key.count == keyByteCount else { throw .wrongKeyLength }
            guard let handle = unsafe EVP_CIPHER_CTX_new() else { throw .outOfMemory }
            unsafe self.handle = handle
            let isReady = key.withSpan { (span: Span<UInt8>) -> Bool in
                unsafe span.withUnsafeBufferPointer { keyBytes in
                    unsafe EVP_CipherInit_ex2(handle, algorithm.handle, keyBytes.baseAddress, nil, encrypts ? 1 : 0, nil) == 1
                }
            }
            guard isReady else {
                OpenSSLErrors.clear()
                throw .outOfMemory
            }
        }

        /// Begins a message, of ``vectorByteCount`` bytes of vector.
        func begin(_ vector: Span<UInt8>) -> Bool {
            // -1: in the direction that was set.
            unsafe vector.withUnsafeBufferPointer { unsafe EVP_CipherInit_ex2(handle, nil, nil, $0.baseAddress, -1, nil) == 1 }
        }

        // Freeing a context also overwrites the key schedule in it.
        deinit { unsafe EVP_CIPHER_CTX_free(handle) }

        /// Takes in what is signed but not encrypted.
        func sign(_ additionalData: Span<UInt8>) -> Bool {
            // OpenSSL would take a missing address for the end of the message.
            guard !additionalData.isEmpty else { return true }
            guard additionalData.count <= Int(Int32.max) else { return false }
            var count: Int32 = 0
            return unsafe additionalData.withUnsafeBufferPointer { source in
                unsafe EVP_CipherUpdate(handle, nil, &count, source.baseAddress, Int32(source.count)) == 1
            }
        }

        /// The other side of `input`; nothing when OpenSSL refuses it.
        func update(_ input: Span<UInt8>) -> [UInt8]? {
            guard !input.isEmpty else { return [] }
            guard input.count <= Int(Int32.max) else { return nil }
            var isTaken = false
            let output = [UInt8](capacity: input.count) { target in
                unsafe target.withUnsafeMutableBufferPointer { bytes, count in
                    var written: Int32 = 0
                    isTaken = unsafe input.withUnsafeBufferPointer { source in
                        unsafe EVP_CipherUpdate(handle, bytes.baseAddress, &written, source.baseAddress, Int32(source.count)) == 1
                    }
                    count = Int(written)
                }
            }
            return isTaken && output.count == input.count ? output : nil
        }

        /// Ends the message: when decrypting, compares the tag.
        func finish() -> Bool {
            // Counter mode holds nothing back, so that nothing is written here; OpenSSL wants an address all the same.
            var rest: [UInt8] = [0]
            var count: Int32 = 0
            return unsafe rest.withUnsafeMutableBufferPointer { unsafe EVP_CipherFinal_ex(handle, $0.baseAddress, &count) == 1 }
        }

        /// The tag to compare with.
        func expect(_ tag: Span<UInt8>) -> Bool {
            guard tag.count == tagByteCount else { return false }
            // OpenSSL only reads the tag; its function is for parameters of either direction.
            return unsafe tag.withUnsafeBytes {
                unsafe EVP_CIPHER_CTX_ctrl(
                    handle, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), UnsafeMutableRawPointer(mutating: $0.baseAddress)) == 1
            }
        }

        /// The tag of what was encrypted.
        var tag: [UInt8]? {
            var tag = [UInt8](repeating: 0, count: tagByteCount)
            let isWritten = unsafe tag.withUnsafeMutableBytes {
                unsafe EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), $0.baseAddress) == 1
            }
            return isWritten ? tag : nil
        }
    }

    /// The cipher, fetched from OpenSSL's providers once; fetching takes longer than a short message.
    @safe
    fileprivate final class Algorithm: @unchecked Sendable {
        // Sendable because an EVP_CIPHER is immutable once fetched, and this one lives as long as the process.
        let handle: OpaquePointer

        private init(_ handle: OpaquePointer) { unsafe self.handle = handle }

        static let aes256: Result<Algorithm, CipherError> = {
            guard let handle = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else {
                OpenSSLErrors.clear()
                return .failure(.unavailable("AES-256-GCM"))
            }
            return unsafe .success(Algorithm(handle))
        }()
    }
}
