import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: messages") struct SandboxMessageTests {
    private let demo = Int64(AppsInTossDemonstration.userKey)
    private let reluctant = Int64(AppsInTossDemonstration.reluctantUserKey)

    private func send(
        _ house: SandboxHouse, _ code: String = AppsInTossDemonstration.template, _ context: JSON = [:], user: Int64? = nil
    ) async -> Judgement {
        await house.send("send-message", ["templateSetCode": .string(code), "context": context], user: user ?? demo)
    }

    private let lists = ["sentPush", "sentInbox", "sentSms", "sentAlimtalk", "sentFriendtalk"]

    @Test("A message that arrives: six counts and ten lists, with its content's id")
    func single() async throws {
        let house = try await SandboxHouse()
        let judgement = await send(house)
        #expect(judgement.isSuccess, "\(judgement.body.text)")
        let reply = judgement.success
        #expect(reply.members?.names == ["msgCount"] + lists.map { $0 + "Count" } + ["detail", "fail"])
        #expect(reply["detail"]?.members?.names == lists && reply["fail"]?.members?.names == lists)
        #expect(reply["msgCount"] == 1 && reply["sentPushCount"] == 1 && reply["sentInboxCount"] == 0)
        #expect(reply["detail"]?["sentPush"]?[0]?["contentId"]?.string?.hasPrefix("toss:PUSH:") == true)
        #expect(lists.allSatisfy { reply["fail"]?[$0] == [] })
        let kept = try await house.ask(.get, "/messages")["messages"]?[0]
        #expect(kept?["contentId"] == reply["detail"]?["sentPush"]?[0]?["contentId"] && kept?["user"] == .string("user:\(demo)"))
    }

    @Test("A user who refuses pushes stands in fail of a success, and gets what comes by other ways")
    func refusal() async throws {
        let house = try await SandboxHouse()
        let judgement = await send(house, "bujeol-demo-ORDER", ["productName": "책", "price": 12_000], user: reluctant)
        #expect(judgement.isSuccess && judgement.rule == "message.partial-failure")
        let reply = judgement.success
        #expect(reply["sentPushCount"] == 0 && reply["sentInboxCount"] == 1 && reply["msgCount"] == 1)
        #expect(reply["fail"]?["sentPush"]?[0]?["reachedFailReason"] == "PUSH_NOT_AGREED")
        #expect(reply["detail"]?["sentPush"] == [] && reply["detail"]?["sentInbox"]?.elements?.count == 1)
    }

    @Test("Templates: unknown, another mini-app's, unapproved, and variables that are missing or odd")
    func templates() async throws {
        let house = try await SandboxHouse()
        #expect(await send(house, "none").isRefusal("TEMPLATE_NOT_FOUND", "message.template-unknown"))
        let (door, stranger) = try await house.makeApp("other-app")
        let foreign = await house.send(
            "send-message", ["templateSetCode": .string(AppsInTossDemonstration.template), "context": [:]], user: stranger, through: door)
        #expect(foreign.isRefusal("TEMPLATE_NOT_FOUND", "message.template-other-app"))
        #expect(await send(house, "bujeol-demo-DRAFT").isRefusal("TEMPLATE_NOT_FOUND", "message.template-unapproved"))
        try await house.ask(.put, "/templates/bujeol-demo-DRAFT", ["approved": true])
        #expect(await send(house, "bujeol-demo-DRAFT").isSuccess)
        let missing = await send(house, "bujeol-demo-ORDER", ["productName": .null])
        #expect(missing.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        let details = missing.body["error"]?["data"]?["errorDetails"]?.elements?.compactMap { $0["field"]?.string }
        #expect(details == ["context.productName", "context.price"])
        let nested = await send(house, "bujeol-demo-ORDER", ["productName": ["a": 1], "price": 1])
        #expect(nested.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        let named = await send(house, AppsInTossDemonstration.template, ["userName": "홍길동", "colour": "red"])
        #expect(named.isSuccess && named.rule == "message.user-name" && named.verdict?.details["warnings"] != nil)
        let told = named.verdict?.json.text
        #expect(told?.contains("홍길동") == false)
        let made = try await house.ask(.post, "/templates", ["variables": ["userName", "city"], "channels": ["SMS", "ALIMTALK"]])
        #expect(made["variables"] == ["city"])
        let code = try #require(made["templateSetCode"]?.string)
        let both = await send(house, code, ["city": "서울"])
        #expect(both.success["sentSmsCount"] == 1 && both.success["sentAlimtalkCount"] == 1 && both.success["sentPushCount"] == 0)
        try await house.ask(.delete, "/templates/\(code)")
        #expect(await send(house, code, ["city": "서울"]).code == "TEMPLATE_NOT_FOUND")
    }

    @Test("Ten a minute for each user, on the tenant's clock, with the seconds to wait; bulk and tests do not count")
    func limit() async throws {
        let house = try await SandboxHouse()
        for _ in 0..<10 { #expect(await send(house).isSuccess) }
        let eleventh = await send(house)
        #expect(eleventh.code == "4095" && eleventh.verdict?.isBilingual == true)
        let seconds = eleventh.body["error"]?["data"]?["retryAfterSeconds"]?.integer ?? 0
        #expect((1...60).contains(seconds))
        #expect(await send(house, user: reluctant).isSuccess)
        let test: JSON = [
            "templateSetCode": .string(AppsInTossDemonstration.template), "context": [:],
            "deploymentId": "0197a1b2-0000-7000-8000-000000000000",
        ]
        #expect(await house.send("send-test-message", test, user: demo).isSuccess)
        house.clocks.advance(.seconds(60))
        #expect(await send(house).isSuccess)
    }

    @Test("A test message takes an unapproved template, needs a deployment, and says who has not agreed")
    func tests() async throws {
        let house = try await SandboxHouse()
        func test(_ deployment: JSON) async -> Judgement {
            await house.send(
                "send-test-message", ["templateSetCode": "bujeol-demo-DRAFT", "context": [:], "deploymentId": deployment], user: demo)
        }
        #expect(await test("not-a-uuid").isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        #expect(await test("0197a1b2-0000-7000-8000-000000000000").success["sentPushCount"] == 1)
        try await house.set(["message_tests_agreed": false])
        let refused = await test("0197a1b2-0000-7000-8000-000000000000")
        #expect(refused.isSuccess && refused.success["fail"]?["sentPush"]?[0]?["reachedFailReason"] == "NOT_AGREED_TEST")
    }

    @Test("Two thousand five hundred at once: each known, unwilling, unknown and anonymous recipient where it belongs")
    func bulk() async throws {
        let house = try await SandboxHouse()
        var rows: [JSON] = []
        for index in 0..<2500 {
            switch index % 4 {
            case 0: rows.append(["userKey": .number(demo), "context": [:]])
            case 1: rows.append(["userKey": .number(reluctant), "context": [:]])
            case 2: rows.append(["userKey": .number(9_000_000 + index), "context": [:]])
            default: rows.append(["anonKey": .string(AppsInTossDemonstration.anonymousKey), "context": [:]])
            }
        }
        let body: JSON = ["templateSetCode": .string(AppsInTossDemonstration.template), "contextList": .array(rows)]
        let judgement = await house.send("send-bulk-message", body)
        #expect(judgement.isSuccess && judgement.rule == "message.partial-failure")
        let reply = judgement.success
        #expect(reply["msgCount"] == 2500 && reply["sentPushCount"] == 1250)
        let failed = reply["fail"]?["sentPush"]?.elements ?? []
        #expect(failed.filter { $0["reachedFailReason"] == "PUSH_NOT_AGREED" }.count == 625)
        #expect(failed.filter { $0["reachedFailReason"] == "USER_NOT_FOUND" }.count == 625)
        let ids = (failed + (reply["detail"]?["sentPush"]?.elements ?? [])).compactMap { $0["contentId"]?.string }
        #expect(Set(ids).count == 2500)
        rows.append(["userKey": .number(demo), "context": [:]])
        for list in [JSON.array(rows), []] {
            let wrong = await house.send(
                "send-bulk-message", ["templateSetCode": .string(AppsInTossDemonstration.template), "contextList": list])
            #expect(wrong.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        }
    }

    @Test("A recipient of a bulk is named once, one way, with every variable; nothing is sent when one is not")
    func bulkFields() async throws {
        let house = try await SandboxHouse()
        func fields(_ rows: JSON, _ code: String = AppsInTossDemonstration.template) async -> String? {
            let judgement = await house.send("send-bulk-message", ["templateSetCode": .string(code), "contextList": rows])
            return judgement.body["error"]?["data"]?["errorDetails"]?[0]?["field"]?.string
        }
        let good: JSON = ["userKey": .number(demo), "context": [:]]
        #expect(await fields([good, ["context": [:]]]) == "contextList[1].userKey")
        #expect(await fields([good, ["userKey": 1, "anonKey": "a", "context": [:]]]) == "contextList[1].anonKey")
        #expect(await fields([good, ["userKey": 1]]) == "contextList[1].context")
        #expect(await fields([good, 7]) == "contextList[1]")
        let half: JSON = ["userKey": .number(demo), "context": ["productName": "책"]]
        #expect(await fields([half], "bujeol-demo-ORDER") == "contextList[0].context.price")
        #expect(try await house.ask(.get, "/messages")["messages"] == [])
        let few = await house.send(
            "send-bulk-message", ["templateSetCode": .string(AppsInTossDemonstration.template), "contextList": [good]], user: demo)
        #expect(few.isSuccess && few.rule == "message.header-ignored" && few.verdict?.json.text.contains("message.few") == true)
    }

    @Test("Settings: the content under result, HTTP statuses of the group's own pages, and a success that reaches nobody")
    func settings() async throws {
        let house = try await SandboxHouse()
        try await house.set(["message_content_name": "result", "message_error_status": "documented"])
        let named = await send(house)
        #expect(named.body["success"] == nil && named.body["result"]?["sentPushCount"] == 1)
        #expect(await send(house, "none").isRefusal("TEMPLATE_NOT_FOUND", "message.template-unknown", status: 400))
        #expect(await send(house, user: 1).isRefusal("USER_NOT_FOUND", "user.unknown", status: 403))
        let anonymous = await house.send(
            "send-message", ["templateSetCode": "x", "context": [:]], fields: [("x-anon-key", "nobody")])
        #expect(anonymous.isRefusal("4010", "user.unknown", status: 401))
        #expect(await house.send("login-me", bearer: "x").reply.status == 400)
        try await house.set(["message_silent": true, "message_content_name": "success"])
        let silent = await send(house)
        #expect(silent.isSuccess && silent.rule == "message.silent" && silent.success["msgCount"] == 0)
        #expect(lists.allSatisfy { silent.success[$0 + "Count"] == 0 && silent.success["fail"]?[$0] == [] })
    }

    // Comparing every name with every other takes minutes; the limit is far from what going through them once takes.
    @Test("A context with tens of thousands of members is gone through once", .timeLimit(.minutes(1)))
    func hugeContext() async throws {
        let house = try await SandboxHouse()
        let filler = (0..<60_000).map { "\"unknown\($0)\":1" }.joined(separator: ",")
        let context = try JSON("{\(filler),\"productName\":\"책\",\"price\":1}")
        let sent = await send(house, "bujeol-demo-ORDER", context)
        #expect(sent.isSuccess && sent.rule == "message.unknown-variable")
        let odd = try JSON("{\(filler),\"productName\":\"책\",\"price\":[]}")
        #expect(await send(house, "bujeol-demo-ORDER", odd).isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
    }
}
