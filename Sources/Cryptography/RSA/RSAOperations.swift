public import Base
internal import COpenSSL

extension PublicKey {
    /// Encrypts `plaintext` with RSA-OAEP (RFC 8017, section 7.1), `digest` for the padding and for its mask (MGF1) alike, and an empty label.
    ///
    /// - Parameters:
    ///   - plaintext: At most the key's bytes less twice the digest's less two: 470 with 4096 bits and SHA-1.
    ///   - digest: What the receiver uses. SHA-1 is no weakness here, for nothing rests on its having no collisions.
    /// - Returns: As many bytes as the key's modulus has; other ones each time.
    /// - Throws: ``CipherError/Code/wrongKeyKind``, ``CipherError/Code/tooLong``.
    public func encryptOAEP(_ plaintext: Secret, digest: Digest = .sha1) throws(CipherError) -> [UInt8] {
        try plaintext.withSpan { (span) throws(CipherError) in try encryptOAEP(span, digest: digest) }
    }

    /// Encrypts `plaintext` as ``encryptOAEP(_:digest:)-(Secret,_)`` does.
    public func encryptOAEP(_ plaintext: [UInt8], digest: Digest = .sha1) throws(CipherError) -> [UInt8] {
        try encryptOAEP(plaintext.span, digest: digest)
    }

    private func encryptOAEP(_ plaintext: Span<UInt8>, digest: Digest) throws(CipherError) -> [UInt8] {
        let context = try reference.prepared(for: .encrypt(digest))
        guard plaintext.count <= reference.byteCount - 2 * digest.byteCount - 2 else { throw .tooLong }
        return unsafe try reference.run(context, EVP_PKEY_encrypt, on: plaintext)
    }

    /// Whether `signature` is one by the private half over `bytes`: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2; `RS256` in a JWT).
    ///
    /// False for a key that is no RSA key of a usable size, too.
    public func isRSASHA256(signature: [UInt8], of bytes: [UInt8]) -> Bool {
        guard let context = try? reference.prepared(for: .verify(.sha256)), signature.count == reference.byteCount else { return false }
        let digest = Digest.sha256.hash(bytes)
        defer { OpenSSLErrors.clear() }
        let isValid = unsafe try? context.withCopy { context in
            unsafe EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
        }
        return isValid ?? false
    }
}

extension PrivateKey {
    /// The plaintext of what ``PublicKey/encryptOAEP(_:digest:)-(Secret,_)`` of its public half wrote with the same `digest`.
    ///
    /// - Throws: ``CipherError/Code/damaged`` for any ciphertext that is not one, in the same way whatever is wrong with it;
    ///   ``CipherError/Code/wrongKeyKind``.
    public func decryptOAEP(_ ciphertext: [UInt8], digest: Digest = .sha1) throws(CipherError) -> Secret {
        let context = try reference.prepared(for: .decrypt(digest))
        guard ciphertext.count == reference.byteCount else { throw .damaged }
        var plaintext = unsafe try reference.run(context, EVP_PKEY_decrypt, on: ciphertext.span)
        defer { wipe(&plaintext) }
        return Secret(plaintext)
    }

    /// What stands in `ciphertext` under its padding, all of the block: for finding out what that padding is.
    func decryptBare(_ ciphertext: [UInt8]) throws(CipherError) -> [UInt8] {
        let context = try reference.prepared(for: .decryptBare)
        guard ciphertext.count == reference.byteCount else { throw .damaged }
        return unsafe try reference.run(context, EVP_PKEY_decrypt, on: ciphertext.span)
    }

    /// Signs `bytes` with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017, section 8.2; `RS256` in a JWT): as many bytes as the key's modulus has.
    ///
    /// - Throws: ``CipherError/Code/wrongKeyKind``.
    public func signRSASHA256(_ bytes: [UInt8]) throws(CipherError) -> [UInt8] {
        let context = try reference.prepared(for: .sign(.sha256))
        return unsafe try reference.run(context, EVP_PKEY_sign, on: Digest.sha256.hash(bytes).span)
    }
}

/// Encrypting, decrypting and signing look alike to OpenSSL.
private typealias RSAFunction = (
    OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
) -> Int32

extension KeyReference {
    /// The lengths of a modulus in bits that are taken: below, anybody can find the private half; above, OpenSSL refuses.
    private static let usableBits = 2048...16_384

    /// The length of an RSA modulus in bytes.
    fileprivate var byteCount: Int { (bits + 7) / 8 }

    /// The key set up for `operation`; made at the first call, shared by all later ones.
    fileprivate func prepared(for operation: RSAOperation) throws(CipherError) -> PreparedContext {
        try contexts.withLock { (contexts) throws(CipherError) in
            if let context = contexts[operation] { return context }
            guard isRSA else { throw .wrongKeyKind("the key is not an RSA key") }
            guard KeyReference.usableBits.contains(bits) else {
                throw .wrongKeyKind("the RSA key has \(bits) bits; at least 2048 and at most 16384 are taken")
            }
            let context = unsafe try PreparedContext(operation, handle)
            contexts[operation] = context
            return context
        }
    }

    fileprivate func run(_ context: PreparedContext, _ function: RSAFunction, on input: Span<UInt8>) throws(CipherError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: byteCount)
        let count = unsafe try context.withCopy { context -> Int? in
            unsafe input.withUnsafeBufferPointer { source in
                unsafe output.withUnsafeMutableBufferPointer { target in
                    var count = target.count
                    let isDone = unsafe function(context, target.baseAddress, &count, source.baseAddress, source.count) == 1
                    return isDone && count <= target.count ? count : nil
                }
            }
        }
        guard let count else {
            OpenSSLErrors.clear()
            wipe(&output)
            throw .damaged
        }
        guard count < output.count else { return output }
        // What is shorter than the modulus is a plaintext: nothing of it stays behind.
        defer { wipe(&output) }
        return Array(output[..<count])
    }
}
