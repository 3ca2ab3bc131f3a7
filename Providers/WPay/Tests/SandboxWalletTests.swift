import Base
import ProviderKit
import SandboxKit
import Storage
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: members, PINs, cards and accounts")
struct SandboxWalletTests {
    private func operations<Result: Sendable>(
        _ house: SandboxHouse, _ body: @escaping @Sendable (Operations) throws -> Result
    ) async throws -> Result {
        let environment = house.sandbox.environment
        return try await house.database.write { connection in
            let records = Records(connection, .demo)
            let merchant = try #require(try records.merchant(WPayDemonstration.mid))
            return try body(
                Operations(
                    records, merchant: merchant, settings: try records.settings(), now: environment.clocks.now(.demo),
                    random: environment.random, place: Place(host: "", isSecure: false, base: environment.publicBase())))
        }
    }

    @Test("Joining again, by userId or by ci, answers 2006 with the same key; after leaving, with another")
    func joining() async throws {
        let house = try await SandboxHouse()
        func join(_ userID: String, _ ci: String) async throws -> JSON {
            try await house.authenticate(["api": "memreg", "userId": .string(userID), "ci": .string(ci), "userNm": "김하나"])
        }
        let first = try await join("one", "CI-ONE")
        #expect(first["fields"]?["resultCode"] == "0000")
        for again in [try await join("one", ""), try await join("another", "CI-ONE")] {
            #expect(again["fields"]?["resultCode"] == "2006" && again["plain"]?["wpayUserKey"] == first["plain"]?["wpayUserKey"])
        }
        let key = try #require(first["plain"]?["wpayUserKey"]?.string)
        #expect(key.utf8.count == 20 && key.hasPrefix("WU20260101"))
        let left = try await house.send("memunreg", ["mid": WPayDemonstration.mid, "wpayUserKey": key, "userId": "one", "ci": "CI-ONE"])
        #expect(left.code == "0000")
        let status = try await house.send("userinfo", ["mid": WPayDemonstration.mid, "wpayUserKey": key])
        #expect(status.code == "0000" && status.body["status"] == "02")
        let member = try await house.control(.get, "/members/\(key)").1
        #expect(member["person"]?["userNm"] == "" && member["has_pin"] == false)
        let back = try await join("one", "CI-ONE")
        #expect(back["fields"]?["resultCode"] == "0000" && back["plain"]?["wpayUserKey"]?.string != key)
    }

    @Test("The identity value that the phone check finds is the same for the same person")
    func identity() async throws {
        let house = try await SandboxHouse()
        let person: JSON.Members = ["api": "memreg", "userNm": "홍길동", "hNum": "01012345678", "birthDay": "19900101"]
        var other = person
        other["mid"] = .string(DemoData.secondMID)
        let first = try await house.authenticate(.object(person))
        let second = try await house.authenticate(.object(other))
        // At the demo merchant the person is a member already; at the other merchant not.
        #expect(first["fields"]?["resultCode"] == "0000" && second["fields"]?["resultCode"] == "0000")
        #expect(first["plain"]?["ci"] == second["plain"]?["ci"] && first["plain"]?["ci"]?.string?.utf8.count == 88)
    }

