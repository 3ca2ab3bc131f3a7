import Base
import WPay

private let keys: WPayKeys = {
    guard
        let keys = try? WPayKeys(
            hashKey: Secret(WPayDemonstration.hashKey), seedKey: Secret(WPayDemonstration.seedKey), seedIV: Secret(WPayDemonstration.seedIV)
        )
    else { preconditionFailure("this OpenSSL has no SEED") }
    return keys
}()

private let pages = WPayTables.all.filter(\.replyIsSigned)

/// Reads the input as a callback of every API: as it came, and once more with the signature that belongs to its values. What was not signed must never be believed, and
/// what was signed must never be taken for forged.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let form = Array(UnsafeBufferPointer(start: start, count: count))
    for api in pages {
        guard let received = try? CallbackForm(form, of: api) else { return 0 }
        received.expectNothingForgedIsBelieved(keys)
        received.expectSignedIsRead(keys)
    }
    return 0
}

/// A callback's values, with what must hold for them.
private struct CallbackForm {
    struct NoForm: Error {}

    let api: WPayAPI
    let form: [UInt8]
    let values: [(name: String, value: String)]

    init(_ form: [UInt8], of api: WPayAPI) throws(NoForm) {
        guard let values = WPayCallback.values(form: form) else { throw NoForm() }
        (self.api, self.form, self.values) = (api, form, values)
    }

    private var unsigned: [(name: String, value: String)] { values.filter { $0.name != WPayRequest.signatureField } }

    private var right: String {
        let fields = api.signedReply.map { field in
            (name: field.name, value: FinalValue(received: values.first { $0.name == field.name }?.value ?? ""))
        }
        return SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature
    }

    func expectNothingForgedIsBelieved(_ keys: WPayKeys) {
        let outcome = try? WPayCallback.verify(form: form, of: api, keys: keys)
        let signature = values.first { $0.name == WPayRequest.signatureField }?.value ?? ""
        switch outcome {
        case .verified?: demand(signature.utf8.elementsEqual(right.utf8), "a forged callback was believed")
        case .unverifiedFailure(let code)?:
            demand(signature.isEmpty && !code.isSuccess && !code.isAlreadyThere, "an unsigned success was let through")
        case nil: break
        }
    }

    func expectSignedIsRead(_ keys: WPayKeys) {
        let signed = unsigned + [(name: WPayRequest.signatureField, value: right)]
        do throws(WPayCallbackError) {
            guard case .verified(let callback) = try WPayCallback.verify(signed, of: api, keys: keys) else {
                preconditionFailure("a signed callback counts as unsigned")
            }
            for field in callback.fields { demand(api.replyField(field.name)?.isSigned == true, "an unsigned field was opened") }
            _ = callback.base(allowed: WPayAllowedHosts())
        } catch {
            demand(error.code != .signatureMismatch && error.code != .signatureMissing, "a signed callback was taken for forged")
        }
    }
}

private func demand(_ condition: Bool, _ complaint: String) { if !condition { preconditionFailure(complaint) } }
