import Base
import Foundation
import TestSupport
import Testing

/// The built gateway and a provider that shares no code with it: what the one seals the other has to open, and whatever goes wrong there must be told truly here.
@Suite("A gateway and an independent provider", .serialized)
struct IndependentTroubleTests {
    private static let person: JSON = [
        "name": "이몽룡", "birthday": "20100402", "gender": "MALE", "nationality": "FOREIGNER", "ageGroup": "MINOR",
        "ci": .string(String(repeating: "A", count: 86) + "=="), "di": .string(String(repeating: "B", count: 86) + "=="),
    ]

    /// Both ends, and a check that the person has approved.
    private struct Scene {
        let provider: IndependentProvider
        let gateway: BuiltGateway
        private let directory: TemporaryDirectory

        init(_ more: JSON.Members = [:]) throws {
            provider = try IndependentProvider()
            try provider.steer("person", IndependentTroubleTests.person)
            directory = try TemporaryDirectory()
            var connection = BuiltGateway.connection(to: provider).members ?? [:]
            for (name, value) in zip(more.names, more.values) { connection[name] = value }
            gateway = try BuiltGateway(.object(connection), in: directory, data: directory.file("data"))
        }

        func approved() throws -> JSON {
            let transaction = try gateway.begin()
            try provider.complete(transaction)
            return ["txId": .string(transaction)]
        }

        /// How many reads have been counted there.
        func reads(_ body: JSON) throws -> Int { try provider.journal().reads(body["txId"]?.string ?? "") }
    }

    /// Whether that is the whole person, in clear.
    private static func isPerson(_ answer: BuiltGateway.Answer) -> Bool {
        guard answer.status == 200, let data = answer.success?["personalData"]?.members else { return false }
        return zip(person.members?.names ?? [], person.members?.values ?? []).allSatisfy { data[$0.0] == $0.1 }
    }

    @Test(
        "What the gateway seals an independent provider opens, and the reverse; no session is ever used twice, and nothing of the gateway's own leaks out"
    )
    func journey() throws {
        let scene = try Scene()
        let transaction = try scene.gateway.begin(name: "홍길동 Ω", phone: "0111234567", birthday: "20000229")
        #expect(try scene.provider.journal().claim(transaction) == ["홍길동 Ω", "0111234567", "20000229"])
        let body: JSON = ["txId": .string(transaction)]
        #expect(try scene.gateway.call("status", body).success?["status"] == "REQUESTED")
        try scene.provider.steer("open/\(transaction)")
        #expect(try scene.gateway.call("status", body).success?["status"] == "IN_PROGRESS")
        #expect(try scene.gateway.call("result", body).field("Bujeol-Error-Code") == "CE3102")
        try scene.provider.complete(transaction)

        let first = try scene.gateway.call("result", body)
        #expect(Self.isPerson(first), "\(first)")
        #expect(
            first.field("Bujeol-Reads-Left") == "1" && first.field("Bujeol-Outcome") == "delivered"
                && first.field("Bujeol-Result") == "success")
        #expect(first.field("Bujeol-Age-Group") == "MINOR" && first.field("Bujeol-Repeated") == nil)
        let kept = try scene.gateway.call("result", body)
        #expect(kept.text == first.text && kept.field("Bujeol-Repeated") == "true" && kept.field("Bujeol-Reads-Left") == "1")
        #expect(try scene.reads(body) == 1)
        let fresh = try scene.gateway.call("result", body, ["Bujeol-Read: fresh"])
        #expect(Self.isPerson(fresh) && fresh.field("Bujeol-Reads-Left") == "0" && fresh.field("Bujeol-Repeated") == nil, "\(fresh)")
        let third = try scene.gateway.call("result", body, ["Bujeol-Read: fresh"])
        #expect(third.field("Bujeol-Outcome") == "refused" && third.status >= 400, "\(third)")

