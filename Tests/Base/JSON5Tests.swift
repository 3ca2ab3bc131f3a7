import Base
import Testing

@Suite("The dialect for files that a person writes")
struct JSON5Tests {
    static let readings: [(String, String)] = [
        ("// c\n1", "1"), ("1 // c", "1"), ("/* a\n * b **/ 1", "1"), ("[1, /* two */ 2]", "[1,2]"), ("[1,]", "[1]"),
        ("{a:1,}", #"{"a":1}"#),
        ("{a:1,/*c*/}", #"{"a":1}"#), ("{ $_é9: 'x' }", #"{"$_é9":"x"}"#), ("{'a b': \"c\"}", #"{"a b":"c"}"#),
        ("'it\\'s \"so\"'", #""it's \"so\"""#),
        ("\"it's\"", #""it's""#), ("0xFF", "255"), ("0Xff", "255"), ("-0x10", "-16"), ("+0x10", "16"), ("0x0", "0"),
        ("[0x7FFFFFFFFFFFFFFF]", "[9223372036854775807]"),
        ("[0xFFFFFFFFFFFFFFFF]", "[18446744073709551615]"), ("[0x00000000000000000001]", "[1]"), ("+5", "5"), ("+1.5e3", "1.5e3"),
        ("-5", "-5"), ("0", "0"), ("0.5", "0.5"),
        ("'a\\\nb'", #""ab""#), ("'a\\\r\nb'", #""ab""#), ("'a\\\rb'", #""ab""#), ("\u{FEFF}{a:1}", #"{"a":1}"#),
        ("\u{A0}1\u{0B}\u{0C}", "1"), ("{\u{A0}a:\u{A0}1\u{A0}}", #"{"a":1}"#),
        ("{null: 1, true: 2}", #"{"null":1,"true":2}"#),
    ]

    static let refused: [String] = [
        "", "// c", "/* c", "/*/", "/", "/ 1", "1 /", "[,]", "[1,,]", "{,}", "{a:1,,}", "{1a:1}", "{a b:1}", "{a-b:1}", "{:1}", "{a}",
        "{a:}", "{a:1",
        "'a\"", "'a", "'a\nb'", "010", "-010", "[00]", "0x", "0xG", "-0x", "+-1", "++1", "+", "0x10000000000000000", "0x1FFFFFFFFFFFFFFFFF",
        "0x1.5",
        "'\\x41'", "1 2", "{} {}",
    ]

    @Test("what it allows reads as the strict text it stands for", arguments: readings)
    func reads(_ text: String, _ strict: String) throws {
        let value = try JSON(text, dialect: .json5)
        #expect(value.text == strict)
        #expect(try JSON(strict) == value, "what is written must be strict again")
    }

    @Test("what it does not allow is refused", arguments: refused)
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(text, dialect: .json5) }
    }

    static let faults: [(String, Int, Int)] = [
        ("{\n  a: 1\n  b: 2\n}", 3, 3), ("[1,\r\n 2,\r\n x]", 3, 2), ("{a: }", 1, 5), ("\n\n", 3, 1), ("{ 'a': 'b\n' }", 1, 10),
        ("/* no end", 1, 1),
        ("{a:1} x", 1, 7), ("[1, 2", 1, 6), ("{a: \"no end}", 1, 5), ("[0x10000000000000000]", 1, 2), ("[010]", 1, 2),
    ]

    @Test("a fault is reported by line and column", arguments: faults)
    func places(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON(text, dialect: .json5) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.description == "line \(line), column \(column): \(error?.reason ?? "")")
    }

    @Test(
        "a fault's reason holds nothing of the text",
        arguments: ["canary", "\"canary", "{canary canary}", "{\"canary\" 1}", "[1 canary]", "'\\canary'"])
    func reasonIsSilent(_ text: String) {
        let error = #expect(throws: JSONError.self) { try JSON(text, dialect: .json5) }
        #expect(error.map { !$0.description.contains("canary") } == true)
    }

    @Test("every value knows the line it begins on, and an unknown path the line of what is around it")
    func positions() throws {
        let text = """
            // heading
            {
              name: "x", other: 2,
              list: [
                1, { inner: {
                  deep: true } },
              ],
              /* between */ twice: 1,
              last:
                [],
              twice: 2,
            }
            """
        let (value, positions) = try JSON.withPositions(Array(text.utf8))
        #expect(value["twice"] == 2)
        #expect(positions.line([]) == 2)
        #expect(positions.line([.member("name")]) == 3)
        #expect(positions.line([.member("other")]) == 3)
        #expect(positions.line([.member("list")]) == 4)
        #expect(positions.line([.member("list"), .element(0)]) == 5)
        #expect(positions.line([.member("list"), .element(1), .member("inner")]) == 5)
        #expect(positions.line([.member("list"), .element(1), .member("inner"), .member("deep")]) == 6)
        #expect(positions.line([.member("last")]) == 10)
        #expect(positions.line([.member("twice")]) == 11)
        #expect(positions.line([.member("list"), .element(7)]) == 4)
        #expect(positions.line([.member("none"), .member("none")]) == 2)
    }

    @Test("strict texts have no positions to lose: both readers agree on a strict text")
    func strictWithPositions() throws {
        let bytes = Array(#"{"a":[1,{"b":null}]}"#.utf8)
        #expect(try JSON.withPositions(bytes, dialect: .strict).value == JSON(bytes))
        #expect(throws: JSONError.self) { try JSON.withPositions(Array("{a:1}".utf8), dialect: .strict) }
    }
}
