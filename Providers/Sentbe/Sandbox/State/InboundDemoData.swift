import Base
import Storage

extension Records {
    /// The samples' user, a recipient that has verified, one that has not, and a wallet to pay from.
    func addInboundDemoData(to partner: Partner, now: Timestamp) throws {
        try save(
            InboundUser(
                id: DemoData.user, partner: partner.id,
                person: [
                    "first_name": "Maria", "middle_name": .null, "last_name": "Santos", "nationality": "PH", "birth_date": "19880314",
                    "email": "maria@example.com", "phone_country_code": "PH", "phone_number": "0917-555-0147",
                ], createdAt: now))
        let rows: [(id: Int64, name: String, account: String, isVerified: Bool)] = [
            (DemoData.recipient, "Gildong", "1002-555-123456", true), (DemoData.unverifiedRecipient, "Chunhyang", "1002-555-654321", false),
        ]
        for row in rows {
            try save(
                InboundRecipient(
                    id: row.id, partner: partner.id, userID: DemoData.user,
                    person: [
                        "first_name": .string(row.name), "middle_name": .null, "last_name": "Hong", "country": "KR",
                        "birth_date": "19901111",
                        "email": .null, "phone_country_code": "KR", "phone_number": "010-5550-0147",
                    ],
                    bank: [
                        "name": "020", "account_number": .string(row.account), "account_holder_name": .string("Hong \(row.name)"),
                        "branch": .null,
                    ], verifiedAt: row.isVerified ? now : nil, createdAt: now))
        }
        for balance in DemoData.balances { try topUp(partner.id, balance.currency, by: balance.amount, at: now) }
    }
}
