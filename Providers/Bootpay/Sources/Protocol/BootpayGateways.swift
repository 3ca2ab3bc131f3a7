/// A payment gateway (PG) behind Bootpay, under the alias that requests and receipts name it by.
///
/// Aliases: Bootpay's server documentation. Display names: `welcome` is seen in the documentation's sample, the others are our choice.
public struct BootpayGateway: Sendable, Hashable {
    /// The alias in `pg` and `pg_a`.
    public var alias: String
    /// The Korean name in `pg_name`.
    public var name: String
    /// Whether it can cancel a part of a payment.
    public var cancelsInPart: Bool
    /// Whether `POST /request/card_rebill` issues billing keys at it.
    public var issuesBillingKeys: Bool
    /// Whether a payment may stop in state 2 for the server to approve it.
    public var stopsForApproval: Bool
    /// What a test charge at the issue of a billing key takes, in won; it is cancelled by itself about ten minutes later.
    public var testCharge: Int64

    private init(
        _ alias: String, _ name: String, cancelsInPart: Bool = false, issuesBillingKeys: Bool = false, stopsForApproval: Bool = true,
        testCharge: Int64 = 100
    ) {
        self.alias = alias
        self.name = name
        self.cancelsInPart = cancelsInPart
        self.issuesBillingKeys = issuesBillingKeys
        self.stopsForApproval = stopsForApproval
        self.testCharge = testCharge
    }

    /// Every gateway that the documentation names.
    public static let table: [BootpayGateway] = [
        BootpayGateway("danal", "다날", cancelsInPart: true),
        BootpayGateway("kcp", "KCP", cancelsInPart: true),
        BootpayGateway("inicis", "KG이니시스", cancelsInPart: true),
        BootpayGateway("nicepay", "나이스페이", cancelsInPart: true, issuesBillingKeys: true),
        BootpayGateway("payapp", "페이앱", issuesBillingKeys: true, stopsForApproval: false, testCharge: 1000),
        BootpayGateway("welcome", "웰컴페이먼츠", issuesBillingKeys: true),
        BootpayGateway("lgup", "토스페이먼츠"),
        BootpayGateway("toss", "토스페이먼츠"),
        BootpayGateway("payletter", "페이레터", cancelsInPart: true, stopsForApproval: false),
        BootpayGateway("kakao", "카카오페이", cancelsInPart: true),
        BootpayGateway("payco", "페이코", cancelsInPart: true),
        BootpayGateway("npay", "네이버페이"),
        BootpayGateway("tpay", "티페이"),
        BootpayGateway("easypay", "이지페이"),
        BootpayGateway("mobilians", "모빌리언스"),
        BootpayGateway("settlebank", "세틀뱅크"),
        BootpayGateway("jtnet", "제이티넷"),
        BootpayGateway("smartro", "스마트로"),
    ]

    /// The gateway of that alias, or nothing when the documentation names none.
    public init?(alias: String) {
        guard let row = BootpayGateway.table.first(where: { $0.alias == alias }) else { return nil }
        self = row
    }
}

/// A way to pay, under the alias that requests and receipts name it by.
///
/// Aliases: Bootpay's server documentation and official clients. Display names: `card` is seen in the documentation's sample, the others are our choice.
public struct BootpayMethod: Sendable, Hashable {
    /// The alias in `method` and `pm_a`.
    public var alias: String
    /// The Korean name in `method_name`.
    public var name: String
    /// Whether a payment made this way can be cancelled in part: cards only, and the easy payments that stand on a card.
    public var cancelsInPart: Bool

    private init(_ alias: String, _ name: String, cancelsInPart: Bool = false) {
        self.alias = alias
        self.name = name
        self.cancelsInPart = cancelsInPart
    }

    /// Every method that is known.
    public static let table: [BootpayMethod] = [
        BootpayMethod("card", "카드결제", cancelsInPart: true),
        BootpayMethod("phone", "휴대폰소액결제"),
        BootpayMethod("bank", "계좌이체"),
        BootpayMethod("vbank", "가상계좌"),
        BootpayMethod("auth", "본인인증"),
        BootpayMethod("card_rebill", "카드정기결제", cancelsInPart: true),
        BootpayMethod("card_rebill_rest", "카드정기결제(REST)", cancelsInPart: true),
        BootpayMethod("easy", "간편결제", cancelsInPart: true),
        BootpayMethod("easy_card", "카드간편결제", cancelsInPart: true),
        BootpayMethod("easy_bank", "계좌간편결제"),
    ]

    /// The method of that alias, or nothing when none is known.
    public init?(alias: String) {
        guard let row = BootpayMethod.table.first(where: { $0.alias == alias }) else { return nil }
        self = row
    }
}
