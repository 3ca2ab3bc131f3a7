import Base
import Foundation
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

@Suite("What the Bootpay connection sends, and to whom it answers itself")
struct ConnectorTests {
    private static let shop = CallerRegistry.Caller(name: "shop", id: "shop-id", key: Secret("shop+key/="))
    private static let other = CallerRegistry.Caller(name: "other", id: "other-id", key: Secret("other-key"))

    @Test("The token goes raw into Authorization, in the place of whatever the caller sent, and body and path go untouched")
    func request() throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            let body = Array(#"{ "receipt_id" : "1", "price": 1000.0, "unknown": [ ] }"#.utf8)
            _ = await house.call(
                .post, "/cancel.json?a=%20b",
                fields: ["Authorization": "Bearer caller", "authorization": "second", "Cookie": "c=1", "Content-Type": "text/plain"],
                body: body)
            let seen = house.provider.with { $0.seen }
            let token = house.provider.with { $0.issues[0].token }
            #expect(seen.count == 1)
            #expect(seen[0].target == "/cancel.json?a=%20b")
            #expect(seen[0].method == .post)
            #expect(seen[0].body == body)
            #expect(seen[0].fields == ["Content-Type": "text/plain", "Authorization": token])
        }
    }

    @Test("Bootpay's answer comes back byte for byte, an error with odd fields and a compressed body too")
    func reply() throws {
        let house = SimulatedHouse()
        let odd: [UInt8] = [0x1F, 0x8B, 0x00, 0xFF, 0x0A]
        house.provider.with { state in
            state.answer = HTTPResponse(
                status: 422, fields: ["Content-Encoding": "gzip", "X-Twice": "1", "X-Twice": "2", "Connection": "close"], body: odd)
        }
        try house.simulation.run {
            let response = await house.call(.post, "/cancel")
            #expect(response.status == 422)
            #expect(response.bytes == odd)
            #expect(
                response.fields == ["Content-Encoding": "gzip", "X-Twice": "1", "X-Twice": "2", "Bujeol-Outcome": "delivered"])
        }
    }

    @Test("Routes are found with and without .json; DELETE and GET of one path are two; what no table knows has no row")
    func routes() {
        let connector = SimulatedHouse().connector
        func name(_ method: HTTPMethod, _ path: String) -> String? { connector.route(of: Call(method: method, path: path))?.name }
        #expect(name(.get, "/receipt/abc") == "verify")
        #expect(name(.head, "/receipt/abc") == "verify")
        #expect(name(.get, "/receipt/abc.json") == "verify")
        #expect(name(.get, "/receipt/") == "verify")
        #expect(name(.get, "/subscribe/billing/abc") == "find-billing-key")
        #expect(name(.delete, "/subscribe/billing/abc.json") == "delete-billing-key")
        #expect(name(.delete, "/subscribe/billing/reserve/abc") == "cancel-reservation")
        #expect(name(.post, "/subscribe/billing.json") == "charge")
        #expect(name(.get, "/cancel") == nil)
        #expect(name(.post, "/receipt/abc") == nil)
        #expect(name(.get, "/receipt/abc/def") == nil)
        for route in connector.routes where route.method == .post && route.name != "token" && !route.name.hasSuffix("token") {
            #expect(!route.effect.mayBeRepeated, "\(route.name)")
        }
    }

    // MARK: Tokens for callers

    struct Form: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path = "/request/token"
        var fields: HTTPFields = [:]
        var body: String
    }

    @Test(
        "A client that insists on fetching a token gets one of the gateway's, however it asks",
        arguments: [
            Form(
                testDescription: "JSON", fields: ["Content-Type": "application/json"],
                body: #"{"application_id":"shop-id","private_key":"shop+key/=","extra":null}"#),
            Form(
                testDescription: "JSON with .json and a stale token", path: "/request/token.json",
                fields: ["Content-Type": "application/json; charset=utf-8", "Authorization": "stale"],
                body: #"{"private_key":"shop+key\/=","application_id":"shop-id"}"#),
            Form(testDescription: "JSON without a type", body: #" {"application_id":"shop-id","private_key":"shop+key/="}"#),
            Form(
                testDescription: "form", fields: ["Content-Type": "application/x-www-form-urlencoded"],
                body: "application_id=shop-id&private_key=shop%2Bkey%2F%3D"),
            Form(testDescription: "form without a type", body: "application_id=shop-id&private_key=shop%2Bkey%2F%3D"),
        ])
    func callerTokens(_ form: Form) throws {
        let house = SimulatedHouse(callers: [ConnectorTests.shop])
        try house.simulation.run {
            let response = await house.call(.post, form.path, fields: form.fields, body: Array(form.body.utf8))
            #expect(response.status == 200)
            #expect(response.outcome == "answered")
            let envelope = try #require(BootpayEnvelope(response.bytes ?? []))
            #expect(envelope.isSuccess)
            let data = try #require(envelope.data)
            #expect(data["token"]?.string?.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            #expect(data["server_time"]?.integer == house.simulation.now.unixSeconds)
            #expect(data["expired_at"]?.integer == house.simulation.now.unixSeconds + 1800)
            #expect(house.provider.with { $0.tokenCalls + $0.calls } == 0)
        }
    }

    @Test("The gateway's tokens follow Bootpay's rule: the same to 25 minutes, then a new one beside the old, which lives to 30")
    func callerTokenRule() throws {
        let house = SimulatedHouse(requireCaller: true, callers: [ConnectorTests.shop, ConnectorTests.other])
        try house.simulation.run {
            func token(_ body: String = #"{"application_id":"shop-id","private_key":"shop+key/="}"#) async throws -> String {
                let response = await house.call(.post, "/request/token", body: Array(body.utf8))
                return try #require(response.json?["data"]?["token"]?.string)
            }
            func status(_ token: String) async -> Int { await house.call(fields: ["Authorization": token]).status }
            func wait(until seconds: Int) async throws {
                try await house.simulation.sleep(for: .seconds(seconds) - house.simulation.uptime)
            }
            let first = try await token()
            #expect(try await token(#"{"application_id":"other-id","private_key":"other-key"}"#) != first)
            #expect(await status(first) == 200)
            try await wait(until: 1499)
            #expect(try await token() == first)
            try await wait(until: 1500)
            let second = try await token()
            #expect(second != first)
            try await wait(until: 1798)
            #expect(await status(first) == 200)
            #expect(await status(second) == 200)
            try await wait(until: 1800)
            #expect(await status(first) == 401)
            #expect(await status(second) == 200)
            #expect(house.provider.with { $0.refusals } == 0)
        }
    }

    @Test("With requireCaller a call needs a live token of the gateway's, raw, and nothing leaves without one")
    func requiredCaller() throws {
        let house = SimulatedHouse(requireCaller: true, callers: [ConnectorTests.shop])
        try house.simulation.run {
            _ = await house.call(.post, "/request/token", body: Array(#"{"application_id":"shop-id","private_key":"shop+key/="}"#.utf8))
            for fields in [[:], ["Authorization": ""], ["Authorization": "Bearer x"], ["Authorization": String(repeating: "0", count: 64)]]
                as [HTTPFields]
            {
                let response = await house.call(fields: fields)
                #expect(response.status == 401)
                #expect(response.outcome == "refused")
                #expect(response.json?["code"] == "caller-unknown")
                #expect(response.fields["WWW-Authenticate"] != nil)
            }
            #expect(house.provider.with { $0.calls + $0.tokenCalls } == 0)
        }
    }

    @Test(
        "Wrong ids and keys are refused by the gateway in its own name",
        arguments: [
            #"{"application_id":"shop-id","private_key":"wrong"}"#, #"{"application_id":"nobody","private_key":"shop+key/="}"#,
            #"{"application_id":"other-id","private_key":"shop+key/="}"#, #"{"application_id":"application","private_key":"real-key"}"#,
            #"{"application_id":"application","private_key":"wrong"}"#,
        ])
    func wrongCallers(_ body: String) throws {
        let house = SimulatedHouse(callers: [ConnectorTests.shop, ConnectorTests.other])
        try house.simulation.run {
            let response = await house.call(.post, "/request/token", body: Array(body.utf8))
            #expect(response.status == 401)
            #expect(response.outcome == "refused")
            #expect(response.json?["code"] == "caller-unknown")
            #expect(BootpayEnvelope(response.bytes ?? []) == nil)
            let text = String(decoding: response.bytes ?? [], as: UTF8.self)
            #expect(!text.contains("real-key"))
            #expect(text.contains("do not send Bootpay's own") == body.contains("\"application\""))
            #expect(house.provider.with { $0.tokenCalls + $0.calls } == 0)
        }
    }

    @Test(
        "A token call that names nobody is invalid", arguments: ["", "{}", "[]", "application_id=shop-id", "%zz", #"{"application_id":1}"#])
    func unreadableTokenCalls(_ body: String) throws {
        let house = SimulatedHouse(callers: [ConnectorTests.shop])
        try house.simulation.run {
            let response = await house.call(.post, "/request/token", body: Array(body.utf8))
            #expect(response.status == 400)
            #expect(response.outcome == "refused")
        }
    }

    @Test("The real key stands in the token call's body and nowhere else, least of all in metrics and readiness")
    func secrecy() throws {
        let lines = Locked<[String]>([])
        let simulation = Simulation()
        let provider = ModelProvider(time: simulation)
        let metrics = Metrics()
        let log = Log(minimum: .debug, time: simulation) { line in lines.withLock { $0.append(line) } }
        let connector = BootpayConnector(
            BootpayConnector.Configuration(applicationID: "application", privateKey: Secret("real-key")),
            environment: ConnectorEnvironment(
                connection: "bootpay", exchange: provider, time: simulation, random: SeededRandom(), log: log, metrics: metrics))
        let gateway = Gateway(connections: ["bootpay": connector], exchange: provider, time: simulation, log: log, metrics: metrics)
        try simulation.run {
            let peer = HTTPPeer(address: "127.0.0.1", port: 1)
            _ = await gateway.respond(to: HTTPRequest(method: .get, target: "/bootpay/receipt/1"), from: peer)
            let ready = await gateway.respond(to: HTTPRequest(method: .get, target: "/-/ready"), from: peer)
            let token = provider.with { $0.issues[0].token }
            let texts = [
                metrics.text, String(decoding: ready.bytes ?? [], as: UTF8.self), lines.withLock { $0.joined() }, "\(connector)",
                String(reflecting: connector),
            ]
            #expect(!texts[2].isEmpty)
            #expect(metrics.text.contains(#"bujeol_token_fetches_total{connection="bootpay",result="new"} 1"#))
            for text in texts {
                #expect(!text.contains("real-key"))
                #expect(!text.contains(token))
            }
        }
    }
}
