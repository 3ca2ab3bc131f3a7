/// Which sends are covered by what is written on the disk.
///
/// Writing each send down before it is made would cost a disk's answer per call. Instead a block of sends is written down as made, and then made. The next block
/// is asked for while half of the last is left, so that nobody waits for the disk. After a kill -9, what was written down and is not known to have been
/// made counts as made at the last moment.
struct LeaseBook: Sendable {
    private let isKept: Bool
    /// How many sends a block covers at least.
    private let block: Int
    private let largest: Int
    /// How many sends are still covered.
    private(set) var left = 0
    private var isBeingWritten = false
    /// Whether what an earlier life of the process left has been taken over.
    var isOpen: Bool
    /// Whether the last attempt to write failed.
    private(set) var hasFailed = false
    /// Whether something besides the sends is to be written down.
    var hasNews = false

    init(_ limit: RateLimit, isKept: Bool) {
        self.isKept = isKept
        isOpen = !isKept
        block = max(1, min(limit.perSecond, limit.capacity / 20))
        largest = max(block, limit.perSecond)
    }

    /// Whether one more send may be made.
    @inline(__always) var isCovered: Bool { !isKept || left > 0 }

    /// Whether nothing can be sent because nothing can be written down.
    var isBroken: Bool { isKept && left == 0 && hasFailed }

    /// A send was made.
    @inline(__always)
    mutating func used() { if isKept { left &-= 1 } }

    /// Whether something is to be written down now.
    @inline(__always)
    var isDue: Bool { isKept && isOpen && !isBeingWritten && (hasNews || left <= max(1, block / 2)) }

    /// How many sends the next block is to cover, with so many waiting.
    ///
    /// - Parameter waiting: How many calls wait.
    mutating func asked(waiting: Int) -> Int {
        isBeingWritten = true
        hasNews = false
        return left > max(1, block / 2) ? 0 : max(block, min(waiting, largest))
    }

    /// A block is on the disk.
    mutating func written(_ count: Int) {
        isBeingWritten = false
        hasFailed = false
        left += count
    }

    /// A block is not on the disk, or may be. Nothing is due before ``rested()``.
    mutating func failed() { hasFailed = true }

    /// The next attempt may be made.
    mutating func rested() {
        isBeingWritten = false
        hasNews = true
    }
}
