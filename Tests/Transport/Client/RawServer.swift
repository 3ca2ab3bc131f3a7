import Base
import Cryptography
import Foundation
import Testing
@testable import Transport

/// A server without any HTTP of its own: each connection gets a thread that runs the test's script on a blocking socket.
final class RawServer: @unchecked Sendable {
    // Sendable because the counters are locked and the rest is immutable.
    let port: Int
    let address: SocketAddress
    private let listener: Int32
    private let counters = Locked(Counters())
    private let isStopped = Locked(false)

    struct Counters {
        var connections = 0
        var requests = 0
        /// Connections that the server ended and of whose end it has heard the client's answer.
        var partings = 0
    }

    /// Serves on `host`, a numeric address, with TLS when there is a context.
    init(
        host: String = "127.0.0.1", tls: TLSServerContext? = nil, script: @escaping @Sendable (RawConnection, _ index: Int) throws -> Void
    ) throws {
        listener = try Socket.listen(on: #require(SocketAddress(numericHost: host, port: 0)))
        address = try #require(Socket.localAddress(listener))
        port = address.port
        _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) & ~O_NONBLOCK)
        let (listener, counters, isStopped) = (listener, counters, isStopped)
        Thread {
            // Closed here and nowhere else: by the time this thread came to accept, the number might belong to the next server's listener, and this one would
            // serve its connections.
            defer { Foundation.close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                if isStopped.withLock({ $0 }) {
                    if descriptor >= 0 { Foundation.close(descriptor) }
                    return
                }
                guard descriptor >= 0 else {
                    Thread.sleep(forTimeInterval: 0.001)
                    continue
                }
                let index = counters.withLock { state in
                    state.connections += 1
                    return state.connections
                }
                Thread {
                    let connection = RawConnection(descriptor, counters)
                    defer { connection.close() }
                    do {
                        if let tls { try connection.startTLS(tls) }
                        try script(connection, index)
                    } catch {}
                }.start()
            }
        }.start()
    }

    /// How many connections were accepted and how many whole requests were read.
    var seen: Counters { counters.withLock { $0 } }
    var origin: HTTPOrigin { HTTPOrigin(isSecure: false, host: address.host, port: port) }

    /// Accepts no more connections.
    func stop() {
        // Under the lock, so that the thread closes the listener afterwards.
        let sleepsOn = isStopped.withLock { state in
            if state { return false }
            state = true
            return shutdown(listener, Int32(SHUT_RDWR)) != 0
        }
        // Where that does not wake the thread, one more connection does.
        if sleepsOn, let last = try? Socket.connect(to: address) { Foundation.close(last) }
    }

    deinit { stop() }
}

/// One connection of a ``RawServer``, used by its own thread only.
final class RawConnection: @unchecked Sendable {
    private var descriptor: Int32
    private var tls: TLSSession?
    private var buffer: [UInt8] = []
    private let counters: Locked<RawServer.Counters>

    struct Ended: Error {}

    init(_ descriptor: Int32, _ counters: Locked<RawServer.Counters>) {
        self.descriptor = descriptor
        self.counters = counters
    }

    func startTLS(_ context: TLSServerContext) throws {
        let session = try TLSSession(server: context, descriptor: descriptor)
        while true { if case .done = try session.handshake() { break } }
        tls = session
    }

