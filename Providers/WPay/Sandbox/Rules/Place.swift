import Base
import SandboxKit
import Transport

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
        case .bareHost: return own.split(separator: "://", maxSplits: 1).last.map(String.init) ?? own
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

/// The real hosts, which the TLS port serves.
enum SandboxHosts {
    private static let stages = ["dev", "stg", "", "ks", "fc"]
    private static let products = ["wpaystd", "wpayplus", "wpaycst", "wpay"]
    private static let domain = ".inicis.com"

    /// The refund API of settled payments, live.
    static let refunds = "iniapi.inicis.com"
    /// The refund API of test payments; its paths begin with `/stg` there.
    static let testRefunds = "deviniapi.inicis.com"

    /// The hosts of all product lines for development, test and live, the live ones' mirrors, and the refund API.
    static let all = products.flatMap { product in stages.map { $0 + product + domain } } + [refunds, testRefunds]

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

    private static func parts(_ host: String) -> (stage: String, product: String)? {
        guard host.hasSuffix(domain) else { return nil }
        let label = host.dropLast(domain.count)
        guard let product = products.first(where: { label.hasSuffix($0) }) else { return nil }
        let stage = String(label.dropLast(product.count))
        return stages.contains(stage) ? (stage, product) : nil
    }
}
