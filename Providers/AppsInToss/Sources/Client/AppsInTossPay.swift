import Base
import ProviderKit

/// The chapter "Toss Pay" (토스페이).
///
/// `checkoutPayment` in the mini-app only says that the buyer has authenticated. Paid is what ``execute(_:orderNo:isTestPayment:for:)`` or ``status(_:orderNo:isTestPayment:for:)``
/// says is paid.
public struct AppsInTossPay: Sendable {
    let client: AppsInTossClient

    /// How often the enquiry is made after an unknown outcome, and the pause between (ours).
    static let enquiries = 3
    static let enquiryPause = Duration.seconds(1)

    /// Makes a payment for the mini-app to check out.
    ///
    /// After an unknown outcome ask ``status(_:orderNo:isTestPayment:for:)`` by the orderNo.
    public func make(_ request: PaymentRequest, for user: AppsInTossUser) async throws(AppsInTossError) -> PayToken {
        let answer = try await client.call("make-payment", user: user, request.body())
        guard let token = answer.content.text("payToken"), !token.isEmpty else { throw answer.unreadable }
        return PayToken(token)
    }

    /// Takes the buyer's money, once the buyer has authenticated.
    ///
    /// It is sent once. When its outcome is unknown, get-payment-status is asked what became of it: a payment that is complete is returned, with
    /// ``PaymentExecution/foundByEnquiry``; one that was cancelled throws `notExecuted`; everything else throws the outcome `unknown` with what was found in
    /// ``AppsInTossError/payment``, since the call may still be under way.
    /// - Parameters:
    ///   - payToken: The payment.
    ///   - orderNo: Its number, where known: it is sent along, compared with the answer, and helps the enquiry.
    ///   - isTestPayment: As the payment was made.
    ///   - user: Who pays.
    public func execute(
        _ payToken: PayToken, orderNo: String? = nil, isTestPayment: Bool, for user: AppsInTossUser
    ) async throws(AppsInTossError) -> PaymentExecution {
        var body: JSON.Members = ["payToken": payToken.json]
        body.set("orderNo", orderNo)
        body["isTestPayment"] = .boolean(isTestPayment)
        let failure: AppsInTossError
        do throws(AppsInTossError) {
            let answer = try await client.call("execute-payment", user: user, body)
            try AppsInTossPay.check(answer, payToken, orderNo)
            return PaymentExecution(answer.content, payToken: payToken)
        } catch {
            failure = error
        }
        guard AppsInTossPay.mayHaveActed(failure) else { throw failure }
        let found = await enquire(payToken, orderNo, isTestPayment, user) { $0.isCharged || $0.isRefunded || $0 == .cancelled }
        guard let found else { throw failure }
        if found.status.isCharged { return PaymentExecution(found, payToken: payToken) }
        throw AppsInTossPay.unsettled(failure, found, "execute-payment")
    }

    /// Gives all of the money back.
    ///
    /// It is sent once; after an unknown outcome as ``execute(_:orderNo:isTestPayment:for:)``.
    /// - Parameters:
    ///   - payToken: The payment.
    ///   - reason: Why, for the buyer: at most 55 characters, Korean, letters, digits, space and `_ - : . ^ @ ( ) [ ] # / ! % ? &`.
    ///   - isTestPayment: As the payment was made.
    ///   - user: Who paid.
    public func refund(
        _ payToken: PayToken, reason: String, isTestPayment: Bool, for user: AppsInTossUser
    ) async throws(AppsInTossError) -> PaymentRefund {
        guard AppsInTossFormat.isRefundReason(reason) else {
            throw .invalid(
                "환불 사유는 55자 이하의 한글, 영문, 숫자, 공백과 _ - : . ^ @ ( ) [ ] # / ! % ? & 여야 합니다.",
                "the reason must be 1 to 55 of Korean, letters, digits, space and _ - : . ^ @ ( ) [ ] # / ! % ? &")
        }
        let failure: AppsInTossError
        do throws(AppsInTossError) {
            let answer = try await client.call(
                "refund-payment", user: user,
                ["payToken": payToken.json, "reason": .string(reason), "isTestPayment": .boolean(isTestPayment)])
            try AppsInTossPay.check(answer, payToken, nil)
            return PaymentRefund(answer.content, payToken: payToken)
        } catch {
            failure = error
        }
        guard AppsInTossPay.mayHaveActed(failure) else { throw failure }
        guard let found = await enquire(payToken, nil, isTestPayment, user, until: \.isRefunded) else { throw failure }
        if found.status.isRefunded { return PaymentRefund(found, payToken: payToken) }
        throw AppsInTossPay.unsettled(failure, found, "refund-payment")
    }

