import Base
import TestSupport
import Testing

/// Bounds that a reader with quadratic work misses by minutes, on the time for which the thread had a processor: how busy the machine is does not count.
@Suite("Reading takes time in proportion to the text", .serialized)
struct JSONSpeedTests {
    #if DEBUG
        static let bound = 8.0
    #else
        static let bound = 1.0
    #endif

    @Test("an object of 100,000 members is read and written at once")
    func manyMembers() throws {
        let text = Array(("{" + (0..<100_000).map { "\"member\($0)\":\($0)" }.joined(separator: ",") + "}").utf8)
        var count = 0
        let taken = try processorTime {
            let value = try JSON(text)
            count = value.members?.count ?? 0
            #expect(value.bytes == text)
        }
        #expect(count == 100_000)
        #expect(taken < Self.bound)
    }

    @Test("so are 100,000 lines whose places are remembered")
    func manyPositions() throws {
        let text = Array(("[\n" + (0..<100_000).map { "\($0)" }.joined(separator: ",\n") + "]").utf8)
        var line = 0
        let taken = try processorTime { line = try JSON.withPositions(text).positions.line([.element(99_999)]) }
        #expect(line == 100_001)
        #expect(taken < Self.bound)
    }

    @Test("so are 16,384 names that Unicode takes for one another")
    func namesThatHashAlike() throws {
        let names = (0..<16_384).map { number in
            (0..<14).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined()
        }
        let text = Array(("{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}").utf8)
        var count = 0
        let taken = try processorTime { count = try JSON(text).members?.count ?? 0 }
        #expect(count == 16_384)
        #expect(taken < Self.bound)
    }
}
