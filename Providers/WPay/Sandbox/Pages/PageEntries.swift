import Base
import SandboxKit

/// What a page's form sent: what was pressed and what was typed in.
struct PageEntries: Sendable {
    private let values: [String: String]

    init(_ pairs: [(name: String, value: String)]) { values = Dictionary(pairs.map { ($0.name, $0.value) }) { first, _ in first } }

    /// The value under `name` without spaces around it; empty when there is none.
    subscript(name: String) -> String {
        let text = values[name] ?? ""
        return String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// What was typed in under `name`; if nothing was, `other`.
    func kept(_ name: String, _ other: String) -> String { self[name].isEmpty ? other : self[name] }

    /// The digits under `name`; spaces and hyphens do not count. Nothing when anything else is there.
    func digits(_ name: String) -> String? {
        let digits = self[name].filter { $0 != " " && $0 != "-" && $0 != "/" }
        return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? digits : nil
    }

    /// What was pressed.
    var press: PagePress? { PagePress(rawValue: self[PageField.press]) }

    /// A text that a person chose, at most `count` characters, without control characters.
    func name(_ name: String, _ count: Int) -> String {
        String(String.UnicodeScalarView(self[name].unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(count)))
    }

    /// The new PIN that was typed in twice.
    func newPIN() throws(EntryProblem) -> String {
        let pin = self[PageField.newPIN]
        guard pin.utf8.count == 6, pin.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw EntryProblem("PIN은 숫자 여섯 자리입니다.", "A PIN has six digits.")
        }
        guard pin == self[PageField.repeatedPIN] else { throw EntryProblem("두 PIN이 서로 다릅니다.", "The two PINs differ.") }
        return pin
    }

    /// The card that was typed in.
    func card() throws(EntryProblem) -> CardEntry {
        guard let number = digits(PageField.number) else { throw EntryProblem("카드번호는 숫자입니다.", "A card number has digits only.") }
        guard let expiry = digits(PageField.expiry), expiry.utf8.count == 4, let month = Int(expiry.prefix(2)),
            let year = Int(expiry.suffix(2)),
            (1...12).contains(month)
        else { throw EntryProblem("유효기간은 월과 연도를 MMYY로 적습니다.", "The expiry is a month and a year: MMYY.") }
        var entry = CardEntry(number: number, expiryMonth: month, expiryYear: 2000 + year)
        if !self[PageField.company].isEmpty { entry.company = self[PageField.company] }
        entry.nickname = name(PageField.nickname, 30)
        if ["0", "1", "2"].contains(self[PageField.cardKind]) { entry.checkFlag = self[PageField.cardKind] }
        if ["0", "1"].contains(self[PageField.holder]) { entry.ownerFlag = self[PageField.holder] }
        return entry
    }

    /// The account that was typed in.
    func account() throws(EntryProblem) -> AccountEntry {
        guard let number = digits(PageField.number) else { throw EntryProblem("계좌번호는 숫자입니다.", "An account number has digits only.") }
        return AccountEntry(bank: self[PageField.company], number: number, nickname: name(PageField.nickname, 30))
    }

    /// The person who joins, on top of what the merchant said; what the merchant wants read-only stays.
    func person(_ known: Person, readOnly: Set<String>) throws(EntryProblem) -> Person {
        var person = known
        if !readOnly.contains("userNm") { person.name = name(PageField.userName, 30) }
        if !readOnly.contains("hNum") { person.phone = digits(PageField.phone) ?? "" }
        if !readOnly.contains("birthDay") { person.birthDay = digits(PageField.birthDay) ?? "" }
        if !self[PageField.carrier].isEmpty { person.carrier = String(self[PageField.carrier].prefix(3)) }
        guard !person.name.isEmpty else { throw EntryProblem("이름을 적으세요.", "A name is wanted.") }
        guard (9...11).contains(person.phone.utf8.count) else {
            throw EntryProblem("휴대폰 번호는 숫자 아홉에서 열한 자리입니다.", "A mobile number has nine to eleven digits.")
        }
        guard PageEntries.isDay(person.birthDay) else {
            throw EntryProblem("생년월일은 19900101처럼 여덟 자리로 적습니다.", "The date of birth has eight digits, such as 19900101.")
        }
        return person
    }

    private static func isDay(_ text: String) -> Bool {
        guard text.utf8.count == 8, let year = Int(text.prefix(4)), let month = Int(text.dropFirst(4).prefix(2)),
            let day = Int(text.suffix(2))
        else { return false }
        return CivilTime(year: year, month: month, day: day) != nil
    }
}

/// What was typed in cannot be; the page is shown again and says so.
struct EntryProblem: Error, Equatable {
    var notice: BilingualText

    init(_ korean: String, _ english: String) { notice = BilingualText(korean, english) }
}
