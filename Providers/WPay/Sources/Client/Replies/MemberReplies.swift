/// What WPAY knows of a member.
public struct MemberInformation: Sendable, Hashable {
    /// A member's state.
    public struct Status: RawRepresentable, Hashable, Sendable {
        /// The code as WPAY writes it.
        public let rawValue: String
        /// A state by its code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Everything works.
        public static let normal = Status(rawValue: "00")
        /// Suspended.
        public static let suspended = Status(rawValue: "01")
        /// Has left.
        public static let left = Status(rawValue: "02")
        /// The PIN was mistyped too often.
        public static let pinLocked = Status(rawValue: "03")
        /// No such member.
        public static let notRegistered = Status(rawValue: "99")
    }

    /// The state.
    public let status: Status
    /// The transaction of the enquiry.
    public let wtid: WalletTransactionID?
    /// The whole reply.
    public let raw: WPayReply

    init?(_ reply: WPayReply) {
        guard let status = reply.text("status") else { return nil }
        self.status = Status(rawValue: status)
        wtid = reply.wtid
        raw = reply
    }
}

/// A card or an account of a member's.
public struct MeansInformation: Sendable, Hashable {
    /// A token's state.
    public struct Status: RawRepresentable, Hashable, Sendable {
        /// The code as WPAY writes it.
        public let rawValue: String
        /// A state by its code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Everything works.
        public static let normal = Status(rawValue: "00")
        /// Suspended.
        public static let suspended = Status(rawValue: "01")
        /// Deleted.
        public static let deleted = Status(rawValue: "02")
        /// No such token.
        public static let notRegistered = Status(rawValue: "99")
    }

    /// The token, as it came.
    public let token: WPayToken?
    /// The state; lists do not say it.
    public let status: Status?
    /// `01` for a card, `16` for an account.
    public let payMethod: String?
    /// The code of the card company or bank.
    public let companyCode: String?
    /// The number, masked.
    public let number: PlainValue?
    /// The card's brand, or the bank's name.
    public let name: String?
    /// The nickname.
    public let nickname: String?
    /// Whether it is the member's main card or main account.
    public let isMain: Bool?
    /// `Y` usable, `N` expired, `M` cannot be told.
    public let expiry: String?

    init(_ opened: MemberReading, received: MemberReading) {
        token = received.text("wpayToken").map { WPayToken(received: FinalValue(received: $0)) }
        status = opened.text("status").map { Status(rawValue: $0) }
        payMethod = opened.text("payMethod")
        companyCode = opened.text("bankCardCode")
        number = opened.text("bankCardNo").map { PlainValue($0) }
        name = opened.text("cardName")
        nickname = opened.text("wpayTokenNcnm")
        isMain = opened.text("majYn").map { $0 == "Y" }
        expiry = opened.text("cardExpFlag")
    }
}

/// An auto-pay that a member has signed up for.
public struct AutoPayContract: Sendable, Hashable {
    /// Whether it runs.
    public struct Status: RawRepresentable, Hashable, Sendable {
        /// The code as WPAY writes it.
        public let rawValue: String
        /// A state by its code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It runs.
        public static let running = Status(rawValue: "00")
        /// It has ended.
        public static let ended = Status(rawValue: "02")
    }

    /// The transaction of the sign-up.
    public let wtid: WalletTransactionID?
    /// The merchant id of the charges.
    public let mid: String?
    /// Its token, as it came.
    public let token: WPayToken?
    /// Whether it runs.
    public let status: Status?
    /// The merchant's number.
    public let orderID: String?
    /// What is sold.
    public let goodsName: String?
    /// The amount in won.
    public let price: Int64?
    /// `01` for a card.
    public let payMethod: String?
    /// The code of the card company.
    public let companyCode: String?

    init(_ opened: MemberReading) {
        wtid = opened.text("wtid").map { WalletTransactionID($0) }
        mid = opened.text("mid")
        token = opened.text("wpayToken").map { WPayToken(received: FinalValue(received: $0)) }
        status = opened.text("status").map { Status(rawValue: $0) }
        orderID = opened.text("oid")
        goodsName = opened.text("goodsName")
        price = opened.number("goodsPrice")
        payMethod = opened.text("payMethod")
        companyCode = opened.text("bankCardCode")
    }
}
