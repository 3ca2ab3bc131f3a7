public import Base
public import Transport

/// The caller's half of one provider: turns a plain call into one that the provider accepts, and verifies and opens its answer.
///
/// A connector holds the secrets of one connection. It never decides on repeats by itself: it declares each route's effect and says when a fresh
/// proof makes a repeat worth while.
public protocol Connector: Sendable {
    /// Every row that ``route(of:)`` can name, so that whoever counts calls has its counters ready before the first one.
    var routes: [Route] { get }

    /// The longest that a call may take altogether, and what a caller gets who asks for no deadline of its own.
    var deadline: Duration { get }

    /// The row for a call of the application, or nothing for a path that the provider's table does not know (it is passed on all the same, as
    /// one that moves money).
    func route(of call: Call) -> Route?

    /// Answers a call that never leaves the gateway, such as a token for a caller that insists on fetching one, or a callback; nothing for all others.
    ///
    /// - Parameters:
    ///   - call: The call, its path relative to the connection.
    ///   - peer: Who opened the connection to the gateway.
    /// - Throws: ``CallFailure`` with outcome `refused`.
    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply?

    /// Carries a call wholly by itself, where one answer of the provider's is worth more than one call: where it must be kept before it is delivered, or has been kept and is
    /// delivered again. Nothing, as by default, for all calls that the gateway carries by ``prepare(_:deadline:)`` and ``accept(_:to:deadline:)``.
    ///
    /// Asked behind ``answerItself(_:from:)``. The same rules hold as for a call that the gateway carries: nothing is sent twice that must not be.
    ///
    /// - Parameters:
    ///   - call: The application's call, its path relative to the connection; every field that the caller sent is still there.
    ///   - deadline: How long all of this may take.
    /// - Returns: The answer; it counts as delivered by the provider, unless it has a `Bujeol-Outcome` of its own.
    /// - Throws: ``CallFailure`` with the outcome as it is.
    func carry(_ call: Call, deadline: Duration) async throws(CallFailure) -> Reply?

    /// Adds the proof that the provider demands.
    ///
    /// Every field that the caller sent is still there but those of its connection. The caller's own `Authorization` must never reach the provider,
    /// unless it is a token that the provider itself gave to the end user; what tells of browsers, proxies and cookies, and every `Bujeol-…` field,
    /// is taken away behind this by whoever sends the call.
    ///
    /// - Parameters:
    ///   - call: The application's call, its path relative to the provider's host.
    ///   - deadline: How long this may take, fetching a token included.
    /// - Throws: ``CallFailure`` with outcome `notSent` or `refused`: nothing of the call itself has left.
    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall

    /// Verifies and opens the provider's answer.
    ///
    /// `Bujeol-…` fields of the provider's own are gone from it; those that the connector adds reach the application.
    ///
    /// - Parameters:
    ///   - reply: What the provider answered.
    ///   - prepared: What it answered to.
    ///   - deadline: How long this may take, fetching a newer token included.
    /// - Throws: ``CallFailure`` with outcome `unverified` when the answer cannot be believed.
    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance

    /// Deals with a call that left and brought no answer: undoes it, or asks what became of it, where the provider offers that. By default
    /// the failure stands.
    ///
    /// This may take time of its own beyond the caller's deadline, at most ``resolutionLimit``: an undoing that is cut short helps nobody.
    ///
    /// - Parameters:
    ///   - failure: What happened; its outcome is `unknown`.
    ///   - prepared: What had been sent.
    /// - Returns: What to deliver, where an enquiry brought the answer.
    /// - Throws: `failure`, or one that says what became of the call.
    func resolve(_ failure: CallFailure, of prepared: PreparedCall) async throws(CallFailure) -> Acceptance

    /// The longest that ``resolve(_:of:)`` and an undoing by ``accept(_:to:deadline:)`` may take beyond the deadline; by default nothing.
    var resolutionLimit: Duration { get }

    /// Whether `call` is for a page that a shopper's browser reaches from the provider's or the merchant's site, such as the one that a payment window posts its result to.
    ///
    /// Every other call that a browser makes for a foreign page is refused before the connector sees it. By default there is no such page.
    func isPage(_ call: Call) -> Bool

    /// Whether `call` is one that the provider itself makes, such as the notice of a finished payment: the only kind, together with pages, that a listener
    /// open to the internet lets in. By default none.
    func isCallback(_ call: Call) -> Bool

    /// Whether the connection could serve a call now: its secrets are there and its last proof could be made.
    func readiness() async -> Readiness

