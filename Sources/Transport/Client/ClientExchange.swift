internal import Base

/// Exchanges with the same key may use each other's connections.
struct ClientConnectionKey: Hashable, Sendable {
    var origin: HTTPOrigin
    var route: Int
    /// Whether it is for a connection that only proves it can be opened: such a one is counted like every other, and never serves an exchange.
    var isTrial = false

    /// The name is compared but not hashed: a process talks to a handful of origins, and looks one up twice for every exchange.
    func hash(into hasher: inout Hasher) {
        hasher.combine(origin.port)
        hasher.combine(route)
    }
}

/// One request on its way, and the task that waits for the response.
///
/// Sendable because everything that changes is touched on one loop only: the shard's, which `start` and `cancel` of the shard run on.
final class ClientExchange: @unchecked Sendable, Equatable {
    typealias Continuation = CheckedContinuation<Result<HTTPResponse, HTTPExchangeError>, Never>

    /// Where the exchange is.
    enum Place {
        case outside
        case waiting
        case opening(ConnectionOpening)
        case active(ClientConnection)
        case done
    }

    /// The request as it is written; empty for a trial, which sends none.
    let bytes: [UInt8]
    let method: HTTPMethod
    let origin: HTTPOrigin
    let route: ClientRoute
    let timeouts: HTTPTimeouts
    let startedAt: Duration
    /// The task that waits; nothing before the exchange has begun and after it has ended.
    private var continuation: Continuation?
    /// How an exchange ended that was given up before it began.
    private var earlyResult: Result<HTTPResponse, HTTPExchangeError>?

    var place = Place.outside
    /// Whether the other side may have seen any byte of the request. Never goes back to false.
    var hasWritten = false
    private var timer: LoopTimer?

    init(
        bytes: [UInt8], method: HTTPMethod, origin: HTTPOrigin, route: ClientRoute, timeouts: HTTPTimeouts, startedAt: Duration
    ) {
        self.bytes = bytes
        self.method = method
        self.origin = origin
        self.route = route
        self.timeouts = timeouts
        self.startedAt = startedAt
    }

    /// Says who waits for the end. False when the exchange has been given up already.
    func begin(_ continuation: Continuation) -> Bool {
        if let earlyResult {
            continuation.resume(returning: earlyResult)
            return false
        }
        self.continuation = continuation
        return true
    }

    static func == (left: ClientExchange, right: ClientExchange) -> Bool { left === right }

    /// Whether it is over as soon as a connection of its own has been opened.
    var isTrial: Bool { bytes.isEmpty }

    var key: ClientConnectionKey { ClientConnectionKey(origin: origin, route: route.number, isTrial: isTrial) }
    var connectDeadline: Duration { startedAt + min(timeouts.connect, timeouts.total) }
    var totalDeadline: Duration { startedAt + timeouts.total }

    /// Calls `handler` when there is no connection in time. For exchanges that must wait only: one that finds a connection needs no timer.
    func watchConnectDeadline(on loop: EventLoop, now: Duration, _ handler: @escaping @Sendable () -> Void) {
        guard timer == nil else { return }
        let timer = LoopTimer(loop: loop, handler: handler)
        timer.schedule(after: connectDeadline - now)
        self.timer = timer
    }

    func forgetConnectDeadline() {
        timer?.cancel()
        timer = nil
    }

    func succeed(_ response: HTTPResponse) { finish(.success(response)) }

    func fail(_ code: HTTPExchangeError.Code, _ message: String) {
        finish(.failure(HTTPExchangeError(code, outcome: hasWritten ? .unknown : .notSent, message: "\(origin): \(message)")))
    }

    private func finish(_ result: Result<HTTPResponse, HTTPExchangeError>) {
        if case .done = place { return }
        place = .done
        forgetConnectDeadline()
        if let continuation {
            self.continuation = nil
            continuation.resume(returning: result)
        } else {
            earlyResult = result
        }
    }
}
