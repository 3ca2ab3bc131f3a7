import Base
import SandboxKit
import Storage

/// Does what time does to one tenant's things, whichever part's, in the order of their moments, each as of its own moment: a clock that leaps over a day
/// leaves the same things as one that walked through it.
struct Due {
    let records: Records
    let settings: SandboxSettings
    let random: any RandomSource

    /// Whether anything has come due by `now`.
    func isAnything(by now: Timestamp) throws -> Bool { try next().map { $0.moment <= now } ?? false }

    /// Does everything whose moment has come by `now`.
    func run(until now: Timestamp) throws {
        while let next = try next(), next.moment <= now { try next.part.runNextDue(records, settings, random) }
    }

    /// When the next thing comes due, callbacks aside.
    func moment() throws -> Timestamp? { try next()?.moment }

    private func next() throws -> (moment: Timestamp, part: SandboxPart)? {
        var earliest: (moment: Timestamp, part: SandboxPart)?
        for part in SandboxParts.all {
            guard let moment = try part.nextDue(records) else { continue }
            if earliest.map({ moment < $0.moment }) ?? true { earliest = (moment, part) }
        }
        return earliest
    }
}
