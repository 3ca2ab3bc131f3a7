/// What the parts of a price are when the merchant leaves them out.
public enum PayAmounts {
    /// The taxable part: everything, when nothing is tax-free. Otherwise it has to be given.
    public static func defaultTaxable(amount: Int64, taxFree: Int64) -> Int64? { taxFree == 0 ? amount : nil }

    /// The value added tax: an eleventh of the taxable part, a fraction of a won rounded up.
    public static func defaultTax(taxable: Int64) -> Int64 { taxable <= 0 ? 0 : (taxable - 1) / 11 + 1 }
}