    @Test("The fifth wrong PIN in a row locks the member, a right one forgets the wrong ones, and a new PIN unlocks")
    func pins() async throws {
        let house = try await SandboxHouse()
        func check(_ pin: String) async throws -> Operations.PINCheck {
            try await operations(house) { try $0.checkPIN(DemoData.userKey, pin) }
        }
        for left in [4, 3, 2, 1] { #expect(try await check("000000") == .wrong(triesLeft: left)) }
        #expect(try await check(DemoData.pin) == .right)
        for left in [4, 3, 2, 1] { #expect(try await check("000000") == .wrong(triesLeft: left)) }
        #expect(try await check("000000") == .locked)
        #expect(try await check(DemoData.pin) == .locked)
        let status = try await house.send("userinfo", SandboxHouse.member)
        #expect(status.body["status"] == "03")
        #expect(try await house.send("payinfos", SandboxHouse.member).isRefusal("member.locked"))
        let reset = try await house.authenticate(["api": "pinno/reset", "wpayUserKey": .string(DemoData.userKey), "pin": "654321"])
        #expect(reset["fields"]?["resultCode"] == "0000")
        #expect(try await check("654321") == .right)
        #expect(try await check(DemoData.pin) == .wrong(triesLeft: 4))
        await #expect(throws: Refused.self) { try await operations(house) { try $0.changePIN(DemoData.userKey, to: "12345") } }
    }

    @Test("The same card again answers 7028 with the same token, and a card that was deleted is registered anew")
    func cards() async throws {
        let house = try await SandboxHouse()
        func register(_ number: String, _ api: String = "payreg/card") async throws -> JSON {
            try await house.authenticate(["api": .string(api), "card_number": .string(number)])
        }
        let first = try await register("9410-1234-5678-9012")
        #expect(first["fields"]?["resultCode"] == "0000" && first["plain"]?["bankCardNo"] == "941012******9012")
        let again = try await register("9410123456789012")
        #expect(again["fields"]?["resultCode"] == "7028" && again["plain"]?["wpayToken"] == first["plain"]?["wpayToken"])
        let withKey = try await register("9410123456789012", "payreg/card-billkey")
        #expect(withKey["plain"]?["billKey"]?.string?.utf8.count == 40)
        let token = try #require(first["plain"]?["wpayToken"]?.string)
        _ = try await house.send("delpayinfo", SandboxHouse.member.merging(["wpayToken": token]) { $1 })
        let deleted = try await house.send("payinfo", SandboxHouse.member.merging(["wpayToken": token]) { $1 })
        #expect(deleted.code == "000000" && deleted.body["status"] == "02")
        #expect(try await house.send("setmaj", SandboxHouse.member.merging(["wpayToken": token]) { $1 }).isRefusal("token.deleted"))
        let anew = try await register("9410123456789012")
        #expect(anew["fields"]?["resultCode"] == "0000" && anew["plain"]?["wpayToken"]?.string != token)
    }

    @Test("Cards and accounts have one main means each, which setmaj moves and rlsmaj takes away")
    func mainMeans() async throws {
        let house = try await SandboxHouse()
        let second = try #require(try await house.authenticate(["api": "payreg/card"])["plain"]?["wpayToken"]?.string)
        func mains() async throws -> [String?] {
            try await house.control(.get, "/means?wpayUserKey=\(DemoData.userKey)").1.elements?.filter { $0["majYn"] == "Y" }
                .map { $0["wpayToken"]?.string } ?? []
        }
        #expect(try await mains() == [DemoData.cardToken, DemoData.accountToken])
        _ = try await house.send("setmaj", SandboxHouse.member.merging(["wpayToken": second]) { $1 })
        #expect(Set(try await mains()) == [second, DemoData.accountToken])
        _ = try await house.send("rlsmaj", SandboxHouse.member.merging(["wpayToken": second]) { $1 })
        #expect(try await mains() == [DemoData.accountToken])
        let named = try await house.send("setncnm", SandboxHouse.member.merging(["wpayToken": second, "wpayTokenNcnm": "생활비"]) { $1 })
        #expect(named.body["wpayTokenNcnm"]?.string.flatMap(URLCodec.decode) == "생활비")
    }

    @Test("Unknown members and tokens fail, or by a setting are told with status 99; the old search always says so")
    func unknown() async throws {
        let house = try await SandboxHouse()
        let nobody = ["mid": WPayDemonstration.mid, "wpayUserKey": "WU202601019999999999"]
        let noCard = SandboxHouse.member.merging(["wpayToken": "WT202601019999999999"]) { $1 }
        #expect(try await house.send("userinfo", nobody).isRefusal("member.unknown"))
        #expect(try await house.send("payinfo", noCard).isRefusal("token.unknown"))
        try await house.set(["unknown_is_status_99": true])
        #expect(try await house.send("userinfo", nobody).body["status"] == "99")
        #expect(try await house.send("payinfo", noCard).body["status"] == "99")
        let search = try await house.send("old/schMemRegInfo", ["mid": WPayDemonstration.mid, "hNum": "01000000000"])
        #expect(search.code == "0000" && search.body["status"] == "99" && search.body["wpayUserKey"] == "")
        let found = try await house.send("old/schMemRegInfo", ["mid": WPayDemonstration.mid, "hNum": "01012345678"])
        #expect(found.body["status"] == "00")
        #expect(try SandboxOracle.decrypted([try #require(found.body["userId"]?.string)]) == [DemoData.userID])
    }

    @Test("An expired or suspended card, a suspended member and a payment of nothing cannot be authenticated")
    func refusedPayments() async throws {
        let house = try await SandboxHouse()
        func refusal(_ body: JSON) async throws -> String? {
            try await house.control(.post, "/authentications", body).1["error"]?["en"]?.string
        }
        #expect(try await refusal(["goodsPrice": "0"]) == "the goodsPrice must be at least 1 won")
        let (_, card) = try await house.control(.post, "/means", ["expiry": "2026-01"])
        let token = try #require(card["wpayToken"]?.string)
        #expect(try await refusal(["wpayToken": .string(token)]) == nil)
        house.clocks.advance(.seconds(31 * 86_400))
        #expect(try await refusal(["wpayToken": .string(token)]) == "the card has expired")
        _ = try await house.control(.put, "/means/\(DemoData.cardToken)", ["status": "01"])
        #expect(try await refusal(["wpayToken": .string(DemoData.cardToken)]) == "the card or account is suspended")
        _ = try await house.control(.put, "/members/\(DemoData.userKey)", ["status": "01"])
        #expect(try await refusal(["wpayUserKey": .string(DemoData.userKey)]) == "the member is suspended")
    }

    @Test("A sign-up ends with its card, with its membership and by its own call; then it cannot be charged")
    func autoPay() async throws {
        let house = try await SandboxHouse()
        let card = try #require(try await house.authenticate(["api": "payreg/card"])["plain"]?["wpayToken"]?.string)
        func signUp(_ token: String) async throws -> String {
            try #require(try await house.authenticate(["api": "payauth/auto", "wpayToken": .string(token)])["plain"]?["wtid"]?.string)
        }
        let first = try await signUp(card)
        let second = try await signUp(DemoData.cardToken)
        func statuses() async throws -> [String: String] {
            let list = try await house.control(.get, "/auto-pays").1.elements ?? []
            return Dictionary(uniqueKeysWithValues: list.map { ($0["wtid"]?.string ?? "", $0["status"]?.string ?? "") })
        }
        _ = try await house.send("delpayinfo", SandboxHouse.member.merging(["wpayToken": card]) { $1 })
        #expect(try await statuses() == [first: "02", second: "00"])
        let charge = try await operations(house) { operations in
            try operations.records.autoPay(second).map { ($0.token, $0.wtid) }
        }
        let (token, wtid) = try #require(charge)
        await #expect(throws: Refused.self) {
            // Only an auto-pay MID charges.
            try await operations(house) {
                try $0.charge(
                    wtid, userKey: DemoData.userKey, token: token, ci: "", purchase: Purchase(oid: "X", goodsName: "x", price: 100))
            }
        }
        _ = try await house.send("memunreg", SandboxHouse.member)
        #expect(try await statuses() == [first: "02", second: "02"])
    }
}
