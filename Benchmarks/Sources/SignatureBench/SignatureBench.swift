import BareOpenSSL

/// Prints what signing, verifying, encrypting and decrypting 4 KiB cost beside the bare OpenSSL calls.
@main
struct SignatureBench {
    static func main() throws {
        demand(bare_prepare() == 0, "this OpenSSL has no SEED: its legacy provider is missing")
        print(
            "signatures and envelopes of 4 KiB: CPU per operation, medians of 7 rounds; the bare OpenSSL calls are the limit, goal 0.80 of it"
        )
        print("operation                            us ours  us bare   ours/s  of the limit (from, to)")
        for comparison in try wpayComparisons() + sentbeComparisons() {
            let result = comparison.measure(rounds: 7)
            let shares = zip(result.ours, result.bare).map { $1 / $0 }
            let name = comparison.name + String(repeating: " ", count: max(1, 36 - comparison.name.count))
            print(
                name + column(result.ours.median, 2, 8) + column(result.bare.median, 2, 9) + column(1e6 / result.ours.median, 0, 9)
                    + column(shares.median, 2, 9) + "  (\(column(shares.min() ?? 0, 2, 4)), \(column(shares.max() ?? 0, 2, 4)))")
        }
    }
}
