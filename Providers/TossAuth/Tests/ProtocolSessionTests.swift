import Base
import Cryptography
import TestSupport
import Testing

@testable import TossAuth

@Suite("Toss Auth: sessions")
struct ProtocolSessionTests {
    private let claim = try? IdentityClaim(name: "홍길동", phone: "01012345678", birthday: "19900101")

    @Test("A claim that a request session seals is what the provider's side opens")
    func request() throws {
        let opener = try VectorTests.opener()
        let claim = try #require(claim)
        let sealed = try RequestSession(for: opener.publicKey, random: SeededRandom()).seal(claim)
        let received = try opener.open(sealed.sessionKey)
        for part in IdentityClaim.Part.allCases {
            #expect(try received.open(sealed[part]).withText { $0 } == claim.reveal(part))
        }
        #expect(sealed.members.map(\.name) == ["userName", "userPhone", "userBirthday", "sessionKey"])
        #expect(sealed.members.last?.value == sealed.sessionKey)
        #expect(sealed.sessionKey.utf8.count == 724)
        let id = Array(received.id)
        #expect(id.count == 36 && id[14] == "4" && "89ab".contains(id[19]) && received.id == received.id.lowercased())
    }

    @Test("The lines in the README make the body of a request with all its members")
    func documented() throws {
        let (name, phone, birthday) = ("홍길동", "01012345678", "19900101")
        let session = try RequestSession(for: .production, random: SystemRandom())
        let sealed = try session.seal(IdentityClaim(name: name, phone: phone, birthday: birthday))
        let body = JSON.object(JSON.Members([("requestType", "USER_PERSONAL")] + sealed.members.map { ($0.name, .string($0.value)) }))
        #expect(body.members?.names == ["requestType", "userName", "userPhone", "userBirthday", "sessionKey"])
        #expect(body["sessionKey"]?.string?.utf8.count == 724)
    }

    @Test("Two sessions out of one source have nothing in common, and a session's second use is recognised")
    func reuse() throws {
        let opener = try VectorTests.opener()
        let claim = try #require(claim)
        let random = SeededRandom(seed: 3)
        let one = try RequestSession(for: opener.publicKey, random: random).seal(claim)
        let other = try RequestSession(for: opener.publicKey, random: random).seal(claim)
        let (first, second) = (try opener.open(one.sessionKey).reuseDigests, try opener.open(other.sessionKey).reuseDigests)
        #expect(first.id != second.id && first.keyAndVector != second.keyAndVector)
        for part in IdentityClaim.Part.allCases { #expect(one[part].suffix(24) != other[part].suffix(24)) }
        #expect(try opener.open(one.sessionKey).reuseDigests == first)
        // The same key and vector under another id, which is all that a careless caller renews.
        let text = try SealedText(one.sessionKey, longest: 2048)
        let relabelled = try opener.open(
            SealedText.write(id: second.id.prefix(8) + "-0000-4000-8000-000000000000", base64: Base64.encode(text.bytes)))
        #expect(relabelled.reuseDigests.keyAndVector == first.keyAndVector && relabelled.reuseDigests.id != first.id)
    }

    @Test("A result session opens what was sealed for it, straight away and after it was kept, and no other session does")
    func result() throws {
        let opener = try VectorTests.opener()
        let session = try ResultSession(for: opener.publicKey, random: SeededRandom(seed: 5))
        let kept = session.kept()
        let persona = TossAuthDemonstration.persona
        let sealed = try opener.open(session.sessionKey).seal(persona, version: "v1_0.0.14")
        for (name, value) in zip(sealed.members?.names ?? [], sealed.members?.values ?? []) {
            #expect(["ci2", "ciUpdate"].contains(name) ? value.isNull : value.string?.hasPrefix("v1_0.0.14$") == true, "\(name)")
        }
        let opened = try session.open(sealed)
        #expect(opened == persona)
        let reopened = try KeptResultSession(kept).open(sealed)
        #expect(reopened == persona)
        let stranger = try ResultSession(for: opener.publicKey, random: SeededRandom(seed: 6))
        let strange = stranger.kept()
        let fault = #expect(throws: SessionFault.self) { _ = try KeptResultSession(strange).open(sealed) }
        #expect(fault?.word == "other-session" && fault?.member == "ci")
    }

    @Test("A kept session is the official SDK's five parts, and anything else is refused")
    func kept() throws {
        let session = try ResultSession(for: .sandbox, random: SeededRandom(seed: 5))
        let parts = session.kept().withText { $0.split(separator: "$").map(String.init) }
        #expect(parts.count == 5 && parts[0] == "v1" && parts[2] == "AES_GCM" && parts[3].count == 44 && parts[4].count == 16)
        let whole = parts.joined(separator: "$")
        for bad in [
            "", "v1", parts[..<4].joined(separator: "$"), whole + "$x", whole.replacing("AES_GCM", with: "AES_CBC"),
            whole.replacing("v1$", with: "v2$"), whole.replacing(parts[1], with: "id"), whole.replacing(parts[3], with: parts[4]),
        ] {
            #expect(throws: SessionFault.self, "\(bad.count)") { _ = try KeptResultSession(Secret(bad)) }
        }
    }

    @Test("A member in clear, of another kind, or too many of them are refused; nulls and unknown members are not")
    func members() throws {
        let opener = try VectorTests.opener()
        func outcome(_ change: (inout JSON.Members) -> Void) throws -> Result<PersonalData, SessionFault> {
            let session = try ResultSession(for: opener.publicKey, random: SeededRandom(seed: 8))
            let received = try opener.open(session.sessionKey)
            var members: JSON.Members = ["name": .string(try received.seal("김토스")), "ageGroup": nil]
            change(&members)
            do throws(SessionFault) { return .success(try session.open(.object(members))) } catch { return .failure(error) }
        }
        func word(_ change: (inout JSON.Members) -> Void) throws -> String? {
            guard case .failure(let fault) = try outcome(change) else { return nil }
            return fault.word
        }
        #expect(try word { $0["name"] = "김토스" } == "clear")
        #expect(try word { $0["gender"] = 1 } == "not-text")
        #expect(try word { members in for index in 0..<64 { members["m\(index)"] = nil as JSON? ?? .null } } == "no-members")
        let tolerated = try outcome {
            $0["gender"] = "null"
            $0["zipCode"] = ""
            $0["future"] = ["a": 1]
            $0["other"] = "in clear"
        }.get()
        #expect(tolerated.name == "김토스" && tolerated.gender == nil && tolerated[.zipCode] == nil && tolerated.ageGroup == nil)
        #expect(tolerated.clear()["future"] == ["a": 1] && tolerated.clear()["other"] == "in clear")
        #expect(throws: SessionFault.self) {
            _ = try ResultSession(for: opener.publicKey, random: SeededRandom(seed: 8)).open(.null)
        }
    }

