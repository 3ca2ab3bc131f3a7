import Base
import Testing

@Suite("Looking at many bytes at once")
struct ByteScanTests {
    @Test("finds what a look at each byte finds, for every value at every place around a word's borders")
    func agrees() {
        for length in 0...20 {
            for place in 0..<length {
                for value in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: 0x61, count: length)
                    bytes[place] = value
                    let expected = bytes.firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C } ?? length
                    #expect(ByteScan.firstControl(or: 0x22, or: 0x5C, in: bytes.span, from: 0, to: length) == expected)
                    #expect(ByteScan.first(value, in: bytes.span, from: 0, to: length) == (value == 0x61 ? 0 : place))
                }
            }
        }
    }

    @Test("agrees with a look at each byte on random runs and ranges")
    func random() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xA0, 0xFF].randomElement(using: &random) ?? UInt8(0)
            }
            let end = Int.random(in: 0...bytes.count, using: &random)
            let start = Int.random(in: 0...end, using: &random)
            let expected = bytes[start..<end].firstIndex { $0 < 0x20 || $0 == 0x7F || $0 == 0x5C } ?? end
            #expect(ByteScan.firstControl(or: 0x7F, or: 0x5C, in: bytes.span, from: start, to: end) == expected, "\(bytes) \(start) \(end)")
            #expect(ByteScan.first(0x80, in: bytes.span, from: start, to: end) == bytes[start..<end].firstIndex(of: 0x80) ?? end)
        }
    }
}
