import TossAuth

/// Why a call to the API host is refused, as far as its caller is told: each has a code, a status and words, all of which can be set.
enum Cause: String, Sendable, CaseIterable {
    case token, permission, parameter, session
    case userUnknown = "user-unknown"
    case userMismatch = "user-mismatch"
    case ageRestricted = "age-restricted"
    case requestUnknown = "request-unknown"
    case notFinished = "not-finished"
    case readsUsedUp = "reads-used-up"
    case expired
    /// No reads are left, and the time is over as well.
    case bothLimits = "both-limits"
    case signature
    case unavailable, maintenance
    case tooManyCalls = "too-many-calls"

    /// The names of all, for a developer.
    static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// Whether a text has the form of an error code.
    static func isCode(_ text: String) -> Bool {
        (1...20).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x5F }
    }

    /// Its code unless told otherwise. Only CE1000, CE3100 and CE3102 are published; for calls that come too often nothing is known.
    var code: TossAuthErrorCode {
        switch self {
        case .token: .tokenInvalid
        case .permission: .noPermission
        case .parameter: .badParameter
        case .session: .sessionFault
        case .userUnknown: .userNotFound
        case .userMismatch: .userMismatch
        case .ageRestricted: .ageRestricted
        case .requestUnknown: .requestNotFound
        case .notFinished: .notCompleted
        case .readsUsedUp: .readsUsedUp
        case .expired, .bothLimits: .expired
        case .signature: .signatureFault
        case .unavailable, .tooManyCalls: .unavailable
        case .maintenance: .maintenance
        }
    }

    /// The HTTP status unless told otherwise.
    var status: Int { self == .tooManyCalls ? 429 : code.row?.sandboxStatus ?? 400 }
}

/// Why the token host refuses, in the words of RFC 6749, section 5.2.
enum TokenCause: String, Sendable, CaseIterable {
    case invalidClient = "invalid_client"
    case unsupportedGrant = "unsupported_grant_type"
    case invalidScope = "invalid_scope"
    case invalidRequest = "invalid_request"

    /// The names of all, for a developer.
    static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// The HTTP status unless told otherwise.
    var status: Int { self == .invalidClient ? 401 : 400 }
}
