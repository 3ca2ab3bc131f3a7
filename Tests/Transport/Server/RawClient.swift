import Foundation
import Testing
import Transport

/// A blocking TCP connection that sends exactly the bytes it is told to.
final class RawClient: @unchecked Sendable {
    // Sendable because a test sends from one task and receives from another, which a socket allows, and the rest belongs to the receiver.
    private let descriptor: Int32
    private(set) var hasEnded = false
    private(set) var wasReset = false
    private var buffer: [UInt8] = []
    private var isClosed = false

    init(_ address: Transport.SocketAddress, receiveBuffer: Int32? = nil) throws {
        #if canImport(Darwin)
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var noDelay: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(address.port).bigEndian
        inet_pton(AF_INET, address.host, &name.sin_addr)
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        wait(60)
    }

    deinit { if !isClosed { close(descriptor) } }

    /// Closes at once with a reset.
    func reset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
        isClosed = true
    }

    /// How long `receive` waits, in seconds.
    func wait(_ seconds: Double) {
        var timeout = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - seconds.rounded(.down)) * 1e6))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends all of it; false when the peer has gone or takes no more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let rest = Array(bytes[start...])
            let count = write(descriptor, rest, rest.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            start += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether something has come, or the end.
    var hasInput: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// Reads once; false at the end, on a reset, or when nothing comes in time.
    @discardableResult
    func receiveMore(atMost limit: Int = 65_536) -> Bool {
        var piece = [UInt8](repeating: 0, count: limit)
        var count = recv(descriptor, &piece, piece.count, 0)
        // A process that is stopped and continued is woken from waits that have a limit.
        while count < 0, errno == EINTR { count = recv(descriptor, &piece, piece.count, 0) }
        if count == 0 { hasEnded = true }
        if count < 0, errno == ECONNRESET { wasReset = true }
        guard count > 0 else { return false }
        buffer.append(contentsOf: piece[..<count])
        return true
    }

    /// Everything up to the end of the connection.
    func receiveAll() -> String {
        while receiveMore() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// Exactly `count` bytes, or fewer when the connection ends before.
    func receive(_ count: Int) -> [UInt8] {
        while buffer.count < count, receiveMore() {}
        defer { buffer.removeFirst(min(count, buffer.count)) }
        return Array(buffer.prefix(count))
    }

    /// Everything up to and including `mark`, or nothing when it does not come.
    func receive(through mark: String) -> String? {
        while true {
            if let range = buffer.firstRange(of: Array(mark.utf8)) {
                defer { buffer.removeFirst(range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            if !receiveMore() { return nil }
        }
    }

    /// One response with a `Content-Length`: its status, head and body.
    func receiveResponse() throws -> (status: Int, head: String, body: String) {
        let head = try #require(receive(through: "\r\n\r\n"))
        let status = try #require(Int(head.dropFirst(9).prefix(3)))
        let lengthLine = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        let length = lengthLine.flatMap { Int($0.dropFirst(16)) } ?? 0
        return (status, head, String(decoding: receive(length), as: UTF8.self))
    }
}
