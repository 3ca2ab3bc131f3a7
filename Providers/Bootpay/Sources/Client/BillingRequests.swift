public import Base

/// A card as its holder reads it off, for issuing a billing key without the client's window.
public struct CardDetails: Sendable, Equatable {
    /// The number, digits only.
    public var number: PersonalText
    /// The first two digits of the PIN.
    public var passwordPrefix: PersonalText
    /// The last two digits of the year in which it expires.
    public var expiryYear: PersonalText
    /// The month in which it expires, two digits.
    public var expiryMonth: PersonalText
    /// The holder's birth date (YYMMDD), or a business number for a company's card; no dashes.
    public var identity: PersonalText

    /// A card.
    public init(
        number: PersonalText, passwordPrefix: PersonalText, expiryYear: PersonalText, expiryMonth: PersonalText, identity: PersonalText
    ) {
        self.number = number
        self.passwordPrefix = passwordPrefix
        self.expiryYear = expiryYear
        self.expiryMonth = expiryMonth
        self.identity = identity
    }
}

/// Asks for a billing key for a card.
public struct BillingKeyRequest: Sendable, Equatable {
    /// The payment gateway's alias; `nicepay`, `payapp` or `welcome` only.
    public var pg: String
    /// The merchant's own number.
    public var orderID: String
    /// What the key is for, in words.
    public var itemName: String
    /// The card.
    public var card: CardDetails
    /// The shopper; payapp demands name and phone.
    public var shopper: Shopper?
    /// Whether to prove the card by a small charge that is cancelled by itself.
    public var chargesTest = false
    /// How many months the key should live.
    public var lifetimeMonths: Int?

    /// A key for a card.
    public init(pg: String, orderID: String, itemName: String, card: CardDetails, shopper: Shopper? = nil) {
        self.pg = pg
        self.orderID = orderID
        self.itemName = itemName
        self.card = card
        self.shopper = shopper
    }

    var body: JSON {
        var members: JSON.Members = [
            "pg": .string(pg), "order_id": .string(orderID), "item_name": .string(itemName), "card_no": card.number.json,
            "card_pw": card.passwordPrefix.json, "expire_year": card.expiryYear.json, "expire_month": card.expiryMonth.json,
            "identify_number": card.identity.json,
        ]
        members["user_info"] = shopper?.json
        var extra = JSON.Members()
        if chargesTest { extra["subscribe_test_payment"] = 1 }
        extra["expire_month"] = lifetimeMonths.map { .number($0) }
        if extra.count > 0 { members["extra"] = .object(extra) }
        return .object(members)
    }
}

/// A billing key with what is known of its card.
public struct IssuedBillingKey: Sendable, Equatable {
    /// The key.
    public var key: BillingKey
    /// The payment gateway's alias.
    public var pg: String?
    /// The method's alias.
    public var method: String?
    /// The card company's name.
    public var cardName: String?
    /// The card company's code.
    public var cardCode: String?
    /// The card's number, masked.
    public var cardNumber: PersonalText?
    /// When the key dies.
    public var expiresAt: Timestamp?
    /// When it was asked for.
    public var requestedAt: Timestamp?
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let key = data.text("billing_key") else { return nil }
        self.key = BillingKey(key)
        pg = data.text("pg")
        method = data.text("method")
        let card = data["data"] ?? .null
        cardName = card.text("card_name")
        cardCode = card.text("card_code")
        cardNumber = card.personal("card_no")
        expiresAt = data.koreanTime("e_at")
        requestedAt = data.koreanTime("c_at")
        raw = RawReply(json: data)
    }
}

