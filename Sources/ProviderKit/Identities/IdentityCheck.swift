public import Base
public import Cryptography

/// What is right and wrong with a certificate and its key, found without calling anybody.
///
/// A pure function of the bytes and the time: the start of the gateway, a change of the files, `bujeol check` and the doctor all judge alike.
public struct IdentityCheck: Sendable {
    /// Everything that was noticed, errors and warnings, the certificate's first.
    public private(set) var findings: [IdentityFinding] = []
    /// The pair; nothing when an error forbids its use.
    public private(set) var identity: TLSIdentity?
    /// What may be told about the certificate; nothing when it could not be read.
    public private(set) var facts: IdentityFacts?

    /// The errors among the findings.
    public var errors: [IdentityFinding] { findings.filter { $0.level == .error } }
    /// The warnings among the findings.
    public var warnings: [IdentityFinding] { findings.filter { $0.level == .warning } }

    /// Below this many bits of security a key is refused: RSA with fewer than 2048 bits, curves with fewer than 224.
    static let leastSecurityBits = 112

    private let material: IdentityMaterial

    /// Examines a pair.
    ///
    /// - Parameters:
    ///   - material: What was found.
    ///   - expectedName: The common name that the certificate must have; nothing for any.
    ///   - now: The date by which it is judged. A certificate that is not valid yet is fine here: who uses it must wait.
    ///   - margin: With less time left than this there is a warning.
    public init(
        _ material: IdentityMaterial, expectedName: String? = nil, now: Timestamp, margin: Duration = .seconds(30 * 86_400)
    ) {
        self.material = material
        examine(expectedName, now, margin)
    }

    private mutating func examine(_ expectedName: String?, _ now: Timestamp, _ margin: Duration) {
        let certificateText = read(material.certificate, .certificate)
        let keyText = read(material.key, .key)
        guard let certificateText, let keyText else { return }
        let areSwapped = areSwapped(certificateText, keyText)
        for (part, text, subject) in [
            (material.certificate, certificateText, IdentityFinding.Subject.certificate), (material.key, keyText, .key),
        ]
        where part.isReadableByOthers && text.blocks.contains(where: \.isPrivateKey) { add(.readableByOthers(part, subject)) }
        guard !areSwapped else { return }
        let certificates = certificates(in: certificateText)
        let key = key(in: keyText)
        guard let certificates, let first = certificates.first else { return }
        facts = IdentityFacts(first)
        guard let key else { return judge(first, nil, expectedName, now, margin) }
        guard let leaf = certificates.first(where: { $0.belongs(to: key) }) else {
            judge(first, nil, expectedName, now, margin)
            return add(.mismatch(material, first))
        }
        facts = IdentityFacts(leaf)
        let chain = chain(from: leaf, among: certificates)
        judge(leaf, key, expectedName, now, margin)
        guard errors.isEmpty else { return }
        do throws(CertificateError) {
            identity = try TLSIdentity(certificates: chain, privateKey: key)
        } catch {
            add(.mismatch(material, leaf))
        }
    }

    private mutating func add(_ finding: IdentityFinding) { findings.append(finding) }

    // MARK: Reading

    private mutating func read(_ part: IdentityMaterial.Part, _ subject: IdentityFinding.Subject) -> PEMText? {
        let content: Secret
        switch part.content {
        case .failure(let error):
            add(.unreadable(part, subject, error))
            return nil
        case .success(let found): content = found
        }
        do throws(PEMText.Damage) {
            let text = try content.withBytes { (bytes) throws(PEMText.Damage) in try PEMText(bytes) }
            for repair in text.repairs { add(.repaired(part, subject, repair)) }
            return text
        } catch {
            // What cannot be read may still be most of a key.
            if part.isReadableByOthers, subject == .key { add(.readableByOthers(part, subject)) }
            add(.damaged(part, subject, error))
            return nil
        }
    }

    private mutating func areSwapped(_ certificate: PEMText, _ key: PEMText) -> Bool {
        let hasOnlyKey = !certificate.blocks.contains(where: \.isCertificate) && certificate.blocks.contains(where: \.isPrivateKey)
        let hasOnlyCertificate = !key.blocks.contains(where: \.isPrivateKey) && key.blocks.contains(where: \.isCertificate)
        switch (hasOnlyKey, hasOnlyCertificate) {
        case (true, true): add(.swapped(material))
        case (true, false): add(.keyInsteadOfCertificate(material.certificate))
        case (false, true): add(.certificateInsteadOfKey(material.key))
        case (false, false): return false
        }
        return true
    }

    private mutating func certificates(in text: PEMText) -> [Certificate]? {
        let part = material.certificate
        var certificates: [Certificate] = []
        for block in text.blocks where block.isCertificate {
            do throws(CertificateError) {
                certificates.append(try block.content.withBytes { (bytes) throws(CertificateError) in try Certificate(der: bytes) })
            } catch {
                add(.malformedCertificate(part, number: certificates.count + 1))
                return nil
            }
        }
        if certificates.isEmpty {
            add(.noCertificate(part, labels: text.blocks.map(\.label)))
            return nil
        }
        if text.blocks.contains(where: \.isPrivateKey), material.certificate.name != material.key.name { add(.keyBesideCertificate(part)) }
        return certificates
    }

    private mutating func key(in text: PEMText) -> PrivateKey? {
        let part = material.key
        let blocks = text.blocks.filter(\.isPrivateKey)
        guard let block = blocks.first else {
            add(.noKey(part, labels: text.blocks.map(\.label)))
            return nil
        }
        if block.isEncrypted {
            add(.encrypted(part))
            return nil
        }
        if blocks.count > 1 { add(.severalKeys(part, count: blocks.count)) }
        do throws(CertificateError) {
            let key = try PrivateKey(pem: block.pem)
            if block.label != "PRIVATE KEY" { add(.oldForm(part, block.label)) }
            return key
        } catch {
            add(.malformedKey(part))
            return nil
        }
    }

    /// The leaf and its issuers in order, as a server needs them; notes what had to be put in order or left out.
    private mutating func chain(from leaf: Certificate, among certificates: [Certificate]) -> [Certificate] {
        var chain = [leaf]
        var rest = certificates.filter { $0 != leaf }
        while let last = chain.last, !last.isSelfIssued, let next = rest.firstIndex(where: { last.names(issuer: $0) }) {
            chain.append(rest.remove(at: next))
        }
        let part = material.certificate
        if certificates.count > 1, !certificates.starts(with: chain) { add(.reordered(part)) }
        if certificates.count > 1, rest.isEmpty { add(.chain(part, count: chain.count)) }
        if !rest.isEmpty { add(.unrelated(part, count: rest.count)) }
        return chain
    }

    // MARK: Judging

    private mutating func judge(
        _ certificate: Certificate, _ key: PrivateKey?, _ expectedName: String?, _ now: Timestamp, _ margin: Duration
    ) {
        let part = material.certificate
        let facts = IdentityFacts(certificate)
        if let expectedName, facts.name != expectedName { add(.wrongName(part, found: facts.name, expected: expectedName)) }
        if facts.notAfter < now {
            add(.expired(part, facts))
        } else if facts.notBefore > now {
            add(.notYetValid(part, facts))
        } else if facts.timeLeft(at: now) < margin {
            add(.endsSoon(part, facts, days: facts.daysLeft(at: now)))
        }
        if !certificate.mayProveClient { add(.wrongPurpose(part)) }
        if min(certificate.securityBits, key?.securityBits ?? .max) < IdentityCheck.leastSecurityBits { add(.weakKey(part)) }
    }
}
