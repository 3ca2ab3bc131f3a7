internal import Base
internal import Cryptography
internal import Synchronization

/// What connections must have in common, beside the origin, to serve the same exchanges: who we are to the server, whom we trust, and which
/// way leads there.
final class ClientRoute: Sendable {
    /// Equal for routes that may share connections, and never given to another route again.
    let number: Int
    let tls: TLSClientContext
    let proxy: HTTPClient.Proxy?
    private let retirements = Atomic<Int>(0)

    init(number: Int, tls: TLSClientContext, proxy: HTTPClient.Proxy?) {
        self.number = number
        self.tls = tls
        self.proxy = proxy
    }

    /// How often the route's connections have been retired: one that was begun under an earlier number serves no further exchange.
    var generation: Int { retirements.load(ordering: .acquiring) }

    /// From now on every connection of this route that exists already is an old one.
    func retire() { retirements.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}

/// The routes of the clients that share connections. A route is forgotten when nobody sends on it and none of its connections is left, so that
/// a process that changes its certificate for years keeps no more of them than are in use.
final class ClientRouteTable: Sendable {
    private struct Name: Hashable {
        var identity: [UInt8]?
        /// The digests of the authorities in their order; nothing for the system's.
        var authorities: [[UInt8]]?
    }

    private struct Entry {
        weak var route: ClientRoute?
    }

    private struct State {
        var entries: [Name: Entry] = [:]
        var nextNumber = 0
    }

    private let state = Locked(State())

    /// The route of that identity and that trust: the same one for as long as anybody uses it.
    func route(identity: TLSIdentity?, trust: TLSTrust, proxy: HTTPClient.Proxy?) throws(TLSError) -> ClientRoute {
        let name = Name(identity: identity?.fingerprint, authorities: ClientRouteTable.digests(trust))
        if let route = known(name) { return route }
        // Made outside the lock: reading the system's authorities takes milliseconds.
        let tls = try TLSClientContext(trust: trust, identity: identity)
        return state.withLock { state in
            if let route = state.entries[name]?.route { return route }
            let route = ClientRoute(number: state.nextNumber, tls: tls, proxy: proxy)
            state.nextNumber += 1
            state.entries = state.entries.filter { $0.value.route != nil }
            state.entries[name] = Entry(route: route)
            return route
        }
    }

    /// How many routes are remembered, used or not.
    var count: Int { state.withLock { $0.entries.count } }

    private func known(_ name: Name) -> ClientRoute? { state.withLock { $0.entries[name]?.route } }

    private static func digests(_ trust: TLSTrust) -> [[UInt8]]? {
        switch trust {
        case .system: nil
        case .authorities(let authorities): authorities.map(\.fingerprint)
        }
    }
}
