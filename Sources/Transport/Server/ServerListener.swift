import Base
import Cryptography

/// What all loops of one server share.
struct ServerShared: Sendable {
    let configuration: HTTPServerConfiguration
    let time: any TimeSource
    let handler: any HTTPHandler
    let tally = ServerTally()
}

/// Accepts the connections of one loop and knows those that are open.
actor ServerListener: LoopActor {
    nonisolated let loop: EventLoop

    private let server: ServerShared
    private let descriptor: Int32
    private var watcher: DescriptorWatcher?
    private var pause: LoopTimer?
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var runningRequests = 0
    private var isDraining = false
    private var emptied: [CheckedContinuation<Void, Never>] = []
    var date = HTTPDate()

    init(server: ServerShared, descriptor: Int32, loop: EventLoop) {
        self.server = server
        self.descriptor = descriptor
        self.loop = loop
    }

    /// Begins to accept.
    func start() {
        guard !isDraining else { return }
        let watcher = DescriptorWatcher(loop: loop, descriptor: descriptor, interest: .readable) { [self] in
            assumeIsolated { $0.acceptConnections() }
        }
        watcher.enable()
        self.watcher = watcher
        pause = LoopTimer(loop: loop) { [self] in assumeIsolated { $0.watcher?.enable() } }
    }

    private func acceptConnections() {
        // A flood of callers must not keep those that are here from being served.
        for _ in 0..<64 {
            do throws(SystemError) {
                guard let (descriptor, address) = try Socket.accept(descriptor) else { return }
                add(descriptor, address)
            } catch {
                // No descriptor is left: the listener stays readable, so look again when some may have been given back.
                watcher?.disable()
                pause?.schedule(after: .milliseconds(50))
                return
            }
        }
    }

    private func add(_ descriptor: Int32, _ address: SocketAddress) {
        server.tally.accepted.up()
        let maximum = server.configuration.maximumConnections
        let open = server.tally.open.value
        let isRefused = open >= maximum
        if isRefused {
            server.tally.refused.up()
            // Telling them takes connections, too: only so many.
            guard server.configuration.tls == nil, open < maximum + maximum / 16 + 16 else { return Socket.close(descriptor) }
        }
        var session: TLSSession?
        if let context = server.configuration.tls {
            do throws(TLSError) { session = try TLSSession(server: context, descriptor: descriptor) } catch {
                return Socket.close(descriptor)
            }
        }
        server.tally.open.up()
        let connection = ServerConnection(
            server: server, listener: self, stream: ServerStream(descriptor: descriptor, session: session), peer: address)
        connections[ObjectIdentifier(connection)] = connection
        connection.assumeIsolated { $0.start(isRefused: isRefused) }
    }

    func connectionClosed(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        server.tally.open.down()
        reportIfEmpty()
    }

    func requestStarted() { runningRequests += 1 }

    func requestEnded() {
        runningRequests -= 1
        reportIfEmpty()
    }

    /// Stops accepting, lets what is in flight end within `limit`, then closes everything.
    func shutDown(within limit: Duration) async {
        if !isDraining {
            isDraining = true
            watcher?.disable()
            // Whoever has connected already is served, not reset.
            acceptConnections()
            watcher?.cancel()
            pause?.cancel()
            watcher = nil
            pause = nil
            Socket.close(descriptor)
        }
        drainConnections()
        let timer = LoopTimer(loop: loop) { [self] in assumeIsolated { $0.closeAll() } }
        timer.schedule(after: limit)
        if !connections.isEmpty || runningRequests > 0 { await withCheckedContinuation { emptied.append($0) } }
        timer.cancel()
    }

    private func drainConnections() {
        for connection in connections.values { connection.assumeIsolated { $0.drain() } }
    }

    private func closeAll() {
        for connection in connections.values { connection.assumeIsolated { $0.close() } }
        report()
    }

    private func reportIfEmpty() { if connections.isEmpty, runningRequests == 0 { report() } }

    private func report() {
        let waiting = emptied
        emptied = []
        for continuation in waiting { continuation.resume() }
    }
}