    /// Where a payment stands, by its token, its number, or both.
    public func status(
        _ payToken: PayToken? = nil, orderNo: String? = nil, isTestPayment: Bool, for user: AppsInTossUser
    ) async throws(AppsInTossError) -> PaymentStatus {
        guard payToken != nil || orderNo != nil else { throw .invalid("payToken이나 orderNo가 필요합니다.", "payToken or orderNo is needed") }
        var body: JSON.Members = [:]
        body.set("payToken", payToken?.rawValue)
        body.set("orderNo", orderNo)
        body["isTestPayment"] = .boolean(isTestPayment)
        let answer = try await client.call("get-payment-status", user: user, body)
        guard let status = PaymentStatus(answer.content) else { throw answer.unreadable }
        try AppsInTossPay.compare(answer, payToken, orderNo)
        return status
    }

    /// Whether the enquiry is needed: an internal error may have come after the act.
    private static func mayHaveActed(_ failure: AppsInTossError) -> Bool {
        failure.outcome == .unknown || failure.outcome == .refused && failure.errorCode == .internalError
    }

    /// Whether an answer that reports success means it, and is about this payment.
    private static func check(_ answer: AppsInTossClient.Answer, _ payToken: PayToken, _ orderNo: String?) throws(AppsInTossError) {
        let content = answer.content
        guard content.members != nil else { throw answer.unreadable }
        let code = content.whole("code") ?? 0
        let error = content.text("errorCode") ?? ""
        guard code == 0, error.isEmpty else {
            // Success outside and an error inside: nobody documents it, so that the enquiry must tell.
            let refusal = AppsInTossRefusal(
                AppsInTossErrorCode(rawValue: error.isEmpty ? String(code) : error), resultType: AppsInTossResultType.success,
                reason: content.text("msg"))
            throw AppsInTossError(.outcomeOpen, outcome: .unknown, message: contradiction, refusal: refusal, status: 200)
        }
        try compare(answer, payToken, orderNo)
    }

    private static func compare(_ answer: AppsInTossClient.Answer, _ payToken: PayToken?, _ orderNo: String?) throws(AppsInTossError) {
        for (name, asked) in [("payToken", payToken?.rawValue), ("orderNo", orderNo)] {
            guard let asked, let answered = answer.content.text(name), answered != asked else { continue }
            throw AppsInTossError(
                .unreadableAnswer, outcome: .unverified,
                message: BilingualText(
                    korean: "응답의 \(name)이(가) 요청한 결제와 다릅니다. 이 응답을 믿지 말고 get-payment-status로 확인하세요.",
                    english: "the answer's \(name) is another payment's; do not believe it, ask get-payment-status"),
                status: 200)
        }
    }

    /// Asks what became of a call, until `isSettled` or the attempts are used up; nothing when no question was answered.
    private func enquire(
        _ payToken: PayToken, _ orderNo: String?, _ isTestPayment: Bool, _ user: AppsInTossUser, until isSettled: (PayStatus) -> Bool
    ) async -> PaymentStatus? {
        var found: PaymentStatus?
        for attempt in 0..<AppsInTossPay.enquiries {
            if attempt > 0 {
                guard (try? await client.options.time.sleep(for: AppsInTossPay.enquiryPause)) != nil else { break }
            }
            guard let status = try? await status(payToken, orderNo: orderNo, isTestPayment: isTestPayment, for: user) else { continue }
            found = status
            if isSettled(status.status) { break }
        }
        return found
    }

    private static let contradiction = BilingualText(
        korean: "성공 응답 안에 오류 코드가 있습니다. 처리되었을 수 있습니다.", english: "an answer that reports success holds an error code; it may have been done")

    private static func unsettled(_ failure: AppsInTossError, _ found: PaymentStatus, _ call: String) -> AppsInTossError {
        var error = failure
        error.payment = found
        let word = found.status.isKnown ? found.status.rawValue : "?"
        if call == "execute-payment", found.status == .cancelled || found.status.isRefunded {
            error.code = .notExecuted
            error.outcome = .refused
            error.message = BilingualText(
                korean: "응답을 받지 못해 조회했더니 결제가 취소되었거나 환불되어 있습니다(\(word)). 청구된 금액은 없습니다.",
                english: "no answer came, and the enquiry says that the payment was cancelled or refunded (\(word)); nothing is charged")
        } else {
            error.outcome = .unknown
            error.message = BilingualText(
                korean: "결과를 받지 못해 조회했더니 \(word) 상태입니다. \(call)이(가) 아직 처리 중일 수 있으니 다시 보내기 전에 잠시 뒤 get-payment-status로 확인하세요.",
                english:
                    "no outcome came, and the enquiry says \(word); \(call) may still be under way: ask get-payment-status again before repeating it"
            )
        }
        return error
    }
}

extension PayStatus {
    /// Whether the buyer's money has been taken and is not on its way back: only then may goods be handed out.
    fileprivate var isCharged: Bool { self == .complete || self == .settled }
}
