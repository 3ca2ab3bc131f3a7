import Base
import TestSupport
import Testing

@Suite("Hexadecimal and random bytes")
struct HexadecimalTests {
    @Test("every byte is written in two lower-case digits and read in either case")
    func everyByte() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hexadecimal.encode(bytes)
        #expect(text.hasPrefix("000102030405060708090a0b0c0d0e0f10") && text.hasSuffix("fdfeff") && text.count == 512)
        #expect(Hexadecimal.decode(text) == bytes)
        #expect(Hexadecimal.decode(text.uppercased()) == bytes)
        #expect(Hexadecimal.decode("") == [] && Hexadecimal.encode([]) == "")
    }

    @Test("anything else is refused", arguments: ["0", "000", "0g", "g0", " 00", "00 ", "0x00", "é0", "００", "0\u{301}0", "00\n"])
    func refuses(_ text: String) { #expect(Hexadecimal.decode(text) == nil) }

    @Test("the system gives as many bytes as asked, and not twice the same")
    func systemRandom() {
        for count in [0, 1, 7, 8, 9, 33] { #expect(SystemRandom().bytes(count).count == count) }
        #expect(SystemRandom().bytes(16) != SystemRandom().bytes(16))
        #expect(SystemRandom().hexadecimal(12).count == 24)
    }

    @Test("a bounded number stays below its bound and is evenly spread")
    func bounded() {
        let random = SeededRandom(seed: 9)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7000 { counts[Int(random.number(below: 7))] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
        #expect(random.number(below: 1) == 0)
        for bound: UInt64 in [.max, 1 << 63, 1 << 63 + 1] { #expect(random.number(below: bound) < bound) }
    }
}