    /// Takes up what was kept over a restart. Called once, before the first call; by default there is nothing.
    ///
    /// - Throws: ``ConfigurationError`` when what was kept cannot be read or written, and calls would therefore not be safe.
    func open() async throws(ConfigurationError)

    /// Does what is to be done beside the calls, such as watching the files of a certificate, until the task is cancelled. Called once, after
    /// ``open()``; by default there is nothing.
    func run() async

    /// Looks at the files of its secrets again, because somebody asked for it. By default there is nothing to look at.
    ///
    /// - Returns: What was found, in words for the operator; empty when the connection has nothing that could be replaced.
    func reload() async -> [ReloadFinding]

    /// The places that calls go to, with what the provider documents of each; what a firewall has to let out. By default none.
    var outbound: [OutboundRule] { get }

    /// What the connector itself can say about its own state, such as how long its certificate is still good for. By default nothing.
    ///
    /// Called by the doctor instead of ``open()`` and ``run()``, on a connector that serves no calls. Calls nobody.
    ///
    /// - Parameter time: The clocks to judge by.
    func examine(_ time: any TimeSource) async -> [DoctorFinding]
}

extension Connector {
    /// Nothing: the gateway carries every call.
    public func carry(_ call: Call, deadline: Duration) async throws(CallFailure) -> Reply? { nil }
    /// The failure stands.
    public func resolve(_ failure: CallFailure, of prepared: PreparedCall) async throws(CallFailure) -> Acceptance { throw failure }
    /// Nothing.
    public var resolutionLimit: Duration { .zero }
    /// No: the connector has no pages.
    public func isPage(_ call: Call) -> Bool { false }
    /// No: the provider calls nobody back.
    public func isCallback(_ call: Call) -> Bool { false }
    /// Nothing is kept.
    public func open() async throws(ConfigurationError) {}
    /// There is nothing to do.
    public func run() async {}
    /// There is nothing to look at.
    public func reload() async -> [ReloadFinding] { [] }
    /// None are known.
    public var outbound: [OutboundRule] { [] }
    /// There is nothing to say.
    public func examine(_ time: any TimeSource) async -> [DoctorFinding] { [] }
}

/// Makes connectors of one provider out of a configuration; what the registry of providers lists.
public protocol ConnectorFactory: Sendable {
    /// The provider's name, as in `provider: "…"` of a connection's settings and by default the connection's own name.
    static var provider: String { get }

    /// A connector with the settings of one connection.
    ///
    /// - Throws: ``ConfigurationError`` naming the line of the setting that is missing, unknown or wrong.
    static func makeConnector(_ settings: Settings, _ environment: ConnectorEnvironment) throws(ConfigurationError) -> any Connector

    /// The settings of a connection to the demo data of a sandbox, in JSON5.
    ///
    /// - Parameter place: Where the sandbox plays this provider.
    static func demonstration(_ place: DemonstrationPlace) -> String

    /// Lines for a person, printed when the gateway starts with demo data.
    ///
    /// - Parameter base: Where the connection is reached, such as `http://127.0.0.1:8700/<connection>`.
    static func introduction(base: String) -> [BilingualText]

    /// What `bujeol <provider> <command>` does offline, such as signing by hand or explaining a signature. By default nothing.
    static var commands: [ProviderCommand] { get }
}

extension ConnectorFactory {
    /// None.
    public static var commands: [ProviderCommand] { [] }
}

/// Where the sandbox plays a provider, and where it keeps what it hands out to the demo data's callers.
public struct DemonstrationPlace: Sendable, Hashable {
    /// The plain address, such as `http://127.0.0.1:8600/<provider>`.
    public var base: String
    /// The same with TLS, such as `https://127.0.0.1:8643/<provider>`.
    public var secureBase: String
    /// The file with the certificate of the sandbox's authority, which that address is to be trusted by.
    public var authorityFile: String
    /// The folder with the files that the sandbox's service has written for this provider's demo data.
    public var folder: String

    /// A place; what a provider does not need may be left out.
    public init(base: String, secureBase: String = "", authorityFile: String = "", folder: String = "") {
        self.base = base
        self.secureBase = secureBase
        self.authorityFile = authorityFile
        self.folder = folder
    }
}

/// What came of looking at the files of a secret again.
public struct ReloadFinding: Sendable, Hashable {
    /// What became of it.
    public enum Result: String, Sendable {
        /// The files say what they said before.
        case unchanged
        /// The new content is in use.
        case replaced
        /// The new content is good and will be used later: from its date on, or as soon as the provider can be reached.
        case pending
        /// The new content cannot be used; the old one stays in use.
        case rejected
    }

