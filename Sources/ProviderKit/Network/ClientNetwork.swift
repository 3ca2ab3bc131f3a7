public import Base
public import Cryptography
import Synchronization
public import Transport

/// An event loop with an HTTP client on it, for a provider's client in a Swift server that was handed no network.
public final class ClientNetwork: Sendable {
    /// The network.
    public let client: HTTPClient
    private let group: EventLoopGroup
    private let isShutDown = Atomic<Bool>(false)

    /// Starts an event loop. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Parameters:
    ///   - identity: The certificate presented to servers that ask for one.
    ///   - trust: Whose certificates are accepted.
    /// - Throws: ``ClientNetworkError`` when the process may have no more threads or descriptors, or the certificates cannot be read.
    public init(identity: TLSIdentity? = nil, trust: TLSTrust = .system) throws(ClientNetworkError) {
        do throws(SystemError) {
            group = try EventLoopGroup(count: 1)
        } catch {
            throw ClientNetworkError(error.description)
        }
        do throws(TLSError) {
            client = try HTTPClient(group: group, configuration: HTTPClient.Configuration(trust: trust, identity: identity))
        } catch {
            group.stop()
            throw ClientNetworkError("\(error)")
        }
    }

    /// Ends the connections, which get five seconds for the calls under way, and then the loop.
    public func shutDown() async {
        // Once only: the loop's thread can be waited for once.
        guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
        await client.shutDown(grace: .seconds(5))
        group.stop()
    }
}

/// Why no network could be set up.
public struct ClientNetworkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened.
    public var message: BilingualText

    init(_ reason: String) {
        message = BilingualText(korean: "네트워크를 준비할 수 없습니다: \(reason)", english: "no network could be set up: \(reason)")
    }

    /// The English message.
    public var description: String { message.english }
}

/// Where a provider is, as a person writes it: `https://host[:port][/path]`.
public struct ServiceBase: Sendable, Hashable, CustomStringConvertible {
    /// Scheme, host and port.
    public var origin: HTTPOrigin
    /// What comes before every path there: empty, or a path that begins with `/` and does not end with one.
    public var pathPrefix: String

    /// A place by its parts.
    public init(origin: HTTPOrigin, pathPrefix: String = "") {
        self.origin = origin
        self.pathPrefix = pathPrefix
    }

    /// Reads `https://host[:port][/path]`, slashes at the end left out; nothing when the text is no such address.
    public init?(_ text: String) {
        let scheme = text.utf8.firstRange(of: "://".utf8)?.upperBound ?? text.startIndex
        let slash = text[scheme...].firstIndex(of: "/") ?? text.endIndex
        guard let origin = HTTPOrigin(String(text[..<slash])) else { return nil }
        var path = text[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        self.init(origin: origin, pathPrefix: String(path))
    }

    /// What to say about a text that is no such address.
    public static let complaint = BilingualText(
        korean: "base는 https://호스트[:포트][/경로] 꼴이어야 합니다.", english: "base must be https://host[:port][/path]")

    /// The place as a URL.
    public var description: String { "\(origin)\(pathPrefix)" }
}
