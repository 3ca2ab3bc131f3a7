public import Base
public import ProviderKit
import Transport

/// Why a call brought no usable answer, and what may be assumed about the provider.
public struct TossAuthError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A value of the request makes no sense; nothing was sent.
        public static let invalidRequest = Code(rawValue: "invalid-call")
        /// Credentials, key and address do not belong together; nothing was sent, and nothing will be.
        public static let misconfigured = Code(rawValue: "misconfigured")
        /// The client could not make a network of its own.
        public static let networkUnavailable = Code(rawValue: "network-unavailable")
        /// The provider refused client id and secret.
        public static let credentialsRefused = Code(rawValue: "credentials-refused")
        /// No token could be had.
        public static let tokenUnavailable = Code(rawValue: "proof-unavailable")
        /// The provider could not be reached, or the connection was lost.
        public static let unreachable = Code(rawValue: "provider-unreachable")
        /// The deadline has passed.
        public static let deadlinePassed = Code(rawValue: "deadline-passed")
        /// Whoever waited was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
        /// The provider refused the call: see ``TossAuthError/refusal``.
        public static let refused = Code(rawValue: "refused")
        /// The provider is out of order, or its answer cannot be read, so that nobody knows whether it has acted.
        public static let outcomeOpen = Code(rawValue: "outcome-open")
        /// The answer does not belong to the call, or to the person that was to be expected. Nothing of it is delivered.
        public static let answerUnverified = Code(rawValue: "answer-unverified")
        /// Both reads of the result are used up, or may be; the provider was not asked.
        public static let readsUsedUp = Code(rawValue: "reads-used-up")
        /// The 60 minutes in which the result can be read are over; the provider was not asked.
        public static let resultDeadlinePassed = Code(rawValue: "result-deadline-passed")
        /// Another call is reading the result under a session of its own.
        public static let readUnderWay = Code(rawValue: "read-under-way")
        /// Nothing is known here of a check of that name.
        public static let transactionUnknown = Code(rawValue: "transaction-unknown")
        /// What must be kept before a call cannot be kept, or what is kept cannot be opened.
        public static let recordsUnavailable = Code(rawValue: "records-unavailable")
    }

    /// What went wrong.
    public var code: Code
    /// What may be assumed about the provider. After a result call, `unknown` and `unverified` mean that one of the two reads may be gone.
    public var outcome: CallFailure.Outcome
    /// What happened and what to do, without secrets and personal data.
    public var message: BilingualText
    /// The provider's own words, where there are any. They are not part of ``description``, since they may repeat what was sent.
    public var refusal: TossAuthRefusal?
    /// The provider's answer as it came, where it refused the call.
    public var reply: Reply?
    /// The network's own word for it, such as `connect-timeout`.
    public var cause: String?
    /// After how long a repeat may succeed.
    public var retryAfter: Duration?
    /// How the check stood afterwards, where it is known.
    public var state: VerificationState?

    /// Describes a failed call.
    public init(
        _ code: Code, outcome: CallFailure.Outcome, message: BilingualText, refusal: TossAuthRefusal? = nil, reply: Reply? = nil,
        cause: String? = nil, retryAfter: Duration? = nil, state: VerificationState? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.refusal = refusal
        self.reply = reply
        self.cause = cause
        self.retryAfter = retryAfter
        self.state = state
    }

    /// The provider's code for it.
    public var errorCode: TossAuthErrorCode? { refusal?.code }

    /// Whether nothing comes of this check any more: begin another with a new request. Not while an opened result is kept, which can still be had, nor while a read is under way.
    public var startOver: Bool {
        if let state, state.keptUntil != nil || state.isBeingRead { return false }
        return [.readsUsedUp, .resultDeadlinePassed].contains(code) || (code == .refused && refusal?.advice == .startOver)
            || state?.isOver == true
    }

    /// Whether the same call may succeed later: the person is still at it, or the provider was out of order and nothing speaks against a repeat.
    public var askAgainLater: Bool {
        guard !startOver else { return false }
        if code == .refused { return refusal?.advice == .askAgainLater || refusal?.advice == .waitForService }
        return [.deadlinePassed, .unreachable, .tokenUnavailable, .outcomeOpen].contains(code)
    }

    /// Whether both have the same code, outcome and provider's code; the wording does not count.
    public static func == (left: TossAuthError, right: TossAuthError) -> Bool {
        left.code == right.code && left.outcome == right.outcome && left.errorCode == right.errorCode
    }

    /// Code, outcome and the English message.
    public var description: String { "\(code.rawValue) (\(outcome.rawValue)): \(message.english)" }

    /// The same for a gateway's application. Where the provider has refused, its ``reply`` says more.
    public var callFailure: CallFailure {
        let status: Int
        switch code {
        case .invalidRequest: status = 400
        case .readsUsedUp, .resultDeadlinePassed: status = 410
        case .transactionUnknown: status = 404
        case .readUnderWay: status = 409
        case .deadlinePassed: status = 504
        case .misconfigured, .recordsUnavailable, .networkUnavailable, .cancelled: status = 503
        default:
            status = reply?.status ?? (cause == "connect-timeout" || cause == "first-byte-timeout" || cause == "total-timeout" ? 504 : 502)
        }
        var details: JSON.Members = [:]
        if let state {
            details["txId"] = .string(state.txID.text)
            details["readsLeft"] = .number(state.readsLeft)
        }
        details["startOver"] = startOver ? true : nil
        details["errorCode"] = errorCode.map { .string($0.rawValue) }
        return CallFailure(
            CallFailure.Code(rawValue: code.rawValue), outcome: outcome, status: status, message: message, cause: cause,
            retryAfter: retryAfter,
            details: details)
    }
}

