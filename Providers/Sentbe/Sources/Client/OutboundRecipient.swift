public import Base

/// A recipient abroad.
public struct OutboundRecipient: Sendable, Equatable {
    /// The id that transfers need.
    public var id: SentbeRecipientID
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
    /// The birth date.
    public var birthDate: PersonalText?
    /// How the money is received; nothing for a method that is not known here.
    public var receiveMethod: SentbeReceiveMethod?
    /// The details of that: account, counter or card.
    public var receiveMethodInfo: RawReply
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
        receiveMethod = data.text("receive_method").flatMap { SentbeReceiveMethod(name: $0) }
        receiveMethodInfo = RawReply(json: data["receive_method_info"] ?? .null)
        createdAt = data.text("created_at").flatMap { Timestamp(internetText: $0) }
        raw = RawReply(json: data)
    }

    /// A card that can be paid onto.
    public struct DebitCard: Sendable, Equatable {
        /// The code of the card's issuer. The provider calls it `name`.
        public var code: String
        /// The card's number.
        public var number: PersonalText
        /// The name on it.
        public var holder: PersonalText

        /// A card.
        public init(code: String, number: PersonalText, holder: PersonalText) {
            self.code = code
            self.number = number
            self.holder = holder
        }
    }

    /// A recipient to be registered. Which fields a country and a method need, ``SentbeOutbound/recipientFields(country:method:)`` tells.
    public struct Draft: Sendable, Equatable {
        /// The user who registers it.
        public var userID: SentbeUserID
        /// The given name.
        public var firstName: PersonalText
        /// A name between the two.
        public var middleName: PersonalText?
        /// The family name.
        public var lastName: PersonalText
        /// The country, ISO alpha-2.
        public var country: String
        /// How the money is received.
        public var receiveMethod: SentbeReceiveMethod
        /// The partner's own number.
        public var externalID: String?
        /// The telephone number.
        public var phoneNumber: PersonalText?
        /// The country of the telephone number.
        public var phoneCountryCode: String?
        /// The number of an identity document.
        public var identificationNumber: PersonalText?
        /// Parts of the address, by the provider's names.
        public var address: [(name: String, value: PersonalText)] = []
        /// The account.
        public var account: BankAccount?
        /// The card.
        public var debitCard: DebitCard?

        /// A recipient; the rest is set as the country and the method need it.
        public init(
            userID: SentbeUserID, firstName: PersonalText, middleName: PersonalText? = nil, lastName: PersonalText, country: String,
            receiveMethod: SentbeReceiveMethod
        ) {
            self.userID = userID
            self.firstName = firstName
            self.middleName = middleName
            self.lastName = lastName
            self.country = country
            self.receiveMethod = receiveMethod
        }

        /// Whether both would be registered the same.
        public static func == (left: Draft, right: Draft) -> Bool { left.parameters == right.parameters }

        var parameters: JSON.Members {
            var members: JSON.Members = ["user_id": userID.json, "first_name": firstName.json]
            members.set("middle_name", middleName)
            members["last_name"] = lastName.json
            members["country"] = .string(country)
            members["receive_method"] = .string(receiveMethod.rawValue)
            members.set("external_id", externalID)
            members.set("phone_number", phoneNumber)
            members.set("phone_country_code", phoneCountryCode)
            members.set("identification_number", identificationNumber)
            if !address.isEmpty {
                var parts = JSON.Members()
                for part in address { parts[part.name] = part.value.json }
                members["address_attributes"] = .object(parts)
            }
            members["bank_attributes"] = account.map { .object($0.parameters) }
            if let debitCard {
                members["debit_card_attributes"] = [
                    "name": .string(debitCard.code), "card_number": debitCard.number.json, "card_holder_name": debitCard.holder.json,
                ]
            }
            return members
        }
    }
}

/// Which fields a recipient needs: the answer to ``SentbeOutbound/recipientFields(country:method:)``.
public struct RecipientFields: Sendable, Hashable {
    /// Names of fields; those inside an object as `bank_attributes.name`.
    public var required: [String]
    /// Names of fields that may be left out.
    public var optional: [String]

    init?(_ data: JSON) {
        guard let required = RecipientFields.names(data["required"]) else { return nil }
        self.required = required
        optional = RecipientFields.names(data["optional"] ?? []) ?? []
    }

    /// A list of texts with one object in it, which maps groups to lists of names.
    private static func names(_ list: JSON?) -> [String]? {
        list?.elements?.flatMap { element -> [String] in
            if let name = element.string { return [name] }
            guard let groups = element.members else { return [] }
            return groups.names.flatMap { group in (groups[group]?.elements ?? []).compactMap(\.string).map { "\(group).\($0)" } }
        }
    }
}

/// A code for a bank, a counter or a card abroad.
public struct RemittanceCode: Sendable, Hashable {
    /// The code.
    public var value: String
    /// The name.
    public var label: String
    /// The name in Korean.
    public var labelKorean: String?
    /// The name in English.
    public var labelEnglish: String?

    init?(_ data: JSON) {
        guard let value = data.text("value") else { return nil }
        self.value = value
        label = data.text("label") ?? ""
        labelKorean = data.text("label_ko")
        labelEnglish = data.text("label_en")
    }
}
