public import Base
public import Cryptography
public import ProviderKit
public import Storage
public import Transport

/// The provider's half: judges calls as the real provider would, keeps what they change, and tells the developer why it refused.
public protocol SandboxService: Sendable {
    /// The provider's name, such as `example`; its calls come under `/<name>/` of the plain port.
    static var provider: String { get }
    /// The real provider's host names, under which the TLS port serves it.
    static var hosts: [String] { get }
    /// Those of ``hosts`` at which the TLS port demands a certificate that the sandbox's authority issued. By default none.
    ///
    /// Dates are not checked in the handshake, since the tenant's clock decides: the service judges them by ``CallSource/peer``, or by
    /// ``handshakeObjection(to:host:)``.
    static var hostsWithClientCertificates: Set<String> { get }
    /// What `bujeol <provider> <command>` does with the sandbox, such as issuing a certificate, by ``CommandInput/control(_:_:body:)``. By default nothing.
    ///
    /// Their names must differ from those of the caller's half, and none may take an option `data` or `language`, which the command line takes itself.
    static var commands: [ProviderCommand] { get }

    /// Opens the service: brings its tables up to date.
    ///
    /// - Throws: `StorageError` when the state cannot be opened.
    init(environment: SandboxEnvironment) async throws

    /// Judges one call. The service finds the tenant from the call's credentials by itself.
    ///
    /// - Parameters:
    ///   - call: The call, its path relative to the provider's host.
    ///   - source: Where it came from.
    func respond(to call: Call, from source: CallSource) async -> Judgement

    /// Answers a call of the control API, its path relative to `/-/<name>`, for one tenant; nothing when there is no such call.
    func control(_ call: Call, tenant: TenantID) async -> Reply?

    /// Makes a tenant's data: the demo data for ``TenantID/demo``, fresh credentials for any other.
    ///
    /// - Parameter settings: What the creator of the tenant asked for, from the body of `POST /-/tenants`; an object.
    /// - Returns: What its creator must know: application ids, keys.
    /// - Throws: ``ControlError`` for settings that make no sense, `StorageError` when the state cannot be written.
    func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON

    /// Drops a tenant's data; ``createTenant(_:settings:)`` follows when it is only reset.
    func removeTenant(_ tenant: TenantID) async throws

    /// Does what has come due by the tenant's clock: reservations, webhooks, lapses.
    ///
    /// - Returns: When the next thing comes due by that clock; nothing when there is none.
    func settle(_ tenant: TenantID) async -> Timestamp?

    /// Lines for a person, printed when the sandbox starts: demo credentials and what to try.
    func introduction(baseURL: String) -> [BilingualText]

    /// Whose data `call` would meet, told by its credentials alone, without judging or changing anything; nothing when they name no tenant.
    ///
    /// The sandbox asks before the service acts, and only while a fault is waiting that would keep it from acting. By default nothing, so
    /// that such faults of the demo tenant meet the call.
    func tenant(of call: Call) async -> TenantID?

    /// As ``tenant(of:)``, for a service that knows its callers by their connection, such as by a certificate. By default what ``tenant(of:)`` says.
    func tenant(of call: Call, from source: CallSource) async -> TenantID?

    /// The name of the route that `call` would take, as ``Judgement/route`` will say it; nothing when there is no such call.
    ///
    /// Asked together with ``tenant(of:)``, so that a fault can be meant for one route. By default nothing.
    func route(of call: Call) -> String?

    /// Names of fields (JSON members, form and query fields) that the request log must not show, besides the usual ones such as `password`
    /// and `token`. Case, underscores and hyphens do not count. By default none.
    var redactedFields: Set<String> { get }

    /// What else the request log must not show of the calls of one route, by the route's name; without one, of calls that do not exist. By default nothing.
    func privacy(ofRoute route: String?) -> RoutePrivacy

    /// What the service has against a caller's certificate already in the TLS handshake. By default nothing, so that the first request is judged instead.
    ///
    /// Called in the middle of the handshake, on the connection's loop: it must answer at once, from memory.
    ///
    /// - Parameters:
    ///   - certificate: Issued by the sandbox's authority for a caller; expired perhaps.
    ///   - host: The one of ``hosts`` that the caller asked for; empty under the sandbox's own names, where the certificate may be meant for another
    ///     service: there only a certificate of this service's own may be objected to.
    func handshakeObjection(to certificate: Certificate, host: String) -> HandshakeObjection?

    /// Whether `call` is for a page that a browser reaches from another site, such as a payment window that a shop's form opens. Every other
    /// call that a browser makes for a foreign page is refused before the service sees it. By default there is no such page.
    func isPage(_ call: Call) -> Bool
}

extension SandboxService {
    /// None.
    public static var hostsWithClientCertificates: Set<String> { [] }
    /// None.
    public static var commands: [ProviderCommand] { [] }
    /// Nothing: the service does not say.
    public func tenant(of call: Call) async -> TenantID? { nil }
    /// What the call alone says.
    public func tenant(of call: Call, from source: CallSource) async -> TenantID? { await tenant(of: call) }
    /// Nothing: the service does not say.
    public func route(of call: Call) -> String? { nil }
    /// None besides the usual ones.
    public var redactedFields: Set<String> { [] }
    /// Nothing besides ``redactedFields``.
    public func privacy(ofRoute route: String?) -> RoutePrivacy { RoutePrivacy() }
    /// Nothing: requests are judged, not handshakes.
    public func handshakeObjection(to certificate: Certificate, host: String) -> HandshakeObjection? { nil }
    /// No: the provider has no pages.
    public func isPage(_ call: Call) -> Bool { false }
}

