import Base
import TestSupport
import Testing

@testable import Sentbe

@Suite("Sentbe: exact decimals")
struct ExactDecimalTests {
    @Test("What is one number is equal however it is written, and its digits stay")
    func equality() {
        for group in [
            ["1000000.0", "1000000", "01000000.000", "1e6", "1.0E+6", "10000000e-1"], ["0", "-0", "0.00", "0e9"], ["-0.5", "-5e-1"],
        ] {
            for text in group {
                #expect(ExactDecimal(text) == ExactDecimal(group[0]))
                #expect(ExactDecimal(text)?.hashValue == ExactDecimal(group[0])?.hashValue)
                #expect(ExactDecimal(text)?.text == text)
            }
        }
        #expect(ExactDecimal("0.1") != ExactDecimal("0.10000000000000001"))
        #expect(ExactDecimal(-7).text == "-7")
        #expect(ExactDecimal("12.00")?.integer == 12)
        #expect(ExactDecimal("12.5")?.integer == nil)
        #expect(ExactDecimal("99999999999999999999")?.integer == nil)
        #expect(ExactDecimal(.min) == ExactDecimal("-9223372036854775808"))
    }

    @Test(
        "What is no decimal number is refused",
        arguments: ["", "-", ".", "1.", ".5", "1,000", "+1", "0x1", "1e", "1e99", "1e1.5", "NaN", " 1", "１"])
    func refused(_ text: String) { #expect(ExactDecimal(text) == nil) }

    @Test("The order is the one of Python's decimals")
    func order() throws {
        let random = SeededRandom(seed: 3)
        var lines: [String] = []
        var expected: [String] = []
        for _ in 0..<400 {
            let (left, right) = (text(random), text(random))
            lines.append("\(left) \(right)")
            let (one, other) = (try #require(ExactDecimal(left)), try #require(ExactDecimal(right)))
            expected.append(one < other ? "<" : one == other ? "=" : ">")
        }
        let script = """
            import sys
            from decimal import Decimal
            for line in sys.stdin:
                a, b = (Decimal(x) for x in line.split())
                print("<" if a < b else "=" if a == b else ">")
            """
        #expect(try PythonOracle.lines(script, input: lines) == expected)
    }

    private func text(_ random: SeededRandom) -> String {
        let sign = random.number(below: 3) == 0 ? "-" : ""
        let fraction = random.number(below: 2) == 0 ? "" : "." + String(random.number(below: 30))
        let exponent = random.number(below: 4) == 0 ? "e" + String(Int(random.number(below: 5)) - 2) : ""
        return sign + String(random.number(below: 20)) + fraction + exponent
    }
}
