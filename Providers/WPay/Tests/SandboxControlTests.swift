import Base
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: control API, tenants and settings")
struct SandboxControlTests {
    @Test("A merchant of its own has fresh keys that sign and encrypt, and its members are its own")
    func merchants() async throws {
        let house = try await SandboxHouse()
        let (status, made) = try await house.control(.post, "/merchants", ["mid": "MYSHOP01", "name": "내 상점"])
        #expect(
            status == 201 && made["hashKey"]?.string?.count == 32 && made["seedKey"]?.string?.count == 24
                && made["seedIV"]?.string?.count == 16)
        let keys = try SandboxOracle.Keys(made)
        #expect(keys.hashKey != WPayDemonstration.hashKey)
        let joined = try await house.authenticate(["api": "memreg", "mid": "MYSHOP01", "userId": "u1"])
        let fields = try #require(joined["fields"])
        let opened = try #require(try SandboxOracle.opened([("memreg", fields)], keys: keys)[0])
        let key = try #require(opened["wpayUserKey"])
        let look = try await house.send("userinfo", ["mid": "MYSHOP01", "wpayUserKey": key], keys: keys)
        #expect(look.code == "0000" && look.body["status"] == "00")
        #expect(try await house.send("userinfo", ["mid": WPayDemonstration.mid, "wpayUserKey": key]).isRefusal("member.other-merchant"))
        #expect(try await house.control(.post, "/merchants", ["mid": "MYSHOP01"]).0 == 409)
        #expect(try await house.control(.post, "/merchants", ["mid": "MY-SHOP"]).0 == 400)
        let (_, charger) = try await house.control(.post, "/merchants", ["auto_pay_of": "MYSHOP01"])
        #expect(charger["auto_pay"] == true && charger["family"] == "MYSHOP01")
        #expect(try await house.control(.get, "/merchants").1["merchants"]?.elements?.count == 5)
    }

    @Test("Tenants do not see each other, and a reset brings the demo data back")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let ci = try #require(TenantID(rawValue: "ci-7"))
        let made = try await house.sandbox.createTenant(ci, settings: ["wpay": ["settings": ["approval_seconds": 5], "name": "CI"]])
        let keys = try SandboxOracle.Keys(made)
        let mid = try #require(made["mid"]?.string)
        #expect(mid != WPayDemonstration.mid && made["merchants"]?.elements?.count == 2)
        let joined = try await house.authenticate(["api": "memreg", "mid": .string(mid), "userId": "u"], tenant: ci)
        let key = try #require(joined["plain"]?["wpayUserKey"]?.string)
        let look = try await house.send("userinfo", ["mid": mid, "wpayUserKey": key], keys: keys)
        #expect(look.code == "0000" && look.tenant == ci)
        #expect(try await house.control(.get, "/settings", tenant: ci).1["approval_seconds"] == 5)
        #expect(try await house.control(.get, "/settings").1["approval_seconds"] == 600)
        #expect(try await house.control(.get, "/members/\(key)").0 == 404)
        #expect(await house.sandbox.tenant(of: try SandboxHouse.call("userinfo", SandboxHouse.member)) == .demo)
        try await house.sandbox.removeTenant(ci)
        #expect(try await house.send("userinfo", ["mid": mid, "wpayUserKey": key], keys: keys).isRefusal("mid.unknown"))
        try await house.sandbox.removeTenant(.demo)
        let counts = try await house.database.read { connection in
            try StateTables.names.map { try connection.query("SELECT COUNT(*) AS n FROM \($0)").first?.integer("n") }
        }
        #expect(counts.allSatisfy { $0 == 0 })
        _ = try await house.sandbox.createTenant(.demo, settings: [:])
        #expect(try await house.send("userinfo", SandboxHouse.member).code == "0000")
    }

    @Test("Every setting can be read, set, kept and brought back, and what makes no sense is refused with what would")
    func settings() async throws {
        let house = try await SandboxHouse()
        let defaults = try await house.control(.get, "/settings").1
        #expect(defaults.members?.names == SandboxSettings.members.map(\.name))
        let changes: JSON = [
            "wpay_domain": "bare-host", "client_ips": ["203.0.113.7"], "pages": "approve", "pin_tries": 3,
            "results": ["refused": ["code": "8888", "message": "실패"]],
        ]
        try await house.set(changes)
        let changed = try await house.control(.get, "/settings").1
        #expect(changed["wpay_domain"] == "bare-host" && changed["results"]?["refused"]?["code"] == "8888")
        let refused = try await house.send("userinfo", ["mid": "nobody"])
        #expect(refused.code == "9999", "an unknown MID has no tenant whose settings would count")
        #expect(try await house.send("payinfos", ["mid": WPayDemonstration.mid]).code == "8888")
        for name in try #require(changes.members?.names) { try await house.set(.object([name: .null])) }
        #expect(try await house.control(.get, "/settings").1 == defaults)
        for (name, value) in [("wpay_domain", "elsewhere"), ("pin_tries", "0"), ("client_ips", "all"), ("nonsense", "1")] {
            let (status, error) = try await house.control(.put, "/settings", .object([name: .string(value)]))
            #expect(status == 400 && error["error"]?["ko"]?.string?.contains(name) == true)
        }
        #expect(try await house.control(.put, "/settings", ["pin_tries": 0]).0 == 400)
    }

    @Test("Unknown members of a body, methods and paths are refused, and a call that makes no sense changes nothing")
    func complaints() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.control(.post, "/authentications", ["price": 5]).0 == 400)
        #expect(try await house.control(.post, "/authentications", ["api": "payappl/card"]).0 == 400)
        #expect(try await house.control(.post, "/authentications", ["wpayUserKey": "nobody"]).0 == 422)
        #expect(try await house.control(.get, "/authentications").0 == 405)
        #expect(try await house.control(.get, "/transactions/none").0 == 404)
        #expect(try await house.control(.post, "/means", ["number": "12"]).0 == 422)
        #expect(await house.sandbox.control(Call(method: .get, path: "/nothing"), tenant: .demo) == nil)
        #expect(try await house.control(.get, "/transactions").1 == [])
    }

    @Test("Neither card and account numbers nor PINs are in the file")
    func file() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.sqlite")
        let house = try await SandboxHouse(.file(path))
        _ = try await house.authenticate(["api": "payreg/card", "card_number": "9410987654321098"])
        _ = try await house.authenticate(["api": "payreg/acct", "account_number": "11022033044055"])
        _ = try await house.authenticate(["api": "pinno/reset", "pin": "907856"])
        _ = try await house.control(.put, "/settings", ["fds_result": "7Q"])
        await house.database.close()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func holds(_ text: String) -> Bool { bytes.firstRange(of: Array(text.utf8)) != nil }
        #expect(holds("941098******1098") && holds("7Q"))
        for secret in ["9410987654321098", "11022033044055", "907856"] { #expect(!holds(secret)) }
    }

    @Test("State outlives a restart: the card, the payment and its state are there again")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let wtid: String
        do {
            let house = try await SandboxHouse(.file(directory.file("state.sqlite")))
            wtid = try await house.wtid(["oid": "KEPT"])
            _ = try await house.approve(wtid)
            await house.database.close()
        }
        let house = try await SandboxHouse(.file(directory.file("state.sqlite")))
        let transaction = try await house.transaction(wtid)
        #expect(transaction["state"] == "APPROVED" && transaction["oid"] == "KEPT")
        #expect(try await house.netCancel(wtid).code == "0000")
    }
}
