import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: where a payment stands, and what each call makes of it")
struct SandboxStateTests {
    private enum Move: CaseIterable { case approve, netCancel, refund, refundPart }

    /// By state: what each call answers, and where the payment stands then. From the state diagram of the protocol notes.
    private static let table: [(TransactionState, [(String, TransactionState)])] = [
        (.authenticated, [("0000", .approved), ("0000", .netCancelled), ("01", .authenticated), ("01", .authenticated)]),
        (.approved, [("9999", .approved), ("0000", .netCancelled), ("00", .refunded), ("00", .partlyRefunded)]),
        (.netCancelled, [("9999", .netCancelled), ("0000", .netCancelled), ("01", .netCancelled), ("01", .netCancelled)]),
        (.expired, [("9999", .expired), ("9999", .expired), ("01", .expired), ("01", .expired)]),
        (.refunded, [("9999", .refunded), ("9999", .refunded), ("01", .refunded), ("01", .refunded)]),
        (.partlyRefunded, [("9999", .partlyRefunded), ("9999", .partlyRefunded), ("00", .refunded), ("00", .partlyRefunded)]),
    ]

    @Test("Each call in each state answers and moves the payment as the diagram says", arguments: TransactionState.allCases)
    func table(_ state: TransactionState) async throws {
        let row = try #require(SandboxStateTests.table.first { $0.0 == state })
        for (move, expected) in zip(Move.allCases, row.1) {
            let house = try await SandboxHouse()
            let (wtid, tid) = try await SandboxStateTests.bring(house, to: state)
            #expect(try await house.transaction(wtid)["state"]?.string == state.rawValue)
            let judgement: Judgement
            switch move {
            case .approve: judgement = try await house.approve(wtid)
            case .netCancel: judgement = try await house.netCancel(wtid)
            case .refund: judgement = await house.refund(tid)
            case .refundPart:
                let left = try await house.transaction(wtid)["remaining"]?.integer ?? 0
                judgement = await house.refund(tid, part: .init(price: 100, confirmPrice: max(0, left - 100)))
            }
            #expect(judgement.code == expected.0, "\(state) \(move): \(judgement.verdict?.json.text ?? "")")
            #expect(try await house.transaction(wtid)["state"]?.string == expected.1.rawValue, "\(state) \(move)")
            #expect((judgement.verdict?.kind == .refused) == ["9999", "01"].contains(expected.0))
        }
    }

    /// A payment of 1,000 won in a state; its wtid and its tid, which is made up where there is none yet.
    private static func bring(_ house: SandboxHouse, to state: TransactionState) async throws -> (wtid: String, tid: String) {
        let wtid = try await house.wtid()
        switch state {
        case .authenticated: break
        case .expired:
            house.clocks.advance(.seconds(600))
            _ = await house.sandbox.settle(.demo)
        case .netCancelled:
            _ = try await house.approve(wtid)
            _ = try await house.netCancel(wtid)
        case .approved, .refunded, .partlyRefunded:
            _ = try await house.approve(wtid)
            let tid = try #require(try await house.transaction(wtid)["tid"]?.string)
            if state == .refunded { _ = await house.refund(tid) }
            if state == .partlyRefunded { _ = await house.refund(tid, part: .init(price: 300, confirmPrice: 700)) }
        }
        let tid = try await house.transaction(wtid)["tid"]?.string
        return (wtid, tid ?? String(repeating: "0", count: 40))
    }

    @Test("An authentication lives for 600 seconds less one nanosecond; a net-cancel is taken for 600 seconds and no nanosecond more")
    func edges() async throws {
        let house = try await SandboxHouse()
        let inTime = try await house.wtid()
        let tooLate = try await house.wtid()
        let untouched = try await house.wtid()
        house.clocks.advance(.seconds(600) - .nanoseconds(1))
        #expect(try await house.approve(inTime).code == "0000")
        house.clocks.advance(.nanoseconds(1))
        // Seen by the call itself, although nobody has settled it yet.
        #expect(try await house.approve(tooLate).isRefusal("wtid.expired"))
        #expect(try await house.netCancel(untouched).isRefusal("net-cancel.expired"))
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(try await house.transaction(tooLate)["state"] == "EXPIRED")
        house.clocks.advance(.seconds(600) - .nanoseconds(1))
        #expect(try await house.netCancel(inTime).code == "0000")
        let another = try await house.wtid()
        #expect(try await house.approve(another).code == "0000")
        house.clocks.advance(.seconds(600) + .nanoseconds(1))
        #expect(try await house.netCancel(another).isRefusal("net-cancel.too-late"))
        #expect(try await house.transaction(another)["state"] == "APPROVED")
    }

    @Test("Both times are settings, and the sandbox asks to be woken when the next authentication lapses")
    func settings() async throws {
        let house = try await SandboxHouse(settings: ["approval_seconds": 30, "net_cancel_seconds": 0])
        let start = house.clocks.now(.demo)
        let first = try await house.wtid()
        house.clocks.advance(.seconds(10))
        let second = try await house.wtid()
        #expect(house.scheduled.withLock { $0 } == [.demo, .demo])
        #expect(await house.sandbox.settle(.demo) == start + .seconds(30))
        house.clocks.advance(.seconds(20))
        #expect(await house.sandbox.settle(.demo) == start + .seconds(40))
        #expect(try await house.transaction(first)["state"] == "EXPIRED")
        #expect(try await house.approve(second).code == "0000")
        #expect(try await house.netCancel(second).code == "0000")
        let third = try await house.wtid()
        _ = try await house.approve(third)
        house.clocks.advance(.nanoseconds(1))
        #expect(try await house.netCancel(third).isRefusal("net-cancel.too-late"))
    }

