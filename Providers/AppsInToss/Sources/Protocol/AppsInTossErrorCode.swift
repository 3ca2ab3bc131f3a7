public import Base

/// What an error of the provider's is called (`errorCode`): a word, or the digits of a number.
public struct AppsInTossErrorCode: AppsInTossWord {
    /// The code as text.
    public let rawValue: String
    /// One by its text; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A parameter is wrong.
    public static let invalidParameter = AppsInTossErrorCode(rawValue: "INVALID_PARAMETER")
    /// Something went wrong at the provider.
    public static let internalError = AppsInTossErrorCode(rawValue: "INTERNAL_ERROR")
    /// No authentication information: the certificate or the key is unknown or expired.
    public static let unauthenticated = AppsInTossErrorCode(rawValue: "4010")
    /// The authentication server does not know the mini-app.
    public static let miniAppUnknown = AppsInTossErrorCode(rawValue: "4050")
    /// The request limit is used up.
    public static let limitExceeded = AppsInTossErrorCode(rawValue: "4095")
    /// There is no such promotion.
    public static let promotionNotFound = AppsInTossErrorCode(rawValue: "4100")
    /// The promotion has been stopped.
    public static let promotionStopped = AppsInTossErrorCode(rawValue: "4104")
    /// The promotion has ended.
    public static let promotionEnded = AppsInTossErrorCode(rawValue: "4105")
    /// The promotion has not been approved.
    public static let promotionNotApproved = AppsInTossErrorCode(rawValue: "4108")
    /// The promotion is not running, or its budget is used up.
    public static let promotionNotRunning = AppsInTossErrorCode(rawValue: "4109")
    /// Points cannot be granted just now; the same key may be tried again.
    public static let promotionTransient = AppsInTossErrorCode(rawValue: "4110")
    /// There is no record of a grant.
    public static let promotionNoRecord = AppsInTossErrorCode(rawValue: "4111")
    /// The promotion's money does not suffice.
    public static let promotionMoneyShort = AppsInTossErrorCode(rawValue: "4112")
    /// The key has been used.
    public static let promotionKeyUsed = AppsInTossErrorCode(rawValue: "4113")
    /// Above the limit for one grant.
    public static let promotionAboveGrantLimit = AppsInTossErrorCode(rawValue: "4114")
    /// Above the budget.
    public static let promotionAboveBudget = AppsInTossErrorCode(rawValue: "4116")
    /// The mini-app is not a game; the client SDK's only.
    public static let notAGame = AppsInTossErrorCode(rawValue: "40000")
    /// The code, the token or the referrer is wrong, used or dead.
    public static let invalidGrant = AppsInTossErrorCode(rawValue: "invalid_grant")
    /// There is no such user key.
    public static let userKeyNotFound = AppsInTossErrorCode(rawValue: "USER_KEY_NOT_FOUND")
    /// There is no such user.
    public static let userNotFound = AppsInTossErrorCode(rawValue: "USER_NOT_FOUND")
    /// The personal data was asked for too often.
    public static let certResultLimit = AppsInTossErrorCode(rawValue: "BAD_REQUEST_RETRIEVE_CERT_RESULT_EXCEEDED_LIMIT")
    /// The payment exists already.
    public static let paymentExists = AppsInTossErrorCode(rawValue: "PAYMENT_EXISTING_PAYMENT")
    /// The merchant's key is not valid.
    public static let invalidAPIKey = AppsInTossErrorCode(rawValue: "COMMON_INVALID_API_KEY")
    /// The bank is being maintained.
    public static let bankBreakTime = AppsInTossErrorCode(rawValue: "COMMON_BREAK_TIME_OF_BANK")
    /// The payment's status does not allow it.
    public static let paymentInvalidStatus = AppsInTossErrorCode(rawValue: "PAYMENT_INVALID_STATUS")
    /// There is no such payment.
    public static let paymentNotFound = AppsInTossErrorCode(rawValue: "PAYMENT_NOT_FOUND")
    /// There is no such template.
    public static let templateNotFound = AppsInTossErrorCode(rawValue: "TEMPLATE_NOT_FOUND")
    /// There is no such path.
    public static let notFound = AppsInTossErrorCode(rawValue: "NOT_FOUND")
    /// The path does not take this method.
    public static let methodNotAllowed = AppsInTossErrorCode(rawValue: "METHOD_NOT_ALLOWED")

