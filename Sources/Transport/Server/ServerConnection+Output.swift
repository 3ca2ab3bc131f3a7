import Base

extension ServerConnection {
    /// Has the handler answer and writes what it answers, unless the caller has gone or been given up meanwhile.
    func answer(_ request: HTTPDecodedRequest, number: Int) async {
        let response = await server.handler.respond(to: request.request, from: peer)
        defer { requestEnded() }
        guard isWaiting(for: number) else { return }
        if case .abort = response.body { return close() }
        encoder = HTTPResponseEncoder(
            version: request.version, method: request.request.method, keepsAlive: request.keepsAlive && !isDraining)
        let streams = encoder.append(response, date: dateBytes, to: &output)
        guard streams, case .stream(let produce) = response.body else { return finishAnswer() }
        // From here on the caller's own pace counts, which the deadline for writing watches.
        clearDeadline()
        flush()
        do {
            try await produce(ServerBodyWriter(connection: self, number: number))
            guard isWaiting(for: number) else { return }
            encoder.appendEnd(to: &output)
            finishAnswer()
        } catch {
            // Without the last chunk the caller sees that the answer is not complete; with HTTP/1.0 only a reset tells.
            if isWaiting(for: number) { close(reset: true) }
        }
    }

    private func isWaiting(for number: Int) -> Bool { phase == .open && hasRequest && requestNumber == number }

    private func requestEnded() {
        server.tally.running.down()
        listener.assumeIsolated { $0.requestEnded() }
    }

    private func finishAnswer() {
        hasRequest = false
        closesAfterOutput = !encoder.keepsAlive
        flush()
    }

    /// Writes a piece of a streamed answer and waits while too much is unsent.
    func write(_ bytes: [UInt8], number: Int) async throws {
        guard isWaiting(for: number) else { throw HTTPConnectionClosed() }
        encoder.appendPiece(bytes, to: &output)
        flush()
        guard output.count - outputStart > ServerConnection.writeAhead else {
            if phase != .open { throw HTTPConnectionClosed() }
            return
        }
        try await withCheckedThrowingContinuation { producers.append($0) }
    }

    /// Answers for the server itself and closes. A handler that is at work runs on, and its answer is dropped.
    func refuse(_ status: Int, _ reason: String) {
        // An answer has begun: nothing may be put into its middle.
        guard !closesAfterOutput, outputStart == output.count else { return close(reset: true) }
        hasRequest = false
        closesAfterOutput = true
        var encoder = HTTPResponseEncoder(version: .http11, method: .get, keepsAlive: false)
        var response = server.configuration.refusal(status, reason)
        if response.bytes == nil { response = HTTPServerConfiguration.plainRefusal(status, reason) }
        _ = encoder.append(response, date: dateBytes, to: &output)
        flush()
    }

    /// Writes as much as the caller takes.
    func flush() {
        guard phase == .open else { return }
        while outputStart < output.count {
            switch stream.write(output, from: outputStart) {
            case .moved(let count): outputStart += count
            case .wantsWrite:
                watchWriting(true)
                return waitForReader()
            case .wantsRead:
                writeWaitsForRead = true
                watchReading(true)
                return waitForReader()
            case .ended, .failed: return close()
            }
        }
        outputStart = 0
        output.removeAll(keepingCapacity: output.capacity <= 4 << 10)
        watchWriting(readWaitsForWrite)
        outputSent()
    }

    private func waitForReader() {
        if deadlineMeaning != .write { setDeadline(.write, after: server.configuration.writeTimeout) }
    }

    /// Everything written so far has left.
    private func outputSent() {
        let wasSlow = deadlineMeaning == .write
        if wasSlow {
            clearDeadline()
            lastProgress = .idle
        }
        if hasRequest {
            let waiting = producers
            producers = []
            for producer in waiting { producer.resume() }
        } else if closesAfterOutput {
            linger()
        } else {
            process()
        }
    }

    /// Ends this side, and reads on for a moment: closing with unread bytes would reset the connection and may take the last answer with it.
    func linger() {
        if inputEnded { return close() }
        phase = .lingering
        stream.endWriting()
        let timeout = server.configuration.lingerTimeout
        setDeadline(.linger, after: isDraining ? min(timeout, .milliseconds(250)) : timeout)
        watchReading(true)
        discardInput()
    }
}

/// Writes the pieces of one streamed answer.
struct ServerBodyWriter: HTTPBodyWriter {
    let connection: ServerConnection
    let number: Int

    func write(_ bytes: [UInt8]) async throws { try await connection.write(bytes, number: number) }
}
