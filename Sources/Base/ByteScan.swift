#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Questions that are asked of every byte of a message, answered for many bytes at once.
public enum ByteScan {
    /// Where `byte` first stands between `start` and `end`; `end` when it does not.
    public static func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        guard start < end else { return end }
        return unsafe bytes.withUnsafeBytes { run in
            let part = unsafe UnsafeRawBufferPointer(rebasing: run[start..<end])
            guard let base = part.baseAddress, let found = unsafe memchr(base, Int32(byte), part.count) else { return end }
            return unsafe start + (UnsafeRawPointer(found) - base)
        }
    }

    /// Where a control character (below 0x20), `one` or `other` first stands between `start` and `end`; `end` when none does.
    public static func firstControl(or one: UInt8, or other: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        let raw = unsafe bytes.bytes
        let ones = UInt64(one) &* 0x0101_0101_0101_0101
        let others = UInt64(other) &* 0x0101_0101_0101_0101
        var index = start
        while index < end {
            let limit = min(end, index + 8)
            if limit - index == 8 {
                let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                // Each term sets the high bit of a byte that is looked for, and sometimes that of its upper neighbour: then the bytes are looked at one by one.
                let small = (word &- 0x2020_2020_2020_2020) & ~word
                if (small | zeros(word ^ ones) | zeros(word ^ others)) & 0x8080_8080_8080_8080 == 0 {
                    index = limit
                    continue
                }
            }
            while index < limit {
                let byte = bytes[index]
                if byte < 0x20 || byte == one || byte == other { return index }
                index += 1
            }
        }
        return end
    }

    private static func zeros(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word }
}
