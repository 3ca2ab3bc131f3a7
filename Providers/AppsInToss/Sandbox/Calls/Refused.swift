import AppsInToss
import Base
import SandboxKit

/// A call is refused: what the caller is told, and why, for the developer. Thrown, it also undoes what the call had changed so far.
struct Refused: Error {
    /// The wrapping of the answer.
    enum Form: Sendable {
        /// The envelope with this `resultType`.
        case envelope(AppsInTossResultType)
        /// `{"error":"invalid_grant"}` and nothing around it.
        case bare
    }

    /// `errorCode` of the answer.
    var code: AppsInTossErrorCode
    /// `reason` of the answer; nothing takes the code's usual words.
    var reason: String?
    /// `error.data` of the answer.
    var data: JSON = .null
    /// The HTTP status; nothing takes the code's usual one.
    var status: Int?
    var form = Form.envelope(.fail)
    /// Whether the envelope also says `"success":null`, as it was seen for one refusal.
    var showsEmptySuccess = false
    /// Why.
    var verdict: Verdict

    init(_ code: AppsInTossErrorCode, _ verdict: Verdict, reason: String? = nil, data: JSON = .null, status: Int? = nil) {
        self.code = code
        self.verdict = verdict
        self.reason = reason
        self.data = data
        self.status = status
    }

    /// The bare error of login.
    static func bare(_ code: AppsInTossErrorCode, _ verdict: Verdict) -> Refused {
        var refused = Refused(code, verdict)
        refused.form = .bare
        return refused
    }

    /// The HTTP status that the code has usually: field validation 400, unclassified 500, everything else 200.
    static func usualStatus(_ code: AppsInTossErrorCode) -> Int {
        switch code {
        case .invalidParameter: return 400
        case .internalError: return 500
        case .notFound: return 404
        case .methodNotAllowed: return 405
        default: return 200
        }
    }
}
