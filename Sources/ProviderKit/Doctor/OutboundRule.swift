public import Base
public import Cryptography
public import Transport

/// One row of a provider's table of hosts: what a firewall has to let out. Data, from the provider's own documents.
public struct DocumentedHost: Sendable, Hashable {
    /// The host's name, in lower case.
    public var host: String
    /// The TCP port.
    public var port: Int
    /// The addresses that the provider documents for it, in numbers; empty where it documents none.
    public var addresses: [String]
    /// What the host is called for.
    public var purpose: BilingualText

    /// A row; port 443 and no documented addresses unless told.
    public init(_ host: String, port: Int = 443, addresses: [String] = [], purpose: BilingualText) {
        self.host = host
        self.port = port
        self.addresses = addresses
        self.purpose = purpose
    }

    /// The rule for a connection that calls this host where it really is.
    public var rule: OutboundRule {
        OutboundRule(origin: HTTPOrigin(isSecure: true, host: host, port: port), purpose: purpose, addresses: addresses)
    }
}

extension [DocumentedHost] {
    /// The rule for a connection that calls `origin`: with the documented addresses where that is one of these hosts, else, for instance for a sandbox,
    /// without.
    ///
    /// - Parameters:
    ///   - origin: Where the connection's calls go.
    ///   - pathPrefix: What comes before every call's path there.
    ///   - purpose: What is called there, for an origin that is none of these hosts.
    public func rule(for origin: HTTPOrigin, pathPrefix: String = "", purpose: BilingualText) -> OutboundRule {
        let row = origin.isSecure ? first { $0.host == origin.host && $0.port == origin.port } : nil
        var rule = row?.rule ?? OutboundRule(origin: origin, purpose: purpose)
        rule.isProvider = row != nil
        rule.pathPrefix = pathPrefix
        return rule
    }
}

/// A place that a connection calls, and what has to be right on the way there: what the doctor looks at.
public struct OutboundRule: Sendable {
    /// Where the calls go.
    public var origin: HTTPOrigin
    /// What comes before every call's path, such as `/<provider>` at a sandbox's plain port; empty at the provider itself.
    public var pathPrefix = ""
    /// What is called there.
    public var purpose: BilingualText
    /// The addresses that the provider documents, in numbers; empty where it documents none.
    public var addresses: [String]
    /// Whether the origin is the provider's own, and no sandbox or other stand-in.
    public var isProvider = true
    /// Whose server certificates this connection accepts; nothing for what the gateway as a whole trusts.
    public var trust: TLSTrust?
    /// The certificate that the connection shows; nothing where the provider asks for none.
    public var identity: TLSIdentity?
    /// What the provider makes of the address that calls come from, such as an allow-list in its console; nothing where it is not known to look at it.
    public var sourceRule: BilingualText?
    /// What the answer to the doctor's request tells besides its status, for a provider that refuses a caller inside a 200; nothing where all is well.
    public var remark: (@Sendable (HTTPResponse) -> DoctorFinding?)?
    /// From which difference of the clocks on something fails at this provider, besides what fails anywhere.
    public var clockTolerances: [ClockTolerance] = []

    /// A place.
    public init(origin: HTTPOrigin, purpose: BilingualText, addresses: [String] = []) {
        self.origin = origin
        self.purpose = purpose
        self.addresses = addresses
    }
}

extension HTTPOrigin {
    /// Whether it is on this machine, such as a sandbox: `localhost`, or an address that leads nowhere else.
    public var isOnThisMachine: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || SocketAddress(numericHost: host, port: port)?.isLoopback == true
    }
}

/// What fails when this machine's clock and the provider's are too far apart.
public struct ClockTolerance: Sendable, Hashable {
    /// The largest difference at which all is well.
    public var limit: Duration
    /// What fails beyond it.
    public var consequence: BilingualText

    /// A limit and what lies beyond it.
    public init(_ limit: Duration, _ consequence: BilingualText) {
        self.limit = limit
        self.consequence = consequence
    }
}
