/// A decimal number exactly as it was written: money must not go through binary fractions, which cannot hold 0.1.
///
/// Two of them are equal when they are the same number, whatever zeros they are written with: `1000000.0` is `1000000`.
public struct ExactDecimal: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// The digits as they were written, such as `1000000.0`.
    public let text: String
    private let isNegative: Bool
    private let whole: String
    private let fraction: String

    /// Reads `[-]digits[.digits][e[±]digits]` as JSON writes numbers; nothing for anything else, and for an exponent beyond ±60.
    public init?(_ text: String) {
        var body = text[...]
        let hasSign = body.hasPrefix("-")
        if hasSign { body = body.dropFirst() }
        var exponent = 0
        if let mark = body.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let value = Int(body[body.index(after: mark)...]), (-60...60).contains(value) else { return nil }
            exponent = value
            body = body[..<mark]
        }
        let parts = body.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        var before = Array(parts[0])
        var behind = parts.count == 2 ? Array(parts[1]) : []
        for _ in 0..<max(0, exponent) { before.append(behind.isEmpty ? "0" : behind.removeFirst()) }
        for _ in 0..<max(0, -exponent) { behind.insert(before.popLast() ?? "0", at: 0) }
        whole = String(before.drop { $0 == "0" })
        while behind.last == "0" { behind.removeLast() }
        fraction = String(behind)
        isNegative = hasSign && !(whole.isEmpty && fraction.isEmpty)
        self.text = text
    }

    /// A whole number.
    public init(_ value: Int64) {
        text = String(value)
        isNegative = value < 0
        whole = value == 0 ? "" : String(value.magnitude)
        fraction = ""
    }

    /// A whole number.
    public init(integerLiteral value: Int64) { self.init(value) }

    /// The value, when it is whole and fits 64 bits.
    public var integer: Int64? { fraction.isEmpty ? Int64((isNegative ? "-" : "") + (whole.isEmpty ? "0" : whole)) : nil }

    /// The digits as they were written.
    public var description: String { text }

    /// Whether both are the same number.
    public static func == (left: ExactDecimal, right: ExactDecimal) -> Bool {
        left.isNegative == right.isNegative && left.whole == right.whole && left.fraction == right.fraction
    }

    /// Hashes the number, not how it is written.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isNegative)
        hasher.combine(whole)
        hasher.combine(fraction)
    }

    /// Whether `left` is the smaller number.
    public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative ? isSmaller(right, left) : isSmaller(left, right)
    }

    /// Whether `left` is nearer to zero.
    private static func isSmaller(_ left: ExactDecimal, _ right: ExactDecimal) -> Bool {
        if left.whole.utf8.count != right.whole.utf8.count { return left.whole.utf8.count < right.whole.utf8.count }
        if left.whole != right.whole { return left.whole < right.whole }
        // Digits behind the point compare like text: a shorter run is as if followed by zeros.
        return left.fraction < right.fraction
    }
}

/// An amount with its currency.
public struct SentbeMoney: Sendable, Hashable, CustomStringConvertible {
    /// How much.
    public var amount: ExactDecimal
    /// The currency's three letters, such as `KRW`.
    public var currency: String

    /// An amount of a currency.
    public init(_ amount: ExactDecimal, _ currency: String) {
        self.amount = amount
        self.currency = currency
    }

    /// Amount and currency.
    public var description: String { "\(amount) \(currency)" }
}
