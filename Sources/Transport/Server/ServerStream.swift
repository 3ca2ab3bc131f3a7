import Cryptography

/// The bytes of one accepted connection, plain or through TLS. Confined to the connection's loop.
struct ServerStream: ~Copyable {
    /// What a read or a write achieved.
    enum Transfer {
        case moved(Int)
        case wantsRead
        case wantsWrite
        case ended
        case failed
    }

    let descriptor: Int32
    private var session: TLSSession?
    /// Whether TLS says farewell and the descriptor carries plain bytes to be discarded from now on.
    private var hasEndedWriting = false

    init(descriptor: Int32, session: consuming TLSSession?) {
        self.descriptor = descriptor
        self.session = session
    }

    var isSecure: Bool { session != nil }

    /// Whether bytes can be read although the descriptor is silent.
    var hasBufferedBytes: Bool { !hasEndedWriting && session?.hasBufferedBytes == true }

    /// Goes on with the handshake.
    func handshake() throws(TLSError) -> TLSProgress {
        guard let session else { return .done }
        return try session.handshake()
    }

    /// What is known of a handshake that has failed with `error`, or not ended in time.
    func failure(_ error: TLSError?, of peer: HTTPPeer) -> HTTPHandshakeFailure? {
        session.map { session in
            HTTPHandshakeFailure(
                address: peer.address, port: peer.port, serverName: session.serverName, error: error,
                certificate: session.refusedCertificate, objection: session.objection, hasReceived: session.hasReceived)
        }
    }

    /// What the handshake agreed on.
    var details: HTTPPeer.TLSDetails? {
        session.map { HTTPPeer.TLSDetails(serverName: $0.serverName, clientCertificate: $0.peerCertificate, version: $0.version) }
    }

    func read(into buffer: inout [UInt8], atMost limit: Int) -> Transfer {
        guard let session, !hasEndedWriting else {
            switch Socket.read(descriptor, into: &buffer, atMost: limit) {
            case .moved(let count): return .moved(count)
            case .wouldBlock: return .wantsRead
            case .ended: return .ended
            case .failed: return .failed
            }
        }
        do throws(TLSError) { return Self.transfer(try session.read(into: &buffer, atMost: limit)) } catch { return .failed }
    }

    func write(_ bytes: [UInt8], from start: Int) -> Transfer {
        guard let session else {
            switch Socket.write(descriptor, bytes, from: start) {
            case .moved(let count): return .moved(count)
            case .wouldBlock: return .wantsWrite
            case .ended, .failed: return .failed
            }
        }
        do throws(TLSError) { return Self.transfer(try session.write(bytes, from: start)) } catch { return .failed }
    }

    /// Tells the peer that nothing more will be written.
    mutating func endWriting() {
        guard !hasEndedWriting else { return }
        hasEndedWriting = true
        // A farewell that does not fit into the socket's buffer is not worth waiting for.
        if let session { _ = try? session.shutdown() }
        Socket.endWriting(descriptor)
    }

    /// Gives the descriptor back, after the session that uses it has gone.
    mutating func close(reset: Bool) {
        session = nil
        if reset { Socket.resetOnClose(descriptor) }
        Socket.close(descriptor)
    }

    private static func transfer(_ transfer: TLSTransfer) -> Transfer {
        switch transfer {
        case .moved(let count): .moved(count)
        case .wantsRead: .wantsRead
        case .wantsWrite: .wantsWrite
        case .closed: .ended
        }
    }
}
