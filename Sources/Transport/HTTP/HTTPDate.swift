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
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let seconds = moment.unixSeconds
        let dayNumber = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let weekday = days[Int((dayNumber % 7 + 7) % 7)]
        let day = civil.day < 10 ? "0\(civil.day)" : "\(civil.day)"
        return Array("\(weekday), \(day) \(months[civil.month - 1]) \(civil.year) \(civil.timeText) GMT".utf8)
    }
}
