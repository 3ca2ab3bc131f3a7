import Base
import Cryptography

extension PersonalData {
    /// Decrypts `personalData` of a result.
    ///
    /// Known members must be encrypted, null or without a value (an empty text, or the text `"null"`): one in clear was not written by whoever has the session. Members that are not
    /// known are decrypted where they look encrypted, and kept as they are otherwise.
    init(sealed json: JSON, by cipher: SessionCipher, readsAnyID: Bool = false) throws(SessionFault) {
        guard let object = json.members, object.count <= TossAuthLimits.mostPersonalMembers else {
            throw SessionFault(.noMembers, in: .whole, member: "personalData")
        }
        let opener = try cipher.opener()
        var members: [(name: String, value: Value)] = []
        for (name, value) in zip(object.names, object.values) {
            members.append((name, try PersonalData.value(value, of: name, by: cipher, opener, readsAnyID: readsAnyID)))
        }
        self.init(members)
    }

    private static func value(
        _ json: JSON, of name: String, by cipher: SessionCipher, _ opener: borrowing AuthenticatedCipher.Opener, readsAnyID: Bool
    ) throws(SessionFault) -> Value {
        let isKnown = Member(rawValue: name) != nil
        guard let text = json.string else {
            guard json.isNull || !isKnown else { throw SessionFault(.notText, in: .whole, member: name) }
            return .other(json)
        }
        if text.isEmpty || text == "null" { return .text(Secret(text)) }
        guard SealedText.isVersion(text.utf8.prefix { $0 != UInt8(ascii: "$") }) else {
            guard !isKnown else { throw SessionFault(.clear, in: .whole, member: name) }
            return .text(Secret(text))
        }
        do throws(SessionFault) {
            return .text(try cipher.open(text, with: opener, readsAnyID: readsAnyID))
        } catch {
            throw error.within(name)
        }
    }

    /// `personalData` as a provider sends it: every text encrypted, nulls as nulls. An empty text becomes null, since none is ever sent.
    func sealed(by cipher: SessionCipher, version: String) throws(SessionFault) -> JSON {
        var object: JSON.Members = [:]
        for member in members {
            switch member.value {
            case .text(let secret): object[member.name] = secret.isEmpty ? .null : .string(try cipher.seal(secret, version: version))
            case .other(let json): object[member.name] = json
            }
        }
        return .object(object)
    }
}
