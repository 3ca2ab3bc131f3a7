import AppsInToss
import Base
import Foundation
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: in-app orders") struct SandboxPurchaseTests {
    private func status(_ house: SandboxHouse, _ id: String, user: Int64? = nil, through door: SandboxHouse.Door = .demo) async -> Judgement
    {
        await house.send("get-order-status", ["orderId": .string(id)], user: user, through: door)
    }

    private func order(_ house: SandboxHouse, _ wishes: JSON = [:]) async throws -> String {
        try #require(try await house.ask(.post, "/orders", wishes)["orderId"]?.string)
    }

    @Test("All eight statuses, five with product and time in Korean without a zone, three without", arguments: OrderStatus.allCases)
    func statuses(_ wanted: OrderStatus) async throws {
        let house = try await SandboxHouse()
        let id = try await order(house, ["status": .string(wanted.rawValue), "sku": "ait.0000010000.coins", "reason": "told"])
        let judgement = await status(house, id)
        #expect(judgement.isSuccess)
        let reply = judgement.success
        #expect(reply["status"]?.string == wanted.rawValue && reply["orderId"]?.string == id && reply["reason"] == "told")
        if ["NOT_FOUND", "MINIAPP_MISMATCH", "ERROR"].contains(wanted.rawValue) {
            #expect(reply["sku"] == nil && reply["statusDeterminedAt"] == nil)
        } else {
            #expect(reply["sku"] == "ait.0000010000.coins")
            let korean = house.clocks.now(.demo).koreanText.replacingOccurrences(of: " ", with: "T")
            #expect(reply["statusDeterminedAt"]?.string == korean)
        }
    }

    @Test("An order id is a UUID of version 7 that carries the tenant's time")
    func identifier() async throws {
        let house = try await SandboxHouse()
        let id = try await order(house)
        #expect(UUID(uuidString: id) != nil)
        let digits = id.filter { $0 != "-" }
        let variant = try #require(digits.dropFirst(16).first)
        #expect(digits.dropFirst(12).first == "7" && "89ab".contains(variant))
        #expect(Int64(digits.prefix(12), radix: 16) == house.clocks.now(.demo).nanosecondsSinceEpoch / 1_000_000)
    }

    @Test("An order that nobody made, another mini-app's and another user's: successes that say so, with the true reason for the developer")
    func others() async throws {
        let house = try await SandboxHouse()
        let demo = Int64(AppsInTossDemonstration.userKey)
        let id = try await order(house, ["user_key": .number(demo)])
        let unknown = await status(house, "00000000-0000-7000-8000-000000000000")
        #expect(unknown.isSuccess && unknown.success["status"] == "NOT_FOUND" && unknown.rule == "order.unknown")
        let (door, stranger) = try await house.makeApp("other-app")
        for user in [nil, stranger] {
            let foreign = await status(house, id, user: user, through: door)
            #expect(foreign.isSuccess && foreign.success["status"] == "MINIAPP_MISMATCH" && foreign.rule == "order.other-app")
            #expect(foreign.success["sku"] == nil && foreign.verdict?.isBilingual == true)
        }
        let neighbour = await status(house, id, user: Int64(AppsInTossDemonstration.reluctantUserKey))
        #expect(neighbour.success["status"] == "NOT_FOUND" && neighbour.rule == "order.other-user")
        #expect(await status(house, id, user: demo).success["status"] == "PURCHASED")
        #expect(await status(house, id.uppercased()).success["status"] == "PURCHASED")
        #expect(await status(house, "order-1").isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
    }

    @Test("Settings: a demanded user, an offset in times, the other final status, and a lag that the tenant's clock ends")
    func settings() async throws {
        let house = try await SandboxHouse()
        try await house.set([
            "order_user_required": true, "order_time_form": "offset", "order_final_status": "PAYMENT_COMPLETED",
            "order_lag_milliseconds": 1000,
        ])
        let demo = Int64(AppsInTossDemonstration.userKey)
        let id = try await order(house)
        #expect(await status(house, id).isRefusal("INVALID_PARAMETER", "user.missing", status: 400))
        let early = await status(house, id, user: demo)
        #expect(early.success["status"] == "NOT_FOUND" && early.rule == "order.lag")
        house.clocks.advance(.milliseconds(1000))
        let reply = await status(house, id, user: demo).success
        #expect(reply["status"] == "PAYMENT_COMPLETED" && reply["statusDeterminedAt"]?.string?.hasSuffix("+09:00") == true)
        #expect(reply["reason"] == .null)
    }

    @Test("Buyer, mini-app and shop move an order; a grant that does not come in thirty seconds is named")
    func moves() async throws {
        let house = try await SandboxHouse()
        let id = try await order(house, ["status": "ORDER_IN_PROGRESS"])
        try await house.ask(.post, "/orders/\(id)/pay")
        #expect(await status(house, id).success["reason"] == .null)
        house.clocks.advance(.seconds(29))
        #expect(await status(house, id).success["reason"] == .null)
        house.clocks.advance(.seconds(1))
        #expect(await status(house, id).success["reason"] == "PRODUCT_NOT_GRANTED_BY_PARTNER")
        try await house.ask(.post, "/orders/\(id)/grant")
        let granted = await status(house, id).success
        #expect(granted["status"] == "PURCHASED" && granted["reason"] == .null)
        house.clocks.advance(.seconds(3600))
        try await house.ask(.post, "/orders/\(id)/refund")
        let refunded = await status(house, id).success
        #expect(refunded["status"] == "REFUNDED" && refunded["statusDeterminedAt"] != granted["statusDeterminedAt"])
        let (conflict, _) = try await house.control(.post, "/orders/\(id)/grant")
        #expect(conflict == 409)
        let other = try await order(house, ["status": "PAYMENT_COMPLETED"])
        try await house.ask(.post, "/orders/\(other)/fail-grant")
        #expect(await status(house, other).success["reason"] == "PRODUCT_NOT_GRANTED_BY_PARTNER")
        try await house.ask(.put, "/orders/\(other)", ["status": "ERROR"])
        #expect(await status(house, other).success["status"] == "ERROR")
        let (twice, _) = try await house.control(.post, "/orders", ["order_id": .string(id)])
        #expect(twice == 409)
        let (wrong, _) = try await house.control(.post, "/orders", ["status": "GONE"])
        #expect(wrong == 400)
        #expect(try await house.ask(.get, "/orders")["orders"]?.elements?.count == 2)
    }
}

