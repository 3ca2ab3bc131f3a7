public import Base
internal import COpenSSL

/// The first and the last moment at which a certificate is valid.
public struct CertificateValidity: Sendable, Hashable {
    /// The first moment, to the second.
    public var notBefore: Timestamp
    /// The last moment, to the second.
    public var notAfter: Timestamp

    /// A window by its ends.
    public init(notBefore: Timestamp, notAfter: Timestamp) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// A window from five minutes before `moment`, for clocks that are a little behind, to `days` days after it.
    public init(from moment: Timestamp, days: Int) {
        self.init(notBefore: moment - .seconds(300), notAfter: moment + .seconds(Int64(days) * 86_400))
    }
}

/// Issues certificates for a sandbox or a test: a self-signed root with a key on the curve P-256.
public struct CertificateAuthority: Sendable {
    /// The root certificate, which callers must trust.
    public let certificate: Certificate
    private let key: PrivateKey
    private let random: any RandomSource

    /// Makes a fresh authority.
    ///
    /// - Parameter name: its common name, 1 to 64 characters.
    public init(name: String, validity: CertificateValidity, random: any RandomSource = SystemRandom()) throws(CertificateError) {
        let key = try PrivateKey.generate()
        let draft = try CertificateDraft(commonName: name, validity: validity, serialNumber: random.bytes(16), key: key)
        try draft.add(NID_basic_constraints, "critical,CA:TRUE", issuer: nil)
        try draft.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: nil)
        try draft.add(NID_subject_key_identifier, "hash", issuer: nil)
        certificate = try draft.sign(issuer: nil, key: key)
        self.key = key
        self.random = random
    }

    /// Takes up an authority that was saved as ``certificatePEM`` and ``privateKeyPEM``.
    public init(
        certificatePEM: String, privateKeyPEM: Secret, random: any RandomSource = SystemRandom()
    ) throws(CertificateError) {
        let identity = try TLSIdentity(certificateChainPEM: certificatePEM, privateKeyPEM: privateKeyPEM)
        guard let certificate = identity.certificates.first, certificate.isAuthority else {
            throw CertificateError(.malformedCertificate, "the certificate is not a certificate authority's")
        }
        self.certificate = certificate
        self.key = identity.privateKey
        self.random = random
    }

    /// The root certificate in PEM.
    public var certificatePEM: String { certificate.pem }

    /// The root's key in PEM (PKCS#8, unencrypted).
    public var privateKeyPEM: Secret { key.pem }

    /// Issues a server's certificate with a key of its own.
    ///
    /// - Parameter names: DNS names (a first label `*` stands for any one label) and IP addresses; at least one.
    public func issueServerIdentity(names: [String], validity: CertificateValidity) throws(CertificateError) -> TLSIdentity {
        guard let first = names.first else { throw CertificateError(.invalidName, "a server's certificate needs a name") }
        var alternatives: [String] = []
        for name in names { alternatives.append(try CertificateDraft.alternativeName(name)) }
        let commonName = first.utf8.count <= 64 ? first : "server"
        return try issue(
            commonName: commonName, validity: validity, keyUsage: "digitalSignature", purpose: "serverAuth",
            alternativeNames: alternatives.joined(separator: ","))
    }

    /// Issues a client's certificate with a key of its own.
    ///
    /// - Parameter name: its common name, 1 to 64 characters.
    public func issueClientIdentity(name: String, validity: CertificateValidity) throws(CertificateError) -> TLSIdentity {
        try issue(commonName: name, validity: validity, keyUsage: "digitalSignature", purpose: "clientAuth", alternativeNames: nil)
    }

    /// Issues a person's certificate for signatures that others rely on (digitalSignature and nonRepudiation), with a key of its own.
    ///
    /// - Parameter name: its common name, 1 to 64 characters of any script.
    public func issueSignerIdentity(name: String, validity: CertificateValidity) throws(CertificateError) -> TLSIdentity {
        try issue(
            commonName: name, validity: validity, keyUsage: "digitalSignature,nonRepudiation", purpose: nil, alternativeNames: nil)
    }

    private func issue(
        commonName: String, validity: CertificateValidity, keyUsage: String, purpose: String?, alternativeNames: String?
    ) throws(CertificateError) -> TLSIdentity {
        let leafKey = try PrivateKey.generate()
        let draft = try CertificateDraft(commonName: commonName, validity: validity, serialNumber: random.bytes(16), key: leafKey)
        try draft.add(NID_basic_constraints, "critical,CA:FALSE", issuer: certificate)
        try draft.add(NID_key_usage, "critical,\(keyUsage)", issuer: certificate)
        if let purpose { try draft.add(NID_ext_key_usage, purpose, issuer: certificate) }
        try draft.add(NID_subject_key_identifier, "hash", issuer: certificate)
        try draft.add(NID_authority_key_identifier, "keyid:always", issuer: certificate)
        if let alternativeNames { try draft.add(NID_subject_alt_name, alternativeNames, issuer: certificate) }
        return try TLSIdentity(certificates: [draft.sign(issuer: certificate, key: key)], privateKey: leafKey)
    }
}
