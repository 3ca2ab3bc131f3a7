import Base
import ProviderKit

/// One connection: its name, its connector, and the counters of each of its routes, looked up once.
struct GatewayConnection: Sendable {
    let name: String
    let connector: any Connector
    private let instruments: [String: RouteInstruments]
    private let unknown: RouteInstruments

    init(_ name: String, _ connector: any Connector, _ metrics: Metrics) {
        self.name = name
        self.connector = connector
        var instruments: [String: RouteInstruments] = [:]
        for route in connector.routes { instruments[route.name] = RouteInstruments(connection: name, route: route.name, metrics) }
        self.instruments = instruments
        unknown = RouteInstruments(connection: name, route: "unknown", metrics)
    }

    /// Whether the first segment of a target is this connection's name.
    func isAddressed(by target: String) -> Bool {
        let bytes = target.utf8.span
        let expected = name.utf8.span
        let end = expected.count + 1
        guard bytes.count >= end, bytes[0] == UInt8(ascii: "/") else { return false }
        for index in 0..<expected.count where bytes[index + 1] != expected[index] { return false }
        return bytes.count == end || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: "?")
    }

    func instruments(for route: Route?) -> RouteInstruments { route.flatMap { instruments[$0.name] } ?? unknown }
}

/// The counters of one route.
final class RouteInstruments: Sendable {
    private let delivered: [Counter]
    private let own: Counter
    private let notSent: Counter
    private let unknown: Counter
    private let unverified: Counter
    private let refused: Counter
    private let durations: DurationHistogram

    init(connection: String, route: String, _ metrics: Metrics) {
        func counter(_ outcome: String, _ status: String) -> Counter {
            metrics.counter(
                "bujeol_gateway_calls_total", help: "Calls by what became of them.",
                labels: ["connection": connection, "route": route, "outcome": outcome, "status": status])
        }
        delivered = ["2xx", "3xx", "4xx", "5xx"].map { counter("delivered", $0) }
        own = counter("answered", "2xx")
        notSent = counter(CallFailure.Outcome.notSent.rawValue, "problem")
        unknown = counter(CallFailure.Outcome.unknown.rawValue, "problem")
        unverified = counter(CallFailure.Outcome.unverified.rawValue, "problem")
        refused = counter(CallFailure.Outcome.refused.rawValue, "problem")
        durations = metrics.histogram(
            "bujeol_gateway_call_seconds", help: "How long calls took, the provider's part included.",
            labels: ["connection": connection, "route": route])
    }

    func answered(_ status: Int, isOwn: Bool, after duration: Duration) {
        if isOwn { own.add() } else { delivered[min(max(status / 100 - 2, 0), 3)].add() }
        durations.record(duration)
    }

    func failed(_ outcome: CallFailure.Outcome, after duration: Duration) {
        switch outcome {
        case .notSent: notSent.add()
        case .unknown: unknown.add()
        case .unverified: unverified.add()
        case .refused: refused.add()
        }
        durations.record(duration)
    }
}
