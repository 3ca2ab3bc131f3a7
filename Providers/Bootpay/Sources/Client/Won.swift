import Base

/// An amount of Korean won. The won has no smaller unit, so an amount is a whole number; Bootpay writes it as `1000`, `1000.0` or `"1000"`.
public struct Won: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// The number of won; may be negative as the result of a subtraction.
    public let amount: Int64

    /// An amount of `amount` won.
    public init(_ amount: Int64) { self.amount = amount }

    /// An amount of `value` won.
    public init(integerLiteral value: Int64) { amount = value }

    /// Whether `left` is less money than `right`.
    public static func < (left: Won, right: Won) -> Bool { left.amount < right.amount }

    /// The sum; an overflow of 64 bits is a programmer's error and stops the process.
    public static func + (left: Won, right: Won) -> Won { Won(left.amount + right.amount) }

    /// The difference; an overflow of 64 bits is a programmer's error and stops the process.
    public static func - (left: Won, right: Won) -> Won { Won(left.amount - right.amount) }

    /// The digits with `₩` before them.
    public var description: String { "₩\(amount)" }

    var json: JSON { .number(amount) }
}
