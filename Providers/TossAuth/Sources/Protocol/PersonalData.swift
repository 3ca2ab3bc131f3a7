public import Base

/// What the provider says about a person: `personalData` of a result, decrypted. It prints, dumps and reflects as `[redacted]`; what is taken out of it is the taker's to
/// keep short-lived.
public struct PersonalData: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The members that are known. Apps in Toss sends the first nine, of which the last two are always null; the others were seen elsewhere.
    public enum Member: String, Sendable, Hashable, CaseIterable {
        /// The person's number between companies (연계정보); 88 characters.
        case ci
        /// The name.
        case name
        /// The birthday, eight digits.
        case birthday
        /// See ``Gender``.
        case gender
        /// See ``Nationality``.
        case nationality
        /// The person's number within one company (중복가입확인정보); 88 characters.
        case di
        /// See ``AgeGroup``; may be missing.
        case ageGroup
        /// A second ci, should the first ones ever leak; null until then.
        case ci2
        /// Whether the ci was replaced; null until then.
        case ciUpdate
        /// The telephone number; not in Apps in Toss.
        case phone
        /// The e-mail address; not in Apps in Toss.
        case email
        /// The postal address; not in Apps in Toss.
        case address
        /// The rest of the postal address; not in Apps in Toss.
        case addressDetails
        /// The postal code; not in Apps in Toss.
        case zipCode
    }

    /// The members in the provider's order; `null` where it sent none. Clear text: kept from printing by this type alone.
    let members: [(name: String, value: Value)]

    /// What a member holds.
    enum Value: Sendable, Equatable {
        case text(Secret)
        /// Whatever is no text, such as null: as it came.
        case other(JSON)
    }

    /// Personal data by its clear members, an object; for what was kept sealed, and for people whom a sandbox makes up.
    public init(clear json: JSON) {
        let object = json.members ?? [:]
        members = zip(object.names, object.values).map { name, value in
            (name, value.string.map { .text(Secret($0)) } ?? .other(value))
        }
    }

    init(_ members: [(name: String, value: Value)]) { self.members = members }

    /// The clear members in the provider's order, with its nulls. This is the person's data in clear: for an answer or a sealed record, and for nothing else.
    public func clear() -> JSON {
        .object(
            JSON.Members(
                members.map { member in
                    switch member.value {
                    case .text(let secret): (member.name, .string(secret.withText { $0 }))
                    case .other(let json): (member.name, json)
                    }
                }))
    }

    /// One member's text; nothing when it is missing, null, empty, or the text `"null"`.
    public subscript(_ member: Member) -> String? {
        for entry in members where entry.name == member.rawValue {
            guard case .text(let secret) = entry.value else { return nil }
            let text = secret.withText { $0 }
            return text.isEmpty || text == "null" ? nil : text
        }
        return nil
    }

    /// The person's number between companies.
    public var connectingInformation: String? { self[.ci] }
    /// The person's number within one company.
    public var duplicationInformation: String? { self[.di] }
    /// The name.
    public var name: String? { self[.name] }
    /// The birthday; nothing when it is missing or no real date.
    public var birthday: Birthday? { self[.birthday].flatMap { Birthday($0) } }
    /// The gender; nothing when it is missing or a word that is not known.
    public var gender: Gender? { self[.gender].flatMap { Gender(rawValue: $0) } }
    /// The nationality; nothing when it is missing or a word that is not known.
    public var nationality: Nationality? { self[.nationality].flatMap { Nationality(rawValue: $0) } }
    /// The provider's judgement of the age; nothing when it is missing or a word that is not known.
    public var ageGroup: AgeGroup? { self[.ageGroup].flatMap { AgeGroup(rawValue: $0) } }

    /// Whether this is the made-up person with whom the test credentials answer whoever is named: a ci that begins with ``TossAuthDemonstration/connectingInformationPrefix``.
    public var isTestPersona: Bool { self[.ci]?.hasPrefix(TossAuthDemonstration.connectingInformationPrefix) == true }

    /// The first member that is missing although every result has it (ci, name), or that cannot be what its name says: a birthday that is no real date, a word that has the form of another
    /// member. Nothing when all can be believed.
    var implausibleMember: Member? {
        for member in [Member.ci, .name] where self[member] == nil { return member }
        if self[.birthday] != nil, birthday == nil { return .birthday }
        // Words that nobody knows yet may come; eight digits are a birthday, and 88 characters a ci or di.
        for member in [Member.gender, .nationality, .ageGroup] {
            guard let word = self[member]?.utf8 else { continue }
            if word.count == 88 || (word.count == 8 && word.allSatisfy { (0x30...0x39).contains($0) }) { return member }
        }
        return nil
    }

    /// Whether both say the same in the same order.
    public static func == (left: PersonalData, right: PersonalData) -> Bool {
        left.members.elementsEqual(right.members) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
