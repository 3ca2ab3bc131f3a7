internal import COpenSSL

/// A function that maps any bytes to a few: one-shot, over bytes that are all there.
///
/// SHA-1 and MD5 are here because providers' protocols ask for them; neither protects anything by itself any more.
public enum Digest: String, Sendable, CaseIterable {
    /// 32 bytes (FIPS 180-4).
    case sha256 = "SHA256"
    /// 64 bytes (FIPS 180-4).
    case sha512 = "SHA512"
    /// 20 bytes (FIPS 180-4); broken for signatures.
    case sha1 = "SHA1"
    /// 16 bytes (RFC 1321); broken.
    case md5 = "MD5"

    /// The number of bytes of a result.
    public var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha512: 64
        case .sha1: 20
        case .md5: 16
        }
    }

    /// The digest of `bytes`, ``byteCount`` long.
    public func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](capacity: byteCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, count in
                let result = unsafe bytes.withUnsafeBytes { source in
                    unsafe EVP_Digest(source.baseAddress, source.count, target.baseAddress, nil, algorithm.handle, nil)
                }
                // Without memory, or under a policy that forbids the algorithm, there is no value that could be returned.
                precondition(result == 1, "OpenSSL cannot compute \(rawValue)")
                count = byteCount
            }
        }
    }

    /// The digest of the UTF-8 bytes of `text`.
    public func hash(_ text: String) -> [UInt8] { hash(Array(text.utf8)) }

    /// The keyed digest of `bytes` (HMAC, RFC 2104).
    public func authenticate(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](capacity: byteCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, count in
                // An empty key is allowed by RFC 2104; OpenSSL takes a missing pointer for "as before" and needs one.
                let keyBytes = key.isEmpty ? [0] : key
                let result = unsafe keyBytes.withUnsafeBytes { keySource in
                    unsafe bytes.withUnsafeBufferPointer { source in
                        unsafe HMAC(
                            algorithm.handle, keySource.baseAddress, Int32(clamping: key.count), source.baseAddress, source.count,
                            target.baseAddress, nil)
                    }
                }
                precondition(unsafe result != nil, "OpenSSL cannot compute HMAC-\(rawValue)")
                count = byteCount
            }
        }
    }

    var algorithm: Algorithm {
        switch self {
        case .sha256: Algorithm.sha256
        case .sha512: Algorithm.sha512
        case .sha1: Algorithm.sha1
        case .md5: Algorithm.md5
        }
    }

    /// An algorithm fetched from OpenSSL's providers once; fetching takes longer than a short digest.
    @safe
    final class Algorithm: @unchecked Sendable {
        // Sendable because an EVP_MD is immutable once fetched, and these live as long as the process.
        let handle: OpaquePointer

        private init(_ name: String) {
            guard let handle = unsafe EVP_MD_fetch(nil, name, nil) else {
                preconditionFailure("this OpenSSL has no \(name)")
            }
            unsafe self.handle = handle
        }

        static let sha256 = Algorithm("SHA256")
        static let sha512 = Algorithm("SHA512")
        static let sha1 = Algorithm("SHA1")
        static let md5 = Algorithm("MD5")
    }
}

/// HMAC-SHA256 of `bytes` under `key`, 32 bytes (RFC 2104, FIPS 180-4).
public func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] { Digest.sha256.authenticate(bytes, key: key) }

/// Whether both hold the same bytes, in a time that depends on their lengths only.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { one in
        unsafe right.withUnsafeBytes { other in
            unsafe one.isEmpty || CRYPTO_memcmp(one.baseAddress, other.baseAddress, one.count) == 0
        }
    }
}
