import Base
import SandboxKit
import Storage
import TossAuth

extension Records {
    /// The person of that id, the persona included.
    func person(_ id: String, _ settings: ServiceSettings) throws -> Person? {
        if id == Person.personaID { return Person.persona(settings) }
        return try connection.query("SELECT * FROM toss_auth_people WHERE tenant = ? AND person = ?", owner, .text(id)).first.flatMap(
            opened)
    }

    /// The tenant's own people, the oldest first. Somebody whose row does not open, since the key's file is gone, is left out.
    func people(limit: Int64) throws -> [Person] {
        try connection.query("SELECT * FROM toss_auth_people WHERE tenant = ? ORDER BY created_at, person LIMIT ?", owner, .integer(limit))
            .compactMap(opened)
    }

    /// Who has that telephone number.
    func person(withPhone phone: String) throws -> Person? {
        try connection.query("SELECT * FROM toss_auth_people WHERE tenant = ? AND phone_mark = ?", owner, .blob(phoneMark(phone))).first
            .flatMap(opened)
    }

    /// Whether there is a row for that id, or it is the persona's, also when the row does not open.
    func hasPerson(_ id: String) throws -> Bool {
        if id == Person.personaID { return true }
        return try !connection.query("SELECT 1 FROM toss_auth_people WHERE tenant = ? AND person = ?", owner, .text(id)).isEmpty
    }

    /// Whether somebody has that telephone number, also when the row does not open.
    func hasPerson(withPhone phone: String) throws -> Bool {
        try !connection.query("SELECT 1 FROM toss_auth_people WHERE tenant = ? AND phone_mark = ?", owner, .blob(phoneMark(phone))).isEmpty
    }

    /// Whether anything of any tenant is sealed.
    static func hasSealedRows(_ connection: Connection) throws -> Bool {
        for table in [
            "toss_auth_people", "toss_auth_transactions WHERE signature IS NOT NULL", "toss_auth_tenants WHERE service_key IS NOT NULL",
        ] where try !connection.query("SELECT 1 FROM \(table) LIMIT 1").isEmpty {
            return true
        }
        return false
    }

    /// Adds somebody. Whether the number is taken must have been asked before.
    func add(_ person: Person, at now: Timestamp) throws {
        try connection.execute(
            "INSERT INTO toss_auth_people VALUES (?, ?, ?, ?, ?)", owner, .text(person.id), .blob(phoneMark(person.phone)),
            .blob(try seal.seal(person.stored.bytes, name: sealName(person.id))), now.value)
    }

    /// Drops somebody; their transactions stay, and can no longer be read.
    ///
    /// - Returns: Whether there was such a person.
    func removePerson(_ id: String) throws -> Bool {
        try connection.execute("DELETE FROM toss_auth_people WHERE tenant = ? AND person = ?", owner, .text(id))
        return connection.changes > 0
    }

    /// The mark of a telephone number in this tenant.
    func phoneMark(_ phone: String) -> [UInt8] { seal.mark(phone, name: "phone:\(tenant.rawValue)") }

    private func opened(_ row: Row) -> Person? {
        guard let id = row.text("person"), let sealed = row.blob("sealed"), let bytes = seal.open(sealed, name: sealName(id)) else {
            return nil
        }
        return (try? JSON(bytes)).flatMap { Person(id: id, stored: $0) }
    }

    private func sealName(_ id: String) -> String { "person:\(tenant.rawValue):\(id)" }
}

extension Person {
    /// The person without the id, as it is sealed.
    fileprivate var stored: JSON {
        [
            "name": .string(name), "phone": .string(phone), "birthday": .string(birthday), "gender": .string(gender.rawValue),
            "nationality": .string(nationality.rawValue), "ci": .string(ci), "di": .string(di),
        ]
    }

    fileprivate init?(id: String, stored: JSON) {
        guard let name = stored["name"]?.string, let phone = stored["phone"]?.string, let birthday = stored["birthday"]?.string,
            let gender = stored["gender"]?.string.flatMap(Gender.init),
            let nationality = stored["nationality"]?.string.flatMap(Nationality.init), let ci = stored["ci"]?.string,
            let di = stored["di"]?.string
        else { return nil }
        self.init(id: id, name: name, phone: phone, birthday: birthday, gender: gender, nationality: nationality, ci: ci, di: di)
    }

    /// The person as the control API shows them to who made them up.
    func json(at now: Timestamp) -> JSON {
        var members: JSON.Members = ["person": .string(id)]
        for (name, value) in zip(stored.members?.names ?? [], stored.members?.values ?? []) { members[name] = value }
        members["age_group"] = .optional(ageGroup(at: now)?.rawValue)
        return .object(members)
    }
}
