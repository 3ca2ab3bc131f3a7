internal import Base
internal import COpenSSL

/// A certificate that is being put together; nobody else sees it before it is signed.
@safe
struct CertificateDraft {
    private let reference: CertificateReference

    init(commonName: String, validity: CertificateValidity, serialNumber: [UInt8], key: PrivateKey) throws(CertificateError) {
        OpenSSLErrors.clear()
        guard let handle = unsafe X509_new() else { throw CertificateError(.notIssued, openSSL: "no certificate could be made") }
        reference = unsafe CertificateReference(owning: handle)
        unsafe X509_set_version(handle, Int(X509_VERSION_3))
        try setSerialNumber(serialNumber)
        try setValidity(validity)
        let name = Array(commonName.utf8)
        guard (1...64).contains(commonName.unicodeScalars.count), !name.contains(0),
            unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(handle), NID_commonName, MBSTRING_UTF8, name, Int32(name.count), -1, 0) == 1
        else { throw CertificateError(.invalidName, openSSL: "the common name cannot stand in a certificate") }
        guard unsafe X509_set_pubkey(handle, key.reference.handle) == 1 else {
            throw CertificateError(.notIssued, openSSL: "the key cannot stand in a certificate")
        }
    }

    private func setSerialNumber(_ bytes: [UInt8]) throws(CertificateError) {
        // RFC 5280, section 4.1.2.2: positive, so the highest bit is cleared; never zero, so the one below it is set.
        var bytes = bytes
        if let first = bytes.first { bytes[0] = first & 0x3F | 0x40 }
        guard let number = unsafe BN_bin2bn(bytes, Int32(bytes.count), nil) else {
            throw CertificateError(.notIssued, openSSL: "no serial number could be made")
        }
        defer { unsafe BN_free(number) }
        guard unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(reference.handle)) != nil else {
            throw CertificateError(.notIssued, openSSL: "no serial number could be made")
        }
    }

    private func setValidity(_ validity: CertificateValidity) throws(CertificateError) {
        let first = validity.notBefore.unixSeconds
        let last = validity.notAfter.unixSeconds
        guard first <= last, first >= -631_152_000, last <= 253_402_300_799,
            unsafe ASN1_TIME_set(X509_getm_notBefore(reference.handle), Int(first)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notAfter(reference.handle), Int(last)) != nil
        else { throw CertificateError(.invalidValidity, "a certificate cannot be valid in this window") }
    }

    /// Adds an extension in OpenSSL's own notation (x509v3_config(5)). `value` must not come from outside unchecked.
    func add(_ extensionIdentifier: Int32, _ value: String, issuer: Certificate?) throws(CertificateError) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer?.reference.handle ?? reference.handle, reference.handle, nil, nil, 0)
        guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, extensionIdentifier, value) else {
            throw CertificateError(.notIssued, openSSL: "an extension could not be made")
        }
        defer { unsafe X509_EXTENSION_free(made) }
        guard unsafe X509_add_ext(reference.handle, made, -1) == 1 else {
            throw CertificateError(.notIssued, openSSL: "an extension could not be added")
        }
    }

    /// Signs the draft in the name of `issuer`, or of its own subject when there is none.
    func sign(issuer: Certificate?, key: PrivateKey) throws(CertificateError) -> Certificate {
        let issuerHandle = unsafe issuer?.reference.handle ?? reference.handle
        guard unsafe X509_set_issuer_name(reference.handle, X509_get_subject_name(issuerHandle)) == 1,
            unsafe X509_sign(reference.handle, key.reference.handle, Digest.sha256.algorithm.handle) > 0
        else { throw CertificateError(.notIssued, openSSL: "the certificate could not be signed") }
        // Read back from its bytes, so that what others share is never the object that was written to.
        return try Certificate(der: reference.der)
    }

    /// One subject alternative name in OpenSSL's notation, from a DNS name or an IP address.
    static func alternativeName(_ name: String) throws(CertificateError) -> String {
        OpenSSLErrors.clear()
        if let address = unsafe a2i_IPADDRESS(name) {
            unsafe ASN1_OCTET_STRING_free(address)
            return "IP:\(name)"
        }
        OpenSSLErrors.clear()
        let labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            name.utf8.count <= 253
            && labels.enumerated().allSatisfy { index, label in
                (1...63).contains(label.utf8.count)
                    && (index == 0 && label == "*" && labels.count > 1 || label.utf8.allSatisfy(isLabelCharacter))
            }
        guard isName else { throw CertificateError(.invalidName, "this is neither a DNS name nor an IP address") }
        return "DNS:\(name.lowercased())"
    }

    private static func isLabelCharacter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
    }
}