@Suite("Apps in Toss sandbox: the check of an anonymous key") struct SandboxAnonymousKeyTests {
    @Test("A good key is true, or the text of it; a bad one is 4010 with an empty success, by HTTP 200 or 401")
    func answers() async throws {
        let house = try await SandboxHouse()
        func verify(_ key: String, through door: SandboxHouse.Door = .demo) async -> Judgement {
            await house.send("verify-anonymous-key", through: door, fields: [("x-anon-key", key)])
        }
        let key = AppsInTossDemonstration.anonymousKey
        #expect(await verify(key).success == true)
        let bad = await verify("nobody")
        #expect(bad.reply.status == 200 && bad.code == "4010" && bad.rule == "anonymous-key.unknown")
        #expect(bad.body["success"] == .null && bad.body["error"]?["reason"] == "인증 정보를 찾을 수 없어요.")
        #expect(bad.verdict?.isBilingual == true)
        let (door, _) = try await house.makeApp("other-app")
        #expect(await verify(key, through: door).rule == "anonymous-key.other-app")
        try await house.set(["anon_key_reply": "text", "anon_key_http_401": true])
        #expect(await verify(key).success == "true")
        #expect(await verify("nobody").reply.status == 401)
    }

    @Test("Without a key, or with both headers, the call is refused as malformed")
    func headers() async throws {
        let house = try await SandboxHouse()
        let demo = Int64(AppsInTossDemonstration.userKey)
        #expect(await house.send("verify-anonymous-key").isRefusal("INVALID_PARAMETER", "anonymous-key.missing", status: 400))
        let user = await house.send("verify-anonymous-key", user: demo)
        #expect(user.isRefusal("INVALID_PARAMETER", "anonymous-key.missing", status: 400))
        let both = await house.send(
            "verify-anonymous-key", user: demo, fields: [("x-anon-key", AppsInTossDemonstration.anonymousKey)])
        #expect(both.isRefusal("INVALID_PARAMETER", "user.both-headers", status: 400))
    }
}
