import Base
import SandboxKit
import Storage

/// Where a payment stands.
enum TransactionState: String, CaseIterable, Sendable {
    /// The shopper has authenticated it; nothing is paid.
    case authenticated = "AUTHENTICATED"
    case approved = "APPROVED"
    /// Undone by a net-cancel, or dead before it was approved.
    case netCancelled = "NETCANCELLED"
    /// Not approved in time.
    case expired = "EXPIRED"
    /// Refunded as a whole.
    case refunded = "REFUNDED"
    /// Refunded in part.
    case partlyRefunded = "PARTLY"
}

/// What a shopper is asked to pay for.
struct Purchase: Sendable, Equatable {
    var oid: String
    var goodsName: String
    /// In won.
    var price: Int64
    var buyerName = ""
    var buyerTel = ""
    var buyerEmail = ""
    /// Months, `00` for a lump sum.
    var quota = "00"
    /// Y for interest-free.
    var interest = ""
    var couponCode = ""
    /// Y to use card points.
    var cardPoint = ""
    /// Cash receipt of an account payment: Y, its kind, and whose.
    var receiptWanted = ""
    var receiptKind = ""
}

/// A payment from its authentication on.
struct Transaction: Sendable {
    var wtid: String
    /// Who asked for it.
    var mid: String
    /// The plain user key.
    var userKey: String
    /// The plain token of the card or account it is paid with.
    var token: String
    var method: PayMethod
    var purchase: Purchase
    var state = TransactionState.authenticated
    var authenticatedAt: Timestamp
    var approvedAt: Timestamp?
    /// When it was net-cancelled, refunded as a whole, or lapsed.
    var endedAt: Timestamp?
    /// When time changes it.
    var dueAt: Timestamp?
    /// The payment gateway's id, by which it is refunded.
    var tid: String?
    /// In won, all refunds together.
    var refunded: Int64 = 0
    /// The approval number.
    var approvalNumber: Int64 = 0
    /// Parts of the amount as the merchant gave them on approval, in won.
    var tax = ""
    var taxFree = ""
    var cupDeposit = ""
    /// The `wtid` of the auto-pay sign-up that it was charged from.
    var signUp: String?
    /// Whether it may be refunded in part (`partCancelCode`).
    var cancelsInPart = true

    init(
        wtid: String, mid: String, userKey: String, token: String, method: PayMethod, purchase: Purchase, authenticatedAt: Timestamp,
        dueAt: Timestamp? = nil
    ) {
        self.wtid = wtid
        self.mid = mid
        self.userKey = userKey
        self.token = token
        self.method = method
        self.purchase = purchase
        self.authenticatedAt = authenticatedAt
        self.dueAt = dueAt
    }

    /// What has been paid and not refunded, in won.
    var remaining: Int64 {
        switch state {
        case .approved, .partlyRefunded: return purchase.price - refunded
        case .authenticated, .netCancelled, .expired, .refunded: return 0
        }
    }

    /// Lapses when its time has come.
    mutating func expire(at moment: Timestamp) {
        guard state == .authenticated else { return }
        state = .expired
        endedAt = moment
        dueAt = nil
    }
}

extension Transaction {
    fileprivate var details: JSON.Members {
        [
            "payMethod": .string(method.rawValue), "goodsName": .string(purchase.goodsName), "buyerName": .string(purchase.buyerName),
            "buyerTel": .string(purchase.buyerTel), "buyerEmail": .string(purchase.buyerEmail), "cardQuota": .string(purchase.quota),
            "cardInterest": .string(purchase.interest), "couponCode": .string(purchase.couponCode),
            "flagCardPoint": .string(purchase.cardPoint), "cshRecpSave": .string(purchase.receiptWanted),
            "cshRecpCode": .string(purchase.receiptKind), "applNum": .number(approvalNumber), "tax": .string(tax),
            "taxFree": .string(taxFree),
            "cupDeposit": .string(cupDeposit), "partCancelCode": .string(cancelsInPart ? "1" : "0"),
        ]
    }

    init?(_ row: Row) {
        guard let wtid = row.text("wtid"), let mid = row.text("mid"), let userKey = row.text("user_key"), let token = row.text("token"),
            let oid = row.text("oid"), let price = row.integer("price"), let refunded = row.integer("refunded"),
            let state = row.text("state").flatMap(TransactionState.init), let authenticatedAt = row.moment("authenticated_at"),
            let details = row.details(), let method = PayMethod(rawValue: details.text("payMethod"))
        else { return nil }
        self.init(
            wtid: wtid, mid: mid, userKey: userKey, token: token, method: method,
            purchase: Purchase(
                oid: oid, goodsName: details.text("goodsName"), price: price, buyerName: details.text("buyerName"),
                buyerTel: details.text("buyerTel"), buyerEmail: details.text("buyerEmail"), quota: details.text("cardQuota"),
                interest: details.text("cardInterest"), couponCode: details.text("couponCode"), cardPoint: details.text("flagCardPoint"),
                receiptWanted: details.text("cshRecpSave"), receiptKind: details.text("cshRecpCode")),
            authenticatedAt: authenticatedAt, dueAt: row.moment("due_at"))
        self.state = state
        self.refunded = refunded
        approvedAt = row.moment("approved_at")
        endedAt = row.moment("ended_at")
        tid = row.text("tid")
        approvalNumber = details["applNum"]?.integer ?? 0
        tax = details.text("tax")
        taxFree = details.text("taxFree")
        cupDeposit = details.text("cupDeposit")
        signUp = row.text("sign_up")
        cancelsInPart = details.text("partCancelCode") == "1"
    }

