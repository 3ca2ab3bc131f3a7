/// How a person is checked: the `requestType` of the request call.
public enum AuthRequestType: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    /// `USER_PERSONAL` (개인정보 기반 인증): name, birthday and telephone number are sent, encrypted, and the person approves in the Toss app.
    case userPersonal
    /// `USER_NONE` (원터치 인증): nothing about the person is sent; a PIN or a fingerprint in the Toss app decides.
    case userNone
    /// A word that is not documented.
    case unknown(String)

    /// Those that are documented.
    public static let known: [AuthRequestType] = [.userPersonal, .userNone]

    /// One by the provider's word.
    public init(rawValue: String) { self = AuthRequestType.known.first { $0.rawValue == rawValue } ?? .unknown(rawValue) }

    /// The provider's word.
    public var rawValue: String {
        switch self {
        case .userPersonal: "USER_PERSONAL"
        case .userNone: "USER_NONE"
        case .unknown(let word): word
        }
    }

    /// The provider's word.
    public var description: String { rawValue }
}

/// How far a check has come: the `status` of the status call. It reports progress only; the result call decides.
public enum AuthStatus: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    /// `REQUESTED`: asked; the Toss app has been told.
    case requested
    /// `IN_PROGRESS`: the person is at it.
    case inProgress
    /// `COMPLETED`: the person has finished; what came of it only the result call tells.
    case completed
    /// `EXPIRED`: its time is over, it cannot go on.
    case expired
    /// A word that is not documented.
    case unknown(String)

    /// Those that are documented. There is none for a person who says no.
    public static let known: [AuthStatus] = [.requested, .inProgress, .completed, .expired]

    /// One by the provider's word.
    public init(rawValue: String) { self = AuthStatus.known.first { $0.rawValue == rawValue } ?? .unknown(rawValue) }

    /// The provider's word.
    public var rawValue: String {
        switch self {
        case .requested: "REQUESTED"
        case .inProgress: "IN_PROGRESS"
        case .completed: "COMPLETED"
        case .expired: "EXPIRED"
        case .unknown(let word): word
        }
    }

    /// Whether no further status can follow, so that nobody needs to ask again.
    public var isFinal: Bool { self == .completed || self == .expired }

    /// The provider's word.
    public var description: String { rawValue }
}

/// Whether the provider takes a person for grown up: `ageGroup` among the personal data. It may be missing there, and then ``AgeRule`` helps.
public enum AgeGroup: String, Sendable, Hashable, CaseIterable {
    /// Grown up.
    case adult = "ADULT"
    /// Not yet.
    case minor = "MINOR"
}

/// What `gender` says among the personal data.
public enum Gender: String, Sendable, Hashable, CaseIterable {
    /// A man.
    case male = "MALE"
    /// A woman.
    case female = "FEMALE"
}

/// What `nationality` says among the personal data.
public enum Nationality: String, Sendable, Hashable, CaseIterable {
    /// A Korean (내국인).
    case local = "LOCAL"
    /// Anybody else (외국인).
    case foreigner = "FOREIGNER"
}
