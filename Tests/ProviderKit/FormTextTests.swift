import Base
import ProviderKit
import TestSupport
import Testing

@Suite("Form texts")
struct FormTextTests {
    private static func written(_ pairs: [(name: String, value: String)]?) -> String {
        guard let pairs else { return "refused" }
        return pairs.map { Hexadecimal.encode($0.name.utf8) + "=" + Hexadecimal.encode($0.value.utf8) }.joined(separator: "&")
    }

    @Test("Python reads what we write: 500 generated lists of pairs")
    func writing() throws {
        let random = SeededRandom(seed: 21)
        func below(_ bound: UInt64) -> UInt64 { random.number(below: bound) }
        func text() -> String {
            String(
                String.UnicodeScalarView(
                    (0..<below(8)).compactMap { _ in Unicode.Scalar(UInt32(below([0x80, 0x80, 0xD800, 0x10FFFF][Int(below(4))]))) }))
        }
        let lists = (0..<500).map { _ in (0..<1 + below(5)).map { _ in (name: text(), value: text()) } }
        let script = """
            import sys
            from urllib.parse import parse_qsl
            for line in sys.stdin:
                pairs = parse_qsl(line.rstrip("\\n"), keep_blank_values=True, strict_parsing=True, errors="strict")
                print("&".join(n.encode().hex() + "=" + v.encode().hex() for n, v in pairs))
            """
        let answers = try PythonOracle.lines(script, input: lists.map { FormText.encode($0) })
        try #require(answers.count == lists.count)
        for (list, answer) in zip(lists, answers) {
            #expect(Self.written(list) == answer)
            #expect(Self.written(FormText.decode(Array(FormText.encode(list).utf8))) == answer)
        }
    }

    @Test("we read what Python reads: 2,000 generated texts, good and bad")
    func reading() throws {
        let random = SeededRandom(seed: 22)
        let pieces = [
            "a", "b=c", "=", "&", "+", "%", "%2", "%41", "%e", "%EA%B0%80", "%ff", "%zz", "%+1", "%00", "?", ";", "/", "가", " ", "%26",
            "%3D", "==",
        ]
        let texts = (0..<2000).map { _ in
            (0..<1 + random.number(below: 6)).map { _ in pieces[Int(random.number(below: UInt64(pieces.count)))] }.joined()
        }
        let script = """
            import re, sys
            from urllib.parse import parse_qsl
            for line in sys.stdin.buffer:
                text = line.decode().rstrip("\\n")
                try:
                    if re.search("%(?![0-9A-Fa-f]{2})", text): raise ValueError(text)
                    pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
                    print("&".join(n.encode().hex() + "=" + v.encode().hex() for n, v in pairs))
                except ValueError: print("refused")
            """
        let answers = try PythonOracle.lines(script, input: texts)
        try #require(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) { #expect(Self.written(FormText.decode(Array(text.utf8))) == answer, "\(text)") }
        #expect(answers.contains("refused") && answers.count { $0 != "refused" } > 500)
    }

    @Test(
        "a percent sign without two digits and bytes that are not UTF-8 are refused",
        arguments: ["%", "a=%4", "a=%G1", "%1", "a=%C0%AF", "%ED%A0%80=1", "a=%FF"])
    func refuses(_ text: String) { #expect(FormText.decode(Array(text.utf8)) == nil) }

    @Test("raw bytes that are not UTF-8 are refused")
    func rawBytes() { #expect(FormText.decode([0x61, 0x3D, 0xFF]) == nil) }

    @Test("a plus is a space in a form and a plus in a path")
    func plus() {
        #expect(FormText.decodePart("a+b%20c".utf8, plusIsSpace: true) == "a b c")
        #expect(FormText.decodePart("a+b%2Bc".utf8, plusIsSpace: false) == "a+b+c")
        #expect(FormText.encode([(name: "a b", value: "*-._~/가")]) == "a+b=*-._%7E%2F%EA%B0%80")
        #expect(FormText.encode([]) == "")
    }
}
