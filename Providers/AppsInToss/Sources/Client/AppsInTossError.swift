public import Base
import ProviderKit
import Transport

/// Why a call brought no usable answer, and what may be assumed about Apps in Toss.
public struct AppsInTossError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A value of the request makes no sense; nothing was sent.
        public static let invalidRequest = Code(rawValue: "invalid-request")
        /// The client certificate or its key cannot be used.
        public static let certificateUnusable = Code(rawValue: "certificate-unusable")
        /// The client could not make a network of its own.
        public static let networkUnavailable = Code(rawValue: "network-unavailable")
        /// Apps in Toss could not be reached, or the connection was lost. A certificate that is missing or refused looks like this too.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The deadline has passed.
        public static let deadlinePassed = Code(rawValue: "deadline-passed")
        /// The limit of calls leaves no room before the deadline: here, in the gateway, or by the provider's own word (4095).
        public static let limitReached = Code(rawValue: "limit-reached")
        /// Apps in Toss refused the call: see ``AppsInTossError/refusal``.
        public static let refused = Code(rawValue: "refused")
        /// A code or a token of a login is wrong, used or dead, or the referrer was not passed on as it was (`invalid_grant`).
        public static let invalidGrant = Code(rawValue: "invalid-grant")
        /// Apps in Toss reports a failure that leaves open whether it has acted.
        public static let outcomeOpen = Code(rawValue: "outcome-open")
        /// The answer cannot be read, or comes from something in between.
        public static let unreadableAnswer = Code(rawValue: "unreadable-answer")
        /// Personal data cannot be decrypted with the client's key.
        public static let personalDataUnreadable = Code(rawValue: "personal-data-unreadable")
        /// The enquiry shows that the payment was cancelled, or refunded since: no money of the buyer's is held.
        public static let notExecuted = Code(rawValue: "not-executed")
        /// A key for a promotion is spent, and only the application may decide to ask for another.
        public static let promotionKeySpent = Code(rawValue: "promotion-key-spent")
        /// What must be kept before points are granted cannot be kept.
        public static let recordsUnavailable = Code(rawValue: "records-unavailable")
    }

    /// What may be assumed about Apps in Toss.
    public enum Outcome: String, Sendable, Hashable {
        /// The call did not leave: Apps in Toss cannot have acted.
        case notSent = "not-sent"
        /// The call left and nothing that could be believed came back: Apps in Toss may have acted. Ask before repeating.
        case unknown
        /// Apps in Toss, or the gateway, refused the call.
        case refused
        /// Apps in Toss answered, and the answer could not be verified.
        case unverified
    }

    /// What went wrong.
    public var code: Code
    /// What may be assumed about Apps in Toss.
    public var outcome: Outcome
    /// What happened and what to do, without secrets and personal data.
    public var message: BilingualText
    /// The provider's own words, where there are any. They may repeat what was sent, so they are not part of ``description``.
    public var refusal: AppsInTossRefusal?
    /// The HTTP status of the answer; 0 when there was none.
    public var status: Int
    /// After how long a repeat may succeed.
    public var retryAfter: Duration?
    /// What the enquiry after an unknown outcome found, where one was made and answered.
    public var payment: PaymentStatus?

    /// Describes a failed call.
    public init(
        _ code: Code, outcome: Outcome, message: BilingualText, refusal: AppsInTossRefusal? = nil, status: Int = 0,
        retryAfter: Duration? = nil, payment: PaymentStatus? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.refusal = refusal
        self.status = status
        self.retryAfter = retryAfter
        self.payment = payment
    }

    /// The provider's code for it.
    public var errorCode: AppsInTossErrorCode? { refusal?.code }

    /// Whether both have the same code, outcome and provider's code; the wording does not count.
    public static func == (left: AppsInTossError, right: AppsInTossError) -> Bool {
        left.code == right.code && left.outcome == right.outcome && left.errorCode == right.errorCode
    }

    /// Code, outcome and the English message.
    public var description: String { "\(code.rawValue) (\(outcome.rawValue)): \(message.english)" }
}

extension AppsInTossError {
    static func invalid(_ korean: String, _ english: String) -> AppsInTossError {
        AppsInTossError(.invalidRequest, outcome: .notSent, message: BilingualText(korean: korean, english: english))
    }

