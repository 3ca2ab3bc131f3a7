internal import Base
public import Cryptography
internal import Synchronization

/// Sends requests over HTTP/1.1, in plain text or TLS, on pooled connections.
///
/// Every connection lives on one event loop; a task that runs on a loop uses that loop's connections and never leaves its thread.
/// A request is written at most once: nothing here sends it again, whatever happened to the connection, and each failure tells whether
/// it may have left. ``shutDown(grace:)`` must be awaited before the loops are stopped.
public final class HTTPClient: HTTPExchange {
    private let core: Core
    private let route: ClientRoute

    /// What clients that share connections have in common.
    private final class Core: Sendable {
        let shards: [ClientShard]
        let configuration: Configuration
        let routes = ClientRouteTable()
        private let turn = Atomic<Int>(0)
        let isShutDown = Atomic<Bool>(false)

        init(group: EventLoopGroup, configuration: Configuration, resolver: any NameResolving, time: any TimeSource) {
            self.configuration = configuration
            shards = group.loops.map { ClientShard(loop: $0, configuration: configuration, resolver: resolver, time: time) }
        }

        /// The shard of the loop that the caller runs on, or the next in turn.
        func shard() -> ClientShard {
            for shard in shards where shard.loop.isCurrent { return shard }
            return shards[turn.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max % shards.count]
        }

        func route(_ identity: TLSIdentity?, _ trust: TLSTrust?) throws(TLSError) -> ClientRoute {
            try routes.route(identity: identity, trust: trust ?? configuration.trust, proxy: configuration.proxy)
        }
    }

    /// A client on the loops of `group`.
    ///
    /// - Throws: `TLSError` when the authorities or the certificate cannot be used.
    public convenience init(group: EventLoopGroup, configuration: Configuration = Configuration()) throws(TLSError) {
        try self.init(group: group, configuration: configuration, resolver: SystemNameResolver(), time: SystemTime())
    }

    init(
        group: EventLoopGroup, configuration: Configuration, resolver: any NameResolving, time: any TimeSource = SystemTime()
    ) throws(TLSError) {
        core = Core(group: group, configuration: configuration, resolver: resolver, time: time)
        route = try core.route(configuration.identity, nil)
    }

    private init(core: Core, route: ClientRoute) {
        self.core = core
        self.route = route
    }

    /// A client that presents `identity` (or none) to servers that ask for a certificate, within the limits of this one.
    ///
    /// It shares the connections of clients that present the same certificate and no others. Shutting one down shuts all down.
    public func presenting(_ identity: TLSIdentity?) throws(TLSError) -> HTTPClient {
        HTTPClient(core: core, route: try core.route(identity, nil))
    }

    /// Sends `request` once, never twice, and returns the complete response.
    ///
    /// - Throws: ``HTTPExchangeError``, which says whether the request may have been received.
    public func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts = HTTPTimeouts()
    ) async throws(HTTPExchangeError) -> HTTPResponse {
        try await run(HTTPClient.encode(request, for: origin), request.method, origin, timeouts)
    }

    /// Runs one exchange, or with no bytes to write a trial, to its end.
    private func run(
        _ bytes: [UInt8], _ method: HTTPMethod, _ origin: HTTPOrigin, _ timeouts: HTTPTimeouts
    ) async throws(HTTPExchangeError) -> HTTPResponse {
        guard !Task.isCancelled else {
            throw HTTPExchangeError(.cancelled, outcome: .notSent, message: "\(origin): the task was cancelled")
        }
        guard !core.isShutDown.load(ordering: .relaxed) else {
            throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "\(origin): the client has been shut down")
        }
        let shard = core.shard()
        let exchange = ClientExchange(
            bytes: bytes, method: method, origin: origin, route: route, timeouts: timeouts, startedAt: shard.time.uptime)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if shard.loop.isCurrent {
                    shard.start(exchange, continuation)
                } else {
                    shard.loop.execute { shard.start(exchange, continuation) }
                }
            }
        } onCancel: {
            shard.loop.execute { shard.cancel(exchange) }
        }
        return try result.get()
    }

    private static func encode(_ request: HTTPRequest, for origin: HTTPOrigin) throws(HTTPExchangeError) -> [UInt8] {
        guard request.method != .connect else {
            throw HTTPExchangeError(.invalidRequest, outcome: .notSent, message: "\(origin): tunnels are the proxy setting's business")
        }
        var bytes: [UInt8] = []
        do throws(HTTPProtocolError) {
            try HTTPRequestEncoder.append(request, authority: origin.authority, to: &bytes)
        } catch {
            throw HTTPExchangeError(.invalidRequest, outcome: .notSent, message: "\(origin): \(error.reason)")
        }
        return bytes
    }

    /// Turns new requests away, gives those on their way `grace` to finish, closes every connection, and returns.
    ///
    /// Requests that are then still on their way fail with the code `shut-down`.
    public func shutDown(grace: Duration = .zero) async {
        core.isShutDown.store(true, ordering: .relaxed)
        await withTaskGroup(of: Void.self) { tasks in
            for shard in core.shards {
                tasks.addTask {
                    await withCheckedContinuation { continuation in
                        shard.loop.execute { shard.shutDown(grace: grace) { continuation.resume() } }
                    }
                }
            }
        }
    }
}

extension HTTPClient: IdentityPresenting {
    /// A client that presents `identity` (or none) and accepts servers by `trust`, on the loops and within the limits of this one.
    ///
    /// It shares the connections of clients with the same identity and the same trust and no others. Shutting one down shuts all down.
    public func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting {
        HTTPClient(core: core, route: try core.route(identity, trust))
    }

    /// Opens a connection to `origin`, TLS included, and closes it again. It counts as one of the connections there may be.
    public func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) {
        _ = try await run([], .get, origin, HTTPTimeouts(connect: timeout, firstByte: timeout, total: timeout))
    }

    /// Closes the idle connections of this identity and trust on every loop, and each busy one behind its answer.
    ///
    /// A request that begins after this has returned never meets a connection from before, not even on another loop.
    public func retireConnections() {
        route.retire()
        let number = route.number
        for shard in core.shards { shard.loop.execute { shard.closeIdleConnections(ofRoute: number) } }
    }

    /// How many identities with their trust are remembered.
    var routeCount: Int { core.routes.count }
}
