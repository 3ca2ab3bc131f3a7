internal import Base

/// The part of a client that lives on one loop: its pool, its connections and the exchanges on their way.
///
/// Sendable because everything that changes is touched on the loop only: `start`, `cancel` and `shutDown` check it, and the rest is called by
/// them, by connections or by the loop itself.
final class ClientShard: @unchecked Sendable {
    let loop: EventLoop
    let configuration: HTTPClient.Configuration
    let resolver: any NameResolving
    let time: any TimeSource

    private var pool: ConnectionPool<ClientConnectionKey, ClientConnection, ClientExchange>
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var openings: [ObjectIdentifier: ConnectionOpening] = [:]
    private var idleTimer: LoopTimer?
    private var shutDownTimer: LoopTimer?
    private var shutDownCompletions: [@Sendable () -> Void] = []

    init(loop: EventLoop, configuration: HTTPClient.Configuration, resolver: any NameResolving, time: any TimeSource) {
        self.loop = loop
        self.configuration = configuration
        self.resolver = resolver
        self.time = time
        pool = ConnectionPool(
            limits: .init(
                connections: max(1, configuration.maximumConnections), idlePerKey: configuration.maximumIdleConnections,
                waiting: configuration.maximumWaiting, idleTime: configuration.idleTime, age: configuration.maximumAge))
    }

    // MARK: Exchanges

    /// Begins an exchange.
    func start(_ exchange: ClientExchange, _ continuation: ClientExchange.Continuation) {
        loop.checkIsolated()
        if exchange.begin(continuation) { place(exchange) }
    }

    /// Gives an exchange up, wherever it is.
    func cancel(_ exchange: ClientExchange) { giveUp(exchange, .cancelled, "the task that waited was cancelled") }

    /// Finds a connection for an exchange of which nothing has been written yet.
    func place(_ exchange: ClientExchange) {
        while true {
            switch pool.exchangeRequested(exchange, for: exchange.key, now: time.uptime) {
            case .reuse(let connection):
                if connection.isAlive() { return connection.begin(exchange) }
                connection.close()
                connectionEnded()
            case .discard(let connection):
                connection.close()
            case .open:
                return open(for: exchange)
            case .openReplacing(let connection):
                connection.close()
                return open(for: exchange)
            case .wait:
                exchange.place = .waiting
                return watchConnectDeadline(of: exchange)
            case .queueFull:
                return exchange.fail(.tooManyWaiting, "too many requests are waiting for a connection")
            case .shutDown:
                return exchange.fail(.shutDown, "the client has been shut down")
            }
        }
    }

    private func giveUp(_ exchange: ClientExchange, _ code: HTTPExchangeError.Code, _ message: String) {
        loop.checkIsolated()
        switch exchange.place {
        case .done:
            return
        case .outside:
            exchange.fail(code, message)
        case .waiting:
            _ = pool.waiterLeft(exchange)
            exchange.fail(code, message)
        case .opening(let opening):
            opening.abort()
            openingEnded(opening)
            exchange.fail(code, message)
        case .active(let connection):
            connection.fail(code, message)
        }
    }

    private func watchConnectDeadline(of exchange: ClientExchange) {
        exchange.watchConnectDeadline(on: loop, now: time.uptime) { [self] in
            giveUp(exchange, .connectTimeout, "no connection within \(exchange.timeouts.connect)")
        }
    }

    // MARK: Connections

    private func open(for exchange: ClientExchange) {
        let opening = ConnectionOpening(shard: self, exchange: exchange)
        exchange.place = .opening(opening)
        openings[ObjectIdentifier(opening)] = opening
        watchConnectDeadline(of: exchange)
        opening.start()
    }

    func opened(_ opening: ConnectionOpening, _ exchange: ClientExchange, _ stream: ClientStream) {
        openings[ObjectIdentifier(opening)] = nil
        if exchange.isTrial {
            stream.close()
            connectionEnded()
            // Never seen by anybody: a trial tells that it came to its end, no more.
            return exchange.succeed(HTTPResponse(status: 204))
        }
        let connection = ClientConnection(
            shard: self, stream: stream, key: exchange.key, route: exchange.route, generation: opening.generation)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin(exchange)
    }

