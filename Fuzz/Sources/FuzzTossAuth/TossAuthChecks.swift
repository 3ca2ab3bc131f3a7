import Base
import Cryptography
import TossAuth

/// What must hold for any input. The first byte chooses: a session key as a text, with bytes changed, or by its contents; a field, a text to be sealed, personal data; an answer; a
/// signed message; or one of the small texts.
func checkTossAuthInput(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    let text = String(decoding: bytes, as: UTF8.self)
    switch choice % 10 {
    case 0: checkSessionKey(text)
    case 1: checkChangedSessionKey(bytes)
    case 2: checkContents(bytes)
    case 3: checkField(text)
    case 4: checkSealed(text)
    case 5: checkPersonalData(bytes)
    case 6: checkAnswer(bytes)
    case 7: checkSignedMessage(bytes)
    case 8: checkClaim(bytes)
    default: checkSmallTexts(text)
    }
}

/// A text that opens has the three parts, and what it opens to names the second.
private func checkSessionKey(_ text: String) {
    let opened = result { () throws(SessionFault) in try values.opener.open(text) }
    guard let session = succeeded(opened) else { return }
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    precondition(parts.count == 3 && parts[1] == session.id && parts[0] == session.version, "other parts than those of the text")
    precondition(session.reuseDigests.id.count == 64 && session.reuseDigests.keyAndVector.count == 64, "digests of another length")
    precondition("\(session)" == "[redacted]", "a session prints itself")
}

/// A sound session key with a few bytes changed (pairs of place and value): beyond the id and the version, nothing but itself opens.
private func checkChangedSessionKey(_ changes: [UInt8]) {
    let sound = Array(values.sessionKey.utf8)
    var text = sound
    for start in stride(from: 0, to: changes.count - 2, by: 3) {
        text[(Int(changes[start]) << 8 | Int(changes[start + 1])) % text.count] = changes[start + 2]
    }
    let changed = String(decoding: text, as: UTF8.self)
    checkSessionKey(changed)
    guard let session = try? values.opener.open(changed) else { return }
    precondition(text.dropFirst(values.headLength) == sound.dropFirst(values.headLength), "a block with a changed byte opens")
    precondition(session.reuseDigests.keyAndVector == values.session.reuseDigests.keyAndVector, "another key out of the same block")
}

/// Contents read alike out of a block and out of sealed storage, and only `AES_GCM$`, 44 and 16 characters are any.
private func checkContents(_ contents: [UInt8]) {
    let kept = result { () throws(SessionFault) in
        let session = try KeptResultSession(Secret(Array("v1$\(values.session.id)$".utf8) + contents))
        _ = consume session
    }
    let isSound = succeeded(kept) != nil
    if isSound {
        precondition(contents.count == 69 && contents.starts(with: "AES_GCM$".utf8) && contents[52] == UInt8(ascii: "$"), "other contents")
    }
    guard let block = try? values.opener.publicKey.key.encryptOAEP(contents) else {
        precondition(contents.count > 214, "contents that fit are not encrypted")
        return
    }
    let opened = result { () throws(SessionFault) in try values.opener.open("v1$\(values.session.id)$\(Base64.encode(block))") }
    precondition((succeeded(opened) != nil) == isSound, "the two readers of contents differ")
}

/// A field that opens is what would be written, byte for byte, and no other session opens it.
private func checkField(_ field: String) {
    let opened = result { () throws(SessionFault) in try values.session.open(field) }
    _ = result { () throws(SessionFault) in try values.other.open(field) }
    guard let plaintext = succeeded(opened) else { return }
    let version = String(field.prefix { $0 != "$" })
    let again = try? plaintext.withText { (text) throws(SessionFault) in try values.session.seal(text, version: version) }
    precondition(again.map { $0.utf8.elementsEqual(field.utf8) } ?? false, "a field changes by being read and written")
    precondition((try? values.other.open(field)) == nil, "a field opens in another session")
}

/// Any text survives being sealed, opens in no other session, and is refused once any one byte is changed.
private func checkSealed(_ text: String) {
    guard let field = try? values.session.seal(text) else { preconditionFailure("a text cannot be sealed") }
    let opened = result { () throws(SessionFault) in try values.session.open(field) }
    switch opened {
    case .success(let plaintext): precondition(plaintext.equals(Array(text.utf8)), "a text changes by being sealed")
    // Nobody sends what is encrypted already, nor more than can be read.
    case .failure(let fault):
        precondition(fault.cause == .encryptedTwice || field.utf8.count > TossAuthLimits.longestField, "does not open")
    }
    precondition((try? values.other.open(field)) == nil, "a field opens in another session")
    let bytes = Array(field.utf8)
    for index in [text.utf8.count % bytes.count, bytes.count - 1 - text.utf8.count % 24, text.utf8.count % values.headLength] {
        var changed = bytes
        changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let refused = result { () throws(SessionFault) in try values.session.open(String(decoding: changed, as: UTF8.self)) }
        precondition(succeeded(refused) == nil, "a changed field opens")
    }
}

