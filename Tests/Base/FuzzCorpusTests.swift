import Base
import TestSupport
import Testing

@Suite("The fuzzer's inputs, replayed")
struct FuzzCorpusTests {
    @Test("every saved input is refused, or read and written without loss")
    func json() throws {
        let inputs = try FuzzCorpus.inputs("json")
        #expect(inputs.count >= 20)
        var accepted = 0
        for input in inputs {
            _ = JSON.integer(String(decoding: input.bytes, as: UTF8.self))
            for dialect in [JSON.Dialect.strict, .json5] {
                guard let value = try? JSON(input.bytes, dialect: dialect) else { continue }
                accepted += 1
                #expect(try JSON(value.bytes) == value, "\(input)")
                #expect(try JSON(value.prettyText) == value, "\(input)")
                #expect(try JSON.withPositions(input.bytes, dialect: dialect).value == value, "\(input)")
            }
        }
        #expect(accepted > 10)
    }
}
