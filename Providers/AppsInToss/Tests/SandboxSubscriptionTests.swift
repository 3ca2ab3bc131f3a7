import AppsInToss
import Base
import Foundation
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the subscription webhook") struct SandboxSubscriptionTests {
    /// A house whose demo mini-app has a webhook that was tried and taken.
    private func toldHouse(clockRuns: Bool = false) async throws -> SandboxHouse {
        let house = try await SandboxHouse()
        try await house.set(["subscription_by_clock": .boolean(clockRuns), "callback_source": ""])
        try await house.ask(.put, "/apps/\(AppsInTossDemonstration.app)", webhook)
        _ = await house.sandbox.settle(.demo)
        return house
    }

    private let webhook: JSON = ["webhook": ["url": "http://127.0.0.1:9/hooks?x=1", "secret": "s3cret"]]

    private func events(_ house: SandboxHouse) -> [JSON] { house.network.sent.map(\.json) }

    @Test("Entering the address tries it once with the registration's event, proved by Bearer; the control API tries again")
    func registration() async throws {
        let house = try await toldHouse()
        let sent = try #require(house.network.sent.first)
        #expect(sent.request.method == .post && sent.request.target == "/hooks?x=1" && sent.origin.port == 9)
        #expect(sent.request.fields["Authorization"] == "Bearer s3cret")
        let korean = house.clocks.now(.demo).koreanText.replacingOccurrences(of: " ", with: "T")
        #expect(
            String(decoding: sent.request.body, as: UTF8.self)
                == #"{"eventType":"callback.registration_verification","occurredAt":"\#(korean)"}"#)
        try await house.ask(.post, "/webhook/verify")
        try await house.set(["webhook_verification_proof": "basic"])
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.count == 2)
        #expect(house.network.sent[1].request.fields["Authorization"] == "Basic " + Data("s3cret".utf8).base64EncodedString())
        try await house.ask(.put, "/apps/\(AppsInTossDemonstration.app)", ["webhook": .null])
        let (status, _) = try await house.control(.post, "/webhook/verify")
        #expect(status == 409)
        try await house.ask(.put, "/apps/\(AppsInTossDemonstration.app)", ["per_minute": 100])
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.count == 2)
    }

    @Test("All twelve reasons reach the webhook with the documented members, previous left out on CREATED only")
    func reasons() async throws {
        let house = try await toldHouse()
        let made = try await house.ask(.post, "/subscriptions", ["sku": "ait.sub"])
        let id = try #require(made["orderId"]?.string)
        let moves = [
            "auto-renew-disabled", "auto-renew-enabled", "renewed", "entered-grace-period", "on-hold", "recovered", "paused", "recovered",
            "extended", "expired", "restarted", "revoked",
        ]
        for move in moves {
            house.clocks.advance(.seconds(60))
            _ = await house.sandbox.settle(.demo)
            try await house.ask(.post, "/subscriptions/\(id)/\(move)")
        }
        _ = await house.sandbox.settle(.demo)
        let sent = house.network.sent.dropFirst().map(\.json)
        let told = sent.compactMap { $0["changeReason"]?.string }
        #expect(told == ["CREATED"] + moves.map { $0.uppercased().replacingOccurrences(of: "-", with: "_") })
        #expect(Set(told).count == 12)
        #expect(
            sent[0].members?.names == ["eventType", "eventVersion", "occurredAt", "orderId", "sku", "changeReason", "subscription"])
        #expect(sent[0]["eventType"] == "subscription.status_changed" && sent[0]["eventVersion"] == "1.0")
        #expect(sent[0]["subscription"]?.members?.names == ["current"])
        #expect(sent.dropFirst().allSatisfy { $0["subscription"]?.members?.names == ["previous", "current"] })
        for (before, after) in zip(sent, sent.dropFirst()) {
            #expect(before["subscription"]?["current"] == after["subscription"]?["previous"])
        }
        let last = sent[12]["subscription"]?["current"]
        #expect(last?["status"] == "REVOKED" && last?["accessGranted"] == false && last?["autoRenew"] == false)
        #expect(last?.members?.names == ["status", "accessGranted", "expiresAt", "autoRenew"])
        #expect(sent.allSatisfy { SubscriptionEvent($0.bytes)?.change?.orderID == id })
        #expect(house.network.sent.dropFirst().allSatisfy { $0.request.fields["Authorization"]?.hasPrefix("Basic ") == true })
        let order = await house.send("get-order-status", ["orderId": .string(id)])
        #expect(order.success["status"] == "REFUNDED" && order.success["sku"] == "ait.sub")
        let (conflict, answer) = try await house.control(.post, "/subscriptions/\(id)/renewed")
        #expect(conflict == 409 && answer.text.contains("REVOKED"))
        let missing = await house.sandbox.control(Call(method: .post, path: "/subscriptions/\(id)/created"), tenant: .demo)
        #expect(missing == nil)
    }

    @Test("The tenant's clock renews, ends and puts on hold, each event as of its own moment, and does not where a setting says so")
    func clock() async throws {
        let house = try await toldHouse(clockRuns: true)
        try await house.set(["subscription_period_seconds": 86_400, "subscription_grace_seconds": 7200])
        let start = house.clocks.now(.demo)
        let id = try #require(try await house.ask(.post, "/subscriptions")["orderId"]?.string)
        #expect(await house.sandbox.settle(.demo) == start + .seconds(86_400))
        house.clocks.advance(.seconds(3 * 86_400))
        _ = await house.sandbox.settle(.demo)
        #expect(events(house).compactMap { $0["changeReason"]?.string } == ["CREATED", "RENEWED", "RENEWED", "RENEWED"])
        // What has come due at once is sent in its order all the same.
        let texts = events(house).compactMap { $0["occurredAt"]?.string }
        let moments = texts.compactMap(AppsInTossTime.read).dropFirst()
        let seconds: [Int64] = moments.map { ($0 - start).wholeSeconds }
        #expect(seconds == [0, 86_400, 172_800, 259_200])
        try await house.ask(.post, "/subscriptions/\(id)/entered-grace-period")
        house.clocks.advance(.seconds(86_400 + 7200))
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(events(house).last?["changeReason"] == "ON_HOLD")
        try await house.ask(.post, "/subscriptions/\(id)/recovered")
        try await house.ask(.post, "/subscriptions/\(id)/auto-renew-disabled")
        house.clocks.advance(.seconds(2 * 86_400))
        _ = await house.sandbox.settle(.demo)
        #expect(events(house).last?["changeReason"] == "EXPIRED")
        try await house.set(["subscription_by_clock": false])
        try await house.ask(.post, "/subscriptions/\(id)/restarted")
        house.clocks.advance(.seconds(10 * 86_400))
        _ = await house.sandbox.settle(.demo)
        #expect(events(house).last?["changeReason"] == "RESTARTED")
    }

    @Test("What the setting does not take for an answer is repeated after 10, 60 and 300 seconds and then given up")
    func repeats() async throws {
        for (setting, answer, isTaken) in [
            ("2xx", 204, true), ("2xx", 202, true), ("2xx", 302, false), ("200-204", 200, true), ("200-204", 202, false),
            ("204", 204, true), ("204", 200, false),
        ] {
            let house = try await toldHouse()
            try await house.set(["webhook_accepted_status": .string(setting)])
            house.network.answers(answer)
            let start = house.clocks.now(.demo)
            try await house.ask(.post, "/subscriptions")
            var moments: [Int64] = [0]
            while house.network.sent.count < 20, let due = await house.sandbox.settle(.demo), due < start + .seconds(1000) {
                moments.append((due - start).wholeSeconds)
                house.clocks.set(due)
            }
            #expect(moments == (isTaken ? [0] : [0, 10, 70, 370]), "\(setting) \(answer)")
            let told = try await house.ask(.get, "/callbacks")
            #expect(told[0]?["state"]?.string == (isTaken ? "delivered" : "given-up"))
            #expect(Set(house.network.sent.dropFirst().map(\.json)).count == 1)
            #expect(!told.text.contains("s3cret"))
        }
    }

    @Test("Without an address nobody is told, and another mini-app's subscription tells another address")
    func addresses() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.put, "/apps/\(AppsInTossDemonstration.app)", ["webhook": .null])
        try await house.ask(.post, "/subscriptions")
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.isEmpty)
        _ = try await house.makeApp("other-app", ["webhook": ["url": "http://127.0.0.1:10/", "secret": .null]])
        try await house.ask(.post, "/subscriptions", ["app": "other-app"])
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.count == 2 && house.network.sent.allSatisfy { $0.origin.port == 10 })
        #expect(house.network.sent.allSatisfy { $0.request.fields["Authorization"] == nil })
    }

    @Test("A period that ended more than a year ago is refused: renewing it up to today would hold up everybody else's calls")
    func longEnded() async throws {
        let house = try await toldHouse()
        let now = house.clocks.now(.demo)
        let old: JSON = ["expires_at": .string((now - .seconds(367 * 86_400)).internetText)]
        let recent: JSON = ["expires_at": .string((now - .seconds(365 * 86_400)).internetText)]
        #expect(try await house.control(.post, "/subscriptions", old).0 == 400)
        let made = try await house.ask(.post, "/subscriptions", recent)
        let id = try #require(made["orderId"]?.string)
        #expect(try await house.control(.post, "/subscriptions/\(id)/extended", old).0 == 400)
        #expect(try await house.control(.post, "/subscriptions/\(id)/extended", ["expires_at": .null]).0 == 200)
    }
}

