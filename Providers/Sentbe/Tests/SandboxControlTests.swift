import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox: control API and tenants") struct SandboxControlTests {
    private static let other = TenantID(rawValue: "ci-7") ?? .demo

    @Test("The demo tenant has the samples' partner, user, recipients and a wallet; it is made once")
    func demo() async throws {
        let house = try await SandboxHouse(demo: false)
        #expect(await house.send(.get, "/inbound/banks", signature: nil).isRefusal("E0001", "partner.unknown"))
        let made = try await house.sandbox.createTenant(.demo, settings: [:])
        #expect(made["partner_id"] == "1" && made["access_id"] == "test_id" && made["secret_key"] == "test_pw")
        #expect(made["partners"]?[0]?["balances"]?[0] == ["amount": .number("10000.0"), "currency": "USD"])
        #expect(try await house.sandbox.createTenant(.demo, settings: ["name": "again"]) == made)
        let (_, users) = try await house.control(.get, "/users")
        #expect(users.elements?.count == 1 && users[0]?["id"] == 47 && users[0]?["nationality"] == "PH")
        let (_, recipients) = try await house.control(.get, "/recipients")
        #expect(recipients.elements?.map { $0["id"] } == [11, 10])
        #expect(recipients[0]?["verified_at"] == .null && recipients[1]?["verified_at"]?.string != nil)
    }

    @Test("Another tenant has fresh credentials, its own settings and clock, and is told apart by PARTNER-ID")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let wishes: JSON = ["sentbe": ["settings": ["error_status": "mapped"], "name": "CI", "callback_url": "http://127.0.0.1:1/"]]
        let made = try await house.sandbox.createTenant(Self.other, settings: wishes)
        let caller = SandboxHouse.Caller(
            partner: try #require(made["partner_id"]?.string), key: try #require(made["access_id"]?.string),
            secret: try #require(made["secret_key"]?.string))
        #expect(caller.partner != "1" && caller.secret.utf8.count == 32)
        let judgement = try await house.post("/inbound/users", .object(SandboxInboundTests.user), as: caller)
        #expect(judgement.isSuccess && judgement.tenant == Self.other && judgement.data["id"] == 1)
        #expect(await house.send(.get, "/inbound/users/2", signature: nil, as: caller).reply.status == 404)
        let call = Call(method: .get, path: "/inbound/banks", fields: ["PARTNER-ID": caller.partner ?? ""])
        #expect(await house.sandbox.tenant(of: call) == Self.other)
        #expect(await house.sandbox.tenant(of: Call(method: .get, path: "/inbound/banks")) == nil)
        #expect(house.sandbox.route(of: call) == "inbound-banks" && house.sandbox.route(of: Call(method: .get, path: "/x")) == nil)
        // The demo tenant's doors do not open the other's rooms.
        #expect(try await house.control(.get, "/partners/\(caller.partner ?? "")").0 == 404)
        #expect(try await house.control(.get, "/users", tenant: Self.other).1.elements?.count == 1)
        try await house.sandbox.removeTenant(Self.other)
        #expect(await house.send(.get, "/inbound/banks", signature: nil, as: caller).isRefusal("E0001", "partner.unknown"))
        #expect(try await house.control(.get, "/users").1.elements?.count == 1)
        let left = try await house.database.read { connection in
            try SandboxParts.all.flatMap(\.tables).map { table in
                try connection.query("SELECT COUNT(*) AS n FROM \(table) WHERE tenant = ?", .text("ci-7")).first?.integer("n") ?? -1
            }
        }
        #expect(left.allSatisfy { $0 == 0 })
    }

    @Test("Every table of every part is named for dropping a tenant")
    func tables() async throws {
        let house = try await SandboxHouse()
        let there = try await house.database.read { connection in
            try connection.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'sentbe%'").compactMap {
                $0.text("name")
            }
        }
        #expect(Set(there) == Set(SandboxParts.all.flatMap(\.tables)))
        #expect(Set(SandboxSettings.all.map(\.name)).count == SandboxSettings.all.count)
        #expect(Set(SandboxParts.all.map(\.owner)).count == SandboxParts.all.count)
    }

    @Test("Partners are made, changed, and given new secrets; the old one is recognised when it is used")
    func partners() async throws {
        let house = try await SandboxHouse()
        let caller = try await house.partner(["partner_id": 22, "access_id": "id-22", "secret_key": "비밀", "allow_list": ["127.0.0.1"]])
        #expect(caller.partner == "22" && caller.key == "id-22" && caller.secret == "비밀")
        #expect(try await house.control(.post, "/partners", ["partner_id": "1"]).0 == 409)
        let judgement = try await house.get("/inbound/users", ["page": 1], as: caller)
        #expect(judgement.isSuccess && judgement.rule == "signature.secret-not-ascii")
        let (_, changed) = try await house.control(.post, "/partners/22/reissue-secret")
        let secret = try #require(changed["secret_key"]?.string)
        let stale = try await house.get("/inbound/users", ["page": 1], as: caller)
        #expect(stale.code == "E0004" && stale.verdict?.details["mistake"] == "other-secret")
        #expect(stale.verdict?.details["detail"]?["en"]?.string?.contains("re-issue") == true, "\(stale.verdict?.json.text ?? "")")
        var fresh = caller
        fresh.secret = secret
        #expect(try await house.get("/inbound/users", ["page": 1], as: fresh).isSuccess)
        let wrong: [JSON] = [
            ["partner_id": "x"], ["callback_url": "ftp://x/"], ["allow_list": ["nonsense"]], ["allow_list": ["1.2.3.4/33"]],
            ["secret_key": ""],
            ["access_id": "a b"], ["colour": "red"],
        ]
        for body in wrong { #expect(try await house.control(.post, "/partners", body).0 == 400, "\(body.text)") }
        #expect(try await house.control(.delete, "/partners/22").0 == 405)
        #expect(try await house.control(.get, "/partners").1["partners"]?.elements?.count == 2)
    }

    @Test("Every setting shows its default, takes what it allows, refuses the rest with the reason, and null brings the default back")
    func settings() async throws {
        let house = try await SandboxHouse()
        let (_, shown) = try await house.control(.get, "/settings")
        #expect(shown.members?.names == SandboxSettings.all.map(\.name))
        for setting in SandboxSettings.all {
            #expect(shown[setting.name] == setting.standard, "\(setting.name)")
            var members: JSON.Members = [:]
            members[setting.name] = ["not": "a value"]
            let (refused, why) = try await house.control(.put, "/settings", .object(members))
            #expect(refused == 400 && why["error"]?["en"]?.string?.contains(setting.name) == true, "\(setting.name)")
            members[setting.name] = setting.standard
            #expect(try await house.control(.put, "/settings", .object(members)).0 == 200, "\(setting.name)")
        }
        try await house.set(["inbound_usd_rate": "1300.5", "inbound_aml_from": 5, "callback_pauses": [1, 2], "error_status": "mapped"])
        let (_, changed) = try await house.control(.get, "/settings")
        #expect(changed["inbound_usd_rate"] == "1300.5" && changed["inbound_aml_from"] == 5 && changed["callback_pauses"] == [1, 2])
        // All or nothing.
        #expect(try await house.control(.put, "/settings", ["page_size": 7, "inbound_usd_rate": "0"]).0 == 400)
        #expect(try await house.control(.get, "/settings").1["page_size"] == 5)
        #expect(try await house.control(.put, "/settings", ["no_such_setting": 1]).0 == 400)
        try await house.set(["inbound_usd_rate": .null, "inbound_aml_from": .null, "callback_pauses": .null, "error_status": .null])
        #expect(try await house.control(.get, "/settings").1 == shown)
    }

    @Test("The wallet shows every change, and takes money of its two currencies only")
    func wallet() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.control(.post, "/wallet", ["currency": "USD", "amount": "12.34"]).0 == 200)
        _ = try await house.quick(.post, "/inbound/transfers", SandboxTransferTests.order("1"))
        let (_, shown) = try await house.control(.get, "/wallet?limit=2")
        #expect(shown["balances"]?[0]?["amount"] == .number("9555.29"))
        #expect(shown["entries"]?.elements?.map { $0["reason"] } == ["taken", "top-up"])
        #expect(shown["entries"]?[0]?["amount"] == .number("-457.05") && shown["entries"]?[0]?["transfer_id"] == 1)
        for body: JSON in [
            ["currency": "EUR", "amount": "1"], ["amount": "1.234"], ["amount": "x"], ["amount": true], [:], ["amount": "1000000000000"],
            ["amount": "1", "partner": "1"],
        ] {
            #expect(try await house.control(.post, "/wallet", body).0 == 400, "\(body.text)")
        }
        #expect(try await house.control(.post, "/wallet", ["partner_id": "9", "amount": "1"]).0 == 404)
    }

    @Test("Calls that do not exist, are wrongly asked, or name nothing get a word in both languages")
    func nonsense() async throws {
        let house = try await SandboxHouse()
        let call = Call(method: .get, path: "/nothing")
        #expect(await house.sandbox.control(call, tenant: .demo) == nil)
        #expect(await house.sandbox.control(Call(method: .post, path: "/transfers/1/fly"), tenant: .demo)?.status == 404)
        #expect(try await house.control(.post, "/users").0 == 405)
        #expect(try await house.control(.get, "/transfers/1").0 == 404)
        #expect(try await house.control(.get, "/transfers?limit=0").0 == 400)
        #expect(try await house.control(.get, "/transfers?external_id=none").1 == [])
        let (status, body) = try await house.control(.post, "/recipients/99/verify")
        #expect(status == 404 && body["error"]?["ko"]?.string?.isEmpty == false && body["error"]?["en"]?.string?.isEmpty == false)
        let garbage = Call(method: .put, path: "/settings", body: Array("nonsense".utf8))
        #expect(await house.sandbox.control(garbage, tenant: .demo)?.status == 400)
    }

    @Test("A broken store is not answered with anything that looks like Sentbe")
    func brokenStore() async throws {
        let house = try await SandboxHouse()
        await house.database.close()
        let judgement = await house.send(.get, "/inbound/banks", signature: nil)
        #expect(judgement.reply.status == 500 && judgement.body["result"] == nil && judgement.rule == "sandbox.storage")
        #expect(try await house.control(.get, "/settings").0 == 500)
        #expect(await house.sandbox.settle(.demo) == nil)
    }
}
