public import Base

/// A sender of the inbound product.
public struct InboundUser: Sendable, Equatable {
    /// The id that transfers need.
    public var id: SentbeUserID
    /// The given name.
    public var firstName: PersonalText?
    /// The family name.
    public var lastName: PersonalText?
    /// The mail address.
    public var email: PersonalText?
    /// The country of the telephone number.
    public var phoneCountryCode: String?
    /// The telephone number.
    public var phoneNumber: PersonalText?
    /// When it was registered.
    public var createdAt: Timestamp?
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let id: SentbeUserID = data.id("id") else { return nil }
        self.id = id
        firstName = data.personal("first_name")
        lastName = data.personal("last_name")
        email = data.personal("email")
        phoneCountryCode = data.text("phone_country_code")
        phoneNumber = data.personal("phone_number")
        createdAt = data.text("created_at").flatMap { Timestamp(internetText: $0) }
        raw = RawReply(json: data)
    }

    /// A sender to be registered.
    public struct Draft: Sendable, Equatable {
        /// The country of the telephone number, ISO alpha-2.
        public var phoneCountryCode: String
        /// The telephone number, as `010-1234-5678`.
        public var phoneNumber: PersonalText
        /// The given name.
        public var firstName: PersonalText
        /// A name between the two.
        public var middleName: PersonalText?
        /// The family name.
        public var lastName: PersonalText
        /// The nationality, ISO alpha-2.
        public var nationality: String
        /// The birth date, `YYYYMMDD`.
        public var birthDate: PersonalText
        /// The mail address.
        public var email: PersonalText?

        /// A sender to be registered.
        public init(
            phoneCountryCode: String, phoneNumber: PersonalText, firstName: PersonalText, middleName: PersonalText? = nil,
            lastName: PersonalText, nationality: String, birthDate: PersonalText, email: PersonalText? = nil
        ) {
            self.phoneCountryCode = phoneCountryCode
            self.phoneNumber = phoneNumber
            self.firstName = firstName
            self.middleName = middleName
            self.lastName = lastName
            self.nationality = nationality
            self.birthDate = birthDate
            self.email = email
        }

        var parameters: JSON.Members {
            var members: JSON.Members = [
                "phone_country_code": .string(phoneCountryCode), "phone_number": phoneNumber.json, "first_name": firstName.json,
            ]
            members.set("middle_name", middleName)
            members["last_name"] = lastName.json
            members["nationality"] = .string(nationality)
            members["birth_date"] = birthDate.json
            members.set("email", email)
            return members
        }
    }

    /// What is to change; what is not set stays.
    public struct Change: Sendable, Equatable {
        /// The mail address.
        public var email: PersonalText?
        /// The country of the telephone number, ISO alpha-2.
        public var phoneCountryCode: String?
        /// The telephone number.
        public var phoneNumber: PersonalText?
        /// The birth date, `YYYYMMDD`.
        public var birthDate: PersonalText?

        /// A change of nothing yet.
        public init() {}

        var parameters: JSON.Members {
            var members = JSON.Members()
            members.set("email", email)
            members.set("phone_country_code", phoneCountryCode)
            members.set("phone_number", phoneNumber)
            members.set("birth_date", birthDate)
            return members
        }
    }
}

