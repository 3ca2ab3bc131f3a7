import Base
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import Transport

/// Whom these tests trust and who they are. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
private enum Shown {
    static let validity = CertificateValidity(from: SystemTime().now, days: 2)
    static let authority = try! CertificateAuthority(name: "Identity test authority", validity: validity)
    static let other = try! CertificateAuthority(name: "Another authority", validity: validity)
    static let server = try! authority.issueServerIdentity(names: ["127.0.0.1"], validity: validity)
    static let one = try! authority.issueClientIdentity(name: "one", validity: validity)
    static let two = try! authority.issueClientIdentity(name: "two", validity: validity)
    static let trust = TLSTrust.authorities([authority.certificate])
}

@Suite("HTTPClient with certificates of its callers")
struct HTTPClientIdentityTests {
    private func server(
        _ certificates: TLSServerContext.ClientCertificates = .required([Shown.authority.certificate]),
        script: @escaping @Sendable (RawConnection, Int) throws -> Void = { connection, _ in
            while true {
                try connection.readRequest()
                try connection.answer()
            }
        }
    ) throws -> RawServer {
        try RawServer(tls: TLSServerContext(identity: Shown.server, clientCertificates: certificates), script: script)
    }

    private func origin(_ server: RawServer) -> HTTPOrigin { HTTPOrigin(isSecure: true, host: "127.0.0.1", port: server.port) }

    private func get(_ network: any HTTPExchange, _ server: RawServer) async throws {
        #expect(try await network.send(HTTPRequest(method: .get, target: "/"), to: origin(server), timeouts: HTTPTimeouts()).status == 200)
    }

    @Test("trust is part of what connections have in common: who trusts others never uses a connection of theirs")
    func trust() async throws {
        let server = try server()
        try await withClient { (client) async throws in
            let trusting = try client.exchange(presenting: Shown.one, trusting: Shown.trust)
            let distrusting = try client.exchange(presenting: Shown.one, trusting: .authorities([Shown.other.certificate]))
            let same = try client.exchange(presenting: Shown.one, trusting: Shown.trust)
            for _ in 0..<3 {
                try await get(trusting, server)
                try await get(same, server)
                await #expect(throws: HTTPExchangeError(.handshakeFailed, .notSent)) { try await get(distrusting, server) }
            }
        }
        #expect(server.seen.connections == 4 && server.seen.requests == 6)
    }

    @Test("a trial opens a connection of its own, TLS included, closes it again and sends nothing")
    func trial() async throws {
        let ends = Locked(0)
        let server = try server { connection, _ in
            connection.waitForEnd()
            ends.withLock { $0 += 1 }
        }
        try await withClient(HTTPClient.Configuration(trust: Shown.trust)) { (client) async throws in
            let one = try client.exchange(presenting: Shown.one, trusting: nil)
            for _ in 0..<3 { try await one.connect(to: origin(server), timeout: .seconds(60)) }
            #expect(await eventually { ends.withLock { $0 } == 3 })
        }
        #expect(server.seen.connections == 3 && server.seen.requests == 0)
    }

    @Test("a trial never takes an idle connection, and leaves it to the calls")
    func trialBesideIdle() async throws {
        let server = try server()
        try await withClient(HTTPClient.Configuration(trust: Shown.trust)) { (client) async throws in
            let one = try client.exchange(presenting: Shown.one, trusting: nil)
            try await get(one, server)
            try await one.connect(to: origin(server), timeout: .seconds(60))
            try await get(one, server)
        }
        #expect(server.seen.connections == 2 && server.seen.requests == 2)
    }

