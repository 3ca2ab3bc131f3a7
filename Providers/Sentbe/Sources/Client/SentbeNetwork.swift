import Base
import Cryptography
import Synchronization
import Transport

/// Where a client sends its calls, and what it needs for that.
struct SentbeNetwork: Sendable {
    let origin: HTTPOrigin
    let pathPrefix: String
    let exchange: any HTTPExchange
    let timeouts: HTTPTimeouts
    var own: OwnNetwork?

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
        let scheme = base.utf8.firstRange(of: "://".utf8)?.upperBound ?? base.startIndex
        let slash = base[scheme...].firstIndex(of: "/") ?? base.endIndex
        guard let origin = HTTPOrigin(String(base[..<slash])) else {
            throw .invalid("base는 https://호스트[:포트][/경로] 꼴이어야 합니다.", "base must be https://host[:port][/path]")
        }
        var path = base[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        let network = try OwnNetwork()
        self.init(origin: origin, pathPrefix: String(path), exchange: network.client, timeouts: SentbeNetwork.timeouts)
        own = network
    }
}

/// An event loop with an HTTP client on it, for a client that was handed no network.
final class OwnNetwork: Sendable {
    let client: HTTPClient
    private let group: EventLoopGroup
    private let isShutDown = Atomic<Bool>(false)

    init() throws(SentbeError) {
        do throws(SystemError) {
            group = try EventLoopGroup(count: 1)
        } catch {
            throw OwnNetwork.unavailable(error.description)
        }
        do throws(TLSError) {
            client = try HTTPClient(group: group)
        } catch {
            group.stop()
            throw OwnNetwork.unavailable("\(error)")
        }
    }

    /// Ends the connections and then the loop. Once only: the loop's thread can be waited for once.
    func shutDown() async {
        guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
        await client.shutDown(grace: .seconds(5))
        group.stop()
    }

    private static func unavailable(_ reason: String) -> SentbeError {
        SentbeError(
            .networkUnavailable, outcome: .notSent,
            message: BilingualText(korean: "네트워크를 준비할 수 없습니다: \(reason)", english: "no network could be set up: \(reason)"))
    }
}
