import Base

/// Calendar steps in Korean time.
enum KoreanCalendar {
    /// The last second of a month.
    static func endOfMonth(year: Int, month: Int) -> Timestamp? {
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return CivilTime(year: next.0, month: next.1, day: 1).map { $0.timestamp(offset: CivilTime.koreanOffset) - .seconds(1) }
    }

    /// The last second of the day `days` after `moment`.
    static func endOfDay(_ days: Int64, after moment: Timestamp) -> Timestamp {
        let local = moment.unixSeconds + Int64(CivilTime.koreanOffset)
        let day = local / 86_400 + days
        return Timestamp(unixSeconds: day * 86_400 + 86_399 - Int64(CivilTime.koreanOffset))
    }

    /// The last second of a day written `YYYY-MM-DD`.
    static func endOfDay(_ text: String) -> Timestamp? { Timestamp(koreanText: text + " 23:59:59") }

    /// The same day and time `months` later; a day that the month does not have becomes its last.
    static func adding(_ months: Int, to moment: Timestamp) -> Timestamp {
        let civil = CivilTime(moment, offset: CivilTime.koreanOffset)
        let index = civil.year * 12 + civil.month - 1 + months
        for day in [civil.day, 30, 29, 28] where day <= civil.day {
            let target = CivilTime(
                year: index / 12, month: index % 12 + 1, day: day, hour: civil.hour, minute: civil.minute, second: civil.second)
            if let target { return target.timestamp(offset: CivilTime.koreanOffset) }
        }
        return moment
    }
}
