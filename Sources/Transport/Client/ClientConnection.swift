internal import Base

/// One open connection, serving one exchange at a time.
///
/// Sendable because it is confined to its shard's loop: it is called by the shard and by its own watchers and timer, all on that loop.
final class ClientConnection: @unchecked Sendable, Equatable {
    private static let pieceSize = 16 << 10
    private static let largePieceSize = 64 << 10
    private static let piecesPerTurn = 16

    let key: ClientConnectionKey
    private let route: ClientRoute
    private let generation: Int
    let establishedAt: Duration
    private let shard: ClientShard
    private let stream: ClientStream
    private var decoder: HTTPResponseDecoder
    private var exchange: ClientExchange?
    private var written = 0
    private var hasServed = false
    private var isClosed = false
    private var readingWatcher: DescriptorWatcher?
    private var writingWatcher: DescriptorWatcher?
    private var timer: LoopTimer?
    /// When the timer will fire. It is never set back for a later deadline, only set again when it has fired, so that an exchange on a
    /// connection in use costs no change of timers.
    private var timerDeadline: Duration?
    private var firstByteDeadline: Duration?
    private var hasAnswer = false
    private var canWrite = true
    private var readingWaitsForRoom = false

    /// - Parameter generation: That of the route when the connection was begun.
    init(shard: ClientShard, stream: ClientStream, key: ClientConnectionKey, route: ClientRoute, generation: Int) {
        self.shard = shard
        self.stream = stream
        self.key = key
        self.route = route
        self.generation = generation
        establishedAt = shard.time.uptime
        decoder = HTTPResponseDecoder(limits: shard.configuration.responseLimits)
        readingWatcher = DescriptorWatcher(loop: shard.loop, descriptor: stream.descriptor, interest: .readable) { [self] in readable() }
        readingWatcher?.enable()
    }

    static func == (left: ClientConnection, right: ClientConnection) -> Bool { left === right }

    /// Whether an idle connection may be used: it has not been retired, and the peer has neither closed it nor sent anything.
    func isAlive() -> Bool { !isClosed && !isRetired && stream.isQuiet() }

    private var isRetired: Bool { generation != route.generation }

    /// Sends an exchange's request and waits for the response.
    func begin(_ exchange: ClientExchange) {
        exchange.forgetConnectDeadline()
        exchange.place = .active(self)
        self.exchange = exchange
        written = 0
        firstByteDeadline = nil
        hasAnswer = false
        decoder.expectResponse(to: exchange.method)
        write()
        if self.exchange === exchange { watchDeadline() }
    }

    // MARK: Writing

    private func write() {
        guard let exchange, canWrite, written < exchange.bytes.count else { return }
        while written < exchange.bytes.count {
            if stream.tls != nil { exchange.hasWritten = true }
            switch stream.write(exchange.bytes, from: written) {
            case .moved(let count):
                exchange.hasWritten = true
                written += count
            case .wantsWrite:
                return watchWriting()
            case .wantsRead:
                writingWatcher?.disable()
                return
            case .ended:
                return writeFailed(.connectionLost, "the connection was closed")
            case .failed(let code, let message):
                return writeFailed(code, message)
            }
        }
        writingWatcher?.disable()
        if !hasAnswer { firstByteDeadline = shard.time.uptime + exchange.timeouts.firstByte }
    }

    private func watchWriting() {
        let watcher =
            writingWatcher
            ?? DescriptorWatcher(loop: shard.loop, descriptor: stream.descriptor, interest: .writable) { [self] in writable() }
        writingWatcher = watcher
        watcher.enable()
    }

    private func writable() {
        if readingWaitsForRoom {
            readingWaitsForRoom = false
            writingWatcher?.disable()
            readable()
        }
        write()
        watchDeadline()
    }

    /// The peer takes no more. It may have answered before it closed (too large a body, for instance): that answer counts.
    private func writeFailed(_ code: HTTPExchangeError.Code, _ message: String) {
        canWrite = false
        writingWatcher?.disable()
        guard let exchange else { return }
        if !exchange.hasWritten, hasServed {
            // The connection had died unnoticed, and not one byte has left: this is no repetition.
            self.exchange = nil
            exchange.place = .outside
            close()
            shard.connectionEnded()
            return shard.place(exchange)
        }
        readable()
        if self.exchange === exchange { fail(code, message) }
    }

