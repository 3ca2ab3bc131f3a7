public import Base

/// The values that parameters may take, as far as the documentation tells them.
public enum SentbeLists {
    /// The consents of a new outbound user, each `"true"`.
    public static let agreements = [
        "unique_id_info", "third_party_info", "electronic_financial_transactions", "privacy_info", "small_sum_foreign",
    ]

    /// What `GET /outbound/data_list/{list_type}` can be asked for, with the values that are known. The live lists are longer.
    public static let dataLists: [(type: String, known: [String])] = [
        ("often_send_country", ["PH"]),
        // Spelt so by the provider.
        ("occupation", ["factory_worker", "housewife_husband", "student", "enterpreneur", "company_employee", "none"]),
        ("transfer_purpose", ["saving"]),
        ("funds_source", ["business_earnings"]),
    ]

    /// The methods of `GET /outbound/remittance_codes/{method}`.
    public static let remittanceMethods = ["bank", "pickup", "debit_card", "home_delivery"]
    /// The values of `document_type`.
    public static let documentTypes = ["korean_registration", "korean_driver_license", "alien_registration", "passport"]
    /// The states of `verifications_status.mobile`.
    public static let mobileStates = ["standby", "completed"]
    /// The states of `verifications_status.documents` and `.bank`.
    public static let checkStates = ["standby", "processing", "rejected", "pending", "completed"]
    /// The value of `token_type` that finishes `registrations/mobile`.
    public static let externalTokenType = "external"
    /// The currencies of an inbound wallet.
    public static let walletCurrencies = ["USD", "KRW"]
}

/// How a recipient abroad gets the money, in the tables' spelling; samples write `bank`, so it is compared without case and underscores.
public enum SentbeReceiveMethod: String, Sendable, CaseIterable {
    /// Into a bank account.
    case bank = "Bank"
    /// At a counter.
    case pickup = "Pickup"
    /// Onto a debit card.
    case debitCard = "DebitCard"
    /// Brought home.
    case homeDelivery = "HomeDelivery"

    /// A method by its name, in any case and with or without underscores.
    public init?(name: String) {
        let plain = SentbeReceiveMethod.plain(name)
        guard let method = SentbeReceiveMethod.allCases.first(where: { SentbeReceiveMethod.plain($0.rawValue) == plain }) else {
            return nil
        }
        self = method
    }

    /// `name` without case and underscores: how `receive_method` and `account_type` are compared.
    public static func plain(_ name: String) -> String { String(name.lowercased().filter { $0 != "_" }) }
}

/// The state of a transfer. Both products share the words; each has one first state of its own.
public struct SentbeTransferStatus: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The state as the provider writes it.
    public let rawValue: String
    /// A state by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Inbound: the recipient has not verified yet.
    public static let waitingVerification = SentbeTransferStatus(rawValue: "Waiting verification")
    /// Outbound: waiting for the deposit.
    public static let transferRequested = SentbeTransferStatus(rawValue: "Transfer Requested")
    /// Under way.
    public static let processing = SentbeTransferStatus(rawValue: "Processing")
    /// Held by the money-laundering filter.
    public static let amlFiltered = SentbeTransferStatus(rawValue: "AML filtered")
    /// Done.
    public static let complete = SentbeTransferStatus(rawValue: "Complete")
    /// Cancelled.
    public static let canceled = SentbeTransferStatus(rawValue: "Canceled")
    /// The time for verification or deposit is over.
    public static let expired = SentbeTransferStatus(rawValue: "Expired")
    /// Paid back.
    public static let refunded = SentbeTransferStatus(rawValue: "Refunded")

    /// The states of one product with their meanings, in the documentation's order.
    public static func all(_ api: SentbeAPI) -> [(status: SentbeTransferStatus, meaning: BilingualText)] {
        let first: (SentbeTransferStatus, BilingualText) =
            switch api {
            case .inbound: (.waitingVerification, BilingualText(korean: "수취인 인증 대기", english: "the recipient has not verified yet"))
            case .outbound: (.transferRequested, BilingualText(korean: "입금 대기", english: "waiting for the deposit"))
            }
        return [
            first, (.processing, BilingualText(korean: "처리 중", english: "the transfer is under way")),
            (.amlFiltered, BilingualText(korean: "자금세탁방지 심사로 보류", english: "held by the money-laundering filter")),
            (.complete, BilingualText(korean: "완료", english: "done")), (.canceled, BilingualText(korean: "취소됨", english: "cancelled")),
            (.expired, BilingualText(korean: "기한 만료", english: "the time is over")),
            (.refunded, BilingualText(korean: "환불됨", english: "paid back")),
        ]
    }

    /// The state as the provider writes it.
    public var description: String { rawValue }
}
