import Base
import Foundation
import Gateway
import ProviderKit
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Each life is a process of its own that keeps its limit in a real file, and is killed by the signal nobody can catch while it sends as much as it may.
@Suite(.serialized) struct LimitCrashTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let limit = RateLimit(perMinute: 60, perSecond: 60)

    /// Sends until the end comes; a send is a line with its moment in a file that the provider reads.
    private static func sendUntilKilled(_ file: String, _ provider: String) async throws {
        let records = GatewayRecords(file: file, time: SystemTime())
        let limiter = RateLimiter(name: "calls", limit: limit, time: SystemTime(), records: records.keeper(of: "shop"))
        try await limiter.open()
        let descriptor = open(provider, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask {
                    while true {
                        let admission = limiter.admission(index % 2 == 0 ? .person : .bulk)
                        do { try await admission.enter(deadline: .seconds(300)) } catch { continue }
                        let line = "\(SystemTime().uptime.wholeNanoseconds)\n"
                        #expect(write(descriptor, line, line.utf8.count) == line.utf8.count)
                        admission.leave()
                        try? await Task.sleep(for: .microseconds(500))
                    }
                }
            }
        }
    }

    private func sends(_ provider: String) -> [Duration] {
        let text = (try? String(contentsOfFile: provider, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { Int64($0) }.map { .nanoseconds($0) }.sorted()
    }

    /// The most that any 60 s hold.
    private func most(_ sends: [Duration]) -> Int {
        var (first, most) = (0, 0)
        for (index, moment) in sends.enumerated() {
            while sends[first] < moment - .seconds(60) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }

    @Test("Killed 10 times within one window, after a few calls each time, a limiter never sends more than its limit in any 60 seconds")
    func killed() async throws {
        let file = directory.file("gateway.sqlite")
        let provider = directory.file("provider")
        var lives = 0
        for _ in 0..<10 {
            // The clock starts at the first call, or after a while when there is none any more.
            let delay = UInt32.random(in: 0..<12_000)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [file = file as String, provider = provider as String, delay = delay as UInt32] in
                Thread.detachNewThread {
                    func size() -> Int { (try? Data(contentsOf: URL(fileURLWithPath: provider)).count) ?? 0 }
                    let start = size()
                    var patience = 3000
                    while size() == start, patience > 0 {
                        usleep(200)
                        patience -= 1
                    }
                    usleep(delay)
                    kill(getpid(), SIGKILL)
                }
                try await Self.sendUntilKilled(file, provider)
            }
            lives += 1
        }
        let sends = sends(provider)
        #expect(most(sends) <= Self.limit.perMinute)
        // The first lives at least had something to send, and one place is taken for a call that was made or may have been.
        #expect(sends.count >= 8)
        print("killed \(lives) times: \(sends.count) calls, most in any 60 s \(most(sends)) of \(Self.limit.perMinute)")
    }
}
