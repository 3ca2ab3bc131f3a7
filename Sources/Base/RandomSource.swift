/// Where unpredictable bytes come from. Handed in everywhere, so that a test can repeat a run.
public protocol RandomSource: Sendable {
    /// `count` fresh bytes.
    func bytes(_ count: Int) -> [UInt8]
}

/// The operating system's cryptographically secure generator.
public struct SystemRandom: RandomSource {
    /// A source backed by the operating system.
    public init() {}

    /// `count` bytes that nobody can predict.
    public func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var result: [UInt8] = []
        result.reserveCapacity(count + 8)
        while result.count < count {
            let word = generator.next() as UInt64
            for shift in stride(from: 0, to: 64, by: 8) { result.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        result.removeLast(result.count - count)
        return result
    }
}

extension RandomSource {
    /// `count` random bytes as lower-case hexadecimal, twice as many characters.
    public func hexadecimal(_ count: Int) -> String { Hexadecimal.encode(bytes(count)) }

    /// A number from 0 up to, not including, `bound`; evenly spread.
    public func number(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "the bound must be positive")
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let candidate = bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if candidate < limit { return candidate % bound }
        }
    }
}
