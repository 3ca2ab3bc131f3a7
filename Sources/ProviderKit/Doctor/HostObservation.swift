public import Base
public import Transport

/// Everything that was seen of one place that a connection calls; what the doctor's judgement works on.
public struct HostObservation: Sendable {
    /// The place, and what should be there.
    public var rule: OutboundRule
    /// The proxy on the way there, as `host:port`.
    public var proxy: String?
    /// Whether TLS was judged by the system's authorities.
    public var isJudgedBySystem: Bool
    /// What the name resolves to; nothing when nobody was asked, because the host is an address or a proxy stands between.
    public var name: NameAnswer?
    /// Each address that was tried, the documented ones first.
    public var visits: [AddressVisit]
    /// The answer to one harmless request.
    public var answer: AnswerObservation?
    /// What the provider's own reading of that answer found wrong.
    public var remark: DoctorFinding?
    /// The address under which a sandbox sees this machine; nothing when it could not be asked.
    public var seenAddress: String?

    /// An observation.
    public init(
        rule: OutboundRule, proxy: String? = nil, isJudgedBySystem: Bool = true, name: NameAnswer? = nil, visits: [AddressVisit] = [],
        answer: AnswerObservation? = nil, remark: DoctorFinding? = nil, seenAddress: String? = nil
    ) {
        self.rule = rule
        self.proxy = proxy
        self.isJudgedBySystem = isJudgedBySystem
        self.name = name
        self.visits = visits
        self.answer = answer
        self.remark = remark
        self.seenAddress = seenAddress
    }
}

/// What came of the one request.
public enum AnswerObservation: Sendable {
    /// An answer.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - date: What its `Date` says, to the second.
    ///   - asked: This machine's clock when the request left.
    ///   - answered: This machine's clock when the answer was there.
    case answered(status: Int, date: Timestamp?, asked: Timestamp, answered: Timestamp)
    /// None.
    case failed(HTTPExchangeError)
}
