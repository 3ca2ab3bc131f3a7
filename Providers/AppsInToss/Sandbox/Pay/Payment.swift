import AppsInToss
import Base
import SandboxKit
import Storage

/// One payment as it is kept.
struct Payment: Equatable, Sendable {
    var token: String
    var app: String
    /// Whose it is: `user:…` or `anonymous:…`.
    var user: String
    var orderNumber: String
    var product: String
    /// `isTestPayment` as make-payment said it.
    var testFlag: Bool
    var amounts: PaymentAmounts
    /// How the buyer may pay.
    var methods: [PayMethod]
    var wantsCashReceipt: Bool
    var takesInstallments: Bool
    var createdAt: Timestamp
    var course: PaymentCourse
    var choice: BuyerChoice?
    /// The payment's own; nothing before it was executed.
    var transactionID: String?
    var cashReceiptKey: String?
    var refund: Refund?

    /// A refund that was taken.
    struct Refund: Equatable, Sendable {
        var number: String
        var transactionID: String
    }
}

enum PayTables {
    static let names = ["apps_in_toss_payments"]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE apps_in_toss_payments (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, token TEXT NOT NULL, app TEXT NOT NULL, user TEXT NOT NULL,
                    order_number TEXT NOT NULL, product TEXT NOT NULL, test_flag INTEGER NOT NULL, amount INTEGER NOT NULL,
                    tax_free INTEGER NOT NULL, taxable INTEGER NOT NULL, value_added_tax INTEGER NOT NULL, service_fee INTEGER NOT NULL,
                    methods TEXT NOT NULL, cash_receipt INTEGER NOT NULL, installments INTEGER NOT NULL, created_at INTEGER NOT NULL,
                    status TEXT NOT NULL, due_at INTEGER, authenticated_at INTEGER, paid_at INTEGER, settled_at INTEGER, refunded_at INTEGER,
                    has_lapsed INTEGER NOT NULL, is_replaced INTEGER NOT NULL, choice TEXT, transaction_id TEXT, cash_receipt_key TEXT,
                    refund_number TEXT, refund_transaction_id TEXT, UNIQUE (tenant, token)
                ) STRICT
                """,
                "CREATE INDEX apps_in_toss_payments_of ON apps_in_toss_payments (tenant, app, order_number, number)",
                "CREATE INDEX apps_in_toss_payments_due ON apps_in_toss_payments (tenant, due_at) WHERE due_at IS NOT NULL",
            ])
    ]
}

extension Payment {
    init?(_ row: Row) {
        guard let token = row.text("token"), let app = row.text("app"), let user = row.text("user"),
            let orderNumber = row.text("order_number"), let product = row.text("product"), let testFlag = row.boolean("test_flag"),
            let amount = row.integer("amount"), let taxFree = row.integer("tax_free"), let taxable = row.integer("taxable"),
            let tax = row.integer("value_added_tax"), let serviceFee = row.integer("service_fee"), let methods = row.texts("methods"),
            let cashReceipt = row.boolean("cash_receipt"), let installments = row.boolean("installments"),
            let createdAt = row.moment("created_at"), let status = row.text("status").flatMap(PaymentStatus.init),
            let hasLapsed = row.boolean("has_lapsed"), let isReplaced = row.boolean("is_replaced")
        else { return nil }
        self.init(
            token: token, app: app, user: user, orderNumber: orderNumber, product: product, testFlag: testFlag,
            amounts: PaymentAmounts(amount: amount, taxFree: taxFree, taxable: taxable, valueAddedTax: tax, serviceFee: serviceFee),
            methods: methods.map { PayMethod(rawValue: $0) }, wantsCashReceipt: cashReceipt, takesInstallments: installments,
            createdAt: createdAt,
            course: PaymentCourse(
                stored: status, dueAt: row.moment("due_at"), authenticatedAt: row.moment("authenticated_at"), paidAt: row.moment("paid_at"),
                settledAt: row.moment("settled_at"), refundedAt: row.moment("refunded_at"), hasLapsed: hasLapsed, isReplaced: isReplaced),
            choice: row.text("choice").flatMap { try? JSON($0) }.flatMap(BuyerChoice.init(stored:)),
            transactionID: row.text("transaction_id"), cashReceiptKey: row.text("cash_receipt_key"))
        if let number = row.text("refund_number"), let transactionID = row.text("refund_transaction_id") {
            refund = Refund(number: number, transactionID: transactionID)
        }
    }
}

extension Records {
    /// The payment of that token, whichever mini-app's.
    func payment(_ token: String) throws -> Payment? {
        try connection.query("SELECT * FROM apps_in_toss_payments WHERE tenant = ? AND token = ?", owner, .text(token)).first
            .flatMap(Payment.init)
    }

    /// The latest payment of a mini-app under an order number, among the tests or the others.
    func latestPayment(of app: String, order: String, testFlag: Bool) throws -> Payment? {
        try connection.query(
            """
            SELECT * FROM apps_in_toss_payments WHERE tenant = ? AND app = ? AND order_number = ? AND test_flag = ? ORDER BY number DESC LIMIT 1
            """, owner, .text(app), .text(order), .boolean(testFlag)
        ).first.flatMap(Payment.init)
    }

    /// The payments of a mini-app or of all, newest first; perhaps only those of an order number.
    func payments(of app: String?, order: String?, limit: Int64) throws -> [Payment] {
        try connection.query(
            """
            SELECT * FROM apps_in_toss_payments WHERE tenant = ?1 AND (?2 IS NULL OR app = ?2) AND (?3 IS NULL OR order_number = ?3)
            ORDER BY number DESC LIMIT ?4
            """, owner, .optional(app), .optional(order), .integer(limit)
        ).compactMap(Payment.init)
    }

    /// The payment that time moves first.
    func nextDuePayment() throws -> Payment? {
        try connection.query(
            "SELECT * FROM apps_in_toss_payments WHERE tenant = ? AND due_at IS NOT NULL ORDER BY due_at, number LIMIT 1", owner
        ).first.flatMap(Payment.init)
    }

    /// Adds a payment.
    func add(_ payment: Payment) throws {
        let amounts = payment.amounts
        try connection.execute(
            """
            INSERT INTO apps_in_toss_payments (tenant, token, app, user, order_number, product, test_flag, amount, tax_free, taxable,
                value_added_tax, service_fee, methods, cash_receipt, installments, created_at, status, has_lapsed, is_replaced)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'',0,0)
            """,
            values: [
                owner, .text(payment.token), .text(payment.app), .text(payment.user), .text(payment.orderNumber), .text(payment.product),
                .boolean(payment.testFlag), .integer(amounts.amount), .integer(amounts.taxFree), .integer(amounts.taxable),
                .integer(amounts.valueAddedTax), .integer(amounts.serviceFee), .texts(payment.methods.map(\.rawValue)),
                .boolean(payment.wantsCashReceipt), .boolean(payment.takesInstallments), payment.createdAt.value,
            ])
        try save(payment)
    }

    /// Keeps what changes of a payment.
    func save(_ payment: Payment) throws {
        let course = payment.course
        try connection.execute(
            """
            UPDATE apps_in_toss_payments SET status = ?, due_at = ?, authenticated_at = ?, paid_at = ?, settled_at = ?, refunded_at = ?,
                has_lapsed = ?, is_replaced = ?, choice = ?, transaction_id = ?, cash_receipt_key = ?, refund_number = ?,
                refund_transaction_id = ? WHERE tenant = ? AND token = ?
            """,
            values: [
                .text(course.status.rawValue), .moment(course.dueAt), .moment(course.authenticatedAt), .moment(course.paidAt),
                .moment(course.settledAt), .moment(course.refundedAt), .boolean(course.hasLapsed), .boolean(course.isReplaced),
                .optional(payment.choice?.stored.text), .optional(payment.transactionID), .optional(payment.cashReceiptKey),
                .optional(payment.refund?.number), .optional(payment.refund?.transactionID), owner, .text(payment.token),
            ])
    }
}
