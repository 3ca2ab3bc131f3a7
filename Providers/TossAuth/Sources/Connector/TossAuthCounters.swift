import Base

/// What the connector counts besides the gateway's own numbers and those of token fetches. Labels are words of ours and of the provider's tables.
struct TossAuthCounters: Sendable {
    /// What an answer means.
    enum Meaning: String, Sendable, CaseIterable {
        case success, fail, unknown
    }

    /// What became of a call for a result.
    enum Read: String, Sendable, CaseIterable {
        /// It was read and opened, or passed to the application's own session.
        case success
        /// It was kept, and handed over again without a read.
        case repeated
        /// The provider refused it, without counting it.
        case refused
        /// The gateway did not ask: both reads are used up, or the 60 minutes over.
        case withheld
        /// It was not sent for another reason.
        case notSent = "not-sent"
        /// Nobody knows whether the provider has counted it.
        case lost
        /// The answer could not be believed; nothing of it was delivered.
        case unverified
    }

    private let answers: [String: [Meaning: Counter]]
    private let reads: [Read: Counter]
    private let refusals: [TossAuthErrorCode: Counter]

    /// Codes that are worth a number of their own: what an operator has to act on.
    private static let watched: [TossAuthErrorCode] = [
        .unavailable, .maintenance, .tokenInvalid, .noPermission, .readsUsedUp, .expired, .sessionFault,
    ]

    init(_ connection: String, _ metrics: Metrics) {
        let routes = TossAuthRoutes.all.filter { $0.purpose != .token }.map(\.name) + ["unknown"]
        answers = Dictionary(
            uniqueKeysWithValues: routes.map { route in
                let counters = Meaning.allCases.map { meaning in
                    (
                        meaning,
                        metrics.counter(
                            "bujeol_toss_auth_answers_total", help: "Answers by what their envelope says.",
                            labels: ["connection": connection, "route": route, "result": meaning.rawValue])
                    )
                }
                return (route, Dictionary(uniqueKeysWithValues: counters))
            })
        reads = Dictionary(
            uniqueKeysWithValues: Read.allCases.map { read in
                (
                    read,
                    metrics.counter(
                        "bujeol_toss_auth_reads_total", help: "Calls for results by what became of them.",
                        labels: ["connection": connection, "result": read.rawValue])
                )
            })
        refusals = Dictionary(
            uniqueKeysWithValues: TossAuthCounters.watched.map { code in
                (
                    code,
                    metrics.counter(
                        "bujeol_toss_auth_refusals_total", help: "Refusals that somebody has to act on, by errorCode.",
                        labels: ["connection": connection, "code": code.rawValue])
                )
            })
    }

    func answered(_ route: String?, _ meaning: Meaning) { answers[route ?? "unknown"]?[meaning]?.add() }
    func read(_ read: Read) { reads[read]?.add() }
    func refused(_ code: TossAuthErrorCode) { refusals[code]?.add() }
}
