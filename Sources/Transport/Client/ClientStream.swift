internal import Cryptography

/// The bytes of one connection, over TLS or not. Owns its descriptor until ``close()``.
struct ClientStream {
    /// What became of a read or a write.
    enum Transfer {
        case moved(Int)
        case wantsRead
        case wantsWrite
        /// The peer has ended its side, and nothing that it sent is missing.
        case ended
        /// The connection is broken.
        case failed(HTTPExchangeError.Code, String)
    }

    let descriptor: Int32
    let tls: TLSSession?

    /// Whether bytes are at hand for which the descriptor will not become readable.
    var hasBufferedBytes: Bool { tls?.hasBufferedBytes ?? false }

    func read(into buffer: inout [UInt8], atMost limit: Int) -> Transfer {
        guard let tls else {
            switch Socket.read(descriptor, into: &buffer, atMost: limit) {
            case .moved(let count): return .moved(count)
            case .wouldBlock: return .wantsRead
            case .ended: return .ended
            case .failed(let number): return .failed(.connectionLost, SystemError(call: "read", number: number).reason)
            }
        }
        do throws(TLSError) {
            switch try tls.read(into: &buffer, atMost: limit) {
            case .moved(let count): return .moved(count)
            case .wantsRead: return .wantsRead
            case .wantsWrite: return .wantsWrite
            case .closed: return .ended
            }
        } catch {
            return .failed(ClientStream.code(error), error.message)
        }
    }

    /// Writes from `start` on. Over TLS the first call counts as written even when nothing could leave: parts of a record may have.
    func write(_ bytes: [UInt8], from start: Int) -> Transfer {
        guard let tls else {
            switch Socket.write(descriptor, bytes, from: start) {
            case .moved(let count): return .moved(count)
            case .wouldBlock: return .wantsWrite
            case .ended: return .failed(.connectionLost, "the connection was closed")
            case .failed(let number): return .failed(.connectionLost, SystemError(call: "write", number: number).reason)
            }
        }
        do throws(TLSError) {
            switch try tls.write(bytes, from: start) {
            case .moved(let count): return .moved(count)
            case .wantsRead: return .wantsRead
            case .wantsWrite: return .wantsWrite
            case .closed: return .failed(.connectionLost, "the connection was closed")
            }
        } catch {
            return .failed(ClientStream.code(error), error.message)
        }
    }

    /// Whether the peer has neither closed nor said anything. Takes TLS's own messages (session tickets) in passing.
    func isQuiet() -> Bool {
        var sink: [UInt8] = []
        if case .wantsRead = read(into: &sink, atMost: 1) { return true }
        return false
    }

    /// Says farewell, as far as that is possible at once, and gives the descriptor back.
    func close() {
        do throws(TLSError) {
            _ = try tls?.shutdown()
        } catch {
            // The connection is broken, so there is nobody to say farewell to.
        }
        Socket.close(descriptor)
    }

    /// TLS 1.3 servers refuse a client's certificate only after the client has begun to send, so a refusal may come in place of a response.
    private static func code(_ error: TLSError) -> HTTPExchangeError.Code {
        error.code == .refusedByPeer ? .handshakeFailed : .connectionLost
    }
}
