import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxAccessTests {
    @Test(
        "Addresses and ranges of both families match as they should",
        arguments: [
            ("203.0.113.7", "203.0.113.7", true), ("203.0.113.7", "203.0.113.8", false), ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false), ("203.0.113.99/24", "203.0.113.1", true),
            ("203.0.113.128/25", "203.0.113.127", false),
            ("203.0.113.128/25", "203.0.113.128", true), ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/9", "10.128.0.0", false),
            ("0.0.0.0/0", "198.51.100.1", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "198.51.100.1", false),
            ("::/0", "2001:db8::1", true), ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::1", "2001:0db8:0:0:0:0:0:1", true), ("2001:db8::/127", "2001:db8::2", false), ("::1", "::1", true),
            ("203.0.113.7", "::ffff:203.0.113.7", true), ("::ffff:203.0.113.7", "203.0.113.7", true), ("fe80::1", "fe80::1%eth0", true),
            ("203.0.113.0/32", "203.0.113.1", false), ("203.0.113.7", "", false), ("203.0.113.7", "nonsense", false),
        ])
    func ranges(_ line: String, _ address: String, _ isAllowed: Bool) throws {
        let list = try AllowList([.string(line)])
        #expect(list.allows(address) == isAllowed)
        #expect(AllowList.all.allows(address))
    }

    @Test(
        "What is neither an address nor a range is refused",
        arguments: [
            "203.0.113", "203.0.113.0/33", "203.0.113.0/", "203.0.113.0/-1", "203.0.113.0/+8", "203.0.113.0/8/8", "2001:db8::/129",
            "shop.kr",
            "", "203.0.113.256", "/8",
        ])
    func invalidLines(_ line: String) async throws {
        #expect(throws: AllowList.InvalidLine(text: line)) { try AllowList([.string(line)]) }
        let house = try await SandboxHouse()
        let (status, body) = try await house.control(.put, "/applications/\(DemoData.application)/allow-list", ["allow": [.string(line)]])
        #expect(status == 400 && body["error"]?["ko"]?.string?.isEmpty == false)
        #expect(await house.askForToken().isSuccess)
    }

    @Test("Every call is checked against the list before its credentials, and an empty list allows nobody")
    func list() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let path = "/applications/\(DemoData.application)/allow-list"
        _ = try await house.control(.put, path, ["allow": ["203.0.113.0/24", "2001:db8::/32"]])
        for address in ["203.0.113.9", "2001:db8::9"] {
            #expect(await house.askForToken(from: address).isSuccess)
            #expect(await house.send(.get, "/receipt/\(SandboxHouse.demoReceipt)", token: token, from: address).isSuccess)
        }
        let refused = await house.verify(token: token)
        #expect(refused.isRefusal(.accessDenied, "access.address"))
        #expect(refused.verdict?.details["address"] == "127.0.0.1" && refused.verdict?.details["taken_from"] == "connection")
        let wrong: JSON = ["application_id": .string(DemoData.application), "private_key": "wrong"]
        #expect(await house.askForToken(wrong).isRefusal(.accessDenied, "access.address"))
        house.clocks.advance(.seconds(3600))
        #expect(await house.verify(token: token).isRefusal(.accessDenied, "access.address"))
        #expect(await house.send(.post, "/cancel", token: token, body: "{broken").isRefusal(.accessDenied, "access.address"))
        _ = try await house.control(.put, path, ["allow": []])
        #expect(await house.askForToken(from: "203.0.113.9").isRefusal(.accessDenied, "access.address"))
        _ = try await house.control(.put, path, ["allow": "all"])
        #expect(await house.askForToken(from: "198.51.100.1").isSuccess)
    }

    @Test("A header names the address only for a tenant that simulates addresses")
    func header() async throws {
        let house = try await SandboxHouse()
        _ = try await house.control(.put, "/applications/\(DemoData.application)/allow-list", ["allow": ["203.0.113.7"]])
        func ask(_ name: String, _ value: String) async -> Judgement {
            await house.send(.post, "/request/token", body: SandboxHouse.tokenRequest.text, header: (name, value))
        }
        #expect(await ask("X-Forwarded-For", "203.0.113.7").isRefusal(.accessDenied, "access.address"))
        try await house.set(["source_address_header": "X-Forwarded-For"])
        #expect(await ask("X-Forwarded-For", " 203.0.113.7 , 10.0.0.1").isSuccess)
        #expect(await ask("X-Forwarded-For", "10.0.0.1, 203.0.113.7").verdict?.details["taken_from"] == "X-Forwarded-For")
        #expect(await ask("X-Other", "203.0.113.7").verdict?.details["taken_from"] == "connection")
        try await house.set(["source_address_header": "X-Real-IP"])
        #expect(await ask("x-real-ip", "203.0.113.7").isSuccess)
    }

    @Test(
        "A re-issued key fails the old one at once; live tokens run on, or die with it when the switch says so", arguments: [false, true])
    func reissue(_ revokes: Bool) async throws {
        let house = try await SandboxHouse()
        try await house.set(["revoke_tokens_on_reissue": .boolean(revokes)])
        let token = try await house.token()
        let (status, project) = try await house.control(.post, "/applications/\(DemoData.application)/reissue-key")
        let key = try #require(project["private_key"]?.string)
        #expect(status == 200 && key != DemoData.privateKey && key.utf8.count == 44)
        let old = await house.askForToken()
        #expect(old.isRefusal(.accessDenied, "access.key-replaced"))
        let live = await house.verify(token: token)
        #expect(revokes ? live.isRefusal(.tokenRefused, "token.revoked") : live.isSuccess)
        let new = await house.askForToken(["application_id": .string(DemoData.application), "private_key": .string(key)])
        #expect(new.isSuccess && (new.data["token"]?.string == token) == !revokes)
    }

    @Test("Tenants do not see each other: tokens, receipts, settings, clocks")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let other = try #require(TenantID(rawValue: "ci-1"))
        let made = try await house.sandbox.createTenant(other, settings: ["settings": ["token_lifetime": 600]])
        let credentials: JSON = ["application_id": made["application_id"] ?? .null, "private_key": made["private_key"] ?? .null]
        #expect(made["private_key"]?.string != DemoData.privateKey)
        let demoToken = try await house.token()
        let otherToken = try await house.token(credentials)
        let receipt = try await house.pay(tenant: other)
        let foreign = await house.verify(receipt, token: demoToken)
        #expect(foreign.isRefusal(.notFound, "receipt.not-found") && foreign.tenant == .demo)
        #expect(await house.verify(SandboxHouse.demoReceipt, token: otherToken).isRefusal(.notFound, "receipt.not-found"))
        #expect(await house.verify(receipt, token: otherToken).tenant == other)
        #expect(try await house.control(.get, "/payments/\(receipt)").0 == 404)
        #expect(try await house.control(.get, "/applications/\(DemoData.application)", tenant: other).0 == 404)
        let swapped = await house.askForToken([
            "application_id": .string(DemoData.application), "private_key": made["private_key"] ?? .null,
        ])
        #expect(swapped.isRefusal(.accessDenied, "access.key-wrong"))
        house.clocks.advance(.seconds(600), other)
        #expect(await house.verify(receipt, token: otherToken).isRefusal(.tokenRefused, "token.expired"))
        #expect(await house.verify(token: demoToken).isSuccess)
        // The same receipt id may exist in both.
        _ = try await house.pay(["receipt_id": .string(SandboxHouse.demoReceipt), "price": 777], tenant: other)
        #expect(await house.verify(token: demoToken).data["price"] == 11_000)
        try await house.sandbox.removeTenant(other)
        #expect(await house.verify(receipt, token: otherToken).isRefusal(.tokenRefused, "token.unknown"))
        #expect(await house.verify(token: demoToken).isSuccess)
    }

    @Test("A reset restores the demo data; making a tenant again keeps what it has")
    func reset() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        _ = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt)], token: token)
        _ = try await house.sandbox.createTenant(.demo, settings: [:])
        #expect(await house.status(SandboxHouse.demoReceipt, token: token) == 20)
        try await house.sandbox.removeTenant(.demo)
        let made = try await house.sandbox.createTenant(.demo, settings: [:])
        #expect(made["application_id"]?.string == DemoData.application && made["private_key"]?.string == DemoData.privateKey)
        let platforms = made["projects"]?[0]?["applications"]?.elements?.compactMap { $0["platform"]?.string }
        #expect(platforms == ["rest", "web", "android", "ios"])
        #expect(await house.verify(token: token).isRefusal(.tokenRefused, "token.unknown"))
        #expect(await house.status(SandboxHouse.demoReceipt, token: try await house.token()) == 1)
        let wrong = try #require(TenantID(rawValue: "wrong"))
        await #expect(throws: ControlError.self) { try await house.sandbox.createTenant(wrong, settings: ["settings": ["nonsense": 1]]) }
    }

    @Test("A call's tenant is told by its credentials alone")
    func tenantOfCall() async throws {
        let house = try await SandboxHouse()
        let other = try #require(TenantID(rawValue: "ci-2"))
        let made = try await house.sandbox.createTenant(other, settings: [:])
        let demoToken = try await house.token()
        func tenant(_ method: HTTPMethod, _ path: String, _ token: String?, _ body: JSON = [:]) async -> TenantID? {
            var fields: HTTPFields = ["Content-Type": "application/json"]
            if let token { fields.append("Authorization", token) }
            return await house.sandbox.tenant(of: Call(method: method, path: path, fields: fields, body: body.bytes))
        }
        let otherID: JSON = ["application_id": made["application_id"] ?? .null]
        #expect(await tenant(.get, "/receipt/x", demoToken) == .demo)
        #expect(await tenant(.get, "/receipt/x", "Bearer \(demoToken)") == .demo)
        #expect(await tenant(.post, "/request/token", nil, otherID) == other)
        #expect(await tenant(.post, "/request/token.json", demoToken, otherID) == other)
        #expect(await tenant(.post, "/request/token", nil) == nil)
        #expect(await tenant(.get, "/receipt/x", "unknown") == nil)
        #expect(house.sandbox.route(of: Call(method: .get, path: "/receipt/x.json")) == "verify")
        #expect(house.sandbox.route(of: Call(method: .get, path: "/nothing")) == nil)
    }
}
