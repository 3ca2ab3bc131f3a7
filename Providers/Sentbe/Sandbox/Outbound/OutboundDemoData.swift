import Base
import SandboxKit
import Sentbe
import Storage

/// What the demo tenant's partner finds in the outbound API: the ids of the published samples.
enum OutboundDemo {
    /// `user_id` of the samples: verified in every way.
    static let user: Int64 = 15
    /// The partner's own id of that user.
    static let externalID = "3"
    /// `recipient_id` of the samples: an account in the Philippines.
    static let recipient: Int64 = 53
    /// A user who has proved nothing yet.
    static let newUser: Int64 = 16
    /// A customer of Sentbe who is nobody's user.
    static let customer: Int64 = 17
    /// A transfer by the sample's id: done, so that nothing of it comes due.
    static let transfer: Int64 = 49
}

extension Records {
    /// The samples' user, recipient and transfer, a user who has proved nothing, and a customer who can be registered.
    func addOutboundDemoData(to partner: Partner, now: Timestamp, _ random: any RandomSource) throws {
        let completed = Dictionary(uniqueKeysWithValues: OutboundUser.Check.allCases.map { ($0, OutboundUser.CheckState.completed) })
        let standby = completed.mapValues { _ in OutboundUser.CheckState.standby }
        func person(_ first: String, _ last: String, _ phone: String, _ email: String) -> JSON.Members {
            [
                "first_name": .string(first), "middle_name": .null, "last_name": .string(last), "nationality": "PH",
                "birth_date": "19880101",
                "email": .string(email), "phone_country_code": "KR", "phone_number": .string(phone), "gender": "F",
                "address_attributes": [
                    "region": "Seoul", "country": "KR", "line_1": "Gangnam-daero 111", "city": "Seoul", "postal_code": "06000",
                ], "often_send_country": "PH", "occupation": "company_employee", "transfer_purpose": "saving",
                "funds_source": "business_earnings",
            ]
        }
        let rows: [(id: Int64, person: JSON.Members, checks: [OutboundUser.Check: OutboundUser.CheckState])] = [
            (OutboundDemo.user, person("Jane", "Cruz", "010-5550-0115", "jane@example.com"), completed),
            (OutboundDemo.newUser, person("Ana", "Reyes", "010-5550-0116", "ana@example.com"), standby),
            (OutboundDemo.customer, person("Jose", "Garcia", "010-5550-0117", "jose@example.com"), completed),
        ]
        for row in rows {
            try save(
                OutboundUser(
                    id: row.id, person: row.person, identity: nil, password: SaltedPassword("1234qwer!@", random), checks: row.checks,
                    createdAt: now))
        }
        try register(OutboundDemo.user, at: partner.id, externalID: OutboundDemo.externalID, now)
        try register(OutboundDemo.newUser, at: partner.id, externalID: "4", now)
        let check = CodeCheck(code: CodeCheck.newCode(random, fixed: false), sentAt: now)
        try save(OutboundCode(partner: partner.id, userID: OutboundDemo.newUser, kind: .mobile, check: check))
        try add(
            OutboundRecipient(
                id: OutboundDemo.recipient, partner: partner.id, userID: OutboundDemo.user, externalID: "2", country: "PH", method: .bank,
                person: [
                    "first_name": "Juan", "middle_name": .null, "last_name": "Cruz", "phone_country_code": "PH",
                    "phone_number": "0917-555-0153", "address_attributes": ["country": "PH", "city": "Makati", "region": "Metro Manila"],
                ],
                account: [
                    "name": "10305", "account_number": "1234567890123456", "account_holder_name": "Juan Cruz", "account_type": "savings",
                ], createdAt: now))
        guard let rate = ExchangeRate("22.818") else { return }
        let quote = OutboundQuote(receiveAmount: 5000, currency: "PHP", rate: rate, commission: 5000, credit: 0)
        try add(
            OutboundRate(
                id: 1, partner: partner.id, userID: OutboundDemo.user, recipientID: OutboundDemo.recipient, amount: 5000, currency: "PHP",
                rate: rate, createdAt: now), lifetime: .seconds(OutboundSettings.rateSeconds.standard))
        try save(
            OutboundTransfer(
                id: OutboundDemo.transfer, partner: partner.id, userID: OutboundDemo.user, recipientID: OutboundDemo.recipient,
                externalID: "1", senderCountry: "PH", quote: quote, virtualAccount: "국민은행 | 79001234567890 | 센트비",
                status: .complete, createdAt: now))
    }
}
