public import Base

/// An error code of the first generation's API.
public struct SentbeErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The code, such as `E0002`.
    public let rawValue: String
    /// A code by its text; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Anything else.
    public static let internalError = SentbeErrorCode(rawValue: "E0000")
    /// Partner id or source address.
    public static let unauthenticated = SentbeErrorCode(rawValue: "E0001")
    /// Id of a user, a recipient or a transfer.
    public static let invalidID = SentbeErrorCode(rawValue: "E0002")
    /// Header `KEY`.
    public static let invalidKey = SentbeErrorCode(rawValue: "E0003")
    /// Header `SIGNATURE`.
    public static let invalidSignature = SentbeErrorCode(rawValue: "E0004")
    /// A parameter is missing, not permitted or invalid.
    public static let invalidParameter = SentbeErrorCode(rawValue: "E0005")
    /// Method or path.
    public static let notSupported = SentbeErrorCode(rawValue: "E0006")
    /// Currency.
    public static let currencyNotAvailable = SentbeErrorCode(rawValue: "E0007")
    /// `calc_by`, left over from an older version.
    public static let calculationBasis = SentbeErrorCode(rawValue: "E0008")
    /// The transfer's status does not allow it.
    public static let invalidStatus = SentbeErrorCode(rawValue: "E0009")
    /// The recipient cannot be changed any more.
    public static let recipientFixed = SentbeErrorCode(rawValue: "E0010")
    /// Country.
    public static let invalidCountry = SentbeErrorCode(rawValue: "E0011")
    /// Bank or receive method.
    public static let bankNotSupported = SentbeErrorCode(rawValue: "E0012")
    /// External id; probably also one that was used before.
    public static let invalidExternalID = SentbeErrorCode(rawValue: "E0013")
    /// The wallet holds too little.
    public static let balanceTooLow = SentbeErrorCode(rawValue: "E0014")
    /// The user is not this partner's.
    public static let userNotRegistered = SentbeErrorCode(rawValue: "E0101")
    /// A value is not in its list.
    public static let notInList = SentbeErrorCode(rawValue: "E0102")
    /// Identity number.
    public static let identityNumber = SentbeErrorCode(rawValue: "E0103")
    /// Exists already.
    public static let alreadyExists = SentbeErrorCode(rawValue: "E0104")
    /// Does not exist.
    public static let doesNotExist = SentbeErrorCode(rawValue: "E0105")
    /// The user is this partner's already.
    public static let alreadyRegistered = SentbeErrorCode(rawValue: "E0106")
    /// The same person exists already.
    public static let samePerson = SentbeErrorCode(rawValue: "E0107")
    /// The open banking platform cannot be reached.
    public static let platformUnreachable = SentbeErrorCode(rawValue: "E0108")
    /// Parameters of a user from outside.
    public static let externalUser = SentbeErrorCode(rawValue: "E0109")
    /// The calculator cannot be reached.
    public static let calculatorUnreachable = SentbeErrorCode(rawValue: "E0110")
    /// The user's data must be brought up to date.
    public static let userOutdated = SentbeErrorCode(rawValue: "E0111")
    /// The user is not verified.
    public static let userNotVerified = SentbeErrorCode(rawValue: "E0112")
    /// Consents are missing.
    public static let consentsMissing = SentbeErrorCode(rawValue: "E0113")
    /// Verified already.
    public static let alreadyVerified = SentbeErrorCode(rawValue: "E0114")
    /// The transfer could not be made.
    public static let transferNotCreated = SentbeErrorCode(rawValue: "E0115")

    /// The code.
    public var description: String { rawValue }

    /// A row of the documentation's table.
    public struct Row: Sendable, Hashable {
        /// The code.
        public var code: SentbeErrorCode
        /// What it means.
        public var meaning: BilingualText
        /// Which products send it.
        public var apis: [SentbeAPI]
        /// The HTTP status that would suit it; the provider's own statuses are not published.
        public var mappedStatus: Int
    }

    /// The row of this code; nothing for an unknown one.
    public var row: Row? { SentbeErrorCode.rows.first { $0.code == self } }

    /// All documented codes.
    public static let rows: [Row] = [
        row(.internalError, both, 500, "내부 오류 또는 그 밖의 오류", "internal error, or anything else"),
        row(.unauthenticated, both, 401, "인증 실패: partner id 또는 접속 IP", "authentication failed: partner id or source address"),
        row(.invalidID, both, 404, "사용자, 수취인, 송금의 id가 올바르지 않음", "invalid id of a user, a recipient or a transfer"),
        row(.invalidKey, both, 401, "KEY 헤더(access_id)가 올바르지 않음", "invalid header KEY (access_id)"),
        row(.invalidSignature, both, 401, "SIGNATURE 헤더가 올바르지 않음: 암호화 형식 오류", "invalid header SIGNATURE: wrong encryption format"),
        row(.invalidParameter, both, 400, "매개변수가 없거나, 허용되지 않거나, 올바르지 않음", "a parameter is missing, not permitted or invalid"),
        row(.notSupported, both, 405, "지원하지 않는 메서드 또는 경로", "method or path not supported"),
        row(.currencyNotAvailable, [.inbound], 400, "사용할 수 없는 통화", "currency not available"),
        row(.calculationBasis, [.inbound], 400, "calc_by가 올바르지 않음", "invalid calc_by"),
        row(.invalidStatus, both, 400, "송금 상태가 맞지 않음", "the transfer's status does not allow this"),
        row(.recipientFixed, [.inbound], 400, "수취인을 바꿀 수 없음", "the recipient cannot be changed"),
        row(.invalidCountry, both, 400, "국가가 올바르지 않음", "invalid country"),
        row(.bankNotSupported, both, 400, "지원하지 않는 은행 또는 수취 방법", "bank or receive method not supported"),
        row(.invalidExternalID, both, 400, "external_id가 올바르지 않음", "invalid external id"),
        row(.balanceTooLow, [.inbound], 400, "잔액 부족", "the balance is too low"),
        row(.userNotRegistered, [.outbound], 400, "이 파트너에 등록되지 않은 사용자", "the user is not registered with this partner"),
        row(.notInList, [.outbound], 400, "목록에 없는 값", "the value is not in the list"),
        row(.identityNumber, [.outbound], 400, "신분증 번호 형식 오류", "the identity number is malformed"),
        row(.alreadyExists, [.outbound], 400, "이미 존재함", "exists already"),
        row(.doesNotExist, [.outbound], 404, "존재하지 않음", "does not exist"),
        row(.alreadyRegistered, [.outbound], 400, "이미 이 파트너에 등록된 사용자", "the user is registered with the partner already"),
        row(.samePerson, [.outbound], 400, "같은 사람이 이미 있음", "the same person exists already"),
        row(.platformUnreachable, [.outbound], 500, "오픈플랫폼에 연결할 수 없음", "the open platform cannot be reached"),
        row(.externalUser, [.outbound], 400, "외부 사용자의 매개변수가 올바르지 않음", "the external user's parameters are invalid"),
        row(.calculatorUnreachable, [.outbound], 500, "계산 서버에 연결할 수 없음", "the calculator server cannot be reached"),
        row(.userOutdated, [.outbound], 400, "사용자 정보를 갱신해야 함", "the user's information must be updated"),
        row(.userNotVerified, [.outbound], 400, "인증되지 않은 사용자", "the user is not verified"),
        row(.consentsMissing, [.outbound], 400, "필요한 동의가 없음", "consents are missing"),
        row(.alreadyVerified, [.outbound], 400, "이미 인증됨", "verification is agreed already"),
        row(.transferNotCreated, [.outbound], 400, "송금을 만들 수 없음", "the transfer could not be created"),
    ]

    private static let both: [SentbeAPI] = [.inbound, .outbound]

    private static func row(
        _ code: SentbeErrorCode, _ apis: [SentbeAPI], _ status: Int, _ korean: String, _ english: String
    ) -> Row {
        Row(code: code, meaning: BilingualText(korean: korean, english: english), apis: apis, mappedStatus: status)
    }
}
