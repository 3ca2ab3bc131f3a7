import Base
import Cryptography
import Synchronization
public import Transport

extension HTTPOrigin {
    /// Bootpay's production host.
    public static let bootpay = HTTPOrigin(isSecure: true, host: BootpayHosts.production, port: 443)
}

/// An event loop with an HTTP client on it, for a client that was handed no network.
final class OwnNetwork: Sendable {
    let client: HTTPClient
    private let group: EventLoopGroup
    private let isShutDown = Atomic<Bool>(false)

    init() throws(BootpayError) {
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

    private static func unavailable(_ reason: String) -> BootpayError {
        BootpayError(
            .networkUnavailable, outcome: .notSent,
            message: BilingualText(
                korean: "네트워크를 준비할 수 없습니다: \(reason)", english: "no network could be set up: \(reason)"))
    }
}
