import BareOpenSSL
import Measurement

/// Prints what signing, verifying, encrypting and decrypting 4 KiB cost beside the bare OpenSSL calls.
@main
struct SignatureBench {
    static func main() throws {
        demand(bare_prepare() == 0, "this OpenSSL has no SEED: its legacy provider is missing")
        print(
            "signatures and envelopes of 4 KiB: CPU per operation, medians of 7 rounds; the bare OpenSSL calls are the limit, goal 0.80 of it"
        )
        print(Comparison.heading)
        for comparison in try wpayComparisons() + sentbeComparisons() { comparison.report() }
    }
}
