import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let storage = Atomic<UInt64>(0)

    /// Adds `amount`.
    public func add(_ amount: UInt64 = 1) { storage.wrappingAdd(amount, ordering: .relaxed) }

    /// What has been added so far.
    public var value: UInt64 { storage.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let storage = Atomic<Int64>(0)

    /// Sets the number.
    public func set(_ value: Int64) { storage.store(value, ordering: .relaxed) }

    /// Adds `amount`, which may be negative.
    public func add(_ amount: Int64) { storage.wrappingAdd(amount, ordering: .relaxed) }

    /// The number now.
    public var value: Int64 { storage.load(ordering: .relaxed) }
}

/// How lengths of time are spread over fixed buckets, from 50 µs to 30 s.
public final class DurationHistogram: Sendable {
    /// The upper bounds of the buckets in microseconds.
    public static let bounds: [Int64] = [
        50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        30_000_000,
    ]
    private let buckets: [Counter] = (0...bounds.count).map { _ in Counter() }
    private let sum = Counter()

    /// Counts one length of time.
    public func record(_ duration: Duration) {
        let microseconds = max(0, duration.wholeNanoseconds / 1000)
        let index = DurationHistogram.bounds.firstIndex { microseconds <= $0 } ?? DurationHistogram.bounds.count
        buckets[index].add()
        sum.add(UInt64(microseconds))
    }

    func lines(name: String, labels: String) -> String {
        var total: UInt64 = 0
        var text = ""
        for (index, bucket) in buckets.enumerated() {
            total += bucket.value
            let bound = index < DurationHistogram.bounds.count ? "\(Double(DurationHistogram.bounds[index]) / 1e6)" : "+Inf"
            text += "\(name)_bucket{\(labels.isEmpty ? "" : labels + ",")le=\"\(bound)\"} \(total)\n"
        }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        return text + "\(name)_sum\(braces) \(Double(sum.value) / 1e6)\n\(name)_count\(braces) \(total)\n"
    }
}

/// The numbers of a process by name, written in Prometheus' text format.
///
/// Labels take words out of fixed sets only (a connection's name, a route's name, an error's code): never a path, an id or anything a caller chose.
public final class Metrics: Sendable {
    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(DurationHistogram)
    }

    private struct Family {
        var help: String
        var kind: String
        var instruments: [String: Instrument] = [:]
    }

    private let families = Locked<[String: Family]>([:])

    /// An empty collection.
    public init() {}

    /// The counter of that name and those labels; the same one for the same words. Look it up once and keep it.
    public func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let instrument = find(name, help: help, kind: "counter", labels: labels) { .counter(Counter()) }
        if case .counter(let counter) = instrument { return counter }
        preconditionFailure("\(name) is already a metric of another kind")
    }

    /// The gauge of that name and those labels.
    public func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        let instrument = find(name, help: help, kind: "gauge", labels: labels) { .gauge(Gauge()) }
        if case .gauge(let gauge) = instrument { return gauge }
        preconditionFailure("\(name) is already a metric of another kind")
    }

    /// The histogram of that name and those labels, in seconds.
    public func histogram(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> DurationHistogram {
        let instrument = find(name, help: help, kind: "histogram", labels: labels) { .histogram(DurationHistogram()) }
        if case .histogram(let histogram) = instrument { return histogram }
        preconditionFailure("\(name) is already a metric of another kind")
    }

    private func find(
        _ name: String, help: String, kind: String, labels: KeyValuePairs<String, String>, make: () -> Instrument
    ) -> Instrument {
        let key = labels.map { "\($0.key)=\"\(Metrics.escape($0.value))\"" }.joined(separator: ",")
        return families.withLock { families in
            var family = families[name] ?? Family(help: help, kind: kind)
            precondition(family.kind == kind, "one metric's name stands for two kinds")
            let instrument = family.instruments[key] ?? make()
            family.instruments[key] = instrument
            families[name] = family
            return instrument
        }
    }

    /// Everything in Prometheus' text format, version 0.0.4, in a stable order.
    public var text: String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(Metrics.escape(family.help, quotes: false))\n# TYPE \(name) \(family.kind)\n"
            for (labels, instrument) in family.instruments.sorted(by: { $0.key < $1.key }) {
                let braces = labels.isEmpty ? "" : "{\(labels)}"
                switch instrument {
                case .counter(let counter): text += "\(name)\(braces) \(counter.value)\n"
                case .gauge(let gauge): text += "\(name)\(braces) \(gauge.value)\n"
                case .histogram(let histogram): text += histogram.lines(name: name, labels: labels)
                }
            }
        }
        return text
    }

    /// Goes by code points: as characters, CR LF is one that is not LF, and a quote with a combining accent is not a quote.
    private static func escape(_ value: String, quotes: Bool = true) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
