public import Base

/// The provider's name for a refusal, its `errorCode`. Only three are documented; a code that is not known is kept as it is.
public struct TossAuthErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code as text, such as `CE1000`; empty when a refusal has none.
    public let rawValue: String
    /// One by its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The text.
    public var description: String { rawValue }

    /// Out of order, something inside.
    public static let unavailable = TossAuthErrorCode(rawValue: "CE0001")
    /// Out of order, being maintained.
    public static let maintenance = TossAuthErrorCode(rawValue: "CE0002")
    /// A parameter is missing or wrong.
    public static let badParameter = TossAuthErrorCode(rawValue: "CE0003")
    /// The token is missing, unknown, expired or of another scope.
    public static let tokenInvalid = TossAuthErrorCode(rawValue: "CE1000")
    /// The client may not do this.
    public static let noPermission = TossAuthErrorCode(rawValue: "CE1001")
    /// There is no such person.
    public static let userNotFound = TossAuthErrorCode(rawValue: "CE3000")
    /// What was sent about the person does not match.
    public static let userMismatch = TossAuthErrorCode(rawValue: "CE3001")
    /// About the person; which complaint exactly is not known.
    public static let userRefused2 = TossAuthErrorCode(rawValue: "CE3002")
    /// About the person; which complaint exactly is not known.
    public static let userRefused3 = TossAuthErrorCode(rawValue: "CE3003")
    /// The person is not old enough.
    public static let ageRestricted = TossAuthErrorCode(rawValue: "CE3006")
    /// There is no such transaction, or it is another client's.
    public static let requestNotFound = TossAuthErrorCode(rawValue: "CE3100")
    /// The result was read as often as it may be.
    public static let readsUsedUp = TossAuthErrorCode(rawValue: "CE3101")
    /// The person has not finished.
    public static let notCompleted = TossAuthErrorCode(rawValue: "CE3102")
    /// The time to finish, or to read the result, is over.
    public static let expired = TossAuthErrorCode(rawValue: "CE3103")
    /// Something about the signature.
    public static let signatureFault = TossAuthErrorCode(rawValue: "CE3200")
    /// The session key cannot be opened, was used before, or a field does not belong to it.
    public static let sessionFault = TossAuthErrorCode(rawValue: "CE5000")

    /// How well the meaning of a code is known.
    public enum Certainty: String, Sendable, Hashable {
        /// The provider's own document shows it.
        case documented
        /// Published clients of others met it.
        case seen
        /// Only the code is known to exist; its meaning is concluded from its name and place.
        case guessed
    }

    /// What a caller does about a code.
    public enum Advice: String, Sendable, Hashable {
        /// Drop the token, fetch one new one, and repeat the call once: it was refused before anything was done.
        case renewToken = "renew-token"
        /// The person is still at it: ask again later.
        case askAgainLater = "ask-again-later"
        /// Nothing comes of this transaction any more: begin with a new request call.
        case startOver = "start-over"
        /// The service is out of order: repeat later. After a result call one of the two reads may be gone.
        case waitForService = "wait-for-service"
        /// The call, or what it says about the person, has to change first.
        case correct
        /// A matter between the client and the provider.
        case askProvider = "ask-provider"
    }

    /// What is known about a code.
    public struct Row: Sendable, Hashable {
        /// The code.
        public var code: TossAuthErrorCode
        /// How well its meaning is known.
        public var certainty: Certainty
        /// The HTTP status with which the sandbox answers; the provider's own are not published but for 400 with CE3102, which was seen.
        public var sandboxStatus: Int
        /// What `reason` says in Korean (documented for CE1000, CE3100 and CE3102, ours otherwise), and the same in English.
        public var meaning: BilingualText
        /// What a caller does about it.
        public var advice: Advice

        init(_ code: TossAuthErrorCode, _ certainty: Certainty, _ status: Int, _ advice: Advice, _ korean: String, _ english: String) {
            self.code = code
            self.certainty = certainty
            self.advice = advice
            sandboxStatus = status
            meaning = BilingualText(korean: korean, english: english)
        }
    }

    /// Everything that is known.
    public static let rows: [Row] = [
        Row(.unavailable, .seen, 503, .waitForService, "일시적으로 서비스를 이용할 수 없습니다.", "the service is out of order for now"),
        Row(.maintenance, .seen, 503, .waitForService, "서비스 점검 중입니다.", "the service is being maintained"),
        Row(.badParameter, .guessed, 400, .correct, "요청 파라미터가 올바르지 않습니다.", "a parameter is missing or wrong"),
        Row(.tokenInvalid, .documented, 401, .renewToken, "토큰이 유효하지 않습니다.", "the token is not valid"),
        Row(.noPermission, .guessed, 403, .askProvider, "권한이 없습니다.", "the client may not do this"),
        Row(.userNotFound, .guessed, 400, .correct, "사용자를 찾을 수 없습니다.", "there is no such person"),
        Row(.userMismatch, .guessed, 400, .correct, "입력하신 정보가 일치하지 않습니다.", "what was sent about the person does not match"),
        Row(.userRefused2, .guessed, 400, .correct, "사용자 정보를 확인할 수 없습니다.", "the person could not be confirmed"),
        Row(.userRefused3, .guessed, 400, .correct, "사용자 정보를 확인할 수 없습니다.", "the person could not be confirmed"),
        Row(.ageRestricted, .seen, 400, .askProvider, "이용할 수 없는 연령입니다.", "the person's age does not allow it"),
        Row(.requestNotFound, .documented, 400, .startOver, "존재하지 않는 요청입니다", "there is no such request"),
        Row(.readsUsedUp, .seen, 400, .startOver, "결과 조회 가능 횟수를 초과했습니다.", "the result has been read as often as it may be"),
        Row(.notCompleted, .documented, 400, .askAgainLater, "요청이 아직 완료되지 않았습니다.", "the request is not completed yet"),
        Row(.expired, .seen, 400, .startOver, "요청이 만료되었습니다.", "the request has expired"),
        Row(.signatureFault, .guessed, 400, .askProvider, "서명이 올바르지 않습니다.", "something is wrong with the signature"),
        Row(
            .sessionFault, .guessed, 400, .correct, "세션키 또는 암호화된 값이 올바르지 않습니다.",
            "the session key or an encrypted value is not right"),
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: rows.map { ($0.code, $0) })

    /// What is known about this one; nothing for a code that is not known.
    public var row: Row? { TossAuthErrorCode.byCode[self] }
}
