import Base
import Sentbe

/// What must hold for any input. The first byte chooses: a header, a text to be sealed in either way, a body of the second generation, or a callback.
func checkSentbeInput(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice & 7 {
    case 0, 1: checkHeader(String(decoding: bytes, as: UTF8.self))
    case 2: checkSealed(String(decoding: bytes, as: UTF8.self), .single)
    case 3: checkSealed(String(decoding: bytes, as: UTF8.self), .double)
    case 4: checkDamaged(bytes)
    case 5: checkSecondGeneration(bytes)
    case 6: _ = SentbeReply(bytes)
    default: checkCallback(bytes)
    }
}

private let secret = Secret("test_pw")
private let salt: [UInt8] = [0x29, 0x34, 0x6D, 0x32, 0x2C, 0xB2, 0x6B, 0x23]

/// A header is opened and explained alike, and what the explanation recovers stands in the envelope that it says should have come.
private func checkHeader(_ header: String) {
    let opened = try? SentbeEnvelope.open(header, secret: secret)
    if let opened { checkOpened(opened) }
    let others = [SentbeDiagnosis.OtherSecret(name: BilingualText(korean: "다른 키", english: "other"), secret: Secret("test_id"))]
    let diagnosis = SentbeDiagnosis.explain(header, secret: secret, others: others)
    precondition((diagnosis.opened == nil) == (opened == nil), "opened and explained differ")
    precondition((diagnosis.failure == nil) == (opened != nil), "neither opened nor refused")
    guard let expected = diagnosis.expected, let recovered = diagnosis.recovered else { return }
    let content = try? SentbeEnvelope.openText(expected, secret: secret, rules: .init(longestHeader: .max))
    precondition(content.map { $0.text.utf8.elementsEqual(recovered.utf8) } ?? false, "the envelope that should have come does not open")
    if let difference = diagnosis.difference {
        let (right, came) = (Array(expected.utf8), Array(header.utf8))
        precondition(right.prefix(difference.offset) == came.prefix(difference.offset), "they part before the first differing byte")
        precondition(difference.expected != difference.received, "the differing bytes are the same")
    }
}

/// What was opened is what its text says.
private func checkOpened(_ opened: SentbeEnvelope.Opened) {
    let members = (try? JSON(opened.text))?.members ?? [:]
    precondition(members == opened.parameters, "the parameters are not those of the text")
}

/// Any text survives double encoding in every dialect; single encoding brings back the same text or is refused.
private func checkSealed(_ text: String, _ encoding: SentbeEncoding) {
    for dialect in SentbeDialect.allCases {
        guard let envelope = try? SentbeEnvelope.seal(text, secret: secret, salt: salt, dialect: dialect, encoding: encoding) else {
            preconditionFailure("a text cannot be sealed")
        }
        precondition(envelope.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "an envelope is not printable ASCII")
        if encoding == .double {
            let content = try? SentbeEnvelope.openText(envelope, secret: secret, rules: .init(longestHeader: .max))
            precondition(content.map { $0.text.utf8.elementsEqual(text.utf8) } ?? false, "a text does not survive")
        }
        checkHeader(envelope)
    }
}

/// A right envelope with a few bytes changed: pairs of place and value.
private func checkDamaged(_ changes: [UInt8]) {
    guard var envelope = (try? SentbeEnvelope.seal("{\"a\":\"1\",\"b\":{\"c\":2}}", secret: secret, salt: salt)).map({ Array($0.utf8) })
    else { return }
    for start in stride(from: 0, to: changes.count - 1, by: 2) { envelope[Int(changes[start]) % envelope.count] = changes[start + 1] }
    checkHeader(String(decoding: envelope, as: UTF8.self))
}

private func checkSecondGeneration(_ bytes: [UInt8]) {
    _ = try? SentbeGeneration2.parameters(bytes, secret: secret)
    _ = try? SentbeGeneration2.Reply(bytes, secret: secret)
    guard let data = try? SentbeGeneration2.seal(bytes, secret: secret, salt: salt) else { preconditionFailure("bytes cannot be sealed") }
    let body = SentbeGeneration2.body(data)
    if let members = try? SentbeGeneration2.parameters(body, secret: secret) {
        precondition((try? JSON(bytes))?.members == members, "the parameters are not those of the text")
    }
    let signature = SentbeGeneration2.signature(nonce: "1", url: "/a", body: bytes, secret: secret)
    precondition(SentbeGeneration2.verifies(signature, nonce: "1", url: "/a", body: bytes, secret: secret), "a signature does not verify")
    _ = SentbeGeneration2.explain(
        String(decoding: bytes, as: UTF8.self), nonce: "1", form: .path, authority: "a:1", path: "/a", body: body, secret: secret,
        dataSecret: secret)
}

/// A callback that is read survives being written and read again.
private func checkCallback(_ bytes: [UInt8]) {
    guard let callback = SentbeCallback(bytes) else { return }
    guard let again = SentbeCallback(callback.body) else { preconditionFailure("a callback does not survive being written") }
    precondition(again.token == callback.token && again.status == callback.status, "a callback changes by being written")
    precondition(again.externalID.utf8.elementsEqual(callback.externalID.utf8), "an external_id changes by being written")
}
