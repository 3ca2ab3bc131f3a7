public import Base

/// A payment that WPAY approved: the money moves.
public struct WPayApproval: Sendable, Hashable {
    /// The payment's id, which refunds name.
    public let tid: TransactionID
    /// The transaction.
    public let wtid: WalletTransactionID?
    /// The merchant's number of the order.
    public let orderID: String?
    /// The amount that was approved, in won; less than the order's where a coupon took something off.
    public let price: Int64?
    /// What a coupon took off, in won.
    public let couponDiscount: Int64?
    /// What was sold.
    public let goodsName: String?
    /// When, as WPAY writes it: `YYYYMMDDhhmmss` in Korean time.
    public let approvedAt: String?
    /// The approval's number.
    public let approvalNumber: String?
    /// `01` for a card, `16` for an account.
    public let payMethod: String?
    /// The code of the card company or bank.
    public let companyCode: String?
    /// The code of the card's issuer.
    public let issuerCode: String?
    /// The number, masked.
    public let number: PlainValue?
    /// Months of instalments in two digits.
    public let quota: String?
    /// Whether a part of the payment can be refunded.
    public let canRefundPart: Bool?
    /// Who bought.
    public let buyerName: PlainValue?
    /// The buyer's telephone number.
    public let buyerTel: PlainValue?
    /// The buyer's address for mail.
    public let buyerEmail: PlainValue?
    /// The cash receipt of a payment from an account.
    public let cashReceipt: CashReceipt?
    /// The whole reply.
    public let raw: WPayReply

    /// The cash receipt of a payment from an account.
    public struct CashReceipt: Sendable, Hashable {
        /// The approval's number.
        public let approvalNumber: String?
        /// The result, WPAY's own code.
        public let resultCode: String?
        /// The result in WPAY's words.
        public let message: String?
        /// The amount in won.
        public let price: Int64?
        /// The supply value (공급가) in won.
        public let supplyPrice: Int64?
        /// The value added tax in won.
        public let tax: Int64?
        /// The service charge in won.
        public let servicePrice: Int64?
        /// What it is for, WPAY's own code.
        public let kind: String?

        init?(_ reading: MemberReading) {
            guard let code = reading.text("cshrResultCode") else { return nil }
            resultCode = code
            approvalNumber = reading.text("cshrApplNum")
            message = reading.text("cshrResultMsg")
            price = reading.number("cshrApplPrice")
            supplyPrice = reading.number("cshrSupplyPrice")
            tax = reading.number("cshrTax")
            servicePrice = reading.number("cshrServicePrice")
            kind = reading.text("cshrType")
        }
    }

    /// Reads an approval; nothing without a tid, since a payment that cannot be named is no clear success.
    init?(_ reply: WPayReply) {
        guard let tid = reply.text("tid") else { return nil }
        let reading = reply.reading
        self.tid = TransactionID(tid)
        wtid = reply.wtid
        orderID = reading.text("oid")
        price = reading.number("applPrice")
        couponDiscount = reading.number("couponDiscount")
        goodsName = reading.text("goodsName")
        approvedAt = reading.text("applDate")
        approvalNumber = reading.text("applNum")
        payMethod = reading.text("payMethod")
        companyCode = reading.text("bankCardCode")
        issuerCode = reading.text("cardIsscoCode")
        number = reading.personal("bankCardNo")
        quota = reading.text("cardQuota")
        canRefundPart = reading.text("partCancelCode").map { $0 == "1" }
        buyerName = reading.personal("buyerName")
        buyerTel = reading.personal("buyerTel")
        buyerEmail = reading.personal("buyerEmail")
        cashReceipt = CashReceipt(reading)
        raw = reply
    }
}

/// A refund that INIAPI made.
public struct WPayRefund: Sendable, Hashable {
    /// The id of a partial refund, which is a payment of its own.
    public let tid: TransactionID?
    /// When, as INIAPI writes it: `YYYYMMDD` and `hhmmss` in Korean time.
    public let refundedAt: (date: String, time: String)?
    /// The amount that was refunded, in won; partial refunds only.
    public let price: Int64?
    /// What is left of the payment, in won; partial refunds only.
    public let remaining: Int64?
    /// How many partial refunds there were.
    public let count: Int64?
    /// The whole reply, printed as `[redacted]`.
    public let raw: RawRefundReply

