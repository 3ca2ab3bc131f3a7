public import Base

/// Counts and logs what becomes of token fetches, without the tokens.
public struct TokenObserver: Sendable {
    private let connection: String
    private let log: Log
    private let new: Counter
    private let same: Counter
    private let failed: Counter
    private let refused: Counter
    /// Nothing where the provider's replies do not tell its clock.
    private let skew: Gauge?

    /// Neither counts nor logs.
    public static let silent = TokenObserver(connection: "")

    /// An observer of one connection's keeper.
    ///
    /// - Parameters:
    ///   - connection: The connection's name.
    ///   - log: Where to write.
    ///   - metrics: Where to count: `bujeol_token_fetches_total` by result.
    ///   - tellsClock: Whether the provider's replies tell its clock, so that `bujeol_provider_clock_ahead_milliseconds` is worth showing.
    public init(connection: String, log: Log = .silent, metrics: Metrics = Metrics(), tellsClock: Bool = false) {
        self.connection = connection
        self.log = log
        func counter(_ result: String) -> Counter {
            metrics.counter(
                "bujeol_token_fetches_total", help: "Token calls to the provider by result.",
                labels: ["connection": connection, "result": result])
        }
        new = counter("new")
        same = counter("same")
        failed = counter("failed")
        refused = counter("refused")
        skew =
            tellsClock
            ? metrics.gauge(
                "bujeol_provider_clock_ahead_milliseconds", help: "How far the provider's clock is ahead of this machine's.",
                labels: ["connection": connection]) : nil
    }

    func settled(_ settlement: TokenSettlement, remaining: (HeldToken) -> Duration) {
        switch settlement {
        case .held(let token, let isNew):
            (isNew ? new : same).add()
            let connection = LogField.word("connection", connection)
            let generation = LogField.count("generation", token.generation)
            let remaining = LogField.seconds("remaining", remaining(token))
            if let ahead = token.skew {
                skew?.set(ahead.wholeNanoseconds / 1_000_000)
                log.info("token received", connection, generation, remaining, .seconds("clock_ahead", ahead))
            } else {
                log.info("token received", connection, generation, remaining)
            }
        case .failed(let failure):
            (failure.code == .credentialsRefused ? refused : failed).add()
            log.warning(
                "token not received", .word("connection", connection), .word("code", failure.code.rawValue),
                .word("cause", failure.cause ?? ""), .seconds("pause", failure.retryAfter ?? .zero))
        case .dropped:
            log.info("token of replaced credentials dropped", .word("connection", connection))
        }
    }
}