    @Test("A sample under another id is read in the mode for printed samples only")
    func printedSamples() throws {
        let cipher = try SessionCipher(random: SeededRandom(seed: 4))
        let field = try cipher.seal(Secret("LOCAL")).replacing(cipher.id, with: "2e161d9d-e620-443e-9a27-8db41cc96cf9")
        #expect(try cipher.open(field, readsAnyID: true) == Secret("LOCAL"))
        let fault = #expect(throws: SessionFault.self) { try cipher.open(field) }
        #expect(fault?.word == "other-label")
        #expect(try PersonalData(sealed: ["nationality": .string(field)], by: cipher, readsAnyID: true).nationality == .local)
    }

    @Test("Claims, sealed claims, received sessions, personal data and birthdays have no printable form")
    func unprintable() throws {
        let claim = try #require(claim)
        let opener = try VectorTests.opener()
        let sealed = try RequestSession(for: opener.publicKey, random: SeededRandom()).seal(claim)
        let received = try opener.open(sealed.sessionKey)
        let birthday = try #require(Birthday("19900101"))
        let values: [Any] = [
            claim, sealed, received, TossAuthDemonstration.persona, birthday, SessionFault(.otherKey, in: .key, member: "userName"),
        ]
        var text = ""
        for value in values {
            dump(value, to: &text)
            text += "\(value) \(String(reflecting: value))\n"
        }
        for word in ["홍길동", "01012345678", "1990", "김토스", "CI0110000", "v1$", received.id] { #expect(!text.contains(word), "\(word)") }
    }

    @Test("Whatever text comes, opening it ends with a fault that is named")
    func noise() throws {
        let opener = try VectorTests.opener()
        let random = SeededRandom(seed: 11)
        let sound = try #require(VectorTests.rows("sessions.json")[0]["session_key"]?.string)
        let cipher = try VectorTests.cipher(VectorTests.rows("sessions.json")[0])
        let field = try cipher.seal(Secret("홍길동 김토스"))
        for round in 0..<400 {
            for (text, isField) in [(sound, false), (field, true)] {
                // A changed block costs two operations of the private key: only the form is changed as often as this.
                var bytes = Array(text.utf8)
                let end = isField || round < 4 ? bytes.count : 39
                let place = Int(random.number(below: UInt64(end)))
                switch round % 3 {
                case 0: bytes[place] = UInt8(32 + random.number(below: 95))
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(32 + random.number(below: 95)), at: place)
                }
                let changed = String(decoding: bytes, as: UTF8.self)
                guard changed != text else { continue }
                do throws(SessionFault) {
                    // A changed id, or a version such as v1_…, is no fault of the key's own; a changed field never opens.
                    if isField { _ = try cipher.open(changed) } else { _ = try opener.open(changed) }
                    if isField { Issue.record("a changed field was opened") }
                } catch {
                    #expect(!error.word.isEmpty)
                }
            }
        }
    }
}
