import Base

/// The lists of `GET /outbound/data_list/{list_type}`, and what numbers of papers may look like.
enum OutboundLists {
    /// One of the lists, by the name that paths and users' fields share.
    enum Kind: String, CaseIterable, Sendable {
        case oftenSendCountry = "often_send_country"
        case occupation
        case transferPurpose = "transfer_purpose"
        case fundsSource = "funds_source"
    }

    /// The published values first; the others are ours. `enterpreneur` is spelt as published.
    static let standard: [Kind: [String]] = [
        .oftenSendCountry: Corridor.table.map(\.country),
        .occupation: [
            "factory_worker", "housewife_husband", "student", "enterpreneur", "company_employee", "none", "public_official", "teacher",
            "self_employed", "seafarer",
        ],
        .transferPurpose: ["saving", "family_support", "education", "medical_expenses", "purchase", "travel", "donation"],
        .fundsSource: ["business_earnings", "salary", "savings", "pension", "property_sale", "loan"],
    ]

    /// Whether `text` is a number of an identity card: digits, one of the allowed numbers of them. The published sample has 14, a real one 13.
    static func isIdentityNumber(_ text: String, digits allowed: [Int64]) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && allowed.contains(Int64(text.utf8.count))
    }

    /// Whether `text` may be the number of a passport: 5 to 20 letters and digits.
    static func isPassportNumber(_ text: String) -> Bool {
        (5...20).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    }
}