    func openingFailed(_ opening: ConnectionOpening, _ exchange: ClientExchange, _ code: HTTPExchangeError.Code, _ message: String) {
        openingEnded(opening)
        exchange.fail(code, message)
    }

    private func openingEnded(_ opening: ConnectionOpening) {
        openings[ObjectIdentifier(opening)] = nil
        connectionEnded()
    }

    /// A counted connection is no more; whoever has waited longest may open another.
    func connectionEnded() {
        if let next = pool.connectionEnded() { open(for: next.waiter) }
        finishShutDownIfPossible()
    }

    /// A connection has served its exchange.
    func released(_ connection: ClientConnection, isReusable: Bool) {
        let release = pool.connectionReleased(
            connection, key: connection.key, isReusable: isReusable, establishedAt: connection.establishedAt, now: time.uptime)
        switch release {
        case .keep:
            if idleTimer == nil { watchIdleConnections(after: configuration.idleTime) }
        case .close:
            connection.close()
            finishShutDownIfPossible()
        case .handOver(let exchange):
            connection.begin(exchange)
        case .closeAndOpen(let exchange, _):
            connection.close()
            open(for: exchange)
        }
    }

    /// An idle connection has ended or said something nobody asked for.
    func idleConnectionEnded(_ connection: ClientConnection) {
        if pool.idleConnectionEnded(connection, key: connection.key) { connection.close() }
        finishShutDownIfPossible()
    }

    /// A connection has closed its descriptor.
    func closed(_ connection: ClientConnection) { connections[ObjectIdentifier(connection)] = nil }

    /// The idle connections of a route have been retired. The busy ones, and those that are being opened, find out by themselves.
    func closeIdleConnections(ofRoute number: Int) {
        loop.checkIsolated()
        for connection in pool.retired(where: { $0.route == number }) { connection.close() }
        finishShutDownIfPossible()
    }

    /// One timer for all idle connections, set again only when it has fired.
    private func watchIdleConnections(after delay: Duration) {
        let timer = idleTimer ?? LoopTimer(loop: loop) { [weak self] in self?.closeStaleConnections() }
        idleTimer = timer
        timer.schedule(after: delay)
    }

    private func closeStaleConnections() {
        let (expired, next) = pool.timePassed(now: time.uptime)
        for connection in expired { connection.close() }
        if let next {
            watchIdleConnections(after: next)
        } else {
            idleTimer?.cancel()
            idleTimer = nil
        }
        finishShutDownIfPossible()
    }

    // MARK: Shutting down

    /// Turns new and waiting exchanges away, lets those that have a connection finish for `grace`, and calls `completion` when all is closed.
    func shutDown(grace: Duration, completion: @escaping @Sendable () -> Void) {
        loop.checkIsolated()
        shutDownCompletions.append(completion)
        let (idle, waiting) = pool.shutDownBegan()
        for connection in idle { connection.close() }
        for exchange in waiting { exchange.fail(.shutDown, "the client was shut down") }
        if grace > .zero {
            let timer = LoopTimer(loop: loop) { [self] in endRest() }
            timer.schedule(after: grace)
            shutDownTimer?.cancel()
            shutDownTimer = timer
            finishShutDownIfPossible()
        } else {
            endRest()
        }
    }

    private func endRest() {
        for opening in Array(openings.values) { giveUp(opening.exchange, .shutDown, "the client was shut down") }
        for connection in Array(connections.values) { connection.fail(.shutDown, "the client was shut down") }
        finishShutDownIfPossible()
    }

    private func finishShutDownIfPossible() {
        guard !shutDownCompletions.isEmpty, openings.isEmpty, connections.isEmpty else { return }
        idleTimer?.cancel()
        idleTimer = nil
        shutDownTimer?.cancel()
        shutDownTimer = nil
        let completions = shutDownCompletions
        shutDownCompletions = []
        for completion in completions { completion() }
    }
}
