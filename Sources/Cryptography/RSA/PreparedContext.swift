internal import COpenSSL

/// What an RSA key can be asked to do, with everything that has to be set before.
enum RSAOperation: Hashable, Sendable {
    /// Encryption with OAEP, this digest for the padding and for its mask (MGF1), and an empty label.
    case encrypt(Digest)
    /// Its reverse.
    case decrypt(Digest)
    /// The bare operation of the private key, whatever padding there is being left to the caller.
    case decryptBare
    /// A signature after PKCS #1, version 1.5, over a digest of this kind.
    case sign(Digest)
    /// Its check.
    case verify(Digest)
}

/// One key set up for one operation.
///
/// Setting up looks algorithms up by their names, which takes a good part of the time of an operation with a public key. So it is done once
/// per key; each operation then works on a copy of its own.
@safe
final class PreparedContext: @unchecked Sendable {
    // Sendable because nothing writes to the context after `init`: copying only reads it and counts references, atomically.
    private let handle: OpaquePointer

    init(_ operation: RSAOperation, _ key: OpaquePointer) throws(CipherError) {
        OpenSSLErrors.clear()
        guard let handle = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { throw .outOfMemory }
        unsafe self.handle = handle
        guard unsafe PreparedContext.set(handle, operation) else {
            OpenSSLErrors.clear()
            throw .unavailable(rsa: operation)
        }
    }

    deinit { unsafe EVP_PKEY_CTX_free(handle) }

    private static func set(_ handle: OpaquePointer, _ operation: RSAOperation) -> Bool {
        switch operation {
        case .encrypt(let digest): unsafe EVP_PKEY_encrypt_init(handle) == 1 && setPadding(handle, digest)
        case .decrypt(let digest): unsafe EVP_PKEY_decrypt_init(handle) == 1 && setPadding(handle, digest)
        case .decryptBare: unsafe EVP_PKEY_decrypt_init(handle) == 1 && EVP_PKEY_CTX_set_rsa_padding(handle, RSA_NO_PADDING) == 1
        case .sign(let digest): unsafe EVP_PKEY_sign_init(handle) == 1 && setSignature(handle, digest)
        case .verify(let digest): unsafe EVP_PKEY_verify_init(handle) == 1 && setSignature(handle, digest)
        }
    }

    private static func setPadding(_ handle: OpaquePointer, _ digest: Digest) -> Bool {
        unsafe EVP_PKEY_CTX_set_rsa_padding(handle, RSA_PKCS1_OAEP_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_oaep_md(handle, digest.algorithm.handle) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(handle, digest.algorithm.handle) == 1
    }

    private static func setSignature(_ handle: OpaquePointer, _ digest: Digest) -> Bool {
        unsafe EVP_PKEY_CTX_set_rsa_padding(handle, RSA_PKCS1_PADDING) == 1
            && EVP_PKEY_CTX_set_signature_md(handle, digest.algorithm.handle) == 1
    }

    /// Lends `body` a copy that is its own.
    func withCopy<Result>(_ body: (OpaquePointer) -> Result) throws(CipherError) -> Result {
        guard let copy = unsafe EVP_PKEY_CTX_dup(handle) else {
            OpenSSLErrors.clear()
            throw .outOfMemory
        }
        defer { unsafe EVP_PKEY_CTX_free(copy) }
        return unsafe body(copy)
    }
}
