import ProviderKit
public import Transport

/// Where WPAY is (protocol notes, section 5).
public enum WPayHosts {
    /// Which of WPAY's three worlds.
    public enum Stage: String, Sendable, Hashable, CaseIterable {
        /// WPAY's own development.
        case development
        /// Tests of merchants; nothing is really paid.
        case test
        /// Real payments.
        case live
    }

    /// The domain below which every host of WPAY stands.
    public static let domain = "inicis.com"

    /// The name of a product's host; live hosts have mirrors in other data centres, ``mirrors(_:)``.
    public static func host(_ product: WPayProduct, _ stage: Stage) -> String {
        let prefix =
            switch stage {
            case .development: "dev"
            case .test: "stg"
            case .live: ""
            }
        return "\(prefix)\(word(product)).\(domain)"
    }

    /// The live hosts of a product's other data centres. An approval goes to the one that the callback named.
    public static func mirrors(_ product: WPayProduct) -> [String] { ["ks", "fc"].map { "\($0)\(word(product)).\(domain)" } }

    /// Every host of every product, and those of the refunds.
    public static let all: [String] =
        WPayProduct.allCases.flatMap { product in Stage.allCases.map { host(product, $0) } + mirrors(product) }
        + Stage.allCases.map { refund($0).host }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }

    /// Host and path prefix of the refund API (INIAPI); payments of the development and test hosts are refunded at one and the same.
    public static func refund(_ stage: Stage) -> (host: String, prefix: String) {
        stage == .live ? ("iniapi.\(domain)", "") : ("deviniapi.\(domain)", "/stg")
    }

    private static func word(_ product: WPayProduct) -> String {
        switch product {
        case .standard20: "wpaystd"
        case .oldStandard: "wpay"
        case .customSites: "wpaycst"
        case .autoPay: "wpayplus"
        }
    }
}

/// A place calls go to: an origin, and what comes before every path there, such as `/wpay` at a sandbox's plain port.
public struct WPayBase: Sendable, Hashable, CustomStringConvertible {
    /// Scheme, host and port.
    public var origin: HTTPOrigin
    /// Empty, or a path that begins with `/` and does not end with one.
    public var pathPrefix: String

    /// A place by its parts.
    public init(origin: HTTPOrigin, pathPrefix: String = "") {
        self.origin = origin
        self.pathPrefix = pathPrefix
    }

    /// Reads `https://host[:port][/prefix]`; nothing when the text is no such URL, or has a query, a fragment or a step upwards.
    public init?(_ text: String) {
        guard text.utf8.firstRange(of: "://".utf8) != nil, let base = ServiceBase(text) else { return nil }
        let steps = base.pathPrefix.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPlain = steps.allSatisfy { step in
            !step.isEmpty && step != "." && step != ".." && step.utf8.allSatisfy(WPayBase.isPlain)
        }
        guard isPlain else { return nil }
        self.init(origin: base.origin, pathPrefix: base.pathPrefix)
    }

    /// The place as a URL.
    public var description: String { "\(origin)\(pathPrefix)" }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"): true
        default: false
        }
    }
}

/// Which values of `wpayDomain` are believed. It decides where approvals go, with the member's key in them: https and a host on the list, or one of the bases given by hand.
public struct WPayAllowedHosts: Sendable, Hashable {
    /// Domains; a host must be one of them or stand below one.
    public var domains: [String]
    /// Bases that are believed as they are, such as the sandbox's; they need not be https.
    public var bases: [WPayBase]

    /// A list; by default every host below `inicis.com`.
    public init(domains: [String] = [WPayHosts.domain], bases: [WPayBase] = []) {
        self.domains = domains.map { $0.lowercased() }
        self.bases = bases
    }

    /// Where a `wpayDomain` points: URL-decoded if it contains a percent sign, with a scheme or without one. Nothing when it is not believed.
    ///
    /// - Parameter received: The value as the callback's signature covered it. Never ask with one that was not verified.
    public func base(of received: String) -> WPayBase? {
        let text = received.utf8.contains(UInt8(ascii: "%")) ? URLCodec.decode(received) : received
        guard let text, !text.isEmpty else { return nil }
        let hasScheme = text.utf8.firstRange(of: "://".utf8) != nil
        if hasScheme {
            guard let base = WPayBase(text) else { return nil }
            return bases.contains(base) || isListed(base) ? base : nil
        }
        if let known = bases.first(where: { $0.origin.authority == text.lowercased() }) { return known }
        return WPayBase("https://" + text).flatMap { isListed($0) ? $0 : nil }
    }

    private func isListed(_ base: WPayBase) -> Bool {
        let host = base.origin.host
        let isName = host.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
        return isName && base.origin.isSecure && base.origin.port == 443 && base.pathPrefix.isEmpty
            && domains.contains { host == $0 || host.hasSuffix("." + $0) }
    }
}
