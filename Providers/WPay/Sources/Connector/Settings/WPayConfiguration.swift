public import Base
public import Transport

extension WPayConnector {
    /// What one connection is configured with.
    public struct Configuration: Sendable {
        /// The merchant id (MID).
        public var mid: String
        /// Its secrets.
        public var keys: WPayKeys
        /// The merchant id of auto-pay, where there is another one.
        public var autoPayMid: String?
        /// Its secrets; nothing when it shares those of ``mid``.
        public var autoPayKeys: WPayKeys?
        /// Where calls go that no callback has named a place for.
        public var place: Place
        /// Which `wpayDomain` of a callback is followed besides.
        public var allowedHosts: WPayAllowedHosts
        /// What refunds through INIAPI need; nothing when the connection makes none.
        public var refunds: RefundAccess?
        /// The longest time to have a connection to WPAY.
        public var connectTimeout = Duration.seconds(5)
        /// The longest time from the last byte of a call to the first of its answer. A shorter one only makes more net-cancels.
        public var readTimeout = Duration.seconds(10)
        /// The longest that a call may take altogether, net-cancels not counted.
        public var deadline = Duration.seconds(15)
        /// Where the merchant's own application takes verified results; nothing when it fetches them.
        public var application: ApplicationAddress?
        /// Under which URL shoppers' browsers reach this connection, such as `https://pay.shop.example/wpay`.
        public var returnBase: WPayBase?
        /// Whether replies come opened when the caller does not say.
        public var opensFields = false

        /// A configuration; what is not given has its default.
        ///
        /// - Parameter place: Where WPAY is. An explicit base is also followed as `wpayDomain`.
        public init(mid: String, keys: WPayKeys, place: Place) {
            self.mid = mid
            self.keys = keys
            self.place = place
            if case .base(let base) = place {
                allowedHosts = WPayAllowedHosts(bases: [base])
            } else {
                allowedHosts = WPayAllowedHosts()
            }
        }
    }

    /// The secrets of a merchant id of this connection.
    func keys(of mid: String?) -> WPayKeys {
        guard let mid, mid == configuration.autoPayMid, mid != configuration.mid else { return configuration.keys }
        return configuration.autoPayKeys ?? configuration.keys
    }

    /// Where WPAY is.
    public enum Place: Sendable, Hashable {
        /// At its own hosts.
        case stage(WPayHosts.Stage)
        /// All products and the refunds at one place, such as a sandbox.
        case base(WPayBase)

        /// Where a product is.
        public func base(of product: WPayProduct) -> WPayBase {
            switch self {
            case .stage(let stage): WPayBase(origin: HTTPOrigin(isSecure: true, host: WPayHosts.host(product, stage), port: 443))
            case .base(let base): base
            }
        }

        /// Where the refunds are.
        public var refunds: WPayBase {
            switch self {
            case .stage(let stage):
                let (host, prefix) = WPayHosts.refund(stage)
                return WPayBase(origin: HTTPOrigin(isSecure: true, host: host, port: 443), pathPrefix: prefix)
            case .base(let base): return base
            }
        }
    }

    /// What INIAPI asks of whoever wants a refund.
    public struct RefundAccess: Sendable {
        /// The INIAPI key.
        public var key: Secret
        /// That of the auto-pay merchant id; nothing when it shares the other.
        public var autoPayKey: Secret?
        /// The address of this server as INIAPI sees it.
        public var clientAddress: String

        /// The keys, and the address of this server as INIAPI sees it.
        public init(key: Secret, autoPayKey: Secret? = nil, clientAddress: String) {
            self.key = key
            self.autoPayKey = autoPayKey
            self.clientAddress = clientAddress
        }
    }

    /// The URL of the merchant's own application.
    public struct ApplicationAddress: Sendable, Hashable {
        /// Scheme, host and port.
        public var origin: HTTPOrigin
        /// Path and query.
        public var target: String

        /// Reads `http://host[:port]/path[?query]`; nothing when the text is no such URL.
        public init?(_ text: String) {
            guard let scheme = text.utf8.firstRange(of: "://".utf8) else { return nil }
            let end = text[scheme.upperBound...].utf8.firstIndex { [0x2F, 0x3F, 0x23].contains($0) } ?? text.endIndex
            guard let origin = HTTPOrigin(String(text[..<end])) else { return nil }
            let target = text[end...]
            guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else { return nil }
            self.origin = origin
            self.target = target.utf8.first == UInt8(ascii: "/") ? String(target) : "/" + target
        }
    }
}
