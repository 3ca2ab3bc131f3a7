public import Base

/// A user of the outbound product.
public struct OutboundUser: Sendable, Equatable {
    /// The id that everything else needs.
    public var id: SentbeUserID
    /// The partner's own number.
    public var externalID: String?
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
    /// The state of the check of the telephone: `standby` or `completed`.
    public var mobileCheck: String?
    /// The state of the check of a document: one of ``SentbeLists/checkStates``.
    public var documentCheck: String?
    /// The state of the check of the account: one of ``SentbeLists/checkStates``.
    public var bankCheck: String?
    /// When it was registered.
    public var createdAt: Timestamp?
    /// The whole reply.
    public var raw: RawReply

    /// Whether all three checks are completed, which a transfer needs.
    public var isVerified: Bool { [mobileCheck, documentCheck, bankCheck].allSatisfy { $0 == "completed" } }

    init?(_ data: JSON) {
        guard let id: SentbeUserID = data.id("id") else { return nil }
        self.id = id
        externalID = data.text("external_id")
        firstName = data.personal("first_name")
        lastName = data.personal("last_name")
        email = data.personal("email")
        phoneCountryCode = data.text("phone_country_code")
        phoneNumber = data.personal("phone_number")
        let checks = data["verifications_status"] ?? .null
        mobileCheck = checks.text("mobile")
        documentCheck = checks.text("documents")
        bankCheck = checks.text("bank")
        createdAt = data.text("created_at").flatMap { Timestamp(internetText: $0) }
        raw = RawReply(json: data)
    }

    /// An address.
    public struct Address: Sendable, Equatable {
        /// The region.
        public var region: PersonalText
        /// The country, ISO alpha-2.
        public var country: String
        /// Street and number.
        public var line1: PersonalText
        /// More of it.
        public var line2: PersonalText?
        /// The city.
        public var city: PersonalText
        /// The postal code.
        public var postalCode: PersonalText

        /// An address.
        public init(
            region: PersonalText, country: String, line1: PersonalText, line2: PersonalText? = nil, city: PersonalText,
            postalCode: PersonalText
        ) {
            self.region = region
            self.country = country
            self.line1 = line1
            self.line2 = line2
            self.city = city
            self.postalCode = postalCode
        }

        var json: JSON {
            var members: JSON.Members = ["region": region.json, "country": .string(country), "line_1": line1.json]
            members.set("line_2", line2)
            members["city"] = city.json
            members["postal_code"] = postalCode.json
            return .object(members)
        }
    }

    /// By what a person proves to be one.
    public enum Identity: Sendable, Equatable {
        /// The number of a resident or alien registration.
        case identificationNumber(PersonalText)
        /// The number of a passport.
        case passport(PersonalText)
    }

    /// A user to be registered. The partner must have asked for all five consents.
    public struct Draft: Sendable, Equatable {
        /// The partner's own number of the user.
        public var externalID: String
        /// The nationality, ISO alpha-2.
        public var nationality: String
        /// The telephone number.
        public var phoneNumber: PersonalText
        /// The country of the telephone number, ISO alpha-2.
        public var phoneCountryCode: String
        /// The birth date, `YYYYMMDD`.
        public var birthDate: PersonalText
        /// One of the list `funds_source`.
        public var fundsSource: String
        /// One of the list `occupation`.
        public var occupation: String
        /// One of the list `often_send_country`.
        public var oftenSendCountry: String
        /// One of the list `transfer_purpose`.
        public var transferPurpose: String
        /// The user's password at Sentbe.
        public var password: PersonalText
        /// The given name.
        public var firstName: PersonalText
        /// A name between the two.
        public var middleName: PersonalText?
        /// The family name.
        public var lastName: PersonalText
        /// The mail address.
        public var email: PersonalText
        /// `M` or `F`.
        public var gender: PersonalText
        /// The number of a registration or a passport.
        public var identity: Identity
        /// The address.
        public var address: Address
        /// Whether the user has given all five consents; without them nothing is sent.
        public var hasConsented: Bool

