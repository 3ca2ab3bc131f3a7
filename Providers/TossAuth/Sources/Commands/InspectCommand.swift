import Base
import Cryptography
import ProviderKit

extension TossAuthCommands {
    static let inspect = ProviderCommand(
        "inspect", usage: "[--private-key-file PEM] [--session-file FILE]",
        summary: BilingualText(
            korean:
                "표준 입력의 sessionKey나 암호화된 값 하나, 또는 요청 본문·result 응답 JSON이 올바른 형식인지 길이와 함께 알려 줍니다. 샌드박스의 개인키를 주면 sessionKey와 그 세션의 값을, "
                + "세션 파일(v1$세션id$AES_GCM$키$IV)을 주면 값을 열어 보고 무엇이 틀렸는지 짚습니다. 내용은 출력하지 않습니다. 틀린 것이 있으면 1로 끝납니다.",
            english:
                "Says of a sessionKey or an encrypted value on standard input, or of a whole request's body or result's answer in JSON, whether its form is right, and its lengths. With a "
                + "sandbox's private key it opens session keys and what belongs to them, with a session's file (v1$id$AES_GCM$key$vector) values, and names what is wrong; never what they say. "
                + "Ends with 1 when something is wrong."),
        options: [.init("private-key-file", .value), .init("session-file", .value)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        var inspection = Inspection(opener: try opener(input), session: try session(input))
        let given = try line(input)
        guard given.hasPrefix("{"), let json = try? JSON(Array(given.utf8)) else {
            inspection.look(at: given, member: "")
            return inspection.output
        }
        inspection.look(at: json)
        return inspection.output
    }
}

/// A look into texts: what is said about each, and whether all are right.
private struct Inspection {
    private let opener: SessionOpener?
    private var session: SessionCipher?
    /// The id that all texts of one call carry.
    private var id: String?
    private(set) var output = CommandOutput([])

    init(opener: SessionOpener?, session: SessionCipher?) {
        self.opener = opener
        self.session = session
        id = session?.id
    }

    /// Looks at every text of a request's body or of an answer that ought to be encrypted.
    mutating func look(at json: JSON) {
        let object = TossAuthCommands.personalData(in: json).members ?? [:]
        let known = Set(PersonalData.Member.allCases.map(\.rawValue) + IdentityClaim.Part.allCases.map(\.rawValue))
        if let key = object["sessionKey"]?.string { look(at: key, member: "sessionKey") }
        var count = object["sessionKey"] == nil ? 0 : 1
        for (name, value) in zip(object.names, object.values) where known.contains(name) && !value.isNull {
            count += 1
            guard let text = value.string else {
                refuse(SessionFault(.notText, in: .whole, member: name))
                continue
            }
            look(at: text, member: name)
        }
        if count == 0 { refuse(SessionFault(.noMembers, in: .whole)) }
    }

    /// Looks at one text.
    mutating func look(at text: String, member: String) {
        do throws(SessionFault) {
            let isSession = text.hasPrefix(SessionCipher.algorithm + "$") || text.split(separator: "$").count == 5
            if member.isEmpty, isSession { return tellSession(text) }
            let isKey = member == "sessionKey" || member.isEmpty && text.utf8.count > 300 && !isField(text)
            if isKey { try lookAtKey(text, member: member.isEmpty ? "sessionKey" : member) } else { try lookAtField(text, member: member) }
        } catch {
            refuse(error.member.isEmpty ? error.within(member) : error)
        }
    }

    /// Whether a long text is a field all the same: an RSA block has the length of a modulus.
    private func isField(_ text: String) -> Bool {
        guard let bytes = try? SealedText(text, longest: TossAuthLimits.longestField).bytes else { return false }
        return ![256, 384, 512, 1024].contains(bytes.count)
    }

    private mutating func lookAtKey(_ text: String, member: String) throws(SessionFault) {
        let sealed: SealedText
        do throws(SessionFault) {
            sealed = try SealedText(text, longest: TossAuthLimits.longestSessionKey)
        } catch {
            throw error.within(member)
        }
        id = sealed.id
        say(
            "\(member): 세션키. 버전 \(sealed.version), 세션 id \(sealed.id), RSA 블록 \(sealed.bytes.count)바이트(RSA-4096은 512), 모두 \(text.utf8.count)자(RSA-4096은 724)",
            "\(member): a session key, version \(sealed.version), session \(sealed.id), RSA block of \(sealed.bytes.count) bytes (512 with RSA-4096), "
                + "\(text.utf8.count) characters in all (724 with RSA-4096)")
        guard let opener else {
            guard sealed.bytes.count == 512 else {
                throw SessionFault(.blockLength(sealed.bytes.count, expected: 512), in: .block, member: member)
            }
            return
        }
        let received = try opener.open(text)
        session = received.cipher
        say("\(member): 열립니다. AES-256 키와 12바이트 IV가 들어 있습니다.", "\(member): it opens, and holds an AES-256 key and a vector of 12 bytes")
    }

    private mutating func lookAtField(_ text: String, member: String) throws(SessionFault) {
        let name = member.isEmpty ? BilingualText(korean: "값", english: "value") : BilingualText(korean: member, english: member)
        let sealed = try SealedText(text, longest: TossAuthLimits.longestField)
        let length = sealed.bytes.count - AuthenticatedCipher.tagByteCount
        say(
            "\(name.korean): 암호화된 값. 버전 \(sealed.version), 세션 id \(sealed.id), 암호문 \(max(0, length))바이트(평문과 같은 길이) + 태그 16바이트",
            "\(name.english): an encrypted value, version \(sealed.version), session \(sealed.id), ciphertext of \(max(0, length)) bytes (as many as the plaintext) and a "
                + "tag of 16")
        guard length >= 0 else { throw SessionFault(.tooShort(sealed.bytes.count), in: .ciphertext) }
        if let session {
            let plaintext = try session.open(text)
            say("\(name.korean): 열립니다. UTF-8 \(plaintext.count)바이트", "\(name.english): it opens: \(plaintext.count) bytes of UTF-8")
        } else if let id, id != sealed.id {
            throw SessionFault(.otherSession, in: .id)
        } else {
            id = sealed.id
        }
    }

    /// A session in clear: what kind of thing it is, and nothing of it.
    private mutating func tellSession(_ text: String) {
        do throws(SessionFault) {
            let parts = text.split(separator: "$", omittingEmptySubsequences: false)
            _ = parts.count == 5 ? try SessionCipher(kept: Secret(text)) : try SessionCipher(id: "", contents: Secret(text))
            say(
                "암호화되지 않은 세션입니다(키 32바이트, IV 12바이트). 개인정보와 같은 비밀이니 로그에 남기거나 보내지 마세요.",
                "a session in clear (key of 32 bytes, vector of 12): as secret as the personal data itself; neither log nor send it")
        } catch {
            refuse(error)
        }
    }

    private mutating func say(_ korean: String, _ english: String) {
        output.pieces.append(.sentence(BilingualText(korean: korean, english: english)))
    }

    private mutating func refuse(_ fault: SessionFault) {
        output.isPositive = false
        output.pieces.append(
            .sentence(
                BilingualText(
                    korean: "틀림 [\(fault.word)] \(fault.message.korean)", english: "wrong [\(fault.word)] \(fault.message.english)")))
    }
}
