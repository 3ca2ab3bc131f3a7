public import Base
public import Cryptography
public import ProviderKit
public import Transport

/// The course of checks of persons with Toss Auth: begins them, follows them, and reads their results, each at most twice and none of them lost.
///
/// The one engine of the Swift client and of the gateway. It makes a session for every call that needs one, keeps what the end of the process would lose before anything is sent, and keeps
/// an opened result before it is handed over, so that it can be handed over again without another read. It repeats nothing by itself but a call that was refused for its token, and a
/// request where the caller asks for it.
///
/// Every call takes a deadline: how long it may take altogether. A read of a result that has been sent goes on behind it, and what it brings is kept.
public final class VerificationCourse: Sendable {
    /// What a course does besides.
    public struct Options: Sendable {
        /// How long an opened result is kept at most, to be handed over again; never beyond the 60 minutes after completion, but for a minute behind the reading. Zero keeps none: then the
        /// end of the process between the provider's answer and the caller's loses it.
        public var keepResult: Duration
        /// Whom signers' certificates must lead to; nothing to leave signatures unchecked.
        public var signatureAuthorities: [Certificate]?
        /// Whether the provider is asked about the signer's certificate.
        public var validatesCertificates: Bool
        /// How long connecting may take.
        public var connectTimeout: Duration
        /// How long the provider may take for the first byte of its answer.
        public var readTimeout: Duration

        /// Options; the defaults are 60 minutes, no checks of signatures, and the 5 and 10 seconds of ``TossAuthLimits``.
        public init(
            keepResult: Duration = TossAuthLimits.resultTime, signatureAuthorities: [Certificate]? = nil,
            validatesCertificates: Bool = false,
            connectTimeout: Duration = TossAuthLimits.connectTimeout, readTimeout: Duration = TossAuthLimits.readTimeout
        ) {
            self.keepResult = keepResult
            self.signatureAuthorities = signatureAuthorities
            self.validatesCertificates = validatesCertificates
            self.connectTimeout = connectTimeout
            self.readTimeout = readTimeout
        }
    }

    /// Holds the access token.
    public let tokens: TokenKeeper<TossAuthCredentials>
    let place: TossAuthPlace
    let key: ServiceKey
    let exchange: any HTTPExchange
    let time: any TimeSource
    let random: any RandomSource
    let options: Options
    let log: Log
    let store: VerificationRecords
    let reads: SharedWork<TransactionID, Result<VerificationResult, TossAuthError>>
    let polls: SharedWork<TransactionID, PollBook.Answer>
    let pollBook = PollBook()

    /// A course.
    ///
    /// - Parameters:
    ///   - tokens: Holds the access token; its credentials decide whether this is test or live.
    ///   - place: Where the provider is.
    ///   - key: The provider's public key there.
    ///   - records: What must be known after the end of the process. Personal data and session keys are kept in it: hand in ``SealedRecords``, or records that end with the process.
    /// - Throws: ``TossAuthError`` with `misconfigured` where credentials, place and key do not belong together.
    public init(
        tokens: TokenKeeper<TossAuthCredentials>, place: TossAuthPlace, key: ServiceKey, exchange: any HTTPExchange, time: any TimeSource,
        random: any RandomSource, records: any RecordKeeper, options: Options = Options(), log: Log = .silent
    ) throws(TossAuthError) {
        try VerificationCourse.check(tokens.credentials, place: place, key: key)
        self.tokens = tokens
        self.place = place
        self.key = key
        self.exchange = exchange
        self.time = time
        self.random = random
        self.options = options
        self.log = log
        store = VerificationRecords(records)
        reads = SharedWork(time: time)
        polls = SharedWork(time: time)
    }

    /// Waits until no read of a result is under way, each of which may go on behind its caller, so that what it brings is kept: for the end of the process. No longer than one read may
    /// take, and ends at once where none is.
    public func finishReads() async {
        await reads.becomeIdle(within: options.connectTimeout + options.readTimeout + .seconds(5))
    }

    /// Whether credentials, place and key belong together.
    ///
    /// - Throws: ``TossAuthError`` with `misconfigured`: for an id and a secret of which only one is the test's, for a key at the real hosts that is known as a sandbox's, and for the real
    ///   hosts' key anywhere else.
    public static func check(_ credentials: TossAuthCredentials, place: TossAuthPlace, key: ServiceKey) throws(TossAuthError) {
        guard !credentials.mixesTestAndLive else {
            throw .misconfigured(
                "client_id와 client_secret 중 하나만 test_로 시작합니다. 테스트 값과 운영 값을 섞어 쓸 수 없습니다.",
                "only one of client_id and client_secret begins with test_; test and live credentials cannot be mixed")
        }
        let isLive = place.isLive || TossAuthPlace.isLive(credentials.origin)
        switch key.kind {
        case .knownTest where isLive:
            throw .misconfigured(
                "실제 호스트(\(TossAuthHosts.service))에 샌드박스의 공개 키를 쓸 수 없습니다. publicKey 설정을 지우면 공개된 운영 키를 씁니다.",
                "a sandbox's public key cannot be used at the real host \(TossAuthHosts.service); without the setting publicKey the published key is used"
            )
        case .production where !isLive:
            throw .misconfigured(
                "실제 호스트가 아닌 곳에 운영 공개 키를 쓸 수 없습니다. 샌드박스의 키를 GET /-/toss-auth/public-key 로 받아 publicKey에 설정하세요.",
                "the real hosts' public key cannot be used anywhere else; fetch the sandbox's with GET /-/toss-auth/public-key and set it as publicKey"
            )
        default: break
        }
    }

    /// How a check stands, as far as is known here; nothing when nothing is. Asks nobody.
    ///
    /// - Throws: ``TossAuthError`` with `recordsUnavailable` when what is kept cannot be opened.
    public func state(of txID: TransactionID) async throws(TossAuthError) -> VerificationState? {
        do throws(RecordError) {
            return try await store.current(txID).map { state(by: $0) }
        } catch {
            throw TossAuthError(error)
        }
    }

    /// How a check stands by its ledger, and by what this process is at.
    func state(by ledger: VerificationLedger) -> VerificationState {
        VerificationState(ledger, at: time.now, isReading: reads.isUnderWay(ledger.txID))
    }

    /// Forgets the kept result of a check and everything else of the person's and the application's, readable or not. How often it has been read stays known to the end of its day, so that
    /// no third read becomes possible; where that cannot be read any more, both reads count as used.
    ///
    /// - Returns: Whether there was anything to forget.
    @discardableResult
    public func forget(_ txID: TransactionID) async throws(TossAuthError) -> Bool {
        do throws(RecordError) {
            return try await store.forget(txID, at: time.now)
        } catch {
            throw TossAuthError(error)
        }
    }

    /// The request calls whose answers are not known, the oldest first: those under way, and those that the end of the process or of the network cut off within the last day. A check
    /// that came of such a call expires by itself.
    public func pendingRequests() async throws(TossAuthError) -> [PendingRequest] {
        do throws(RecordError) {
            return try await store.requests()
        } catch {
            throw TossAuthError(error)
        }
    }
}