    @Test("a trial that meets nobody, an untrusted server, or a server that never answers has not sent anything")
    func trialFailures() async throws {
        let silent = try RawServer { connection, _ in connection.waitForEnd() }
        let server = try server()
        try await withClient { (client) async throws in
            await #expect(throws: HTTPExchangeError(.handshakeFailed, .notSent)) {
                try await client.connect(to: origin(server), timeout: .seconds(60))
            }
            await #expect(throws: HTTPExchangeError(.connectTimeout, .notSent)) {
                try await client.connect(to: origin(silent), timeout: .milliseconds(50))
            }
            await #expect(throws: HTTPExchangeError(.nameNotFound, .notSent)) {
                try await client.connect(to: HTTPOrigin(isSecure: true, host: "nobody.invalid", port: 1), timeout: .seconds(60))
            }
        }
    }

    @Test("trials count as connections: with one allowed, a call waits for the trial and the trial for the call")
    func trialWithinLimit() async throws {
        let server = try server()
        try await withClient(HTTPClient.Configuration(trust: Shown.trust, maximumConnections: 1)) { (client) async throws in
            let one = try client.exchange(presenting: Shown.one, trusting: nil)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addTask { try await one.connect(to: origin(server), timeout: .seconds(60)) }
                    group.addTask { try await get(one, server) }
                }
                try await group.waitForAll()
            }
        }
        #expect(server.seen.requests == 5)
    }

    @Test("retired connections are closed when idle, behind their answer when busy, and other identities keep theirs")
    func retirement() async throws {
        let held = Locked(true)
        let ends = Locked(0)
        let server = try server { connection, _ in
            defer { ends.withLock { $0 += 1 } }
            while true {
                if try connection.readRequest().hasPrefix("POST") { while held.withLock({ $0 }) { connection.pause(0.001) } }
                try connection.answer()
            }
        }
        try await withClient(HTTPClient.Configuration(trust: Shown.trust)) { (client) async throws in
            let one = try client.exchange(presenting: Shown.one, trusting: nil)
            let two = try client.exchange(presenting: Shown.two, trusting: nil)
            async let busy = one.send(HTTPRequest(method: .post, target: "/"), to: origin(server), timeouts: HTTPTimeouts())
            #expect(await eventually { server.seen.requests == 1 })
            try await get(one, server)
            try await get(two, server)
            #expect(server.seen.connections == 3)
            one.retireConnections()
            #expect(await eventually { ends.withLock { $0 } == 1 })
            try await get(two, server)
            #expect(server.seen.connections == 3)
            // The retired identity still works, on a fresh connection.
            try await get(one, server)
            #expect(server.seen.connections == 4)
            held.withLock { $0 = false }
            #expect(try await busy.status == 200)
            #expect(await eventually { ends.withLock { $0 } == 2 })
            try await get(one, server)
            #expect(server.seen.connections == 4)
        }
    }

    @Test("on every loop, no request that begins after the retirement meets a connection from before")
    func retirementOnAllLoops() async throws {
        let server = try server { connection, index in
            while true {
                try connection.readRequest()
                try connection.answer("\(index)")
            }
        }
        let group = try EventLoopGroup(count: 3)
        let client = try HTTPClient(group: group, configuration: HTTPClient.Configuration(trust: Shown.trust))
        let one = try client.exchange(presenting: Shown.one, trusting: nil)
        let origin = origin(server)
        @Sendable func connection(on loop: EventLoop) async throws -> Int {
            try await Task(executorPreference: loop) {
                let response = try await one.send(HTTPRequest(method: .get, target: "/"), to: origin, timeouts: HTTPTimeouts())
                return Int(response.text) ?? 0
            }.value
        }
        for _ in 0..<20 {
            var before: [Int] = []
            for loop in group.loops { before.append(try await connection(on: loop)) }
            one.retireConnections()
            for loop in group.loops.reversed() { #expect(!before.contains(try await connection(on: loop))) }
        }
        await client.shutDown()
        group.stop()
    }

    @Test("exchanges that wait while connections are retired are still served, on fresh connections")
    func waitingDuringRetirement() async throws {
        let isHeld = Locked(true)
        let server = try server { connection, index in
            while true {
                try connection.readRequest()
                if index == 1 { while isHeld.withLock({ $0 }) { connection.pause(0.001) } }
                try connection.answer("\(index)")
            }
        }
        let texts = try await withClient(HTTPClient.Configuration(trust: Shown.trust, maximumConnections: 1)) { (client) async throws in
            let one = try client.exchange(presenting: Shown.one, trusting: nil)
            return try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await one.send(HTTPRequest(method: .get, target: "/"), to: origin(server), timeouts: HTTPTimeouts()).text
                    }
                }
                #expect(await eventually { server.seen.requests == 1 })
                one.retireConnections()
                isHeld.withLock { $0 = false }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
        }
        #expect(texts.sorted() == ["1", "2", "2", "2"])
    }

    @Test("identities that nobody uses any more are forgotten, connections and all")
    func memory() async throws {
        let server = try server()
        try await withClient(HTTPClient.Configuration(trust: Shown.trust)) { (client) async throws in
            for number in 0..<8 {
                let identity = try Shown.authority.issueClientIdentity(name: "number \(number)", validity: Shown.validity)
                let network = try client.exchange(presenting: identity, trusting: nil)
                try await get(network, server)
                network.retireConnections()
            }
            _ = try client.exchange(presenting: Shown.one, trusting: nil)
            // The client's own, the one just made, and at most the last, whose connection is perhaps just being closed.
            #expect(client.routeCount <= 3)
        }
    }
}
