import Base

/// One accepted connection: reads requests, has them answered one at a time, writes the answers in order.
///
/// An actor that lives on its loop: watchers and the timer enter by `assumeIsolated`, and handlers run on the same thread, so nothing hops.
actor ServerConnection: LoopActor {
    /// How far the connection has come.
    enum Phase {
        case handshaking
        /// Requests are read and answered.
        case open
        /// Everything is answered; what still comes is discarded so that the last answer arrives.
        case lingering
        case closed
    }

    /// While a request is being answered, no more than this is read ahead.
    static let readAhead = 64 << 10
    /// A stream's producer waits while more than this is unsent.
    static let writeAhead = 64 << 10
    /// A lingering connection discards no more than this.
    static let discardLimit = 16 << 20

    nonisolated let loop: EventLoop

    let server: ServerShared
    let listener: ServerListener
    var stream: ServerStream
    var peer: HTTPPeer
    var decoder: HTTPRequestDecoder
    var phase: Phase
    /// Set while a handler is at work; its answer counts only if this is still the same.
    var hasRequest = false
    var requestNumber = 0
    var encoder = HTTPResponseEncoder(version: .http11, method: .get, keepsAlive: false)
    var output: [UInt8] = []
    var outputStart = 0
    var closesAfterOutput = false
    var isProcessing = false
    var inputEnded = false
    var isReadingPaused = false
    var readWaitsForWrite = false
    var writeWaitsForRead = false
    var isDraining = false
    var discarded = 0
    var lastProgress = HTTPRequestDecoder.Progress.idle
    /// When the request that is being read or answered has to be answered.
    var answerDeadline = Duration.zero
    var producers: [CheckedContinuation<Void, any Error>] = []
    private var date: (second: Int64, bytes: [UInt8]) = (.min, [])
    private var readWatcher: DescriptorWatcher?
    private var writeWatcher: DescriptorWatcher?
    private var timer: LoopTimer?
    private var deadlines: DeadlineTimer

    init(server: ServerShared, listener: ServerListener, stream: consuming ServerStream, peer: SocketAddress) {
        loop = listener.loop
        self.server = server
        self.listener = listener
        self.peer = HTTPPeer(address: peer.host, port: peer.port)
        decoder = HTTPRequestDecoder(limits: server.configuration.limits)
        phase = stream.isSecure ? .handshaking : .open
        let configuration = server.configuration
        deadlines = DeadlineTimer(
            longestWait: max(
                .milliseconds(10),
                min(
                    configuration.headerTimeout, configuration.handshakeTimeout, configuration.requestTimeout, configuration.idleTimeout)))
        self.stream = stream
    }

    /// Begins to serve, or, when there are too many connections, to say so.
    func start(isRefused: Bool) {
        readWatcher = DescriptorWatcher(loop: loop, descriptor: stream.descriptor, interest: .readable) { [self] in
            assumeIsolated { $0.becameReadable() }
        }
        writeWatcher = DescriptorWatcher(loop: loop, descriptor: stream.descriptor, interest: .writable) { [self] in
            assumeIsolated { $0.becameWritable() }
        }
        timer = LoopTimer(loop: loop) { [self] in assumeIsolated { $0.timerFired() } }
        readWatcher?.enable()
        if isRefused {
            refuse(503, "There are too many connections.")
        } else if phase == .handshaking {
            setDeadline(.handshake, after: server.configuration.handshakeTimeout)
        } else {
            setDeadline(.idle, after: server.configuration.idleTimeout)
            // With many callers the request is usually there already.
            readInput()
        }
    }

    /// The server shuts down: an idle connection ends now, a busy one after its answer.
    func drain() {
        isDraining = true
        switch phase {
        case .handshaking: close()
        case .open where !hasRequest && output.isEmpty && decoder.progress == .idle: close()
        case .open, .lingering, .closed: break
        }
    }

    private func becameReadable() {
        if writeWaitsForRead {
            writeWaitsForRead = false
            flush()
        }
        switch phase {
        case .handshaking: handshake()
        case .open: readInput()
        case .lingering: discardInput()
        case .closed: break
        }
    }

    private func becameWritable() {
        if phase == .handshaking {
            writeWatcher?.disable()
            handshake()
            return
        }
        if readWaitsForWrite {
            readWaitsForWrite = false
            writeWatcher?.disable()
            readInput()
        }
        if outputStart < output.count { flush() }
    }

    private func timerFired() {
        let (passed, wait) = deadlines.fired(now: server.time.uptime)
        if let wait { timer?.schedule(after: wait) }
        guard let passed, phase != .closed else { return }
        switch passed.meaning {
        case .idle, .linger: close()
        case .handshake:
            handshakeFailed(nil)
            close()
        case .request:
            server.tally.timeouts.up()
            refuse(408, "The request did not arrive in time.")
        case .answer:
            server.tally.timeouts.up()
            refuse(503, "The request was not answered in time.")
        case .write:
            server.tally.timeouts.up()
            close(reset: true)
        }
    }

    /// Ends the connection. What a handler still answers is dropped; whoever waits to write is told.
    func close(reset: Bool = false) {
        guard phase != .closed else { return }
        phase = .closed
        readWatcher?.cancel()
        writeWatcher?.cancel()
        timer?.cancel()
        readWatcher = nil
        writeWatcher = nil
        timer = nil
        stream.close(reset: reset)
        output = []
        let waiting = producers
        producers = []
        for producer in waiting { producer.resume(throwing: HTTPConnectionClosed()) }
        listener.assumeIsolated { $0.connectionClosed(self) }
    }

    // MARK: What the other parts use

    func watchReading(_ isOn: Bool) { if isOn { readWatcher?.enable() } else { readWatcher?.disable() } }

    func watchWriting(_ isOn: Bool) { if isOn { writeWatcher?.enable() } else { writeWatcher?.disable() } }

    func setDeadline(_ meaning: ServerDeadline.Meaning, after duration: Duration) {
        let now = server.time.uptime
        setDeadline(meaning, at: now + duration, now: now)
    }

    func setDeadline(_ meaning: ServerDeadline.Meaning, at moment: Duration, now: Duration) {
        if let wait = deadlines.set(ServerDeadline(meaning: meaning, moment: moment), now: now) { timer?.schedule(after: wait) }
    }

    func clearDeadline() { _ = deadlines.set(nil, now: .zero) }

    var deadlineMeaning: ServerDeadline.Meaning? { deadlines.deadline?.meaning }

    /// The `Date` field of an answer that is written now.
    var dateBytes: [UInt8] {
        let now = server.time.now
        if now.unixSeconds != date.second { date = (now.unixSeconds, listener.assumeIsolated { $0.date.bytes(at: now) }) }
        return date.bytes
    }
}

/// The caller of a streamed answer has gone.
public struct HTTPConnectionClosed: Error, Sendable, Hashable {}
