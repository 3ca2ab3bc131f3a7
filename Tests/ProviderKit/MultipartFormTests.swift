import Base
import ProviderKit
import TestSupport
import Testing

@Suite("Forms with files")
struct MultipartFormTests {
    /// A saved input: a content type, a line feed, a form. Its name says what comes of it.
    struct Saved: Sendable, CustomTestStringConvertible {
        var name: String
        var contentType: String
        var body: [UInt8]

        init(_ input: FuzzCorpus.Input) {
            name = input.name
            contentType = String(decoding: input.bytes.prefix { $0 != 0x0A }, as: UTF8.self)
            body = Array(input.bytes.drop { $0 != 0x0A }.dropFirst())
        }

        var testDescription: String { name }

        func read() throws(MultipartForm.Failure) -> [MultipartForm.Part] { try MultipartForm.read(body, contentType: contentType) }
    }

    static let saved: [Saved] = ((try? FuzzCorpus.inputs("multipart")) ?? []).map(Saved.init)

    @Test("Every saved form is read, or refused for the reason that its name says")
    func corpus() throws {
        let saved = MultipartFormTests.saved
        #expect(saved.count >= 45)
        for input in saved {
            do throws(MultipartForm.Failure) {
                _ = try input.read()
                #expect(input.name.hasPrefix("accepted-"), "\(input.name) was read")
            } catch {
                #expect(input.name.hasPrefix("refused-\(error.rawValue)"), "\(input.name) was refused: \(error.rawValue)")
            }
        }
        for failure in MultipartForm.Failure.allCases {
            #expect(saved.contains { $0.name.hasPrefix("refused-\(failure.rawValue)") }, "nothing is refused for \(failure.rawValue)")
        }
    }

    @Test("What is read is what Python's mail package reads")
    func oracle() throws {
        let script = """
            import sys, email.parser, email.policy
            for line in sys.stdin:
                raw = bytes.fromhex(line)
                kind, _, body = raw.partition(b"\\n")
                message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(b"Content-Type: " + kind + b"\\r\\n\\r\\n" + body)
                shown = []
                for part in message.iter_parts() if message.is_multipart() else []:
                    name = part.get_param("name", header="content-disposition")
                    shown.append(name.encode("utf-8", "surrogateescape").hex() + ":" + part.get_payload(decode=True).hex() + ":" + str(part.get_filename() is not None))
                print(" ".join(shown))
            """
        // Python gives up on the boundary without a part, and undoes RFC 2231 where this reader only notices a file.
        let inputs = MultipartFormTests.saved.filter { $0.name.hasPrefix("accepted-") && !$0.name.contains("no-parts") }
        #expect(inputs.count >= 10)
        let lines = try PythonOracle.lines(script, input: inputs.map { hexadecimal(Array($0.contentType.utf8) + [0x0A] + $0.body) })
        for (input, line) in zip(inputs, lines) {
            let ours = try input.read().map { part in
                "\(hexadecimal(Array(part.name.utf8))):\(hexadecimal(Array(part.body))):\(part.fileName == nil ? "False" : "True")"
            }
            #expect(ours.joined(separator: " ") == line, "\(input.name)")
        }
        #expect(lines.count == inputs.count)
    }

    @Test("Names, file names and types come out as they were written")
    func parts() throws {
        let document = try #require(MultipartFormTests.saved.first { $0.name == "accepted-document" }).read()
        #expect(document.map(\.name) == ["user_id", "document_type", "document"])
        #expect(document.map(\.fileName) == [nil, nil, "id.png"])
        #expect(document.map(\.contentType) == [nil, nil, "image/png"])
        #expect(document.map(\.text).prefix(2) == ["15", "passport"])
        let escaped = try #require(MultipartFormTests.saved.first { $0.name == "accepted-escaped-name" }).read()
        #expect(escaped[0].name == #"a"b\c"#)
    }

    @Test("The limits hold to the part and to the byte")
    func limits() throws {
        func form(_ count: Int) -> [UInt8] {
            let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
            return Array((String(repeating: part, count: count) + "--b--").utf8)
        }
        let type = "multipart/form-data; boundary=b"
        #expect(try MultipartForm.read(form(3), contentType: type, limits: .init(parts: 3)).count == 3)
        #expect(throws: MultipartForm.Failure.tooLarge) { try MultipartForm.read(form(4), contentType: type, limits: .init(parts: 3)) }
        // One line of 40 bytes and its end; the carriage return of the empty line must come within the limit.
        #expect(try MultipartForm.read(form(1), contentType: type, limits: .init(headerSection: 43)).count == 1)
        #expect(throws: MultipartForm.Failure.tooLarge) {
            try MultipartForm.read(form(1), contentType: type, limits: .init(headerSection: 42))
        }
    }

    @Test("Whatever is cut out of a form, nothing is read beyond it and nothing of it is lost")
    func mutations() throws {
        let random = SeededRandom(seed: 20)
        var accepted = 0
        for input in MultipartFormTests.saved where input.name.hasPrefix("accepted-") {
            for _ in 0..<400 {
                var body = input.body
                for _ in 0...random.number(below: 2) where !body.isEmpty {
                    let place = Int(random.number(below: UInt64(body.count)))
                    switch random.number(below: 4) {
                    case 0: body.remove(at: place)
                    case 1: body[place] = UInt8(random.number(below: 256))
                    case 2: body.insert(contentsOf: [[0x0D, 0x0A], [0x2D, 0x2D], [0x22]][Int(random.number(below: 3))], at: place)
                    default: body.removeSubrange(place..<min(body.count, place + 8))
                    }
                }
                guard let parts = try? MultipartForm.read(body, contentType: input.contentType) else { continue }
                accepted += 1
                let boundary = try MultipartForm.boundary(ofContentType: input.contentType)
                var written: [UInt8] = []
                for part in parts {
                    written += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8) + part.body + [0x0D, 0x0A]
                }
                written += Array("--\(boundary)--".utf8)
                let again = try MultipartForm.read(written, contentType: input.contentType)
                #expect(again.map { Array($0.body) } == parts.map { Array($0.body) })
            }
        }
        #expect(accepted > 500)
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String { bytes.map { (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined() }
}
