import Base
import Cryptography
import ProviderKit
import Synchronization
import Transport

/// Makes calls at a steady rate through a keeper of certificates, whose files somebody else replaces meanwhile.
///
/// Every call must be answered with the serial number of the certificate that the server saw. Prints a line whenever another certificate is
/// in use and the one before drained, and what became of all calls at the end: `Scripts/rollover` reads both.
@main
struct RolloverLoad {
    let keeper: IdentityKeeper
    let origin: HTTPOrigin
    let rate: Int
    let tally = Tally()

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 7, let port = Int(words[1]), let rate = Int(words[5]), let seconds = Int(words[6]) else {
            print("usage: RolloverLoad PORT AUTHORITY CERTIFICATE KEY CALLS-PER-SECOND SECONDS")
            return
        }
        let group = try EventLoopGroup()
        let authority = try SystemSource().file(words[2]).bytes
        let trust = try TLSTrust.bundle(pem: String(decoding: authority, as: UTF8.self))
        let client = try HTTPClient(group: group, configuration: HTTPClient.Configuration(trust: trust))
        let origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: port)
        let environment = ConnectorEnvironment(
            connection: "load", exchange: client, time: SystemTime(), random: SystemRandom(), log: .standardError(minimum: .warning),
            identities: client)
        let customs = IdentityCustoms(
            origin: origin,
            trial: { network in
                let request = HTTPRequest(method: .get, target: "/proof")
                do throws(HTTPExchangeError) {
                    return try await network.send(request, to: origin, timeouts: HTTPTimeouts()).bytes == Array("refused".utf8)
                        ? .refused(BilingualText(korean: "거절", english: "refused")) : .accepted
                } catch {
                    return error.code == .handshakeFailed
                        ? .refused(BilingualText(korean: "거절", english: "refused")) : .unreachable(error.code.rawValue)
                }
            }, verdict: { $0.bytes == Array("refused".utf8) ? .refused : .accepted })
        let keeper = try IdentityKeeper(
            pairs: [IdentityPair(certificate: .file(words[3]), key: .file(words[4]))], source: SystemSource(),
            environment: environment, customs: customs)
        try await keeper.open()
        let load = RolloverLoad(keeper: keeper, origin: origin, rate: rate)
        let watch = Task { await keeper.run() }
        let tell = Task { await load.tell() }
        await load.run(.seconds(seconds), on: group)
        tell.cancel()
        watch.cancel()
        await watch.value
        load.tally.report()
        await client.shutDown()
    }

    /// Starts the calls that are due every millisecond, whatever has become of those before: a slow answer holds up nobody.
    func run(_ length: Duration, on group: EventLoopGroup) async {
        let time = SystemTime()
        let start = time.uptime
        await withDiscardingTaskGroup { tasks in
            var started = 0
            while true {
                let passed = time.uptime - start
                let due = Int(min(passed, length).fractionalSeconds * Double(rate))
                while started < due {
                    let planned = start + .nanoseconds(Int64(Double(started) / Double(rate) * 1e9))
                    tasks.addTask(executorPreference: group.next()) { await call(planned: planned) }
                    started += 1
                }
                if passed >= length { break }
                try? await time.sleep(for: .milliseconds(1))
            }
        }
    }

    private func call(planned: Duration) async {
        do throws(HTTPExchangeError) {
            let response = try await keeper.exchange.send(
                HTTPRequest(method: .post, target: "/pay", body: Array("{}".utf8)), to: origin, timeouts: HTTPTimeouts())
            tally.answered(String(decoding: response.bytes ?? [], as: UTF8.self), after: SystemTime().uptime - planned)
        } catch {
            tally.failed("\(error)")
        }
    }

    /// Prints a line for every certificate that has come into use, when the one before it has drained.
    func tell() async {
        var last: String?
        while !Task.isCancelled {
            if let serial = keeper.current?.serialNumber, serial != last, keeper.isDrained {
                print("in use \(serial)")
                flush()
                last = serial
            }
            try? await SystemTime().sleep(for: .milliseconds(1))
        }
    }
}

/// What became of the calls.
final class Tally: Sendable {
    private struct State {
        var serials: [String: Int] = [:]
        var failures: [String] = []
        var durations: [Duration] = []
    }

    private let state = Locked(State())

    func answered(_ serial: String, after duration: Duration) {
        state.withLock { state in
            state.serials[serial, default: 0] += 1
            state.durations.append(duration)
        }
    }

    func failed(_ reason: String) { state.withLock { $0.failures.append(reason) } }

    func report() {
        let state = state.withLock { $0 }
        let sorted = state.durations.sorted()
        func at(_ part: Double) -> Int { sorted.isEmpty ? 0 : Int(sorted[Int(Double(sorted.count - 1) * part)].wholeNanoseconds / 1000) }
        let serials = state.serials.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
        let reasons = state.failures.prefix(3).map { JSON.string($0).text }.joined(separator: ", ")
        print(
            "result {\"answered\": \(sorted.count), \"failed\": \(state.failures.count), \"reasons\": [\(reasons)], \"serials\": {\(serials)}, "
                + "\"p50\": \(at(0.5)), \"p99\": \(at(0.99)), \"p999\": \(at(0.999)), \"max\": \(at(1))}")
        flush()
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

private func flush() { fflush(nil) }
