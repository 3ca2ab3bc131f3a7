import Base
import ProviderKit

/// Counts and logs what becomes of token fetches.
struct TokenObserver: Sendable {
    private let connection: String
    private let log: Log
    private let new: Counter
    private let same: Counter
    private let failed: Counter
    private let refused: Counter
    private let skew: Gauge

    init(connection: String = "bootpay", log: Log = .silent, metrics: Metrics = Metrics()) {
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
        skew = metrics.gauge(
            "bujeol_provider_clock_ahead_milliseconds", help: "How far the provider's clock is ahead of this machine's.",
            labels: ["connection": connection])
    }

    func settled(_ settlement: BootpayTokenPlan.Settlement, remaining: (BootpayTokenPlan.HeldToken) -> Duration) {
        switch settlement {
        case .held(let token, let isNew):
            (isNew ? new : same).add()
            skew.set(token.skew.wholeNanoseconds / 1_000_000)
            log.info(
                "token received", .word("connection", connection), .count("generation", token.generation),
                .seconds("remaining", remaining(token)), .seconds("clock_ahead", token.skew))
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
