import Base
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss: client, purchases and messages")
struct ClientOtherGroupTests {
    private let order: PurchaseID = "0199a0a0-89ab-7cde-8f01-23456789abcd"
    private let user = AppsInTossUser.userKey(443_731_104)

    @Test("A purchase is read in every status, with and without product, time and zone")
    func purchases() async throws {
        for status in PurchaseStatus.known {
            var content: JSON.Members = ["orderId": order.json, "status": .string(status.rawValue), "reason": "r"]
            if status.namesProduct {
                content["sku"] = "ait.1"
                content["statusDeterminedAt"] = "2025-09-12T16:57:12"
            }
            let client = AppsInTossClient(ClientScript(.success(ClientScript.success(.object(content)))))
            let state = try await client.purchases.status(order, for: 7)
            #expect(state.status == status && (state.sku == nil) == !status.namesProduct)
            #expect(state.determinedAt == (status.namesProduct ? Timestamp(unixSeconds: 1_757_663_832) : nil))
        }
        #expect(PurchaseStatus.known.filter(\.isPaid) == [.purchased, .paymentCompleted])
    }

    @Test("Another purchase's answer is not believed, and what is no UUID is not sent")
    func mismatch() async {
        let script = ClientScript(
            .success(ClientScript.success(["orderId": "0199a0a0-89ab-7cde-8f01-000000000000", "status": "PURCHASED"])))
        let client = AppsInTossClient(script)
        #expect(await clientFailure { try await client.purchases.status(order) }?.outcome == .unverified)
        #expect(await clientFailure { try await client.purchases.status("1") }?.code == .invalidRequest)
        #expect(script.sent.count == 1)
    }

    @Test("A fresh purchase is looked up at most six times, 350 ms apart, until it is there")
    func lag() async throws {
        let time = ManualTime()
        let script = ClientScript { _, number in ClientScript.success(["status": number < 3 ? "NOT_FOUND" : "PURCHASED"]) }
        #expect(try await AppsInTossClient(script, time: time).purchases.settledStatus(order).status == .purchased)
        #expect(script.sent.count == 4 && time.uptime == .milliseconds(1050))
        let never = ClientScript(.success(ClientScript.success(["status": "ORDER_IN_PROGRESS"])))
        #expect(try await AppsInTossClient(never).purchases.settledStatus(order).status == .inProgress)
        #expect(never.sent.count == 6)
    }

    private func delivery(_ json: String) throws -> MessageDelivery { try #require(MessageDelivery(try JSON(json))) }

    @Test("A partial failure inside a success is seen, with both spellings of its reason")
    func partialFailure() throws {
        for spelling in ["reachedFailReason", "reachFailReason"] {
            let some = try delivery(
                #"{"msgCount":2,"sentPushCount":1,"sentInboxCount":0,"detail":{"sentPush":[{"contentId":"toss:PUSH:x"}],"sentInbox":[]},"fail":{"sentPush":[{"contentId":"toss:PUSH:y","SPELLING":"NOT_AGREED_TEST"}],"sentSms":[]}}"#
                    .replacing("SPELLING", with: spelling))
            #expect(some.isDelivered && !some.isComplete && some.messageCount == 2)
            #expect(some.sent.map(\.contentID) == ["toss:PUSH:x"])
            #expect(some.failures == [.init(channel: .push, contentID: "toss:PUSH:y", failureReason: "NOT_AGREED_TEST")])
        }
        let none = try delivery(
            #"{"msgCount":1,"sentPushCount":0,"sentInboxCount":0,"sentSmsCount":0,"sentAlimtalkCount":0,"sentFriendtalkCount":0}"#)
        #expect(!none.isDelivered && !none.isComplete)
        let whole = try delivery(#"{"msgCount":1,"sentInboxCount":"1","fail":{}}"#)
        #expect(whole.isComplete && whole.counts[.inbox] == 1)
        #expect(MessageDelivery("x") == nil && MessageDelivery([:]) == nil)
    }

    @Test("Messages are sent as documented: one, many with either kind of key, and a test")
    func messages() async throws {
        let script = ClientScript(
            .success(ClientScript.response(["resultType": "SUCCESS", "result": ["msgCount": 1, "sentPushCount": 1]])))
        let client = AppsInTossClient(script)
        #expect(try await client.messages.send("t", context: ["b": "2", "a": "1"], to: user).isComplete)
        _ = try await client.messages.send("t", to: [.init(user, context: ["x": "y"]), .init(.anonymous("anon"))])
        _ = try await client.messages.sendTest("t", deploymentID: order.rawValue, to: .anonymous("anon"))
        #expect(script.sent[0].body == ["templateSetCode": "t", "context": ["a": "1", "b": "2"]])
        #expect(
            script.sent[1].body == [
                "templateSetCode": "t",
                "contextList": [["userKey": 443_731_104, "context": ["x": "y"]], ["anonKey": "anon", "context": [:]]],
            ])
        #expect(script.sent[2].body == ["templateSetCode": "t", "context": [:], "deploymentId": order.json])
        #expect(script.sent.map { $0.request.fields["x-anon-key"] } == [nil, nil, "anon"])
        #expect(script.sent.map { $0.request.fields["x-toss-user-key"] } == ["443731104", nil, nil])
    }

    @Test("A list of none or of more than 2,500 is not sent, nor a message without a template")
    func bulkLimits() async {
        let script = ClientScript(.success(ClientScript.success(["msgCount": 1])))
        let client = AppsInTossClient(script)
        let one = AppsInTossMessages.Recipient(user)
        for count in [0, 2501] {
            #expect(
                await clientFailure { try await client.messages.send("t", to: Array(repeating: one, count: count)) }?.code
                    == .invalidRequest)
        }
        #expect(await clientFailure { try await client.messages.send("", to: [one]) }?.code == .invalidRequest)
        #expect(script.sent.isEmpty)
        #expect(await clientFailure { try await client.messages.send("t", to: Array(repeating: one, count: 2500)) } == nil)
    }
}
