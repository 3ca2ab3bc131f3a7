import Base
import ProviderKit
import Testing

@Suite("Who may call, and what a caller is told")
struct CallerRegistryTests {
    private let registry = CallerRegistry([
        .init(name: "shop", id: "shop-id", key: Secret("canary-one")), .init(name: "desk", id: "desk-id", key: Secret("canary-two")),
    ])

    @Test("id and key must both fit the same application")
    func lookUp() {
        #expect(registry.caller(id: "shop-id", key: "canary-one")?.name == "shop")
        #expect(registry.caller(id: "desk-id", key: "canary-two")?.name == "desk")
        for (id, key) in [
            ("shop-id", "canary-two"), ("shop-id", ""), ("", "canary-one"), ("shop-id", "canary-on"), ("shop-id", "canary-one "),
            ("SHOP-ID", "canary-one"),
        ] {
            #expect(registry.caller(id: id, key: key) == nil)
        }
        #expect(!registry.isEmpty && CallerRegistry([]).isEmpty && CallerRegistry([]).caller(id: "", key: "") == nil)
    }

    @Test("a registry never prints a key")
    func silence() {
        var dumped = ""
        dump(registry, to: &dumped)
        #expect(!dumped.contains("canary") && !"\(registry)".contains("canary") && dumped.contains("shop-id"))
    }

    @Test("failures are equal by code and outcome, not by wording")
    func failures() {
        let one = CallFailure(.callerUnknown, outcome: .refused, status: 401, message: BilingualText(korean: "가", english: "a"))
        let other = CallFailure(
            .callerUnknown, outcome: .refused, status: 403, message: BilingualText(korean: "나", english: "b"), cause: "x")
        #expect(one == other)
        #expect(one != CallFailure(.invalidCall, outcome: .refused, status: 401, message: one.message))
        #expect(one != CallFailure(.callerUnknown, outcome: .unknown, status: 401, message: one.message))
        #expect(one.description == "caller-unknown (refused): a")
        #expect(["not-sent", "unknown", "unverified", "refused"].map { CallFailure.Outcome(rawValue: $0) }.allSatisfy { $0 != nil })
    }
}
