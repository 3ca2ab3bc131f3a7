public import Base

/// What was found out about the signature of a result.
public enum SignatureFinding: String, Sendable, Hashable {
    /// It is sound, and this check's: the signer's certificate leads to the authorities in force and is no machine's, and what was signed names this check.
    case valid
    /// It is sound, but what was signed names no check, so that it may have been taken from another one.
    case validUnbound = "valid-unbound"
    /// It is not sound, belongs to another check, or is missing.
    case invalid
    /// Nobody has looked: no authorities were given.
    case unchecked
}

/// What the provider says about a signer's certificate.
public struct CertificateFinding: Sendable, Hashable {
    /// Whether its chain and its dates are fine.
    public var isValid: Bool
    /// Whether it is not revoked.
    public var isEnabled: Bool

    /// A finding.
    public init(isValid: Bool, isEnabled: Bool) {
        self.isValid = isValid
        self.isEnabled = isEnabled
    }

    /// Reads `{"valid":…,"enabled":…}`; nothing when it is none.
    init?(_ json: JSON) {
        guard let valid = json["valid"]?.boolean, let enabled = json["enabled"]?.boolean else { return nil }
        self.init(isValid: valid, isEnabled: enabled)
    }
}

/// How one check of a person stands, as far as is known here; nothing of the person is in it.
public struct VerificationState: Sendable, Equatable {
    /// The check's name.
    public var txID: TransactionID
    /// How the person is checked; nothing for a check that somebody else began.
    public var requestType: AuthRequestType?
    /// The application's own word for it.
    public var reference: String?
    /// The status that was reported last. `COMPLETED` only says that the person has finished: the result decides.
    public var status: AuthStatus?
    /// When it was begun, by the provider's clock.
    public var requestedAt: Timestamp?
    /// When the person finished, by the provider's clock; known from the first result on.
    public var completedAt: Timestamp?
    /// How many reads of the result are certainly left. A result that is kept can be had without any.
    public var readsLeft: Int
    /// Until when the result can certainly be read, by the provider's clock.
    public var resultDeadline: Timestamp?
    /// Until when an opened result is kept here, by this machine's clock; nothing when none is.
    public var keptUntil: Timestamp?
    /// The refusal by which the provider ended it.
    public var ended: TossAuthErrorCode?
    /// Whether a read of the result is under way in this process, which counts already and whose answer may still come.
    public var isBeingRead: Bool

    /// - Parameter isReading: Whether this process is at a read of this check.
    init(_ ledger: VerificationLedger, at now: Timestamp, isReading: Bool = false) {
        txID = ledger.txID
        requestType = ledger.requestType
        reference = ledger.reference
        status = ledger.status
        requestedAt = ledger.requestedAt
        completedAt = ledger.completedAt
        readsLeft = ledger.readsLeft
        resultDeadline = ledger.resultDeadline
        keptUntil = ledger.keptUntil.flatMap { $0 > now ? $0 : nil }
        ended = ledger.ended
        isBeingRead = isReading && ledger.reads.contains { $0.outcome == .started }
    }

    /// Whether nothing more can come of it: it has expired, the provider ended it, or its result was read as often as possible and is not kept. Not while a read is under way.
    public var isOver: Bool { !isBeingRead && (status == .expired || ended != nil || (readsLeft == 0 && keptUntil == nil)) }
}