/// A recipient of the inbound product, with a Korean account.
public struct InboundRecipient: Sendable, Equatable {
    /// The id that transfers need.
    public var id: SentbeRecipientID
    /// The given name; the published sample lacks it.
    public var firstName: PersonalText?
    /// The family name; the published sample lacks it.
    public var lastName: PersonalText?
    /// The mail address.
    public var email: PersonalText?
    /// The country of the telephone number.
    public var phoneCountryCode: String?
    /// The telephone number.
    public var phoneNumber: PersonalText?
    /// The birth date, `YYYYMMDD`.
    public var birthDate: PersonalText?
    /// The account.
    public var account: BankAccount?
    /// When it was registered.
    public var createdAt: Timestamp?
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let id: SentbeRecipientID = data.id("id") else { return nil }
        self.id = id
        firstName = data.personal("first_name")
        lastName = data.personal("last_name")
        email = data.personal("email")
        phoneCountryCode = data.text("phone_country_code")
        phoneNumber = data.personal("phone_number")
        birthDate = data.personal("birth_date")
        account = data["bank_attributes"].flatMap { BankAccount($0) }
        createdAt = data.text("created_at").flatMap { Timestamp(internetText: $0) }
        raw = RawReply(json: data)
    }

    /// A recipient to be registered.
    public struct Draft: Sendable, Equatable {
        /// The sender who registers it.
        public var userID: SentbeUserID
        /// The country of the telephone number, ISO alpha-2.
        public var phoneCountryCode: String
        /// The telephone number: the link for the verification goes there.
        public var phoneNumber: PersonalText
        /// The given name.
        public var firstName: PersonalText
        /// A name between the two.
        public var middleName: PersonalText?
        /// The family name.
        public var lastName: PersonalText
        /// The country; `KR`.
        public var country: String
        /// The birth date, `YYYYMMDD`.
        public var birthDate: PersonalText?
        /// The mail address.
        public var email: PersonalText?
        /// The account.
        public var account: BankAccount

        /// A recipient to be registered.
        public init(
            userID: SentbeUserID, phoneCountryCode: String, phoneNumber: PersonalText, firstName: PersonalText,
            middleName: PersonalText? = nil, lastName: PersonalText, country: String = "KR", birthDate: PersonalText? = nil,
            email: PersonalText? = nil, account: BankAccount
        ) {
            self.userID = userID
            self.phoneCountryCode = phoneCountryCode
            self.phoneNumber = phoneNumber
            self.firstName = firstName
            self.middleName = middleName
            self.lastName = lastName
            self.country = country
            self.birthDate = birthDate
            self.email = email
            self.account = account
        }

        var parameters: JSON.Members {
            var members: JSON.Members = [
                "user_id": userID.json, "phone_country_code": .string(phoneCountryCode), "phone_number": phoneNumber.json,
                "first_name": firstName.json,
            ]
            members.set("middle_name", middleName)
            members["last_name"] = lastName.json
            members["country"] = .string(country)
            members.set("birth_date", birthDate)
            members.set("email", email)
            members["bank_attributes"] = .object(account.parameters)
            return members
        }
    }

    /// What is to change; what is not set stays.
    public struct Change: Sendable, Equatable {
        /// The mail address.
        public var email: PersonalText?
        /// The country of the telephone number, ISO alpha-2.
        public var phoneCountryCode: String?
        /// The telephone number.
        public var phoneNumber: PersonalText?
        /// The birth date, `YYYYMMDD`.
        public var birthDate: PersonalText?
        /// The account.
        public var account: BankAccount?

        /// A change of nothing yet.
        public init() {}

        var parameters: JSON.Members {
            var members = JSON.Members()
            members.set("email", email)
            members.set("phone_country_code", phoneCountryCode)
            members.set("phone_number", phoneNumber)
            members.set("birth_date", birthDate)
            members["bank_attributes"] = account.map { .object($0.parameters) }
            return members
        }
    }
}

/// An account at a bank.
public struct BankAccount: Sendable, Equatable {
    /// The bank's code. The provider calls it `name`.
    public var bankCode: String
    /// The account's number.
    public var number: PersonalText
    /// In whose name it is.
    public var holder: PersonalText
    /// `savings` or `current`, where the country asks for it.
    public var type: String?
    /// The branch.
    public var branch: String?

    /// An account.
    public init(bankCode: String, number: PersonalText, holder: PersonalText, type: String? = nil, branch: String? = nil) {
        self.bankCode = bankCode
        self.number = number
        self.holder = holder
        self.type = type
        self.branch = branch
    }

    init?(_ data: JSON) {
        guard let code = data.text("name"), let number = data.personal("account_number"), let holder = data.personal("account_holder_name")
        else { return nil }
        self.init(bankCode: code, number: number, holder: holder, type: data.text("account_type"), branch: data.text("branch"))
    }

    var parameters: JSON.Members {
        var members: JSON.Members = [
            "name": .string(bankCode), "account_number": number.json, "account_holder_name": holder.json,
        ]
        members.set("account_type", type)
        members.set("branch", branch)
        return members
    }
}