    @Test("Of eight approvals of one payment at once exactly one passes")
    func approvedOnce() async throws {
        let house = try await SandboxHouse()
        let wtid = try await house.wtid()
        let codes = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try await house.approve(wtid).code } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == "0000" } == 1 && codes.count { $0 == "9999" } == 7)
        #expect(try await house.transaction(wtid)["remaining"] == 1000)
    }

    @Test("A net-cancel may be repeated, by a member who has left as well, and another member's is refused")
    func netCancels() async throws {
        let house = try await SandboxHouse()
        let wtid = try await house.wtid()
        _ = try await house.approve(wtid)
        let joined = try await house.control(.post, "/members", ["userId": "somebody-else"]).1
        let stranger = try #require(joined["wpayUserKey"]?.string)
        let foreign = try SandboxHouse.call(
            "payreqapplcancel", ["mid": WPayDemonstration.mid, "wpayUserKey": stranger, "wtid": wtid, "cancelMsg": "x"])
        #expect(await house.send(foreign).isRefusal("wtid.other-member"))
        _ = try await house.control(.put, "/members/\(DemoData.userKey)", ["status": "02"])
        for _ in 0..<3 { #expect(try await house.netCancel(wtid).code == "0000") }
        let transaction = try await house.transaction(wtid)
        #expect(transaction["state"] == "NETCANCELLED" && transaction["remaining"] == 0)
    }

    @Test("Whatever partial refunds are asked for, what is left and what was refunded are the price, and no refund is of more than is left")
    func totals() async throws {
        let house = try await SandboxHouse()
        let random = SeededRandom(seed: 7)
        for _ in 0..<12 {
            let price = Int64(random.number(below: 50_000)) + 1
            let wtid = try await house.wtid(["goodsPrice": .number(price)])
            _ = try await house.approve(wtid)
            let tid = try #require(try await house.transaction(wtid)["tid"]?.string)
            var left = price
            var count: Int64 = 0
            for _ in 0..<8 {
                let wish = Int64(random.number(below: UInt64(price) + 10))
                let confirmed = random.number(below: 4) == 0 ? left : left - wish
                let judgement = await house.refund(tid, part: .init(price: wish, confirmPrice: max(0, confirmed)))
                let isRight = wish > 0 && wish <= left && max(0, confirmed) == left - wish
                #expect(judgement.code == (isRight ? "00" : "01"), "\(judgement.verdict?.json.text ?? "")")
                if isRight {
                    left -= wish
                    count += 1
                    #expect(judgement.body["prtcPrice"]?.string == String(wish) && judgement.body["prtcRemains"]?.string == String(left))
                    #expect(judgement.body["prtcCnt"]?.string == String(count) && judgement.body["prtcTid"]?.string == tid)
                    #expect(judgement.body["tid"]?.string != tid)
                }
                let transaction = try await house.transaction(wtid)
                #expect(transaction["refunded"]?.integer == price - left && transaction["remaining"]?.integer == left)
                #expect(transaction["state"]?.string == (left == 0 ? "REFUNDED" : left == price ? "APPROVED" : "PARTLY"))
            }
            let refunds = try #require(try await house.transaction(wtid)["refunds"]?.elements)
            #expect(refunds.compactMap { $0["price"]?.integer }.reduce(0, +) == price - left && refunds.count == Int(count))
        }
    }

    @Test("A refund wants the tid, INIAPI's word for the means, the approving MID, and a card that allows parts")
    func refunds() async throws {
        let house = try await SandboxHouse()
        let wtid = try await house.wtid()
        _ = try await house.approve(wtid)
        let tid = try #require(try await house.transaction(wtid)["tid"]?.string)
        #expect(await house.refund(wtid).isRefusal("refund.is-wtid", code: "01"))
        #expect(await house.refund("TID-OF-NOBODY").isRefusal("refund.unknown", code: "01"))
        #expect(await house.refund(tid, method: "01").isRefusal("refund.paymethod", code: "01"))
        try await house.set(["client_ips": ["198.51.100.1"]])
        #expect(await house.refund(tid).isRefusal("refund.client-ip", code: "01"))
        try await house.set(["client_ips": ["198.51.100.1", "203.0.113.7"], "partial_refunds": false])
        let whole = try await house.wtid()
        _ = try await house.approve(whole)
        let wholeTID = try #require(try await house.transaction(whole)["tid"]?.string)
        let part = INIAPIRefund.Part(price: 100, confirmPrice: 900)
        #expect(await house.refund(wholeTID, part: part).isRefusal("refund.partial-impossible", code: "01"))
        let partial = await house.refund(tid, part: part)
        #expect(partial.code == "00")
        let partTID = try #require(partial.body["tid"]?.string)
        #expect(await house.refund(partTID).isRefusal("refund.of-refund", code: "01"))
        let done = await house.refund(wholeTID)
        #expect(done.body["cancelDate"] == "20260101" && done.body["cancelTime"] == "090000" && done.body["tid"] == nil)
        #expect(await house.refund(wholeTID).isRefusal("refund.done", code: "01"))
        let upper = SandboxOracle.Order(
            row: "iniapi/refund",
            values: [
                "type": "Refund", "paymethod": "Card", "timestamp": "20260102030405", "clientIp": "203.0.113.7",
                "mid": WPayDemonstration.mid,
                "tid": tid, "msg": "x",
            ], mistake: "upper")
        let mistaken = try await house.send(upper)
        #expect(mistaken.isRefusal("refund.hash", code: "01") && mistaken.verdict?.details["mistake"] == "upper-case")
    }
}
