import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("The course of a check of a person")
struct CourseTests {
    private func run(
        onCall: (@Sendable (CourseProvider.Call) async -> Void)? = nil, options: VerificationCourse.Options = .init(),
        _ body: @escaping @Sendable (CourseBench) async throws -> Void
    ) throws {
        let time = Simulation()
        let bench = try CourseBench(time: time, provider: CourseProvider(time: time, onCall: onCall), options: options)
        try time.run { try await body(bench) }
    }

    // MARK: Request

    @Test("a named person is sent encrypted under a session of its own, and the provider reads the very words")
    func personal() throws {
        try run { bench in
            for _ in 0..<2 {
                let request = try VerificationRequest.personal(
                    name: "홍길동", phone: "01012345678", birthday: "19990101", returnTo: "intoss://my-granite-app", reference: "order-1")
                let started = try await bench.course.request(request, deadline: .seconds(30))
                #expect(started.state.status == .requested && started.state.readsLeft == 2 && started.state.reference == "order-1")
                #expect(started.content["mystery"]?.integer == 7 && started.appScheme == nil)
                #expect(try await bench.course.state(of: started.txID) == started.state)
            }
            let bodies = bench.provider.names("request").map(\.body)
            #expect(bench.provider.state.withLock { $0.claims } == [[String]](repeating: ["홍길동", "01012345678", "19990101"], count: 2))
            #expect(Set(bodies.compactMap { $0["sessionKey"]?.string }).count == 2)
            let names: Set<String> = [
                "requestType", "requestUrl", "triggerType", "userName", "userPhone", "userBirthday", "sessionKey",
            ]
            #expect(bodies.allSatisfy { Set($0.members?.names ?? []) == names && $0["triggerType"] == "APP_SCHEME" })
            #expect(!bodies.contains { $0.text.contains("홍길동") || $0.text.contains("01012345678") })
        }
    }

