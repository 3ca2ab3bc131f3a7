import Foundation
import Testing
import Transport

@Suite("The fuzzer's corpus")
struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../Fuzz/Corpora/codec")

    @Test("Every saved input is decoded alike however it is cut")
    func replay() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        #expect(names.count >= 20)
        let limits = HTTPLimits(
            startLine: 64, headerSection: 160, fieldCount: 8, fieldLine: 80, body: 256, chunkExtensions: 24, trailerSection: 48,
            informationalResponses: 2)
        for name in names {
            let input = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
            let bytes = Array(input.dropFirst())
            let result = DecoderVerifier.requests(bytes, limits: limits)
            _ = DecoderVerifier.responses(bytes, to: [.get, .head, .post], limits: limits)
            // The names of the seeds say what they are.
            if ["request-get", "request-post", "request-chunked", "request-options"].contains(name) {
                #expect(result.requests.count == 1, "\(name)")
            }
            if ["request-two-lengths", "request-nul", "request-folded"].contains(name) { #expect(result.status == 400, "\(name)") }
        }
    }
}
