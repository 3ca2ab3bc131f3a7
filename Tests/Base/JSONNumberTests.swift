import Base
import Testing

@Suite("A number is whole or it is not")
struct JSONNumberTests {
    static let whole: [(String, Int64)] = [
        ("0", 0), ("-0", 0), ("1000", 1000), ("1000.0", 1000), ("1000.00", 1000), ("-7", -7), ("-7.0", -7), ("1.5e1", 15), ("3e3", 3000),
        ("3E+3", 3000), ("3000e-3", 3), ("10e-1", 1), ("0.0", 0), ("0.00e10", 0), ("0e400", 0), ("0e-400", 0), ("0.000e399", 0),
        ("00.0", 0), ("-0.0", 0), ("9223372036854775807", .max), ("9223372036854775807.0", .max), ("-9223372036854775808", .min),
        ("-9223372036854775808.00", .min), ("92233720368547758070e-1", .max), ("0.5e1", 5), ("100000000000000000000e-20", 1),
        ("0.000001e6", 1), ("1e18", 1_000_000_000_000_000_000), ("007", 7),
    ]

    static let notWhole: [String] = [
        "", "-", "+", "+1", "+1.0", ".5", "5.", "1.e5", "-.0", "0.5", "1000.5", "15e-1", "1e-1", "9223372036854775808",
        "-9223372036854775809",
        "1e19", "1e400", "1e401", "1e-401", "1e99999999999999999999", "1e", "1e+", "1e 5", "1e5.0", "e5", "1.2.3", "1,000", " 1", "1 ",
        "0x10", "1_0",
        "NaN", "Infinity", "١", "１", "1é", "--1", "-+1", "- 1", "1e--5", "1.0a", "1\0",
    ]

    @Test("the exact value is read in every way of writing it", arguments: whole)
    func readsWhole(_ text: String, _ value: Int64) {
        #expect(JSON.integer(text) == value)
        #expect(JSON.number(text).integer == value)
    }

    @Test("nothing is rounded, guessed or overflowed", arguments: notWhole)
    func refuses(_ text: String) { #expect(JSON.integer(text) == nil) }

    @Test("an exponent at the edge of what an integer holds is no crash")
    func hostileExponent() {
        #expect(JSON.integer("1e-9223372036854775808") == nil)
        #expect(JSON.integer("1e9223372036854775807") == nil)
        #expect(JSON.integer("0.1e-9223372036854775808") == nil)
    }

    @Test("a hundred thousand digits are judged at once")
    func manyDigits() {
        #expect(JSON.integer(String(repeating: "9", count: 100_000)) == nil)
        #expect(JSON.integer("1." + String(repeating: "0", count: 100_000)) == 1)
        #expect(JSON.integer("0." + String(repeating: "0", count: 100_000) + "1") == nil)
    }

    @Test("a literal whole number is written by its digits")
    func writes() {
        #expect(JSON.number(Int64.min).text == "-9223372036854775808")
        #expect(JSON.number(UInt64.max).text == "18446744073709551615")
        #expect((7 as JSON) == JSON.number("7"))
    }
}
