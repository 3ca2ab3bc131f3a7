#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One operation, done by the library and by the bare OpenSSL calls, in turns in the same run.
public struct Comparison {
    /// What is done.
    public var name: String
    /// By the library.
    public var ours: () -> Void
    /// By the bare calls.
    public var bare: () -> Void

    /// A comparison.
    public init(name: String, ours: @escaping () -> Void, bare: @escaping () -> Void) {
        self.name = name
        self.ours = ours
        self.bare = bare
    }

    /// CPU microseconds per operation of both, and their ratio in each round; more than one round, because machines are noisy.
    public func measure(rounds: Int) -> (ours: [Double], bare: [Double]) {
        let count = max(1, Int(0.15 / max(1e-7, cost(bare, 20))))
        var result: (ours: [Double], bare: [Double]) = ([], [])
        for _ in 0..<rounds {
            result.bare.append(cost(bare, count) * 1e6)
            result.ours.append(cost(ours, count) * 1e6)
        }
        return result
    }

    /// Prints one line: both costs, how often the library can do it in a second, and its share of the limit.
    public func report(rounds: Int = 7) {
        let result = measure(rounds: rounds)
        let shares = zip(result.ours, result.bare).map { $1 / $0 }
        print(
            name + String(repeating: " ", count: max(1, 42 - name.count)) + column(result.ours.median, 2, 9)
                + column(result.bare.median, 2, 10) + column(1e6 / result.ours.median, 0, 9) + column(shares.median, 2, 9)
                + "  (\(column(shares.min() ?? 0, 2, 4)), \(column(shares.max() ?? 0, 2, 4)))")
    }

    /// What ``report(rounds:)`` prints below.
    public static let heading = "operation                                   us ours   us bare   ours/s  of the limit (from, to)"

    private func cost(_ body: () -> Void, _ count: Int) -> Double {
        let start = processSeconds()
        for _ in 0..<count { body() }
        return (processSeconds() - start) / Double(count)
    }

    /// The CPU time that the process has used.
    private func processSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension [Double] {
    /// The middle value.
    public var median: Double { sorted()[count / 2] }
}

/// Ends the program when an operation did not do what it is measured for.
public func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
    if !condition { preconditionFailure(complaint()) }
}

/// A number with `digits` behind the point, right-aligned in `width`.
public func column(_ number: Double, _ digits: Int, _ width: Int) -> String {
    let factor = (0..<digits).reduce(1.0) { value, _ in value * 10 }
    let rounded = (number * factor).rounded() / factor
    var text = String(rounded)
    if digits == 0 { text = String(Int(rounded)) }
    if let point = text.firstIndex(of: ".") {
        let behind = text.distance(from: point, to: text.endIndex) - 1
        text += String(repeating: "0", count: max(0, digits - behind))
    }
    return String(repeating: " ", count: max(0, width - text.count)) + text
}
