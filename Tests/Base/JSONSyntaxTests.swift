import Base
import Testing

@Suite("Strict JSON is RFC 8259 and nothing else")
struct JSONSyntaxTests {
    static let accepted: [String] = [
        "null", "true", "false", " true ", "[]", "{}", "[ ]", "{ }", "0", "-0", "1", "-1", "10", "1e5", "1E+2", "1e-2", "0e0", "0.0",
        "-0.1e10",
        "1.5", "123456789012345678901234567890", "0.00000000000000000000000001", "1e400", "\"\"", "\"a\"", #""\u0000""#, #""\uD834\uDD1E""#,
        #""\ud834\udd1e""#, #""\u00e9""#, #""\/\\\"\b\f\n\r\t""#, "\"\u{7F}\"", "\"\u{2028}\u{2029}\"", "\"€𝄞한글\"", "\"'\"", "\"//\"",
        "\"/* */\"",
        "[1,2,3]", "[1 , 2]", "[[[]]]", "[{}]", "{\"a\":1}", "{\"\":0}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":[null,true]}}",
        "\t\r\n [ \t\r\n] \r\n",
        "{\"a\" : 1 , \"b\" : 2}", #"{"\u0061":1}"#, "[\"\\u0022\"]", "[-0.0]", "{\"한\":\"글\"}",
    ]

    static let refused: [String] = [
        "", " ", "\n", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{a:1}", "{'a':1}", "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\"}", "{\"a\":1 \"b\":2}", "{1:1}", "{null:1}", "{\"a\"::1}", "{\"a\":1,,\"b\":2}", "[", "{", "]", "}", "[1", "[1,", "{\"a\"",
        "{\"a\":",
        "{\"a\":1", "{\"a\":1,", "[1}", "{\"a\":1]", "01", "-01", "00", "+1", ".5", "-.5", "5.", "1.e3", "1e", "1e+", "1E-", "1eE2",
        "1e1.5", "0x1",
        "0b1", "1_000", "NaN", "nan", "Infinity", "-Infinity", "-", "--1", "1-", "1+1", "- 1", "-a", "TRUE", "True", "nul", "nulll", "tru",
        "t", "n",
        "truefalse", "\"", "\"a", "\"a\n", #""\x41""#, #""\'""#, #""\a""#, #""\0""#, #""\u12""#, #""\u12G4""#, #""\u""#, #""\U0041""#,
        #""\uD800""#,
        #""\uDC00""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uD800\n""#, #""\uD800\u0041""#, #""\uDC00\uD800""#, #""\uD800\"#,
        #""\uD800\u"#,
        "\"\t\"", "\"\n\"", "\"\r\"", "\"\0\"", "\"\u{1F}\"", #""\"#, #""\""#, "\"\\\n\"", "[1] 2", "{} []", "1 2", "1,", "null,", "[1]x",
        "{\"a\":1}#",
        "\"a\"\"b\"", "[\"a\":1]", "*", "//c\n1", "1//c", "/**/1", "1/**/", "#c\n1", "\u{FEFF}1", "\u{A0}1", "\u{0B}1", "\u{0C}1", "1\0",
        "\0",
        "'a'", "１", "[1\u{A0}]", "“a”", "[a]", "undefined", "<a>", "[\"a\", \n4\n,1,",
    ]

    @Test("every text of the standard is read, and read again after writing, compact and over several lines", arguments: accepted)
    func accepts(_ text: String) throws {
        let value = try JSON(text)
        #expect(try JSON(value.text) == value)
        #expect(try JSON(value.prettyText) == value)
        #expect(try JSON(text, dialect: .json5) == value)
    }

    @Test("a text outside the standard is refused", arguments: refused)
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(text) }
    }

    @Test(
        "bytes that are not UTF-8 are refused, in strings, in names and outside them, in either dialect",
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xC1, 0x81], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xE3, 0x81], [0x80], [0xEA, 0xB0], [0xF0, 0x9D, 0x84],
        ] as [[UInt8]])
    func invalidEncoding(_ bytes: [UInt8]) {
        let quote: [UInt8] = [0x22]
        let texts: [[UInt8]] = [
            quote + bytes + quote, Array("[\"a".utf8) + bytes + Array("b\"]".utf8), Array("{\"".utf8) + bytes + Array("\":1}".utf8),
            Array("{a".utf8) + bytes + Array(":1}".utf8), bytes, Array("[1".utf8) + bytes + Array("]".utf8),
        ]
        for text in texts {
            #expect(throws: JSONError.self) { try JSON(text) }
            #expect(throws: JSONError.self) { try JSON(text, dialect: .json5) }
        }
    }

    @Test("an array or object may nest as deep as the bound says and not one level deeper")
    func depth() throws {
        for depth in [1, 2, 5, 64] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                func nested(_ levels: Int, _ core: String) -> String {
                    String(repeating: open, count: levels) + core + String(repeating: close, count: levels)
                }
                #expect(throws: Never.self) { try JSON(nested(depth, "1"), depth: depth) }
                #expect(throws: Never.self) { try JSON(nested(depth - 1, "[]"), depth: depth) }
                #expect(throws: JSONError.self) { try JSON(nested(depth + 1, "1"), depth: depth) }
                #expect(throws: JSONError.self) { try JSON(nested(depth, "[]"), depth: depth) }
            }
        }
        #expect(throws: Never.self) { try JSON("1", depth: 0) }
        #expect(throws: JSONError.self) { try JSON("[]", depth: 0) }
    }

    @Test("half a million opening brackets are refused without exhausting the stack")
    func hostileDepth() {
        #expect(throws: JSONError.self) { try JSON([UInt8](repeating: 0x5B, count: 500_000)) }
        #expect(throws: JSONError.self) { try JSON(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test("members keep their order and numbers their digits")
    func losesNothing() throws {
        let text = #"{"z":1.50,"a":3000.0,"m":[1e3,1E+2,-0,12345678901234567890.0123456789],"b":"\u0001","0":null}"#
        #expect(try JSON(text).text == text)
        #expect(try JSON(text).members?.names == ["z", "a", "m", "b", "0"])
    }

    @Test("a name written twice keeps its first place and its last value")
    func duplicateNames() throws {
        #expect(try read(#"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
        let many = "{" + (0..<50).map { "\"m\($0 % 25)\":\($0)" }.joined(separator: ",") + "}"
        let members = try #require(try JSON(many).members)
        #expect(members.names == (0..<25).map { "m\($0)" })
        #expect(members["m3"] == 28)
    }

    @Test("names and texts that only look alike are different: composed and decomposed Hangul are both kept")
    func canonicallyEquivalentNames() throws {
        let composed = "\u{AC00}"
        let decomposed = "\u{1100}\u{1161}"
        #expect(composed == decomposed, "Swift itself takes the two for equal, which is why this test exists")
        let text = "{\"\(composed)\":1,\"\(decomposed)\":2}"
        let value = try JSON(text)
        #expect(Array(value.text.utf8) == Array(text.utf8))
        #expect(value[composed] == 1)
        #expect(value[decomposed] == 2)
        #expect(JSON.string(composed) != JSON.string(decomposed))
        #expect(JSON.object([composed: 1] as JSON.Members) != JSON.object([decomposed: 1] as JSON.Members))
        var members: JSON.Members = [composed: 1]
        members[decomposed] = 2
        #expect(members.count == 2)
        #expect(JSON.string("a").hashValue == JSON.string("a").hashValue)
    }

    @Test("the writer escapes what must be escaped and nothing else")
    func writer() {
        let text = String(String.UnicodeScalarView((0..<0x20).compactMap(Unicode.Scalar.init)))
        #expect(
            JSON.string(text + "\"\\/\u{7F}가𝄞").text
                == #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017"#
                + #"\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\/"# + "\u{7F}가𝄞\"")
        let value: JSON = ["a": [1, true, nil], "b": [:], "c": []]
        #expect(value.text == #"{"a":[1,true,null],"b":{},"c":[]}"#)
        #expect(value.prettyText == "{\n  \"a\": [\n    1,\n    true,\n    null\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }

    @Test("members are set in place, appended and removed")
    func memberEditing() {
        var members: JSON.Members = ["a": 1, "b": 2]
        members["a"] = 3
        members["c"] = "x"
        members["b"] = nil as JSON?
        members["nobody"] = nil as JSON?
        #expect(JSON.object(members).text == #"{"a":3,"c":"x"}"#)
        #expect(members.count == 2)
    }

    @Test("a value answers only for its own kind")
    func accessors() throws {
        let value = try read(#"{"s":"x","n":2.0,"b":false,"a":[1],"o":{"k":null}}"#)
        #expect(value["s"]?.string == "x" && value["s"]?.integer == nil && value["s"]?.boolean == nil)
        #expect(value["n"]?.integer == 2 && value["n"]?.string == nil)
        #expect(value["b"]?.boolean == false && value["b"]?.isNull == false)
        #expect(value["a"]?[0] == 1 && value["a"]?[1] == nil && value["a"]?[-1] == nil && value["a"]?["0"] == nil)
        #expect(value["o"]?["k"]?.isNull == true && value["o"]?["none"] == nil && value["o"]?[0] == nil)
        #expect(
            value["a"]?.elements?.count == 1 && value["o"]?.members?.count == 1 && value["s"]?.elements == nil && value["a"]?.members == nil
        )
    }

    /// `JSON("…")` with a literal would be that string as a value, not the text read.
    private func read(_ text: String) throws -> JSON { try JSON(text) }
}
