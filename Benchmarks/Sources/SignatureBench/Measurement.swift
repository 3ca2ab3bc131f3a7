#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One operation, done by the library and by the bare OpenSSL calls, in turns in the same run.
struct Comparison {
    var name: String
    var ours: () -> Void
    var bare: () -> Void

    /// CPU microseconds per operation of both, and their ratio in each round; more than one round, because machines are noisy.
    func measure(rounds: Int) -> (ours: [Double], bare: [Double]) {
        let count = max(1, Int(0.15 / max(1e-7, cost(bare, 200))))
        var result: (ours: [Double], bare: [Double]) = ([], [])
        for _ in 0..<rounds {
            result.bare.append(cost(bare, count) * 1e6)
            result.ours.append(cost(ours, count) * 1e6)
        }
        return result
    }

    private func cost(_ body: () -> Void, _ count: Int) -> Double {
        let start = processSeconds()
        for _ in 0..<count { body() }
        return (processSeconds() - start) / Double(count)
    }

    private func processSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension [Double] {
    /// The middle value.
    var median: Double { sorted()[count / 2] }
}

/// Ends the program when an operation did not do what it is measured for.
func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
    if !condition { preconditionFailure(complaint()) }
}

/// A number with `digits` behind the point, right-aligned in `width`.
func column(_ number: Double, _ digits: Int, _ width: Int) -> String {
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
