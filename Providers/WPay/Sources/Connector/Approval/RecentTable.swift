import Base

/// What has been learned lately, by name: forgets the oldest when it is full, and everything after a while.
struct RecentTable<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var number: Int
        var until: Duration
    }

    /// How many values it keeps.
    let capacity: Int
    /// How long it keeps each.
    let lifetime: Duration
    private var entries: [String: Entry] = [:]
    /// Names in the order in which they were kept; one that was kept again, or removed, is skipped by its number.
    private var order: [(name: String, number: Int)] = []
    private var first = 0
    private var number = 0

    init(capacity: Int, lifetime: Duration) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    /// How many values are kept, those whose time is up but that nobody has asked for included.
    var count: Int { entries.count }

    /// The value under `name`, unless its time is up.
    mutating func value(_ name: String, now: Duration) -> Value? {
        forgetOld(now: now)
        return entries[name]?.value
    }

    /// Keeps `value` under `name` from now on, in the place of an earlier one.
    mutating func keep(_ value: Value, as name: String, now: Duration) {
        forgetOld(now: now)
        number += 1
        entries[name] = Entry(value: value, number: number, until: now + lifetime)
        order.append((name, number))
        while entries.count > capacity { dropFirst() }
        compact()
    }

    /// Forgets what is under `name`.
    mutating func remove(_ name: String) { entries[name] = nil }

    private mutating func forgetOld(now: Duration) {
        while first < order.count {
            let (name, number) = order[first]
            if let entry = entries[name], entry.number == number, entry.until > now { return }
            dropFirst()
        }
    }

    private mutating func dropFirst() {
        guard first < order.count else { return }
        let (name, number) = order[first]
        first += 1
        if entries[name]?.number == number { entries[name] = nil }
    }

    private mutating func compact() {
        guard first > 64, first > order.count / 2 else { return }
        order.removeFirst(first)
        first = 0
    }
}
