import Base

/// When a notification that was not answered with `OK` is sent again: the pauses grow until they reach a limit.
///
/// Documented: at intervals, at most ten times. The intervals are our choice: 1, 2, 4, … minutes and never more than an hour.
struct WebhookSchedule: Equatable {
    /// The first pause in seconds.
    var firstPause: Int64 = 60
    /// By how much each pause is longer than the one before it.
    var factor: Int64 = 2
    /// The longest pause in seconds.
    var longestPause: Int64 = 3600
    /// How often it is sent again after the first time.
    var repeats: Int64 = 10

    /// The pause before repeat number `number`, counted from 1; nothing when there is no such repeat.
    func pause(before number: Int64) -> Duration? {
        guard number >= 1, number <= repeats else { return nil }
        var pause = firstPause
        for _ in 1..<max(number, 1) where pause < longestPause {
            let (longer, overflow) = pause.multipliedReportingOverflow(by: factor)
            pause = overflow ? longestPause : longer
        }
        return .seconds(min(pause, longestPause))
    }

    /// Whether an answer counts as taken: any 2xx whose body is `OK`, white space around it aside.
    static func isAccepted(status: Int, body: [UInt8]) -> Bool {
        let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let trimmed = body.drop { space.contains($0) }.reversed().drop { space.contains($0) }.reversed()
        return (200...299).contains(status) && Array(trimmed) == Array("OK".utf8)
    }
}