        /// A user to be registered.
        public init(
            externalID: String, nationality: String, phoneNumber: PersonalText, phoneCountryCode: String, birthDate: PersonalText,
            fundsSource: String, occupation: String, oftenSendCountry: String, transferPurpose: String, password: PersonalText,
            firstName: PersonalText, middleName: PersonalText? = nil, lastName: PersonalText, email: PersonalText, gender: PersonalText,
            identity: Identity, address: Address, hasConsented: Bool
        ) {
            self.externalID = externalID
            self.nationality = nationality
            self.phoneNumber = phoneNumber
            self.phoneCountryCode = phoneCountryCode
            self.birthDate = birthDate
            self.fundsSource = fundsSource
            self.occupation = occupation
            self.oftenSendCountry = oftenSendCountry
            self.transferPurpose = transferPurpose
            self.password = password
            self.firstName = firstName
            self.middleName = middleName
            self.lastName = lastName
            self.email = email
            self.gender = gender
            self.identity = identity
            self.address = address
            self.hasConsented = hasConsented
        }

        func parameters() throws(SentbeError) -> JSON.Members {
            guard hasConsented else { throw .invalid("사용자의 동의가 필요합니다.", "the user's consents are needed") }
            var members: JSON.Members = [
                "external_id": .string(externalID), "nationality": .string(nationality), "phone_number": phoneNumber.json,
                "phone_country_code": .string(phoneCountryCode), "birth_date": birthDate.json, "funds_source": .string(fundsSource),
                "occupation": .string(occupation), "often_send_country": .string(oftenSendCountry),
                "transfer_purpose": .string(transferPurpose), "password": password.json, "first_name": firstName.json,
            ]
            members.set("middle_name", middleName)
            members["last_name"] = lastName.json
            members["email"] = email.json
            members["gender"] = gender.json
            switch identity {
            case .identificationNumber(let number): members["identification_number"] = number.json
            case .passport(let number): members["passport"] = number.json
            }
            members["address_attributes"] = address.json
            var consents = JSON.Members()
            for name in SentbeLists.agreements { consents[name] = "true" }
            members["agreements_attributes"] = .object(consents)
            return members
        }
    }

    /// What is to change; what is not set stays.
    public struct Change: Sendable, Equatable {
        /// The mail address.
        public var email: PersonalText?
        /// The telephone number.
        public var phoneNumber: PersonalText?
        /// The new password, with the old one.
        public var password: (new: PersonalText, existing: PersonalText)?
        /// One of the list `funds_source`.
        public var fundsSource: String?
        /// One of the list `transfer_purpose`.
        public var transferPurpose: String?
        /// One of the list `occupation`.
        public var occupation: String?
        /// One of the list `often_send_country`.
        public var oftenSendCountry: String?
        /// The address.
        public var address: Address?

        /// A change of nothing yet.
        public init() {}

        /// Whether both change the same.
        public static func == (left: Change, right: Change) -> Bool { left.parameters == right.parameters }

        var parameters: JSON.Members {
            var members = JSON.Members()
            members.set("email", email)
            members.set("phone_number", phoneNumber)
            members.set("password", password?.new)
            members.set("existing_password", password?.existing)
            members.set("funds_source", fundsSource)
            members.set("transfer_purpose", transferPurpose)
            members.set("occupation", occupation)
            members.set("often_send_country", oftenSendCountry)
            members["address_attributes"] = address?.json
            return members
        }
    }
}

/// The picture of a document with what it is: the one call whose parameters travel in clear.
public struct DocumentForm: Sendable, Equatable {
    /// Whose document it is.
    public var userID: SentbeUserID
    /// One of ``SentbeLists/documentTypes``.
    public var documentType: String
    /// The picture's name, for Sentbe's people.
    public var fileName: String
    /// The picture's type, such as `image/jpeg`.
    public var contentType: String
    /// The picture; it prints as `[redacted]`.
    public var picture: Secret

    /// A document.
    public init(userID: SentbeUserID, documentType: String, fileName: String, contentType: String, picture: [UInt8]) {
        self.userID = userID
        self.documentType = documentType
        self.fileName = fileName
        self.contentType = contentType
        self.picture = Secret(picture)
    }

    func body(boundary: String) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in [("user_id", userID.rawValue), ("document_type", documentType)] {
            body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        let head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"document\"; filename=\"\(DocumentForm.quoted(fileName))\"\r\n"
        body += Array((head + "Content-Type: \(DocumentForm.quoted(contentType))\r\n\r\n").utf8)
        picture.append(to: &body)
        return body + Array("\r\n--\(boundary)--\r\n".utf8)
    }

    /// Without the characters that would end a quoted text or a line.
    private static func quoted(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F ? 0x5F : $0 }, as: UTF8.self)
    }
}