/// What the request log must not show of one route's calls: a field may be personal in one call and harmless in another, as a person's `name` and a product's.
public struct RoutePrivacy: Sendable {
    /// Fields whose values are not shown, besides those of the whole service.
    public var fields: Set<String>
    /// Whether no value of the request's query and body is shown, since nobody knows what they may hold.
    public var hidesRequest: Bool
    /// All that may be shown of the request's query and body; nothing where only what is named above is hidden.
    public var shown: ShownRequest?

    /// What to hide; by default nothing.
    public init(fields: Set<String> = [], hidesRequest: Bool = false, shown: ShownRequest? = nil) {
        self.fields = fields
        self.hidesRequest = hidesRequest
        self.shown = shown
    }
}

/// All that the request log may show of a request's query and body where any value may be a person's or a secret, put in a wrong place: names that are known, and values that
/// look like what belongs under them.
public struct ShownRequest: Sendable {
    /// The names that may be shown. Others, which may be values themselves, are not.
    public var names: Set<String>
    /// Whether a text is what belongs under a name; without a rule no value is shown.
    public var values: [String: @Sendable (String) -> Bool]

    /// Names, and rules for the values of some of them.
    public init(names: Set<String>, values: [String: @Sendable (String) -> Bool] = [:]) {
        self.names = names.union(values.keys)
        self.values = values
    }
}

/// Whose data and clock a call meets. Several live side by side, so that parallel test jobs do not meet each other.
public struct TenantID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name: 1 to 64 of the characters a–z, 0–9 and `-`.
    public let rawValue: String

    /// A tenant by name; nothing when the name is not one.
    public init?(rawValue: String) {
        let isName = rawValue.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard isName, (1...64).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    private init(trusted: String) { rawValue = trusted }

    /// The tenant that is always there, with the demo data.
    public static let demo = TenantID(trusted: "demo")

    /// The name.
    public var description: String { rawValue }
}

/// Where a call came from.
public struct CallSource: Sendable {
    /// Address, port and TLS details of the connection.
    public var peer: HTTPPeer
    /// The host that was asked for, without port, in lower case.
    public var host: String

    /// A source by its parts.
    public init(peer: HTTPPeer, host: String) {
        self.peer = peer
        self.host = host
    }
}

/// What a service works with.
public struct SandboxEnvironment: Sendable {
    /// Where state is kept.
    public var database: Database
    /// Each tenant's clock.
    public var clocks: any TenantClocks
    /// Unpredictable bytes.
    public var random: any RandomSource
    /// The network, for webhooks.
    public var exchange: any HTTPExchange
    /// Where to write what happens.
    public var log: Log
    /// The service calls this after it has made something that comes due, so that ``SandboxService/settle(_:)`` is called in time.
    public var scheduleChanged: @Sendable (TenantID) -> Void
    /// Issues certificates, to servers and to callers; nothing in a sandbox that was given none.
    public var authority: CertificateAuthority?
    /// Where files for the developer are put, such as the demo data's certificates; nothing in a sandbox without a disk.
    public var files: (any HandoutFiles)?
    /// The base of the sandbox's own pages for this provider as a browser reaches them, such as `http://127.0.0.1:8600/example`.
    public var publicBase: @Sendable () -> String

    /// Collects what a service works with.
    public init(
        database: Database, clocks: any TenantClocks, random: any RandomSource, exchange: any HTTPExchange, log: Log = .silent,
        authority: CertificateAuthority? = nil, files: (any HandoutFiles)? = nil,
        scheduleChanged: @escaping @Sendable (TenantID) -> Void = { _ in }, publicBase: @escaping @Sendable () -> String
    ) {
        self.database = database
        self.clocks = clocks
        self.random = random
        self.exchange = exchange
        self.log = log
        self.authority = authority
        self.files = files
        self.scheduleChanged = scheduleChanged
        self.publicBase = publicBase
    }
}

/// One provider's folder of files for the developer, which only its owner may read.
public protocol HandoutFiles: Sendable {
    /// Writes a file in a single step, replacing an older one.
    ///
    /// - Parameter name: 1 to 100 of the characters A–Z, a–z, 0–9, `_`, `-` and `.`, not beginning with a dot.
    /// - Throws: a ``SystemError`` naming the reason.
    func write(_ name: String, _ bytes: [UInt8]) throws(SystemError)
    /// The bytes of a file; nothing when there is none.
    ///
    /// - Throws: a ``SystemError`` naming the reason.
    func read(_ name: String) throws(SystemError) -> [UInt8]?
    /// The path of a file, as the developer would write it.
    func path(_ name: String) -> String
}

/// The clocks of all tenants, which the control API freezes, sets and advances.
public protocol TenantClocks: Sendable {
    /// The civil time of a tenant.
    func now(_ tenant: TenantID) -> Timestamp
}

/// A control call that makes no sense, told to the developer in words.
public struct ControlError: Error, Sendable, Equatable {
    /// The HTTP status of the answer, 400 to 499.
    public var status: Int
    /// What is wrong and what would be right.
    public var message: BilingualText

    /// A complaint.
    public init(status: Int = 400, message: BilingualText) {
        self.status = status
        self.message = message
    }

    /// The complaint as an answer.
    public var reply: Reply {
        Reply(status: status, json: ["error": ["ko": .string(message.korean), "en": .string(message.english)]])
    }
}
