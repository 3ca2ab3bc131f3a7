/// Which sends a provider may still be counting, however it counts.
///
/// A provider counts a call at some moment between its sending and its answer, which nobody else knows. So a send takes up a place from the moment it is
/// let go until a whole window after its answer, and at least until a window after ``RateLimit/transit``. If no more than N places are ever taken, no window of
/// the provider's holds more than N calls: of the calls that it counts within one, let the latest sent be sent at `s`. Each of the others was counted after the
/// window's beginning, hence answered after it, hence still had its place at `s`, because `s` is less than a window after the beginning.
///
/// That holds for every window, fixed or sliding, and for a bucket of N that refills N in a window as well: over a time T such a bucket gives N + N·T/60 s, and
/// this lets at most N · ⌈T/60 s⌉ through.
struct SendHistory: Sendable {
    private struct Fresh: Sendable {
        var sent: Duration
        var isAnswered: Bool
    }

    /// How many places there are.
    let capacity: Int
    let transit: Duration
    private let perSecond: Int
    /// From when each send has certainly been counted, ascending: it takes up its place for ``hold`` more.
    private var counted: Ring<Duration>
    /// Those younger than ``transit``, ascending.
    private var fresh: Ring<Fresh>
    /// The number of the first in ``fresh``.
    private var firstFresh: UInt64 = 1
    /// Those older than ``transit`` whose answer has not come.
    private(set) var overdue = 0
    /// The last sends, as many as a second may hold, ascending.
    private var recent: Ring<Duration>

    /// How long a place is taken after its send was certainly counted.
    static let hold = RateLimit.window + RateLimit.drift

    init(_ limit: RateLimit) {
        capacity = limit.capacity
        transit = limit.transit
        perSecond = limit.perSecond
        counted = Ring(filler: .zero, capacity: capacity)
        fresh = Ring(filler: Fresh(sent: .zero, isAnswered: false))
        recent = Ring(filler: .zero, capacity: limit.perSecond + 1)
    }

    /// How many places are taken.
    var used: Int { counted.count &+ fresh.count &+ overdue }

    /// How many of the sends have not been answered.
    var unanswered: Int {
        var count = overdue
        for index in 0..<fresh.count where !fresh[index].isAnswered { count += 1 }
        return count
    }

    /// The time has come to be `now`.
    mutating func advanced(to now: Duration) {
        while fresh.count > 0, fresh[0].sent + transit <= now {
            let send = fresh.removeFirst()
            firstFresh &+= 1
            if send.isAnswered { count(at: send.sent + transit) } else { overdue &+= 1 }
        }
        while counted.count > 0, counted[0] + SendHistory.hold <= now { counted.removeFirst() }
    }

    /// A call is let go, at the time last advanced to.
    ///
    /// - Returns: Its number, from 1.
    mutating func sent(at now: Duration) -> UInt64 {
        fresh.append(Fresh(sent: now, isAnswered: false))
        noteRecent(now)
        return firstFresh &+ UInt64(fresh.count) &- 1
    }

    /// A call's answer has come, at the time last advanced to. To be told once of each.
    mutating func answered(_ number: UInt64, at now: Duration) {
        if number >= firstFresh {
            fresh[Int(number &- firstFresh)].isAnswered = true
        } else {
            overdue &-= 1
            count(at: now)
        }
    }

    private mutating func count(at moment: Duration) {
        // More than there are places can only be taken over from before a restart. The oldest may go: as long as the others are there, all is full.
        if counted.count >= capacity { counted.removeFirst() }
        counted.append(moment)
    }

    private mutating func noteRecent(_ moment: Duration) {
        if recent.count >= perSecond { recent.removeFirst() }
        recent.append(moment)
    }

    /// Sends of an earlier life of the process: certainly counted at `moment`, which is not before those told of earlier.
    mutating func inherited(_ number: Int, countedAt moment: Duration) {
        for _ in 0..<min(number, capacity) { count(at: moment) }
    }

    /// Sends that an earlier life of the process may have made at the very last.
    mutating func inheritedUnknown(_ number: Int, at now: Duration) {
        inherited(number, countedAt: now + transit)
        for _ in 0..<min(number, perSecond) { noteRecent(now) }
    }

    /// The earliest moment, not before `now`, at which the next send has a place; where that hangs on an answer, the earliest it could be.
    func nextPlace(at now: Duration) -> Duration { used < capacity ? now : place(0, at: now) }

    /// When the `index`-th of all places will be free at the earliest.
    private func place(_ index: Int, at now: Duration) -> Duration {
        if index < counted.count { return counted[index] + SendHistory.hold }
        if index < counted.count + overdue { return now + SendHistory.hold }
        return fresh[min(index - counted.count - overdue, fresh.count - 1)].sent + transit + SendHistory.hold
    }

    /// The earliest moment, not before `now`, at which no second would hold more than `bound` sends.
    func nextInSecond(at now: Duration, bound: Int) -> Duration {
        recent.count < bound ? now : max(now, recent[recent.count - bound] + .seconds(1))
    }

    /// When the send that `ahead` others precede could be made at the earliest, if the first is not made before `start`.
    ///
    /// It is exact while all answers come within ``transit``.
    func turn(behind ahead: Int, notBefore start: Duration, at now: Duration) -> Duration {
        let free = capacity - used
        var turn = start
        // A place that is taken again on the way is a whole window later, and what is added to it, each time.
        for windows in 0...ahead / capacity {
            let later = (SendHistory.hold + transit) * windows
            var position = ahead - windows * capacity
            var seconds = Duration.zero
            // The send `perSecond` places before this one is a second earlier at least, and so on back to those made already.
            while true {
                if position >= free, position - free < used {
                    turn = max(turn, place(position - free, at: now) + later + seconds)
                }
                guard position >= perSecond else { break }
                position -= perSecond
                seconds += .seconds(1)
            }
            turn = max(turn, start + later + seconds)
            let back = perSecond - position
            if back <= recent.count { turn = max(turn, recent[recent.count - back] + .seconds(1) + later + seconds) }
        }
        return turn
    }

    /// The sends in groups whose moments lie within `grain`, each at the moment of its last, ascending; and how many are not answered.
    func summary(grain: Duration) -> (counted: [(moment: Duration, count: Int)], unanswered: Int) {
        var groups: [(moment: Duration, count: Int)] = []
        var start = Duration.zero
        func add(_ moment: Duration) {
            if groups.isEmpty || moment - start > grain {
                groups.append((moment, 0))
                start = moment
            }
            groups[groups.count - 1].moment = moment
            groups[groups.count - 1].count += 1
        }
        for index in 0..<counted.count { add(counted[index]) }
        var unanswered = overdue
        for index in 0..<fresh.count {
            if fresh[index].isAnswered { add(fresh[index].sent + transit) } else { unanswered += 1 }
        }
        return (groups, unanswered)
    }
}
