import Base
import SandboxKit

/// What is to be signed, and in whose name.
struct SignatureRequest: Sendable {
    /// The signed content.
    var content: [UInt8]
    /// Who signs.
    var person: Person
    var tenant: TenantID
    /// When the person signed, by the tenant's clock.
    var moment: Timestamp
}

/// Signs for a person: gives a CMS SignedData in DER with the content attached. Asked outside of database transactions; the answer is kept sealed.
typealias ContentSigner = @Sendable (SignatureRequest) async throws -> [UInt8]

extension Transaction {
    /// What the person of a completed transaction has signed; nothing before. Which text the real service has signed is not published.
    var signedContent: [UInt8]? {
        guard let completedAt else { return nil }
        var members: JSON.Members = [
            "txId": .string(id), "requestedDt": .string(requestedAt.providerText), "completedDt": .string(completedAt.providerText),
        ]
        if let nonce { members["nonce"] = .string(nonce) }
        return JSON.object(members).bytes
    }
}

extension Timestamp {
    /// `YYYY-MM-DDThh:mm:ss+09:00`, as the replies write times.
    var providerText: String {
        let civil = CivilTime(self, offset: CivilTime.koreanOffset)
        return "\(civil.dateText)T\(civil.timeText)+09:00"
    }
}
