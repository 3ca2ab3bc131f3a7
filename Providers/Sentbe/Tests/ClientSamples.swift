import Base
import Testing

@testable import Sentbe

/// Requests with every field filled in.
enum Samples {
    static let account = BankAccount(bankCode: "002", number: "canary-account", holder: "canary-holder")
    static let sender = InboundUser.Draft(
        phoneCountryCode: "KR", phoneNumber: "canary-phone", firstName: "canary", middleName: "canary", lastName: "canary",
        nationality: "US", birthDate: "canary-birth", email: "canary@x")
    static let recipient = InboundRecipient.Draft(
        userID: 1, phoneCountryCode: "KR", phoneNumber: "canary", firstName: "canary", middleName: "canary", lastName: "canary",
        birthDate: "canary", email: "canary", account: BankAccount(bankCode: "002", number: "canary", holder: "canary", branch: "b"))
    static let quote = RemittanceQuote.Request(userID: 1, recipientID: 2, receiveAmount: 4_000, receiveCurrency: "PHP")
    static let document = DocumentForm(
        userID: 1, documentType: "passport", fileName: "a.jpg", contentType: "image/jpeg", picture: [0xFF, 0xD8, 0x00, 0xFF])
    static let address = OutboundUser.Address(
        region: "canary", country: "KR", line1: "canary", line2: "canary", city: "canary", postalCode: "canary")
    static let user = OutboundUser.Draft(
        externalID: "e", nationality: "PH", phoneNumber: "canary", phoneCountryCode: "KR", birthDate: "canary",
        fundsSource: "business_earnings", occupation: "student", oftenSendCountry: "PH", transferPurpose: "saving", password: "canary",
        firstName: "canary", middleName: "canary", lastName: "canary", email: "canary", gender: "canary", identity: .passport("canary"),
        address: address, hasConsented: true)

    static var senderChange: InboundUser.Change {
        var change = InboundUser.Change()
        change.email = "a"
        change.phoneCountryCode = "KR"
        change.phoneNumber = "b"
        change.birthDate = "c"
        return change
    }

    static var recipientChange: InboundRecipient.Change {
        var change = InboundRecipient.Change()
        change.email = "a"
        change.phoneCountryCode = "KR"
        change.phoneNumber = "b"
        change.birthDate = "c"
        change.account = account
        return change
    }

    static var userChange: OutboundUser.Change {
        var change = OutboundUser.Change()
        change.email = "a"
        change.phoneNumber = "b"
        change.password = (new: "c", existing: "d")
        change.fundsSource = "business_earnings"
        change.transferPurpose = "saving"
        change.occupation = "student"
        change.oftenSendCountry = "PH"
        change.address = address
        return change
    }

    static var recipientAbroad: OutboundRecipient.Draft {
        var draft = OutboundRecipient.Draft(
            userID: 1, firstName: "canary", middleName: "canary", lastName: "canary", country: "PH", receiveMethod: .bank)
        draft.externalID = "e"
        draft.phoneNumber = "canary"
        draft.phoneCountryCode = "PH"
        draft.identificationNumber = "canary"
        draft.address = [("country", "PH"), ("city", "canary"), ("region", "canary")]
        draft.account = BankAccount(bankCode: "1", number: "canary", holder: "canary", type: "savings", branch: "b")
        draft.debitCard = .init(code: "1", number: "canary", holder: "canary")
        return draft
    }

    /// Whether `given` has every required parameter of a row and none that it does not list, inside objects too.
    static func compare(_ given: JSON.Members, _ row: [SentbeParameter], _ name: String) {
        for member in given.names {
            guard let parameter = row.first(where: { $0.name == member }) else {
                Issue.record("\(name) does not list \(member)")
                continue
            }
            if parameter.isObject { compare(given[member]?.members ?? [:], parameter.members, "\(name).\(member)") }
        }
        for parameter in row where parameter.isRequired {
            if given[parameter.name] == nil { Issue.record("\(name) lacks \(parameter.name)") }
        }
    }
}

extension Samples {
    /// A sender whose every field makes sense.
    static let realSender = InboundUser.Draft(
        phoneCountryCode: "US", phoneNumber: "010-1111-2222", firstName: "Gil-dong", lastName: "Hong", nationality: "US",
        birthDate: "19900101", email: "gildong@example.com")

    static func realRecipient(of user: SentbeUserID) -> InboundRecipient.Draft {
        InboundRecipient.Draft(
            userID: user, phoneCountryCode: "KR", phoneNumber: "010-3333-4444", firstName: "John", lastName: "Smith",
            account: BankAccount(bankCode: "002", number: "12341234", holder: "John"))
    }
}