/// Personal data that opens has as many members as were sent; what is sealed opens to the same.
private func checkPersonalData(_ bytes: [UInt8]) {
    guard let json = try? JSON(bytes) else { return }
    if let opened = succeeded(result { () throws(SessionFault) in try values.kept().open(json) }) {
        precondition(opened.clear().members?.count == json.members?.count, "members are lost")
        checkPerson(opened)
    }
    guard json.members != nil else { return }
    let data = PersonalData(clear: json)
    checkPerson(data)
    guard let sealed = try? values.session.seal(data) else { preconditionFailure("personal data cannot be sealed") }
    guard let opened = succeeded(result { () throws(SessionFault) in try values.kept().open(sealed) }) else { return }
    for member in PersonalData.Member.allCases { precondition(opened[member] == data[member], "a member changes by being sealed") }
    precondition(opened.isTestPersona == data.isTestPersona, "another person")
}

private func checkPerson(_ data: PersonalData) {
    precondition("\(data)" == "[redacted]", "a person is printed")
    _ = (data.birthday, data.gender, data.nationality)
    _ = AgeRule.standard.judge(data, at: Timestamp(unixSeconds: 1_800_000_000))
}

/// An answer that is read is read alike once it has been written again.
private func checkAnswer(_ bytes: [UInt8]) {
    guard let answer = TossAuthEnvelope.read(bytes) else { return }
    let written =
        switch answer {
        case .success(let content): TossAuthEnvelope.success(content)
        case .refusal(let refusal): TossAuthEnvelope.failure(refusal)
        }
    precondition(TossAuthEnvelope.read(written.bytes) == answer, "an answer changes by being written")
    if case .success(let content) = answer {
        for name in ["appScheme", "androidAppUri", "iosAppUri"] {
            precondition(TossAuthEnvelope.link(name, in: content).map { !$0.isEmpty && $0 != "null" } ?? true, "a link that is none")
        }
    }
}

/// A message that is read is kept as it came; it is believed under one root only, and only with what that root's signer signed.
private func checkSignedMessage(_ bytes: [UInt8]) {
    guard let message = try? SignedMessage(der: bytes) else { return }
    precondition(message.der == bytes, "a message changes by being read")
    precondition(message.content.count < bytes.count, "more content than message")
    let moment = Timestamp(unixSeconds: 2_000_000_000)
    precondition((try? message.verify(authorities: [], at: moment)) == nil, "a message is believed for nothing")
    if (try? message.verify(authorities: [values.root], at: moment)) != nil {
        precondition(message.content == values.signedContent, "content that nobody signed is believed")
        precondition(message.signer.commonName == "김토스", "another signer is believed")
    }
}

/// Name, phone and birthday, with line feeds between them: taken when none has a fault, and then what they were.
private func checkClaim(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 3 else { return }
    let faults = zip([IdentityClaim.Part.name, .phone, .birthday], parts).map { IdentityClaim.fault($0, $1) }
    let claim = try? IdentityClaim(name: parts[0], phone: parts[1], birthday: parts[2])
    precondition((claim != nil) == faults.allSatisfy { $0 == nil }, "a claim with a fault, or none without")
    guard let claim else { return }
    precondition(claim.reveal(.name).utf8.elementsEqual(parts[0].utf8), "a name changes")
    precondition("\(claim)" == "[redacted]", "a claim prints itself")
}

private func checkSmallTexts(_ text: String) {
    if let rule = AgeRule(text) { precondition(AgeRule(rule.description) == rule, "a rule changes by being written") }
    if let id = TransactionID(text) { precondition(id.text.utf8.elementsEqual(text.utf8), "an id changes") }
    if let moment = TossAuthTime.read(text) {
        precondition(TossAuthTime.read(TossAuthTime.text(moment))?.unixSeconds == moment.unixSeconds, "a moment changes by being written")
    }
    _ = (Birthday(text), TossAuthErrorCode(rawValue: text).row, AuthStatus(rawValue: text))
    _ = try? ServiceKey(pem: text)
}

private func succeeded<Value>(_ result: Result<Value, SessionFault>) -> Value? { try? result.get() }

/// What `body` gives; a fault must be able to say what is wrong.
private func result<Value>(_ body: () throws(SessionFault) -> Value) -> Result<Value, SessionFault> {
    do throws(SessionFault) {
        return .success(try body())
    } catch {
        let message = error.message
        precondition(!error.word.isEmpty && !message.korean.isEmpty && !message.english.isEmpty, "a fault without words")
        return .failure(error)
    }
}
