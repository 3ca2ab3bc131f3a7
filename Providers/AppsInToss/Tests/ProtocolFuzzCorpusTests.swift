import AppsInToss
import Base
import TestSupport
import Testing

@Suite("Apps in Toss: the fuzzer's inputs, replayed")
struct ProtocolFuzzCorpusTests {
    private let key = Secret(AppsInTossDemonstration.personalDataKey)
    private let additionalData = Secret(AppsInTossDemonstration.additionalData)

    @Test("Every saved answer, callback and field is read as it is written again, and every field is opened or explained")
    func replay() throws {
        let inputs = try FuzzCorpus.inputs("apps-in-toss")
        #expect(inputs.count >= 50)
        let cipher = try PersonalDataCipher(base64Key: key, additionalData: additionalData)
        var (answers, callbacks, opened) = (0, 0, 0)
        for input in inputs {
            let bytes = Array(input.bytes.dropFirst())
            let text = String(decoding: bytes, as: UTF8.self)
            switch AppsInTossEnvelope.read(bytes) {
            case .success(let content)?:
                answers += 1
                #expect(AppsInTossEnvelope.read(AppsInTossEnvelope.success(content)) == .success(content), "\(input)")
                _ = try? UserProfile(content, cipher: cipher)
                _ = LoginTokens(content, at: Timestamp(unixSeconds: 0))
                _ = MessageDelivery(content)
                if let status = PaymentStatus(content) { #expect(!"\(status)".contains("110-"), "\(input)") }
            case .refusal(let refusal)?:
                answers += 1
                guard refusal.resultType != nil || refusal.isOAuth else { break }
                guard case .refusal(let again)? = AppsInTossEnvelope.read(AppsInTossEnvelope.failure(refusal, codes: .number)) else {
                    Issue.record("\(input) is no refusal once it is written")
                    break
                }
                #expect(again.code == refusal.code && again.leavesOutcomeOpen == refusal.leavesOutcomeOpen, "\(input)")
            case nil: break
            }
            for callback in [UnlinkCallback(query: text), UnlinkCallback(body: bytes)] {
                guard let callback else { continue }
                callbacks += 1
                #expect(
                    UnlinkCallback(query: callback.query) == callback && UnlinkCallback(body: callback.json.bytes) == callback, "\(input)")
            }
            if let event = SubscriptionEvent(bytes) {
                callbacks += 1
                #expect(SubscriptionEvent(event.json.bytes) == event, "\(input)")
            }
            let plain = try? cipher.open(text)
            opened += plain == nil ? 0 : 1
            let diagnosis = PersonalDataDiagnosis.explain(text, base64Key: key, additionalData: additionalData)
            #expect((diagnosis.cause == .none) == (plain != nil), "\(input)")
            let field = try cipher.seal(text, initializationVector: Array(1...12))
            #expect(try cipher.open(field).reveal().utf8.elementsEqual(text.utf8), "\(input)")
            if !bytes.isEmpty, bytes.first != 0x20, String(validating: bytes, as: UTF8.self) != nil {
                let proof = CallbackProof(Secret(bytes))
                #expect(proof.scheme(of: proof.value(.bearer).withText { $0 }) == .bearer, "\(input)")
            }
        }
        #expect(answers > 20 && callbacks >= 8 && opened == 1)
    }
}
