import Base
import Testing
import Transport

@Suite("Header fields that an application adds")
struct HTTPFieldCleaningTests {
    @Test("No value and no name can smuggle a second field", arguments: ["a\r\nX-Evil: 1", "a\0b", "a\u{7F}b", "\n"])
    func values(dirty: String) throws {
        var fields: HTTPFields = ["Host": "h"]
        fields.append("X-Plain", dirty)
        fields.append("X-Secret", secret: Secret(dirty))
        fields.append("X \r\nEvil:", "v")
        var output: [UInt8] = []
        try HTTPRequestEncoder.append(HTTPRequest(method: .get, target: "/", fields: fields), authority: "h", to: &output)
        var decoder = HTTPRequestDecoder()
        decoder.append(output)
        guard case .request(let decoded) = try decoder.next() else { return #expect(Bool(false), "not a whole request") }
        #expect(decoded.request.fields.map(\.name) == ["Host", "X-Plain", "X-Secret", "X___Evil_"])
        #expect(decoded.request.fields["X-Plain"] == decoded.request.fields["X-Secret"])
    }
}
