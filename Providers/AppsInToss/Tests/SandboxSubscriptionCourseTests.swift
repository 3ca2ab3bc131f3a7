import Base
import Testing

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the way of a subscription") struct SandboxSubscriptionCourseTests {
    private static let start = Timestamp(unixSeconds: 1_767_225_600)
    private static let times = SubscriptionCourse.Times(period: .seconds(1000), grace: .seconds(100))

    private static func state(_ status: SubscriptionPhase, renews: Bool) -> SubscriptionState {
        SubscriptionState(
            phase: status, accessGranted: status == .active || status == .inGracePeriod, expiresAt: start + .seconds(1000),
            autoRenew: renews)
    }

    /// What each change makes of each state at 400 s of 1,000: `status access expires autoRenew`, or `-` where it cannot follow.
    private static let table: [String: [String: String]] = [
        "ACTIVE+": [
            "CREATED": "-", "RENEWED": "ACTIVE y 2000 y", "RECOVERED": "-", "RESTARTED": "-",
            "ENTERED_GRACE_PERIOD": "IN_GRACE_PERIOD y 1100 y", "ON_HOLD": "ON_HOLD n 1000 y", "PAUSED": "PAUSED n 1000 y",
            "AUTO_RENEW_ENABLED": "-", "AUTO_RENEW_DISABLED": "ACTIVE y 1000 n", "EXTENDED": "ACTIVE y 2000 y",
            "EXPIRED": "EXPIRED n 400 n", "REVOKED": "REVOKED n 400 n",
        ],
        "ACTIVE-": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "-", "RESTARTED": "ACTIVE y 1000 y", "ENTERED_GRACE_PERIOD": "-", "ON_HOLD": "-",
            "PAUSED": "PAUSED n 1000 n", "AUTO_RENEW_ENABLED": "ACTIVE y 1000 y", "AUTO_RENEW_DISABLED": "-",
            "EXTENDED": "ACTIVE y 2000 n", "EXPIRED": "EXPIRED n 400 n", "REVOKED": "REVOKED n 400 n",
        ],
        "IN_GRACE_PERIOD+": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "ACTIVE y 1400 y", "RESTARTED": "-", "ENTERED_GRACE_PERIOD": "-",
            "ON_HOLD": "ON_HOLD n 1000 y", "PAUSED": "-", "AUTO_RENEW_ENABLED": "-", "AUTO_RENEW_DISABLED": "IN_GRACE_PERIOD y 1000 n",
            "EXTENDED": "IN_GRACE_PERIOD y 2000 y", "EXPIRED": "EXPIRED n 400 n", "REVOKED": "REVOKED n 400 n",
        ],
        "IN_GRACE_PERIOD-": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "ACTIVE y 1400 y", "RESTARTED": "-", "ENTERED_GRACE_PERIOD": "-", "ON_HOLD": "-",
            "PAUSED": "-", "AUTO_RENEW_ENABLED": "IN_GRACE_PERIOD y 1000 y", "AUTO_RENEW_DISABLED": "-",
            "EXTENDED": "IN_GRACE_PERIOD y 2000 n", "EXPIRED": "EXPIRED n 400 n", "REVOKED": "REVOKED n 400 n",
        ],
        "ON_HOLD+": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "ACTIVE y 1400 y", "RESTARTED": "-", "ENTERED_GRACE_PERIOD": "-", "ON_HOLD": "-",
            "PAUSED": "-", "AUTO_RENEW_ENABLED": "-", "AUTO_RENEW_DISABLED": "-", "EXTENDED": "-", "EXPIRED": "EXPIRED n 400 n",
            "REVOKED": "REVOKED n 400 n",
        ],
        "PAUSED+": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "ACTIVE y 1400 y", "RESTARTED": "-", "ENTERED_GRACE_PERIOD": "-", "ON_HOLD": "-",
            "PAUSED": "-", "AUTO_RENEW_ENABLED": "-", "AUTO_RENEW_DISABLED": "-", "EXTENDED": "-", "EXPIRED": "EXPIRED n 400 n",
            "REVOKED": "REVOKED n 400 n",
        ],
        "EXPIRED-": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "-", "RESTARTED": "ACTIVE y 1400 y", "ENTERED_GRACE_PERIOD": "-", "ON_HOLD": "-",
            "PAUSED": "-", "AUTO_RENEW_ENABLED": "-", "AUTO_RENEW_DISABLED": "-", "EXTENDED": "-", "EXPIRED": "-",
            "REVOKED": "REVOKED n 400 n",
        ],
        "REVOKED-": [
            "CREATED": "-", "RENEWED": "-", "RECOVERED": "-", "RESTARTED": "-", "ENTERED_GRACE_PERIOD": "-", "ON_HOLD": "-", "PAUSED": "-",
            "AUTO_RENEW_ENABLED": "-", "AUTO_RENEW_DISABLED": "-", "EXTENDED": "-", "EXPIRED": "-", "REVOKED": "-",
        ],
    ]

    @Test("Every change follows exactly the states from which it may, and leads where it should", arguments: table.keys.sorted())
    func moves(_ name: String) throws {
        let status = try #require(SubscriptionPhase(rawValue: String(name.dropLast())))
        let course = SubscriptionCourse(stored: Self.state(status, renews: name.hasSuffix("+")))
        let row = try #require(Self.table[name])
        #expect(row.count == SubscriptionMove.allCases.count)
        for reason in SubscriptionMove.allCases {
            let after = course.after(reason, at: Self.start + .seconds(400), Self.times)
            let text = after.map { state in
                let expires = state.expiresAt.map { String(($0 - Self.start).wholeSeconds) } ?? "open"
                return "\(state.phase.rawValue) \(state.accessGranted ? "y" : "n") \(expires) \(state.autoRenew ? "y" : "n")"
            }
            #expect((text ?? "-") == row[reason.rawValue], "\(name) \(reason.rawValue)")
        }
        let possible = course.possible(at: Self.start + .seconds(400), Self.times).map(\.rawValue)
        #expect(Set(possible) == Set(row.filter { $0.value != "-" }.keys))
    }

    @Test("Time renews what renews itself, ends what does not, and puts an unpaid one on hold after its grace")
    func time() {
        func next(_ status: SubscriptionPhase, _ renews: Bool) -> String? {
            SubscriptionCourse(stored: Self.state(status, renews: renews)).next?.reason.rawValue
        }
        #expect(next(.active, true) == "RENEWED" && next(.active, false) == "EXPIRED")
        #expect(next(.inGracePeriod, true) == "ON_HOLD" && next(.inGracePeriod, false) == "EXPIRED")
        for status in [SubscriptionPhase.onHold, .paused, .expired, .revoked] { #expect(next(status, true) == nil) }
        let created = SubscriptionCourse(createdAt: Self.start, Self.times)
        #expect(created.next?.moment == Self.start + .seconds(1000) && created.state.accessGranted)
    }

    @Test("An order moves only along the documented states, and shows its product in five of the eight")
    func orders() {
        let allowed: [String: String] = [
            "ORDER_IN_PROGRESS pay": "PAYMENT_COMPLETED", "ORDER_IN_PROGRESS fail": "FAILED", "PAYMENT_COMPLETED grant": "PURCHASED",
            "PAYMENT_COMPLETED fail-grant": "PAYMENT_COMPLETED", "PAYMENT_COMPLETED refund": "REFUNDED", "PURCHASED refund": "REFUNDED",
        ]
        #expect(OrderStatus.allCases.count == 8)
        for status in OrderStatus.allCases {
            for move in OrderMove.allCases {
                #expect(move.target(from: status)?.rawValue == allowed["\(status.rawValue) \(move.rawValue)"])
            }
        }
        let shown = OrderStatus.allCases.filter(\.showsProduct).map(\.rawValue)
        #expect(shown == ["PURCHASED", "PAYMENT_COMPLETED", "ORDER_IN_PROGRESS", "FAILED", "REFUNDED"])
    }
}
