import Base

/// What a payment is made with.
public struct PaymentRequest: Sendable, Equatable {
    /// The merchant's number for it: 1 to 50 of `0-9 A-Z a-z _ - : . ^ @`, not used again once a buyer has authenticated.
    public var orderNo: String
    /// What is bought, for the buyer: at most 255 characters, without `\` and `"`.
    public var productDescription: String
    /// The whole price in won.
    public var amount: Int64
    /// The part of it that is free of tax, in won.
    public var taxFreeAmount: Int64
    /// The part of it that is taxable, in won; has to be given unless nothing is tax-free.
    public var taxableAmount: Int64?
    /// The value added tax in won; left out, the provider computes an eleventh of the taxable part.
    public var tax: Int64?
    /// The service charge in won.
    public var serviceFee: Int64?
    /// What may be paid with; empty for everything.
    public var methods: [PayMethod]
    /// Whether a cash receipt is issued; can be set here only.
    public var cashReceipt: Bool?
    /// What the cash receipt is for.
    public var cashReceiptTradeOption: CashReceiptTradeOption?
    /// Whether a card may pay in instalments.
    public var installment: Installment?
    /// Whether it is a test: `true` moves no money. (The guide and the official sample say so; one page says the reverse.) All calls for one payment must agree.
    public var isTestPayment: Bool

    /// A payment with what must be said; the rest is set afterwards.
    public init(
        orderNo: String, productDescription: String, amount: Int64, taxFreeAmount: Int64, taxableAmount: Int64? = nil, isTestPayment: Bool
    ) {
        self.orderNo = orderNo
        self.productDescription = productDescription
        self.amount = amount
        self.taxFreeAmount = taxFreeAmount
        self.taxableAmount = taxableAmount
        self.isTestPayment = isTestPayment
        methods = []
    }

    /// The body of the call.
    func body() throws(AppsInTossError) -> JSON.Members {
        guard AppsInTossFormat.isOrderNumber(orderNo) else {
            throw .invalid(
                "orderNo는 1~50자이고 영문, 숫자, _ - : . ^ @ 만 쓸 수 있습니다.", "orderNo must be 1 to 50 letters, digits and _ - : . ^ @")
        }
        guard AppsInTossFormat.isProductDescription(productDescription) else {
            throw .invalid(
                "productDesc는 비어 있지 않은 255자 이하이고 역슬래시와 큰따옴표를 쓸 수 없습니다.",
                "productDesc must be 1 to 255 characters without backslashes and quotation marks")
        }
        guard amount > 0, (0...amount).contains(taxFreeAmount), (taxableAmount ?? 0) >= 0, (tax ?? 0) >= 0, (serviceFee ?? 0) >= 0 else {
            throw .invalid(
                "금액이 올바르지 않습니다. 원 단위 정수이고 비과세 금액은 결제 금액 이하여야 합니다.", "the amounts make no sense: whole won, tax-free not above the price")
        }
        guard taxFreeAmount == 0 || taxableAmount != nil else {
            throw .invalid(
                "비과세 금액이 있으면 과세 금액(amountTaxable)도 주세요.", "with a tax-free part the taxable part (amountTaxable) must be given too")
        }
        var body: JSON.Members = [
            "orderNo": .string(orderNo), "productDesc": .string(productDescription), "amount": .number(amount),
            "amountTaxFree": .number(taxFreeAmount),
        ]
        body.set("amountTaxable", taxableAmount)
        body.set("amountVat", tax)
        body.set("amountServiceFee", serviceFee)
        if !methods.isEmpty { body["enablePayMethods"] = .string(methods.map(\.rawValue).joined(separator: ",")) }
        body.set("cashReceipt", cashReceipt)
        body.set("cashReceiptTradeOption", cashReceiptTradeOption?.rawValue)
        body.set("installment", installment?.rawValue)
        body["isTestPayment"] = .boolean(isTestPayment)
        return body
    }
}
