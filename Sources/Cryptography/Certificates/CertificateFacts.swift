internal import COpenSSL

extension Certificate {
    /// The last common name (CN) of the subject, which is the most specific one; nothing when it has none.
    public var commonName: String? {
        guard let subject = unsafe X509_get_subject_name(reference.handle) else { return nil }
        var last: Int32 = -1
        while true {
            let next = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, last)
            guard next >= 0 else { break }
            last = next
        }
        guard last >= 0, let entry = unsafe X509_NAME_get_entry(subject, last) else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
        guard count >= 0, let text = unsafe text else { return nil }
        defer { unsafe CRYPTO_free(text, "", 0) }
        return unsafe String(decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    }

    /// The serial number that the issuer gave it, as a positive number in bytes, the most significant first.
    public var serialNumber: [UInt8] {
        guard let serial = unsafe X509_get0_serialNumber(reference.handle) else { return [] }
        let count = Int(unsafe ASN1_STRING_length(serial))
        guard count > 0, let start = unsafe ASN1_STRING_get0_data(serial) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// Whether its purposes (key usage, extended key usage) let it prove a caller to a server.
    public var mayProveClient: Bool { unsafe X509_check_purpose(reference.handle, X509_PURPOSE_SSL_CLIENT, 0) == 1 }

    /// Whether `issuer`'s name and key identifier are those that this certificate says it was issued by. The signature is not checked.
    public func names(issuer: Certificate) -> Bool {
        unsafe X509_check_issued(issuer.reference.handle, reference.handle) == X509_V_OK
    }

    /// Whether it was issued by itself, as roots are.
    public var isSelfIssued: Bool { names(issuer: self) }

    /// How much work it takes to break its public key, as the logarithm to base 2 (NIST SP 800-57): 112 for RSA with 2048 bits, 128 for P-256.
    public var securityBits: Int {
        guard let key = unsafe X509_get0_pubkey(reference.handle) else { return 0 }
        return Int(unsafe EVP_PKEY_get_security_bits(key))
    }

    /// Whether `key` is the private half of this certificate's key.
    public func belongs(to key: PrivateKey) -> Bool {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        return unsafe X509_check_private_key(reference.handle, key.reference.handle) == 1
    }
}
