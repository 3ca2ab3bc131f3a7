import Base
import Cryptography
import SandboxKit
import TossAuth

/// A made-up person who has the Toss app. It has no printable form.
struct Person: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The sandbox's own name for the person, which tells nothing about them.
    let id: String
    var name: String
    /// 10 or 11 digits.
    var phone: String
    /// `YYYYMMDD`, a real date.
    var birthday: String
    var gender: Gender
    var nationality: Nationality
    /// 88 characters.
    var ci: String
    /// 88 characters.
    var di: String

    /// A person; without `ci` and `di` they get some that depend on the person alone.
    init(
        id: String, name: String, phone: String, birthday: String, gender: Gender, nationality: Nationality, ci: String? = nil,
        di: String? = nil
    ) {
        self.id = id
        self.name = name
        self.phone = phone
        self.birthday = birthday
        self.gender = gender
        self.nationality = nationality
        self.ci = ci ?? Person.identifier("ci", name, birthday, phone)
        self.di = di ?? Person.identifier("di", name, birthday, phone)
    }

    /// Connecting information is 64 bytes in Base64, which are 88 characters.
    private static func identifier(_ parts: String...) -> String {
        Base64.encode(Digest.sha512.hash(parts.joined(separator: "\u{0}")))
    }

    /// Always `[redacted]`.
    var description: String { "[redacted]" }
    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

// MARK: The persona

extension Person {
    /// The name under which the made-up person of the test credentials is known.
    static let personaID = "persona"
    /// The published beginning, padded with 0.
    static let personaCI = TossAuthDemonstration.persona[.ci] ?? ""
    /// The published beginning, padded with 0.
    static let personaDI = TossAuthDemonstration.persona[.di] ?? ""

    /// Who answers for test credentials, whoever was named. A telephone number is published nowhere and never sent: this one cannot be.
    static func persona(_ settings: ServiceSettings) -> Person {
        let published = TossAuthDemonstration.persona
        return Person(
            id: personaID, name: published[.name] ?? "", phone: "01000000000", birthday: published[.birthday] ?? "",
            gender: published.gender ?? .female, nationality: published.nationality ?? .local, ci: settings[ServiceSettingList.personaCI],
            di: settings[ServiceSettingList.personaDI])
    }

}