extension TossAuthError {
    /// The provider refused a call.
    public static func refused(_ refusal: TossAuthRefusal, reply: Reply) -> TossAuthError {
        let name = refusal.code.row == nil ? "" : " \(refusal.code.rawValue)"
        let meaning = refusal.code.row?.meaning
        return TossAuthError(
            .refused, outcome: .refused,
            message: BilingualText(
                korean: "토스 인증이 호출을 거절했습니다\(name.isEmpty ? "" : "(\(refusal.code.rawValue))"). \(meaning?.korean ?? "")",
                english: "Toss Auth refused the call\(name)\(meaning.map { ": " + $0.english } ?? "")"),
            refusal: refusal, reply: reply, retryAfter: refusal.advice == .waitForService ? .seconds(5) : nil)
    }

    static func invalid(_ korean: String, _ english: String) -> TossAuthError {
        TossAuthError(.invalidRequest, outcome: .refused, message: BilingualText(korean: korean, english: english))
    }

    static func misconfigured(_ korean: String, _ english: String) -> TossAuthError {
        TossAuthError(.misconfigured, outcome: .refused, message: BilingualText(korean: korean, english: english))
    }

    static func unverified(_ korean: String, _ english: String) -> TossAuthError {
        TossAuthError(.answerUnverified, outcome: .unverified, message: BilingualText(korean: korean, english: english))
    }

    /// No token, or whatever else kept a call from being sent.
    init(_ failure: CallFailure) {
        self.init(
            Code(rawValue: failure.code.rawValue), outcome: failure.outcome, message: failure.message, cause: failure.cause,
            retryAfter: failure.retryAfter)
    }

    /// The exchange failed.
    init(_ error: HTTPExchangeError, to row: TossAuthAPI) {
        let failure = CallFailure(error, route: row.route)
        self.init(failure)
        if error.code == .cancelled { code = .cancelled }
        if error.outcome == .unknown, row.purpose == .result {
            message = TossAuthError.readMayBeGone("응답을 받지 못했습니다(\(error.code.rawValue)).", "no answer came back (\(error.code.rawValue))")
        }
    }

    init(_ error: RecordError) { self.init(.recordsUnavailable, outcome: .notSent, message: error.message) }

    /// The provider is out of order, or something in between has answered.
    static func open(_ row: TossAuthAPI, reply: Reply, refusal: TossAuthRefusal? = nil) -> TossAuthError {
        let name = refusal.flatMap { $0.code.row == nil ? nil : $0.code.rawValue } ?? "HTTP \(reply.status)"
        let text =
            row.purpose == .result
            ? readMayBeGone("토스 인증이 결과를 알 수 없는 응답을 보냈습니다(\(name)).", "Toss Auth answered nothing that tells the outcome (\(name))")
            : BilingualText(
                korean: "토스 인증의 응답에서 결과를 알 수 없습니다(\(name)). 이 호출은 다시 시도해도 안전합니다.",
                english: "Toss Auth answered nothing that tells the outcome (\(name)); repeating this call is safe")
        return TossAuthError(.outcomeOpen, outcome: .unknown, message: text, refusal: refusal, reply: reply, retryAfter: .seconds(5))
    }

    private static func readMayBeGone(_ korean: String, _ english: String) -> BilingualText {
        BilingualText(
            korean: korean + " 결과 조회 2회 가운데 1회가 차감되었을 수 있습니다. 기계적으로 반복하지 마세요.",
            english: english + "; one of the two reads may be gone, so do not repeat it by machine")
    }

    static func noRead(_ obstacle: VerificationLedger.Obstacle, _ state: VerificationState?) -> TossAuthError {
        var error: TossAuthError
        switch obstacle {
        case .readsUsedUp where state?.keptUntil != nil:
            error = TossAuthError(
                .readsUsedUp, outcome: .refused,
                message: BilingualText(
                    korean: "결과 조회 2회를 모두 썼거나 썼을 수 있어 새로 조회하지 않았습니다. 보관된 결과는 fresh 없이 다시 받을 수 있습니다.",
                    english:
                        "both reads of the result are used up, or may be; the provider was not asked. The result that is kept can be had without fresh"
                ))
        case .readsUsedUp:
            error = TossAuthError(
                .readsUsedUp, outcome: .refused,
                message: BilingualText(
                    korean: "결과 조회 2회를 모두 썼거나 썼을 수 있어 보내지 않았습니다. 인증을 처음부터 다시 시작하세요.",
                    english: "both reads of the result are used up, or may be; the provider was not asked. Start over with a new request"))
        case .deadlinePassed:
            error = TossAuthError(
                .resultDeadlinePassed, outcome: .refused,
                message: BilingualText(
                    korean: "인증 완료 후 60분이 지나 결과를 조회할 수 없어 보내지 않았습니다. 인증을 처음부터 다시 시작하세요.",
                    english:
                        "more than 60 minutes have passed since the person finished; the provider was not asked. Start over with a new request"
                ))
        }
        error.state = state
        return error
    }

    static let waitCancelled = TossAuthError(
        .cancelled, outcome: .unknown, message: BilingualText(korean: "기다리는 쪽에서 취소했습니다.", english: "whoever waited was cancelled"))
}
