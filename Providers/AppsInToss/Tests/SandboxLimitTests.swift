import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the limit of a mini-app")
struct SandboxLimitTests {
    /// Sends `count` harmless calls and gives the last answer.
    private func send(_ count: Int, _ house: SandboxHouse, through door: SandboxHouse.Door = .demo) async -> Judgement {
        var last = Judgement(reply: Reply(status: 0))
        for _ in 0..<count { last = await house.send("login-me", through: door) }
        return last
    }

    @Test("after 3,000 calls in a minute the next is refused with 4095 and the seconds to wait, and a minute later all is well")
    func threeThousand() async throws {
        let house = try await SandboxHouse()
        #expect(await send(3000, house).isBareError("token.missing"))
        let refused = await send(1, house)
        #expect(refused.isRefusal("4095", "limit.exceeded"))
        #expect(refused.body["error"]?["data"]?["retryAfterSeconds"] == 60)
        #expect(refused.verdict?.details["model"] == "sliding-minute")
        house.clocks.advance(.milliseconds(59_001))
        let blocked = await send(1, house)
        #expect(blocked.isRefusal("4095", "limit.blocked"))
        #expect(blocked.body["error"]?["data"]?["retryAfterSeconds"] == 1)
        house.clocks.advance(.milliseconds(999))
        #expect(await send(1, house).isBareError("token.missing"))
    }

    @Test("calls to unknown paths count too, calls that are not let in do not")
    func whatCounts() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.put, "/apps/bujeol-demo", ["per_minute": 2])
        for _ in 0..<5 { _ = await house.send("login-me", through: .plain(app: nil)) }
        #expect(await house.send("/nothing").isRefusal("NOT_FOUND", "call.unknown", status: 404))
        #expect(await send(1, house).isBareError("token.missing"))
        #expect(await send(1, house).isRefusal("4095", "limit.exceeded"))
    }

    @Test("every call that was let in counts once, reads and writes alike, control calls do not")
    func countsOnce() async throws {
        let house = try await SandboxHouse()
        _ = await send(1, house)
        _ = try await house.login()
        let limits = try await house.ask(.get, "/limits")
        #expect(limits["limits"]?[0]?["counters"]?[0]?["used"] == 2)
    }

    @Test("the limit of each mini-app is its own and can be raised")
    func raised() async throws {
        let house = try await SandboxHouse()
        let (door, _) = try await house.makeApp("second", ["per_minute": 3001])
        #expect(await send(3001, house, through: door).isBareError("token.missing"))
        #expect(await send(1, house, through: door).isRefusal("4095", "limit.exceeded"))
        #expect(await send(1, house).isBareError("token.missing"))
    }

    @Test("both hosts share one counter, or have one each as the setting says")
    func hosts() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.put, "/apps/bujeol-demo", ["per_minute": 2])
        let (identity, _) = try await house.issue()
        let certificate = try #require(identity.certificates.first)
        func call(_ host: String) async -> Judgement { await house.send("/nothing", through: .tls(certificate, host: host)) }
        _ = await call(AppsInTossHosts.general)
        _ = await call(AppsInTossHosts.pay)
        #expect(await call(AppsInTossHosts.general).code == "4095")
        #expect(await call(AppsInTossHosts.pay).code == "4095")
        try await house.set(["limit_scope": "per-host"])
        for _ in 0..<2 { #expect(await call(AppsInTossHosts.general).code == "NOT_FOUND") }
        #expect(await call(AppsInTossHosts.general).code == "4095")
        #expect(await call(AppsInTossHosts.pay).code == "NOT_FOUND")
    }

    @Test("model, length of the block and HTTP status are settings")
    func settings() async throws {
        let house = try await SandboxHouse()
        try await house.ask(.put, "/apps/bujeol-demo", ["per_minute": 60])
        try await house.set(["limit_model": "token-bucket", "limit_block_seconds": 0, "limit_http_429": true])
        #expect(await send(60, house).isBareError("token.missing"))
        let refused = await send(1, house)
        #expect(refused.isRefusal("4095", "limit.exceeded", status: 429))
        #expect(refused.body["error"]?["data"]?["retryAfterSeconds"] == 1)
        house.clocks.advance(.seconds(1))
        #expect(await send(1, house).isBareError("token.missing"))
        try await house.set(["limit_model": "fixed-minute", "limit_block_seconds": 5])
        #expect(await send(61, house).isRefusal("4095", "limit.exceeded", status: 429))
        house.clocks.advance(.seconds(5))
        // The block is over, and the clock's minute is not.
        #expect(await send(1, house).isRefusal("4095", "limit.exceeded", status: 429))
    }

    @Test("a block can be ordered, seen and lifted")
    func ordered() async throws {
        let house = try await SandboxHouse()
        let ordered = try await house.ask(.post, "/limits", ["block_seconds": 90])
        #expect(ordered["limits"]?[0]?["counters"]?[0]?["blocked_until"] == .string((house.clocks.now(.demo) + .seconds(90)).internetText))
        let blocked = await send(1, house)
        #expect(blocked.isRefusal("4095", "limit.blocked"))
        #expect(blocked.body["error"]?["data"]?["retryAfterSeconds"] == 90)
        try await house.ask(.delete, "/limits")
        #expect(await send(1, house).isBareError("token.missing"))
    }
}
