public import Base

/// Why a call brought no answer of the provider, in terms an application can act on.
public struct CallFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the application may assume about the provider.
    public enum Outcome: String, Sendable {
        /// The call did not leave: the provider cannot have acted.
        case notSent = "not-sent"
        /// The call left, or part of it: the provider may have acted. Ask before repeating.
        case unknown
        /// The provider answered, but the answer could not be verified.
        case unverified
        /// The gateway refuses the call; it will refuse it again.
        case refused
    }

    /// What went wrong; every provider may add its own.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label and for the `type` of a problem document.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The provider could not be reached, or answered nothing readable.
        public static let providerUnreachable = Code(rawValue: "provider-unreachable")
        /// The token, or another proof, could not be had from the provider.
        public static let proofUnavailable = Code(rawValue: "proof-unavailable")
        /// The provider refused the connection's own credentials.
        public static let credentialsRefused = Code(rawValue: "credentials-refused")
        /// The deadline has passed.
        public static let deadlinePassed = Code(rawValue: "deadline-passed")
        /// The caller did not prove itself to the gateway.
        public static let callerUnknown = Code(rawValue: "caller-unknown")
        /// The call cannot be made sense of.
        public static let invalidCall = Code(rawValue: "invalid-call")
        /// No connection of that name.
        public static let connectionUnknown = Code(rawValue: "connection-unknown")
        /// The request comes from a web page or for another host.
        public static let originForbidden = Code(rawValue: "origin-forbidden")
        /// The answer could not be verified.
        public static let answerUnverified = Code(rawValue: "answer-unverified")
        /// The gateway is ending.
        public static let shuttingDown = Code(rawValue: "shutting-down")
    }

    /// What went wrong.
    public var code: Code
    /// What may be assumed about the provider.
    public var outcome: Outcome
    /// The HTTP status of the gateway's own answer.
    public var status: Int
    /// What happened and what to do, without secrets and personal data.
    public var message: BilingualText
    /// The network's own word for it, such as `connect-timeout`.
    public var cause: String?
    /// After how long a repeat may succeed.
    public var retryAfter: Duration?
    /// What a program may want to know besides, as members of the problem document: for instance what became of an undoing. No secrets, no personal data.
    public var details: JSON.Members

    /// Describes a failed call.
    public init(
        _ code: Code, outcome: Outcome, status: Int, message: BilingualText, cause: String? = nil, retryAfter: Duration? = nil,
        details: JSON.Members = [:]
    ) {
        self.code = code
        self.outcome = outcome
        self.status = status
        self.message = message
        self.cause = cause
        self.retryAfter = retryAfter
        self.details = details
    }

    /// Whether both have the same code and outcome; the wording does not count.
    public static func == (left: CallFailure, right: CallFailure) -> Bool { left.code == right.code && left.outcome == right.outcome }

    /// Code, outcome and the English message.
    public var description: String { "\(code.rawValue) (\(outcome.rawValue)): \(message.english)" }
}