        let oneTouch = try scene.gateway.call("request", ["requestType": "USER_NONE", "requestUrl": "intoss://my-granite-app"])
        let other: JSON = ["txId": .string(try #require(oneTouch.success?["txId"]?.string, "\(oneTouch)"))]
        try scene.provider.complete(other["txId"]?.string ?? "")
        #expect(Self.isPerson(try scene.gateway.call("result", other)))
        let journal = try scene.provider.journal()
        #expect(journal.wrong == [])
        #expect(journal.calls("token") == 1, "one token for everything")
        #expect(journal.reads(transaction) == 2)
    }

    /// A reply that must not be believed, or that says less than the truth, and what it costs.
    struct Trouble: Sendable, CustomStringConvertible {
        let kind: String
        let outcome: String
        var more: JSON.Members = [:]
        /// How many reads the provider has counted for it.
        var cost = 1
        var description: String { kind + more.values.map { " \($0.text)" }.joined() }
    }

    @Test(
        "A reply that is lost, cut or not to be believed delivers nothing of it, and the read that is left brings the person",
        arguments: [
            Trouble(kind: "drop-before", outcome: "unknown", cost: 0), Trouble(kind: "drop-after", outcome: "unknown"),
            Trouble(kind: "half", outcome: "unknown"), Trouble(kind: "foreign-id", outcome: "unverified"),
            Trouble(kind: "mixed-id", outcome: "unverified"), Trouble(kind: "wrong-tag", outcome: "unverified"),
            Trouble(kind: "foreign-key", outcome: "unverified"), Trouble(kind: "another-transaction", outcome: "unverified"),
        ])
    func unbelievable(_ trouble: Trouble) throws {
        let scene = try Scene()
        let body = try scene.approved()
        try scene.provider.trouble("result", trouble.kind, trouble.more)
        let lost = try scene.gateway.call("result", body)
        #expect(lost.field("Bujeol-Outcome") == trouble.outcome && lost.status >= 500, "\(lost)")
        #expect(lost.field("Content-Type")?.hasPrefix("application/problem+json") == true)
        for secret in try scene.provider.secrets() + ["이몽룡", "20100402", "MINOR"] { #expect(!lost.text.contains(secret), "\(secret)") }
        #expect(try scene.reads(body) == trouble.cost)
        let second = try scene.gateway.call("result", body)
        #expect(
            Self.isPerson(second) && second.field("Bujeol-Reads-Left") == "0",
            "the lost one counts, whether or not it was counted there: \(second)")
        #expect(try scene.reads(body) == trouble.cost + 1)
        let third = try scene.gateway.call("result", body, ["Bujeol-Read: fresh"])
        #expect(third.field("Bujeol-Outcome") == "refused", "\(third)")
        #expect(try scene.reads(body) == trouble.cost + 1)
        #expect(try scene.provider.journal().wrong == [])
    }

    @Test("Two lost replies end the check: the third call is refused without asking, and says to begin anew")
    func bothLost() throws {
        let scene = try Scene()
        let body = try scene.approved()
        try scene.provider.trouble("result", "drop-after", times: 2)
        for _ in 0..<2 { #expect(try scene.gateway.call("result", body).field("Bujeol-Outcome") == "unknown") }
        let third = try scene.gateway.call("result", body)
        #expect(third.field("Bujeol-Outcome") == "refused", "\(third)")
        let journal = try scene.provider.journal()
        #expect(journal.calls("result") == 2 && journal.wrong == [])
    }

    @Test(
        "A token that is refused once is replaced and the call repeated once, with a session of its own; one that is refused for ever is told"
    )
    func tokens() throws {
        let scene = try Scene()
        let body = try scene.approved()
        try scene.provider.steer("revoke")
        #expect(Self.isPerson(try scene.gateway.call("result", body)))
        #expect(try scene.provider.journal().calls("token") == 2)
        #expect(try scene.provider.journal().calls("result") == 2)
        let other = try scene.approved()
        try scene.provider.trouble("result", "refuse", times: 5, ["code": "CE1000", "status": 401])
        let refused = try scene.gateway.call("result", other)
        #expect(refused.field("Bujeol-Error-Code") == "CE1000" && refused.field("Bujeol-Result") == "fail", "\(refused)")
        #expect(try scene.provider.journal().calls("result") <= 4, "repeated once, no more")
        #expect(try scene.provider.journal().wrong == [])
    }

    @Test("Clear refusals cost no read, however many")
    func refusals() throws {
        let scene = try Scene()
        let body = try scene.approved()
        try scene.provider.trouble("result", "refuse", times: 4, ["code": "CE3102"])
        for _ in 0..<4 {
            let answer = try scene.gateway.call("result", body)
            #expect(
                answer.field("Bujeol-Error-Code") == "CE3102" && answer.field("Bujeol-Outcome") == "delivered" && answer.status == 400,
                "\(answer)")
        }
        let first = try scene.gateway.call("result", body)
        #expect(Self.isPerson(first) && first.field("Bujeol-Reads-Left") == "1", "\(first)")
    }

    @Test("What official libraries write is read: a longer version in front of a field, no age group at all, which the birthday then tells")
    func tolerated() throws {
        let scene = try Scene()
        let body = try scene.approved()
        try scene.provider.trouble("result", "long-version")
        #expect(Self.isPerson(try scene.gateway.call("result", body)))
        let other = try scene.approved()
        try scene.provider.trouble("result", "no-age")
        let answer = try scene.gateway.call("result", other)
        #expect(answer.status == 200 && answer.success?["personalData"]?["ageGroup"] == nil, "\(answer)")
        #expect(
            answer.field("Bujeol-Age-Group") == "MINOR" && answer.field("Bujeol-Age-Basis") == "fullYears:19", "\(answer.head)")
        #expect(try scene.provider.journal().wrong == [])
    }

