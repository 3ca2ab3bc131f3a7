import Base
import TestSupport
import Testing

@testable import Sentbe

@Suite("Sentbe: the fuzzer's inputs, replayed")
struct FuzzCorpusTests {
    private let secret = Secret("test_pw")
    private let salt: [UInt8] = [0x29, 0x34, 0x6D, 0x32, 0x2C, 0xB2, 0x6B, 0x23]

    @Test("Every saved header is opened and explained alike, every saved text survives, every other reader answers")
    func replay() throws {
        let inputs = try FuzzCorpus.inputs("sentbe-envelope")
        #expect(inputs.count >= 20)
        var opened = 0
        var recovered = 0
        for input in inputs {
            let bytes = Array(input.bytes.dropFirst())
            let text = String(decoding: bytes, as: UTF8.self)
            for header in [text] + (try sealed(text)) {
                let content = try? SentbeEnvelope.open(header, secret: secret)
                let diagnosis = SentbeDiagnosis.explain(header, secret: secret)
                #expect((diagnosis.failure == nil) == (content != nil), "\(input)")
                opened += content == nil ? 0 : 1
                if let content { #expect(((try? JSON(content.text))?.members ?? [:]) == content.parameters, "\(input)") }
                guard let expected = diagnosis.expected, let found = diagnosis.recovered else { continue }
                recovered += 1
                let again = try SentbeEnvelope.openText(expected, secret: secret, rules: .init(longestHeader: .max))
                #expect(again.text.utf8.elementsEqual(found.utf8), "\(input)")
            }
            _ = try? SentbeGeneration2.parameters(bytes, secret: secret)
            _ = try? SentbeGeneration2.Reply(bytes, secret: secret)
            _ = SentbeReply(bytes)
            if let callback = SentbeCallback(bytes) { #expect(SentbeCallback(callback.body)?.token == callback.token, "\(input)") }
        }
        #expect(opened > 10)
        #expect(recovered >= 2)
    }

    private func sealed(_ text: String) throws -> [String] {
        try SentbeDialect.allCases.flatMap { dialect in
            try SentbeEncoding.allCases.map { encoding in
                let envelope = try SentbeEnvelope.seal(text, secret: secret, salt: salt, dialect: dialect, encoding: encoding)
                if encoding == .double {
                    let content = try SentbeEnvelope.openText(envelope, secret: secret, rules: .init(longestHeader: .max))
                    #expect(content.text.utf8.elementsEqual(text.utf8))
                }
                return envelope
            }
        }
    }
}
