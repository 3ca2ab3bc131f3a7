import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

/// The documented example, as it stands there.
private struct Shop {
    let client: TossAuthClient

    /// The name of the check, for the mini-app.
    func begin(name: String, phone: String, birthday: String) async throws(TossAuthError) -> TransactionID {
        let started = try await client.request(.personal(name: name, phone: phone, birthday: birthday, returnTo: "intoss://my-granite-app"))
        return started.txID
    }

    enum Outcome: Equatable {
        case adult, minor, later, startOver
    }

    func finish(_ txID: TransactionID) async throws(TossAuthError) -> Outcome {
        do {
            let state = try await client.waitForCompletion(of: txID)
            guard state.status == .completed else { return .startOver }
            let result = try await client.result(of: txID)
            return client.age(of: result)?.group == .adult ? .adult : .minor
        } catch  where error.askAgainLater {
            return .later
        } catch  where error.startOver {
            return .startOver
        }
    }
}

@Suite("The client for Swift servers")
struct TossAuthClientTests {
    private func run(
        records: Bool = false, _ body: @escaping @Sendable (TossAuthClient, CourseProvider, MemoryRecords, Simulation) async throws -> Void
    ) throws {
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let kept = MemoryRecords(time: time)
        let client = try TossAuthClientTests.client(provider, records ? kept : nil, time)
        try time.run { try await body(client, provider, kept, time) }
    }

    private static func client(
        _ provider: CourseProvider, _ records: (any RecordKeeper)?, _ time: Simulation
    ) throws(TossAuthError) -> TossAuthClient {
        let place = try TossAuthPlace.base("https://127.0.0.1:8643/toss-auth/")
        return try TossAuthClient(
            clientID: TossAuthDemonstration.clientID, clientSecret: Secret(TossAuthDemonstration.clientSecret), place: place,
            key: provider.opener.publicKey, exchange: provider, options: .init(records: records, time: time))
    }

    @Test("the documented example takes an adult and a minor through, and starts over after an expiry")
    func example() throws {
        for (birthday, group, expected) in [
            ("19930324", "ADULT", Shop.Outcome.adult), ("20150324", "MINOR", .minor), ("20150324", "", .minor), ("19930324", "", .adult),
        ] {
            try run { client, provider, _, time in
                let shop = Shop(client: client)
                let txID = try await shop.begin(name: "홍길동", phone: "01012345678", birthday: "19990101")
                provider.change(txID) { check in
                    check.person["birthday"] = .string(birthday)
                    check.person["ageGroup"] = group.isEmpty ? nil : .string(group)
                }
                startTask {
                    try? await time.sleep(for: .seconds(70))
                    provider.change(txID) { $0.status = "IN_PROGRESS" }
                    try? await time.sleep(for: .seconds(70))
                    provider.complete(txID)
                }
                #expect(try await shop.finish(txID) == expected)
                #expect(provider.reads(txID) == 1)
            }
        }
        try run { client, provider, _, time in
            let shop = Shop(client: client)
            let txID = try await shop.begin(name: "홍길동", phone: "01012345678", birthday: "19990101")
            provider.change(txID) { $0.status = "EXPIRED" }
            #expect(try await shop.finish(txID) == .startOver)
            #expect(provider.names("result").isEmpty)
        }
    }

    @Test("the example's lines are those of the client's documentation")
    func documented() throws {
        let client = String(decoding: try PackageFiles.bytes("Providers/TossAuth/Sources/Client/TossAuthClient.swift"), as: UTF8.self)
        let tests = String(decoding: try PackageFiles.bytes("Providers/TossAuth/Tests/TossAuthClientTests.swift"), as: UTF8.self)
        for call in [
            "try await client.request(.personal(name: name, phone: phone, birthday: birthday, returnTo: \"intoss://my-granite-app\"))",
            "client.age(of: result)?.group == .adult",
        ] {
            #expect(client.contains(call) && tests.contains(call))
        }
    }

    @Test("nobody who finishes is waited for as long as one likes, and then told as it stands")
    func waiting() throws {
        try run { client, _, _, time in
            let txID = try await client.request(.oneTouch(returnTo: "intoss://a")).txID
            let start = time.uptime
            let state = try await client.waitForCompletion(of: txID, atMost: .seconds(150))
            #expect(state.status == .requested && time.uptime - start == .seconds(150))
        }
    }

    @Test("what can be made of a refusal is told: later, over, or neither")
    func advice() throws {
        try run { client, provider, _, _ in
            let txID = try await client.request(.oneTouch(returnTo: "intoss://a")).txID
            let early = await courseFailure { try await client.result(of: txID) }
            #expect(early?.askAgainLater == true && early?.startOver == false)
            provider.complete(txID)
            for (code, later, over) in [
                (TossAuthErrorCode.maintenance, true, false), (.noPermission, false, false), (.expired, false, true),
            ] {
                provider.fault("result", .refuses(code))
                let error = await courseFailure { try await client.result(of: txID) }
                #expect(error?.askAgainLater == later && error?.startOver == over && error?.errorCode == code, "\(code)")
            }
            let wrong = await courseFailure {
                try await client.request(.personal(name: "홍길동", phone: "010-9876-5432", birthday: "19990101", returnTo: "intoss://a"))
            }
            #expect(wrong?.code == .invalidRequest && wrong?.askAgainLater == false && wrong?.message.english.contains("9876") == false)
        }
    }

