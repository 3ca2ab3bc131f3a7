public import Base

/// What login-me tells about a user.
public struct UserProfile: Sendable, Equatable {
    /// A user's gender.
    public struct Gender: AppsInTossWord {
        /// The word as the provider writes it.
        public let rawValue: String
        /// One by its word; also one that is not known yet.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A man.
        public static let male = Gender(rawValue: "MALE")
        /// A woman.
        public static let female = Gender(rawValue: "FEMALE")
        /// Those that are known.
        public static let known: [Gender] = [.male, .female]
    }

    /// Whether a user is Korean.
    public struct Nationality: AppsInTossWord {
        /// The word as the provider writes it.
        public let rawValue: String
        /// One by its word; also one that is not known yet.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Korean.
        public static let local = Nationality(rawValue: "LOCAL")
        /// Of another nation.
        public static let foreigner = Nationality(rawValue: "FOREIGNER")
        /// Those that are known.
        public static let known: [Nationality] = [.local, .foreigner]
    }

    /// The members of login-me that are encrypted.
    public enum Field: String, Sendable, CaseIterable {
        /// The name.
        case name
        /// The telephone number, digits.
        case phone
        /// The date of birth, `yyyyMMdd`.
        case birthday
        /// The connecting information (CI).
        case connectingInformation = "ci"
        /// `MALE` or `FEMALE`.
        case gender
        /// `LOCAL` or `FOREIGNER`.
        case nationality
        /// The e-mail address; may be missing although agreed, when the user has none.
        case email
    }

    /// The user's key: stable for the user and the mini-app.
    public var userKey: AppsInTossUserKey
    /// What the user has agreed to tell.
    public var scopes: [LoginScope]
    /// The tags of the terms that the user has agreed to.
    public var agreedTerms: [String]
    /// The fields that could be read, decrypted. What the user has not agreed to tell is not there.
    public var fields: [Field: PersonalText]
    /// The fields that are still encrypted, because neither the client nor its gateway has the key.
    public var encrypted: [Field: String]

    /// The name.
    public var name: PersonalText? { fields[.name] }
    /// The telephone number.
    public var phone: PersonalText? { fields[.phone] }
    /// The date of birth, `yyyyMMdd`.
    public var birthday: PersonalText? { fields[.birthday] }
    /// The connecting information (CI).
    public var connectingInformation: PersonalText? { fields[.connectingInformation] }
    /// The e-mail address.
    public var email: PersonalText? { fields[.email] }
    /// The gender; personal, and printed by whoever prints it.
    public var gender: Gender? { fields[.gender].map { Gender(rawValue: $0.reveal()) } }
    /// Korean or not; personal, and printed by whoever prints it.
    public var nationality: Nationality? { fields[.nationality].map { Nationality(rawValue: $0.reveal()) } }

    /// Reads what stands under `success`; nothing without a userKey.
    ///
    /// - Parameters:
    ///   - cipher: Opens encrypted fields.
    ///   - opened: The fields that a gateway has opened already.
    public init?(_ content: JSON, cipher: PersonalDataCipher?, opened: Set<String>? = nil) throws(PersonalDataError) {
        guard let key = content["userKey"].flatMap(AppsInTossUserKey.init(json:)) else { return nil }
        userKey = key
        scopes = LoginScope.list(content.text("scope") ?? "")
        agreedTerms = content["agreedTerms"]?.elements?.compactMap(\.lenientText) ?? []
        fields = [:]
        encrypted = [:]
        for field in Field.allCases {
            guard let text = content.text(field.rawValue), !text.isEmpty else { continue }
            if opened?.contains(field.rawValue) == true {
                fields[field] = PersonalText(text)
            } else if let cipher {
                fields[field] = try cipher.open(text)
            } else {
                encrypted[field] = text
            }
        }
    }
}
