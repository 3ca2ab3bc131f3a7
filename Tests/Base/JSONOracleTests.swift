import Base
import TestSupport
import Testing

@Suite("Python's reader agrees with ours")
struct JSONOracleTests {
    @Test("500 generated documents survive being read and rewritten by Python, compact and over several lines")
    func roundTrip() throws {
        var documents = DocumentSource(seed: 7)
        let values = (0..<500).map { _ in documents.value(depth: 4) }
        let script = """
            import json, random, sys
            class Digits(str): pass
            class Members(list): pass
            random.seed(5)
            def space(): return random.choice(["", "", " ", "\\t", "\\r\\n ", "\\n"])
            def write(v):
                if isinstance(v, Digits): text = str(v)
                elif isinstance(v, str): text = json.dumps(v, ensure_ascii=random.random() < 0.5)
                elif isinstance(v, Members): text = "{" + ",".join(space() + write(n) + ":" + write(m) for n, m in v) + space() + "}"
                elif isinstance(v, list): text = "[" + ",".join(map(write, v)) + space() + "]"
                else: text = {True: "true", False: "false", None: "null"}[v]
                return space() + text + space()
            for line in sys.stdin.buffer:
                v = json.loads(bytes.fromhex(line.decode()), parse_float=Digits, parse_int=Digits, object_pairs_hook=Members)
                print(write(v).encode().hex())
            """
        for writing in [\JSON.text, \JSON.prettyText] {
            let answers = try PythonOracle.lines(script, input: values.map { Hexadecimal.encode($0[keyPath: writing].utf8) })
            try #require(answers.count == values.count)
            for (value, answer) in zip(values, answers) {
                let bytes = try #require(Hexadecimal.decode(answer))
                #expect(try JSON(bytes) == value)
            }
        }
    }

    @Test("4,000 damaged documents are refused by both or read by both")
    func damage() throws {
        var documents = DocumentSource(seed: 11)
        let spices = Array("{}[]\",:\\ue0-+.1 tfn/'\n\t\u{0}\u{1F}\u{7F}".utf8) + [0x80, 0xC3, 0xED, 0xFF]
        let texts = (0..<4000).map { _ -> [UInt8] in
            var bytes = documents.value(depth: 3).bytes
            for _ in 0...documents.below(2) {
                let place = documents.below(bytes.count)
                switch documents.below(4) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(spices[documents.below(spices.count)], at: place)
                case 2: bytes[place] = spices[documents.below(spices.count)]
                default: bytes.swapAt(place, documents.below(bytes.count))
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            return bytes
        }
        let script = """
            import json, sys
            def constant(word): raise ValueError(word)
            for line in sys.stdin.buffer:
                try:
                    text = bytes.fromhex(line.decode()).decode("utf-8")
                    v = json.loads(text, parse_constant=constant, parse_int=str, parse_float=str, object_pairs_hook=list)
                    json.dumps(v, ensure_ascii=False).encode("utf-8")
                    print("read")
                except ValueError: print("refused")
            """
        let answers = try PythonOracle.lines(script, input: texts.map { Hexadecimal.encode($0) })
        try #require(answers.count == texts.count)
        var read = 0
        for (text, answer) in zip(texts, answers) {
            let ours = (try? JSON(text)) == nil ? "refused" : "read"
            #expect(ours == answer, "\(Hexadecimal.encode(text))")
            if ours == "read" { read += 1 }
        }
        #expect(read > 400 && read < 3600, "both kinds must occur, or nothing was compared")
    }
}

/// Makes JSON values that reach into the corners: odd names, all planes of Unicode, numbers in every way of writing.
struct DocumentSource {
    private let random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }

    mutating func value(depth: Int) -> JSON {
        switch below(depth > 0 ? 9 : 6) {
        case 0: return .null
        case 1: return .boolean(below(2) == 0)
        case 2, 3: return .number(number())
        case 4, 5: return .string(text())
        case 6: return .array((0..<below(5)).map { _ in value(depth: depth - 1) })
        default:
            var members = JSON.Members()
            for _ in 0..<below(6) { members[text()] = value(depth: depth - 1) }
            return .object(members)
        }
    }

    private mutating func number() -> String {
        var digits = below(3) == 0 ? "-" : ""
        digits += below(4) == 0 ? "0" : "\(1 + below(9))" + String("\(random.number(below: .max))".prefix(below(19)))
        if below(3) == 0 { digits += "." + String("\(random.number(below: .max))".prefix(1 + below(18))) }
        if below(4) == 0 { digits += ["e", "E", "e+", "e-"][below(4)] + "\(below(400))" }
        return digits
    }

    private mutating func text() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<below(8) {
            let bound = [0x20, 0x80, 0x80, 0x80, 0x800, 0xD800, 0x10FFFF][below(7)]
            if let scalar = Unicode.Scalar(UInt32(below(bound))) { text.append(scalar) }
        }
        return String(text)
    }
}
