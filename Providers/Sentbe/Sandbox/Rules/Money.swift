import Base

/// An exact amount of money: hundredths of a dollar or of a won. Never a binary fraction.
struct Money: Hashable, Comparable, Sendable {
    /// The amount in hundredths.
    var hundredths: Int64

    /// An amount in hundredths.
    init(hundredths: Int64) { self.hundredths = hundredths }

    /// Nothing.
    static let zero = Money(hundredths: 0)
    /// The largest amount that anything here takes: a thousand milliards. Sums of a few of them stay far from the end of 64 bits.
    static let largest = Money(hundredths: 100_000_000_000_000)

    /// A whole number of won or dollars; nothing beyond ``largest``.
    init?(whole: Int64) {
        let (product, overflow) = whole.multipliedReportingOverflow(by: 100)
        guard !overflow, (-Money.largest.hundredths...Money.largest.hundredths).contains(product) else { return nil }
        hundredths = product
    }

    /// Reads `1100`, `1100.5` or `1100.00`: digits, and at most two behind the point. Nothing for any other text or beyond ``largest``.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }),
            parts[0].count <= 13, let whole = Int64(String(decoding: parts[0], as: UTF8.self)), let amount = Money(whole: whole)
        else { return nil }
        hundredths = amount.hundredths
        guard parts.count == 2 else { return }
        guard parts[1].count <= 2, let fraction = Int64(String(decoding: parts[1], as: UTF8.self)) else { return nil }
        hundredths += parts[1].count == 1 ? fraction * 10 : fraction
        guard self <= Money.largest else { return nil }
    }

    /// Digits with at least one behind the point, as replies show money: `1000000.0`, `2.5`, `90.91`.
    var text: String {
        let magnitude = hundredths.magnitude
        let fraction = magnitude % 100
        let digits = fraction % 10 == 0 ? String(fraction / 10) : (fraction < 10 ? "0\(fraction)" : String(fraction))
        return "\(hundredths < 0 ? "-" : "")\(magnitude / 100).\(digits)"
    }

    /// The amount as replies show it: a number with a fraction.
    var json: JSON { .number(text) }

    static func < (left: Money, right: Money) -> Bool { left.hundredths < right.hundredths }
    static func + (left: Money, right: Money) -> Money { Money(hundredths: left.hundredths + right.hundredths) }
    static func - (left: Money, right: Money) -> Money { Money(hundredths: left.hundredths - right.hundredths) }

    /// What this amount of won costs in another currency at `rate` won each, rounded up to the hundredth.
    func converted(at rate: Money) -> Money {
        precondition(rate > .zero && hundredths >= 0, "only what is owed is converted, at a positive rate")
        // In 128 bits: hundredths × 100 may leave 64.
        let (high, low) = hundredths.multipliedFullWidth(by: 100)
        let (quotient, remainder) = rate.hundredths.dividingFullWidth((high, low))
        return Money(hundredths: remainder > 0 ? quotient + 1 : quotient)
    }
}