    /// Which secret: the name of its setting.
    public var subject: String
    /// What became of it.
    public var result: Result
    /// What was found and what to do, without the secret.
    public var message: BilingualText

    /// A finding.
    public init(subject: String, result: Result, message: BilingualText) {
        self.subject = subject
        self.result = result
        self.message = message
    }
}

/// A call with its proof, ready to be sent.
public struct PreparedCall: Sendable {
    /// What goes over the wire.
    public var call: Call
    /// Where it goes.
    public var origin: HTTPOrigin
    /// Which proof it carries; the connector's own business, for instance the generation of a token.
    public var proof: Int
    /// What the connector wants to know again when the answer comes, or does not come.
    public var context: (any Sendable)?
    /// The longest time to have a connection, where the connector wants less than the gateway allows.
    public var connectTimeout: Duration?
    /// The longest time from the last byte of the call to the first of its answer, where the connector wants less than the deadline.
    public var readTimeout: Duration?
    /// The network it goes through, where the connector has one of its own, for instance one that presents a certificate.
    public var exchange: (any HTTPExchange)?
    /// What it has to wait for before it is sent, such as a limit of calls per minute.
    public var admission: (any Admission)?

    /// A call that is ready.
    public init(
        call: Call, origin: HTTPOrigin, proof: Int = 0, context: (any Sendable)? = nil, connectTimeout: Duration? = nil,
        readTimeout: Duration? = nil, exchange: (any HTTPExchange)? = nil, admission: (any Admission)? = nil
    ) {
        self.call = call
        self.origin = origin
        self.proof = proof
        self.context = context
        self.connectTimeout = connectTimeout
        self.readTimeout = readTimeout
        self.exchange = exchange
        self.admission = admission
    }
}

/// What a connector makes of a provider's answer.
public enum Acceptance: Sendable {
    /// The answer for the application.
    case deliver(Reply)
    /// The provider refused the proof without acting, and a newer one exists: preparing and sending the call again is worth while where its
    /// effect allows it. Otherwise the reply is delivered.
    case proveAgain(Reply)
}

/// Whether a connection could serve a call.
public struct Readiness: Sendable, Hashable {
    /// Whether it could.
    public var isReady: Bool
    /// Why not, or in which state it is.
    public var reason: BilingualText

    /// A state with its reason.
    public init(isReady: Bool, reason: BilingualText) {
        self.isReady = isReady
        self.reason = reason
    }
}

/// What a connector is given to work with.
public struct ConnectorEnvironment: Sendable {
    /// The connection's name, as in the gateway's paths.
    public var connection: String
    /// The network.
    public var exchange: any HTTPExchange
    /// The clocks.
    public var time: any TimeSource
    /// Unpredictable bytes.
    public var random: any RandomSource
    /// Where to write what happens.
    public var log: Log
    /// Where to count.
    public var metrics: Metrics
    /// Who may call, by gateway-issued id and key.
    public var callers: CallerRegistry
    /// The same network for those who show a certificate; nothing where no certificate can be shown, as in a check that calls nobody.
    public var identities: (any IdentityPresenting)?
    /// What is kept over a restart.
    public var records: any RecordKeeper

    /// Collects what a connector works with.
    public init(
        connection: String, exchange: any HTTPExchange, time: any TimeSource, random: any RandomSource, log: Log = .silent,
        metrics: Metrics = Metrics(), callers: CallerRegistry = CallerRegistry([]), identities: (any IdentityPresenting)? = nil,
        records: (any RecordKeeper)? = nil
    ) {
        self.connection = connection
        self.exchange = exchange
        self.time = time
        self.random = random
        self.log = log
        self.metrics = metrics
        self.callers = callers
        self.identities = identities
        self.records = records ?? MemoryRecords(time: time)
    }
}

/// The applications that may call through the gateway, by the ids and keys that the gateway's configuration gave them.
public struct CallerRegistry: Sendable {
    /// One application.
    public struct Caller: Sendable {
        /// Its name, for logs and metrics.
        public var name: String
        /// Its id.
        public var id: String
        /// Its key.
        public var key: Secret

        /// An application by name, id and key.
        public init(name: String, id: String, key: Secret) {
            self.name = name
            self.id = id
            self.key = key
        }
    }

    private let callers: [Caller]

    /// A registry of these applications.
    public init(_ callers: [Caller]) { self.callers = callers }

    /// Whether nobody has been given an id and a key.
    public var isEmpty: Bool { callers.isEmpty }

    /// The application with that id and key; the key is compared in constant time.
    public func caller(id: String, key: String) -> Caller? {
        callers.first { $0.id == id && $0.key.equals(Array(key.utf8)) }
    }
}