    /// The payment as the control API shows it.
    var controlJSON: JSON {
        var members: JSON.Members = [
            "wtid": .string(wtid), "state": .string(state.rawValue), "tid": .optional(tid), "mid": .string(mid),
            "oid": .string(purchase.oid),
            "goodsPrice": .number(purchase.price), "refunded": .number(refunded), "remaining": .number(remaining),
            "wpayUserKey": .string(userKey), "wpayToken": .string(token), "authenticated_at": .optional(authenticatedAt),
            "approved_at": .optional(approvedAt), "ended_at": .optional(endedAt), "due_at": .optional(dueAt), "sign_up": .optional(signUp),
        ]
        let details = details
        for name in details.names { members[name] = details[name] }
        return .object(members)
    }
}

/// One refund of a payment.
struct Refund: Sendable {
    var number: Int64
    /// The id of the refund itself; of a whole refund that of the payment.
    var tid: String
    /// In won.
    var price: Int64
    /// What was left afterwards, in won.
    var remaining: Int64
    var isPartial: Bool
    var reason: String
    var refundedAt: Timestamp
}

extension Records {
    /// The payment of that wtid.
    func transaction(_ wtid: String) throws -> Transaction? {
        try connection.query("SELECT * FROM wpay_transactions WHERE tenant = ? AND wtid = ?", owner, .text(wtid)).first
            .flatMap(Transaction.init)
    }

    /// The payment of that tid.
    func transaction(tid: String) throws -> Transaction? {
        try connection.query("SELECT * FROM wpay_transactions WHERE tenant = ? AND tid = ?", owner, .text(tid)).first
            .flatMap(Transaction.init)
    }

    /// The newest payments first.
    func transactions(limit: Int64) throws -> [Transaction] {
        try connection.query("SELECT * FROM wpay_transactions WHERE tenant = ? ORDER BY sequence DESC LIMIT ?", owner, .integer(limit))
            .compactMap(Transaction.init)
    }

    /// Whether a sign-up was charged under that order number before.
    func isCharged(_ signUp: String, oid: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM wpay_transactions WHERE tenant = ? AND sign_up = ? AND oid = ? LIMIT 1", owner, .text(signUp), .text(oid)
        ).isEmpty
    }

    /// The payments that have lapsed by `now`, earliest first.
    func dueTransactions(_ now: Timestamp) throws -> [Transaction] {
        try connection.query(
            "SELECT * FROM wpay_transactions WHERE tenant = ? AND due_at <= ? ORDER BY due_at, sequence", owner, now.value
        ).compactMap(Transaction.init)
    }

    /// Adds a payment, or replaces the one of that wtid.
    func save(_ transaction: Transaction) throws {
        try connection.execute(
            """
            INSERT INTO wpay_transactions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,
                (SELECT COALESCE(MAX(sequence), 0) + 1 FROM wpay_transactions WHERE tenant = ?1))
            ON CONFLICT (tenant, wtid) DO UPDATE SET
                refunded = excluded.refunded, state = excluded.state, tid = excluded.tid, approved_at = excluded.approved_at,
                ended_at = excluded.ended_at, due_at = excluded.due_at, details = excluded.details
            """,
            owner, .text(transaction.wtid), .text(transaction.mid), .text(transaction.userKey), .text(transaction.token),
            .text(transaction.purchase.oid), .integer(transaction.purchase.price), .integer(transaction.refunded),
            .text(transaction.state.rawValue), .optional(transaction.tid), transaction.authenticatedAt.value,
            .moment(transaction.approvedAt), .moment(transaction.endedAt), .moment(transaction.dueAt), .optional(transaction.signUp),
            .text(JSON.object(transaction.details).text))
    }

    /// A payment's refunds in order.
    func refunds(of wtid: String) throws -> [Refund] {
        try connection.query("SELECT * FROM wpay_refunds WHERE tenant = ? AND wtid = ? ORDER BY number", owner, .text(wtid)).compactMap {
            row in
            guard let number = row.integer("number"), let tid = row.text("tid"), let price = row.integer("price"),
                let remaining = row.integer("remaining"), let partial = row.boolean("partial"), let reason = row.text("reason"),
                let refundedAt = row.moment("refunded_at")
            else { return nil }
            return Refund(
                number: number, tid: tid, price: price, remaining: remaining, isPartial: partial, reason: reason, refundedAt: refundedAt)
        }
    }

    /// Whether that id is of a partial refund, which cannot be refunded itself.
    func isRefund(tid: String) throws -> Bool {
        try !connection.query("SELECT 1 FROM wpay_refunds WHERE tenant = ? AND tid = ? LIMIT 1", owner, .text(tid)).isEmpty
    }

    func add(_ refund: Refund, to wtid: String) throws {
        try connection.execute(
            "INSERT INTO wpay_refunds VALUES (?,?,?,?,?,?,?,?,?)", owner, .text(wtid), .integer(refund.number), .text(refund.tid),
            .integer(refund.price), .integer(refund.remaining), .boolean(refund.isPartial), .text(refund.reason), refund.refundedAt.value)
    }
}

extension Refund {
    /// The refund as the control API shows it.
    var controlJSON: JSON {
        [
            "number": .number(number), "tid": .string(tid), "price": .number(price), "remaining": .number(remaining),
            "partial": .boolean(isPartial), "reason": .string(reason), "refunded_at": .optional(refundedAt),
        ]
    }
}