    /// Reads a request with its body as `Content-Length` says and returns its text; the next call goes on behind it.
    @discardableResult
    func readRequest() throws -> String {
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound]
                let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                let length = line.flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
                let size = text[..<end.upperBound].utf8.count + length
                if buffer.count >= size {
                    let request = String(decoding: buffer[..<size], as: UTF8.self)
                    buffer.removeFirst(size)
                    counters.withLock { $0.requests += 1 }
                    return request
                }
            }
            try readSome()
        }
    }

    /// Reads until the request's head is complete, and leaves everything in the buffer.
    func readHead() throws { while !String(decoding: buffer, as: UTF8.self).contains("\r\n\r\n") { try readSome() } }

    func readSome() throws {
        if let tls {
            guard case .moved = try tls.read(into: &buffer, atMost: 16_384) else { throw Ended() }
            return
        }
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { throw Ended() }
        buffer += piece[..<count]
    }

    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        if let tls {
            var sent = 0
            while sent < bytes.count { if case .moved(let count) = try tls.write(bytes, from: sent) { sent += count } }
            return
        }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Ended() }
            sent += count
        }
    }

    /// A small complete response that keeps the connection.
    func answer(_ body: String = "ok") throws {
        try write("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Waits until something has come, and leaves it unread.
    func waitForBytes() {
        var piece: UInt8 = 0
        while recv(descriptor, &piece, 1, Int32(MSG_PEEK)) < 0, errno == EINTR {}
    }

    /// Ends this side, politely over TLS, and waits until the client has taken notice and ended its own.
    func part() {
        _ = try? tls?.shutdown()
        shutdown(descriptor, Int32(SHUT_WR))
        tls = nil
        waitForEnd()
        counters.withLock { $0.partings += 1 }
    }

    /// Waits until the peer closes.
    func waitForEnd() { while (try? readSome()) != nil {} }

    func pause(_ seconds: Double) { Thread.sleep(forTimeInterval: seconds) }

    /// Ends both directions without TLS's farewell.
    func close() {
        guard descriptor >= 0 else { return }
        tls = nil
        Foundation.close(descriptor)
        descriptor = -1
    }

    /// Closes with a reset.
    func reset() {
        Socket.resetOnClose(descriptor)
        close()
    }

    /// Says TLS's farewell and closes.
    func closePolitely() {
        _ = try? tls?.shutdown()
        close()
    }
}

/// Runs `body` with a client of its own and shuts that down afterwards.
func withClient<Result>(
    _ configuration: HTTPClient.Configuration = HTTPClient.Configuration(), loops: Int = 1, resolver: (any NameResolving)? = nil,
    time: any TimeSource = SystemTime(), _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    let group = try EventLoopGroup(count: loops)
    let client = try HTTPClient(group: group, configuration: configuration, resolver: resolver ?? SystemNameResolver(), time: time)
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
    await client.shutDown()
    await withCheckedContinuation { done in
        Thread {
            group.stop()
            done.resume()
        }.start()
    }
    return try outcome.get()
}

extension HTTPClient {
    /// Sends a GET and returns the response.
    func get(_ origin: HTTPOrigin, timeouts: HTTPTimeouts = HTTPTimeouts()) async throws(HTTPExchangeError) -> HTTPResponse {
        try await send(HTTPRequest(method: .get, target: "/"), to: origin, timeouts: timeouts)
    }

    /// Sends a POST and returns the response.
    func post(
        _ origin: HTTPOrigin, body: [UInt8] = Array("x=1".utf8), timeouts: HTTPTimeouts = HTTPTimeouts()
    ) async throws(HTTPExchangeError) -> HTTPResponse {
        try await send(HTTPRequest(method: .post, target: "/", body: body), to: origin, timeouts: timeouts)
    }

    /// The error that sending a POST ends with, or nothing when a response comes.
    func failure(
        _ origin: HTTPOrigin, method: HTTPMethod = .post, body: [UInt8] = Array("x=1".utf8), timeouts: HTTPTimeouts = HTTPTimeouts()
    ) async -> HTTPExchangeError? {
        do throws(HTTPExchangeError) {
            _ = try await send(HTTPRequest(method: method, target: "/", body: body), to: origin, timeouts: timeouts)
            return nil
        } catch {
            return error
        }
    }
}

extension HTTPResponse {
    var text: String { String(decoding: bytes ?? [], as: UTF8.self) }
}

extension HTTPExchangeError {
    /// An error to compare with: the wording does not count.
    init(_ code: Code, _ outcome: Outcome) { self.init(code, outcome: outcome, message: "") }
}
