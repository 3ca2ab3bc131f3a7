import AppsInToss

/// How the won of one payment divide into what is taxed and what is not.
struct PaymentAmounts: Equatable, Sendable {
    /// What is paid in all.
    var amount: Int64
    var taxFree: Int64
    /// What is taxed, the tax itself included.
    var taxable: Int64
    /// The tax within ``taxable``.
    var valueAddedTax: Int64
    /// The service charge.
    var serviceFee: Int64

    /// A division that makes no sense, by the request's field.
    enum Mistake: Error, Equatable, Sendable {
        /// Less than one won, or more than anything here takes.
        case amountOutOfRange
        /// A part is negative or larger than the whole.
        case partOutOfRange(field: String)
        /// `amountTaxFree` is not 0 and `amountTaxable` was left out.
        case taxableMissing
        /// The parts do not come to the whole.
        case sum(parts: Int64, amount: Int64)
        /// There is more tax than what is taxed.
        case taxTooLarge(taxable: Int64)
    }

    /// The largest amount that is taken; nobody has published one.
    static let largest: Int64 = 999_999_999_999

    /// Fills in what make-payment left out.
    ///
    /// - Parameter isStrict: Whether parts that do not come to the whole, or a missing `amountTaxable` beside a tax-free part, are refused.
    /// - Throws: ``Mistake``.
    init(amount: Int64, taxFree: Int64, taxable: Int64?, valueAddedTax: Int64?, serviceFee: Int64?, isStrict: Bool) throws(Mistake) {
        guard (1...PaymentAmounts.largest).contains(amount) else { throw .amountOutOfRange }
        let parts = [
            ("amountTaxFree", taxFree), ("amountTaxable", taxable ?? 0), ("amountVat", valueAddedTax ?? 0),
            ("amountServiceFee", serviceFee ?? 0),
        ]
        for (field, part) in parts where !(0...amount).contains(part) { throw .partOutOfRange(field: field) }
        let serviceFee = serviceFee ?? 0
        if taxable == nil, taxFree != 0, isStrict { throw .taxableMissing }
        // With nothing tax-free everything is taxed, the service charge aside.
        let filled = taxable ?? max(0, amount - taxFree - serviceFee)
        let sum = taxFree + filled + serviceFee
        if isStrict, sum != amount { throw .sum(parts: sum, amount: amount) }
        let tax = valueAddedTax ?? PayAmounts.defaultTax(taxable: filled)
        guard tax <= filled else { throw .taxTooLarge(taxable: filled) }
        self.amount = amount
        self.taxFree = taxFree
        self.taxable = filled
        self.valueAddedTax = tax
        self.serviceFee = serviceFee
    }

    /// Amounts as they were kept.
    init(amount: Int64, taxFree: Int64, taxable: Int64, valueAddedTax: Int64, serviceFee: Int64) {
        self.amount = amount
        self.taxFree = taxFree
        self.taxable = taxable
        self.valueAddedTax = valueAddedTax
        self.serviceFee = serviceFee
    }
}
