import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss connector: calls and answers")
struct ConnectorTests {
    @Test("A call goes to the host of its group under the mini-app's certificate, body and user untouched", arguments: AppsInTossRoutes.all)
    func outgoing(_ api: AppsInTossAPI) async throws {
        let house = try ConnectorHouse()
        let body = api.route.method == .get ? "" : "{\"x\" : 1,\n\"이름\":\"값\" }"
        let fields: HTTPFields = [
            "X-Toss-User-Key": "443731104", "Content-Type": "application/json", "X-Own": "1", "Cookie": "c", "Bujeol-Caller": "web:web:key",
            "Accept-Encoding": "gzip", "If-None-Match": "*", "Proxy-Authorization": "Basic YQ==",
        ]
        let response = await house.call(api.route.method, api.path + "?q=1", body, fields)
        #expect(response.status == 200)
        #expect(response.outcome == "delivered")
        let sent = try #require(house.exchange.sent.first)
        #expect(house.exchange.sent.count == 1)
        #expect(
            sent.origin == HTTPOrigin(isSecure: true, host: api.group == .pay ? AppsInTossHosts.pay : AppsInTossHosts.general, port: 443))
        #expect(sent.shown == "shop")
        #expect(sent.request.method == api.route.method)
        #expect(sent.request.target == api.path + "?q=1")
        #expect(sent.request.body == Array(body.utf8))
        #expect(sent.request.fields["x-toss-user-key"] == "443731104")
        #expect(sent.request.fields["Content-Type"] == "application/json")
        #expect(sent.request.fields["X-Own"] == "1")
        for name in ["Cookie", "Bujeol-Caller", "Accept-Encoding", "If-None-Match", "Proxy-Authorization", "Host"] {
            #expect(!sent.request.fields.contains(name), "\(name)")
        }
        #expect(house.connector.route(of: Call(method: api.route.method, path: api.path)) == api.route)
    }

    @Test("With a base both hosts are behind it, under its path")
    func base() async throws {
        let house = try ConnectorHouse(settings: ", base: \"https://127.0.0.1:8643/apps-in-toss/\", trust: \"ca.pem\"")
        _ = try await house.call("execute-payment")
        _ = try await house.call("send-message")
        #expect(house.exchange.sent.map(\.origin.port) == [8643, 8643])
        #expect(house.exchange.sent.map(\.request.target).allSatisfy { $0.hasPrefix("/apps-in-toss/api-partner/v1/apps-in-toss/") })
    }

    @Test("The end user's token reaches the calls that take it and no others; nobody else's credentials reach any")
    func userToken() async throws {
        let house = try ConnectorHouse()
        for name in ["login-me", "remove-by-access-token"] {
            _ = try await house.call(name, "", ["authorization": "bearer user-token"])
            #expect(house.exchange.sent.last?.request.fields["Authorization"] == "bearer user-token")
        }
        let count = house.exchange.sent.count
        for value in ["Basic dXNlcjpwYXNz", "user-token", "Bearer"] {
            let refused = try await house.call("login-me", "", ["Authorization": value])
            #expect(refused.status == 400 && refused.outcome == "refused")
        }
        let twice = try await house.call("login-me", "", ["Authorization": "Bearer a", "authorization": "Bearer b"])
        #expect(twice.status == 400)
        #expect(house.exchange.sent.count == count)
        _ = try await house.call("execute-payment", "{}", ["Authorization": "Basic dXNlcjpwYXNz"])
        #expect(house.exchange.sent.last?.request.fields.contains("Authorization") == false)
    }

    @Test("A path that the table does not know is passed on, to the host that its path tells, as one that is never repeated")
    func unknownPath() async throws {
        let house = try ConnectorHouse()
        let path = "/api-partner/v1/apps-in-toss/pay/new-call"
        #expect(await house.call(.post, path, "{}").status == 200)
        #expect(house.exchange.sent.last?.origin.host == AppsInTossHosts.pay)
        #expect(await house.call(.post, "/api-partner/v2/new", "{}").status == 200)
        #expect(house.exchange.sent.last?.origin.host == AppsInTossHosts.general)
        #expect(house.connector.route(of: Call(method: .post, path: path)) == nil)
    }

    @Test("What a quick curl leaves out is filled in: the empty object and the type of JSON; other types stay")
    func completion() async throws {
        let house = try ConnectorHouse()
        _ = try await house.call("get-key", "")
        #expect(house.exchange.sent.last?.request.body == Array("{}".utf8))
        #expect(house.exchange.sent.last?.request.fields["Content-Type"] == "application/json; charset=utf-8")
        _ = try await house.call("execute-payment", " {\"a\":1}", ["Content-Type": "application/x-www-form-urlencoded"])
        #expect(house.exchange.sent.last?.request.fields.values("Content-Type") == ["application/json; charset=utf-8"])
        _ = try await house.call("execute-payment", "a=1", ["Content-Type": "application/x-www-form-urlencoded"])
        #expect(house.exchange.sent.last?.request.fields["Content-Type"] == "application/x-www-form-urlencoded")
        _ = try await house.call("execute-payment", "")
        #expect(house.exchange.sent.last?.request.body == [])
    }

    @Test("Where callers must prove themselves, only id and key of one of them open the connection")
    func callers() async throws {
        let house = try ConnectorHouse(settings: ", requireCaller: true")
        for field in [nil, "", "web", "web:", "web:key", "web:web:kez", "other:web:key", "Basic d2ViOndlYjprZXk="] {
            let fields: HTTPFields = field.map { ["Bujeol-Caller": $0] } ?? [:]
            let response = try await house.call("login-me", "", fields)
            #expect(response.status == 401)
            #expect(response.connectorJSON?["code"] == "caller-unknown")
            #expect(await house.call(.get, "/-/promotions", "", fields).status == 401)
        }
        #expect(house.exchange.sent.isEmpty)
        #expect(try await house.call("login-me", "", ["Bujeol-Caller": "web:web:key"]).status == 200)
        #expect(await house.call(.get, "/-/promotions", "", ["Bujeol-Caller": "web:web:key"]).status == 200)
    }

    /// Status and body of an answer, and what they mean.
    static let answers: [(Int, String, String, String?)] = [
        (200, "{\"resultType\":\"SUCCESS\",\"success\":{\"a\":1.50}}", "success", nil),
        (500, "{\"resultType\":\"SUCCESS\",\"result\":{}}", "success", nil), (200, "{\"resultType\":\"SUCCESS\"}", "success", nil),
        (200, "{\"resultType\":\"FAIL\",\"error\":{\"errorCode\":\"PAYMENT_NOT_FOUND\",\"reason\":\"…\"}}", "fail", "PAYMENT_NOT_FOUND"),
        (200, "{\"error\":{\"errorCode\":4113,\"reason\":\"r\"},\"resultType\":\"FAIL\"}", "fail", "4113"),
        (400, "{\"error\":\"invalid_grant\"}", "fail", "invalid_grant"), (200, "{\"error\":\"invalid_grant\"}", "fail", "invalid_grant"),
        (200, "{\"resultType\":\"HTTP_TIMEOUT\",\"error\":{\"errorCode\":\"X\"}}", "unknown", "X"),
        (200, "{\"resultType\":\"NETWORK_ERROR\",\"error\":{}}", "unknown", nil),
        (200, "{\"resultType\":\"EXECUTION_FAIL\"}", "unknown", nil),
        (200, "{\"resultType\":\"INTERRUPTED\"}", "unknown", nil), (200, "{\"resultType\":\"INTERNAL_ERROR\"}", "unknown", nil),
        (200, "{\"resultType\":\"SOMETHING_NEW\"}", "unknown", nil), (502, "<html>Bad Gateway</html>", "unknown", nil),
        (200, "{\"error\":\"something_else\"}", "unknown", "something_else"),
        (200, "{\"resultType\":\"FAIL\",\"error\":{\"errorCode\":\"a b\\r\\nX-Evil: 1\"}}", "fail", nil), (204, "", "unknown", nil),
    ]

    @Test("The envelope decides before the status, and the body passes byte for byte", arguments: answers)
    func envelope(_ status: Int, _ body: String, _ result: String, _ code: String?) async throws {
        let exchange = ScriptedAppsInToss { _, _ in
            HTTPResponse(status: status, fields: ["X-A": "b", "Bujeol-Result": "x"], body: Array(body.utf8))
        }
        let house = try ConnectorHouse(exchange)
        let response = try await house.call("get-order-status")
        #expect(response.status == status)
        #expect(response.text == body)
        #expect(response.outcome == "delivered")
        #expect(response.fields.values("Bujeol-Result") == [result])
        #expect(response.fields["Bujeol-Error-Code"] == code)
        #expect(response.fields["X-A"] == "b")
        #expect(exchange.sent.count == 1)
        #expect(house.count("bujeol_apps_in_toss_results_total", "route", "get-order-status", result) == "1")
    }

    @Test("4095 stops the whole mini-app for as long as the refusal says: nothing is sent, and the caller is told when to come again")
    func limitOfTheProvider() async throws {
        let exchange = ScriptedAppsInToss { _, number in
            number == 0 ? ScriptedAppsInToss.failure(.limitExceeded, data: ["retryAfterSeconds": 90]) : ScriptedAppsInToss.success([:])
        }
        let time = ConnectorClock()
        let house = try ConnectorHouse(exchange, time: time)
        let first = try await house.call("login-me")
        #expect(first.fields["Bujeol-Error-Code"] == "4095")
        #expect(first.result == "fail")
        let second = try await house.call("execute-payment")
        #expect(second.status == 429)
        #expect(second.outcome == "not-sent")
        let wait = try #require(second.fields["Retry-After"].flatMap { Int($0) })
        #expect((80...100).contains(wait))
        #expect(exchange.sent.count == 1)
        time.advance(by: .seconds(200))
        #expect(try await house.call("execute-payment").status == 200)
    }

    @Test("The eleventh message to one user within a minute is not sent, since the provider's refusal of it would stop everybody's calls")
    func limitPerUser() async throws {
        let time = ConnectorClock()
        let house = try ConnectorHouse(time: time)
        for _ in 0..<10 { #expect(try await house.call("send-message").status == 200) }
        let eleventh = try await house.call("send-message")
        #expect(eleventh.status == 429)
        #expect(eleventh.outcome == "not-sent")
        #expect(eleventh.connectorJSON?["code"] == "limit-reached")
        let wait = try #require(eleventh.fields["Retry-After"].flatMap { Int($0) })
        #expect((50...61).contains(wait))
        #expect(house.exchange.sent.count == 10)
        #expect(try await house.call("execute-payment").status == 200)
        let api = try #require(AppsInTossRoutes.row(named: "send-message"))
        #expect(await house.call(.post, api.path, "{}", ["x-toss-user-key": "7"]).status == 200)
        time.advance(by: .seconds(61))
        #expect(try await house.call("send-message").status == 200)
    }

    @Test("The connection's own limit turns away what cannot be sent in time, and counts both hosts together")
    func ownLimit() async throws {
        let house = try ConnectorHouse(settings: ", limit: { perMinute: 2, perSecond: 2 }")
        #expect(try await house.call("login-me").status == 200)
        #expect(try await house.call("execute-payment").status == 200)
        let third = try await house.call("send-message", "{}", ["Bujeol-Deadline": "5s", "Bujeol-Lane": "person"])
        #expect(third.status == 429)
        #expect(third.connectorJSON?["code"] == "limit-reached")
        #expect(third.fields.contains("Retry-After"))
        #expect(house.exchange.sent.count == 2)
        let wrong = try await house.call("login-me", "", ["Bujeol-Lane": "fast"])
        #expect(wrong.status == 400 && wrong.outcome == "refused")
    }

    @Test("4010 makes the connection unready until a call succeeds; an anonymous key that is refused with the same code does not")
    func unknownCertificate() async throws {
        let isKnown = Locked(true)
        let exchange = ScriptedAppsInToss { _, _ in
            isKnown.withLock { $0 } ? ScriptedAppsInToss.success(["userKey": 1]) : ScriptedAppsInToss.failure(.unauthenticated)
        }
        let house = try ConnectorHouse(exchange)
        #expect(await house.connector.readiness().isReady)
        isKnown.withLock { $0 = false }
        _ = try await house.call("verify-anonymous-key", "{}", ["x-anon-key": "a"])
        _ = await house.call(.post, "/api-partner/v1/apps-in-toss/messenger/send-message", "{}", ["x-anon-key": "a"])
        #expect(await house.connector.readiness().isReady)
        let response = try await house.call("login-me")
        #expect(response.fields["Bujeol-Error-Code"] == "4010")
        let readiness = await house.connector.readiness()
        #expect(!readiness.isReady)
        #expect(readiness.reason.english.contains("4010"))
        #expect(house.logged.contains("does not know the certificate"))
        #expect(house.metrics.text.contains("bujeol_apps_in_toss_refusals_total{connection=\"toss\",code=\"4010\"} 3"))
        isKnown.withLock { $0 = true }
        _ = try await house.call("login-me")
        #expect(await house.connector.readiness().isReady)
    }

    @Test("HEAD is delivered without a body to read")
    func head() async throws {
        let house = try ConnectorHouse(ScriptedAppsInToss { _, _ in HTTPResponse(status: 200) })
        let response = await house.call(.head, AppsInTossRoutes.prefix + "/user/oauth2/login-me")
        #expect(response.status == 200)
        #expect(response.result == nil)
    }
}
