import Base
import TestSupport
import Testing

@testable import WPay

@Suite("WPay: the fuzzer's inputs, replayed")
struct FuzzCorpusTests {
    @Test("Every saved callback is refused, or verified by a signature that belongs to its values")
    func callbacks() throws {
        let inputs = try FuzzCorpus.inputs("wpay-callback")
        #expect(inputs.count >= 16)
        let keys = try WPayVectors.keys()
        var (verified, unverified, refused) = (0, 0, 0)
        for input in inputs {
            for api in WPayTables.all where api.replyIsSigned {
                let values = WPayCallback.values(form: input.bytes) ?? []
                let fields = api.signedReply.map { field in
                    (name: field.name, value: FinalValue(received: values.first { $0.name == field.name }?.value ?? ""))
                }
                let right = SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature
                let signature = values.first { $0.name == WPayRequest.signatureField }?.value ?? ""
                switch try? WPayCallback.verify(form: input.bytes, of: api, keys: keys) {
                case .verified?:
                    verified += 1
                    #expect(signature == right, "\(input) \(api.identifier)")
                case .unverifiedFailure(let code)?:
                    unverified += 1
                    #expect(signature.isEmpty && !code.isSuccess && !code.isAlreadyThere, "\(input) \(api.identifier)")
                case nil: refused += 1
                }
            }
        }
        #expect(verified > 5 && unverified > 5 && refused > 50, "\(verified) \(unverified) \(refused)")
    }
}
