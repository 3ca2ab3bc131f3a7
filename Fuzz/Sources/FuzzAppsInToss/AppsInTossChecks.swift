import AppsInToss
import Base

/// What must hold for any input. The first byte chooses: an answer, a callback in one of its forms, a field of personal data with a key, or a header that proves a callback.
func checkAppsInTossInput(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice & 7 {
    case 0, 1: checkAnswer(bytes)
    case 2: checkUnlink(UnlinkCallback(query: String(decoding: bytes, as: UTF8.self)))
    case 3: checkUnlink(UnlinkCallback(body: bytes))
    case 4: checkEvent(bytes)
    case 5: checkField(String(decoding: bytes, as: UTF8.self))
    case 6: checkSealed(String(decoding: bytes, as: UTF8.self))
    default: checkProof(bytes)
    }
}

private let key = Secret("QnVqZW9sLWRlbW8ta2V5LWZvci1wZXJzb25hbC1kYXQ=")
private let additionalData = Secret("TOSS")
private let vector: [UInt8] = Array(1...12)

private func makeCipher() -> PersonalDataCipher {
    guard let cipher = try? PersonalDataCipher(base64Key: key, additionalData: additionalData) else {
        preconditionFailure("the demo key is not taken")
    }
    return cipher
}

/// An answer that is read is read alike once it has been written again, and whatever it holds is read without a crash.
private func checkAnswer(_ bytes: [UInt8]) {
    guard let answer = AppsInTossEnvelope.read(bytes) else { return }
    switch answer {
    case .success(let content):
        precondition(AppsInTossEnvelope.read(AppsInTossEnvelope.success(content)) == answer, "a success changes by being written")
        if !content.isNull {
            precondition(
                AppsInTossEnvelope.read(AppsInTossEnvelope.success(content, under: .result)) == answer, "result is read in another way")
        }
        _ = LoginTokens(content, at: Timestamp(unixSeconds: 0))
        let closed = try? UserProfile(content, cipher: nil)
        precondition(closed?.fields.isEmpty ?? true, "a field is open without a key")
        let cipher = makeCipher()
        if let open = try? UserProfile(content, cipher: cipher) { precondition(open.encrypted.isEmpty, "a field stays encrypted") }
        if let status = PaymentStatus(content) { precondition(!"\(status)".contains("accountNumber"), "a status prints its answer") }
        if let delivery = MessageDelivery(content), delivery.isComplete {
            precondition(delivery.isDelivered && delivery.failures.isEmpty, "complete without being delivered")
        }
    case .refusal(let refusal):
        precondition(refusal.resultType != .success, "a success is refused")
        if let wait = refusal.retryAfter { precondition(wait >= .zero && wait <= .seconds(86_400), "a pause out of range") }
        _ = refusal.fieldErrors
        guard refusal.resultType != nil || refusal.isOAuth else { return }
        for style in [AppsInTossEnvelope.CodeStyle.text, .number] {
            guard case .refusal(let again)? = AppsInTossEnvelope.read(AppsInTossEnvelope.failure(refusal, codes: style)) else {
                preconditionFailure("a refusal is no refusal once it is written")
            }
            precondition(again.code.rawValue.utf8.elementsEqual(refusal.code.rawValue.utf8), "a code changes by being written")
            precondition(again.leavesOutcomeOpen == refusal.leavesOutcomeOpen, "what is known of the outcome changes by being written")
        }
    }
}

/// A callback that is read survives both of its forms.
private func checkUnlink(_ callback: UnlinkCallback?) {
    guard let callback else { return }
    precondition(callback.userKey.rawValue > 0, "a key below 1")
    precondition(UnlinkCallback(query: callback.query) == callback, "a callback changes by being written as a query")
    precondition(UnlinkCallback(body: callback.json.bytes) == callback, "a callback changes by being written as a body")
}

private func checkEvent(_ bytes: [UInt8]) {
    guard let event = SubscriptionEvent(bytes) else { return }
    guard let again = SubscriptionEvent(event.json.bytes) else { preconditionFailure("an event does not survive being written") }
    precondition(again == event && again.identity == event.identity, "an event changes by being written")
    precondition(event.kind != .statusChanged || event.change != nil, "a change without what changed")
    _ = event.moment
    _ = event.change?.current.end
}

/// A field is opened or explained, never neither, and never both.
private func checkField(_ field: String) {
    let opened = try? makeCipher().open(field)
    let diagnosis = PersonalDataDiagnosis.explain(field, base64Key: key, additionalData: additionalData)
    precondition((diagnosis.cause == .none) == (opened != nil), "opened and explained differ")
    _ = PersonalDataDiagnosis.explain(field, base64Key: Secret(field), additionalData: Secret(field))
}

/// Any text survives being sealed, and is refused once a bit is changed.
private func checkSealed(_ text: String) {
    let cipher = makeCipher()
    guard let field = try? cipher.seal(text, initializationVector: vector) else { preconditionFailure("a text cannot be sealed") }
    guard let opened = try? cipher.open(field) else { preconditionFailure("a sealed text cannot be opened") }
    precondition(opened.reveal().utf8.elementsEqual(text.utf8), "a text changes by being sealed")
    var bytes = Array(field.utf8)
    bytes[text.utf8.count % bytes.count] = bytes[text.utf8.count % bytes.count] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    let changed = String(decoding: bytes, as: UTF8.self)
    precondition((try? cipher.open(changed)) == nil, "a changed field is opened")
}

/// The text proves itself in both schemes, and what comes in from outside does so only when it is one of the two.
private func checkProof(_ bytes: [UInt8]) {
    let proof = CallbackProof(Secret(bytes))
    let foreign = CallbackProof(Secret("bujeol-demo-unlink"))
    for scheme in CallbackProof.Scheme.allCases {
        let value = proof.value(scheme).withBytes { String(validating: $0, as: UTF8.self) }
        // An empty text proves nothing. A text that begins with a space loses it behind the scheme, as in every HTTP field.
        if let value, !bytes.isEmpty, bytes.first != 0x20 { precondition(proof.scheme(of: value) == scheme, "a proof is not its own") }
        if let value, foreign.scheme(of: value) != nil {
            precondition(bytes == Array("bujeol-demo-unlink".utf8), "another text proves itself")
        }
    }
    _ = foreign.scheme(of: String(decoding: bytes, as: UTF8.self))
}
