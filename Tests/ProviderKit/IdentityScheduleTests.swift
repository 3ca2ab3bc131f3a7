import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@testable import ProviderKit

@Suite("Certificates in the course of time")
struct IdentityScheduleTests {
    private func simulated(_ body: @escaping @Sendable (KeptHouse) async throws -> Void) throws {
        let simulation = Simulation(start: IssuedPairs.start)
        try simulation.run { try await body(KeptHouse(simulation)) }
    }

    @Test("warnings come 30, 7 and 1 days before the end and at the end, once each; the gauge counts down and readiness tells the end")
    func expiry() throws {
        let time = ManualTime(IssuedPairs.start)
        let house = KeptHouse(time)
        house.source.put(IssuedPairs.client("shop", -100, 40))
        let keeper = try house.keeper()
        func warnings() -> Int { house.logged("certificate ends soon") }
        let gauge = house.metrics.gauge(
            "bujeol_gateway_certificate_expiry_seconds", help: "Seconds until the certificate expires; negative when it has.",
            labels: ["connection": "shop", "certificate": "certificates[0]"])
        #expect(warnings() == 0 && gauge.value == 40 * 86_400)
        var hours: [Int] = []
        for hour in 1...(41 * 24) {
            time.advance(by: .seconds(3600))
            let before = warnings()
            keeper.look(isAsked: false)
            if warnings() > before { hours.append(hour) }
            #expect(keeper.readiness().isReady == (hour <= 40 * 24))
            if hour < 40 * 24 { #expect(house.logged("certificate has expired") == 0) }
        }
        #expect(hours == [10 * 24, 33 * 24, 39 * 24] && warnings() == 3)
        #expect(house.logged("certificate has expired") == 1)
        #expect(gauge.value == -86_400 && !keeper.readiness().isReady)
    }

    @Test("started with few days left, the tightest warning comes at once, and no other")
    func lateStart() throws {
        try simulated { house in
            house.source.put(IssuedPairs.client("shop", -100, 5))
            let keeper = try house.keeper()
            #expect(house.logged("certificate ends soon") == 1)
            keeper.look(isAsked: true)
            #expect(house.logged("certificate ends soon") == 1)
        }
    }

    @Test("the next pair takes over at its activeFrom, and before that nobody tries it")
    func activeFrom() throws {
        try simulated { house in
            let (first, second) = (IssuedPairs.pairs[0], IssuedPairs.pairs[1])
            house.source.put(first, "one")
            house.source.put(second, "two")
            let start = IssuedPairs.start + .seconds(3600)
            let keeper = try IdentityKeeper(
                pairs: [
                    IdentityPair(certificate: .file("one.crt"), key: .file("one.key"), subject: "certificates[0]"),
                    IdentityPair(certificate: .file("two.crt"), key: .file("two.key"), activeFrom: start, subject: "certificates[1]"),
                ], source: house.source, environment: house.environment, customs: KeptHouse.customs())
            let watch = startTask { await keeper.run() }
            #expect(await keeper.reload().map(\.result) == [.unchanged, .unchanged])
            try await house.time.sleep(for: .seconds(3595))
            #expect(house.network.trials.isEmpty && keeper.current?.fingerprint == IdentityFacts(first.certificates[0]).fingerprint)
            try await house.time.sleep(for: .seconds(6))
            #expect(house.network.trials == [second.hexadecimal])
            #expect(keeper.current?.fingerprint == IdentityFacts(second.certificates[0]).fingerprint)
            watch.cancel()
        }
    }

    @Test(
        "with less than 14 days left, the pair that lasts longer takes over; when that one is refused, the first stays",
        arguments: [false, true])
    func margin(isRefused: Bool) async throws {
        let time = ManualTime(IssuedPairs.start)
        let house = KeptHouse(time)
        let (first, second) = (IssuedPairs.client("shop", -100, 20), IssuedPairs.pairs[2])
        house.source.put(first, "one")
        house.source.put(second, "two")
        if isRefused { house.network.set(second, .refusesHandshake) }
        let keeper = try house.keeper(["one", "two"])
        for _ in 0..<(6 * 24) {
            keeper.look(isAsked: false)
            #expect(house.network.trials.isEmpty)
            time.advance(by: .seconds(3600))
        }
        time.advance(by: .seconds(60))
        keeper.look(isAsked: false)
        await keeper.trialsEnded()
        #expect(house.network.trials == [second.hexadecimal])
        #expect(await keeper.call() == "ok")
        #expect(house.network.calls == [isRefused ? first.hexadecimal : second.hexadecimal])
    }

    @Test("started with a bad pair beside a good one, the good one serves; with bad ones only, it does not start and names file and reason")
    func badStart() throws {
        try simulated { house in
            house.source.put(IssuedPairs.client("shop", -100, -1), "one")
            house.source.put(IssuedPairs.pairs[0], "two")
            let keeper = try house.keeper(["one", "two"])
            #expect(await keeper.call() == "ok" && house.network.calls == [IssuedPairs.pairs[0].hexadecimal])
            #expect(house.logged("new certificate rejected") == 1)
            func complaint(_ names: [String]) -> String {
                do {
                    _ = try house.keeper(names)
                    return ""
                } catch {
                    return "\(error)"
                }
            }
            #expect(complaint(["one"]).contains("one.crt expired at 2025-12-31"))
            house.source.put(IssuedPairs.client("shop", 1, 10), "later")
            #expect(complaint(["later"]).contains("valid from 2026-01-02"))
            #expect(complaint(["missing"]).contains("missing.crt cannot be read"))
        }
    }

    @Test("a check of the settings, which calls nobody, wants every pair to be good")
    func strictCheck() throws {
        let house = KeptHouse(ManualTime(IssuedPairs.start))
        house.source.put(IssuedPairs.client("shop", -100, -1), "one")
        house.source.put(IssuedPairs.pairs[0], "two")
        var environment = house.environment
        environment.identities = nil
        let pairs = ["one", "two"].map { IdentityPair(certificate: .file("\($0).crt"), key: .file("\($0).key")) }
        #expect(throws: ConfigurationError.self) {
            try IdentityKeeper(pairs: pairs, source: house.source, environment: environment, customs: KeptHouse.customs())
        }
        _ = try IdentityKeeper(pairs: [pairs[1]], source: house.source, environment: environment, customs: KeptHouse.customs())
    }

    @Test("nothing of a key stands in the log, the metrics, the findings or a description")
    func secrecy() throws {
        try simulated { house in
            let identity = IssuedPairs.pairs[3]
            house.source.put(identity)
            let keeper = try house.keeper()
            house.source.put("app.key", identity.keyText.replacing("\n", with: " "))
            let findings = await keeper.reload()
            house.source.put("app.key", String(identity.keyText.prefix(120)), isReadableByOthers: true)
            let rejected = await keeper.reload()
            #expect(rejected.map(\.result) == [.rejected])
            let all = "\(findings) \(rejected) \(keeper.examinations) \(house.metrics.text) \(house.lines.withLock { $0 })"
            for line in identity.keyText.split(separator: "\n").dropFirst().dropLast() { #expect(!all.contains(line)) }
        }
    }
}
