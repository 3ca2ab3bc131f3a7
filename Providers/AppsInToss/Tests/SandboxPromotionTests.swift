import AppsInToss
import Base
import Foundation
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: promotions") struct SandboxPromotionTests {
    private let demo = Int64(AppsInTossDemonstration.userKey)
    private let reluctant = Int64(AppsInTossDemonstration.reluctantUserKey)
    private let running = AppsInTossDemonstration.promotion

    private func key(_ house: SandboxHouse, through door: SandboxHouse.Door = .demo) async throws -> String {
        try #require(await house.send("get-key", through: door).success["key"]?.string)
    }

    private func execute(
        _ house: SandboxHouse, _ key: String, _ amount: Int64 = 100, code: String? = nil, user: Int64? = nil,
        through door: SandboxHouse.Door = .demo
    ) async -> Judgement {
        await house.send(
            "execute-promotion", ["promotionCode": .string(code ?? running), "key": .string(key), "amount": .number(amount)],
            user: user ?? demo, through: door)
    }

    private func result(_ house: SandboxHouse, _ key: String, code: String? = nil, user: Int64? = nil) async -> Judgement {
        await house.send(
            "execution-result", ["promotionCode": .string(code ?? running), "key": .string(key)], user: user ?? demo)
    }

    private func spent(_ house: SandboxHouse, _ code: String? = nil) async throws -> Int64? {
        try await house.ask(.get, "/promotions/\(code ?? running)")["spent"]?.integer
    }

    @Test("A key of 32 bytes, a grant that answers with it, and a result that is a bare text")
    func whole() async throws {
        let house = try await SandboxHouse()
        let key = try await key(house)
        #expect(Data(base64Encoded: key)?.count == 32)
        #expect(await result(house, key).isRefusal("4111", "promotion.key-not-used"))
        let granted = await execute(house, key, 5000)
        #expect(granted.isSuccess && granted.success == ["key": .string(key)])
        #expect(await result(house, key).body == ["resultType": "SUCCESS", "success": "SUCCESS"])
        #expect(try await spent(house) == 5000)
        let again = await execute(house, key, 5000)
        #expect(again.isRefusal("4113", "promotion.key-used") && again.body["error"]?["reason"] == "이미 지급/회수된 내역이에요")
        #expect(await execute(house, key, user: reluctant).isRefusal("4113", "promotion.key-used"))
        #expect(try await spent(house) == 5000)
        #expect(await result(house, key, user: reluctant).isRefusal("4111", "promotion.other-user"))
        try await house.ask(.post, "/promotions", ["promotionCode": "TEST_B"])
        #expect(await result(house, key, code: "TEST_B").isRefusal("4111", "promotion.other-code"))
    }

    @Test("A key lives an hour for its use; its result stays; another mini-app's key and an invented one are no records")
    func keys() async throws {
        let house = try await SandboxHouse()
        let (used, late) = (try await key(house), try await key(house))
        #expect(await execute(house, used).isSuccess)
        house.clocks.advance(.seconds(3600))
        #expect(await execute(house, late).isRefusal("4111", "promotion.key-expired"))
        #expect(await execute(house, used).isRefusal("4113", "promotion.key-used"))
        #expect(await result(house, used).success == "SUCCESS")
        let (door, _) = try await house.makeApp("other-app")
        let foreign = try await key(house, through: door)
        #expect(await execute(house, foreign).isRefusal("4111", "promotion.key-other-app"))
        #expect(await result(house, foreign).isRefusal("4111", "promotion.key-other-app"))
        #expect(await execute(house, "AAAA").isRefusal("4111", "promotion.key-unknown"))
        try await house.set(["promotion_key_needs_user": true])
        #expect(await house.send("get-key").isRefusal("INVALID_PARAMETER", "user.missing", status: 400))
        #expect(await house.send("get-key", user: demo).isSuccess)
    }

    @Test(
        "Each state of a promotion has its code",
        arguments: [
            ("TEST_01JBUJEOLDEMOUNAPPROVED0", "4108"), ("TEST_01JBUJEOLDEMOAPPROVED000", "4109"), ("TEST_01JBUJEOLDEMOSTOPPED0000", "4104"),
            ("TEST_01JBUJEOLDEMOENDED000000", "4105"), ("TEST_NONE", "4100"),
        ])
    func states(_ code: String, _ expected: String) async throws {
        let house = try await SandboxHouse()
        let key = try await key(house)
        let judgement = await execute(house, key, code: code)
        #expect(judgement.code == expected && judgement.reply.status == 200 && judgement.verdict?.isBilingual == true)
        #expect(judgement.body["error"]?["reason"]?.string == AppsInTossErrorCode(rawValue: expected).koreanReason)
        #expect(await execute(house, key).isSuccess)
    }

    @Test("Limits: one grant, one person, what is left of the budget, the partner's money; the key stays usable after each refusal")
    func limits() async throws {
        let house = try await SandboxHouse()
        let key = try await key(house)
        try await house.ask(.put, "/promotions/\(running)", ["per_grant": 3000, "budget": 4000, "money": 3500])
        #expect(await execute(house, key, 3001).isRefusal("4114", "promotion.grant-limit"))
        #expect(await execute(house, key, 9_999_999).isRefusal("4114", "promotion.grant-limit"))
        #expect(await execute(house, key, 0).code == "INVALID_PARAMETER")
        #expect(await execute(house, key, 3000).isSuccess)
        let second = try await self.key(house)
        #expect(await execute(house, second, 2001).isRefusal("4114", "promotion.person-limit"))
        #expect(await execute(house, second, 1001).isRefusal("4116", "promotion.budget"))
        #expect(await execute(house, second, 501).isRefusal("4112", "promotion.money"))
        try await house.ask(.put, "/promotions/\(running)", ["money": .null])
        #expect(await execute(house, second, 1000).isSuccess)
        house.clocks.advance(.seconds(60))
        let third = try await self.key(house)
        #expect(await execute(house, third, 1).isRefusal("4109", "promotion.budget-used-up"))
        #expect(await execute(house, third, 1, user: reluctant).isRefusal("4109", "promotion.budget-used-up"))
        let (status, _) = try await house.control(.put, "/promotions/\(running)", ["budget": 3999])
        #expect(status == 400)
    }

    @Test("One person's limit counts one promotion, or all of the mini-app where a setting says so")
    func person() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.post, "/promotions", ["promotionCode": "TEST_B"])
        #expect(await execute(house, try await key(house), 5000).isSuccess)
        let other = try await key(house)
        try await house.set(["promotion_person_scope": "app"])
        #expect(await execute(house, other, 1, code: "TEST_B").isRefusal("4114", "promotion.person-limit"))
        try await house.set(["promotion_person_scope": "promotion"])
        #expect(await execute(house, other, 5000, code: "TEST_B").isSuccess)
    }

    @Test("4110 the next n times leaves the key unused and the budget uncharged")
    func transient() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.put, "/promotions/\(running)", ["transient": 2])
        let key = try await key(house)
        for _ in 0..<2 { #expect(await execute(house, key).isRefusal("4110", "promotion.transient")) }
        #expect(await result(house, key).code == "4111")
        #expect(try await spent(house) == 0)
        #expect(await execute(house, key).isSuccess)
        #expect(try await spent(house) == 100)
    }

    @Test("PENDING for n polls, then the outcome; a grant that fails brings its points back once and frees the person's limit")
    func outcomes() async throws {
        let house = try await SandboxHouse()
        try await house.set(["promotion_pending_polls": 2, "promotion_outcome": "FAILED"])
        let key = try await key(house)
        #expect(await execute(house, key, 5000).isSuccess)
        #expect(try await spent(house) == 5000)
        var answers: [String] = []
        for _ in 0..<5 { answers.append(await result(house, key).success.string ?? "") }
        #expect(answers == ["PENDING", "PENDING", "FAILED", "FAILED", "FAILED"])
        #expect(try await spent(house) == 0)
        #expect(await execute(house, key, 5000).isRefusal("4113", "promotion.key-used"))
        try await house.set(["promotion_pending_polls": 1, "promotion_outcome": "SUCCESS"])
        let second = try await self.key(house)
        #expect(await execute(house, second, 5000).isSuccess)
        #expect(await result(house, second).success == "PENDING")
        #expect(await result(house, second).success == "SUCCESS")
        try await house.set(["promotion_pending_polls": 0, "promotion_outcome": "FAILED"])
        let third = try await self.key(house)
        #expect(await execute(house, third, 10, user: reluctant).isSuccess)
        #expect(await result(house, third, user: reluctant).success == "FAILED")
        #expect(try await spent(house) == 5000)
        let kept = try await house.ask(.get, "/promotion-keys")["promotion_keys"]?.elements ?? []
        #expect(kept.filter { $0["given_back"] == true }.count == 2)
    }

    @Test("A promotion begins only after one successful grant with its test code")
    func start() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.post, "/promotions", ["promotionCode": "01JREAL", "state": "UNAPPROVED"])
        try await house.ask(.post, "/promotions/01JREAL/approve")
        let (early, answer) = try await house.control(.post, "/promotions/01JREAL/start")
        #expect(early == 409 && answer.text.contains("TEST_01JREAL"))
        let key = try await key(house)
        #expect(await execute(house, key, code: "01JREAL").isRefusal("4109", "promotion.not-running"))
        #expect(await execute(house, key, code: "TEST_01JREAL").isSuccess)
        try await house.ask(.post, "/promotions/01JREAL/start")
        #expect(await execute(house, try await self.key(house), code: "01JREAL").isSuccess)
        try await house.ask(.post, "/promotions/01JREAL/stop")
        #expect(await execute(house, try await self.key(house), code: "01JREAL").code == "4104")
        try await house.ask(.post, "/promotions/01JREAL/end")
        let (ended, _) = try await house.control(.post, "/promotions/01JREAL/start")
        #expect(ended == 409)
        let (door, user) = try await house.makeApp("other-app")
        let foreign = await execute(
            house, try await self.key(house, through: door), code: "01JREAL", user: user, through: door)
        #expect(foreign.isRefusal("4100", "promotion.other-app"))
    }

    @Test("Ten a minute for each user; an anonymous user counts for itself")
    func perMinute() async throws {
        let house = try await SandboxHouse()
        for _ in 0..<10 { #expect(await execute(house, try await key(house), 1).isSuccess) }
        #expect(await execute(house, try await key(house), 1).code == "4095")
        let anonymous = await house.send(
            "execute-promotion", ["promotionCode": .string(running), "key": .string(try await key(house)), "amount": 1],
            fields: [("x-anon-key", AppsInTossDemonstration.anonymousKey)])
        #expect(anonymous.isSuccess)
        #expect(try await spent(house) == 11)
    }

    @Test("Fifty simultaneous executions with one key charge once, and fifty keys never more than the budget")
    func atOnce() async throws {
        let house = try await SandboxHouse()
        try await house.set(["user_limit_per_minute": false])
        let key = try await key(house)
        let once = await withTaskGroup(of: Judgement.self) { group in
            for _ in 0..<50 { group.addTask { await execute(house, key, 100) } }
            return await group.reduce(into: [Judgement]()) { $0.append($1) }
        }
        #expect(once.filter(\.isSuccess).count == 1 && once.filter { $0.code == "4113" }.count == 49)
        #expect(try await spent(house) == 100)
        try await house.ask(.put, "/promotions/\(running)", ["budget": 1100])
        var keys: [String] = []
        for _ in 0..<50 { keys.append(try await self.key(house)) }
        let granted = await withTaskGroup(of: Judgement.self) { group in
            for key in keys { group.addTask { await execute(house, key, 100) } }
            return await group.reduce(into: [Judgement]()) { $0.append($1) }
        }
        #expect(granted.filter(\.isSuccess).count == 10 && granted.filter { $0.code == "4109" }.count == 40)
        #expect(try await spent(house) == 1100)
    }
}