    @Test("another client on the same records hands over what the first has read, and nothing of it stands there in clear")
    func restart() throws {
        try run(records: true) { client, provider, records, time in
            let txID = try await client.request(.oneTouch(returnTo: "intoss://a", reference: "order-canary")).txID
            provider.complete(txID)
            _ = try await client.result(of: txID)
            let next = try TossAuthClientTests.client(provider, records, time)
            let result = try await next.result(of: txID)
            #expect(result.isRepeated && result.person.name == "김토스" && provider.reads(txID) == 1)
            #expect(try await next.state(of: txID)?.reference == "order-canary")
            for name in try await records.names(beginningWith: "") {
                let text = String(decoding: try #require(try await records.record(name)), as: UTF8.self)
                #expect(!text.contains("김토스") && !text.contains("canary"))
            }
            #expect(try await next.forget(txID))
            let left = try #require(try await client.state(of: txID))
            #expect(left.keptUntil == nil && left.reference == nil && left.readsLeft == 1)
            #expect(try await client.pendingRequests().isEmpty)
        }
    }

    @Test("what is kept of one place and client is opened at no other place and for no other client")
    func places() throws {
        try run(records: true) { client, provider, kept, time in
            let txID = try await client.request(.oneTouch(returnTo: "intoss://a")).txID
            provider.complete(txID)
            _ = try await client.result(of: txID)
            for (base, id) in [
                ("https://127.0.0.1:8644/toss-auth", TossAuthDemonstration.clientID),
                ("https://127.0.0.1:8643/other", TossAuthDemonstration.clientID), ("https://127.0.0.1:8643/toss-auth", "test_another"),
            ] {
                let other = try TossAuthClient(
                    clientID: id, clientSecret: Secret(TossAuthDemonstration.clientSecret), place: TossAuthPlace.base(base),
                    key: provider.opener.publicKey, exchange: provider, options: .init(records: kept, time: time))
                #expect(await courseFailure { try await other.result(of: txID) }?.code == .recordsUnavailable, "\(base) \(id)")
            }
            #expect(try await client.result(of: txID).isRepeated)
        }
    }

    @Test("adult or minor is judged for the moment at which the person proved who they are, as the gateway judges")
    func ageOfThen() throws {
        try run { client, provider, _, time in
            let txID = try await client.request(.oneTouch(returnTo: "intoss://a")).txID
            // 2026-01-01 09:00 in Korea; nineteen on the next day.
            provider.change(txID) { check in
                check.person["birthday"] = "20070102"
                check.person["ageGroup"] = nil
            }
            provider.complete(txID)
            let result = try await client.result(of: txID)
            try await time.sleep(for: .seconds(86_400))
            #expect(client.age(of: result)?.group == .minor)
        }
    }

    @Test("waiting goes on in measured steps where nothing can be recorded")
    func unrecorded() throws {
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let disk = FullDisk(MemoryRecords(time: time))
        let client = try TossAuthClientTests.client(provider, disk, time)
        try time.run {
            let txID = try await client.request(.oneTouch(returnTo: "intoss://a")).txID
            disk.refuses("check/")
            provider.change(txID) { $0.status = "IN_PROGRESS" }
            let state = try await client.waitForCompletion(of: txID, atMost: .seconds(20))
            #expect(state.status == .inProgress && time.uptime >= .seconds(20))
            #expect((5...21).contains(provider.names("status").count))
        }
    }

    @Test("a certificate can be asked about")
    func certificate() throws {
        try run { client, provider, _, _ in
            let finding = try await client.validateCertificate(pem: "PEM")
            #expect(finding == CertificateFinding(isValid: true, isEnabled: true))
            #expect(provider.state.withLock { $0.certificates } == ["PEM"])
        }
    }

    @Test(
        "with a network of its own it refuses an address that is none and a key of elsewhere, fails with nothing sent where nobody listens, and can be ended"
    )
    func ownNetwork() async throws {
        func client(_ base: String?, _ key: ServiceKey) throws(TossAuthError) -> TossAuthClient {
            try TossAuthClient(
                clientID: TossAuthDemonstration.clientID, clientSecret: TossAuthDemonstration.clientSecret, base: base, key: key,
                options: .init(deadline: .seconds(60)))
        }
        #expect(await courseFailure { try client("toss", .sandbox) }?.code == .invalidRequest)
        #expect(await courseFailure { try client("http://127.0.0.1:1/toss-auth", .production) }?.code == .misconfigured)
        #expect(await courseFailure { try client(nil, .sandbox) }?.code == .misconfigured)
        let alone = try client("http://127.0.0.1:1/toss-auth", .sandbox)
        let error = await courseFailure { try await alone.request(.oneTouch(returnTo: "intoss://a")) }
        #expect(error?.code == .tokenUnavailable && error?.outcome == .notSent)
        await alone.shutDown()
        await alone.shutDown()
    }
}
