import AppsInToss
import Base
import Foundation
import TestSupport
import Testing

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the way of a payment") struct SandboxPayCourseTests {
    private typealias Course = PaymentCourse
    private static let start = Timestamp(unixSeconds: 1_767_225_600)

    /// One payment in each state that can be told apart, made by walking there.
    private static let walks: [(name: String, events: [Course.Event], lapses: Bool)] = [
        ("standby", [], false), ("approved", [.buyerAuthenticated], false), ("buyer cancelled", [.buyerCancelled], false),
        ("lapsed before", [], true), ("lapsed after", [.buyerAuthenticated], true), ("replaced", [.replaced], false),
        ("in progress", [.buyerAuthenticated, .executionBegan], false),
        ("complete", [.buyerAuthenticated, .executionBegan], true),
        ("settled", [.buyerAuthenticated, .executionBegan, .settled], true),
        ("refunding", [.buyerAuthenticated, .executionBegan, .refundBegan], false),
        ("refunded", [.buyerAuthenticated, .executionBegan, .refundBegan], true),
        ("settled refunding", [.buyerAuthenticated, .executionBegan, .settled, .refundBegan], false),
        ("settled refunded", [.buyerAuthenticated, .executionBegan, .settled, .refundBegan], true),
    ]

    /// Walks; the last step is left under way unless `lapses`.
    private static func course(_ walk: (name: String, events: [Course.Event], lapses: Bool)) -> Course {
        let slow = Course.Times(patience: .seconds(900), execution: .seconds(5), refund: .seconds(7))
        let quick = Course.Times()
        var course = Course(madeAt: start, quick)
        for (index, event) in walk.events.enumerated() {
            let isLast = index == walk.events.count - 1
            let isTaken = course.happened(event, at: start, isLast && !walk.lapses ? slow : quick)
            #expect(isTaken, "\(walk.name)")
        }
        if walk.lapses, [.standby, .approved].contains(course.status) { course.timePassed() }
        return course
    }

    @Test("Every state answers make, execute and refund as section 7.5 says", arguments: walks.indices)
    func calls(_ index: Int) {
        let expected: [String: (status: String, make: String?, execute: String?, refund: String?)] = [
            "standby": ("PAY_STANDBY", nil, "notAuthenticated", "notPaid"),
            "approved": ("PAY_APPROVED", "orderUsed", nil, "notPaid"),
            "buyer cancelled": ("PAY_CANCEL", nil, "cancelled", "cancelled"),
            "lapsed before": ("PAY_CANCEL", nil, "lapsed", "lapsed"),
            "lapsed after": ("PAY_CANCEL", "orderUsed", "lapsed", "lapsed"),
            "replaced": ("PAY_CANCEL", nil, "replaced", "replaced"),
            "in progress": ("PAY_PROGRESS", "orderUsed", "executed", "notPaid"),
            "complete": ("PAY_COMPLETE", "orderUsed", "executed", nil),
            "settled": ("SETTLEMENT_COMPLETE", "orderUsed", "executed", nil),
            "refunding": ("REFUND_PROGRESS", "orderUsed", "executed", "refunded"),
            "refunded": ("REFUND_SUCCESS", "orderUsed", "executed", "refunded"),
            "settled refunding": ("REFUND_PROGRESS", "orderUsed", "executed", "refunded"),
            "settled refunded": ("SETTLEMENT_REFUND_COMPLETE", "orderUsed", "executed", "refunded"),
        ]
        let walk = Self.walks[index]
        let course = Self.course(walk)
        let want = expected[walk.name]
        #expect(course.status.rawValue == want?.status)
        #expect(course.obstacle(to: .make)?.rawValue == want?.make, "\(walk.name)")
        #expect(course.obstacle(to: .execute)?.rawValue == want?.execute, "\(walk.name)")
        #expect(course.obstacle(to: .refund)?.rawValue == want?.refund, "\(walk.name)")
    }

    @Test("Every event is taken in exactly the states that allow it, and changes nothing elsewhere", arguments: walks.indices)
    func events(_ index: Int) {
        let allowed: [String: Set<String>] = [
            "standby": ["buyerAuthenticated", "buyerCancelled", "replaced"], "approved": ["executionBegan"],
            "buyer cancelled": ["replaced"], "lapsed before": ["replaced"], "replaced": ["replaced"],
            "complete": ["settled", "refundBegan"], "settled": ["refundBegan"],
        ]
        let walk = Self.walks[index]
        for event in Course.Event.allCases {
            let before = Self.course(walk)
            var after = before
            let isTaken = after.happened(event, at: Self.start + .seconds(1), Course.Times())
            #expect(isTaken == allowed[walk.name, default: []].contains(event.rawValue), "\(walk.name) \(event)")
            if !isTaken { #expect(after == before, "\(walk.name) \(event)") }
        }
    }

    @Test("Fifteen minutes for the buyer, then fifteen for the merchant, counted from each step")
    func patience() {
        var course = Course(madeAt: Self.start, Course.Times())
        #expect(course.dueAt == Self.start + .seconds(900))
        let isTaken = course.happened(.buyerAuthenticated, at: Self.start + .seconds(899), Course.Times())
        #expect(isTaken)
        #expect(course.dueAt == Self.start + .seconds(1799))
        course.timePassed()
        #expect(course.status == .cancelled && course.hasLapsed && course.dueAt == nil)
        course.timePassed()
        #expect(course.status == .cancelled)
    }

    @Test("A bank that takes its time pays and pays back as of its own moment")
    func slowBank() {
        let times = Course.Times(patience: .seconds(900), execution: .seconds(5), refund: .seconds(7))
        var course = Course(madeAt: Self.start, times)
        let isAuthenticated = course.happened(.buyerAuthenticated, at: Self.start, times)
        let isExecuting = course.happened(.executionBegan, at: Self.start, times)
        #expect(isAuthenticated && isExecuting)
        #expect(course.status == .inProgress && course.paidAt == nil && course.dueAt == Self.start + .seconds(5))
        course.timePassed()
        #expect(course.status == .complete && course.paidAt == Self.start + .seconds(5) && course.dueAt == nil)
        let isRefunding = course.happened(.refundBegan, at: Self.start + .seconds(60), times)
        #expect(isRefunding)
        #expect(course.status == .refundInProgress && course.refundedAt == nil)
        course.timePassed()
        #expect(course.status == .refunded && course.refundedAt == Self.start + .seconds(67))
    }

    // MARK: Amounts

    @Test("The tax that is filled in is an eleventh rounded up, as Python's fractions see it")
    func tax() throws {
        var amounts: [Int64] = Array(0...2500) + [999_999_999_998, 999_999_999_999]
        var generator = SystemRandomNumberGenerator()
        amounts += (0..<500).map { _ in Int64.random(in: 0...999_999_999_999, using: &generator) }
        let script = """
            import sys, math
            from fractions import Fraction
            for line in sys.stdin: print(math.ceil(Fraction(int(line), 11)))
            """
        let oracle = try PythonOracle.lines(script, input: amounts.map(String.init))
        #expect(amounts.map { String(PayAmounts.defaultTax(taxable: $0)) } == oracle)
    }

    @Test("With nothing tax-free everything is taxed; otherwise the parts must be named and come to the whole")
    func parts() throws {
        let plain = try PaymentAmounts(
            amount: 10_000, taxFree: 0, taxable: nil, valueAddedTax: nil, serviceFee: nil, isStrict: true)
        #expect(plain == PaymentAmounts(amount: 10_000, taxFree: 0, taxable: 10_000, valueAddedTax: 910, serviceFee: 0))
        let served = try PaymentAmounts(
            amount: 10_000, taxFree: 0, taxable: nil, valueAddedTax: nil, serviceFee: 1000, isStrict: true)
        #expect(served.taxable == 9000 && served.valueAddedTax == 819)
        let mixed = try PaymentAmounts(
            amount: 10_000, taxFree: 4000, taxable: 6000, valueAddedTax: 545, serviceFee: nil, isStrict: true)
        #expect(mixed.valueAddedTax == 545)
        let lenient = try PaymentAmounts(
            amount: 10_000, taxFree: 4000, taxable: nil, valueAddedTax: nil, serviceFee: nil, isStrict: false)
        #expect(lenient.taxable == 6000)

        func mistake(
            _ amount: Int64, _ taxFree: Int64, _ taxable: Int64?, _ tax: Int64? = nil, _ fee: Int64? = nil, isStrict: Bool = true
        ) -> PaymentAmounts.Mistake? {
            do throws(PaymentAmounts.Mistake) {
                _ = try PaymentAmounts(
                    amount: amount, taxFree: taxFree, taxable: taxable, valueAddedTax: tax, serviceFee: fee, isStrict: isStrict)
                return nil
            } catch { return error }
        }
        #expect(mistake(0, 0, nil) == .amountOutOfRange)
        #expect(mistake(1_000_000_000_000, 0, nil) == .amountOutOfRange)
        #expect(mistake(999_999_999_999, 0, nil) == nil)
        #expect(mistake(1000, 1001, nil) == .partOutOfRange(field: "amountTaxFree"))
        #expect(mistake(1000, -1, nil) == .partOutOfRange(field: "amountTaxFree"))
        #expect(mistake(1000, 0, 1001) == .partOutOfRange(field: "amountTaxable"))
        #expect(mistake(1000, 0, 1000, -1) == .partOutOfRange(field: "amountVat"))
        #expect(mistake(1000, 0, nil, nil, 1001) == .partOutOfRange(field: "amountServiceFee"))
        #expect(mistake(1000, 1, nil) == .taxableMissing)
        #expect(mistake(1000, 1, 998) == .sum(parts: 999, amount: 1000))
        #expect(mistake(1000, 1, 998, isStrict: false) == nil)
        #expect(mistake(1000, 900, 100, 101) == .taxTooLarge(taxable: 100))
    }
}
