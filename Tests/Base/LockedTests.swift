import Base
import Testing

@Suite("A locked value")
struct LockedTests {
    @Test("loses no change under many tasks")
    func counting() async {
        let total = Locked(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<32 {
                group.addTask { for _ in 0..<2000 { total.withLock { $0 += 1 } } }
            }
        }
        #expect(total.withLock { $0 } == 64_000)
    }

    @Test("is released when the body throws")
    func throwing() {
        struct Refusal: Error {}
        let value = Locked([1])
        #expect(throws: Refusal.self) {
            try value.withLock { list in
                list.append(2)
                throw Refusal()
            }
        }
        #expect(value.withLock { $0 } == [1, 2])
    }
}
