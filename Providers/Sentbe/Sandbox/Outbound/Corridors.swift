import Base
import Sentbe

/// A country to which money is sent, with its currency and the ways in which recipients get it there. The table is ours: Sentbe's is not published.
struct Corridor: Hashable, Sendable {
    /// ISO 3166 alpha-2.
    var country: String
    /// ISO 4217.
    var currency: String
    var methods: [SentbeReceiveMethod]

    static let table: [Corridor] = [
        Corridor(country: "PH", currency: "PHP", methods: [.bank, .pickup, .debitCard, .homeDelivery]),
        Corridor(country: "VN", currency: "VND", methods: [.bank, .pickup, .homeDelivery]),
        Corridor(country: "CN", currency: "CNY", methods: [.bank, .debitCard]),
        Corridor(country: "NP", currency: "NPR", methods: [.bank, .pickup]),
        Corridor(country: "ID", currency: "IDR", methods: [.bank, .pickup]),
        Corridor(country: "TH", currency: "THB", methods: [.bank]),
        Corridor(country: "IN", currency: "INR", methods: [.bank]),
        Corridor(country: "LK", currency: "LKR", methods: [.bank, .pickup]),
        Corridor(country: "JP", currency: "JPY", methods: [.bank]),
        Corridor(country: "US", currency: "USD", methods: [.bank]),
    ]

    /// The corridor to a country, by its code in upper case.
    static func to(_ country: String) -> Corridor? { table.first { $0.country.isCode(country) } }

    /// Won for one unit of each currency, as long as a tenant wants no others. That of PHP is the published sample's: 5,000 PHP for 114,090 won.
    static let rates: [String: String] = [
        "PHP": "22.818", "VND": "0.0485", "CNY": "168.5", "NPR": "10.05", "IDR": "0.0785", "THB": "33.8", "INR": "16.4", "LKR": "7.05",
        "JPY": "10.05", "USD": "1100.0",
    ]
}

/// Which fields a recipient needs and may have, as `GET /outbound/params` tells and `POST /outbound/recipients` demands.
struct RecipientFields: Hashable, Sendable {
    /// Names on the top level.
    var required: [String]
    var optional: [String]
    /// Names within `address_attributes`, `bank_attributes` and `debit_card_attributes`.
    var requiredMembers: [String: [String]]
    var optionalMembers: [String: [String]]

    /// The objects in the order in which they are shown.
    static let groups = ["address_attributes", "bank_attributes", "debit_card_attributes"]
    private static let names = [
        "country", "receive_method", "user_id", "first_name", "last_name", "external_id", "phone_country_code", "phone_number",
        "identification_number", "middle_name",
    ]
    private static let members: [String: [String]] = [
        "address_attributes": ["country", "city", "region", "line_1", "line_2", "postal_code"],
        "bank_attributes": ["name", "account_number", "account_holder_name", "account_type", "branch"],
        "debit_card_attributes": ["name", "card_number", "card_holder_name"],
    ]

    /// Countries whose banks tell savings from current accounts. That the Philippines are one of them is published.
    private static let typedAccounts: Set<String> = ["PH", "JP", "US", "IN"]
    /// Countries whose banks need the branch.
    private static let branches: Set<String> = ["JP", "IN", "LK"]
    /// Countries that want the recipient's own identity number.
    private static let identified: Set<String> = ["CN"]

    /// What a recipient in `country` needs. For the Philippines and a bank it is the published sample, member for member.
    static func of(_ country: String, _ method: SentbeReceiveMethod) -> RecipientFields {
        var required = Array(names.prefix(8))
        if identified.contains(country) { required.append("identification_number") }
        var address = ["country", "city", "region"]
        var own = ["name"]
        var optionalMembers: [String: [String]] = [:]
        switch method {
        case .bank:
            own += ["account_number", "account_holder_name"]
            if typedAccounts.contains(country) { own.append("account_type") }
            if branches.contains(country) { own.append("branch") } else { optionalMembers["bank_attributes"] = ["branch"] }
        case .pickup: optionalMembers["bank_attributes"] = ["branch"]
        case .debitCard: own += ["card_number", "card_holder_name"]
        case .homeDelivery:
            address += ["line_1", "postal_code"]
            optionalMembers["address_attributes"] = ["line_2"]
        }
        return RecipientFields(
            required: required, optional: ["middle_name"], requiredMembers: ["address_attributes": address, method.attributes: own],
            optionalMembers: optionalMembers)
    }

    /// What is required by all of `several`, and what by some of them or allowed by any.
    static func common(_ several: [RecipientFields]) -> RecipientFields {
        guard let first = several.first else {
            return RecipientFields(required: [], optional: [], requiredMembers: [:], optionalMembers: [:])
        }
        let required = names.filter { name in several.allSatisfy { $0.required.contains(name) } }
        let known = names.filter { name in several.contains { $0.required.contains(name) || $0.optional.contains(name) } }
        var common = RecipientFields(
            required: required, optional: known.filter { !required.contains($0) }, requiredMembers: [:], optionalMembers: [:])
        for group in groups {
            let all = members[group] ?? []
            let needed = all.filter { name in several.allSatisfy { $0.requiredMembers[group]?.contains(name) ?? false } }
            let allowed = all.filter { name in several.contains { $0.knows(name, in: group) } && !needed.contains(name) }
            if !needed.isEmpty { common.requiredMembers[group] = needed }
            if !allowed.isEmpty { common.optionalMembers[group] = allowed }
        }
        return several.count == 1 ? first : common
    }

    /// Whether the field may stand in the object.
    func knows(_ name: String, in group: String) -> Bool {
        requiredMembers[group]?.contains(name) ?? false || optionalMembers[group]?.contains(name) ?? false
    }

    /// The value of `data`: texts, and one object of lists behind them when there are any.
    var json: JSON {
        func list(_ names: [String], _ members: [String: [String]]) -> JSON {
            var object = JSON.Members()
            for group in RecipientFields.groups {
                guard let names = members[group], !names.isEmpty else { continue }
                object[group] = .array(names.map { .string($0) })
            }
            return .array(names.map { .string($0) } + (object.count > 0 ? [.object(object)] : []))
        }
        return ["required": list(required, requiredMembers), "optional": list(optional, optionalMembers)]
    }
}

extension SentbeReceiveMethod {
    /// As paths of codes write it.
    var pathText: String {
        switch self {
        case .bank: "bank"
        case .pickup: "pickup"
        case .debitCard: "debit_card"
        case .homeDelivery: "home_delivery"
        }
    }

    /// The object of a request that holds the method's own fields. Which one a counter and a courier stand in is ours: only the bank and the card have one of their own.
    var attributes: String { self == .debitCard ? "debit_card_attributes" : "bank_attributes" }
}
