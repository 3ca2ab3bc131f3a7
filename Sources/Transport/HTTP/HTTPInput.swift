import Base

/// Bytes that have arrived and are not yet decoded. Every byte is looked at once in the search for line ends, however it arrives.
struct HTTPInput: Sendable {
    /// What `takeLine` found.
    enum Line {
        /// A line at this range, its CR LF not counted.
        case complete(Range<Int>)
        /// No line end yet, and room for one within the maximum.
        case incomplete
        /// The line is longer than the maximum.
        case tooLong
        /// The line ends with a line feed alone.
        case bareLineFeed
    }

    /// An empty buffer keeps at most this many bytes of room, so that idle connections stay small.
    private static let idleCapacity = 4 << 10

    private(set) var bytes: [UInt8] = []
    /// The first byte that has not been taken.
    private(set) var position = 0
    private var searched = 0

    var available: Int { bytes.count - position }

    mutating func append(_ piece: some Collection<UInt8>) { bytes.append(contentsOf: piece) }

    /// The usual case: a whole message in one piece, which is then not copied.
    mutating func append(_ piece: [UInt8]) { if bytes.isEmpty { bytes = piece } else { bytes.append(contentsOf: piece) } }

    /// Forgets what has been taken. Ranges handed out before mean nothing afterwards.
    mutating func compact() {
        guard position > 0 else { return }
        if position == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= HTTPInput.idleCapacity)
        } else {
            bytes.removeSubrange(..<position)
        }
        searched = max(0, searched - position)
        position = 0
    }

    /// Takes the next line when it is there and not longer than `maximum`. Which case it is does not depend on how the bytes arrived.
    mutating func takeLine(maximum: Int) -> Line {
        let bound = min(bytes.count, position + maximum + 2)
        let index = ByteScan.first(0x0A, in: bytes.span, from: min(bound, max(searched, position)), to: bound)
        if index == bound {
            searched = index
            return bound == position + maximum + 2 ? .tooLong : .incomplete
        }
        guard index > position, bytes[index - 1] == 0x0D else { return .bareLineFeed }
        let line = position..<(index - 1)
        position = index + 1
        return .complete(line)
    }

    /// Takes up to `maximum` bytes and adds them to `target`; returns how many.
    mutating func take(upTo maximum: Int, into target: inout [UInt8]) -> Int {
        let count = min(maximum, available)
        if count == 0 { return 0 }
        target.append(contentsOf: bytes[position..<position + count])
        position += count
        return count
    }
}
