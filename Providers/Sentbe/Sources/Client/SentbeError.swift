public import Base
import ProviderKit
import Transport

/// Why a call brought no usable answer, and what may be assumed about Sentbe.
public struct SentbeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A value of the request makes no sense; nothing was sent.
        public static let invalidRequest = Code(rawValue: "invalid-request")
        /// The parameters do not fit into the header; nothing was sent.
        public static let parametersTooLong = Code(rawValue: "parameters-too-long")
        /// Sentbe could not be reached, or the connection was lost.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The client could not make a network of its own.
        public static let networkUnavailable = Code(rawValue: "network-unavailable")
        /// The deadline has passed.
        public static let deadlinePassed = Code(rawValue: "deadline-passed")
        /// Sentbe refused the call: see ``SentbeError/failures``.
        public static let refused = Code(rawValue: "refused")
        /// The answer cannot be read, or comes from something in between.
        public static let unreadableAnswer = Code(rawValue: "unreadable-answer")
        /// A callback does not come from Sentbe, or cannot be read.
        public static let callbackRefused = Code(rawValue: "callback-refused")
    }

    /// What may be assumed about Sentbe.
    public enum Outcome: Sendable, Hashable {
        /// The call did not leave: Sentbe cannot have acted.
        case notSent
        /// The call left and no readable answer came back: Sentbe may have acted. Ask before repeating.
        case unknown
        /// Sentbe answered with an error.
        case refused
        /// Sentbe answered, and the answer is not what was expected.
        case answered
    }

    /// What went wrong.
    public var code: Code
    /// What may be assumed about Sentbe.
    public var outcome: Outcome
    /// What happened and what to do, without secrets and personal data.
    public var message: BilingualText
    /// Everything that Sentbe complains about. Its words may repeat what was sent, so they are not part of ``description``.
    public var failures: [SentbeReply.Failure]
    /// The HTTP status of the answer; 0 when there was none.
    public var status: Int

    /// Describes a failed call.
    public init(
        _ code: Code, outcome: Outcome, message: BilingualText, failures: [SentbeReply.Failure] = [], status: Int = 0
    ) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.failures = failures
        self.status = status
    }

    /// The code of the first complaint, which is the one to act on.
    public var errorCode: SentbeErrorCode? { failures.first?.code }

    /// Whether both have the same code, outcome and first complaint; the wording does not count.
    public static func == (left: SentbeError, right: SentbeError) -> Bool {
        left.code == right.code && left.outcome == right.outcome && left.errorCode == right.errorCode
    }

    /// Code, outcome and the English message.
    public var description: String { "\(code.rawValue) (\(outcome)): \(message.english)" }
}

extension SentbeError {
    static func invalid(_ korean: String, _ english: String) -> SentbeError {
        SentbeError(.invalidRequest, outcome: .notSent, message: BilingualText(korean: korean, english: english))
    }

    init(_ error: SentbeEnvelopeError) {
        self.init(
            error.code == .tooLong ? .parametersTooLong : .invalidRequest, outcome: .notSent, message: error.message)
    }

    /// The exchange failed.
    init(_ error: HTTPExchangeError, effect: Effect?) {
        let word = error.code.rawValue
        let timeouts: [HTTPExchangeError.Code] = [.connectTimeout, .firstByteTimeout, .totalTimeout]
        let text: BilingualText
        if error.outcome == .notSent {
            text = BilingualText(
                korean: "요청이 센트비에 전송되지 않았습니다(\(word)). 다시 시도해도 됩니다.",
                english: "the call did not reach Sentbe (\(word)); it may be repeated")
        } else if effect?.mayBeRepeated == true {
            text = BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 이 호출은 다시 시도해도 안전합니다.",
                english: "the call left but no answer came back (\(word)); repeating this call is safe")
        } else if case .movesMoney(let enquiry?)? = effect {
            text = BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있으니 다시 보내기 전에 \(enquiry) 로 확인하세요.",
                english: "the call left but no answer came back (\(word)); Sentbe may have acted: look at \(enquiry) before repeating it")
        } else {
            text = BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있습니다.",
                english: "the call left but no answer came back (\(word)); Sentbe may have acted")
        }
        self.init(
            timeouts.contains(error.code) ? .deadlinePassed : .unreachable, outcome: error.outcome == .notSent ? .notSent : .unknown,
            message: text)
    }

    /// Sentbe answered with errors.
    init(_ reply: SentbeReply, status: Int) {
        let first = reply.failures.first?.code
        let name = first.map { $0.rawValue.isEmpty ? "-" : $0.rawValue } ?? "-"
        let meaning = first?.row?.meaning
        self.init(
            .refused, outcome: .refused,
            message: BilingualText(
                korean: "센트비가 호출을 거절했습니다(\(name)\(meaning.map { ": " + $0.korean } ?? "")).",
                english: "Sentbe refused the call (\(name)\(meaning.map { ": " + $0.english } ?? ""))"),
            failures: reply.failures, status: status)
    }

    static func unreadable(status: Int, effect: Effect?) -> SentbeError {
        let movesMoney = !(effect?.mayBeRepeated ?? false)
        return SentbeError(
            .unreadableAnswer, outcome: .unknown,
            message: BilingualText(
                korean: movesMoney ? "센트비의 응답을 읽을 수 없습니다(HTTP \(status)). 처리되었을 수 있습니다." : "센트비의 응답을 읽을 수 없습니다(HTTP \(status)).",
                english: movesMoney
                    ? "Sentbe's answer cannot be read (HTTP \(status)); it may have acted"
                    : "Sentbe's answer cannot be read (HTTP \(status))"),
            status: status)
    }
}
