import Base
import Cryptography
import Synchronization
public import Transport

/// Where a client sends its calls.
public struct AppsInTossPlace: Sendable, Hashable {
    /// Where login, messages, promotion and in-app purchase are.
    public var general: HTTPOrigin
    /// Where Toss Pay is.
    public var pay: HTTPOrigin
    /// What comes before every path there, such as `/apps-in-toss` at a sandbox.
    public var pathPrefix: String

    /// A place by its parts.
    public init(general: HTTPOrigin, pay: HTTPOrigin, pathPrefix: String = "") {
        self.general = general
        self.pay = pay
        self.pathPrefix = pathPrefix
    }

    /// The two real hosts.
    public static let production = AppsInTossPlace(
        general: HTTPOrigin(isSecure: true, host: AppsInTossHosts.general, port: 443),
        pay: HTTPOrigin(isSecure: true, host: AppsInTossHosts.pay, port: 443))

    /// One address for everything: a sandbox or a gateway, `https://host[:port][/path]`. Nothing when the text is no such address.
    public init?(base: String) {
        let scheme = base.utf8.firstRange(of: "://".utf8)?.upperBound ?? base.startIndex
        let slash = base[scheme...].firstIndex(of: "/") ?? base.endIndex
        guard let origin = HTTPOrigin(String(base[..<slash])) else { return nil }
        var path = base[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        self.init(general: origin, pay: origin, pathPrefix: String(path))
    }

    func origin(of host: AppsInTossAPI.Host) -> HTTPOrigin { host == .pay ? pay : general }

    static func base(_ text: String) throws(AppsInTossError) -> AppsInTossPlace {
        guard let place = AppsInTossPlace(base: text) else {
            throw .invalid("base는 https://호스트[:포트][/경로] 꼴이어야 합니다.", "base must be https://host[:port][/path]")
        }
        return place
    }
}

/// An event loop with an HTTP client on it, for a client that was handed no network.
final class OwnNetwork: Sendable {
    let client: HTTPClient
    private let group: EventLoopGroup
    private let isShutDown = Atomic<Bool>(false)

    init(identity: TLSIdentity?, trust: TLSTrust) throws(AppsInTossError) {
        do throws(SystemError) {
            group = try EventLoopGroup(count: 1)
        } catch {
            throw OwnNetwork.unavailable(error.description)
        }
        do throws(TLSError) {
            client = try HTTPClient(group: group, configuration: HTTPClient.Configuration(trust: trust, identity: identity))
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

    private static func unavailable(_ reason: String) -> AppsInTossError {
        AppsInTossError(
            .networkUnavailable, outcome: .notSent,
            message: BilingualText(korean: "네트워크를 준비할 수 없습니다: \(reason)", english: "no network could be set up: \(reason)"))
    }
}
