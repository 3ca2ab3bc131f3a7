import Base
import Testing

@testable import TossAuth

@Suite("Toss Auth: what is said about a person")
struct ProtocolClaimTests {
    private func part(_ name: String, _ phone: String, _ birthday: String) -> IdentityClaim.Part? {
        do throws(ClaimFault) {
            _ = try IdentityClaim(name: name, phone: phone, birthday: birthday)
            return nil
        } catch {
            let isBlank = name.allSatisfy(\.isWhitespace)
            #expect(!error.message.korean.isEmpty && (isBlank || !"\(error)".contains(name)))
            return error.part
        }
    }

    @Test(
        "A name that can be sent is accepted as it is",
        arguments: ["홍길동", "Zoë O'Neil 남궁민수", "가", "王小明", "Jean-Luc", String(repeating: "가", count: 66)])
    func goodNames(_ name: String) throws {
        let claim = try IdentityClaim(name: name, phone: "01012345678", birthday: "19900101")
        #expect(claim.reveal(.name) == name && claim.reveal(.phone) == "01012345678" && claim.reveal(.birthday) == "19900101")
    }

    @Test(
        "A name that is empty, blank, too long, decomposed or holds a control character is refused",
        arguments: ["", " ", "\u{3000}\t", "홍길동\n", "a\u{7F}", "\u{1112}\u{1169}\u{11BC}", String(repeating: "가", count: 67)])
    func badNames(_ name: String) { #expect(part(name, "01012345678", "19900101") == .name) }

    @Test(
        "A telephone number is ten or eleven ASCII digits and nothing else",
        arguments: [
            ("01012345678", true), ("0212345678", true), ("010-1234-5678", false), ("+821012345678", false), ("010 1234 5678", false),
            ("010123456", false), ("010123456789", false), ("", false), ("０１０１２３４５６７８", false), ("0101234567a", false),
            ("01012345678\n", false),
        ])
    func phones(_ phone: String, isGood: Bool) { #expect(part("홍길동", phone, "19900101") == (isGood ? nil : .phone)) }

    @Test(
        "A birthday is eight ASCII digits that name a real day",
        arguments: [
            ("19900101", true), ("20000229", true), ("19000228", true), ("20240229", true), ("18500101", true), ("21991231", true),
            ("19000229", false), ("20230229", false), ("19901301", false), ("19900001", false), ("19900100", false), ("19900431", false),
            ("900101", false), ("1990-01-01", false), ("199001011", false), ("", false), ("１９９００１０１", false), ("18491231", false),
            ("22000101", false),
            ("+1990101", false),
        ])
    func birthdays(_ birthday: String, isGood: Bool) {
        #expect(part("홍길동", "01012345678", birthday) == (isGood ? nil : .birthday))
        #expect((Birthday(birthday) != nil) == isGood)
    }

    @Test("The first part that is wrong is the one that is named")
    func first() {
        #expect(part("", "", "") == .name)
        #expect(part("홍길동", "", "") == .phone)
    }

    @Test("Personal data in clear comes out as it went in, nulls, order and unknown members included")
    func clear() {
        let json: JSON = ["ci": "CI0110000000001XX", "later": 5, "name": "김토스", "ci2": nil, "gender": "OTHER", "birthday": "19930230"]
        let data = PersonalData(clear: json)
        #expect(data.clear() == json)
        #expect(data.name == "김토스" && data.gender == nil && data[.gender] == "OTHER" && data.birthday == nil && data.nationality == nil)
        #expect(data.isTestPersona)
        #expect(!PersonalData(clear: ["ci": "CI011000000000"]).isTestPersona && !PersonalData(clear: .null).isTestPersona)
        #expect(data == PersonalData(clear: json) && data != TossAuthDemonstration.persona)
    }

    @Test("The made-up person is the documented one")
    func persona() throws {
        let persona = TossAuthDemonstration.persona
        #expect(persona.name == "김토스" && persona.gender == .female && persona.nationality == .local && persona.ageGroup == .adult)
        #expect(persona[.birthday] == "19930324" && persona.isTestPersona)
        for (text, start) in [(persona.connectingInformation, "CI0110000000001"), (persona.duplicationInformation, "DI0110000000001")] {
            #expect(try #require(text).utf8.count == 88 && text?.hasPrefix(start) == true)
        }
        #expect(persona.clear()["ci2"]?.isNull == true && persona.clear()["ciUpdate"]?.isNull == true)
    }
}
