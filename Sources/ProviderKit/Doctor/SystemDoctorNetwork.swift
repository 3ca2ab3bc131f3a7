public import Base
public import Cryptography
public import Transport

/// The real network, with the gateway's own trust and proxy.
public struct SystemDoctorNetwork: DoctorNetwork {
    private let group: EventLoopGroup
    private let configuration: HTTPClient.Configuration
    private let lookup: NameLookup
    private let visitor: ServerVisitor

    /// A network on the loops of `group`, which must outlive it.
    ///
    /// - Parameters:
    ///   - group: The loops.
    ///   - configuration: The gateway's trust and proxy.
    ///   - time: The clocks.
    public init(group: EventLoopGroup, configuration: HTTPClient.Configuration, time: any TimeSource = SystemTime()) {
        self.group = group
        self.configuration = configuration
        lookup = NameLookup(time: time)
        visitor = ServerVisitor(group: group, time: time)
    }

    /// The proxy, as `host:port`.
    public var proxy: String? { configuration.proxy.map { $0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)" } }

    /// Whether the configuration names no authorities of its own.
    public var trustsSystem: Bool { if case .system = configuration.trust { true } else { false } }

    /// Asks the operating system.
    public func addresses(of host: String, port: Int, limit: Duration) async -> NameAnswer {
        guard let addresses = await lookup.addresses(of: host, port: port, limit: limit) else { return .timedOut }
        return addresses.isEmpty ? .none : .addresses(addresses)
    }

    /// Connects, and shakes hands where a host is given.
    public func visit(
        _ address: SocketAddress, host: String?, trust: TLSTrust?, identity: TLSIdentity?, limit: Duration
    ) async -> AddressVisit {
        guard let host else { return await visitor.visit(address, tls: nil, limit: limit) }
        do throws(TLSError) {
            let context = try TLSClientContext(trust: trust ?? configuration.trust, identity: identity)
            return await visitor.visit(address, tls: (context, host), limit: limit)
        } catch {
            var visit = await visitor.visit(address, tls: nil, limit: limit)
            if case .open = visit.connection { visit.handshake = .failed(error) }
            return visit
        }
    }

    /// Sends the request on a connection of its own.
    public func ask(
        _ request: HTTPRequest, of origin: HTTPOrigin, trust: TLSTrust?, identity: TLSIdentity?, limit: Duration
    ) async -> Result<HTTPResponse, HTTPExchangeError> {
        var configuration = configuration
        configuration.trust = trust ?? configuration.trust
        configuration.identity = identity
        configuration.responseLimits = HTTPLimits(body: 4 << 20)
        let client: HTTPClient
        do throws(TLSError) {
            client = try HTTPClient(group: group, configuration: configuration)
        } catch {
            return .failure(HTTPExchangeError(.handshakeFailed, outcome: .notSent, message: error.message))
        }
        let result: Result<HTTPResponse, HTTPExchangeError>
        do throws(HTTPExchangeError) {
            result = .success(
                try await client.send(request, to: origin, timeouts: HTTPTimeouts(connect: limit, firstByte: limit, total: limit)))
        } catch {
            result = .failure(error)
        }
        await client.shutDown()
        return result
    }
}
