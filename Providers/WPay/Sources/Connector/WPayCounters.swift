import Base

/// What the connector counts besides the gateway's own numbers. Labels are words of ours.
struct WPayCounters: Sendable {
    /// What became of a callback at the return page.
    enum CallbackWord: String, Sendable, CaseIterable {
        /// Its signature held.
        case verified
        /// The same as one before.
        case repeated
        /// A failure without a signature.
        case unsigned
        /// Not believed, or another one with a wtid that was there before.
        case refused
    }

    private let callbacks: [CallbackWord: Counter]
    private let netCancels: [NetCancelWord: Counter]

    init(_ connection: String, _ metrics: Metrics) {
        callbacks = Dictionary(
            uniqueKeysWithValues: CallbackWord.allCases.map {
                (
                    $0,
                    metrics.counter(
                        "bujeol_wpay_callbacks_total", help: "Callbacks at the return page by what became of them.",
                        labels: ["connection": connection, "result": $0.rawValue])
                )
            })
        netCancels = Dictionary(
            uniqueKeysWithValues: NetCancelWord.allCases.map {
                (
                    $0,
                    metrics.counter(
                        "bujeol_wpay_net_cancels_total", help: "Approvals followed by a net-cancel, by what became of it.",
                        labels: ["connection": connection, "result": $0.rawValue])
                )
            })
    }

    func callback(_ word: CallbackWord) { callbacks[word]?.add() }
    func netCancel(_ word: NetCancelWord) { netCancels[word]?.add() }
}
