internal import Base
internal import Cryptography
internal import Synchronization
internal import Transport

/// One certificate with its key on the network, and the calls that are under way with it.
final class PresentedIdentity: Sendable {
    let name: IdentityPlan.Name
    let facts: IdentityFacts
    let network: any IdentityPresenting
    private let calls = Atomic<Int>(0)
    private let retired = Atomic<Bool>(false)
    private let observed = Atomic<Bool>(true)

    init(name: IdentityPlan.Name, facts: IdentityFacts, network: any IdentityPresenting) {
        self.name = name
        self.facts = facts
        self.network = network
    }

    /// A call begins. To be called while nobody can change what is presented, so that none begins after the retirement.
    func callBegan() { calls.wrappingAdd(1, ordering: .relaxed) }

    /// A call has ended. True when it was the last one of a certificate that is no longer presented.
    func callEnded() -> Bool {
        // Sequentially consistent together with `retire`: whoever comes second sees what the first has written.
        let left = calls.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        return left == 0 && retired.load(ordering: .sequentiallyConsistent)
    }

    /// Calls begin with it again, and how they end matters.
    func present() {
        retired.store(false, ordering: .sequentiallyConsistent)
        observed.store(true, ordering: .relaxed)
    }

    /// No call begins with it any more.
    func retire() {
        retired.store(true, ordering: .sequentiallyConsistent)
        network.retireConnections()
    }

    /// Whether no call is under way.
    var isIdle: Bool { calls.load(ordering: .sequentiallyConsistent) == 0 }

    /// Whether the provider has not accepted it yet since it was presented or refused.
    var isObserved: Bool {
        get { observed.load(ordering: .relaxed) }
        set { observed.store(newValue, ordering: .relaxed) }
    }
}

/// The network of those who call nobody, such as a check of the settings.
struct NoIdentityNetwork: IdentityPresenting {
    private static let error = HTTPExchangeError(.shutDown, outcome: .notSent, message: "nobody is called here")

    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting { self }
    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) { throw NoIdentityNetwork.error }
    func retireConnections() {}
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        throw NoIdentityNetwork.error
    }
}