    @Test("one touch sends nothing about anybody, and further members go along")
    func oneTouch() throws {
        try run { bench in
            var request = VerificationRequest.oneTouch(returnTo: "intoss://my-granite-app")
            request.extras = ["expireSeconds": 600]
            _ = try await bench.course.request(request, deadline: .seconds(30))
            #expect(
                bench.provider.calls.map(\.body) == [
                    ["expireSeconds": 600, "requestType": "USER_NONE", "requestUrl": "intoss://my-granite-app"]
                ])
        }
    }

    @Test("what the provider would not take is refused before anything is sent")
    func invalid() throws {
        try run { bench in
            var requests = ["", "my-app", "://x", "intoss://a b", "intoss://" + String(repeating: "a", count: 2_048)].map {
                VerificationRequest.oneTouch(returnTo: $0)
            }
            requests.append(.oneTouch(returnTo: "intoss://a", reference: ""))
            requests.append(.oneTouch(returnTo: "intoss://a", reference: String(repeating: "가", count: 67)))
            requests.append(.oneTouch(returnTo: "intoss://a", reference: "a\nb"))
            requests.append(VerificationRequest(.oneTouch, returnTo: "intoss://a", extras: ["userName": "홍길동"]))
            for request in requests {
                #expect(await courseFailure { try await bench.course.request(request, deadline: .seconds(30)) }?.code == .invalidRequest)
            }
            #expect(bench.provider.state.withLock { $0.tokens } == 0 && bench.provider.calls.isEmpty)
        }
    }

    @Test("that a request is under way is kept, sealed, before it leaves, and forgotten when its answer is there")
    func pending() throws {
        let seen = Locked<[[PendingRequest]]>([])
        let course = Locked<VerificationCourse?>(nil)
        try run(onCall: { _ in
            if let course = course.withLock({ $0 }), let pending = try? await course.pendingRequests() {
                seen.withLock { $0.append(pending) }
            }
        }) { bench in
            course.withLock { $0 = bench.course }
            let request = try VerificationRequest.personal(
                name: "홍길동", phone: "01012345678", birthday: "19990101", returnTo: "intoss://a", reference: "order-1")
            _ = try await bench.course.request(request, deadline: .seconds(30))
            let pending = try #require(seen.withLock { $0 }.first?.first)
            let key = try #require(bench.provider.calls[0].body["sessionKey"]?.string)
            #expect(key.hasPrefix("v1$\(pending.id)$") && pending.reference == "order-1" && pending.requestType == .userPersonal)
            #expect(try await bench.course.pendingRequests().isEmpty)
            bench.provider.fault("request", .losesAnswer, .refuses(.userNotFound), .unreachable, .refuses(.unavailable))
            for expected in [1, 1, 1, 2] {
                #expect(await courseFailure { try await bench.course.request(request, deadline: .seconds(30)) } != nil)
                #expect(try await bench.course.pendingRequests().count == expected)
            }
            try await bench.time.sleep(for: .seconds(86_401))
            #expect(try await bench.course.pendingRequests().isEmpty)
        }
        course.withLock { $0 = nil }
    }

    @Test("without an answer a request is repeated only where the caller says so, once, with another session")
    func repeating() throws {
        try run { bench in
            var request = try VerificationRequest.personal(
                name: "홍길동", phone: "01012345678", birthday: "19990101", returnTo: "intoss://a")
            bench.provider.fault("request", .losesCall)
            #expect(await courseFailure { try await bench.course.request(request, deadline: .seconds(30)) }?.outcome == .unknown)
            #expect(bench.provider.names("request").count == 1)
            request.repeatsWhenUnanswered = true
            bench.provider.fault("request", .losesAnswer)
            _ = try await bench.course.request(request, deadline: .seconds(30))
            #expect(bench.provider.names("request").count == 3)
            #expect(Set(bench.provider.calls.compactMap { $0.body["sessionKey"]?.string }).count == 3)
            bench.provider.fault("request", .losesAnswer, .losesAnswer)
            #expect(await courseFailure { try await bench.course.request(request, deadline: .seconds(30)) }?.outcome == .unknown)
            #expect(bench.provider.names("request").count == 5)
            bench.provider.fault("request", .refuses(.userMismatch))
            #expect(await courseFailure { try await bench.course.request(request, deadline: .seconds(30)) }?.errorCode == .userMismatch)
            #expect(bench.provider.names("request").count == 6)
        }
    }

    @Test("an answer without a name for the check leaves the outcome open")
    func nameless() throws {
        try run { bench in
            bench.provider.fault("request", .edits { $0["txId"] = nil }, .edits { $0["txId"] = "../x" })
            for _ in 0..<2 {
                let error = await courseFailure { try await bench.begin() }
                #expect(error?.code == .outcomeOpen && error?.outcome == .unknown)
            }
        }
    }

    // MARK: One at a time

    @Test("callers at one time share one read: one reads, the others get the same, and one who goes away stops nothing")
    func sharing() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .delays(.seconds(5)))
            let code = Locked<TossAuthError.Code?>(nil)
            let gone = startTask {
                let error = await bench.failure(txID)
                code.withLock { $0 = error?.code }
            }
            try await bench.time.sleep(for: .seconds(1))
            gone.cancel()
            await gone.value
            #expect(code.withLock { $0 } == .cancelled)
            let results = try await withThrowingTaskGroup(of: VerificationResult.self) { group in
                for _ in 0..<5 { group.addTask { try await bench.result(txID) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.allSatisfy { $0.isRepeated && $0.person.name == "김토스" } && bench.provider.reads(txID) == 1)
        }
    }

    @Test("those who waited for a read that brought nothing learn the same, and begin none")
    func sharedFailure() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .losesAnswer)
            await withTaskGroup(of: TossAuthError?.self) { group in
                for _ in 0..<5 { group.addTask { await bench.failure(txID) } }
                for await error in group { #expect(error?.outcome == .unknown && error?.state?.readsLeft == 1) }
            }
            #expect(bench.provider.names("result").count == 1)
        }
    }

    @Test("two who want fresh reads at one time get one each, and a third is refused")
    func sharedFresh() throws {
        try run { bench in
            let txID = try await bench.completed()
            let codes = await withTaskGroup(of: TossAuthError.Code?.self) { group in
                for _ in 0..<3 { group.addTask { await bench.failure(txID, fresh: true)?.code } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 2 && codes.contains(.readsUsedUp) && bench.provider.reads(txID) == 2)
        }
    }

    @Test("a read that has been sent goes on behind its caller's deadline, and the next caller gets what it brought")
    func behindDeadline() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .delays(.seconds(8)))
            let error = await bench.failure(txID, deadline: .seconds(2))
            #expect(error?.code == .deadlinePassed && error?.outcome == .unknown)
            #expect(try await bench.course.state(of: txID)?.readsLeft == 1)
            let result = try await bench.result(txID)
            #expect(result.isRepeated && bench.provider.reads(txID) == 1 && result.state.readsLeft == 1)
        }
    }

    @Test("a deadline that is over sends nothing and spends nothing")
    func noTime() throws {
        try run { bench in
            let txID = try await bench.completed()
            let calls = bench.provider.calls.count
            let error = await bench.failure(txID, deadline: .zero)
            #expect(error?.code == .deadlinePassed && error?.outcome == .notSent)
            #expect(bench.provider.calls.count == calls)
            #expect(try await bench.course.state(of: txID)?.readsLeft == 2)
        }
    }

    // MARK: What is kept

    @Test("the session and the read are in a sealed record before the call leaves")
    func keptBefore() throws {
        let under = Locked<(any RecordKeeper)?>(nil)
        let seen = Locked<[JSON]>([])
        try run(onCall: { call in
            guard call.name == "result", let keeper = under.withLock({ $0 }), let id = call.body["txId"]?.string else { return }
            let sealed = SealedRecords(keeper, secret: CourseBench.secret, purpose: "toss-auth", random: SystemRandom())
            guard let bytes = try? await sealed.record("check/\(id)"), let json = try? JSON(bytes) else { return }
            seen.withLock { $0.append(json) }
        }) { bench in
            under.withLock { $0 = bench.under }
            let txID = try await bench.completed()
            _ = try await bench.result(txID)
            let ledger = try #require(seen.withLock { $0 }.first.flatMap { VerificationLedger($0) })
            #expect(ledger.reads.map(\.outcome) == [.started])
            let key = try #require(bench.provider.names("result")[0].body["sessionKey"]?.string)
            let kept = try #require(ledger.session(ofRead: 1))
            #expect(kept.withText { $0.hasPrefix(key.split(separator: "$").prefix(2).joined(separator: "$") + "$AES_GCM$") })
            // Behind the read the key is nowhere.
            let after = try await bench.records.record("check/\(txID)")
            #expect(try !JSON(#require(after)).text.contains("AES_GCM"))
        }
        under.withLock { $0 = nil }
    }

    @Test("nothing of the person, of a session or of the application's word for it stands in the records in clear")
    func sealedAtRest() throws {
        try run { bench in
            let request = try VerificationRequest.personal(
                name: "홍길동", phone: "01012345678", birthday: "19990101", returnTo: "intoss://a", reference: "order-canary")
            let started = try await bench.course.request(request, deadline: .seconds(30))
            bench.provider.complete(started.txID)
            bench.provider.fault("result", .losesAnswer)
            _ = await bench.failure(started.txID)
            _ = try await bench.result(started.txID)
            var text = ""
            for name in try await bench.under.names(beginningWith: "") {
                text += name + String(decoding: try #require(try await bench.under.record(name)), as: UTF8.self)
            }
            #expect(!text.isEmpty)
            for word in ["김토스", "홍길동", "19930324", "CI0110", "DI0110", "AES_GCM", "v1$", "order-canary", "IN_PROGRESS", "TUlJ"] {
                #expect(!text.contains(word), "\(word)")
            }
        }
    }

    // MARK: Credentials, key and place

    @Test("credentials of which one is the test's, a sandbox's key at the real hosts, and the real key elsewhere are refused")
    func configuration() throws {
        let sandbox = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: 8643)
        let elsewhere = TossAuthPlace(token: sandbox, service: sandbox, pathPrefix: "/toss-auth")
        let other = try CourseProvider(time: ManualTime()).opener.publicKey
        func isFine(_ place: TossAuthPlace, _ key: ServiceKey, _ id: String = "test_a", _ secret: String = "test_b") -> Bool {
            do throws(TossAuthError) {
                try VerificationCourse.check(place.credentials(clientID: id, clientSecret: Secret(secret)), place: place, key: key)
                return true
            } catch {
                return error.code != .misconfigured
            }
        }
        #expect(isFine(.live, .production) && isFine(.live, .production, "live", "secret") && isFine(.live, other))
        #expect(isFine(elsewhere, .sandbox) && isFine(elsewhere, other) && isFine(elsewhere, .sandbox, "live", "secret"))
        #expect(!isFine(.live, .sandbox) && !isFine(elsewhere, .production))
        #expect(!isFine(.live, .production, "test_a", "secret") && !isFine(.live, .production, "live", "test_b"))
        // One real host is enough.
        let mixed = TossAuthPlace(token: TossAuthPlace.live.token, service: sandbox)
        #expect(!isFine(mixed, .sandbox) && isFine(mixed, .production))
        // So is one of its addresses, however it is written.
        for host in TossAuthFirewall.addresses + TossAuthFirewall.olderAddresses + ["::ffff:117.52.3.222", "cert.toss.im."] {
            let address = HTTPOrigin(isSecure: true, host: host, port: 443)
            #expect(!isFine(TossAuthPlace(token: address, service: address), .sandbox), "\(host)")
        }
    }
}
