public import Base

/// Takes a payment back, wholly or in part.
///
/// Make one for each *intent* to cancel and keep it, with its ``cancelID``, over repeats: Bootpay refuses a second cancel with the same id, which is what protects against cancelling twice.
public struct CancelRequest: Sendable, Equatable {
    /// Which payment.
    public var receiptID: ReceiptID
    /// How much; more than ₩1,000. Nothing cancels all that is left.
    public var price: Won?
    /// The tax-free part of that.
    public var taxFree: Won?
    /// What makes this intent recognisable; made at random.
    public var cancelID: String
    /// Who cancels, for the merchant's own records.
    public var cancelledBy: String?
    /// Why.
    public var reason: String?
    /// Where the money of a virtual account goes; needs a contract with the payment gateway.
    public var refund: RefundAccount?

    /// Where money goes back to.
    public struct RefundAccount: Sendable, Equatable {
        /// The account's number.
        public var account: PersonalText
        /// In whose name it is.
        public var holder: PersonalText
        /// The bank's three-digit code, such as `088` for Shinhan.
        public var bankCode: String

        /// An account.
        public init(account: PersonalText, holder: PersonalText, bankCode: String) {
            self.account = account
            self.holder = holder
            self.bankCode = bankCode
        }
    }

    /// A cancel with an id of its own.
    public init(
        receiptID: ReceiptID, price: Won? = nil, taxFree: Won? = nil, cancelledBy: String? = nil, reason: String? = nil,
        refund: RefundAccount? = nil, random: any RandomSource = SystemRandom()
    ) {
        self.receiptID = receiptID
        self.price = price
        self.taxFree = taxFree
        self.cancelledBy = cancelledBy
        self.reason = reason
        self.refund = refund
        cancelID = random.hexadecimal(16)
    }

    func body() throws(BootpayError) -> JSON {
        guard !receiptID.rawValue.isEmpty else { throw .invalid("receiptID가 비어 있습니다.", "the receipt's id is empty") }
        guard !cancelID.isEmpty else { throw .invalid("cancelID가 비어 있습니다.", "the cancel's id is empty") }
        // Bootpay takes an empty price for none, and none for a full cancel: a zero must not get that far.
        if let price, price <= 0 {
            throw .invalid(
                "취소 금액은 0보다 커야 합니다. 전액 취소는 price를 비워 두세요.", "the amount to cancel must be positive; leave it out to cancel all that is left"
            )
        }
        var members: JSON.Members = ["receipt_id": .string(receiptID.rawValue), "cancel_id": .string(cancelID)]
        members["price"] = price?.json
        members["tax_free"] = taxFree?.json
        members["name"] = cancelledBy.map { .string($0) }
        members["reason"] = reason.map { .string($0) }
        if let refund {
            members["refund"] = [
                "account": refund.account.json, "accountholder": refund.holder.json, "bankcode": .string(refund.bankCode),
            ]
        }
        return .object(members)
    }
}

/// The shopper, as far as the merchant tells: `user_info`. All of it is optional, except that payapp demands name and phone.
public struct Shopper: Sendable, Equatable {
    /// The merchant's own id of the shopper.
    public var id: String?
    /// The name.
    public var name: PersonalText?
    /// The mail address.
    public var email: PersonalText?
    /// The telephone number.
    public var phone: PersonalText?
    /// The gender.
    public var gender: Gender?
    /// The birth date, YYMMDD.
    public var birth: PersonalText?
    /// The region.
    public var area: PersonalText?
    /// The postal address.
    public var address: PersonalText?

    /// A gender as Bootpay writes it.
    public enum Gender: Int, Sendable {
        /// Female.
        case female = 0
        /// Male.
        case male = 1
    }

    /// A shopper.
    public init(
        id: String? = nil, name: PersonalText? = nil, email: PersonalText? = nil, phone: PersonalText? = nil, gender: Gender? = nil,
        birth: PersonalText? = nil, area: PersonalText? = nil, address: PersonalText? = nil
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.phone = phone
        self.gender = gender
        self.birth = birth
        self.area = area
        self.address = address
    }

    var json: JSON {
        var members = JSON.Members()
        members["id"] = id.map { .string($0) }
        members["username"] = name?.json
        members["email"] = email?.json
        members["phone"] = phone?.json
        members["gender"] = gender.map { .number($0.rawValue) }
        members["birth"] = birth?.json
        members["area"] = area?.json
        members["address"] = address?.json
        return .object(members)
    }
}

/// One thing of an order, for Bootpay's statistics.
public struct OrderItem: Sendable, Equatable {
    /// What it is.
    public var name: String
    /// How many.
    public var quantity: Int
    /// The merchant's own id of the thing.
    public var id: String
    /// The price of one.
    public var price: Won
    /// Up to three categories, from wide to narrow.
    public var categories: [String]

    /// A thing of an order.
    public init(name: String, quantity: Int, id: String, price: Won, categories: [String] = []) {
        self.name = name
        self.quantity = quantity
        self.id = id
        self.price = price
        self.categories = categories
    }

    var json: JSON {
        var members: JSON.Members = [
            "item_name": .string(name), "qty": .number(quantity), "unique": .string(id), "price": price.json,
        ]
        for (number, category) in categories.prefix(3).enumerated() { members["cat\(number + 1)"] = .string(category) }
        return .object(members)
    }
}

/// Asks for a page on which a shopper pays.
public struct PaymentLinkRequest: Sendable, Equatable {
    /// How much; at least ₩100.
    public var price: Won
    /// The merchant's own number of the order; should be unique.
    public var orderID: String
    /// What is sold; best up to 12 Korean letters without special characters.
    public var name: String
    /// The payment gateway's alias; nothing lets the shopper choose.
    public var pg: String?
    /// The methods' aliases; none lets the shopper choose.
    public var methods: [String] = []
    /// Anything that is to come back with the receipt.
    public var params: JSON?
    /// The tax-free part of the price.
    public var taxFree: Won?
    /// The shopper.
    public var shopper: Shopper?
    /// What is sold, in detail.
    public var items: [OrderItem] = []
    /// Where the page sends the shopper afterwards.
    public var returnURL: String?
    /// The day until which a virtual account waits, `yyyy-mm-dd`.
    public var accountExpiry: String?
    /// Further options by Bootpay's own names: `escrow`, `quota`, `theme`, `expire` (minutes) and others.
    public var extra: JSON.Members = [:]

    /// A page for a price.
    public init(price: Won, orderID: String, name: String) {
        self.price = price
        self.orderID = orderID
        self.name = name
    }

    var body: JSON {
        var members: JSON.Members = ["price": price.json, "order_id": .string(orderID), "name": .string(name)]
        members["pg"] = pg.map { .string($0) }
        if !methods.isEmpty { members["methods"] = .array(methods.map { .string($0) }) }
        members["params"] = params
        members["tax_free"] = taxFree?.json
        members["user_info"] = shopper?.json
        if !items.isEmpty { members["items"] = .array(items.map(\.json)) }
        members["return_url"] = returnURL.map { .string($0) }
        members["account_expire_at"] = accountExpiry.map { .string($0) }
        if extra.count > 0 { members["extra"] = .object(extra) }
        return .object(members)
    }
}
