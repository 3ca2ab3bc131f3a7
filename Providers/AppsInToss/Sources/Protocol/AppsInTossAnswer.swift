public import Base

/// What an answer says once its envelope is open.
public enum AppsInTossAnswer: Sendable, Equatable {
    /// It worked: what stands under `success`, or `result`. An object as a rule; a text or a truth value in two calls; `null` when there is nothing.
    case success(JSON)
    /// It did not.
    case refusal(AppsInTossRefusal)
}

/// Why a call did not work, in the provider's words.
public struct AppsInTossRefusal: Sendable, Equatable {
    /// One complaint about a member of the body.
    public struct FieldError: Sendable, Equatable {
        /// The member's name.
        public var field: String
        /// What is wrong, for a person.
        public var message: String
        /// What was sent; may be personal.
        public var rejectedValue: JSON

        /// A complaint.
        public init(field: String, message: String, rejectedValue: JSON = .null) {
            self.field = field
            self.message = message
            self.rejectedValue = rejectedValue
        }

        /// As it stands in `errorDetails`.
        public var json: JSON { ["field": .string(field), "message": .string(message), "rejectedValue": rejectedValue] }
    }

    /// What `resultType` says; nothing when there was none.
    public var resultType: AppsInTossResultType?
    /// What the error is called; empty when it has no name.
    public var code: AppsInTossErrorCode
    /// The provider's words for a person. They may repeat what was sent: not for logs.
    public var reason: String
    /// A number of unknown meaning.
    public var errorType: Int64?
    /// A heading for a person.
    public var title: String?
    /// What else was said; `null` when nothing.
    public var data: JSON

    /// A refusal.
    public init(
        _ code: AppsInTossErrorCode, resultType: AppsInTossResultType? = .fail, reason: String? = nil, errorType: Int64? = nil,
        title: String? = nil, data: JSON = .null
    ) {
        self.code = code
        self.resultType = resultType
        self.reason = reason ?? code.koreanReason
        self.errorType = errorType
        self.title = title
        self.data = data
    }

    /// Whether it is an error of OAuth (RFC 6749, section 5.2) in its bare form.
    public var isOAuth: Bool { resultType == nil && AppsInTossEnvelope.oauthErrors.contains(code.rawValue) }

    /// Whether the provider may have acted all the same: every `resultType` but `FAIL`, and what has none unless it is an error of OAuth.
    public var leavesOutcomeOpen: Bool { resultType.map(\.leavesOutcomeOpen) ?? !isOAuth }

    /// After how long calls are taken again: `retryAfterSeconds` of 4095.
    public var retryAfter: Duration? {
        guard let seconds = data.whole("retryAfterSeconds"), (0...86_400).contains(seconds) else { return nil }
        return .seconds(seconds)
    }

    /// What is wrong with which member (`errorDetails`).
    public var fieldErrors: [FieldError] {
        (data["errorDetails"]?.elements ?? []).compactMap { row in
            guard let field = row.text("field") else { return nil }
            return FieldError(field: field, message: row.text("message") ?? "", rejectedValue: row["rejectedValue"] ?? .null)
        }
    }

    /// The refusal of a call with wrong members.
    public static func invalid(_ errors: [FieldError], reason: String? = nil) -> AppsInTossRefusal {
        AppsInTossRefusal(.invalidParameter, reason: reason, data: ["errorDetails": .array(errors.map(\.json))])
    }

    /// The refusal of a call above the limit.
    public static func limited(retryAfterSeconds: Int64) -> AppsInTossRefusal {
        AppsInTossRefusal(.limitExceeded, data: ["retryAfterSeconds": .number(retryAfterSeconds)])
    }
}
