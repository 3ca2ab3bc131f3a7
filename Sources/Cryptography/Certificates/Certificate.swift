public import Base
internal import COpenSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// An X.509 certificate (RFC 5280).
public struct Certificate: Sendable {
    let reference: CertificateReference
    /// The certificate in DER.
    public let der: [UInt8]

    /// Reads one certificate in DER.
    public init(der: [UInt8]) throws(CertificateError) {
        OpenSSLErrors.clear()
        let handle = unsafe der.withUnsafeBufferPointer { source in
            var position = source.baseAddress
            return unsafe d2i_X509(nil, &position, source.count)
        }
        guard let handle = unsafe handle else { throw CertificateError(.malformedCertificate, openSSL: "not a certificate in DER") }
        self.init(reference: unsafe CertificateReference(owning: handle))
    }

    init(reference: CertificateReference) {
        self.reference = reference
        self.der = reference.der
    }

    /// Reads all certificates in `pem`, in their order; anything between them is ignored.
    ///
    /// - Throws: ``CertificateError`` when there is none, or one is broken.
    public static func all(pem: String) throws(CertificateError) -> [Certificate] {
        OpenSSLErrors.clear()
        guard let source = MemoryBuffer(Array(pem.utf8)) else { throw CertificateError(.malformedCertificate, "the text is too long") }
        var certificates: [Certificate] = []
        while let handle = unsafe source.withHandle({ unsafe bujeol_PEM_read_certificate($0) }) {
            certificates.append(unsafe Certificate(reference: CertificateReference(owning: handle)))
        }
        // Reading ends with an error by design; only "no start line" means that everything has been read.
        let reason = OpenSSLErrors.takeReason()
        guard reason == nil || reason?.number == PEM_R_NO_START_LINE else {
            throw CertificateError(.malformedCertificate, "a certificate is broken: \(reason?.text ?? "")")
        }
        guard !certificates.isEmpty else { throw CertificateError(.malformedCertificate, "the text holds no certificate in PEM") }
        return certificates
    }

    /// The certificate in PEM, with a newline at the end.
    public var pem: String { PEMText.armoured("CERTIFICATE", der) }

    /// The SHA-256 digest of the DER form, 32 bytes: the name under which two equal certificates are one.
    public var fingerprint: [UInt8] { Digest.sha256.hash(der) }
}

extension Certificate: Hashable {
    /// Whether both are the same bytes.
    public static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }
    /// Feeds the DER form.
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

extension Certificate: CustomStringConvertible {
    /// Subject, issuer and validity, for messages.
    public var description: String {
        "\(subject), issued by \(issuer), valid from \(notBefore.internetText) until \(notAfter.internetText)"
    }

    /// The subject's distinguished name as RFC 2253 writes it, such as `CN=example.test`.
    public var subject: String { unsafe reference.name(X509_get_subject_name(reference.handle)) }

    /// The issuer's distinguished name as RFC 2253 writes it.
    public var issuer: String { unsafe reference.name(X509_get_issuer_name(reference.handle)) }

    /// The first moment at which the certificate is valid.
    public var notBefore: Timestamp { unsafe reference.moment(X509_get0_notBefore(reference.handle)) }

    /// The last moment at which the certificate is valid.
    public var notAfter: Timestamp { unsafe reference.moment(X509_get0_notAfter(reference.handle)) }

    /// Whether the certificate may issue others.
    public var isAuthority: Bool { unsafe X509_check_ca(reference.handle) == 1 }

    /// The DNS names among the subject's alternative names.
    public var dnsNames: [String] { reference.alternativeNames.compactMap { if case .dns(let name) = $0 { name } else { nil } } }

    /// The IP addresses among the subject's alternative names, in numbers.
    public var ipAddresses: [String] { reference.alternativeNames.compactMap { if case .address(let text) = $0 { text } else { nil } } }
}

/// Owns one reference to an `X509`.
@safe
final class CertificateReference: @unchecked Sendable {
    // Sendable because nothing here changes the certificate after it was read or signed, its reference count is atomic, and OpenSSL guards
    // what it caches inside with a lock of its own.
    let handle: OpaquePointer

    /// Takes over the caller's reference.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe X509_free(handle) }

    var der: [UInt8] {
        let count = Int(unsafe i2d_X509(handle, nil))
        guard count > 0 else { return [] }
        return [UInt8](capacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, written in
                var position = target.baseAddress
                written = Int(unsafe i2d_X509(handle, &position))
            }
        }
    }

    fileprivate func name(_ name: OpaquePointer?) -> String {
        guard let name = unsafe name, let buffer = MemoryBuffer() else { return "" }
        _ = unsafe buffer.withHandle { unsafe bujeol_X509_NAME_print($0, name) }
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    fileprivate func moment(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp { unsafe Timestamp(time) ?? Timestamp(unixSeconds: 0) }

    fileprivate enum AlternativeName {
        case dns(String)
        case address(String)
    }

    fileprivate var alternativeNames: [AlternativeName] {
        guard let found = unsafe X509_get_ext_d2i(handle, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(found)
        defer { unsafe GENERAL_NAMES_free(names) }
        var result: [AlternativeName] = []
        for index in 0..<max(0, unsafe bujeol_sk_GENERAL_NAME_num(names)) {
            var type: Int32 = 0
            let name = unsafe bujeol_sk_GENERAL_NAME_value(names, index)
            guard let value = unsafe GENERAL_NAME_get0_value(name, &type) else { continue }
            guard type == GEN_DNS || type == GEN_IPADD else { continue }
            let string = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
            let count = Int(unsafe ASN1_STRING_length(string))
            guard let start = unsafe ASN1_STRING_get0_data(string) else { continue }
            let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
            if type == GEN_DNS {
                result.append(.dns(String(decoding: bytes, as: UTF8.self)))
            } else if let text = numericAddress(bytes) {
                result.append(.address(text))
            }
        }
        return result
    }
}

extension Timestamp {
    /// A moment as certificates and signatures write it; nothing when it names none.
    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        var parts = unsafe tm()
        guard unsafe time != nil, unsafe ASN1_TIME_to_tm(time, &parts) == 1,
            let civil = unsafe CivilTime(
                year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday), hour: Int(parts.tm_hour),
                minute: Int(parts.tm_min), second: min(59, Int(parts.tm_sec)))
        else { return nil }
        self = civil.timestamp()
    }
}

/// Writes 4 or 16 bytes as an IPv4 or IPv6 address.
private func numericAddress(_ bytes: [UInt8]) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let result = unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
    guard unsafe result != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
