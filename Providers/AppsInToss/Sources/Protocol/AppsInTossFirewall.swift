public import Transport

/// The firewall tables of the API overview as data.
public enum AppsInTossFirewall {
    /// One row of what a partner must let out.
    public struct Outbound: Sendable, Hashable {
        /// What runs there, in the documentation's words.
        public var functions: String
        /// The groups of calls that run there.
        public var groups: [AppsInTossAPI.Group]
        /// The host.
        public var host: String
        /// Its addresses.
        public var addresses: [String]
        /// Its port.
        public var port: Int
    }

    /// Where callbacks come from, as the documentation writes it: 27 addresses. They go to port 443 of the partner.
    public static let inboundTexts = [
        "117.52.3.11", "211.115.96.11", "106.249.5.11", "117.52.3.80~87", "211.115.96.80~87", "106.249.5.80~87",
    ]
    /// The same as ranges.
    public static let inbound: [AddressRange] = inboundTexts.compactMap { AddressRange($0) }
    /// The port at which the partner takes callbacks.
    public static let inboundPort = 443

    /// Whether a callback from `address` (in numbers) comes from where the documentation says.
    public static func isInbound(_ address: String) -> Bool { inbound.contains { $0.contains(address) } }

    /// What a partner must let out. In-app purchase has no row in the overview; its own page puts it on the general host.
    public static let outbound: [Outbound] = [
        Outbound(
            functions: "간편 로그인, 메시지 발송, 토스 포인트 지급", groups: [.login, .messages, .promotion, .inAppPurchase, .anonymousKey],
            host: AppsInTossHosts.general, addresses: ["117.52.3.192", "211.115.96.192", "106.249.5.192"], port: 443),
        Outbound(
            functions: "간편 결제", groups: [.pay], host: AppsInTossHosts.pay,
            addresses: ["117.52.3.195", "211.115.96.195", "106.249.5.195"], port: 443),
    ]
}