    init(_ json: JSON) {
        let reading = MemberReading(json: json)
        tid = reading.text("prtcTid") == nil ? nil : reading.text("tid").map { TransactionID($0) }
        let date = reading.text("cancelDate") ?? reading.text("prtcDate")
        let time = reading.text("cancelTime") ?? reading.text("prtcTime")
        refundedAt = date.map { ($0, time ?? "") }
        price = reading.number("prtcPrice")
        remaining = reading.number("prtcRemains")
        count = reading.number("prtcCnt")
        raw = RawRefundReply(json: json)
    }

    /// Whether both are the same reply.
    public static func == (left: WPayRefund, right: WPayRefund) -> Bool { left.raw == right.raw }
    /// Hashes the reply.
    public func hash(into hasher: inout Hasher) { hasher.combine(raw) }
}

/// A refund's reply with all its members. Prints as `[redacted]`.
public struct RawRefundReply: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The reply.
    public let json: JSON

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What the merchant can offer (`getBasicInfos`): cards, points, instalments, discounts.
public struct BasicInformation: Sendable, Hashable {
    /// A card company.
    public struct Card: Sendable, Hashable {
        /// The company's code.
        public let code: String
        /// Its name.
        public let name: String?
    }

    /// Instalments without interest.
    public struct InterestFree: Sendable, Hashable {
        /// The company's code.
        public let code: String
        /// From which amount on, in won.
        public let minimum: Int64
        /// Months, as WPAY writes them.
        public let months: String
    }

    /// A discount.
    public struct Discount: Sendable, Hashable {
        /// The company's code.
        public let code: String
        /// What a payment names.
        public let couponCode: String?
        /// How much, in won.
        public let amount: Int64?
        /// From which amount on, in won.
        public let minimum: Int64?
        /// Up to which amount, in won.
        public let maximum: Int64?
        /// Whether it applies at present.
        public let isApplied: Bool?
    }

    /// The card companies.
    public let cards: [Card]
    /// From which amount on points of a company's cards can be used, in won, by the company's code; 0 is no limit.
    public let points: [String: Int64]
    /// The means by their codes.
    public let methods: [String: String]
    /// Instalments without interest.
    public let interestFree: [InterestFree]
    /// The longest instalments by the company's code, in months as WPAY writes them: with and without interest.
    public let longestQuotas: [String: (withInterest: String?, withoutInterest: String?)]
    /// Discounts.
    public let discounts: [Discount]
    /// The codes of the issuers whose cards BC handles.
    public let bcIssuers: [String]
    /// The whole reply.
    public let raw: WPayReply

    init(_ reply: WPayReply) {
        // Typed as a list by the specification, described like an object: either is read.
        let parts = reply.reading.list("basicInfos")
        func rows(_ name: String) -> [MemberReading] { parts.flatMap { $0.list(name) } }
        func coded(_ name: String) -> [(code: String, row: MemberReading)] {
            rows(name).compactMap { row in row.text("bankCardCode").map { ($0, row) } }
        }
        cards = coded("cardList").map { Card(code: $0.code, name: $0.row.text("cardName")) }
        points = Dictionary(coded("pointList").compactMap { entry in entry.row.number("price").map { (entry.code, $0) } }) { $1 }
        methods = Dictionary(
            rows("paymethodList").compactMap { row in (row.text("Code") ?? row.text("code")).map { ($0, row.text("name") ?? "") } }
        ) { $1 }
        interestFree = coded("nointInfoList").flatMap { entry in
            entry.row.list("nointInfos").compactMap { information in
                guard let amount = information.number("amount"), let months = information.text("month") else { return nil }
                let (won, isOverflow) = amount.multipliedReportingOverflow(by: 10_000)
                return isOverflow ? nil : InterestFree(code: entry.code, minimum: won, months: months)
            }
        }
        longestQuotas = Dictionary(
            coded("maxQuotaList").map { ($0.code, ($0.row.text("geIntMaxQuota"), $0.row.text("noIntMaxQuota"))) }
        ) { $1 }
        discounts = coded("discList").flatMap { entry in
            entry.row.list("discInfos").map { row in
                Discount(
                    code: entry.code, couponCode: row.text("couponCode"), amount: row.number("discAmt"), minimum: row.number("minAmt"),
                    maximum: row.number("maxAmt"), isApplied: row.text("applYn").map { $0 == "Y" })
            }
        }
        bcIssuers = rows("bcissrcdList").compactMap { $0.text("cardIssrCd") }
        raw = reply
    }

    /// Whether both are the same reply.
    public static func == (left: BasicInformation, right: BasicInformation) -> Bool { left.raw == right.raw }
    /// Hashes the reply.
    public func hash(into hasher: inout Hasher) { hasher.combine(raw) }
}
