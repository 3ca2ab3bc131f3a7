public import Base
public import Cryptography
public import ProviderKit
public import Transport

/// Checks of persons with Toss Auth (토스 인증, 본인확인), for a Swift server.
///
/// It fetches and renews the access token, encrypts what is said about a person, follows the check, and reads its result, which the provider gives out twice at most, within 60 minutes of
/// completion. An opened result is kept sealed, so that a second call for it costs no second read. Every call throws ``TossAuthError``, which says whether a read may be gone, whether to
/// ask again later and whether to start over.
///
/// ```swift
/// let started = try await client.request(.personal(name: name, phone: phone, birthday: birthday, returnTo: "intoss://my-granite-app"))
/// // The mini-app calls appsInTossSignTossCert with started.txID; meanwhile:
/// let state = try await client.waitForCompletion(of: started.txID)
/// let result = try await client.result(of: started.txID)
/// let isAdult = client.age(of: result)?.group == .adult
/// ```
///
/// Source of all facts: the provider's documentation and its official SDK and samples; `Providers/TossAuth/README.md` says which is which.
public final class TossAuthClient: Sendable {
    /// What a client works with besides credentials and network.
    public struct Options: Sendable {
        /// What has to be known after a restart: the ledger of every check, requests under way, opened results. The client seals everything it keeps there. Nothing keeps it in memory, and
        /// then a restart between the provider's answer and yours loses a read.
        public var records: (any RecordKeeper)?
        /// What records are sealed with; by default the client secret. With another one, and likewise at another place or for another client, what was kept before cannot be opened.
        public var sealingSecret: Secret?
        /// How long results are kept, what is checked of signatures, and how long the network may take.
        public var course: VerificationCourse.Options
        /// How adults are told from minors.
        public var ageRule: AgeRule
        /// How long a call may take altogether, a token fetch included.
        public var deadline: Duration
        /// The clocks.
        public var time: any TimeSource
        /// Where keys come from.
        public var random: any RandomSource
        /// Where to write what could not be kept. Nothing about a person is ever written.
        public var log: Log

        /// Options; the standard keeps records in memory, asks the provider's `ageGroup` first, and takes 30 seconds.
        public init(
            records: (any RecordKeeper)? = nil, sealingSecret: Secret? = nil, course: VerificationCourse.Options = .init(),
            ageRule: AgeRule = .standard, deadline: Duration = .seconds(30), time: any TimeSource = SystemTime(),
            random: any RandomSource = SystemRandom(), log: Log = .silent
        ) {
            self.records = records
            self.sealingSecret = sealingSecret
            self.course = course
            self.ageRule = ageRule
            self.deadline = deadline
            self.time = time
            self.random = random
            self.log = log
        }
    }

    private let course: VerificationCourse
    private let options: Options
    private let own: ClientNetwork?

    /// A client on a network that is handed in.
    ///
    /// - Parameters:
    ///   - clientID: As mailed after the contract; for tests ``TossAuthDemonstration/clientID``.
    ///   - clientSecret: Its secret.
    ///   - place: Where the provider is.
    ///   - key: The provider's public key there; a sandbox has its own.
    ///   - exchange: The network.
    /// - Throws: ``TossAuthError`` with `misconfigured` where credentials, place and key do not belong together.
    public convenience init(
        clientID: String, clientSecret: Secret, place: TossAuthPlace = .live, key: ServiceKey = .production, exchange: any HTTPExchange,
        options: Options = Options()
    ) throws(TossAuthError) {
        try self.init(place.credentials(clientID: clientID, clientSecret: clientSecret), place, key, exchange, own: nil, options)
    }

    /// A client with an event loop and connections of its own. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Parameters:
    ///   - clientID: As mailed after the contract; for tests ``TossAuthDemonstration/clientID``.
    ///   - clientSecret: Its secret.
    ///   - base: Nothing for the real hosts, or where a sandbox is, such as `http://127.0.0.1:8600/toss-auth`.
    ///   - key: The provider's public key there: ``ServiceKey/sandbox`` for a sandbox that was given no other.
    ///   - trust: Whom to trust: the system's authorities, or a sandbox's.
    /// - Throws: ``TossAuthError`` with `invalidRequest` when `base` is no such URL, `misconfigured` where credentials, base and key do not belong together, or `networkUnavailable`.
    public convenience init(
        clientID: String, clientSecret: String, base: String? = nil, key: ServiceKey = .production, trust: TLSTrust = .system,
        options: Options = Options()
    ) throws(TossAuthError) {
        let place = try base.map { (text) throws(TossAuthError) in try TossAuthPlace.base(text) } ?? .live
        let credentials = place.credentials(clientID: clientID, clientSecret: Secret(clientSecret))
        try VerificationCourse.check(credentials, place: place, key: key)
        let network: ClientNetwork
        do throws(ClientNetworkError) {
            network = try ClientNetwork(trust: trust)
        } catch {
            throw TossAuthError(.networkUnavailable, outcome: .notSent, message: error.message)
        }
        try self.init(credentials, place, key, network.client, own: network, options)
    }

