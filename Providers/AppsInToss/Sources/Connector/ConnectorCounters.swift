import Base

/// What the connector counts besides the gateway's own numbers. Labels are words of ours and of the provider's tables.
struct ConnectorCounters: Sendable {
    /// What an answer means.
    enum Result: String, Sendable, CaseIterable {
        case success, fail, unknown
    }

    /// What became of a callback.
    enum CallbackResult: String, Sendable, CaseIterable {
        /// The application took it.
        case taken
        /// One that the application had taken before; it was not handed on again.
        case repeated
        /// The provider's test of the address, answered by the gateway.
        case verification
        /// From an address that is not the provider's.
        case wrongSource = "refused-source"
        /// Without the right `Authorization`.
        case wrongProof = "refused-proof"
        /// Not what a callback looks like.
        case unreadable = "refused-unreadable"
        /// The application did not take it; the provider is asked to send it again.
        case notTaken = "not-taken"
    }

    private let results: [String: [Result: Counter]]
    private let enquiries: [String: [OutcomeEnquiry.Finding.Effect: Counter]]
    private let callbacks: [CallbackKind: [CallbackResult: Counter]]
    private let refusals: [String: Counter]

    /// Codes that are worth a number of their own: what an operator has to act on.
    private static let watched: [AppsInTossErrorCode] = [.unauthenticated, .miniAppUnknown, .limitExceeded, .invalidAPIKey]

    init(_ connection: String, _ metrics: Metrics) {
        func counters<Word: RawRepresentable & CaseIterable & Hashable>(
            _ name: String, _ help: String, _ label: String, _ value: String, _: Word.Type
        ) -> [Word: Counter] where Word.RawValue == String {
            Dictionary(
                uniqueKeysWithValues: Word.allCases.map { word in
                    (word, metrics.counter(name, help: help, labels: ["connection": connection, label: value, "result": word.rawValue]))
                })
        }
        let routes = AppsInTossRoutes.all.map(\.name) + ["unknown"]
        results = Dictionary(
            uniqueKeysWithValues: routes.map {
                ($0, counters("bujeol_apps_in_toss_results_total", "Answers by what their envelope says.", "route", $0, Result.self))
            })
        enquiries = Dictionary(
            uniqueKeysWithValues: AppsInTossRoutes.all.filter { OutcomeEnquiry.isOffered(for: $0) }.map {
                (
                    $0.name,
                    counters(
                        "bujeol_apps_in_toss_enquiries_total", "Calls with an open outcome by what the enquiry found.", "route", $0.name,
                        OutcomeEnquiry.Finding.Effect.self)
                )
            })
        callbacks = Dictionary(
            uniqueKeysWithValues: CallbackKind.allCases.map {
                (
                    $0,
                    counters(
                        "bujeol_apps_in_toss_callbacks_total", "Callbacks by what became of them.", "kind", $0.rawValue, CallbackResult.self
                    )
                )
            })
        refusals = Dictionary(
            uniqueKeysWithValues: ConnectorCounters.watched.map {
                (
                    $0.rawValue,
                    metrics.counter(
                        "bujeol_apps_in_toss_refusals_total", help: "Refusals that somebody has to act on, by errorCode.",
                        labels: ["connection": connection, "code": $0.rawValue])
                )
            })
    }

    func result(_ route: String?, _ result: Result) { results[route ?? "unknown"]?[result]?.add() }
    func enquiry(_ route: String, _ effect: OutcomeEnquiry.Finding.Effect) { enquiries[route]?[effect]?.add() }
    func callback(_ kind: CallbackKind, _ result: CallbackResult) { callbacks[kind]?[result]?.add() }
    func refusal(_ code: AppsInTossErrorCode) { refusals[code.rawValue]?.add() }
}
