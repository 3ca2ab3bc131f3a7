/// A date and time of day in the proleptic Gregorian calendar, without a zone.
///
/// Korean providers write `YYYY-MM-DD HH:MM:SS` in Korean time, which has been nine hours ahead of UTC without daylight saving
/// since 1988; no time-zone data base is needed for it.
public struct CivilTime: Hashable, Sendable {
    /// The year, 1677 to 2262 when it comes from a ``Timestamp``.
    public var year: Int
    /// The month, 1 to 12.
    public var month: Int
    /// The day of the month, 1 to 31.
    public var day: Int
    /// The hour, 0 to 23.
    public var hour: Int
    /// The minute, 0 to 59.
    public var minute: Int
    /// The second, 0 to 59.
    public var second: Int

    /// Seconds by which Korean time is ahead of UTC.
    public static let koreanOffset = 9 * 3600

    /// The civil time of `moment` at `offset` seconds ahead of UTC.
    public init(_ moment: Timestamp, offset: Int = 0) {
        let local = moment.unixSeconds + Int64(offset)
        let days = Int((local >= 0 ? local : local - 86_399) / 86_400)
        let secondOfDay = Int(local - Int64(days) * 86_400)
        // Days since 0000-03-01, in eras of 400 years: the leap day is then the last of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3600
        minute = secondOfDay % 3600 / 60
        second = secondOfDay % 60
    }

    /// A civil time from its parts, or nothing when they name no real moment (month 13, 30 February, 24:00).
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard (1...9999).contains(year), (1...12).contains(month), (0...23).contains(hour), (0...59).contains(minute),
            (0...59).contains(second), day >= 1, day <= CivilTime.days(inMonth: month, of: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The moment at which a clock `offset` seconds ahead of UTC shows this time.
    public func timestamp(offset: Int = 0) -> Timestamp {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = Int64(era * 146_097 + dayOfEra - 719_468)
        return Timestamp(unixSeconds: days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset))
    }

    /// `YYYY-MM-DD HH:MM:SS`.
    public var text: String { "\(dateText) \(timeText)" }
    /// `YYYY-MM-DD`.
    public var dateText: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
    /// `HH:MM:SS`.
    public var timeText: String { "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))" }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Timestamp {
    /// `YYYY-MM-DD HH:MM:SS` in Korean time, the way Korean providers write times.
    public var koreanText: String { CivilTime(self, offset: CivilTime.koreanOffset).text }

    /// RFC 3339 in UTC with milliseconds, as logs and the control API write times: `2026-01-01T00:00:00.000Z`.
    public var internetText: String {
        let civil = CivilTime(self)
        // Not `nanosecondsSinceEpoch - unixSeconds * 1_000_000_000`: that product is out of range in the first second there is.
        let remainder = nanosecondsSinceEpoch % 1_000_000_000
        let fraction = remainder < 0 ? remainder + 1_000_000_000 : remainder
        return "\(civil.dateText)T\(civil.timeText).\(padded(Int(fraction / 1_000_000), 3))Z"
    }

    /// Reads an RFC 3339 moment (`2026-01-01T00:00:00Z`, `2026-01-01T09:00:00.25+09:00`), or nothing when the text is not one. A moment
    /// outside 1677 to 2262, such as the `9999-12-31` that stands for "never", becomes the nearest one there is.
    public init?(internetText text: String) {
        var reader = DigitReader(text.utf8)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2),
            reader.take(":"), let minute = reader.number(2), reader.take(":"), let second = reader.number(2),
            let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.take(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        var offset = 0
        if !(reader.take("Z") || reader.take("z")) {
            let sign = reader.take("+") ? 1 : reader.take("-") ? -1 : 0
            guard sign != 0, let hours = reader.number(2), reader.take(":"), let minutes = reader.number(2), hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard reader.isAtEnd else { return nil }
        self = civil.timestamp(offset: offset) + .nanoseconds(nanoseconds)
    }

    /// Reads `YYYY-MM-DD HH:MM:SS` in Korean time, or nothing when the text is not such a moment.
    public init?(koreanText text: String) {
        var reader = DigitReader(text.utf8)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take(" "), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), reader.take(":"), let second = reader.number(2), reader.isAtEnd,
            let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        self = civil.timestamp(offset: CivilTime.koreanOffset)
    }
}

private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String.UTF8View) { bytes = Array(text) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += digits
        return value
    }

    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 1_000_000_000
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            scale /= 10
            value += Int64(bytes[position] - 0x30) * scale
            position += 1
        }
        return position > start ? value : nil
    }
}
