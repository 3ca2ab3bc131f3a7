import Base
import ProviderKit
import TestSupport
import Testing

@testable import TossAuth

@Suite("A result that opens and cannot be believed")
struct CourseDoubtTests {
    /// Under live credentials, where the made-up person is not expected.
    private func run(_ body: @escaping @Sendable (CourseBench) async throws -> Void) throws {
        let time = Simulation()
        let bench = try CourseBench(
            time: time, provider: CourseProvider(time: time), clientID: "live", secret: Secret("live-secret"))
        try time.run { try await body(bench) }
    }

    private static let person: JSON.Members = [
        "ci": .string("canary-ci"), "name": "홍길동", "birthday": "19900101", "gender": "MALE", "nationality": "LOCAL", "di": .null,
    ]

    @Test("nobody is told of by personal data of which not even ci and name were encrypted, and nothing of it is delivered")
    func empty() throws {
        let contents: [JSON] = [
            [:], ["ci": .null, "name": .null], ["ci": "null", "name": "null", "birthday": "null"], ["ci": "", "name": ""],
            ["mystery": "in clear"], .null,
        ]
        for content in contents {
            try run { bench in
                let txID = try await bench.completed()
                bench.provider.fault("result", .edits { $0["personalData"] = content })
                let error = await bench.failure(txID)
                #expect(error?.code == .answerUnverified && error?.state?.readsLeft == 1, "\(content.text)")
                #expect(try await bench.under.names(beginningWith: "result/").isEmpty)
            }
        }
    }

    @Test("ci and name must be there, a birthday must be a real date, and no word may look like another member")
    func members() throws {
        let number = JSON.string(String(repeating: "a", count: 88))
        let wrong: [(String, JSON)] = [
            ("ci", .null), ("name", .null), ("birthday", "19901301"), ("birthday", "19900230"), ("birthday", "홍길동"), ("birthday", number),
            ("gender", "19900101"), ("gender", number), ("nationality", "19900101"), ("nationality", number), ("ageGroup", "19900101"),
        ]
        for (name, value) in wrong {
            try run { bench in
                let txID = try await bench.completed()
                bench.provider.change(txID) {
                    $0.person = CourseDoubtTests.person
                    $0.person[name] = value
                }
                let error = await bench.failure(txID)
                #expect(error?.code == .answerUnverified && error?.state?.readsLeft == 1, "\(name) \(value.text)")
                if let text = value.string { #expect(error?.message.english.contains(text) == false) }
            }
        }
        let right: [(String, JSON)] = [
            ("birthday", .null), ("gender", .null), ("gender", "OTHER"), ("nationality", "SOMEWHERE"), ("ageGroup", "SENIOR"),
            ("di", number),
        ]
        for (name, value) in right {
            try run { bench in
                let txID = try await bench.completed()
                bench.provider.change(txID) {
                    $0.person = CourseDoubtTests.person
                    $0.person[name] = value
                }
                #expect(try await bench.result(txID).person.name == "홍길동", "\(name) \(value.text)")
            }
        }
    }

    @Test("an answer to an application's own session that names another check is not delivered either, and counts")
    func ownSession() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .edits { $0["txId"] = "another" })
            let session = try ResultSession(for: bench.provider.opener.publicKey, random: SystemRandom())
            let body: JSON = ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)]
            let error = await courseFailure { try await bench.course.passResult(of: txID, body, deadline: .seconds(30)) }
            #expect(error?.code == .answerUnverified && error?.state?.readsLeft == 1)
        }
    }
}
