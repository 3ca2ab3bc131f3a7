import Base
import ProviderKit
import SandboxKit
import TossAuth
import Transport

extension ControlDesk {
    func people() throws -> Reply {
        try control.only(.get, .post)
        guard control.changes else {
            let persona = Person.persona(settings)
            return ok(["people": .array(([persona] + (try records.people(limit: try control.limit()))).map { $0.json(at: now) })])
        }
        let person = try makePerson()
        try records.add(person, at: now)
        return ok(person.json(at: now), status: 201)
    }

    func person(_ id: String) throws -> Reply {
        try control.only(.get, .delete)
        guard try records.hasPerson(id) else { throw ControlError.missing("없는 사람입니다.", "There is no such person.") }
        if control.changes {
            guard try records.removePerson(id) else {
                throw ControlError.conflict("고정 인물(persona)은 지울 수 없습니다.", "The persona cannot be deleted.")
            }
            return ok(["deleted": .string(id)])
        }
        guard let person = try records.person(id, settings) else {
            throw ControlError.conflict(
                "이 사람의 정보를 열 수 없습니다. 봉인한 키 파일(\(House.sealFile))이 없어졌거나 바뀌었습니다. 파일을 백업에서 되돌리거나 이 사람을 지우고 다시 만드세요.",
                "What is kept of the person cannot be opened: the file of the key that sealed it, \(House.sealFile), was lost or replaced. Bring "
                    + "it back from a backup, or delete the person and make them again.")
        }
        return ok(person.json(at: now))
    }

    /// Somebody with what the body says; the rest is made up.
    private func makePerson() throws -> Person {
        let body = try control.given(["person", "name", "phone", "birthday", "gender", "nationality", "ci", "di"])
        let id = try text(body, "person") ?? "person-\(random.hexadecimal(4))"
        guard id.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }), id.utf8.count <= 64 else {
            throw ControlError.wrong("person은 a–z, 0–9, -로 된 64자 이하의 이름입니다.", "person is a name of at most 64 of a–z, 0–9 and -.")
        }
        guard try !records.hasPerson(id) else { throw ControlError.conflict("이미 있는 person입니다.", "The person is taken.") }
        let person = Person(
            id: id, name: try part(body, "name", .name) ?? "홍시험", phone: try part(body, "phone", .phone) ?? freshPhone(),
            birthday: try part(body, "birthday", .birthday) ?? "19900101", gender: try word(body, "gender") ?? .female,
            nationality: try word(body, "nationality") ?? .local, ci: try identifier(body, "ci"), di: try identifier(body, "di"))
        guard try !records.hasPerson(withPhone: person.phone) else {
            throw ControlError.conflict("그 전화번호를 쓰는 사람이 이미 있습니다.", "Somebody has that telephone number already.")
        }
        return person
    }

    private func part(_ body: JSON.Members, _ name: String, _ part: IdentityClaim.Part) throws -> String? {
        guard let text = try text(body, name) else { return nil }
        if let fault = IdentityClaim.fault(part, text) { throw ControlError(message: fault.message) }
        return text
    }

    private func word<Word: RawRepresentable<String> & CaseIterable>(_ body: JSON.Members, _ name: String) throws -> Word? {
        guard let text = try text(body, name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let list = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError.wrong("\(name) 값은 \(list) 가운데 하나입니다.", "\(name) is one of \(list).")
        }
        return word
    }

    private func identifier(_ body: JSON.Members, _ name: String) throws -> String? {
        guard let text = try text(body, name) else { return nil }
        guard text.utf8.count == TossAuthDemonstration.informationLength, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ControlError.wrong("\(name) 값은 공백 없는 ASCII 88자입니다.", "\(name) is 88 characters of ASCII without blanks.")
        }
        let prefixes = [TossAuthDemonstration.connectingInformationPrefix, TossAuthDemonstration.duplicationInformationPrefix]
        guard !prefixes.contains(where: { text.hasPrefix($0) }) else {
            throw ControlError.wrong("\(name) 값이 고정 인물(persona)의 것입니다.", "the \(name) is the persona's")
        }
        return text
    }

    /// A number that nobody in the tenant has, of a block that is not given out.
    private func freshPhone() throws -> String {
        while true {
            let digits = String(random.number(below: 9_000_000) + 1_000_000)
            let phone = "0100" + digits
            if try !records.hasPerson(withPhone: phone) { return phone }
        }
    }

    /// A member that is a text when it is there.
    func text(_ body: JSON.Members, _ name: String) throws(ControlError) -> String? {
        guard let value = body[name], !value.isNull else { return nil }
        guard let text = value.string, (1...2000).contains(text.utf8.count) else {
            throw .wrong("\(name) 값은 비어 있지 않은 2000바이트 이하의 문자열이어야 합니다.", "\(name) must be a text of 1 to 2,000 bytes.")
        }
        return text
    }
}
