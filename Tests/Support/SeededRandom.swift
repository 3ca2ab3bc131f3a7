import Base

/// Bytes that look random and are the same in every run.
public final class SeededRandom: RandomSource {
    private let state: Locked<UInt64>

    /// A source that begins at `seed`.
    public init(seed: UInt64 = 1) { state = Locked(seed) }

    /// The next `count` bytes.
    public func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                // SplitMix64.
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state
                mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: mixed ^ (mixed >> 31))
            }
        }
    }
}
