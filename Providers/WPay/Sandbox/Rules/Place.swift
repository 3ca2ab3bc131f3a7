import Base
import SandboxKit
import Transport
import WPay

/// Under which name the sandbox was reached, on which the `wpayDomain` of its answers depends.
struct Place: Sendable {
    /// The host that was asked for, in lower case without port.
    var host: String
    /// Whether by TLS.
    var isSecure: Bool
    /// The base of the provider on the plain port, such as `http://127.0.0.1:8600/wpay`.
    var base: String

    init(host: String, isSecure: Bool, base: String) {
        self.host = host
        self.isSecure = isSecure
        self.base = base
    }

    init(_ source: CallSource, _ environment: SandboxEnvironment) {
        self.init(host: source.host, isSecure: source.peer.tls != nil, base: environment.publicBase())
    }

    /// The value of `wpayDomain`: where approval and net-cancel of a payment go, or the charges of a sign-up.
    func domain(forCharges isForCharges: Bool, _ settings: SandboxSettings) -> String {
        var own = base
        if let real = SandboxHosts.relative(of: host, product: isForCharges ? "wpayplus" : nil) {
            own = (isSecure ? "https://" : "http://") + real
        }
        switch settings.wpayDomain {
        case .baseURL: return own
        // Twenty characters hold no path.
        case .bareHost: return String((own.split(separator: "://", maxSplits: 1).last ?? own[...]).prefix { $0 != "/" })
        case .otherHost: return settings.otherDomain ?? otherName(own)
        }
    }

    /// The same place under another of its names: a mirror of a real host, or loopback's other name.
    private func otherName(_ own: String) -> String {
        if let real = SandboxHosts.relative(of: host, product: nil), let mirror = SandboxHosts.mirror(of: real) {
            return own.replacing(real, with: mirror)
        }
        if own.contains("//127.0.0.1") { return own.replacing("//127.0.0.1", with: "//localhost") }
        return own.replacing("//localhost", with: "//127.0.0.1")
    }
}

/// The real hosts, which the TLS port serves, by their parts: stage or data centre, product line, domain.
enum SandboxHosts {
    private static let domain = "." + WPayHosts.domain
    private static let words = ["wpaystd", "wpayplus", "wpaycst", "wpay"]

    /// The host of a product line at the same stage as `host`, or `host` itself; nothing when it is not one of WPAY's.
    static func relative(of host: String, product: String?) -> String? {
        guard let (stage, own) = parts(host) else { return nil }
        return stage + (product ?? own) + domain
    }

    /// Another data centre's name for a host.
    static func mirror(of host: String) -> String? {
        guard let (stage, product) = parts(host) else { return nil }
        return (stage == "ks" ? "fc" : "ks") + product + domain
    }

    /// Whether an API is served under a host: under a real one only its own product's, under any other name all.
    static func serves(_ host: String, _ product: WPayProduct) -> Bool {
        guard WPayHosts.all.contains(host) else { return true }
        return WPayHosts.mirrors(product).contains(host) || WPayHosts.Stage.allCases.contains { WPayHosts.host(product, $0) == host }
    }

    /// Whether the refund API is served under a host, with that beginning of its path.
    static func servesRefunds(_ host: String, prefix: String) -> Bool {
        guard WPayHosts.all.contains(host) else { return true }
        return WPayHosts.Stage.allCases.contains { WPayHosts.refund($0) == (host, prefix) }
    }

    private static func parts(_ host: String) -> (stage: String, product: String)? {
        guard WPayHosts.all.contains(host) else { return nil }
        let label = host.dropLast(domain.count)
        return words.first { label.hasSuffix($0) }.map { (String(label.dropLast($0.count)), $0) }
    }
}
