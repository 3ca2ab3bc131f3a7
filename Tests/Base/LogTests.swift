import Base
import TestSupport
import Testing

@Suite("The log")
struct LogTests {
    private static func record(minimum: Log.Level, _ body: (Log) -> Void) -> [String] {
        let lines = Locked<[String]>([])
        body(Log(minimum: minimum, time: ManualTime()) { line in lines.withLock { $0.append(line) } })
        return lines.withLock { $0 }
    }

    @Test("a line is one JSON object with time, level, message and the fields in order")
    func line() throws {
        let lines = Self.record(minimum: .debug) { log in
            log.info(
                "started", .count("port", 8600), .seconds("took", .milliseconds(1500)), .word("connection", "shop"),
                .address("host", "127.0.0.1"))
        }
        #expect(
            lines == [
                #"{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"started","port":8600,"took":1.5,"connection":"shop","host":"127.0.0.1"}"#
            ])
    }

    @Test("quotes, line ends and controls in a word stay inside its line")
    func hostileWord() throws {
        let word = "a\"b\\c\r\nd\u{0}e\u{1B}[31m"
        let lines = Self.record(minimum: .debug) { $0.error("odd", .word("word", word)) }
        let line = try #require(lines.first)
        #expect(lines.count == 1 && !line.utf8.contains { $0 < 0x20 })
        #expect(try JSON(line)["word"]?.string == word)
    }

    @Test(
        "lengths of time are numbers that JSON knows",
        arguments: [Duration.zero, .nanoseconds(1), .nanoseconds(-1), .seconds(Int64.max), .seconds(Int64.min), .seconds(3600)])
    func numbers(_ duration: Duration) throws {
        let lines = Self.record(minimum: .debug) { $0.debug("x", .seconds("s", duration), .count("c", .min)) }
        let line = try JSON(try #require(lines.first))
        #expect(line["s"].flatMap { Double($0.text) } == duration.fractionalSeconds)
        #expect(line["c"]?.integer == .min)
    }

    @Test("lines below the minimum are not written, nor are their fields made")
    func levels() {
        func all(_ log: Log) {
            log.debug("d")
            log.info("i")
            log.warning("w")
            log.error("e")
        }
        let counts = [Log.Level.debug, .info, .warning, .error].map { Self.record(minimum: $0, all).count }
        #expect(counts == [4, 3, 2, 1])
        #expect(Log.Level.debug < .info && .info < Log.Level.warning && Log.Level.warning < .error)
    }

    @Test("standard error gets one whole line a call")
    func standardError() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            Log.standardError(minimum: .info, time: ManualTime()).info("hello", .count("n", 1))
            Log.standardError(minimum: .error, time: ManualTime()).info("unseen")
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("{\"time\":\"2026-01-01T00:00:00.000Z\",\"level\":\"info\",\"message\":\"hello\",\"n\":1}\n"))
        #expect(!text.contains("unseen"))
    }
}
