import Base
import Foundation
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss connector: callbacks")
struct ConnectorCallbackTests {
    private static let provider = "117.52.3.83"
    private static let settings = """
        , callbacks: { unlinkBasicText: "our text, no colon", webhookSecret: "hook-secret",
            deliverTo: "http://127.0.0.1:3000/toss" }
        """
    private static let basic = "Basic " + Data("our text, no colon".utf8).base64EncodedString()
    private static let hook = "Basic " + Data("hook-secret".utf8).base64EncodedString()

    static func event(reason: String = "RENEWED", occurredAt: String = "2026-01-01T09:00:00", order: String = "order-1") -> String {
        """
        {"eventType":"subscription.status_changed","eventVersion":"1.0","occurredAt":"\(occurredAt)","orderId":"\(order)","sku":"ait.1",
         "changeReason":"\(reason)","subscription":{"current":{"status":"ACTIVE","accessGranted":true,"expiresAt":null,"autoRenew":true}},"new":[1]}
        """
    }

    private func house(
        _ status: Int = 200, settings: String = settings, records: (any RecordKeeper)? = nil, time: any TimeSource = ConnectorClock()
    ) throws -> ConnectorHouse {
        let exchange = ScriptedAppsInToss { _, _ in HTTPResponse(status: status) }
        return try ConnectorHouse(exchange, settings: settings, time: time, records: records)
    }

    private func unlink(
        _ house: ConnectorHouse, _ body: String = "{\"userKey\":443731104,\"referrer\":\"UNLINK\"}", from address: String = provider,
        authorization: String? = basic
    ) async -> HTTPResponse {
        let fields: HTTPFields = authorization.map { ["Authorization": $0] } ?? [:]
        return await house.call(.post, "/-/callbacks/unlink", body, fields, from: address)
    }

    private func subscription(
        _ house: ConnectorHouse, _ body: String = event(), authorization: String = hook
    ) async -> HTTPResponse {
        await house.call(.post, "/-/callbacks/subscription", body, ["Authorization": authorization], from: ConnectorCallbackTests.provider)
    }

    private func handed(_ house: ConnectorHouse) throws -> [JSON] { try house.exchange.sent.map { try JSON($0.request.body) } }

