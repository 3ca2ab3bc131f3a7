import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@testable import ProviderKit

@Suite("Keeping certificates")
struct IdentityKeeperTests {
    private let pairs = IssuedPairs.pairs

    /// Runs `body` in simulated time, with the keeper's watch beside it.
    private func watched(
        _ names: [String] = ["app"], customs: IdentityCustoms = KeptHouse.customs(),
        prepare: @escaping @Sendable (KeptHouse) -> Void, _ body: @escaping @Sendable (KeptHouse, IdentityKeeper) async throws -> Void
    ) throws {
        let simulation = Simulation(start: IssuedPairs.start)
        try simulation.run {
            let house = KeptHouse(simulation)
            prepare(house)
            let keeper = try house.keeper(names, customs: customs)
            try await keeper.open()
            let watch = startTask { await keeper.run() }
            try await body(house, keeper)
            watch.cancel()
            await watch.value
        }
    }

    @Test("new files are noticed within a second, tried, and used; the old certificate's connections are retired and nothing is left of it")
    func replacement() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            #expect(await keeper.call() == "ok")
            #expect(house.network.calls == [old.hexadecimal] && house.network.trials.isEmpty)
            house.source.put(new)
            try await house.time.sleep(for: .seconds(1))
            #expect(house.network.trials == [new.hexadecimal])
            #expect(house.network.retired.contains(old.hexadecimal) && !house.network.retired.contains(new.hexadecimal))
            #expect(keeper.current?.serialNumber == Hexadecimal.encode(new.certificates[0].serialNumber))
            #expect(await keeper.call() == "ok")
            #expect(house.network.calls.last == new.hexadecimal)
            #expect(keeper.isDrained && keeper.state.withLock { $0.holdings.keys.sorted() } == [new.hexadecimal])
            #expect(house.logged("certificate replaced") == 1)
        }
    }

    @Test("a bad pair never takes the place of a good one: not when the handshake is refused, not when the files do not match")
    func rejection() throws {
        let (old, bad, other) = (pairs[0], pairs[1], pairs[2])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            house.network.set(bad, .refusesHandshake)
            house.source.put(bad)
            try await house.time.sleep(for: .seconds(1))
            #expect(house.network.trials == [bad.hexadecimal])
            #expect(await keeper.call() == "ok" && house.network.calls.last == old.hexadecimal)
            var findings = await keeper.reload()
            #expect(findings.map(\.result) == [.rejected] && findings[0].message.english.contains("see in its console"))
            house.source.put("app.crt", other.certificateChainPEM)
            try await house.time.sleep(for: .seconds(5))
            findings = await keeper.reload()
            #expect(findings.map(\.result) == [.rejected] && findings[0].message.english.contains("does not belong"))
            #expect(findings[0].message.english.contains("stays") && findings[0].message.korean.contains("계속 사용"))
            #expect(await keeper.call() == "ok" && house.network.calls.last == old.hexadecimal)
            #expect(!house.network.calls.contains(bad.hexadecimal) && house.network.retired.isEmpty)
            #expect(house.logged("new certificate rejected") >= 2)
            // And the good one that comes at last is taken.
            house.source.put(other)
            #expect(await keeper.reload().map(\.result) == [.replaced])
            #expect(await keeper.call() == "ok" && house.network.calls.last == other.hexadecimal)
        }
    }

    @Test("a new pair that the provider refuses only in real traffic gives way to the old one at once, and is tried again when asked for")
    func fallback() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            #expect(await keeper.call() == "ok")
            house.network.set(new, .refusesCalls)
            house.source.put(new)
            try await house.time.sleep(for: .seconds(1))
            #expect(await keeper.call() == "4010")
            #expect(await keeper.call() == "ok" && house.network.calls.last == old.hexadecimal)
            #expect(house.logged("the provider refuses the certificate in use") == 1)
            house.network.set(new, .accepts)
            try await house.time.sleep(for: .seconds(60))
            #expect(await keeper.call() == "ok" && house.network.calls.last == old.hexadecimal)
            #expect(await keeper.reload().map(\.result) == [.replaced])
            #expect(await keeper.call() == "ok" && house.network.calls.last == new.hexadecimal)
        }
    }

    @Test("a call that a refused handshake kept from leaving goes out with the old certificate: the caller notices nothing")
    func resentUnsent() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            #expect(await keeper.call() == "ok")
            house.source.put(new)
            #expect(await keeper.reload().map(\.result) == [.replaced])
            house.network.set(new, .refusesHandshake)
            #expect(await keeper.call() == "ok" && house.network.calls.last == old.hexadecimal)
            // Without anything else to present the failure stands.
            house.network.set(old, .refusesHandshake)
            #expect(await keeper.call() == "handshake-failed")
            #expect(!keeper.readiness().isReady)
        }
    }

    @Test("the connector's own proof decides after the handshake: what it refuses is not used, and its words reach the operator")
    func connectorsTrial() throws {
        let (old, new) = (pairs[0], pairs[1])
        var customs = KeptHouse.customs()
        customs.trial = { network in
            guard
                let response = try? await network.send(
                    HTTPRequest(method: .get, target: "/proof"), to: KeptHouse.origin, timeouts: HTTPTimeouts())
            else { return .unreachable("lost") }
            return response.bytes == Array("ok".utf8)
                ? .accepted : .refused(BilingualText(korean: "모르는 인증서", english: "unknown certificate"))
        }
        try watched(customs: customs, prepare: { $0.source.put(old) }) { house, keeper in
            house.network.set(new, .refusesCalls)
            house.source.put(new)
            let findings = await keeper.reload()
            #expect(findings.map(\.result) == [.rejected] && findings[0].message.english.contains("unknown certificate"))
            #expect(await keeper.call() == "ok" && house.network.calls == [new.hexadecimal, old.hexadecimal])
            house.network.set(new, .accepts)
            #expect(await keeper.reload().map(\.result) == [.replaced])
            #expect(house.network.calls.last == new.hexadecimal)
        }
    }

    @Test("while the provider cannot be reached the old certificate stays, and the new one is tried again by itself, ever more rarely")
    func unreachable() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            house.network.state.withLock { $0.isUnreachable = true }
            house.source.put(new)
            #expect(await keeper.reload().map(\.result) == [.pending])
            try await house.time.sleep(for: .seconds(600))
            let trials = house.network.trials.count
            #expect((10...20).contains(trials))
            #expect(keeper.current?.serialNumber == Hexadecimal.encode(old.certificates[0].serialNumber))
            house.network.state.withLock { $0.isUnreachable = false }
            try await house.time.sleep(for: .seconds(62))
            #expect(await keeper.call() == "ok" && house.network.calls == [new.hexadecimal])
        }
    }

    @Test("an expired certificate has no claim on being kept: what replaces it is used although it could not be tried")
    func expiredGivesWay() throws {
        let old = IssuedPairs.client(endingAfter: 60)
        let new = pairs[0]
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            try await house.time.sleep(for: .seconds(70))
            #expect(!keeper.readiness().isReady && keeper.readiness().reason.korean.contains("만료"))
            house.network.state.withLock { $0.isUnreachable = true }
            house.source.put(new)
            _ = await keeper.reload()
            house.network.state.withLock { $0.isUnreachable = false }
            #expect(await keeper.call() == "ok" && house.network.calls == [new.hexadecimal])
            #expect(keeper.readiness().isReady)
        }
    }

    @Test("a call that is under way keeps its certificate; the old one counts as drained when the last such call has ended")
    func drain() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            async let slow = keeper.call("/slow")
            try await house.time.sleep(for: .seconds(1))
            house.source.put(new)
            #expect(await keeper.reload().map(\.result) == [.replaced])
            #expect(!keeper.isDrained)
            #expect(await keeper.call() == "ok" && house.network.calls == [old.hexadecimal, new.hexadecimal])
            #expect(await slow == "ok")
            #expect(keeper.isDrained && house.logged("no call uses the old certificate") == 1)
        }
    }

    @Test("half-written files, a missing file and a key that comes later change nothing, and a wrong pair is reported once")
    func halfWritten() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            let certificate = Array(new.certificateChainPEM.utf8)
            for count in stride(from: 0, to: certificate.count - 2, by: 37) {
                house.source.put("app.crt", Array(certificate[..<count]))
                try await house.time.sleep(for: .milliseconds(150))
            }
            house.source.remove("app.key")
            house.source.put("app.crt", certificate)
            try await house.time.sleep(for: .milliseconds(1500))
            #expect(house.logged("rejected") == 0 && house.network.trials.isEmpty)
            try await house.time.sleep(for: .seconds(60))
            #expect(house.logged("rejected") == 1 && house.network.trials.isEmpty)
            house.source.put("app.key", new.keyText)
            try await house.time.sleep(for: .seconds(1))
            #expect(await keeper.call() == "ok" && house.network.calls == [new.hexadecimal])
        }
    }

    @Test("reloads, signals and the watch at the same time try the new pair once and agree")
    func simultaneous() throws {
        let (old, new) = (pairs[0], pairs[1])
        try watched(prepare: { $0.source.put(old) }) { house, keeper in
            for round in 0..<6 {
                let identity = round % 2 == 0 ? new : old
                house.source.put(identity)
                let results = await withTaskGroup(of: [ReloadFinding.Result].self) { group in
                    for _ in 0..<5 { group.addTask { await keeper.reload().map(\.result) } }
                    return await group.reduce(into: []) { $0 += $1 }
                }
                #expect(!results.contains(.rejected) && results.contains(.replaced))
                #expect(house.network.trials.count == round + 1)
                #expect(await keeper.call() == "ok" && house.network.calls.last == identity.hexadecimal)
                try await house.time.sleep(for: .milliseconds(317))
            }
        }
    }
}
