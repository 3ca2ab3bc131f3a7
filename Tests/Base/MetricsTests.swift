import Base
import Testing

@Suite("Metrics in Prometheus' text format")
struct MetricsTests {
    @Test("families stand in the order of their names, each with help and type, lines in the order of their labels")
    func format() {
        let metrics = Metrics()
        metrics.gauge("b_open", help: "Open connections.").set(3)
        metrics.gauge("b_open", help: "Open connections.").add(-5)
        metrics.counter("a_total", help: "Calls.", labels: ["route": "verify", "code": "200"]).add(2)
        metrics.counter("a_total", help: "Calls.", labels: ["route": "cancel", "code": "200"]).add()
        #expect(
            metrics.text == """
                # HELP a_total Calls.
                # TYPE a_total counter
                a_total{route="cancel",code="200"} 1
                a_total{route="verify",code="200"} 2
                # HELP b_open Open connections.
                # TYPE b_open gauge
                b_open -2

                """)
    }

    @Test("the same name and labels are the same instrument")
    func identity() {
        let metrics = Metrics()
        #expect(metrics.counter("a", help: "") === metrics.counter("a", help: ""))
        #expect(metrics.counter("a", help: "", labels: ["x": "1"]) !== metrics.counter("a", help: "", labels: ["x": "2"]))
        #expect(metrics.histogram("h", help: "") === metrics.histogram("h", help: ""))
    }

    @Test("no label or help text can end its line or its quotes")
    func escaping() {
        let metrics = Metrics()
        let hostile = "a\\b\"c\nd\r\ne\"\u{301}f\n\u{301}"
        metrics.counter("a", help: "one\\two\nthree\r\nfour", labels: ["l": hostile]).add()
        #expect(
            metrics.text == "# HELP a one\\\\two\\nthree\r\\nfour\n# TYPE a counter\n"
                + "a{l=\"a\\\\b\\\"c\\nd\r\\ne\\\"\u{301}f\\n\u{301}\"} 1\n")
    }

    @Test("a histogram's buckets are cumulative, their bounds belong to them, and the last one counts everything")
    func histogram() {
        let metrics = Metrics()
        let histogram = metrics.histogram("took_seconds", help: "Time.", labels: ["route": "x"])
        for duration in [Duration.zero, .microseconds(50), .microseconds(51), .milliseconds(1), .seconds(30), .seconds(31), .seconds(-1)] {
            histogram.record(duration)
        }
        let lines = metrics.text.split(separator: "\n").map(String.init)
        var previous = 0
        for bound in DurationHistogram.bounds {
            let prefix = "took_seconds_bucket{route=\"x\",le=\"\(Double(bound) / 1e6)\"} "
            let count = lines.first { $0.hasPrefix(prefix) }.flatMap { Int($0.dropFirst(prefix.count)) } ?? -1
            #expect(count >= previous)
            previous = count
            switch bound {
            case 50: #expect(count == 3)
            case 100, 500: #expect(count == 4)
            case 1000, 10_000_000: #expect(count == 5)
            case 30_000_000: #expect(count == 6)
            default: break
            }
        }
        #expect(lines.contains("took_seconds_bucket{route=\"x\",le=\"+Inf\"} 7"))
        #expect(lines.contains("took_seconds_count{route=\"x\"} 7"))
        #expect(lines.contains("took_seconds_sum{route=\"x\"} 61.001101"))
        #expect(DurationHistogram.bounds == DurationHistogram.bounds.sorted())
    }

    @Test("a counter loses nothing under many tasks")
    func counting() async {
        let counter = Metrics().counter("a", help: "")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { for _ in 0..<1000 { counter.add() } } }
        }
        #expect(counter.value == 16_000)
    }

    @Test("one name cannot be two kinds of metric, whatever the labels")
    func kinds() async {
        await #expect(processExitsWith: .failure) {
            let metrics = Metrics()
            metrics.counter("a", help: "", labels: ["x": "1"]).add()
            metrics.gauge("a", help: "", labels: ["x": "2"]).set(1)
        }
    }
}
