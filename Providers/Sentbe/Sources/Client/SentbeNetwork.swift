import Base
import ProviderKit
import Transport

/// Where a client sends its calls, and what it needs for that.
struct SentbeNetwork: Sendable {
    let origin: HTTPOrigin
    let pathPrefix: String
    let exchange: any HTTPExchange
    let timeouts: HTTPTimeouts
    var own: ClientNetwork?

    /// 5 seconds to connect, 15 to answer.
    static let timeouts = HTTPTimeouts(connect: .seconds(5), firstByte: .seconds(15), total: .seconds(30))

    init(origin: HTTPOrigin, pathPrefix: String, exchange: any HTTPExchange, timeouts: HTTPTimeouts) {
        self.origin = origin
        self.pathPrefix = pathPrefix
        self.exchange = exchange
        self.timeouts = timeouts
    }

    /// A network with an event loop of its own, to `base`: `https://host[:port][/path]`.
    init(base: String) throws(SentbeError) {
        guard let base = ServiceBase(base) else { throw .invalid(ServiceBase.complaint.korean, ServiceBase.complaint.english) }
        let network = try ClientNetwork.own()
        self.init(origin: base.origin, pathPrefix: base.pathPrefix, exchange: network.client, timeouts: SentbeNetwork.timeouts)
        own = network
    }
}

extension ClientNetwork {
    fileprivate static func own() throws(SentbeError) -> ClientNetwork {
        do throws(ClientNetworkError) {
            return try ClientNetwork()
        } catch {
            throw SentbeError(.networkUnavailable, outcome: .notSent, message: error.message)
        }
    }
}
