import Base
import Cryptography
import Foundation
import ProviderKit
import TestSupport
import Testing
import TossAuth

/// The Swift client and a provider that shares no code with it, over TLS.
@Suite("The Swift client and an independent provider", .serialized)
struct ClientAgainstIndependentProviderTests {
    private static let person: JSON = [
        "name": "이몽룡", "birthday": "20100402", "gender": "MALE", "nationality": "FOREIGNER", "ageGroup": "MINOR",
        "ci": .string(String(repeating: "A", count: 86) + "=="), "di": .string(String(repeating: "B", count: 86) + "=="),
    ]

    /// A client of `provider`, shut down whatever happens.
    private func run(
        _ options: TossAuthClient.Options = .init(), readTimeout: Duration = .seconds(60),
        _ body: (TossAuthClient, IndependentProvider) async throws -> Void
    ) async throws {
        let provider = try IndependentProvider()
        try provider.steer("person", Self.person)
        var options = options
        options.course.readTimeout = readTimeout
        let authorities = try Certificate.all(pem: try String(contentsOfFile: provider.authority, encoding: .utf8))
        options.course.signatureAuthorities = authorities
        let client = try TossAuthClient(
            clientID: "independent-partner", clientSecret: "independent-partner-secret", base: provider.base,
            key: try ServiceKey(pem: try String(contentsOfFile: provider.publicKey, encoding: .utf8)),
            trust: .bundle(pem: try String(contentsOfFile: provider.trust, encoding: .utf8)), options: options)
        do { try await body(client, provider) } catch {
            await client.shutDown()
            throw error
        }
        await client.shutDown()
        #expect(try provider.journal().wrong == [])
    }

    /// A check that the person has approved.
    private func approved(_ client: TossAuthClient, _ provider: IndependentProvider) async throws -> TransactionID {
        let started = try await client.request(
            .personal(name: "홍길동", phone: "01012345678", birthday: "19900101", returnTo: "intoss://my-granite-app"))
        try provider.complete(started.txID.text)
        return started.txID
    }

    private func isPerson(_ data: PersonalData) -> Bool {
        guard let clear = data.clear().members else { return false }
        return zip(Self.person.members?.names ?? [], Self.person.members?.values ?? []).allSatisfy { clear[$0.0] == $0.1 }
    }

    @Test("What it seals is opened there and what comes back is opened here, with a signature that openssl has made")
    func journey() async throws {
        try await run { client, provider in
            let started = try await client.request(
                .personal(name: "홍길동", phone: "0111234567", birthday: "20000229", returnTo: "intoss://my-granite-app"))
            #expect(started.appScheme == nil && started.iosLink == nil, "the text null is no link")
            #expect(try provider.journal().claim(started.txID.text) == ["홍길동", "0111234567", "20000229"])
            let early = await #expect(throws: TossAuthError.self) { try await client.result(of: started.txID) }
            #expect(early?.errorCode?.rawValue == "CE3102" && early?.askAgainLater == true)
            try provider.steer("open/\(started.txID.text)")
            #expect(try await client.status(of: started.txID).status == .inProgress)
            try provider.complete(started.txID.text)
            #expect(try await client.waitForCompletion(of: started.txID, atMost: .seconds(60)).status == .completed)
            let result = try await client.result(of: started.txID)
            #expect(isPerson(result.person) && !result.isRepeated && result.state.readsLeft == 1)
            #expect(result.signatureFinding == .valid)
            #expect(client.age(of: result)?.group == .minor)
            let kept = try await client.result(of: started.txID)
            #expect(isPerson(kept.person) && kept.isRepeated)
            #expect(try provider.journal().reads(started.txID.text) == 1)
            let fresh = try await client.result(of: started.txID, fresh: true)
            #expect(isPerson(fresh.person) && fresh.state.readsLeft == 0)
            let third = await #expect(throws: TossAuthError.self) { try await client.result(of: started.txID, fresh: true) }
            #expect(third?.code == .readsUsedUp)

            let oneTouch = try await client.request(.oneTouch(returnTo: "intoss://my-granite-app"))
            try provider.complete(oneTouch.txID.text)
            #expect(isPerson(try await client.result(of: oneTouch.txID).person))
            #expect(try provider.journal().calls("token") == 1)
        }
    }

    @Test(
        "A lost, cut or unbelievable reply is told as what it is, and the other read brings the person",
        arguments: [
            ("drop-after", CallFailure.Outcome.unknown), ("half", .unknown), ("foreign-id", .unverified), ("mixed-id", .unverified),
            ("wrong-tag", .unverified), ("foreign-key", .unverified), ("another-transaction", .unverified),
        ])
    func unbelievable(_ kind: String, _ outcome: CallFailure.Outcome) async throws {
        try await run { client, provider in
            let transaction = try await approved(client, provider)
            try provider.trouble("result", kind)
            let error = await #expect(throws: TossAuthError.self) { try await client.result(of: transaction) }
            #expect(error?.outcome == outcome && error?.state?.readsLeft == 1, "\(String(describing: error))")
            let result = try await client.result(of: transaction)
            #expect(isPerson(result.person) && result.state.readsLeft == 0)
            #expect(try provider.journal().reads(transaction.text) == 2)
        }
    }

    @Test("A refused token is replaced and the call repeated once; refusals that are no token's cost nothing")
    func refusals() async throws {
        try await run { client, provider in
            let transaction = try await approved(client, provider)
            try provider.trouble("result", "refuse", times: 3, ["code": "CE3102"])
            for _ in 0..<3 {
                let error = await #expect(throws: TossAuthError.self) { try await client.result(of: transaction) }
                #expect(error?.state?.readsLeft == 2)
            }
            try provider.steer("revoke")
            #expect(isPerson(try await client.result(of: transaction).person))
            #expect(try provider.journal().calls("token") == 2)
        }
    }

    @Test("Twenty that ask for one result at one time cost one read")
    func together() async throws {
        try await run { client, provider in
            let transaction = try await approved(client, provider)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { [self] in isPerson(try await client.result(of: transaction).person) }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(try provider.journal().reads(transaction.text) == 1)
        }
    }

    @Test("A reply that comes after the time for reading is an unknown outcome, and one of the two reads")
    func slow() async throws {
        try await run(readTimeout: .seconds(4)) { client, provider in
            let transaction = try await approved(client, provider)
            try provider.trouble("result", "slow", ["seconds": 30])
            let error = await #expect(throws: TossAuthError.self) { try await client.result(of: transaction) }
            #expect(error?.outcome == .unknown, "\(String(describing: error))")
        }
    }
}
