/// The calls of one lane that wait for their turn, in the order of their arrival.
struct WaitingLane: Sendable {
    struct Waiter: Sendable {
        var number: UInt64
        var deadline: Duration
        /// Whether it has gone away and only its place in the row is left.
        var hasLeft = false
    }

    private var row = Ring(filler: Waiter(number: 0, deadline: .zero))
    /// How many wait.
    private(set) var count = 0

    /// Whether nobody waits.
    var isEmpty: Bool { count == 0 }

    /// Numbers must ascend.
    mutating func arrived(_ number: UInt64, deadline: Duration) {
        row.append(Waiter(number: number, deadline: deadline))
        count += 1
    }

    /// Takes the one that has waited longest.
    mutating func next() -> UInt64? {
        while row.count > 0 {
            let waiter = row.removeFirst()
            if waiter.hasLeft { continue }
            count -= 1
            return waiter.number
        }
        return nil
    }

    /// Takes one out of the row, wherever it stands.
    ///
    /// - Returns: Whether it was there.
    mutating func left(_ number: UInt64) -> Bool {
        var low = 0
        var high = row.count
        while low < high {
            let middle = (low + high) / 2
            if row[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < row.count, row[low].number == number, !row[low].hasLeft else { return false }
        row[low].hasLeft = true
        count -= 1
        closeRanks()
        return true
    }

    /// Takes everybody whose deadline is not after `moment`, and tells the earliest deadline of the others.
    mutating func expired(by moment: Duration) -> (numbers: [UInt64], earliest: Duration?) {
        var numbers: [UInt64] = []
        var earliest: Duration?
        for index in 0..<row.count where !row[index].hasLeft {
            let waiter = row[index]
            if waiter.deadline <= moment {
                row[index].hasLeft = true
                numbers.append(waiter.number)
            } else {
                earliest = min(earliest ?? waiter.deadline, waiter.deadline)
            }
        }
        count -= numbers.count
        closeRanks()
        return (numbers, earliest)
    }

    /// Forgets the places of those who left as soon as they outnumber the others, so that the row stays as long as what waits in it.
    private mutating func closeRanks() {
        guard row.count > 2 * count + 64 else { return }
        var closed = Ring(filler: Waiter(number: 0, deadline: .zero))
        for index in 0..<row.count where !row[index].hasLeft { closed.append(row[index]) }
        row = closed
    }
}
