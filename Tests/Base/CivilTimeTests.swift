import Base
import TestSupport
import Testing

@Suite("Civil time")
struct CivilTimeTests {
    @Test("Python's calendar agrees on 4,000 moments from 1700 to 2250, in UTC and in Korean time, both ways")
    func calendar() throws {
        let random = SeededRandom(seed: 3)
        let (first, last): (Int64, Int64) = (-8_520_336_000, 8_867_232_000)
        var seconds = (0..<4000).map { _ in first + Int64(random.number(below: UInt64(last - first))) }
        seconds += [
            0, -1, 1, -86_400, -86_401, 86_399, 86_400, -32_400, -32_401, 951_782_400, 951_868_799, 951_868_800, 4_107_542_399,
            4_107_542_400,
        ]
        let script = """
            import sys
            from datetime import datetime, timedelta
            for line in sys.stdin:
                utc = datetime(1970, 1, 1) + timedelta(seconds=int(line))
                korea = utc + timedelta(hours=9)
                print(utc.strftime("%Y-%m-%dT%H:%M:%S"), korea.strftime("%Y-%m-%d %H:%M:%S"), sep="|")
            """
        let answers = try PythonOracle.lines(script, input: seconds.map(String.init))
        try #require(answers.count == seconds.count)
        for (second, answer) in zip(seconds, answers) {
            let parts = answer.split(separator: "|").map(String.init)
            let moment = Timestamp(unixSeconds: second)
            #expect(moment.internetText == parts[0] + ".000Z")
            #expect(moment.koreanText == parts[1])
            #expect(Timestamp(internetText: parts[0] + "Z") == moment)
            #expect(Timestamp(internetText: parts[1] + "+09:00") == moment)
            #expect(Timestamp(koreanText: parts[1]) == moment)
        }
    }

    @Test("Python agrees on fractions and offsets of RFC 3339")
    func internetReading() throws {
        let random = SeededRandom(seed: 4)
        func below(_ bound: UInt64) -> Int { Int(random.number(below: bound)) }
        func padded(_ number: Int, _ width: Int) -> String { String(String(10_000_000 + number).suffix(width)) }
        let texts = (0..<1000).map { _ -> String in
            let date = "\(1700 + below(550))-\(padded(1 + below(12), 2))-\(padded(1 + below(31), 2))"
            let time = "\(padded(below(25), 2)):\(padded(below(60), 2)):\(padded(below(60), 2))"
            let fraction = below(2) == 0 ? "" : "." + padded(below(1_000_000), 6)
            let zone = below(2) == 0 ? "Z" : (below(2) == 0 ? "+" : "-") + padded(below(24), 2) + ":" + padded(below(60), 2)
            return date + "T" + time + fraction + zone
        }
        let script = """
            import sys
            from datetime import datetime, timedelta, timezone
            epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
            for line in sys.stdin:
                line = line.strip()
                form = "%Y-%m-%dT%H:%M:%S" + (".%f" if "." in line else "") + "%z"
                try: print((datetime.strptime(line, form) - epoch) // timedelta(microseconds=1))
                except ValueError: print("refused")
            """
        let answers = try PythonOracle.lines(script, input: texts)
        try #require(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) {
            let ours = Timestamp(internetText: text).map { String($0.nanosecondsSinceEpoch / 1000) } ?? "refused"
            #expect(ours == answer, "\(text)")
        }
        #expect(answers.contains("refused") && answers.count { $0 != "refused" } > 500)
    }

    @Test(
        "what is no RFC 3339 moment is refused",
        arguments: [
            "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+9:00", "2026-01-01T00:00:00+0900",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+09:60", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "26-01-01T00:00:00Z",
            "2026-1-1T00:00:00Z",
            "-026-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T-1:00:00Z", "２０２６-01-01T00:00:00Z", "2026/01/01T00:00:00Z",
            "2026-01-01T00:00:00 Z",
        ])
    func refusesInternet(_ text: String) { #expect(Timestamp(internetText: text) == nil) }

    @Test(
        "what is no Korean moment is refused",
        arguments: [
            "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00", "2026-01-01 24:00:00", "2026-02-30 00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01 00:00:00.0", "2026-01-01  0:00:00", "20260101 000000", "2026-01-01 00:00:00 ",
        ])
    func refusesKorean(_ text: String) { #expect(Timestamp(koreanText: text) == nil) }

    @Test("leap days exist in the years that have them")
    func leapDays() {
        for (year, isLeap) in [(2024, true), (2025, false), (2000, true), (1900, false), (2100, false), (2400, true)] {
            #expect((CivilTime(year: year, month: 2, day: 29) != nil) == isLeap)
            #expect(CivilTime(year: year, month: 2, day: 30) == nil)
        }
        #expect(Timestamp(koreanText: "2024-02-29 23:59:59")?.internetText == "2024-02-29T14:59:59.000Z")
    }

    @Test("lower-case letters, a space and any number of fraction digits are RFC 3339 too; digits beyond the ninth are cut off")
    func variants() {
        let second = Timestamp(unixSeconds: 1_767_225_600)
        #expect(Timestamp(internetText: "2026-01-01t00:00:00z") == second)
        #expect(Timestamp(internetText: "2026-01-01 00:00:00Z") == second)
        #expect(Timestamp(internetText: "2026-01-01T00:00:00.25Z") == second + .milliseconds(250))
        #expect(Timestamp(internetText: "2026-01-01T00:00:00.1234567899999Z") == second + .nanoseconds(123_456_789))
        #expect(Timestamp(internetText: "1969-12-31T23:59:59.75Z")?.nanosecondsSinceEpoch == -250_000_000)
    }

    @Test("a moment before 1970 shows the fraction of its own second")
    func negativeFractions() {
        #expect(Timestamp(nanosecondsSinceEpoch: -1).internetText == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(nanosecondsSinceEpoch: -250_000_000).internetText == "1969-12-31T23:59:59.750Z")
        #expect(Timestamp(nanosecondsSinceEpoch: -1_000_000_000).internetText == "1969-12-31T23:59:59.000Z")
        #expect(Timestamp(nanosecondsSinceEpoch: -1).koreanText == "1970-01-01 08:59:59")
    }

    @Test("the first and the last moment there are can be written, and dates beyond them stop there")
    func edges() {
        #expect(Timestamp(nanosecondsSinceEpoch: .min).internetText == "1677-09-21T00:12:43.145Z")
        #expect(Timestamp(nanosecondsSinceEpoch: .max).internetText == "2262-04-11T23:47:16.854Z")
        #expect(Timestamp(nanosecondsSinceEpoch: .min).koreanText == "1677-09-21 09:12:43")
        #expect(Timestamp(nanosecondsSinceEpoch: .max).koreanText == "2262-04-12 08:47:16")
        #expect(Timestamp(internetText: "0001-01-01T00:00:00Z")?.nanosecondsSinceEpoch == .min)
        #expect(Timestamp(internetText: "9999-12-31T23:59:59.9Z")?.nanosecondsSinceEpoch == .max)
    }
}