    private init(
        _ credentials: TossAuthCredentials, _ place: TossAuthPlace, _ key: ServiceKey, _ exchange: any HTTPExchange, own: ClientNetwork?,
        _ options: Options
    ) throws(TossAuthError) {
        let records = SealedRecords(
            options.records ?? MemoryRecords(time: options.time), secret: options.sealingSecret ?? credentials.clientSecret,
            purpose: place.sealingPurpose(of: credentials), random: options.random)
        let tokens = TokenKeeper(
            credentials: credentials, exchange: exchange, time: options.time, connectTimeout: options.course.connectTimeout,
            readTimeout: options.course.readTimeout)
        course = try VerificationCourse(
            tokens: tokens, place: place, key: key, exchange: exchange, time: options.time, random: options.random, records: records,
            options: options.course, log: options.log)
        self.own = own
        self.options = options
    }

    /// Waits for the reads of results that go on behind their callers, so that what they bring is kept, and then ends the client's own network, if it has one: calls under way get five
    /// seconds, later ones fail with nothing sent.
    public func shutDown() async {
        await course.finishReads()
        await own?.shutDown()
    }

    // MARK: A check

    /// Begins a check of a person. The mini-app needs ``StartedVerification/txID``, and nothing else of it.
    ///
    /// - Throws: ``TossAuthError``. After the outcome `unknown` another request may be made: a check that nobody uses expires.
    public func request(_ request: VerificationRequest) async throws(TossAuthError) -> StartedVerification {
        try await course.request(request, deadline: options.deadline)
    }

    /// Asks how far a check has come; free. `COMPLETED` only says that the person has finished: the result decides.
    public func status(of txID: TransactionID) async throws(TossAuthError) -> VerificationProgress {
        try await course.status(of: txID, deadline: options.deadline)
    }

    /// Waits until the person has finished, the check has expired, or the provider says a word that nobody knows.
    ///
    /// - Parameter longest: How long to wait. The provider does not tell how long a person has; ten minutes is this project's guess.
    /// - Returns: How it stands then; its status is still `REQUESTED` or `IN_PROGRESS` when the time was over first.
    public func waitForCompletion(
        of txID: TransactionID, atMost longest: Duration = TossAuthLimits.requestTime
    ) async throws(TossAuthError) -> VerificationState {
        let end = options.time.uptime + longest
        while true {
            let asked = options.time.uptime
            let left = max(.zero, end - asked)
            let state = try await course.wait(for: txID, atMost: left, deadline: left + .seconds(1))
            let isUnderWay = state.status == .requested || state.status == .inProgress
            if !isUnderWay || state.isOver || options.time.uptime >= end { return state }
            // Where nothing can be recorded, the same change is news again and again.
            let pause = min(end, asked + TossAuthLimits.statusPause) - options.time.uptime
            if pause > .zero {
                do { try await options.time.sleep(for: pause) } catch { throw .waitCancelled }
            }
            if options.time.uptime >= end { return state }
        }
    }

    /// The result of a check: the person, and the evidence. Server to server only.
    ///
    /// One that was read before is handed over again for as long as it is kept, without spending the second read.
    ///
    /// - Parameter fresh: Whether to spend a read on purpose.
    /// - Throws: ``TossAuthError``. With ``TossAuthError/askAgainLater`` the person has not finished, or the provider is out of order; with ``TossAuthError/startOver`` nothing more comes
    ///   of this check; after the outcomes `unknown` and `unverified` one of the two reads may be gone, and ``TossAuthError/state`` says what is left.
    public func result(of txID: TransactionID, fresh: Bool = false) async throws(TossAuthError) -> VerificationResult {
        try await course.result(of: txID, fresh: fresh, deadline: options.deadline)
    }

    /// Adult or minor, by the rule of the options, at the moment at which the person proved who they are; nothing when the result does not tell.
    public func age(of result: VerificationResult) -> AgeFinding? {
        options.ageRule.judge(result.person, at: result.completedAt ?? options.time.now)
    }

    /// Asks the provider about a certificate, such as the signer's of a result.
    ///
    /// - Parameter pem: The certificate in PEM.
    public func validateCertificate(pem: String) async throws(TossAuthError) -> CertificateFinding {
        try await course.validateCertificate(pem: pem, deadline: options.deadline)
    }

    // MARK: What is kept

    /// How a check stands as far as is known here; nothing when nothing is. Asks nobody.
    public func state(of txID: TransactionID) async throws(TossAuthError) -> VerificationState? { try await course.state(of: txID) }

    /// Forgets the kept result of a check and everything of the person's: when the application has stored what it needs. How often it was read stays known for its day.
    ///
    /// - Returns: Whether there was anything to forget.
    @discardableResult
    public func forget(_ txID: TransactionID) async throws(TossAuthError) -> Bool { try await course.forget(txID) }

    /// The request calls of the last day whose answers are not known. See ``VerificationCourse/pendingRequests()``.
    public func pendingRequests() async throws(TossAuthError) -> [PendingRequest] { try await course.pendingRequests() }
}
