internal import Base
internal import Cryptography

/// A connection on its way: name, address, tunnel, handshake. Not one byte of the request leaves before it is complete.
///
/// Sendable because it is confined to its shard's loop: it is called by the shard, by its own watchers, and by the resolver through the loop.
final class ConnectionOpening: @unchecked Sendable {
    let exchange: ClientExchange
    /// That of the route now: what is retired in the middle of a handshake is retired.
    let generation: Int
    private let shard: ClientShard
    private var isOver = false
    private var race: AddressRace?
    private var descriptor: Int32?
    private var tls: TLSSession?
    private var tunnel: Tunnel?
    private var readingWatcher: DescriptorWatcher?
    private var writingWatcher: DescriptorWatcher?

    private struct Tunnel {
        var request: [UInt8]
        var written = 0
        var decoder: HTTPResponseDecoder
    }

    init(shard: ClientShard, exchange: ClientExchange) {
        self.shard = shard
        self.exchange = exchange
        generation = exchange.route.generation
    }

    func start() {
        let origin = exchange.origin
        if let proxy = exchange.route.proxy {
            connect(to: proxy.host, port: proxy.port)
        } else if let address = shard.configuration.addressOverrides[origin] {
            connect(to: [address])
        } else {
            connect(to: origin.host, port: origin.port)
        }
    }

    /// Ends it without telling the shard.
    func abort() {
        guard !isOver else { return }
        isOver = true
        race?.cancel()
        race = nil
        dropWatchers()
        tls = nil
        if let descriptor { Socket.close(descriptor) }
        descriptor = nil
    }

    private func fail(_ code: HTTPExchangeError.Code, _ message: String) {
        guard !isOver else { return }
        abort()
        shard.openingFailed(self, exchange, code, message)
    }

    // MARK: Addresses

    private func connect(to host: String, port: Int) {
        if let address = SocketAddress(numericHost: host, port: port) { return connect(to: [address]) }
        shard.resolver.resolve(host, port: port) { [self, shard] addresses in
            shard.loop.execute { self.connect(to: addresses) }
        }
    }

    private func connect(to addresses: [SocketAddress]) {
        guard !isOver else { return }
        guard !addresses.isEmpty else { return fail(.nameNotFound, "the host name has no address") }
        let race = AddressRace(loop: shard.loop, addresses: addresses)
        self.race = race
        race.start { [self] result in
            self.race = nil
            switch result {
            case .success(let descriptor): connected(descriptor)
            case .failure(let error): fail(.connectionRefused, error.description)
            }
        }
    }

    private func connected(_ descriptor: Int32) {
        self.descriptor = descriptor
        if let proxy = exchange.route.proxy { openTunnel(through: proxy) } else { startTLS() }
    }

    // MARK: Tunnel

    private func openTunnel(through proxy: HTTPClient.Proxy) {
        let origin = exchange.origin
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        let destination = shard.configuration.addressOverrides[origin]?.description ?? "\(host):\(origin.port)"
        var request = HTTPRequest(method: .connect, target: destination)
        if let credentials = proxy.credentials {
            request.fields.append("Proxy-Authorization", "Basic " + credentials.withBytes { Base64.encode($0) })
        }
        var bytes: [UInt8] = []
        do throws(HTTPProtocolError) {
            try HTTPRequestEncoder.append(request, authority: destination, to: &bytes)
        } catch {
            return fail(.invalidRequest, error.reason)
        }
        var decoder = HTTPResponseDecoder(limits: HTTPLimits(body: 64 << 10))
        decoder.expectResponse(to: .connect)
        tunnel = Tunnel(request: bytes, decoder: decoder)
        advanceTunnel()
    }

    private func advanceTunnel() {
        guard !isOver, let descriptor, var tunnel else { return }
        defer { if self.tunnel != nil { self.tunnel = tunnel } }
        while tunnel.written < tunnel.request.count {
            switch Socket.write(descriptor, tunnel.request, from: tunnel.written) {
            case .moved(let count): tunnel.written += count
            case .wouldBlock: return watch(.writable)
            case .ended, .failed: return fail(.proxyRefused, "the proxy closed the connection")
            }
        }
        while true {
            var piece: [UInt8] = []
            // What follows the head would be lost here, but nothing may follow before we have spoken.
            switch Socket.read(descriptor, into: &piece, atMost: 4096) {
            case .moved: tunnel.decoder.append(piece)
            case .wouldBlock: return watch(.readable)
            case .ended, .failed: return fail(.proxyRefused, "the proxy closed the connection")
            }
            do throws(HTTPProtocolError) {
                guard let response = try tunnel.decoder.next() else { continue }
                guard (200..<300).contains(response.status) else {
                    return fail(.proxyRefused, "the proxy answered with status \(response.status)")
                }
                guard !tunnel.decoder.hasBytesLeft else {
                    return fail(.proxyRefused, "the proxy sent bytes before the tunnel was used")
                }
                self.tunnel = nil
                return startTLS()
            } catch {
                return fail(.proxyRefused, "the proxy's answer is malformed: \(error.reason)")
            }
        }
    }

    // MARK: TLS

    private func startTLS() {
        guard !isOver, let descriptor else { return }
        guard exchange.origin.isSecure else { return finish() }
        do throws(TLSError) {
            tls = try TLSSession(client: exchange.route.tls, host: exchange.origin.host, descriptor: descriptor)
        } catch {
            return fail(.handshakeFailed, error.message)
        }
        advanceHandshake()
    }

    private func advanceHandshake() {
        guard !isOver, let tls else { return }
        do throws(TLSError) {
            switch try tls.handshake() {
            case .done: finish()
            case .wantsRead: watch(.readable)
            case .wantsWrite: watch(.writable)
            }
        } catch {
            fail(.handshakeFailed, error.message)
        }
    }

    private func finish() {
        guard !isOver, let descriptor else { return }
        isOver = true
        dropWatchers()
        let stream = ClientStream(descriptor: descriptor, tls: tls)
        tls = nil
        self.descriptor = nil
        shard.opened(self, exchange, stream)
    }

    // MARK: Readiness

    private func advance() { if tls == nil { advanceTunnel() } else { advanceHandshake() } }

    private func watch(_ interest: DescriptorWatcher.Interest) {
        guard let descriptor else { return }
        switch interest {
        case .readable:
            writingWatcher?.disable()
            let watcher = readingWatcher ?? makeWatcher(descriptor, .readable)
            readingWatcher = watcher
            watcher.enable()
        case .writable:
            readingWatcher?.disable()
            let watcher = writingWatcher ?? makeWatcher(descriptor, .writable)
            writingWatcher = watcher
            watcher.enable()
        }
    }

    private func makeWatcher(_ descriptor: Int32, _ interest: DescriptorWatcher.Interest) -> DescriptorWatcher {
        DescriptorWatcher(loop: shard.loop, descriptor: descriptor, interest: interest) { [self] in advance() }
    }

    private func dropWatchers() {
        readingWatcher?.cancel()
        writingWatcher?.cancel()
        readingWatcher = nil
        writingWatcher = nil
    }
}
