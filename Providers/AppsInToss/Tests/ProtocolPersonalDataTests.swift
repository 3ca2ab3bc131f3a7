import Base
import Cryptography
import TestSupport
import Testing

@testable import AppsInToss

@Suite("Apps in Toss: personal data")
struct ProtocolPersonalDataTests {
    private let key = Secret("SR4QZURtZfXJdB9KyNVXqZIzA+elMWPQYYaBy6WGkow=")
    private let data = Secret("TOSS")
    private let field = "9xq+wddPp1tGo6QJo3mi99fX0lSoYGvGhgRmOfTPcXO7RFNX/Q=="

    private func cause(_ field: String, key: Secret? = nil, data: Secret? = nil) -> PersonalDataDiagnosis.Cause {
        PersonalDataDiagnosis.explain(field, base64Key: key ?? self.key, additionalData: data ?? self.data).cause
    }

    @Test("Whatever is wrong with a field, one and the same error says so")
    func uniform() throws {
        let cipher = try PersonalDataCipher(base64Key: key, additionalData: data)
        #expect(try cipher.open(field).reveal() == "홍길동")
        let other = try PersonalDataCipher(base64Key: key, additionalData: Secret("toss"))
        #expect(throws: PersonalDataError.unreadable) { try other.open(field) }
        for bad in ["", "x", "v1$1$" + field, String(field.dropLast(4)), field + "\n", "AAAA", field.replacing("9xq", with: "9xr")] {
            #expect(throws: PersonalDataError.unreadable, "\(bad)") { try cipher.open(bad) }
        }
    }

    @Test("A plaintext that is no UTF-8 is not handed out")
    func notText() throws {
        let bytes = try AuthenticatedCipher.aes256GCM()
        let raw = try #require(key.withText { Base64.decode($0) })
        let vector = [UInt8](repeating: 9, count: 12)
        let sealed = try bytes.seal([0xFF, 0xFE], key: Secret(raw), initializationVector: vector, additionalData: Array("TOSS".utf8))
        let cipher = try PersonalDataCipher(base64Key: key, additionalData: data)
        #expect(throws: PersonalDataError.unreadable) { try cipher.open(Base64.encode(vector + sealed.ciphertext + sealed.tag)) }
    }

    @Test("A key that is not 32 bytes is refused, white space around it is not")
    func keys() throws {
        _ = try PersonalDataCipher(base64Key: Secret(" SR4QZURtZfXJdB9KyNVXqZIzA+elMWPQYYaBy6WGkow=\n"), additionalData: data)
        for bad in ["", "x", "c2hvcnQ=", String(repeating: "a", count: 32), String(repeating: "0", count: 64)] {
            #expect(throws: PersonalDataError.wrongKey) { try PersonalDataCipher(base64Key: Secret(bad), additionalData: data) }
        }
        let cipher = try PersonalDataCipher(base64Key: key, additionalData: data)
        #expect(throws: PersonalDataError.wrongVector) { try cipher.seal("x", initializationVector: [1, 2, 3]) }
    }

    @Test("The diagnosis finds the cause of each mistake that people make")
    func causes() throws {
        #expect(cause(field) == .none)
        #expect(cause("v1$abc$" + field) == .tossAuth)
        #expect(cause(field.replacing("+", with: " ")) == .transport)
        #expect(cause(field.replacing("+", with: "%2B").replacing("=", with: "%3D")) == .transport)
        #expect(cause(field.replacing("/", with: "\\/")) == .transport)
        #expect(cause("\"\(field)\"") == .transport)
        #expect(cause(String(field.prefix(20)) + "\n" + field.dropFirst(20)) == .transport)
        #expect(cause(field.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")) == .transport)
        #expect(cause("홍길동") == .notBase64)
        #expect(cause("AAAAAAAA") == .tooShort)
        #expect(cause(field, data: Secret("TOSS\n")) == .additionalData)
        #expect(cause(field, data: Secret("wrong")) == .additionalData)
        #expect(cause(field, data: Secret(Base64.encode(Array("TOSS".utf8)))) == .additionalData)
        #expect(cause(field, key: Secret("wOQXTgOg9ufcfIKQ8IYJicxmbMm7pLBnWxIClGo4gbQ=")) == .wrongKey)
        #expect(cause(field, key: Secret(String(repeating: "ab", count: 32))) == .keyEncoding)
        #expect(cause(field, key: Secret("0123456789abcdef0123456789abc!ef")) == .keyEncoding)
        #expect(cause(field, key: Secret("c2hvcnQ=")) == .keyLength)
        #expect(cause(field, key: Secret("not base64!")) == .keyLength)
    }

    @Test("The additional data that would have opened a field is described, and neither key nor text is told")
    func described() {
        let diagnosis = PersonalDataDiagnosis.explain(field, base64Key: key, additionalData: Secret("TOSS \n"))
        #expect(diagnosis.message.english.contains("without the white space"))
        for other in [diagnosis, PersonalDataDiagnosis.explain(field, base64Key: key, additionalData: Secret("secret-data"))] {
            #expect(!"\(other)".contains("홍길동") && !"\(other)".contains("SR4QZ") && !"\(other)".contains("secret-data"))
        }
    }

    @Test("Personal texts, tokens and answers have no printable form")
    func unprintable() {
        let name = PersonalText("홍길동")
        var dumped = ""
        dump(name, to: &dumped)
        dump(RawAnswer(json: ["name": "홍길동"]), to: &dumped)
        dumped += "\(name) \(String(reflecting: name)) \(RawAnswer(json: ["name": "홍길동"]))"
        #expect(!dumped.contains("홍길동"))
        #expect(name.reveal() == "홍길동")
    }
}
