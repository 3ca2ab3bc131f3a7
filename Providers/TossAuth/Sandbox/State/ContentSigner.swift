import Base
import SandboxKit
import TossAuth

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
    /// What the person of a completed transaction has signed, in the form that the settings say; nothing before.
    func signedContent(_ form: ServiceSettingList.SignedText) -> [UInt8]? {
        switch form {
        case .json: return signedContent
        case .transaction: return completedAt.map { _ in Array(id.utf8) }
        }
    }

    /// The form that is usual here. Which text the real service has signed is not published.
    var signedContent: [UInt8]? {
        guard let completedAt else { return nil }
        var members: JSON.Members = [
            "txId": .string(id), "requestedDt": .string(TossAuthTime.text(requestedAt)),
            "completedDt": .string(TossAuthTime.text(completedAt)),
        ]
        if let nonce { members["nonce"] = .string(nonce) }
        return JSON.object(members).bytes
    }
}
