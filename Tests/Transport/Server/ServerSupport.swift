import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

/// A handler made of a closure.
struct ClosureHandler: HTTPHandler {
    let body: @Sendable (HTTPRequest, HTTPPeer) async -> HTTPResponse

    func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse { await body(request, peer) }
}

/// Answers with what was asked: method, target and body length in the first line, then the body.
let echo = ClosureHandler { request, _ in
    HTTPResponse(status: 200, body: Array("\(request.method) \(request.target) \(request.body.count)\n".utf8) + request.body)
}

/// Runs `body` on a thread of its own, so that a raw client may block there without keeping other tests waiting.
func onOwnThread(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let thread = try EventLoop(name: "test")
    let result = await Task(executorPreference: thread) { try await body() }.result
    thread.stop()
    try result.get()
}

/// Runs a server on loopback for the time of `body`, then shuts it down and checks that nothing is left.
func withServer(
    _ configuration: HTTPServerConfiguration = HTTPServerConfiguration(), loops: Int = 1, time: any TimeSource = SystemTime(),
    handler: any HTTPHandler = echo, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @escaping @Sendable (HTTPServer) async throws -> Void
) async throws {
    let group = try EventLoopGroup(count: loops)
    let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    let server = try HTTPServer(group: group, address: address, configuration: configuration, time: time, handler: handler)
    do {
        try await onOwnThread { try await body(server) }
    } catch {
        await server.shutdown(deadline: .zero)
        group.stop()
        throw error
    }
    await server.shutdown(deadline: .seconds(60))
    #expect(server.counters.openConnections == 0, sourceLocation: sourceLocation)
    group.stop()
}

/// Waits until `condition` holds; false when it does not within a minute.
func eventually(_ condition: () -> Bool) async -> Bool {
    let start = ContinuousClock.now
    while !condition() {
        if ContinuousClock.now - start > .seconds(60) { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}

/// Blocks the thread: a sleeping task may have to wait for others when it wakes, which tests of deadlines cannot afford.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

/// Lets somebody wait until somebody else says so.
final class Gate: Sendable {
    private let state = Locked<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Runs a program and returns what it printed; its complaints apart, since a program may warn of its surroundings and do its work all the same.
func output(
    of command: String, _ arguments: [String], input: Data? = nil
) async throws -> (status: Int32, text: String, errors: String) {
    let directory = try TemporaryDirectory()
    let complaints = directory.file("errors")
    try Data().write(to: URL(fileURLWithPath: complaints))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    let pipe = Pipe()
    let inputPipe = Pipe()
    process.standardOutput = pipe
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: complaints))
    process.standardInput = inputPipe
    return try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            do {
                try process.run()
                if let input { try inputPipe.fileHandleForWriting.write(contentsOf: input) }
                try inputPipe.fileHandleForWriting.close()
                let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                let errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: directory.file("errors"))), as: UTF8.self)
                continuation.resume(returning: (process.terminationStatus, text, errors))
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// An authority and a server's identity for `localhost`, made once.
struct TestCertificates: Sendable {
    let authority: CertificateAuthority
    let server: TLSIdentity
    let client: TLSIdentity

    static let shared = Result {
        let validity = CertificateValidity(from: SystemTime().now, days: 1)
        let authority = try CertificateAuthority(name: "Test", validity: validity)
        return TestCertificates(
            authority: authority, server: try authority.issueServerIdentity(names: ["localhost", "127.0.0.1"], validity: validity),
            client: try authority.issueClientIdentity(name: "caller", validity: validity))
    }
}
