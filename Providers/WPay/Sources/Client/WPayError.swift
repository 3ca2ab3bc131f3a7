public import Base
import ProviderKit
import Transport

/// Why a call of ``WPayClient`` brought no usable answer, and what may be assumed about WPAY.
public struct WPayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A value of the request makes no sense; nothing was sent.
        public static let invalidRequest = Code(rawValue: "invalid-request")
        /// WPAY could not be reached, or the connection was lost.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The deadline has passed.
        public static let deadlinePassed = Code(rawValue: "deadline-passed")
        /// The answer cannot be read.
        public static let unreadableAnswer = Code(rawValue: "unreadable-answer")
        /// WPAY answered with a result code that is no success.
        public static let refused = Code(rawValue: "refused")
        /// The authentication's callback names a place for the approval that is not believed; nothing was sent.
        public static let domainRefused = Code(rawValue: "domain-refused")
        /// The authentication was approved, net-cancelled or is being approved by this client already; nothing was sent.
        public static let notApprovedAgain = Code(rawValue: "not-approved-again")
    }

    /// What may be assumed about WPAY.
    public enum Outcome: Sendable, Hashable {
        /// The call did not leave: WPAY cannot have acted.
        case notSent
        /// The call left and no readable answer came back: WPAY may have acted.
        case unknown
        /// WPAY answered with this result code.
        case refused(WPayResultCode)
        /// The approval's answer was lost or unreadable, and a net-cancel (망취소) is confirmed: nothing is paid.
        case undone
    }

    /// What went wrong.
    public var code: Code
    /// What may be assumed about WPAY.
    public var outcome: Outcome
    /// What happened and what to do, without secrets and personal data.
    public var message: BilingualText
    /// WPAY's own words (`resultMsg`), for a person; not part of ``description``.
    public var providerMessage: String?
    /// What became of the net-cancel, for an approval that did not succeed.
    public var netCancel: ApprovalPlan.NetCancel?

    /// Describes a failed call.
    public init(
        _ code: Code, outcome: Outcome, message: BilingualText, providerMessage: String? = nil, netCancel: ApprovalPlan.NetCancel? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.providerMessage = providerMessage
        self.netCancel = netCancel
    }

    /// Whether both have the same code and outcome; the wording does not count.
    public static func == (left: WPayError, right: WPayError) -> Bool { left.code == right.code && left.outcome == right.outcome }

    /// Code, outcome and the English message.
    public var description: String { "\(code.rawValue) (\(outcome)): \(message.english)" }
}

extension WPayError {
    static func invalid(_ error: WPayRequestError) -> WPayError { WPayError(.invalidRequest, outcome: .notSent, message: error.message) }

    static func invalid(_ korean: String, _ english: String) -> WPayError {
        WPayError(.invalidRequest, outcome: .notSent, message: BilingualText(korean: korean, english: english))
    }

    static func notAgain(_ standing: ApprovalLedger.Standing) -> WPayError {
        let text: BilingualText =
            switch standing {
            case .underWay:
                BilingualText(
                    korean: "이 인증의 승인이 진행 중입니다. 두 번째 승인은 보내지 않았습니다.",
                    english: "this authentication is being approved; the second approval was not sent")
            case .approved:
                BilingualText(
                    korean: "이미 승인된 인증입니다. 두 번째 승인은 보내지 않았고, 결제는 그대로입니다.",
                    english: "this authentication has been approved already; the second approval was not sent, and the payment stands")
            case .undone:
                BilingualText(
                    korean: "망취소를 보낸 인증이라 다시 승인할 수 없습니다. 새로 인증부터 시작하세요.",
                    english: "a net-cancel was sent for this authentication, so it can never be approved; begin again with a new one")
            }
        return WPayError(.notApprovedAgain, outcome: .notSent, message: text)
    }

    init(_ error: HTTPExchangeError, effect: Effect) {
        let word = error.code.rawValue
        let timeouts: [HTTPExchangeError.Code] = [.connectTimeout, .firstByteTimeout, .totalTimeout]
        let text: BilingualText =
            if error.outcome == .notSent {
                BilingualText(
                    korean: "요청이 WPAY에 전송되지 않았습니다(\(word)). 다시 시도해도 됩니다.",
                    english: "the call did not reach WPAY (\(word)); it may be repeated")
            } else if effect.mayBeRepeated {
                BilingualText(
                    korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 이 호출은 다시 시도해도 안전합니다.",
                    english: "the call left but no answer came back (\(word)); repeating this call is safe")
            } else {
                BilingualText(
                    korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있으니 결과를 확인하기 전에는 다시 보내지 마세요.",
                    english: "the call left but no answer came back (\(word)); WPAY may have acted: find out before sending it again")
            }
        self.init(
            timeouts.contains(error.code) ? .deadlinePassed : .unreachable, outcome: error.outcome == .notSent ? .notSent : .unknown,
            message: text)
    }

    static func refused(_ code: WPayResultCode, _ providerMessage: String?) -> WPayError {
        WPayError(
            .refused, outcome: .refused(code),
            message: BilingualText(
                korean: "WPAY가 요청을 거절했습니다(resultCode \(code)).", english: "WPAY refused the call (resultCode \(code))"),
            providerMessage: providerMessage)
    }

    static func unreadable(_ effect: Effect) -> WPayError {
        WPayError(
            .unreadableAnswer, outcome: .unknown,
            message: effect.mayBeRepeated
                ? BilingualText(korean: "WPAY의 응답을 읽을 수 없습니다.", english: "WPAY's answer cannot be read")
                : BilingualText(
                    korean: "WPAY의 응답을 읽을 수 없습니다. 처리되었을 수 있으니 결과를 확인하기 전에는 다시 보내지 마세요.",
                    english: "WPAY's answer cannot be read; it may have acted: find out before sending the call again"))
    }
}
