import Base
import ProviderKit
import TestSupport

/// A provider, a network that takes its time, a disk that takes its time, and a program in front of them that can be killed, all in one simulation.
final class LimiterWorld: Sendable {
    struct Settings: Sendable {
        var limit = RateLimit(perMinute: 3000, perSecond: 50)
        /// The longest a call is on its way to the provider; how long exactly is left to chance.
        var transit = Duration.milliseconds(300)
        /// The longest its answer is on its way back.
        var answer = Duration.milliseconds(150)
        /// The longest the disk takes.
        var disk = Duration.milliseconds(20)
        /// Whether callers tell that an answer has come. Otherwise the call counts as answered as soon as it is sent.
        var tellsOfAnswers = true
        var seed: UInt64 = 1
    }

    let settings: Settings
    let simulation = Simulation()
    let random: SeededRandom
    let disk: SlowDisk
    private let arrived = Locked<[Duration]>([])
    private let sent = Locked<[(moment: Duration, lane: Lane)]>([])
    private let refusedCalls = Locked(0)

    init(_ settings: Settings) {
        self.settings = settings
        random = SeededRandom(seed: settings.seed)
        disk = SlowDisk(simulation, random, longest: settings.disk)
    }

    /// When each call arrived at the provider, in that order.
    var arrivals: [Duration] { arrived.withLock { $0 } }
    /// When each call was sent, in that order.
    var sends: [(moment: Duration, lane: Lane)] { sent.withLock { $0 } }
    /// How many calls were turned away.
    var turnedAway: Int { refusedCalls.withLock { $0 } }

    func chance(upTo longest: Duration) -> Duration {
        longest > .zero ? .nanoseconds(random.number(below: UInt64(longest.wholeNanoseconds) + 1)) : .zero
    }

    /// Calls one after another for as long as the program lives, the clock stands before `end` and the caller is not turned away more often than the limit allows.
    func callAgainAndAgain(_ program: ProgramLife, _ lane: Lane, until end: Duration, deadline: Duration) async {
        while !program.isDead, simulation.uptime < end { await call(program, lane, deadline: deadline) }
    }

    func call(_ program: ProgramLife, _ lane: Lane, deadline: Duration) async {
        let admission = program.limiter.admission(lane)
        do { try await admission.enter(deadline: deadline) } catch {
            refusedCalls.withLock { $0 += 1 }
            try? await simulation.sleep(for: max(.milliseconds(1), min(error.retryAfter ?? .seconds(1), .seconds(5))))
            return
        }
        // A program that was killed while it waited sends nothing any more.
        if program.isDead { return }
        sent.withLock { $0.append((simulation.uptime, lane)) }
        if !settings.tellsOfAnswers { admission.leave() }
        // What is on its way arrives, whether or not its sender still lives.
        let (there, back) = (chance(upTo: settings.transit), chance(upTo: settings.answer))
        await withCheckedContinuation { continuation in
            startTask {
                try? await self.simulation.sleep(for: there)
                self.arrived.withLock { $0.append(self.simulation.uptime) }
                try? await self.simulation.sleep(for: back)
                continuation.resume()
            }
        }
        if !program.isDead { admission.leave() }
    }
}

/// One life of the program: from its start to its end, be it orderly or not.
final class ProgramLife: Sendable {
    let limiter: RateLimiter
    private let disk: SlowDisk
    private let dead = Locked(false)
    private let running: Task<Void, Never>

    /// Starts the program, which takes up what the life before left on the disk.
    init(_ world: LimiterWorld, limit: RateLimit? = nil, time: (any TimeSource)? = nil) async throws {
        disk = world.disk.attached()
        let limiter = RateLimiter(
            name: "calls", limit: limit ?? world.settings.limit, time: time ?? world.simulation, records: disk)
        self.limiter = limiter
        try await limiter.open()
        running = startTask { await limiter.run() }
    }

    var isDead: Bool { dead.withLock { $0 } }

    /// kill -9: nothing is written any more but what the disk was already about to write.
    func kill() {
        dead.withLock { $0 = true }
        disk.detach()
    }

    /// The orderly end. Calls under way must have ended.
    func end() async {
        running.cancel()
        await running.value
        dead.withLock { $0 = true }
    }
}

/// A disk that takes its time; what it is about to write when its program is killed is written or not.
final class SlowDisk: RecordKeeper {
    private let simulation: Simulation
    private let random: SeededRandom
    private let longest: Duration
    private let content: Locked<[String: [UInt8]]>
    private let attachment = Locked(true)
    private let failure = Locked(false)
    private let count = Locked(0)

    init(_ simulation: Simulation, _ random: SeededRandom, longest: Duration, content: Locked<[String: [UInt8]]> = Locked([:])) {
        self.simulation = simulation
        self.random = random
        self.longest = longest
        self.content = content
    }

    /// The same disk for another life of the program.
    func attached() -> SlowDisk { SlowDisk(simulation, random, longest: longest, content: content) }

    func detach() { attachment.withLock { $0 = false } }

    /// How often something was written.
    var writes: Int { count.withLock { $0 } }

    /// From now on every write fails, or succeeds again.
    func fails(_ fails: Bool) { failure.withLock { $0 = fails } }

    /// Puts something there.
    func put(_ name: String, _ bytes: [UInt8]) { content.withLock { $0[name] = bytes } }

    /// What is there.
    func look(_ name: String) -> [UInt8]? { content.withLock { $0[name] } }

    func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        try check()
        return content.withLock { $0[name] }
    }

    func names(beginningWith prefix: String) async throws(RecordError) -> [String] {
        content.withLock { $0.keys.filter { $0.hasPrefix(prefix) }.sorted() }
    }

    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        // A dead program begins no write.
        guard attachment.withLock({ $0 }) else { return }
        if longest > .zero {
            let time = random.number(below: UInt64(longest.wholeNanoseconds))
            // In a task of its own, which nobody cancels.
            await withCheckedContinuation { continuation in
                startTask {
                    try? await self.simulation.sleep(for: .nanoseconds(time))
                    continuation.resume()
                }
            }
        }
        try check()
        if !attachment.withLock({ $0 }), random.number(below: 2) == 0 { return }
        count.withLock { $0 += 1 }
        content.withLock { $0[name] = bytes }
    }

    func forget(_ name: String) async throws(RecordError) { content.withLock { $0[name] = nil } }

    private func check() throws(RecordError) {
        if failure.withLock({ $0 }) { throw RecordError(BilingualText(korean: "디스크가 가득 찼습니다.", english: "the disk is full")) }
    }
}

/// The clocks of a machine whose civil time somebody sets, and which is started anew now and then.
final class MovedTime: TimeSource {
    private let simulation: Simulation
    private let offset: Duration
    private let boot: Duration

    /// - Parameters:
    ///   - offset: How far the civil time is off.
    ///   - boot: When the machine was started, by the simulation's uptime.
    init(_ simulation: Simulation, offset: Duration = .zero, boot: Duration = .zero) {
        self.simulation = simulation
        self.offset = offset
        self.boot = boot
    }

    var now: Timestamp { simulation.now + offset }
    var uptime: Duration { simulation.uptime - boot }
    func sleep(for duration: Duration) async throws { try await simulation.sleep(for: duration) }
}
