public import Base
public import Cryptography

/// What came of a visit to one address of a server.
public struct AddressVisit: Sendable {
    /// The address.
    public var address: SocketAddress
    /// Whether it took the connection.
    public var connection: Connection
    /// What TLS said; nothing when it was not tried.
    public var handshake: Handshake?
    /// The address that this end of the connection had; nothing without a connection.
    public var localAddress: String?

    /// Whether an address took a connection.
    public enum Connection: Sendable, Hashable {
        /// It did, after so long.
        case open(after: Duration)
        /// It, or a machine on the way, refused.
        case failed(SystemError)
        /// Nothing came back in time.
        case timedOut
    }

    /// What TLS said.
    public enum Handshake: Sendable, Equatable {
        /// All is well: the version, and the server's certificate in DER.
        case done(version: String, certificate: [UInt8])
        /// The server's certificate was not accepted, or TLS failed in another way.
        case failed(TLSError)
        /// It did not end in time.
        case timedOut
    }

    /// A visit.
    public init(address: SocketAddress, connection: Connection, handshake: Handshake? = nil, localAddress: String? = nil) {
        self.address = address
        self.connection = connection
        self.handshake = handshake
        self.localAddress = localAddress
    }
}

/// Looks whether single addresses take connections, and what TLS says there. Sends not one byte of a request.
public struct ServerVisitor: Sendable {
    private let group: EventLoopGroup
    private let time: any TimeSource

    /// A visitor on the loops of `group`, which must outlive every visit; `time` measures how long connecting takes.
    public init(group: EventLoopGroup, time: any TimeSource = SystemTime()) {
        self.group = group
        self.time = time
    }

    /// Connects to `address`, shakes hands where TLS is wanted, and hangs up.
    ///
    /// - Parameters:
    ///   - address: Where to connect.
    ///   - tls: The client's context, and the name that the server's certificate must bear; nothing for no TLS.
    ///   - limit: How long all of it may take. Cancelling the task ends it at once, as if the time were up.
    public func visit(_ address: SocketAddress, tls: (context: TLSClientContext, host: String)?, limit: Duration) async -> AddressVisit {
        let loop = group.next()
        let visit = ServerVisit(loop: loop, time: time, address: address, tls: tls)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.execute { visit.start(limit: limit) { continuation.resume(returning: $0) } }
            }
        } onCancel: {
            loop.execute { visit.giveUp() }
        }
    }
}

/// One visit on its way.
///
/// Sendable because it is confined to its loop: the visitor reaches it through the loop, and its watchers and its timer call from there.
private final class ServerVisit: @unchecked Sendable {
    private let loop: EventLoop
    private let time: any TimeSource
    private let address: SocketAddress
    private let tls: (context: TLSClientContext, host: String)?
    private var completion: (@Sendable (AddressVisit) -> Void)?
    private var isGivenUp = false
    private var started = Duration.zero
    private var timer: LoopTimer?
    private var race: AddressRace?
    private var descriptor: Int32?
    private var session: TLSSession?
    private var watchers: [DescriptorWatcher.Interest: DescriptorWatcher] = [:]
    private var connection: AddressVisit.Connection?
    private var localAddress: String?

    init(loop: EventLoop, time: any TimeSource, address: SocketAddress, tls: (context: TLSClientContext, host: String)?) {
        self.loop = loop
        self.time = time
        self.address = address
        self.tls = tls
    }

    func start(limit: Duration, completion: @escaping @Sendable (AddressVisit) -> Void) {
        self.completion = completion
        guard !isGivenUp else { return timedOut() }
        started = time.uptime
        let timer = LoopTimer(loop: loop) { [self] in timedOut() }
        timer.schedule(after: limit)
        self.timer = timer
        let race = AddressRace(loop: loop, addresses: [address])
        self.race = race
        race.start { [self] result in
            self.race = nil
            switch result {
            case .success(let descriptor): connected(descriptor)
            case .failure(let error): end(.failed(error), nil)
            }
        }
    }

    func giveUp() {
        isGivenUp = true
        timedOut()
    }

    private func timedOut() { if let connection { end(connection, .timedOut) } else { end(.timedOut, nil) } }

    private func connected(_ descriptor: Int32) {
        self.descriptor = descriptor
        let open = AddressVisit.Connection.open(after: time.uptime - started)
        connection = open
        localAddress = Socket.localAddress(descriptor)?.host
        guard let tls else { return end(open, nil) }
        do throws(TLSError) {
            session = try TLSSession(client: tls.context, host: tls.host, descriptor: descriptor)
        } catch {
            return end(open, .failed(error))
        }
        advance()
    }

    private func advance() {
        guard let session, let connection else { return }
        do throws(TLSError) {
            switch try session.handshake() {
            case .done: end(connection, .done(version: session.version, certificate: session.peerCertificate ?? []))
            case .wantsRead: watch(.readable)
            case .wantsWrite: watch(.writable)
            }
        } catch {
            end(connection, .failed(error))
        }
    }

    private func watch(_ interest: DescriptorWatcher.Interest) {
        guard let descriptor else { return }
        for (other, watcher) in watchers where other != interest { watcher.disable() }
        let watcher =
            watchers[interest] ?? DescriptorWatcher(loop: loop, descriptor: descriptor, interest: interest) { [self] in advance() }
        watchers[interest] = watcher
        watcher.enable()
    }

    private func end(_ connection: AddressVisit.Connection, _ handshake: AddressVisit.Handshake?) {
        guard let completion else { return }
        self.completion = nil
        timer?.cancel()
        timer = nil
        race?.cancel()
        race = nil
        for watcher in watchers.values { watcher.cancel() }
        watchers = [:]
        if case .done? = handshake { _ = try? session?.shutdown() }
        session = nil
        if let descriptor { Socket.close(descriptor) }
        descriptor = nil
        completion(AddressVisit(address: address, connection: connection, handshake: handshake, localAddress: localAddress))
    }
}
