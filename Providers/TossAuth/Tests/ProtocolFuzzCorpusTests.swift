import Base
import Cryptography
import TestSupport
import Testing
import TossAuth

@Suite("Toss Auth: the fuzzer's inputs, replayed")
struct ProtocolFuzzCorpusTests {
    private let session: ReceivedSession
    private let other: ReceivedSession
    private let kept: Secret

    init() throws {
        let opener = try SessionOpener(privateKey: PrivateKey.generateRSA(bits: 2048))
        let caller = try ResultSession(for: opener.publicKey, random: Counter(first: 1))
        kept = caller.kept()
        session = try opener.open(caller.sessionKey)
        other = try opener.open(ResultSession(for: opener.publicKey, random: Counter(first: 2)).sessionKey)
    }

    /// The bytes from which the saved fields were made.
    private struct Counter: RandomSource {
        var first: UInt8

        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0 &* 7) } }
    }

    /// The inputs whose names begin with `prefix`, without the byte that says what they are.
    private func inputs(_ prefix: String) throws -> [(name: String, bytes: [UInt8])] {
        let found = try FuzzCorpus.inputs("toss-auth").filter { $0.name.hasPrefix(prefix) }
        #expect(found.count >= 5)
        return found.map { ($0.name, Array($0.bytes.dropFirst())) }
    }

    private func succeeds(_ body: () throws(SessionFault) -> Void) -> Bool {
        do throws(SessionFault) {
            try body()
            return true
        } catch {
            #expect(!error.word.isEmpty && !error.message.korean.isEmpty && !error.message.english.isEmpty)
            return false
        }
    }

    @Test(
        "Every saved field opens to what it was written from, byte for byte, or says why not; none opens in another session, and none once a byte has changed"
    )
    func fields() throws {
        var opened = 0
        for (name, bytes) in try inputs("field-") {
            let field = String(decoding: bytes, as: UTF8.self)
            #expect(succeeds { () throws(SessionFault) in _ = try other.open(field) } == (name == "field-other-session"), "\(name)")
            guard succeeds({ () throws(SessionFault) in _ = try session.open(field) }) else { continue }
            opened += 1
            let again = try session.seal(session.open(field).withText { $0 }, version: String(field.prefix { $0 != "$" }))
            #expect(again == field, "\(name)")
            for index in bytes.indices {
                var changed = bytes
                changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                // Behind `v1_` the writer's own version may say anything.
                if field.hasPrefix("v1_"), (3..<9).contains(index) { continue }
                let isOpen = succeeds { () throws(SessionFault) in _ = try session.open(String(decoding: changed, as: UTF8.self)) }
                #expect(!isOpen, "\(name), \(index)")
            }
        }
        #expect(opened == 3)
    }

    @Test("The contents of a session key are read by one rule: the saved sound ones, and none of the others")
    func contents() throws {
        for (name, bytes) in try inputs("contents-") {
            let isRead = succeeds { () throws(SessionFault) in
                let session = try KeptResultSession(Secret(Array("v1$\(self.session.id)$".utf8) + bytes))
                _ = consume session
            }
            #expect(isRead == (name == "contents-good"), "\(name)")
        }
    }

    @Test("Every saved personal data is refused, or opened member by member; what is sealed opens to the same")
    func personalData() throws {
        var opened: [String] = []
        for (name, bytes) in try inputs("person-") {
            let json = try JSON(bytes)
            if succeeds({ () throws(SessionFault) in _ = try KeptResultSession(kept).open(json) }) { opened.append(name) }
            guard json.members != nil, name != "person-many" else { continue }
            let data = PersonalData(clear: json)
            let sealed = try session.seal(data)
            guard succeeds({ () throws(SessionFault) in _ = try KeptResultSession(kept).open(sealed) }) else { continue }
            let again = try KeptResultSession(kept).open(sealed)
            for member in PersonalData.Member.allCases { #expect(again[member] == data[member], "\(name)") }
        }
        #expect(opened == ["person-null-text", "person-sealed", "person-unknown-field"])
    }

    @Test("Every saved answer is read as it is written again")
    func answers() throws {
        var (successes, refusals) = (0, 0)
        for (name, bytes) in try inputs("answer-") {
            switch TossAuthEnvelope.read(bytes) {
            case .success(let content)?:
                successes += 1
                #expect(TossAuthEnvelope.read(TossAuthEnvelope.success(content)) == .success(content), "\(name)")
                #expect(TossAuthEnvelope.link("appScheme", in: content) == nil, "\(name)")
            case .refusal(let refusal)?:
                refusals += 1
                #expect(TossAuthEnvelope.read(TossAuthEnvelope.failure(refusal)) == .refusal(refusal), "\(name)")
            case nil: break
            }
        }
        #expect(successes == 3 && refusals == 3)
    }

    @Test("Every saved signed message is read as it came, or refused; none is believed without an authority")
    func messages() throws {
        var read: [String] = []
        for (name, bytes) in try inputs("message-") {
            guard let message = try? SignedMessage(der: bytes) else { continue }
            read.append(name)
            #expect(message.der == bytes, "\(name)")
            #expect(throws: SignedMessageError.self, "\(name)") {
                try message.verify(authorities: [], at: Timestamp(unixSeconds: 2_000_000_000))
            }
        }
        #expect(
            read == [
                "message-attr", "message-ber", "message-content-changed", "message-foreign", "message-noattr", "message-root",
                "message-sha1",
            ])
        let root = try #require(try inputs("message-").first { $0.name == "message-root" })
        let authority = try #require(try SignedMessage(der: root.bytes).otherCertificates.first)
        let believed = try inputs("message-").filter { input in
            (try? SignedMessage(der: input.bytes).verify(authorities: [authority], at: Timestamp(unixSeconds: 2_000_000_000))) != nil
        }
        #expect(believed.map(\.name) == ["message-attr", "message-ber", "message-noattr", "message-root"])
    }
}
