import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@testable import ProviderKit

/// Whom the server of these tests accepts. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
private enum Rolled {
    static let validity = CertificateValidity(from: SystemTime().now, days: 100)
    static let authority = try! CertificateAuthority(name: "Roll-over authority", validity: validity)
    static let foreign = try! CertificateAuthority(name: "Foreign authority", validity: validity)
    static let server = try! authority.issueServerIdentity(names: ["127.0.0.1"], validity: validity)
    static func client() -> TLSIdentity { try! authority.issueClientIdentity(name: "shop", validity: validity) }
}

/// Calls without pause, from several tasks at a time, while a test replaces the certificate under them.
private final class Load: Sendable {
    private struct State {
        var serials: [String: Int] = [:]
        var failures: [String] = []
        var isOver = false
    }

    private let state = Locked(State())

    var done: Int { state.withLock { $0.serials.values.reduce(0, +) } }
    var failures: [String] { state.withLock { $0.failures } }
    var serials: [String: Int] { state.withLock { $0.serials } }

    func run(_ keeper: IdentityKeeper, _ origin: HTTPOrigin) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    while !self.state.withLock({ $0.isOver }) { await self.call(keeper, origin, number % 2 == 0 ? .get : .post) }
                }
            }
        }
    }

    private func call(_ keeper: IdentityKeeper, _ origin: HTTPOrigin, _ method: HTTPMethod) async {
        do throws(HTTPExchangeError) {
            let request = HTTPRequest(method: method, target: "/", body: method == .post ? Array("x=1".utf8) : [])
            let response = try await keeper.exchange.send(request, to: origin, timeouts: HTTPTimeouts())
            let serial = String(decoding: response.bytes ?? [], as: UTF8.self)
            state.withLock { $0.serials[serial, default: 0] += 1 }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }

    func end() { state.withLock { $0.isOver = true } }

    /// Returns when so many more calls have been answered, however long that takes.
    func pass(_ count: Int) async throws {
        let goal = done + count
        while done < goal {
            try #require(failures.isEmpty, "\(failures.prefix(3))")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

@Suite("A roll-over over real TLS, against a server that is not ours")
struct RolloverTests {
    private struct House: Sendable {
        var keeper: IdentityKeeper
        var server: DemandingServer
        var load: Load
        var directory: TemporaryDirectory

        /// Returns when the watch has noticed the files and calls use them.
        func isUsed(_ identity: TLSIdentity) async throws {
            let limit = ContinuousClock.now + .seconds(120)
            while keeper.current?.serialNumber != identity.serial || !keeper.isDrained {
                try #require(load.failures.isEmpty, "\(load.failures.prefix(3))")
                try #require(ContinuousClock.now < limit, "not in use: \(keeper.examinations), drained: \(keeper.isDrained)")
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        /// The server must not see a certificate again after it was drained.
        func isOver(_ identity: TLSIdentity) async throws {
            let before = try server.calls()[identity.serial] ?? 0
            try await load.pass(60)
            #expect(try server.calls()[identity.serial] ?? 0 == before)
        }
    }

    private func withHouse(_ tls: String, first: TLSIdentity, _ body: (House) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let server = try DemandingServer(tls: tls, identity: Rolled.server, authority: Rolled.authority, in: directory)
        defer { server.end() }
        try Placing.renamed.put(first, in: directory)
        let group = try EventLoopGroup(count: 2)
        let trust = TLSTrust.authorities([Rolled.authority.certificate])
        let client = try HTTPClient(group: group, configuration: HTTPClient.Configuration(trust: trust))
        let environment = ConnectorEnvironment(
            connection: "shop", exchange: client, time: SystemTime(), random: SystemRandom(), identities: client)
        var customs = IdentityCustoms(
            origin: server.origin, expectedName: "shop", verdict: { $0.bytes == Array("refused".utf8) ? .refused : .accepted })
        let origin = server.origin
        customs.trial = { network in
            do throws(HTTPExchangeError) {
                let response = try await network.send(HTTPRequest(method: .get, target: "/proof"), to: origin, timeouts: HTTPTimeouts())
                let isRefused = response.bytes == Array("refused".utf8)
                return isRefused ? .refused(BilingualText(korean: "거절", english: "refused by the provider")) : .accepted
            } catch {
                return error.code == .handshakeFailed
                    ? .refused(BilingualText(korean: "거절", english: "refused after the handshake")) : .unreachable(error.code.rawValue)
            }
        }
        let keeper = try IdentityKeeper(
            pairs: [IdentityPair(certificate: .file(directory.file("app.crt")), key: .file(directory.file("app.key")))],
            source: SystemSource(), environment: environment, customs: customs)
        try await keeper.open()
        let watch = Task { await keeper.run() }
        let house = House(keeper: keeper, server: server, load: Load(), directory: directory)
        let calls = Task { await house.load.run(keeper, server.origin) }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(house)) } catch { outcome = .failure(error) }
        house.load.end()
        await calls.value
        watch.cancel()
        await watch.value
        await client.shutDown()
        await Task { group.stop() }.value
        try outcome.get()
    }

    @Test(
        "replaced by rename, in place, in pieces and by a link: noticed by itself, no call fails, none shows the old certificate after the drain",
        arguments: ["1.2", "1.3"])
    func placings(tls: String) async throws {
        var current = Rolled.client()
        let first = current
        try await withHouse(tls, first: first) { house in
            try await house.load.pass(100)
            var all = [first.serial]
            for placing in Placing.allCases {
                let next = Rolled.client()
                try placing.put(next, in: house.directory)
                try await house.isUsed(next)
                try await house.isOver(current)
                current = next
                all.append(next.serial)
            }
            #expect(house.load.failures.isEmpty)
            #expect(Set(house.load.serials.keys) == Set(all))
        }
    }

    @Test(
        "twenty roll-overs in a row under load, each asked for by several at a time: no call fails, and each certificate was used",
        arguments: ["1.2", "1.3"])
    func manyInARow(tls: String) async throws {
        var current = Rolled.client()
        let first = current
        try await withHouse(tls, first: first) { house in
            try await house.load.pass(50)
            var all = [first.serial]
            for round in 0..<20 {
                let next = Rolled.client()
                try Placing.allCases[round % 2].put(next, in: house.directory)
                let results = await withTaskGroup(of: [ReloadFinding.Result].self) { group in
                    for _ in 0..<3 { group.addTask { await house.keeper.reload().map(\.result) } }
                    return await group.reduce(into: []) { $0 += $1 }
                }
                #expect(!results.contains(.rejected), "round \(round)")
                try await house.isUsed(next)
                try await house.load.pass(30)
                all.append(next.serial)
                current = next
            }
            try await house.isOver(first)
            #expect(house.load.failures.isEmpty)
            #expect(Set(house.load.serials.keys) == Set(all))
        }
    }

    @Test(
        "bad pairs put there under load never show up in a call, and every call goes on with the old certificate",
        arguments: ["1.2", "1.3"])
    func badPairs(tls: String) async throws {
        let (good, disabled) = (Rolled.client(), Rolled.client())
        let foreign = try Rolled.foreign.issueClientIdentity(name: "shop", validity: Rolled.validity)
        let misnamed = try Rolled.authority.issueClientIdentity(name: "another", validity: Rolled.validity)
        try await withHouse(tls, first: good) { house in
            try house.server.refuse(disabled.serial)
            try await house.load.pass(50)
            for (bad, words) in [(foreign, "stays"), (misnamed, "another"), (disabled, "refused by the provider")] {
                try Placing.renamed.put(bad, in: house.directory)
                let findings = await house.keeper.reload()
                #expect(findings.map(\.result) == [.rejected] && findings[0].message.english.contains(words), "\(findings)")
                try await house.load.pass(50)
                #expect(house.keeper.current?.serialNumber == good.serial)
            }
            // A key of another certificate, and half a certificate.
            try Rolled.client().keyText.write(toFile: house.directory.file("app.key"), atomically: false, encoding: .utf8)
            #expect(await house.keeper.reload().map(\.result) == [.rejected])
            try "-----BEGIN CERTIFICATE-----\nMIIB".write(toFile: house.directory.file("app.crt"), atomically: false, encoding: .utf8)
            #expect(await house.keeper.reload().map(\.result) == [.rejected])
            try await house.load.pass(50)
            #expect(house.load.failures.isEmpty && Set(house.load.serials.keys) == [good.serial])
            let next = Rolled.client()
            try Placing.renamed.put(next, in: house.directory)
            #expect(await house.keeper.reload().map(\.result) == [.replaced])
            try await house.isUsed(next)
            try await house.isOver(good)
            #expect(house.load.failures.isEmpty && Set(house.load.serials.keys) == [good.serial, next.serial])
        }
    }
}
