#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The two questions that are asked of every byte of a head, answered for many bytes at once.
enum ByteScan {
    /// Where the first line feed of `bytes` is between `start` and `end`; `end` when there is none.
    static func firstLineFeed(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        guard start < end else { return end }
        return unsafe bytes.withUnsafeBytes { run in
            let part = unsafe UnsafeRawBufferPointer(rebasing: run[start..<end])
            guard let base = part.baseAddress, let found = unsafe memchr(base, 0x0A, part.count) else { return end }
            return unsafe start + (UnsafeRawPointer(found) - base)
        }
    }

    /// The first byte between `start` and `end` that no field value may hold; `end` when there is none.
    static func firstForbiddenInValue(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        let raw = unsafe bytes.bytes
        var index = start
        while index + 8 <= end {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            // A byte below 0x20 or equal to 0x7F leaves its high bit set in one of the two. A tab, or a neighbour of such a byte, may do so
            // without being forbidden; the loop below decides.
            let small = (word &- 0x2020_2020_2020_2020) & ~word
            let folded = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let deleted = (folded &- 0x0101_0101_0101_0101) & ~folded
            if (small | deleted) & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < end, HTTPSyntax.isFieldValueCharacter(bytes[index]) { index += 1 }
        return index
    }
}
