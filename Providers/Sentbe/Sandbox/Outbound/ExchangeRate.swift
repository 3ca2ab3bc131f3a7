/// What one unit of a foreign currency costs in won, exactly: in millionths of a won.
struct ExchangeRate: Hashable, Sendable {
    /// Millionths of a won for one unit; more than 0.
    let millionths: Int64

    /// The largest rate that is taken: a million won for one unit.
    static let largest: Int64 = 1_000_000_000_000
    /// The largest amount that is taken, in whole units of its currency.
    static let largestAmount: Int64 = 1_000_000_000_000

    /// Reads `22.818`: digits, and at most six behind the point. Nothing for any other text, for 0 and beyond a million.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }),
            parts[0].count <= 7, parts.count == 1 || parts[1].count <= 6, let whole = Int64(String(decoding: parts[0], as: UTF8.self))
        else { return nil }
        var value = whole * 1_000_000
        if parts.count == 2 {
            let digits = String(decoding: parts[1], as: UTF8.self)
            value += Int64(digits + String(repeating: "0", count: 6 - digits.utf8.count)) ?? 0
        }
        guard value > 0, value <= ExchangeRate.largest else { return nil }
        millionths = value
    }

    /// Digits with at least one behind the point: `22.818`, `1100.0`.
    var text: String {
        let digits = String(millionths % 1_000_000)
        var fraction = String(repeating: "0", count: 6 - digits.utf8.count) + digits
        while fraction.utf8.count > 1, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(millionths / 1_000_000).\(fraction)"
    }

    /// What `amount` whole units cost, in won, a begun won counting as one. The amount is 0 to ``largestAmount``.
    func won(for amount: Int64) -> Int64 {
        precondition((0...ExchangeRate.largestAmount).contains(amount), "the amount was not checked")
        return won(forHundredths: amount * 100)
    }

    /// What `hundredths` of a unit cost, in won, a begun won counting as one. At most a hundred times ``largestAmount``.
    func won(forHundredths hundredths: Int64) -> Int64 {
        precondition((0...ExchangeRate.largestAmount * 100).contains(hundredths), "the amount was not checked")
        // At most 10^14 × 10^12 ÷ 10^8 = 10^18, which fits 64 bits.
        let (quotient, remainder) = Int64(100_000_000).dividingFullWidth(hundredths.multipliedFullWidth(by: millionths))
        return remainder > 0 ? quotient + 1 : quotient
    }

    /// How much `won` buys, in hundredths of the foreign unit, the rest being left out. `won` is 0 to ``largestAmount``; nothing when the result leaves 62 bits.
    func hundredths(for won: Int64) -> Int64? {
        precondition((0...ExchangeRate.largestAmount).contains(won), "the amount was not checked")
        // won × 100 × 10^6 ÷ millionths. Where the upper half is less than a quarter of the divisor the quotient has at most 62 bits.
        let (high, low) = won.multipliedFullWidth(by: 100_000_000)
        guard high == 0 || high < millionths / 4 else { return nil }
        let (quotient, _) = UInt64(millionths).dividingFullWidth((UInt64(high), low))
        return Int64(exactly: quotient)
    }
}

/// What sending an amount costs, and the rate by which it was found.
struct OutboundQuote: Hashable, Sendable {
    /// What the recipient gets, in whole units.
    var receiveAmount: Int64
    var currency: String
    var rate: ExchangeRate
    /// Won, before a credit.
    var commission: Int64
    /// How much of the user's credit goes into the commission, in won.
    var creditUsage: Int64

    /// The commission is paid out of the user's credit as far as that goes.
    init(receiveAmount: Int64, currency: String, rate: ExchangeRate, commission: Int64, credit: Int64) {
        self.receiveAmount = receiveAmount
        self.currency = currency
        self.rate = rate
        self.commission = commission
        creditUsage = min(commission, credit)
    }

    /// Won that remain of the commission.
    var totalCommission: Int64 { commission - creditUsage }
    /// Won that the user deposits: the amount by the rate, rounded up, and the commission. The published sample: 5,000 PHP cost 119,090 won, 5,000 of them commission.
    var sendAmount: Int64 { rate.won(for: receiveAmount) + totalCommission }
}
