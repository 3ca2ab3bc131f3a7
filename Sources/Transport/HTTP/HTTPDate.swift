public import Base

/// The `Date` field of responses, written anew once a second.
public struct HTTPDate: Sendable {
    private var second = Int64.min
    private var cached: [UInt8] = []

    /// A date that has not been written yet.
    public init() {}

    /// `moment` as RFC 9110, section 5.6.7, wants it: `Sun, 06 Nov 1994 08:49:37 GMT`.
    public mutating func bytes(at moment: Timestamp) -> [UInt8] {
        let now = moment.unixSeconds
        if now != second {
            second = now
            cached = HTTPDate.format(moment)
        }
        return cached
    }

    private static func format(_ moment: Timestamp) -> [UInt8] {
        let civil = CivilTime(moment)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let seconds = moment.unixSeconds
        let dayNumber = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let weekday = days[Int((dayNumber % 7 + 7) % 7)]
        let day = civil.day < 10 ? "0\(civil.day)" : "\(civil.day)"
        return Array("\(weekday), \(day) \(HTTPDate.months[civil.month - 1]) \(civil.year) \(civil.timeText) GMT".utf8)
    }

    /// The moment that a `Date` field of the form written here tells, to the second; nothing for any other form. The name of the weekday is not looked at.
    public static func moment(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT",
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let day = number(parts[1], 2), let year = number(parts[3], 4), let hour = number(time[0], 2),
            let minute = number(time[1], 2), let second = number(time[2], 2)
        else { return nil }
        // A leap second is the last of its minute here, as in every other clock of the program.
        return CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: min(second, 59))?.timestamp()
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func number(_ digits: Substring, _ count: Int) -> Int? {
        guard digits.utf8.count == count, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