    /// The exchange failed.
    init(_ error: HTTPExchangeError, effect: Effect) {
        let word = error.code.rawValue
        let timeouts: [HTTPExchangeError.Code] = [.connectTimeout, .firstByteTimeout, .totalTimeout]
        let text: BilingualText
        if error.outcome == .notSent {
            let handshake = error.code == .handshakeFailed
            text = BilingualText(
                korean: "요청이 앱인토스에 전송되지 않았습니다(\(word))."
                    + (handshake ? " 클라이언트 인증서가 없거나 거절되었을 수 있습니다. 만료일과 콘솔의 사용 여부를 확인하세요." : " 다시 시도해도 됩니다."),
                english: "the call did not reach Apps in Toss (\(word)); "
                    + (handshake
                        ? "the client certificate may be missing or refused: look at its end and at the console" : "it may be repeated"))
        } else if effect.mayBeRepeated {
            text = BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 이 호출은 다시 시도해도 안전합니다.",
                english: "the call left but no answer came back (\(word)); repeating this call is safe")
        } else {
            text = AppsInTossError.advice(word, effect)
        }
        self.init(
            timeouts.contains(error.code) ? .deadlinePassed : .unreachable, outcome: error.outcome == .notSent ? .notSent : .unknown,
            message: text)
    }

    private static func advice(_ word: String, _ effect: Effect) -> BilingualText {
        guard case .movesMoney(let enquiry?) = effect else {
            return BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있고 조회할 API가 없으니 기계적으로 다시 보내지 마세요.",
                english:
                    "the call left but no answer came back (\(word)); Apps in Toss may have acted and offers no enquiry: do not repeat it by machine"
            )
        }
        return BilingualText(
            korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있으니 다시 보내기 전에 \(enquiry) 로 확인하세요.",
            english: "the call left but no answer came back (\(word)); Apps in Toss may have acted: ask \(enquiry) before repeating it")
    }

    /// Apps in Toss answered with a failure.
    init(_ refusal: AppsInTossRefusal, status: Int, effect: Effect) {
        let name = refusal.code.rawValue.isEmpty ? refusal.resultType?.rawValue ?? "-" : AppsInTossError.safe(refusal.code)
        let meaning = refusal.code.row?.meaning
        if refusal.leavesOutcomeOpen {
            let mayHaveActed = !effect.mayBeRepeated
            self.init(
                .outcomeOpen, outcome: .unknown,
                message: BilingualText(
                    korean: "앱인토스가 처리 결과를 알려 주지 않았습니다(\(name)). "
                        + (mayHaveActed ? "처리되었을 수 있으니 확인하기 전에 다시 보내지 마세요." : "다시 시도해도 안전합니다."),
                    english: "Apps in Toss reports a failure and leaves the outcome open (\(name)); "
                        + (mayHaveActed ? "it may have acted: ask before repeating" : "repeating this call is safe")),
                refusal: refusal, status: status)
            return
        }
        let code: Code =
            switch refusal.code {
            case .invalidGrant: .invalidGrant
            case .limitExceeded: .limitReached
            default: .refused
            }
        self.init(
            code, outcome: .refused,
            message: BilingualText(
                korean: "앱인토스가 호출을 거절했습니다(\(name)\(meaning.map { ": " + $0.korean } ?? "")).",
                english: "Apps in Toss refused the call (\(name)\(meaning.map { ": " + $0.english } ?? ""))"),
            refusal: refusal, status: status,
            retryAfter: refusal.code == .limitExceeded ? refusal.retryAfter ?? AppsInTossLimits.block : nil)
    }

    /// A code as it may stand in a message: those that are not known could be anything.
    private static func safe(_ code: AppsInTossErrorCode) -> String {
        let isWord =
            code.rawValue.utf8.count <= 64
            && code.rawValue.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
            }
        return code.isKnown || isWord ? code.rawValue : "?"
    }

    static func unreadable(status: Int, effect: Effect) -> AppsInTossError {
        let mayHaveActed = !effect.mayBeRepeated
        return AppsInTossError(
            .unreadableAnswer, outcome: .unknown,
            message: BilingualText(
                korean: "앱인토스의 응답을 읽을 수 없습니다(HTTP \(status))." + (mayHaveActed ? " 처리되었을 수 있습니다." : ""),
                english: "the answer of Apps in Toss cannot be read (HTTP \(status))" + (mayHaveActed ? "; it may have acted" : "")),
            status: status)
    }

    /// The limiter does not let the call through.
    init(_ failure: CallFailure) {
        self.init(
            Code(rawValue: failure.code.rawValue), outcome: failure.outcome == .unknown ? .unknown : .notSent, message: failure.message,
            status: 0, retryAfter: failure.retryAfter)
    }

    init(_ error: RecordError) { self.init(.recordsUnavailable, outcome: .notSent, message: error.message) }

    /// The gateway answers on its own account: a problem document. Nothing when the answer is none.
    init?(gateway response: HTTPResponse, bytes: [UInt8]) {
        guard let word = response.fields["Bujeol-Outcome"], let outcome = Outcome(rawValue: word),
            response.fields["Content-Type"]?.hasPrefix("application/problem+json") == true, let json = try? JSON(bytes)
        else { return nil }
        let prefix = "urn:bujeol:problem:"
        let type = json.text("type") ?? ""
        let english = json.text("detail") ?? "the gateway did not pass the call on"
        self.init(
            Code(rawValue: type.hasPrefix(prefix) ? String(type.dropFirst(prefix.count)) : "gateway"), outcome: outcome,
            message: BilingualText(korean: json.text("detail_ko") ?? english, english: english), status: response.status,
            retryAfter: response.fields["Retry-After"].flatMap { Int64($0) }.map { .seconds(min($0, 86_400)) })
    }
}