/// Charges a stored card.
public struct ChargeRequest: Sendable, Equatable {
    /// The card's key.
    public var billingKey: BillingKey
    /// What is sold.
    public var itemName: String
    /// How much.
    public var price: Won
    /// The merchant's own number of the order.
    public var orderID: String
    /// The tax-free part of the price.
    public var taxFree: Won?
    /// Months of instalments, 2 to 12 and from ₩50,000 only; nothing is a lump sum.
    public var instalmentMonths: Int?
    /// What is sold, in detail.
    public var items: [OrderItem] = []
    /// The shopper.
    public var shopper: Shopper?
    /// Where Bootpay tells of this charge; not localhost.
    public var feedbackURL: String?
    /// Whether it tells in JSON rather than as a form.
    public var feedbackIsJSON = false

    /// A charge.
    public init(billingKey: BillingKey, itemName: String, price: Won, orderID: String) {
        self.billingKey = billingKey
        self.itemName = itemName
        self.price = price
        self.orderID = orderID
    }

    var members: JSON.Members {
        var members: JSON.Members = [
            "billing_key": .string(billingKey.rawValue), "item_name": .string(itemName), "price": price.json, "order_id": .string(orderID),
        ]
        members["tax_free"] = taxFree?.json
        members["quota"] = instalmentMonths.map { .number($0) }
        if !items.isEmpty { members["items"] = .array(items.map(\.json)) }
        members["user_info"] = shopper?.json
        members["feedback_url"] = feedbackURL.map { .string($0) }
        if feedbackURL != nil { members["feedback_content_type"] = feedbackIsJSON ? "json" : "urlencoded" }
        return members
    }

    func check() throws(BootpayError) {
        guard !billingKey.rawValue.isEmpty else { throw .invalid("billingKey가 비어 있습니다.", "the billing key is empty") }
        guard price > 0 else { throw .invalid("결제 금액은 0보다 커야 합니다.", "the price must be positive") }
    }
}

/// A charge that waits for its time.
public struct Reservation: Sendable, Equatable {
    /// The reservation's id, by which it is cancelled.
    public var id: ReservationID
    /// The card's key.
    public var billingKey: BillingKey?
    /// What is sold.
    public var itemName: String?
    /// How much.
    public var price: Won?
    /// When it will be charged.
    public var executesAt: Timestamp?
    /// Its state.
    public var status: ReservationStatus?
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let id = data.text("reserve_id") else { return nil }
        self.id = ReservationID(id)
        billingKey = data.text("billing_key").map { BillingKey($0) }
        itemName = data.text("item_name")
        price = data.won("price")
        executesAt = data.wholeNumber("execute_at").map { Timestamp(unixSeconds: $0) } ?? data.koreanTime("execute_at")
        status = data.wholeNumber("status").flatMap { Int(exactly: $0) }.map { ReservationStatus(rawValue: $0) }
        raw = RawReply(json: data)
    }
}

/// Asks for a token with which a shopper uses easy pay (간편결제) in the client's window.
public struct UserTokenRequest: Sendable, Equatable {
    /// The merchant's own id of the shopper.
    public var userID: String
    /// What else the merchant tells of the shopper; its id is not used.
    public var shopper: Shopper

    /// A token for a shopper.
    public init(userID: String, shopper: Shopper = Shopper()) {
        self.userID = userID
        self.shopper = shopper
    }

    var body: JSON {
        var members: JSON.Members = ["user_id": .string(userID)]
        members["email"] = shopper.email?.json
        members["name"] = shopper.name?.json
        members["gender"] = shopper.gender.map { .number($0.rawValue) }
        members["birth"] = shopper.birth?.json
        members["phone"] = shopper.phone?.json
        return .object(members)
    }
}

/// A shopper's token for easy pay.
public struct UserToken: Sendable, Equatable {
    /// The token, for the client's window.
    public var token: Secret
    /// When it dies; an hour after its issue.
    public var expiresAt: Timestamp

    init?(_ data: JSON) {
        guard let token = data.text("user_token"), let expiry = data.wholeNumber("expired_unixtime") else { return nil }
        self.token = Secret(token)
        expiresAt = Timestamp(unixSeconds: expiry)
    }
}