    // MARK: Reading

    private func readable() {
        guard exchange != nil else { return idleReadable() }
        if writingWasHeldUp { write() }
        var limit = ClientConnection.pieceSize
        for _ in 0..<ClientConnection.piecesPerTurn where exchange != nil {
            var piece: [UInt8] = []
            switch stream.read(into: &piece, atMost: limit) {
            case .moved(let count):
                hasAnswer = true
                firstByteDeadline = nil
                decoder.append(piece)
                if decode() { return }
                if count < limit, !stream.hasBufferedBytes { return }
                limit = ClientConnection.largePieceSize
            case .wantsRead:
                return
            case .wantsWrite:
                readingWaitsForRoom = true
                return watchWriting()
            case .ended:
                return ended()
            case .failed(let code, let message):
                // Only in place of the very first answer can it be the handshake that was refused.
                return fail(hasAnswer || hasServed ? .connectionLost : code, message)
            }
        }
        // Others on this loop come first. The descriptor does not become readable for what TLS holds already.
        if exchange != nil, stream.hasBufferedBytes { shard.loop.execute { [self] in if exchange != nil { readable() } } }
    }

    /// TLS may have to read before it can go on writing.
    private var writingWasHeldUp: Bool { stream.tls != nil && canWrite && written < exchange?.bytes.count ?? 0 }

    /// Whether the exchange has come to its end, well or badly.
    private func decode() -> Bool {
        do throws(HTTPProtocolError) {
            guard let response = try decoder.next() else { return false }
            complete(response)
        } catch {
            fail(ClientConnection.code(error), error.reason)
        }
        return true
    }

    private func ended() {
        do throws(HTTPProtocolError) {
            guard let response = try decoder.finish() else { return fail(.connectionLost, "the connection was closed") }
            complete(response)
        } catch {
            fail(ClientConnection.code(error), error.reason)
        }
    }

    private func complete(_ response: HTTPResponse) {
        guard let exchange else { return }
        let isReusable =
            written == exchange.bytes.count && !isRetired && decoder.mayReuseConnection && (!stream.hasBufferedBytes || stream.isQuiet())
        self.exchange = nil
        hasServed = true
        shard.released(self, isReusable: isReusable)
        exchange.succeed(response)
    }

    private func idleReadable() {
        if !isClosed, !stream.isQuiet() { shard.idleConnectionEnded(self) }
    }

    private static func code(_ error: HTTPProtocolError) -> HTTPExchangeError.Code {
        switch error.code {
        case .truncated: .connectionLost
        case .bodyTooLarge, .fieldsTooLarge, .startLineTooLong: .responseTooLarge
        default: .malformedResponse
        }
    }

    // MARK: Ending

    /// Ends the connection and with it the exchange it serves.
    func fail(_ code: HTTPExchangeError.Code, _ message: String) {
        guard !isClosed else { return }
        let exchange = self.exchange
        self.exchange = nil
        close()
        shard.connectionEnded()
        exchange?.fail(code, message)
    }

    /// Gives everything back. Whoever calls it tells the pool.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        readingWatcher?.cancel()
        writingWatcher?.cancel()
        timer = nil
        readingWatcher = nil
        writingWatcher = nil
        stream.close()
        shard.closed(self)
    }

    // MARK: Deadlines

    private func watchDeadline() {
        guard let exchange, !isClosed else { return }
        let deadline = min(exchange.totalDeadline, firstByteDeadline ?? exchange.totalDeadline)
        if let timerDeadline, timerDeadline <= deadline { return }
        let timer = self.timer ?? LoopTimer(loop: shard.loop) { [self] in timerFired() }
        self.timer = timer
        timerDeadline = deadline
        timer.schedule(after: deadline - shard.time.uptime)
    }

    private func timerFired() {
        timerDeadline = nil
        guard let exchange else { return }
        let now = shard.time.uptime
        if now >= exchange.totalDeadline {
            fail(.totalTimeout, "no complete response within \(exchange.timeouts.total)")
        } else if let firstByteDeadline, now >= firstByteDeadline {
            fail(.firstByteTimeout, "no response within \(exchange.timeouts.firstByte)")
        } else {
            watchDeadline()
        }
    }
}
