public import Base
import ProviderKit
import Transport

/// Why a call of ``BootpayClient`` brought no usable answer, and what may be assumed about Bootpay.
public struct BootpayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A value of the request makes no sense; nothing was sent.
        public static let invalidRequest = Code(rawValue: "invalid-request")
        /// Bootpay could not be reached, or the connection was lost.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The client could not make a network of its own.
        public static let networkUnavailable = Code(rawValue: "network-unavailable")
        /// The deadline has passed.
        public static let deadlinePassed = Code(rawValue: "deadline-passed")
        /// No access token could be had.
        public static let tokenUnavailable = Code(rawValue: "token-unavailable")
        /// Bootpay refused application id, private key or this server's address (401); it does not say which.
        public static let accessDenied = Code(rawValue: "access-denied")
        /// No such receipt, key or reservation in this project (404).
        public static let notFound = Code(rawValue: "not-found")
        /// Bootpay, or the payment gateway behind it, refused the call.
        public static let refused = Code(rawValue: "refused")
        /// The answer cannot be read.
        public static let unreadableAnswer = Code(rawValue: "unreadable-answer")
        /// The payment exists but is not paid.
        public static let notPaid = Code(rawValue: "not-paid")
        /// The payment is paid, but not the amount or in the currency that was expected, or part of it was cancelled.
        public static let amountDiffers = Code(rawValue: "amount-differs")
    }

    /// What may be assumed about Bootpay.
    public enum Outcome: Sendable, Hashable {
        /// The call did not leave: Bootpay cannot have acted.
        case notSent
        /// The call left and no readable answer came back: Bootpay may have acted. Ask, by verifying the receipt, before repeating.
        case unknown
        /// Bootpay answered with an error: the HTTP status, and the `code` of its envelope (negative; 0 when the answer had none).
        case refused(status: Int, code: Int)
        /// Bootpay answered, and the answer is not what was expected. It has not acted on this call, which only asked.
        case answered
    }

    /// What went wrong.
    public var code: Code
    /// What may be assumed about Bootpay.
    public var outcome: Outcome
    /// What happened and what to do, without secrets and personal data.
    public var message: BilingualText
    /// Bootpay's own words, in Korean, for a person; not part of ``description``, since a payment gateway may put anything into them.
    public var providerMessage: String?
    /// After how long a repeat may succeed.
    public var retryAfter: Duration?

    /// Describes a failed call.
    public init(
        _ code: Code, outcome: Outcome, message: BilingualText, providerMessage: String? = nil, retryAfter: Duration? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.providerMessage = providerMessage
        self.retryAfter = retryAfter
    }

    /// Whether Bootpay may have acted on the call: its outcome is unknown, or the answer was a server's fault (5xx), which Bootpay documents as "unknown fault, or the
    /// payment gateway refused". For a call that moves money, verify before repeating.
    public var mayHaveActed: Bool {
        switch outcome {
        case .unknown: true
        case .refused(let status, _): status >= 500
        case .notSent, .answered: false
        }
    }

    /// Whether both have the same code and outcome; the wording does not count.
    public static func == (left: BootpayError, right: BootpayError) -> Bool { left.code == right.code && left.outcome == right.outcome }

    /// Code, outcome and the English message.
    public var description: String { "\(code.rawValue) (\(outcome)): \(message.english)" }
}

extension BootpayError {
    static func invalid(_ korean: String, _ english: String) -> BootpayError {
        BootpayError(.invalidRequest, outcome: .notSent, message: BilingualText(korean: korean, english: english))
    }

    /// No token, so the call was not sent.
    init(_ failure: CallFailure) {
        let code: Code =
            switch failure.code {
            case .credentialsRefused: .accessDenied
            case .deadlinePassed: .deadlinePassed
            default: .tokenUnavailable
            }
        self.init(code, outcome: .notSent, message: failure.message, retryAfter: failure.retryAfter)
    }

    /// The exchange failed.
    init(_ error: HTTPExchangeError, effect: Effect?) {
        let word = error.code.rawValue
        let timeouts: [HTTPExchangeError.Code] = [.connectTimeout, .firstByteTimeout, .totalTimeout]
        let text: BilingualText =
            if error.outcome == .notSent {
                BilingualText(
                    korean: "요청이 부트페이에 전송되지 않았습니다(\(word)). 다시 시도해도 됩니다.",
                    english: "the call did not reach Bootpay (\(word)); it may be repeated")
            } else if effect?.mayBeRepeated == true {
                BilingualText(
                    korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 이 호출은 다시 시도해도 안전합니다.",
                    english: "the call left but no answer came back (\(word)); repeating this call is safe")
            } else if case .movesMoney(_?)? = effect {
                BilingualText(
                    korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있으니, 다시 보내기 전에 verify로 결과를 확인하세요.",
                    english:
                        "the call left but no answer came back (\(word)); Bootpay may have acted: verify the receipt before repeating it")
            } else {
                BilingualText(
                    korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있고 조회할 API가 없습니다. 웹훅이나 부트페이 관리자에서 확인하기 전에는 다시 보내지 마세요.",
                    english:
                        "the call left but no answer came back (\(word)); Bootpay may have acted and offers no enquiry: look at its webhook or console before repeating it"
                )
            }
        self.init(
            timeouts.contains(error.code) ? .deadlinePassed : .unreachable, outcome: error.outcome == .notSent ? .notSent : .unknown,
            message: text)
    }

    /// Bootpay answered with an error.
    init(status: Int, envelope: BootpayEnvelope?) {
        let code: Code =
            switch status {
            case 401: .accessDenied
            case 404: .notFound
            default: .refused
            }
        // A fault without Bootpay's envelope comes from something in between: nobody knows how far the call got.
        let outcome: Outcome = envelope == nil && status >= 500 ? .unknown : .refused(status: status, code: envelope?.code ?? 0)
        let text: BilingualText =
            if status == 401 {
                BilingualText(
                    korean: "부트페이가 호출을 거절했습니다(401): Application ID, Private Key, 접근 허용 IP 가운데 하나가 맞지 않습니다. 부트페이는 어느 것인지 알려 주지 않습니다.",
                    english:
                        "Bootpay refused the call (401): the application id, the private key or this server's address is not accepted; it does not say which"
                )
            } else {
                BilingualText(
                    korean: "부트페이가 호출을 거절했습니다(HTTP \(status), code \(envelope?.code ?? 0)).",
                    english: "Bootpay refused the call (HTTP \(status), code \(envelope?.code ?? 0))")
            }
        self.init(code, outcome: outcome, message: text, providerMessage: envelope?.message)
    }

    static func unreadable(movesMoney: Bool) -> BootpayError {
        BootpayError(
            .unreadableAnswer, outcome: .unknown,
            message: BilingualText(
                korean: movesMoney ? "부트페이의 응답을 읽을 수 없습니다. 처리되었을 수 있으니 verify로 확인하세요." : "부트페이의 응답을 읽을 수 없습니다.",
                english: movesMoney
                    ? "Bootpay's answer cannot be read; it may have acted: verify the receipt before repeating"
                    : "Bootpay's answer cannot be read"))
    }
}