    /// What is known about a code.
    public struct Row: Sendable, Hashable {
        /// The code.
        public var code: AppsInTossErrorCode
        /// Whether the documentation lists it; otherwise the name is ours.
        public var isDocumented: Bool
        /// The words that `reason` says in Korean (documented where the documentation gives them), and the same in English.
        public var meaning: BilingualText

        init(_ code: AppsInTossErrorCode, isDocumented: Bool = true, _ korean: String, _ english: String) {
            self.code = code
            self.isDocumented = isDocumented
            meaning = BilingualText(korean: korean, english: english)
        }
    }

    /// Everything that is known.
    public static let rows: [Row] = [
        Row(.invalidParameter, "요청에 실패했습니다.", "a parameter is wrong"),
        Row(.internalError, "내부 오류가 발생했습니다.", "something went wrong at the provider"),
        Row(.unauthenticated, "인증 정보를 찾을 수 없어요.", "no authentication information: the certificate or the key is unknown or expired"),
        Row(.miniAppUnknown, "미니앱을 찾을 수 없어요.", "the authentication server does not know the mini-app"),
        Row(.limitExceeded, "요청 한도를 초과했어요.", "the request limit is used up"),
        Row(.promotionNotFound, "프로모션 정보를 찾을 수 없어요", "there is no such promotion"),
        Row(.promotionStopped, "중지된 프로모션이에요", "the promotion has been stopped"),
        Row(.promotionEnded, "종료된 프로모션이에요", "the promotion has ended"),
        Row(.promotionNotApproved, "승인되지 않은 프로모션이에요", "the promotion has not been approved"),
        Row(.promotionNotRunning, "프로모션이 실행중이 아니에요", "the promotion is not running, or its budget is used up"),
        Row(.promotionTransient, "리워드를 지급/회수할 수 없어요", "points cannot be granted just now; the same key may be tried again"),
        Row(.promotionNoRecord, "리워드 지급내역을 찾을 수 없어요", "there is no record of a grant"),
        Row(.promotionMoneyShort, "프로모션 머니가 부족해요", "the promotion's money does not suffice"),
        Row(.promotionKeyUsed, "이미 지급/회수된 내역이에요", "the key has been used"),
        Row(.promotionAboveGrantLimit, "1회 지급 금액을 초과했어요", "above the limit for one grant"),
        Row(.promotionAboveBudget, "최대 지급 금액이 예산을 초과했어요", "above the budget"),
        Row(.notAGame, "게임 미니앱이 아니에요.", "the mini-app is not a game; the client SDK's only"),
        Row(.invalidGrant, "유효하지 않은 인가 코드 또는 토큰이에요.", "the code, the token or the referrer is wrong, used or dead"),
        Row(.userKeyNotFound, "유저 키를 찾을 수 없어요.", "there is no such user key"),
        Row(.userNotFound, "유저를 찾을 수 없어요.", "there is no such user"),
        Row(.certResultLimit, "인증 결과 조회 횟수를 초과했어요.", "the personal data was asked for too often"),
        Row(.paymentExists, "이미 존재하는 결제입니다.", "the payment exists already"),
        Row(.invalidAPIKey, "API 키가 유효하지 않습니다.", "the merchant's key is not valid"),
        Row(.bankBreakTime, "은행 점검 시간입니다.", "the bank is being maintained"),
        Row(.paymentInvalidStatus, isDocumented: false, "현재 상태에서는 처리할 수 없는 결제입니다.", "the payment's status does not allow it"),
        Row(.paymentNotFound, isDocumented: false, "결제를 찾을 수 없습니다.", "there is no such payment"),
        Row(.templateNotFound, isDocumented: false, "템플릿을 찾을 수 없어요.", "there is no such template"),
        Row(.notFound, isDocumented: false, "요청한 경로를 찾을 수 없습니다.", "there is no such path"),
        Row(.methodNotAllowed, isDocumented: false, "허용되지 않은 메서드입니다.", "the path does not take this method"),
    ]
    /// The codes that are known.
    public static let known: [AppsInTossErrorCode] = rows.map(\.code)
    private static let byCode = Dictionary(uniqueKeysWithValues: rows.map { ($0.code, $0) })

    /// What is known about this one.
    public var row: Row? { AppsInTossErrorCode.byCode[self] }
    /// What the provider says with it, in Korean; empty when the code is not known.
    public var koreanReason: String { row?.meaning.korean ?? "" }
}
