public import Base
public import ProviderKit

/// What came of a check: the person, and the evidence. It prints, dumps and reflects as `[redacted]`.
public struct VerificationResult: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Whether it is handed over once more out of what was kept, without a read of its own.
    public let isRepeated: Bool
    /// How the check stands now.
    public let state: VerificationState
    /// The person.
    public let person: PersonalData
    /// What was found out about the signature.
    public let signatureFinding: SignatureFinding
    /// What the provider says about the signer's certificate; nothing when it was not asked, or did not answer.
    public let certificateFinding: CertificateFinding?
    private let content: Secret

    init(_ kept: KeptResult, state: VerificationState, isRepeated: Bool) {
        self.state = state
        self.isRepeated = isRepeated
        person = PersonalData(clear: kept.json["personalData"] ?? .null)
        signatureFinding = kept.signature
        certificateFinding = kept.certificate
        content = kept.content
    }

    init(_ result: VerificationResult, isRepeated: Bool) {
        self.isRepeated = isRepeated
        state = result.state
        person = result.person
        signatureFinding = result.signatureFinding
        certificateFinding = result.certificateFinding
        content = result.content
    }

    /// The provider's answer, `personalData` in clear and every other member as the provider sent it. This is the person's data: for whoever asked, and for nothing else.
    public func answer() -> JSON { TossAuthEnvelope.success(json) }

    /// The person's signature, Base64 of DER: evidence to be stored together with the name of the check.
    public var signature: String? { facts.signature }
    /// When the person finished, by the provider's clock.
    public var completedAt: Timestamp? { facts.completedAt }
    /// When the check began, by the provider's clock.
    public var requestedAt: Timestamp? { facts.requestedAt }

    private var json: JSON { content.withBytes { try? JSON($0) } ?? .null }
    private var facts: VerificationFacts { VerificationFacts(json) }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// How far a check has come.
public struct VerificationProgress: Sendable {
    /// The provider's word.
    public var status: AuthStatus
    /// The provider's answer as it came.
    public var reply: Reply
    /// How the check stands.
    public var state: VerificationState
}
