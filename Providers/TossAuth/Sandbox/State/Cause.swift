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

    /// Code and HTTP status unless told otherwise (section 12). Only CE1000, CE3100 and CE3102 are published; for calls that come too often nothing is known.
    var standard: (code: String, status: Int) {
        switch self {
        case .token: return ("CE1000", 401)
        case .permission: return ("CE1001", 403)
        case .parameter: return ("CE0003", 400)
        case .session: return ("CE5000", 400)
        case .userUnknown: return ("CE3000", 400)
        case .userMismatch: return ("CE3001", 400)
        case .ageRestricted: return ("CE3006", 400)
        case .requestUnknown: return ("CE3100", 400)
        case .readsUsedUp: return ("CE3101", 400)
        case .notFinished: return ("CE3102", 400)
        case .expired, .bothLimits: return ("CE3103", 400)
        case .signature: return ("CE3200", 400)
        case .unavailable: return ("CE0001", 503)
        case .maintenance: return ("CE0002", 503)
        case .tooManyCalls: return ("CE0001", 429)
        }
    }

    /// The words of a code: those of the published samples to the letter, the others made up.
    static func words(_ code: String) -> String {
        switch code {
        case "CE1000": return "토큰이 유효하지 않습니다."
        case "CE3100": return "존재하지 않는 요청입니다"
        case "CE3102": return "요청이 아직 완료되지 않았습니다."
        case "CE3101": return "결과 조회 가능 횟수를 초과했습니다."
        case "CE3103": return "유효시간이 만료된 요청입니다."
        case "CE3006": return "이용할 수 없는 연령입니다."
        case "CE0001": return "일시적으로 서비스를 이용할 수 없습니다."
        case "CE0002": return "서비스 점검 중입니다."
        case "CE0003": return "요청 파라미터가 올바르지 않습니다."
        case "CE1001": return "권한이 없습니다."
        case "CE3000": return "사용자를 찾을 수 없습니다."
        case "CE3001": return "입력한 정보가 일치하지 않습니다."
        case "CE3200": return "전자서명을 처리할 수 없습니다."
        case "CE5000": return "세션키가 올바르지 않습니다."
        default: return "요청을 처리할 수 없습니다."
        }
    }
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