    @Test("An unlink notice reaches the application as JSON in all three reasons, by POST and by GET", arguments: UnlinkReferrer.known)
    func notices(_ referrer: UnlinkReferrer) async throws {
        let house = try house()
        let posted = await unlink(house, "{\"userKey\":443731104,\"referrer\":\"\(referrer)\"}")
        #expect(posted.status == 200)
        #expect(posted.bytes == [])
        let got = await house.call(
            .get, "/-/callbacks/unlink?userKey=5&referrer=\(referrer)", "", ["Authorization": ConnectorCallbackTests.basic],
            from: ConnectorCallbackTests.provider)
        #expect(got.status == 200)
        let sent = house.exchange.sent
        #expect(sent.map(\.origin) == [HTTPOrigin](repeating: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 3000), count: 2))
        #expect(sent.map(\.request.target) == ["/toss", "/toss"])
        #expect(sent.allSatisfy { $0.shown == nil && !$0.request.fields.contains("Authorization") })
        let bodies = try handed(house)
        #expect(
            bodies[0] == [
                "type": "unlink", "connection": "toss", "app": "shop", "receivedAt": .string(ConnectorClock().now.internetText),
                "userKey": 443_731_104, "referrer": .string(referrer.rawValue), "repeated": false,
            ])
        #expect(bodies[1]["userKey"] == 5)
        #expect(!house.logged.contains("443731104"))
        #expect(house.count("bujeol_apps_in_toss_callbacks_total", "kind", "unlink", "taken") == "2")
    }

    @Test("An event whose repeat comes while it is being looked up is handed on once")
    func repeatAtTheSameInstant() async throws {
        let records = InterruptedRecords()
        let house = try house(records: records)
        let repeated = Locked<Int?>(nil)
        records.beforeFirstAnswer {
            let status = await subscription(house).status
            repeated.withLock { $0 = status }
        }
        #expect(await subscription(house).status == 204)
        #expect(house.exchange.sent.count == 1)
        #expect(repeated.withLock { $0 } == 503)
        #expect(await subscription(house).status == 204)
        #expect(house.exchange.sent.count == 1)
    }

    @Test(
        "Only the documented addresses come in",
        arguments: [
            ("117.52.3.11", true), ("211.115.96.11", true), ("106.249.5.11", true), ("117.52.3.80", true), ("117.52.3.87", true),
            ("211.115.96.84", true), ("106.249.5.87", true), ("117.52.3.79", false), ("117.52.3.88", false), ("117.52.3.12", false),
            ("117.52.3.192", false), ("127.0.0.1", false), ("::1", false), ("::ffff:117.52.3.11", true), ("", false),
        ])
    func sources(_ address: String, _ isAllowed: Bool) async throws {
        let house = try house()
        let response = await unlink(house, from: address)
        #expect(response.status == (isAllowed ? 200 : 403))
        #expect(house.exchange.sent.count == (isAllowed ? 1 : 0))
        #expect(house.count("bujeol_apps_in_toss_callbacks_total", "kind", "unlink", "refused-source") == (isAllowed ? "0" : "1"))
        if !isAllowed { #expect(house.logged.contains("refused-source")) }
    }

    @Test("The setting opens other sources, or all of them")
    func otherSources() async throws {
        let proofs = "unlinkBasicText: \"our text, no colon\", deliverTo: \"http://127.0.0.1:3000/toss\""
        let listed = try house(settings: ", callbacks: { \(proofs), sources: [\"127.0.0.1\", \"10.0.0.0/8\", \"192.0.2.1~3\"] }")
        for (address, status) in [("127.0.0.1", 200), ("10.9.9.9", 200), ("192.0.2.3", 200), ("192.0.2.4", 403), ("117.52.3.11", 403)] {
            #expect(await unlink(listed, from: address).status == status)
        }
        let any = try house(settings: ", callbacks: { \(proofs), sources: \"any\" }")
        #expect(await unlink(any, from: "198.51.100.7").status == 200)
        // Without a webhookSecret there is no webhook.
        #expect(await subscription(any).status == 404)
        #expect(!any.connector.isCallback(Call(method: .post, path: "/-/callbacks/subscription")))
        #expect(any.connector.isCallback(Call(method: .get, path: "/-/callbacks/unlink")))
        #expect(!any.connector.isCallback(Call(method: .put, path: "/-/callbacks/unlink")))
        #expect(!any.connector.isCallback(Call(method: .post, path: "/api-partner/v1/apps-in-toss/pay/execute-payment")))
    }

    @Test("What does not carry the console's text is refused, counted and logged, and the application hears nothing")
    func proofs() async throws {
        let house = try house()
        let wrong = [
            nil, "", "Basic", "Basic ", "Basic b3VyIHRleHQ=", "Bearer our text, no colon", ConnectorCallbackTests.hook,
            ConnectorCallbackTests.basic + "=", "Digest " + ConnectorCallbackTests.basic.dropFirst(6),
        ]
        for authorization in wrong { #expect(await unlink(house, authorization: authorization).status == 401) }
        let twice = await house.call(
            .post, "/-/callbacks/unlink", "{\"userKey\":1,\"referrer\":\"UNLINK\"}",
            ["Authorization": ConnectorCallbackTests.basic, "authorization": ConnectorCallbackTests.basic],
            from: ConnectorCallbackTests.provider)
        #expect(twice.status == 401)
        #expect(await subscription(house, authorization: ConnectorCallbackTests.basic).status == 401)
        #expect(house.exchange.sent.isEmpty)
        #expect(house.count("bujeol_apps_in_toss_callbacks_total", "kind", "unlink", "refused-proof") == String(wrong.count + 1))
        #expect(!house.logged.contains("our text") && !house.logged.contains("hook-secret") && !house.logged.contains("443731104"))
    }

    @Test(
        "What is no callback is refused",
        arguments: ["", "{}", "[]", "{\"userKey\":0,\"referrer\":\"UNLINK\"}", "{\"userKey\":1}", "{\"referrer\":\"UNLINK\"}", "userKey=1"])
    func unreadable(_ body: String) async throws {
        let house = try house()
        #expect(await unlink(house, body).status == 400)
        #expect(await subscription(house, body).status == 400)
        #expect(house.exchange.sent.isEmpty)
        #expect(house.count("bujeol_apps_in_toss_callbacks_total", "kind", "subscription", "refused-unreadable") == "1")
    }

    @Test("A body that is too long is not even read")
    func tooLong() async throws {
        let house = try house()
        let body = "{\"userKey\":1,\"referrer\":\"UNLINK\",\"x\":\"" + String(repeating: "x", count: 70_000) + "\"}"
        #expect(await unlink(house, body).status == 400)
    }

    @Test("An event proves itself by Basic or Bearer, and reaches the application whole, with an identity; it is answered with 204")
    func events() async throws {
        let house = try house()
        #expect(await subscription(house).status == 204)
        #expect(
            await subscription(house, ConnectorCallbackTests.event(reason: "EXPIRED"), authorization: "Bearer hook-secret").status == 204)
        let bodies = try handed(house)
        #expect(bodies.count == 2)
        #expect(bodies[0]["type"] == "subscription")
        #expect(bodies[0]["event"] == (try JSON(ConnectorCallbackTests.event())))
        #expect(bodies[0]["id"]?.string?.count == 64)
        #expect(bodies[0]["id"] != bodies[1]["id"])
    }

    @Test("The provider's test of the address is answered without bothering the application")
    func verification() async throws {
        let house = try house(500)
        let body = "{\"eventType\":\"callback.registration_verification\",\"occurredAt\":\"2026-01-01T09:00:00\"}"
        #expect(await subscription(house, body, authorization: "Bearer hook-secret").status == 204)
        #expect(house.exchange.sent.isEmpty)
        #expect(house.count("bujeol_apps_in_toss_callbacks_total", "kind", "subscription", "verification") == "1")
    }

    @Test("An event that comes again is handed on once, also by the next process; another time, reason or order is another event")
    func duplicates() async throws {
        let records = MemoryRecords(time: ConnectorClock())
        let first = try house(records: records)
        #expect(await subscription(first).status == 204)
        #expect(await subscription(first).status == 204)
        let second = try house(records: records)
        #expect(await subscription(second).status == 204)
        #expect(first.exchange.sent.count == 1 && second.exchange.sent.isEmpty)
        #expect(second.count("bujeol_apps_in_toss_callbacks_total", "kind", "subscription", "repeated") == "1")
        for event in [
            ConnectorCallbackTests.event(occurredAt: "2026-01-01T09:00:01"), ConnectorCallbackTests.event(reason: "ON_HOLD"),
            ConnectorCallbackTests.event(order: "order-2"),
        ] {
            #expect(await subscription(second, event).status == 204)
        }
        #expect(second.exchange.sent.count == 3)
    }

    @Test("An unlink notice that comes again is handed on again and said to be a repeat, until a new one can be meant")
    func repeatedNotice() async throws {
        let time = ConnectorClock()
        let records = MemoryRecords(time: time)
        let first = try house(records: records, time: time)
        #expect(await unlink(first).status == 200)
        let second = try house(records: records, time: time)
        #expect(await unlink(second).status == 200)
        time.advance(by: .seconds(601))
        #expect(await unlink(second).status == 200)
        #expect(try handed(first).map { $0["repeated"] } == [false])
        #expect(try handed(second).map { $0["repeated"] } == [true, false])
        for name in try await records.names(beginningWith: "callback/") {
            let text = name + String(decoding: try await records.record(name) ?? [], as: UTF8.self)
            #expect(!text.contains("443731104") && !text.contains("UNLINK"))
        }
    }

    @Test("What the application does not take is not acknowledged, and the repeat is handed on", arguments: [500, 404, 301])
    func notTaken(_ status: Int) async throws {
        let answers = Locked([status, 200])
        let exchange = ScriptedAppsInToss { _, _ in HTTPResponse(status: answers.withLock { $0.removeFirst() }) }
        let house = try ConnectorHouse(exchange, settings: ConnectorCallbackTests.settings)
        let refused = await subscription(house)
        #expect(refused.status == 503)
        #expect(refused.fields.contains("Retry-After"))
        #expect(refused.connectorJSON?["code"] == "callback-not-taken")
        #expect(await subscription(house).status == 204)
        #expect(exchange.sent.count == 2)
        #expect(house.count("bujeol_apps_in_toss_callbacks_total", "kind", "subscription", "not-taken") == "1")
    }

    @Test("An application that is not there is no acknowledgement either")
    func nobodyThere() async throws {
        let exchange = ScriptedAppsInToss { _, _ in throw ScriptedAppsInToss.unreachable }
        let house = try ConnectorHouse(exchange, settings: ConnectorCallbackTests.settings)
        let response = await unlink(house)
        #expect(response.status == 503)
        #expect(response.connectorJSON?["cause"] == "connection-refused")
    }

    @Test("The same event twice at one moment reaches the application once; the second is to come again")
    func atOnce() async throws {
        let box = Locked<ConnectorHouse?>(nil)
        let second = Locked<Int?>(nil)
        let exchange = ScriptedAppsInToss { _, number in
            if number == 0, let house = box.withLock({ $0 }) {
                let status = await house.call(
                    .post, "/-/callbacks/subscription", ConnectorCallbackTests.event(), ["Authorization": ConnectorCallbackTests.hook],
                    from: ConnectorCallbackTests.provider
                ).status
                second.withLock { $0 = status }
            }
            return HTTPResponse(status: 200)
        }
        let house = try ConnectorHouse(exchange, settings: ConnectorCallbackTests.settings)
        box.withLock { $0 = house }
        #expect(await subscription(house).status == 204)
        #expect(second.withLock { $0 } == 503)
        #expect(exchange.sent.count == 1)
        box.withLock { $0 = nil }
    }
}

/// Records whose first look-up is answered only after something else has happened, with what was there before it.
private final class InterruptedRecords: RecordKeeper {
    private let memory = MemoryRecords(time: ConnectorClock())
    private let interruption = Locked<(@Sendable () async -> Void)?>(nil)

    func beforeFirstAnswer(_ interruption: @escaping @Sendable () async -> Void) { self.interruption.withLock { $0 = interruption } }

    func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        let found = try await memory.record(name)
        let first = interruption.withLock { held in
            defer { held = nil }
            return held
        }
        await first?()
        return found
    }

    func names(beginningWith prefix: String) async throws(RecordError) -> [String] { try await memory.names(beginningWith: prefix) }

    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        try await memory.keep(name, bytes, until: end)
    }

    func forget(_ name: String) async throws(RecordError) { try await memory.forget(name) }
}
