import Base
import Testing

@testable import bujeol

@Suite("What is printed at the start")
struct IntroductionTests {
    private func texts(_ lines: String...) -> [BilingualText] { lines.map { BilingualText(korean: $0, english: $0) } }

    @Test("A provider gets three lines: who the demo caller is, and one thing to try at each half")
    func both() {
        let block = Introduction.Block(
            sandbox: texts("shop 1, key k", "Try this:", "  curl one", "  curl two"),
            gateway: texts("Through the gateway:", "  curl three", "  curl four"))
        #expect(block.lines == texts("shop 1, key k", "  curl one", "  curl three"))
    }

    @Test("A half alone gets two things to try")
    func alone() {
        let lines = texts("shop 1", "  curl one", "  curl two", "  curl three")
        #expect(Introduction.Block(sandbox: lines).lines == texts("shop 1", "  curl one", "  curl two"))
        #expect(Introduction.Block(gateway: lines).lines == texts("shop 1", "  curl one", "  curl two"))
        #expect(Introduction.Block().lines.isEmpty)
    }

    @Test("A line that sets a variable goes with the line that needs it")
    func variables() {
        let block = Introduction.Block(
            sandbox: texts("shop", "  TOKEN=$(curl token)", "  curl -H $TOKEN pay"), gateway: texts("  curl x=$(date)"))
        #expect(block.lines == texts("shop", "  TOKEN=$(curl token); curl -H $TOKEN pay", "  curl x=$(date)"))
    }
}
