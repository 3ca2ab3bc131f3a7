internal import Base

/// Connects to whichever of a host's addresses answers first, after RFC 8305 ("happy eyeballs"): the two families in turn, a quarter of a
/// second apart or as soon as the one before has failed.
///
/// Confined to its loop, hence the unchecked Sendable: every entry point is called there, by the loop itself or by the shard that lives on it.
final class AddressRace: @unchecked Sendable {
    static let stagger = Duration.milliseconds(250)

    private struct Attempt {
        var descriptor: Int32
        var watcher: DescriptorWatcher
    }

    private let loop: EventLoop
    private var remaining: [SocketAddress]
    private var attempts: [Attempt] = []
    private var timer: LoopTimer?
    private var lastError: SystemError?
    private var completion: ((Result<Int32, SystemError>) -> Void)?

    /// A race that has not begun. `addresses` must not be empty.
    init(loop: EventLoop, addresses: [SocketAddress]) {
        self.loop = loop
        remaining = AddressRace.interleaved(addresses)
    }

    /// The families in turn, beginning with the first address's, each in its own order.
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.isIPv6 == first.isIPv6 }
        let others = addresses.filter { $0.isIPv6 != first.isIPv6 }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }

    /// Begins; `completion` is called once with the connected descriptor or the last error, unless ``cancel()`` comes first.
    func start(_ completion: @escaping (Result<Int32, SystemError>) -> Void) {
        self.completion = completion
        startNext()
    }

    /// Ends the race without a winner and without calling back.
    func cancel() {
        completion = nil
        closeAttempts(except: nil)
    }

    private func startNext() {
        while !remaining.isEmpty {
            let address = remaining.removeFirst()
            do throws(SystemError) {
                begin(try Socket.connect(to: address))
                return
            } catch {
                lastError = error
            }
        }
        if attempts.isEmpty { finish(.failure(lastError ?? SystemError(call: "connect", number: 0))) }
    }

    private func begin(_ descriptor: Int32) {
        let watcher = DescriptorWatcher(loop: loop, descriptor: descriptor, interest: .writable) { [self] in attemptEnded(descriptor) }
        watcher.enable()
        attempts.append(Attempt(descriptor: descriptor, watcher: watcher))
        guard !remaining.isEmpty else { return }
        let timer = self.timer ?? LoopTimer(loop: loop) { [self] in startNext() }
        self.timer = timer
        timer.schedule(after: AddressRace.stagger)
    }

    private func attemptEnded(_ descriptor: Int32) {
        let number = Socket.pendingError(descriptor)
        guard number != 0 else {
            closeAttempts(except: descriptor)
            return finish(.success(descriptor))
        }
        lastError = SystemError(call: "connect", number: number)
        if let index = attempts.firstIndex(where: { $0.descriptor == descriptor }) {
            let attempt = attempts.remove(at: index)
            attempt.watcher.cancel()
            Socket.close(attempt.descriptor)
        }
        startNext()
    }

    private func finish(_ result: Result<Int32, SystemError>) {
        timer?.cancel()
        timer = nil
        let completion = self.completion
        self.completion = nil
        completion?(result)
    }

    private func closeAttempts(except winner: Int32?) {
        timer?.cancel()
        timer = nil
        for attempt in attempts {
            attempt.watcher.cancel()
            if attempt.descriptor != winner { Socket.close(attempt.descriptor) }
        }
        attempts = []
        remaining = []
    }
}
