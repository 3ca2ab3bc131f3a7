public import Base

/// Answers HTTP/1.1 and HTTP/1.0 requests, plain or over TLS, on the loops of a group.
///
/// Each loop has a listener of its own on the same port, and a connection stays on the loop that accepted it. A handler runs to its end even when its caller has
/// gone; only its answer is then dropped.
public final class HTTPServer: Sendable {
    /// Where the server listens, with the port that the system chose when it was 0.
    public let address: SocketAddress
    private let server: ServerShared
    private let listeners: [ServerListener]

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - group: the loops to serve on; must outlive the server.
    ///   - address: where to listen; port 0 lets the system choose.
    ///   - configuration: limits, timeouts and TLS.
    ///   - time: the clock of the `Date` field; deadlines are measured in its uptime.
    ///   - handler: answers the requests.
    /// - Throws: ``SystemError`` naming the call that failed, for instance because the port is taken.
    public init(
        group: EventLoopGroup, address: SocketAddress, configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        time: any TimeSource = SystemTime(), handler: any HTTPHandler
    ) throws(SystemError) {
        var descriptors: [Int32] = []
        var bound = address
        do throws(SystemError) {
            try Socket.checkNobodyListens(on: address)
            for _ in group.loops {
                let descriptor = try Socket.listen(on: bound, sharesPort: group.loops.count > 1)
                descriptors.append(descriptor)
                if descriptors.count == 1, let actual = Socket.localAddress(descriptor) { bound = actual }
            }
        } catch {
            for descriptor in descriptors { Socket.close(descriptor) }
            throw error
        }
        self.address = bound
        let server = ServerShared(configuration: configuration, time: time, handler: handler)
        self.server = server
        listeners = zip(group.loops, descriptors).map { ServerListener(server: server, descriptor: $1, loop: $0) }
        for listener in listeners { listener.loop.execute { listener.assumeIsolated { $0.start() } } }
    }

    /// What the server has done so far.
    public var counters: HTTPServerCounters { server.tally.snapshot }

    /// Ends the server: it stops accepting, closes idle connections, lets requests in flight be answered (with `Connection: close`)
    /// and their handlers end; what is left when `deadline` has passed is closed. The server must be shut down before its loops are stopped.
    public func shutdown(deadline: Duration = .seconds(10)) async {
        await withTaskGroup(of: Void.self) { tasks in
            for listener in listeners { tasks.addTask { await listener.shutDown(within: deadline) } }
        }
    }
}
