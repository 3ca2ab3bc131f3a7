import AppsInToss
import Base
import SandboxKit

extension SandboxPart {
    /// Toss Pay: payments that a buyer authenticates and the merchant executes.
    static let pay = SandboxPart(
        name: "pay", migrations: PayTables.migrations, tables: PayTables.names,
        rows: CallRow.rows(
            .pay,
            [
                "make-payment": { .success(try $0.makePayment()) },
                "execute-payment": { try $0.executePayment() },
                "refund-payment": { try $0.refundPayment() },
                "get-payment-status": { .success(try $0.paymentStatus()) },
            ]),
        settings: PaySettings.all,
        nextDue: { try $0.nextDuePayment()?.course.dueAt },
        runNextDue: { records, _, _ in
            guard var payment = try records.nextDuePayment() else { return }
            payment.course.timePassed()
            try records.save(payment)
        },
        control: { desk, segments in try desk.payments(segments) })
}

/// Settings of Toss Pay: what nobody has published, and what the documentation says in two ways.
enum PaySettings {
    /// What `isTestPayment: true` means.
    enum TestFlag: String, CaseIterable, Sendable {
        /// A test, as the guide and its sample say.
        case guide
        /// A real payment, as the text of the OpenAPI description says.
        case openAPI = "openapi"
    }

    /// By what get-payment-status finds a payment.
    enum StatusNeeds: String, CaseIterable, Sendable {
        /// By payToken or orderNo, as the OpenAPI description says.
        case either
        /// By both, as the guide says.
        case both
    }

    /// How long the buyer has to authenticate, and the merchant to execute afterwards, in seconds.
    static let waitSeconds = Setting.integer("pay_wait_seconds", AppsInTossLimits.payTokenLife.wholeSeconds, 1...86_400)
    /// How long the bank takes for a payment, in seconds. With more than 0 execute-payment answers `HTTP_TIMEOUT` and is carried out afterwards.
    static let executeSeconds = Setting.integer("pay_execute_seconds", 0, 0...86_400)
    /// The same for a refund.
    static let refundSeconds = Setting.integer("pay_refund_seconds", 0, 0...86_400)
    /// Whether execute-payment and refund-payment meet a bank that is being maintained.
    static let bankBreak = Setting.boolean("pay_bank_break_time", false)
    /// Whether the merchant's key for Toss Pay is refused.
    static let badKey = Setting.boolean("pay_invalid_api_key", false)
    static let testFlag = Setting<TestFlag>.choice("pay_test_flag", .guide)
    static let statusNeeds = Setting<StatusNeeds>.choice("pay_status_needs", .either)
    /// Whether the parts of an amount must come to the whole, and amountTaxable be named beside a tax-free part.
    static let checksAmounts = Setting.boolean("pay_amount_check", true)

    static let all: [AnySetting] = [
        waitSeconds.erased, executeSeconds.erased, refundSeconds.erased, bankBreak.erased, badKey.erased, testFlag.erased,
        statusNeeds.erased, checksAmounts.erased,
    ]
}

extension SandboxSettings {
    /// How long things take in a payment's life.
    var paymentTimes: PaymentCourse.Times {
        PaymentCourse.Times(
            patience: .seconds(self[PaySettings.waitSeconds]), execution: .seconds(self[PaySettings.executeSeconds]),
            refund: .seconds(self[PaySettings.refundSeconds]))
    }

    /// What a payment with that `isTestPayment` is.
    func payMode(testFlag: Bool) -> PayMode { testFlag == (self[PaySettings.testFlag] == .guide) ? .test : .live }
}