@Suite("Apps in Toss sandbox: the simulated source of callbacks") struct SandboxCallbackSourceTests {
    @Test("The 27 documented addresses, and what the setting takes and refuses")
    func addresses() throws {
        let all = CallbackSource.documentedAddresses
        #expect(all.count == 27 && Set(all).count == 27 && all.contains("117.52.3.80") && all.contains("106.249.5.87"))
        #expect(all.allSatisfy(AppsInTossFirewall.isInbound))
        for good in ["", "documented", "117.52.3.11", "211.115.96.87", "foreign:203.0.113.9", "foreign:2001:db8::1"] {
            #expect(CallbackSource(good)?.text == good)
        }
        for bad in ["203.0.113.9", "117.52.3.88", "foreign:117.52.3.80", "foreign:", "foreign:x", "Documented", "117.52.3.80~87"] {
            #expect(CallbackSource(bad) == nil, "\(bad)")
        }
        #expect((1...54).map { CallbackSource.documented.shown($0) } == (all + all))
    }

    @Test("Every callback carries the address in X-Forwarded-For, the unlink callback too")
    func sent() async throws {
        let house = try await SandboxHouse()
        try await house.ask(
            .put, "/apps/\(AppsInTossDemonstration.app)",
            [
                "webhook": ["url": "http://127.0.0.1:9/", "secret": "s"],
                "unlink": ["url": "http://127.0.0.1:9/unlink", "method": "POST", "basic_text": "b"],
            ])
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.count == 1 && house.network.sent[0].request.fields["X-Forwarded-For"] == nil)
        try await house.set(["callback_source": "211.115.96.80"])
        try await house.ask(.post, "/subscriptions")
        let user = AppsInTossDemonstration.userKey
        _ = try await house.login()
        try await house.ask(.post, "/users/\(user)/unlink")
        _ = await house.sandbox.settle(.demo)
        let later = house.network.sent.dropFirst()
        #expect(later.count == 2 && later.contains { $0.request.target == "/unlink" })
        #expect(later.allSatisfy { $0.request.fields["X-Forwarded-For"] == "211.115.96.80" })
        try await house.set(["callback_source": "foreign:203.0.113.9"])
        try await house.ask(.post, "/webhook/verify")
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.last?.request.fields["X-Forwarded-For"] == "203.0.113.9")
        let (status, answer) = try await house.control(.put, "/settings", ["callback_source": "203.0.113.9"])
        #expect(status == 400 && answer.text.contains("foreign:203.0.113.9"))
    }
}
