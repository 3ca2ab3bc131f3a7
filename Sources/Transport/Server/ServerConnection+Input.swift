import Base
import Cryptography

extension ServerConnection {
    func handshake() {
        do throws(TLSError) {
            switch try stream.handshake() {
            case .done:
                phase = .open
                peer.tls = stream.details
                setDeadline(.idle, after: server.configuration.idleTimeout)
                readInput()
            case .wantsRead: break
            case .wantsWrite: watchWriting(true)
            }
        } catch {
            handshakeFailed(error)
            // Who has not gone by itself is told why by an alert, which a reset would take away.
            if error.code == .truncated || error.code == .refusedByPeer { close() } else { linger() }
        }
    }

    /// Counts a handshake that came to nothing, and tells the observer.
    ///
    /// - Parameter error: Why; nothing when it took too long.
    func handshakeFailed(_ error: TLSError?) {
        server.tally.failedHandshakes.up()
        guard let observer = server.configuration.handshakeFailed, let failure = stream.failure(error, of: peer) else { return }
        observer(failure)
    }

    /// Reads what has come, but only so much at once that other connections get their turn, and goes on with it.
    func readInput() {
        guard phase == .open, !inputEnded, !closesAfterOutput else {
            if closesAfterOutput, phase == .open { discardInput() }
            return
        }
        var rounds = 0
        while rounds < 4 || stream.hasBufferedBytes {
            rounds += 1
            if isAnswering, decoder.bufferedCount >= ServerConnection.readAhead {
                isReadingPaused = true
                watchReading(false)
                break
            }
            var piece: [UInt8] = []
            let limit = decoder.progress == .body ? 64 << 10 : 8 << 10
            switch stream.read(into: &piece, atMost: limit) {
            case .moved(let count):
                decoder.append(piece)
                if !isAnswering { process() }
                guard phase == .open, !closesAfterOutput else { return }
                // A plain descriptor that gave less than it was asked for is empty.
                if count < limit, !stream.hasBufferedBytes { return }
                continue
            case .wantsRead: break
            case .wantsWrite:
                readWaitsForWrite = true
                watchWriting(true)
            case .ended:
                // A caller may end its side and still wait for the answer.
                inputEnded = true
                watchReading(false)
                if !isAnswering { process() }
            case .failed: close()
            }
            break
        }
    }

    /// Whether a request is being answered, so that the next one has to wait.
    var isAnswering: Bool { hasRequest || outputStart < output.count }

    /// Takes the next request from what has been read, when the one before is answered.
    func process() {
        guard phase == .open, !isAnswering, !closesAfterOutput, !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        do throws(HTTPProtocolError) {
            while let event = try decoder.next() {
                switch event {
                case .expectsContinue:
                    waitForMore()
                    HTTPResponseEncoder.appendContinue(to: &output)
                    flush()
                    guard phase == .open else { return }
                case .request(let request):
                    begin(request)
                    // A handler that never waited has answered by now.
                    if isAnswering || closesAfterOutput || phase != .open { return }
                }
            }
        } catch {
            server.tally.malformed.up()
            refuse(error.status, "The request was refused: \(error.reason).")
            return
        }
        // Half a request will never be complete, and without one there is nothing left to do.
        if inputEnded || isDraining && decoder.progress == .idle { return close() }
        if isReadingPaused {
            isReadingPaused = false
            watchReading(true)
            // Bytes that TLS has taken already do not make the descriptor readable.
            if stream.hasBufferedBytes { loop.execute { [self] in assumeIsolated { $0.readInput() } } }
        }
        waitForMore()
    }

    /// Sets the deadline for what is still missing, once when the decoder gets there.
    private func waitForMore() {
        let progress = decoder.progress
        guard progress == .idle || progress != lastProgress else { return }
        let now = server.time.uptime
        let configuration = server.configuration
        if lastProgress == .idle { answerDeadline = now + configuration.requestTimeout }
        switch progress {
        case .idle: setDeadline(.idle, at: now + configuration.idleTimeout, now: now)
        case .head: setDeadline(.request, at: min(answerDeadline, now + configuration.headerTimeout), now: now)
        case .body: setDeadline(.request, at: answerDeadline, now: now)
        case .failed: break
        }
        lastProgress = progress
    }

    private func begin(_ request: HTTPDecodedRequest) {
        let now = server.time.uptime
        if lastProgress == .idle { answerDeadline = now + server.configuration.requestTimeout }
        lastProgress = .idle
        setDeadline(.answer, at: answerDeadline, now: now)
        hasRequest = true
        requestNumber += 1
        let number = requestNumber
        server.tally.requests.up()
        server.tally.running.up()
        listener.assumeIsolated { $0.requestStarted() }
        // Begins at once on this thread; what it calls prefers the loop as well.
        Task.immediate(executorPreference: loop) { await answer(request, number: number) }
    }

    /// Reads on after the last answer, so that it is not lost by a reset, until the caller closes, the time is up, or it is too much.
    func discardInput() {
        while discarded < ServerConnection.discardLimit {
            var piece: [UInt8] = []
            switch stream.read(into: &piece, atMost: 64 << 10) {
            case .moved(let count): discarded += count
            case .wantsRead, .wantsWrite: return
            case .ended, .failed:
                inputEnded = true
                watchReading(false)
                if phase == .lingering { close() }
                return
            }
        }
        if phase == .lingering { close() } else { watchReading(false) }
    }
}
