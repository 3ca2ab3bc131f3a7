import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss: client, what every call has in common")
struct ClientCallTests {
    private let user = AppsInTossUser.userKey(443_731_104)

    @Test("Calls go to the documented host, path, method and header, with a body in JSON")
    func onTheWire() async throws {
        let script = ClientScript { call, _ in
            switch call.name {
            case "make-payment": ClientScript.success(["payToken": "0123456789012345678901"])
            case "login-me": ClientScript.success(["userKey": 7])
            case "get-order-status": ClientScript.success(["status": "PURCHASED"])
            case "remove-by-user-key": ClientScript.success(["userKey": 7])
            default: ClientScript.success(true)
            }
        }
        let client = AppsInTossClient(script)
        _ = try await client.pay.make(
            PaymentRequest(orderNo: "o-1", productDescription: "사과", amount: 1000, taxFreeAmount: 0, isTestPayment: true), for: user)
        _ = try await client.login.profile("token-1")
        _ = try await client.purchases.status("0199a0a0-89ab-7cde-8f01-23456789abcd")
        _ = try await client.login.remove(7)
        #expect(try await client.isValid(anonymousKey: "anon-1"))
        let sent = script.sent
        #expect(sent.map(\.origin.host) == [AppsInTossHosts.pay] + Array(repeating: AppsInTossHosts.general, count: 4))
        #expect(sent.allSatisfy { $0.origin.isSecure && $0.origin.port == 443 })
        let prefix = "/api-partner/v1/apps-in-toss"
        #expect(
            sent.map(\.request.target) == [
                "\(prefix)/pay/make-payment", "\(prefix)/user/oauth2/login-me", "\(prefix)/order/get-order-status",
                "\(prefix)/user/oauth2/access/remove-by-user-key", "\(prefix)/users/anon-key/verify",
            ])
        #expect(sent.map(\.request.method) == [.post, .get, .post, .post, .post])
        #expect(sent.map { $0.request.fields["x-toss-user-key"] } == ["443731104", nil, nil, nil, nil])
        #expect(sent.map { $0.request.fields["Authorization"] } == [nil, "Bearer token-1", nil, nil, nil])
        #expect(sent[4].request.fields["x-anon-key"] == "anon-1" && sent[4].body == [:])
        #expect(sent[0].body == ["orderNo": "o-1", "productDesc": "사과", "amount": 1000, "amountTaxFree": 0, "isTestPayment": true])
        #expect(sent[0].request.fields["Content-Type"] == "application/json; charset=utf-8")
        #expect(sent[1].request.body.isEmpty && !sent[1].request.fields.contains("Content-Type"))
        #expect(sent[3].body == ["userKey": 7])
        #expect(sent.allSatisfy { $0.timeouts.connect == .seconds(5) && $0.timeouts.firstByte == .seconds(15) })
        #expect(!sent.contains { $0.request.fields.contains { $0.name.hasPrefix("Bujeol") } })
    }

    @Test("A failure inside HTTP 200 is an error, a success inside HTTP 500 is none: resultType decides")
    func resultTypeFirst() async throws {
        let failing = AppsInTossClient(ClientScript(.success(ClientScript.failure(.userNotFound))))
        let error = await clientFailure { try await failing.login.profile("t") }
        #expect(error?.code == .refused && error?.outcome == .refused && error?.errorCode == .userNotFound && error?.status == 200)
        let odd = AppsInTossClient(
            ClientScript(.success(ClientScript.response(["resultType": "SUCCESS", "success": ["userKey": 7]], status: 500))))
        #expect(try await odd.login.profile("t").userKey == 7)
    }

    @Test(
        "Every other resultType leaves the outcome open",
        arguments: ["HTTP_TIMEOUT", "NETWORK_ERROR", "EXECUTION_FAIL", "INTERRUPTED", "INTERNAL_ERROR", "NEW_ONE"])
    func open(_ type: String) async {
        let client = AppsInTossClient(
            ClientScript(.success(ClientScript.response(["resultType": .string(type), "error": ["errorCode": "X", "reason": "y"]]))))
        let error = await clientFailure { try await client.messages.send("t", to: user) }
        #expect(error?.code == .outcomeOpen && error?.outcome == .unknown)
    }

    @Test("What is no envelope leaves the outcome unknown, whatever its status")
    func unreadable() async {
        for (status, body) in [
            (200, "<html>"), (502, "Bad Gateway"), (404, #"{"status":404}"#), (200, ""), (502, #"{"error":"Bad Gateway"}"#),
        ] {
            let client = AppsInTossClient(ClientScript(.success(HTTPResponse(status: status, fields: [:], body: Array(body.utf8)))))
            let error = await clientFailure { try await client.messages.send("t", to: user) }
            #expect(error?.outcome == .unknown, "\(status) \(body)")
        }
    }

    @Test("A call that never left is told apart from one that may have arrived, and nothing is sent twice")
    func outcomes() async {
        for (lost, outcome) in [(ClientScript.lost, AppsInTossError.Outcome.unknown), (ClientScript.unreachable, .notSent)] {
            let script = ClientScript(.failure(lost))
            let client = AppsInTossClient(script)
            #expect(await clientFailure { try await client.messages.send("t", to: user) }?.outcome == outcome)
            #expect(await clientFailure { try await client.login.tokens(authorizationCode: "c", referrer: .live) }?.outcome == outcome)
            #expect(await clientFailure { try await client.login.remove(7) }?.outcome == outcome)
            #expect(await clientFailure { try await client.promotions.key(for: user) }?.outcome == outcome)
            #expect(script.sent.count == 4)
        }
    }

    @Test("After 4095 the whole mini-app stands still for as long as the answer says, and without it for a minute")
    func limited() async throws {
        for (refusal, seconds) in [(AppsInTossRefusal.limited(retryAfterSeconds: 30), 30), (AppsInTossRefusal(.limitExceeded), 60)]
            as [(AppsInTossRefusal, Int64)]
        {
            let time = ManualTime()
            let script = ClientScript { _, number in number == 0 ? ClientScript.failure(refusal) : ClientScript.success(["userKey": 7]) }
            let client = AppsInTossClient(
                exchange: script, options: .init(deadline: .seconds(10), time: time))
            let error = await clientFailure { try await client.login.profile("t") }
            #expect(error?.code == .limitReached && error?.outcome == .refused && error?.retryAfter == .seconds(seconds))
            let second = await clientFailure { try await client.login.profile("t") }
            #expect(second?.code == .limitReached && second?.outcome == .notSent)
            #expect(script.sent.count == 1)
            time.advance(by: .seconds(seconds + 61))
            #expect(try await client.login.profile("t").userKey == 7)
        }
    }

    @Test("One user gets ten messages a minute, another is not held up, and a minute later there are ten more")
    func perUser() async throws {
        let time = ManualTime()
        let script = ClientScript(.success(ClientScript.success(["msgCount": 1])))
        let client = AppsInTossClient(script, time: time)
        for _ in 0..<10 { _ = try await client.messages.send("t", to: user) }
        let error = await clientFailure { try await client.messages.send("t", to: user) }
        #expect(error?.code == .limitReached && error?.outcome == .notSent && error?.retryAfter ?? .zero > .seconds(55))
        _ = try await client.messages.send("t", to: .userKey(8))
        _ = try await client.messages.send("t", to: .anonymous("a"))
        time.advance(by: .seconds(61))
        _ = try await client.messages.send("t", to: user)
        #expect(script.sent.count == 13)
    }

    @Test("Keys and tokens that cannot stand in a header are refused before anything is sent")
    func headers() async {
        let script = ClientScript(.success(ClientScript.success(true)))
        let client = AppsInTossClient(script)
        #expect(await clientFailure { try await client.isValid(anonymousKey: "a\r\nX: y") }?.code == .invalidRequest)
        #expect(await clientFailure { try await client.isValid(anonymousKey: "") }?.code == .invalidRequest)
        #expect(await clientFailure { try await client.login.profile("t t") }?.code == .invalidRequest)
        #expect(script.sent.isEmpty)
    }

    @Test("An anonymous key is valid for true and \"true\", invalid for 4010 and for HTTP 401, and everything else is an error")
    func anonymousKeys() async throws {
        let answers: [(HTTPResponse, Bool?)] = [
            (ClientScript.success(true), true), (ClientScript.success("true"), true), (ClientScript.success(false), false),
            (ClientScript.failure(.unauthenticated), false), (HTTPResponse(status: 401, fields: [:], body: []), false),
            (ClientScript.failure(.internalError), nil),
        ]
        for (answer, expected) in answers {
            let client = AppsInTossClient(ClientScript(.success(answer)))
            #expect((try? await client.isValid(anonymousKey: "k")) == expected)
        }
    }

    @Test(
        "Errors are equal by code, outcome and the provider's code, and print neither the provider's words nor an unknown code with strange characters"
    )
    func errors() {
        let one = AppsInTossError(AppsInTossRefusal(.userNotFound, reason: "홍길동 님을 찾을 수 없어요"), status: 200, effect: .reads)
        let other = AppsInTossError(AppsInTossRefusal(.userNotFound, reason: "other"), status: 500, effect: .reads)
        #expect(one == other && one != AppsInTossError(AppsInTossRefusal(.invalidGrant), status: 200, effect: .reads))
        #expect(!"\(one)".contains("홍길동") && one.refusal?.reason.contains("홍길동") == true)
        let strange = AppsInTossError(AppsInTossRefusal("홍길동 010", reason: ""), status: 200, effect: .reads)
        #expect(!"\(strange)".contains("홍길동"))
        #expect(one.message.korean.contains("USER_NOT_FOUND"))
    }

    @Test("Through a gateway, its own refusals keep their code and outcome, and its prefix stands before every path")
    func gateway() async throws {
        let problem = CallFailure(
            .init(rawValue: "limit-reached"), outcome: .notSent, status: 429, message: BilingualText(korean: "한도", english: "limit"),
            retryAfter: .seconds(3))
        let script = ClientScript { _, number in
            if number > 0 { return ClientScript.success(["userKey": 7, "name": "홍길동"]) }
            return HTTPResponse(
                status: 429,
                fields: ["Content-Type": "application/problem+json", "Bujeol-Outcome": "not-sent", "Retry-After": "3"],
                body: JSON.object([
                    "type": .string("urn:bujeol:problem:\(problem.code.rawValue)"), "detail": "limit", "detail_ko": "한도",
                ]).bytes)
        }
        let place = try #require(AppsInTossPlace(base: "http://127.0.0.1:8700/apps-in-toss/"))
        let client = AppsInTossClient(
            exchange: script, place: place, options: .init(limit: nil),
            gatewayCaller: .init(id: "shop", key: Secret("key")))
        let error = await clientFailure { try await client.login.profile("t") }
        #expect(error?.code == .limitReached && error?.outcome == .notSent && error?.retryAfter == .seconds(3))
        #expect(error?.message == BilingualText(korean: "한도", english: "limit"))
        let profile = try await client.login.profile("t")
        #expect(profile.name == nil && profile.encrypted[.name] == "홍길동")
        #expect(
            script.sent.map(\.request.target)
                == Array(repeating: "/apps-in-toss/api-partner/v1/apps-in-toss/user/oauth2/login-me", count: 2))
        #expect(script.sent[0].request.fields["Bujeol-Open"] == "fields")
        #expect(script.sent[0].request.fields["Bujeol-Caller"] == "shop:key")
        #expect(script.sent[0].origin.description == "http://127.0.0.1:8700")
    }
}
