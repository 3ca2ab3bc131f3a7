import Base
import Cryptography
import SandboxKit
import Storage

/// Signs in the name of persons, with certificates that the sandbox's own authority issues to them.
///
/// A person keeps one certificate for as long as it lasts by the tenant's clock. Keys and certificates are in memory only: after a restart the person gets another
/// one, as after having set up a new phone, and signatures made before stay good.
final class PersonSigner: Sendable {
    /// Three years, as the certificates of Korean phones last; how long the provider's do is not published.
    static let certificateDays = 1095
    /// So many persons' keys are held at once.
    static let capacity = 1000

    private let authority: CertificateAuthority
    private let database: Database
    private let held = Locked<[Holder: Held]>([:])

    /// Whose certificate it is. A person who was renamed is another one here.
    private struct Holder: Hashable {
        var tenant: TenantID
        var person: String
        var name: String
    }

    private struct Held: Sendable {
        var identity: TLSIdentity
        var certificate: SignerCertificate
    }

    init(authority: CertificateAuthority, database: Database) {
        self.authority = authority
        self.database = database
    }

    /// The signature over a request's content: CMS SignedData in DER, the content and the signer's certificate inside.
    ///
    /// - Throws: `CertificateError` for a name that cannot stand in a certificate or a moment that no certificate can bear, `SignedMessageError`, `StorageError`.
    func sign(_ request: SignatureRequest) async throws -> [UInt8] {
        let holder = Holder(tenant: request.tenant, person: request.person.id, name: request.person.name)
        let signer = try held(holder, at: request.moment)
        // Written every time: a reset may have dropped the row, and then nobody could revoke what is still in use.
        try await database.write { try CertificateBook($0, request.tenant).keep(signer.certificate) }
        return try SignedMessage.sign(request.content, by: signer.identity, at: request.moment)
    }

    private func held(_ holder: Holder, at moment: Timestamp) throws -> Held {
        if let found = held.withLock({ $0[holder] }), found.certificate.isInTime(at: moment) { return found }
        let validity = CertificateValidity(from: moment, days: PersonSigner.certificateDays)
        let identity = try authority.issueSignerIdentity(name: PersonSigner.commonName(holder.name), validity: validity)
        guard let certificate = identity.certificates.first else {
            throw CertificateError(.notIssued, "the authority has issued nothing")
        }
        let fresh = Held(identity: identity, certificate: SignerCertificate(certificate, person: holder.person, issuedAt: moment))
        held.withLock { held in
            // Whoever is pushed out gets another certificate the next time; which one that is does not matter.
            if held.count >= PersonSigner.capacity, held[holder] == nil, let other = held.keys.first { held[other] = nil }
            held[holder] = fresh
        }
        return fresh
    }

    /// Never signs with that certificate again: its person gets another one.
    func forget(serial: String, of tenant: TenantID) {
        held.withLock { held in held = held.filter { $0.key.tenant != tenant || $0.value.certificate.serial != serial } }
    }

    /// Never signs with any of the tenant's certificates again.
    func forgetAll(of tenant: TenantID) { held.withLock { held in held = held.filter { $0.key.tenant != tenant } } }

    /// A common name has 1 to 64 characters (X.520) and no control characters.
    static func commonName(_ name: String) -> String {
        let scalars = name.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(64)
        return scalars.isEmpty ? "-" : String(String.UnicodeScalarView(scalars))
    }
}