    @Test("A reply that comes too late is an unknown outcome; an answer that is no envelope is one as well")
    func late() throws {
        let scene = try Scene(["readTimeout": "4s"])
        let body = try scene.approved()
        try scene.provider.trouble("result", "slow", ["seconds": 30])
        let slow = try scene.gateway.call("result", body)
        #expect(slow.field("Bujeol-Outcome") == "unknown" && slow.status >= 500, "\(slow)")
        let other = try scene.approved()
        try scene.provider.trouble("result", "no-envelope", ["status": 502, "body": "<html>Bad Gateway</html>"])
        let garbled = try scene.gateway.call("result", other)
        // Whatever answered is delivered as it is, and counts as a read that may be gone.
        #expect(garbled.text == "<html>Bad Gateway</html>" && garbled.field("Bujeol-Result") == "unknown", "\(garbled)")
        #expect(garbled.field("Bujeol-Reads-Left") == "1")
    }

    @Test("A request whose reply is lost may be repeated: with another session, never the same")
    func lostRequest() throws {
        let scene = try Scene()
        try scene.provider.trouble("request", "drop-after")
        let personal: JSON = [
            "requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME", "userName": "홍길동",
            "userPhone": "01012345678", "userBirthday": "19900101",
        ]
        let lost = try scene.gateway.call("request", personal)
        #expect(lost.field("Bujeol-Outcome") == "unknown", "\(lost)")
        #expect(try scene.gateway.call("request", personal).success?["txId"] != nil)
        #expect(try scene.provider.journal().wrong == [])
    }

    @Test("The sixty minutes are the provider's, by its clock: once it has said that they are over, it is not asked again")
    func tooLate() throws {
        let scene = try Scene()
        // A clock of its own, a day ahead: what the gateway tells of deadlines must follow it.
        try scene.provider.steer("clock", ["advance": 86_400])
        let body = try scene.approved()
        let first = try scene.gateway.call("result", body)
        #expect(Self.isPerson(first), "\(first)")
        let completed = try #require(first.success?["completedDt"]?.string)
        let lines = try PythonOracle.lines(
            "import sys, datetime as d; a, b = (d.datetime.fromisoformat(x.strip().replace('Z', '+00:00')) for x in sys.stdin); print(int((b - a).total_seconds()))",
            input: [completed, try #require(first.field("Bujeol-Result-Deadline"), "\(first.head)")])
        #expect(lines == ["3600"])
        try scene.provider.steer("clock", ["advance": 3600])
        let late = try scene.gateway.call("result", body, ["Bujeol-Read: fresh"])
        #expect(late.field("Bujeol-Error-Code") == "CE3103" || late.field("Bujeol-Outcome") == "refused", "\(late)")
        let asked = try scene.provider.journal().calls("result")
        #expect(try scene.gateway.call("result", body, ["Bujeol-Read: fresh"]).field("Bujeol-Outcome") == "refused")
        #expect(try scene.provider.journal().calls("result") == asked)
    }

    @Test("Signatures are checked against the authority named, and one of another authority is told to be invalid")
    func signatures() throws {
        let provider = try IndependentProvider()
        let scene = try Scene(["verifySignature": ["authorities": .string(provider.authority)]])
        let foreign = try scene.gateway.call("result", try scene.approved())
        #expect(foreign.field("Bujeol-Signature") == "invalid", "\(foreign)")
        let directory = try TemporaryDirectory()
        var connection = BuiltGateway.connection(to: provider).members ?? [:]
        connection["verifySignature"] = ["authorities": .string(provider.authority)]
        connection["validateCertificate"] = true
        try provider.steer("person", Self.person)
        let gateway = try BuiltGateway(.object(connection), in: directory, data: directory.file("data"))
        let transaction = try gateway.begin()
        try provider.complete(transaction)
        let answer = try gateway.call("result", ["txId": .string(transaction)])
        #expect(answer.field("Bujeol-Signature") == "valid" && Self.isPerson(answer), "\(answer)")
        #expect(try provider.journal().calls("validate") == 1)
    }
}
