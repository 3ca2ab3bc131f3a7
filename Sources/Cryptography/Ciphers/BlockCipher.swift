public import Base
internal import COpenSSL

/// A block cipher in CBC mode with PKCS#7 padding, over bytes that are all there.
///
/// CBC proves nothing about who wrote a ciphertext: whoever decrypts must check what comes out, or verify a signature before.
public struct BlockCipher: Sendable {
    /// The length of a key in bytes.
    public let keyByteCount: Int
    /// The length of a block, and so of the initialization vector: 16 bytes with every cipher here.
    public static let blockByteCount = 16

    private let algorithm: Algorithm

    private init(_ algorithm: Algorithm, keyByteCount: Int) {
        self.algorithm = algorithm
        self.keyByteCount = keyByteCount
    }

    /// AES with a key of 32 bytes (FIPS 197, SP 800-38A).
    public static func aes256CBC() throws(CipherError) -> BlockCipher {
        BlockCipher(try Algorithm.aes256.get(), keyByteCount: 32)
    }

    /// SEED with a key of 16 bytes (RFC 4269). OpenSSL keeps it in its *legacy* provider, a module of its own that an installation may lack.
    ///
    /// - Throws: ``CipherError/Code/unavailable`` when that module cannot be loaded.
    public static func seedCBC() throws(CipherError) -> BlockCipher {
        BlockCipher(try Algorithm.seed.get(), keyByteCount: 16)
    }

    /// The ciphertext of `plaintext`: padded, so 1 to 16 bytes longer.
    ///
    /// - Parameters:
    ///   - key: ``keyByteCount`` bytes.
    ///   - initializationVector: ``blockByteCount`` bytes.
    /// - Throws: ``CipherError/Code/wrongKeyLength``.
    public func encrypt(_ plaintext: [UInt8], key: Secret, initializationVector: [UInt8]) throws(CipherError) -> [UInt8] {
        try run(plaintext, key, initializationVector, encrypts: true)
    }

    /// The plaintext of `ciphertext`, without its padding.
    ///
    /// - Throws: ``CipherError/Code/damaged`` for a length or a padding that cannot be right, the two told apart by nothing.
    public func decrypt(_ ciphertext: [UInt8], key: Secret, initializationVector: [UInt8]) throws(CipherError) -> [UInt8] {
        guard !ciphertext.isEmpty, ciphertext.count % BlockCipher.blockByteCount == 0 else { throw .damaged }
        return try run(ciphertext, key, initializationVector, encrypts: false)
    }

    private func run(_ input: [UInt8], _ key: Secret, _ vector: [UInt8], encrypts: Bool) throws(CipherError) -> [UInt8] {
        guard key.count == keyByteCount, vector.count == BlockCipher.blockByteCount else { throw .wrongKeyLength }
        guard input.count <= Int(Int32.max) - BlockCipher.blockByteCount else { throw .damaged }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let isReady = key.withSpan { (span: Span<UInt8>) -> Bool in
            unsafe span.withUnsafeBufferPointer { keyBytes in
                unsafe vector.withUnsafeBufferPointer { vectorBytes in
                    unsafe EVP_CipherInit_ex2(
                        context, algorithm.handle, keyBytes.baseAddress, vectorBytes.baseAddress, encrypts ? 1 : 0, nil) == 1
                }
            }
        }
        guard isReady else { throw .outOfMemory }
        var isComplete = false
        let output = [UInt8](capacity: input.count + BlockCipher.blockByteCount) { target in
            unsafe target.withUnsafeMutableBufferPointer { bytes, count in
                var written: Int32 = 0
                var last: Int32 = 0
                // OpenSSL takes an empty array's missing address for "no input", which is what it is.
                let isTaken = unsafe input.withUnsafeBufferPointer { source in
                    unsafe EVP_CipherUpdate(context, bytes.baseAddress, &written, source.baseAddress, Int32(source.count)) == 1
                }
                guard isTaken, let start = bytes.baseAddress else { return }
                guard unsafe EVP_CipherFinal_ex(context, start + Int(written), &last) == 1 else { return }
                count = Int(written + last)
                isComplete = true
            }
        }
        guard isComplete else {
            OpenSSLErrors.clear()
            throw .damaged
        }
        return output
    }

    /// A cipher fetched from OpenSSL's providers once; fetching takes longer than a short message.
    @safe
    private final class Algorithm: @unchecked Sendable {
        // Sendable because an EVP_CIPHER is immutable once fetched, and these live as long as the process.
        let handle: OpaquePointer

        private init(_ handle: OpaquePointer) { unsafe self.handle = handle }

        static let aes256: Result<Algorithm, CipherError> = {
            guard let handle = unsafe EVP_CIPHER_fetch(nil, "AES-256-CBC", nil) else { return .failure(.unavailable("AES-256-CBC")) }
            return unsafe .success(Algorithm(handle))
        }()

        /// Fetched in a library context of its own: loading the legacy provider into the default one would also open its other ciphers to TLS.
        static let seed: Result<Algorithm, CipherError> = {
            let unavailable = Result<Algorithm, CipherError>.failure(.unavailable("SEED-CBC"))
            defer { OpenSSLErrors.clear() }
            guard let context = unsafe OSSL_LIB_CTX_new(), unsafe OSSL_PROVIDER_load(context, "legacy") != nil else { return unavailable }
            guard let handle = unsafe EVP_CIPHER_fetch(context, "SEED-CBC", nil) else { return unavailable }
            return unsafe .success(Algorithm(handle))
        }()
    }
}
