import Base
import TestSupport
import Testing

@testable import TossAuth

@Suite("Toss Auth: adult or minor")
struct ProtocolAgeTests {
    private func korean(_ text: String) throws -> Timestamp { try #require(Timestamp(koreanText: text)) }

    private func group(_ rule: String, _ birthday: String, _ moment: String, ageGroup: AgeGroup? = nil) throws -> AgeGroup? {
        try #require(AgeRule(rule)).judge(ageGroup: ageGroup, birthday: Birthday(birthday), at: korean(moment))?.group
    }

    @Test("Somebody is 19 full years old from the first moment of that birthday in Korea")
    func fullYears() throws {
        #expect(try group("fullYears", "20070615", "2026-06-14 23:59:59") == .minor)
        #expect(try group("fullYears", "20070615", "2026-06-15 00:00:00") == .adult)
        #expect(try group("fullYears:14", "20070615", "2021-06-14 23:59:59") == .minor)
        #expect(try group("fullYears:14", "20070615", "2021-06-15 00:00:00") == .adult)
        #expect(try group("fullYears", "20071231", "2026-12-30 23:59:59") == .minor)
        #expect(try group("fullYears", "20080101", "2026-12-31 23:59:59") == .minor)
        // 15:00 UTC is midnight in Korea.
        let rule = try #require(AgeRule("fullYears"))
        let midnight = try #require(Timestamp(internetText: "2026-06-14T15:00:00Z"))
        #expect(rule.judge(ageGroup: nil, birthday: Birthday("20070615"), at: midnight)?.group == .adult)
        #expect(rule.judge(ageGroup: nil, birthday: Birthday("20070615"), at: midnight - .nanoseconds(1))?.group == .minor)
    }

    @Test("Who was born on 29 February completes a year with the end of 28 February where there is no 29th, and on the 29th where there is")
    func leapDay() throws {
        #expect(try group("fullYears", "20080229", "2027-02-28 23:59:59") == .minor)
        #expect(try group("fullYears", "20080229", "2027-03-01 00:00:00") == .adult)
        #expect(try group("fullYears:20", "20080229", "2028-02-28 23:59:59") == .minor)
        #expect(try group("fullYears:20", "20080229", "2028-02-29 00:00:00") == .adult)
        #expect(try group("fullYears:100", "19960229", "2096-02-29 00:00:00") == .adult)
        #expect(try group("fullYears:100", "20000229", "2100-02-28 23:59:59") == .minor)
        #expect(try group("fullYears:100", "20000229", "2100-03-01 00:00:00") == .adult)
    }

    @Test("By the calendar year somebody counts as 19 from 1 January, whenever in the year the birthday is")
    func calendarYear() throws {
        #expect(try group("calendarYear", "20071231", "2025-12-31 23:59:59") == .minor)
        #expect(try group("calendarYear", "20071231", "2026-01-01 00:00:00") == .adult)
        #expect(try group("calendarYear:20", "20071231", "2026-12-31 23:59:59") == .minor)
        #expect(try group("calendarYear", "20070101", "2026-01-01 00:00:00") == .adult)
    }

    @Test("The provider's word comes first where the rule says so, and the basis is told")
    func basis() throws {
        let now = try korean("2026-06-15 12:00:00")
        let born = Birthday("19930324")
        #expect(AgeRule.standard.judge(ageGroup: .minor, birthday: born, at: now) == AgeFinding(group: .minor, basis: .ageGroup))
        #expect(
            AgeRule.standard.judge(ageGroup: nil, birthday: born, at: now)
                == AgeFinding(group: .adult, basis: .birthday(.fullYears(adult: 19))))
        let calendar = try #require(AgeRule("calendarYear:20"))
        #expect(calendar.judge(ageGroup: .minor, birthday: born, at: now)?.basis.rawValue == "calendarYear:20")
        #expect(calendar.judge(ageGroup: .adult, birthday: nil, at: now) == nil)
        let strange = PersonalData(clear: ["ageGroup": "SENIOR", "birthday": "19930324"])
        #expect(AgeRule.standard.judge(strange, at: now)?.basis.rawValue == "fullYears:19")
        #expect(AgeRule.standard.judge(TossAuthDemonstration.persona, at: now)?.basis.rawValue == "ageGroup")
    }

    @Test("A birthday in the future, an unreal one or none gives no finding, and today's gives a minor")
    func noFinding() throws {
        #expect(try group("fullYears", "20260616", "2026-06-15 23:59:59") == nil)
        #expect(try group("calendarYear", "20260616", "2026-06-15 23:59:59") == nil)
        #expect(try group("ageGroup", "20070230", "2026-06-15 00:00:00") == nil)
        #expect(try group("ageGroup", "", "2026-06-15 00:00:00") == nil)
        #expect(try group("fullYears", "20260615", "2026-06-15 00:00:00") == .minor)
        #expect(AgeRule.standard.judge(PersonalData(clear: [:]), at: try korean("2026-06-15 00:00:00")) == nil)
    }

    @Test("Rules are written as they are read")
    func texts() {
        for text in ["ageGroup", "fullYears:19", "calendarYear:14", "ageGroup,calendarYear:19", "ageGroup,fullYears:20"] {
            #expect(AgeRule(text)?.description == text)
        }
        #expect(AgeRule("ageGroup,fullYears") == .standard && AgeRule("fullYears")?.description == "fullYears:19")
        for bad in [
            "", "agegroup", "fullYears:", "fullYears:0", "fullYears:151", "fullYears:+9", "fullYears:19:1", "ageGroup,",
            "calendarYear,ageGroup",
        ] {
            #expect(AgeRule(bad) == nil, "\(bad)")
        }
    }

    @Test("Python's calendar counts full years the same, over every day of birth of a leap year and the years after it")
    func python() throws {
        let script = """
            import sys, datetime
            for line in sys.stdin.read().splitlines():
                b, t = (datetime.date(int(s[:4]), int(s[4:6]), int(s[6:])) for s in line.split())
                years = 0
                while True:
                    try: next = b.replace(year=b.year + years + 1)
                    except ValueError: next = datetime.date(b.year + years + 1, 3, 1)
                    if next > t: break
                    years += 1
                print(years)
            """
        var lines: [String] = []
        var ours: [Int?] = []
        let random = SeededRandom(seed: 21)
        func text(_ civil: CivilTime) -> String { civil.dateText.replacing("-", with: "") }
        for day in 0..<366 {
            let birth = CivilTime(Timestamp(unixSeconds: 946_684_800 + Int64(day) * 86_400))
            let offsets: [Int64] = [Int64(day), Int64(random.number(below: 9000)), 6939, 6940]
            for offset in offsets {
                let moment = Timestamp(unixSeconds: 946_684_800 + (Int64(day) + offset) * 86_400 + 3600 * 3)
                lines.append("\(text(birth)) \(text(CivilTime(moment, offset: CivilTime.koreanOffset)))")
                ours.append(try #require(Birthday(text(birth))).years(by: .fullYears(adult: 19), at: moment))
            }
        }
        #expect(try PythonOracle.lines(script, input: lines) == ours.map { $0.map { String($0) } ?? "none" })
    }
}
