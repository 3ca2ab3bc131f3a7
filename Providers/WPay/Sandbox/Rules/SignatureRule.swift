import Base
import Cryptography
import SandboxKit
import WPay

/// Whether a request's signature is the one that belongs to its values as they were received.
struct SignatureRule {
    let api: WPayAPI
    let keys: WPayKeys
    let settings: SandboxSettings

    /// How the signature was found right.
    enum Reading {
        /// As the rule says.
        case asReceived
        /// In upper-case digits, which a setting allows.
        case upperCase
        /// A charge by JSON whose U fields are URL-encoded in the message, and in the body.
        case chargeEncoded
        /// A charge by JSON whose U fields are URL-encoded in the message only.
        case chargeEncodedInMessageOnly

        /// What the request's author should know.
        var warning: Verdict? {
            switch self {
            case .asReceived: return nil
            case .upperCase:
                return Verdict(
                    warned: "signature.upper-case", ko: "서명이 대문자 16진수입니다. 설정이 허용해서 받았습니다.",
                    en: "the signature is in upper-case digits; it was taken because the settings allow it",
                    fix: ("소문자 16진수로 보내세요.", "Send lower-case hexadecimal digits."))
            case .chargeEncoded, .chargeEncodedInMessageOnly:
                return Verdict(
                    warned: "charge.encoded",
                    ko: "JSON 청구의 goodsName·buyerName을 URL 인코딩해 서명했습니다. 문서의 표는 U이지만 본문이 JSON이므로 이 샌드박스는 두 가지를 모두 받습니다.",
                    en:
                        "goodsName and buyerName of this JSON charge were signed URL-encoded. The table marks them U, but the body is JSON; the sandbox takes both readings",
                    fix: ("어느 쪽이 맞는지는 공개되지 않았습니다. 실제 계약 환경에서 확인하세요.", "Which one is right has not been published: ask WPAY."))
            }
        }
    }

    /// Checks the signature.
    ///
    /// - Parameter others: Keys of the tenant's other MIDs, asked for only when the signature is wrong.
    /// - Throws: ``Refused`` with what the sandbox signed and what the caller seems to have signed.
    func check(_ received: ReceivedFields, others: () throws -> [(mid: String, keys: WPayKeys)]) throws -> Reading {
        let signature = received.signature
        guard !signature.isEmpty else {
            throw Refused(
                "signature.missing", ko: "signature가 없습니다.", en: "there is no signature",
                fix: (
                    "서명 순서대로 name=value를 &로 잇고 &hashKey=를 붙여 SHA-256을 계산하세요. bujeol wpay sign 명령이 메시지를 보여 줍니다.",
                    "Join name=value in the signing order with &, append &hashKey= and the key, and hash with SHA-256; bujeol wpay sign shows the message."
                ), order)
        }
        let message = message { value(of: $0, received) }
        if message.matches(signature) { return isChargeEncoded(received) ? .chargeEncoded : .asReceived }
        let lowered = signature.lowercased()
        if settings.takesUpperCaseSignatures, message.matches(lowered) { return .upperCase }
        if settings.takesEncodedCharges, takesJSON {
            let encoded = self.message { $0.mark == .encoded ? URLCodec.encode(received[$0.name]) : received[$0.name] }
            if encoded.matches(signature) { return .chargeEncodedInMessageOnly }
        }
        throw Refused(try mismatch(received, message, others()))
    }

    /// A field's value as it is hashed: as received, or by a setting as one encoder would have written it.
    private func value(of field: WPayField, _ received: ReceivedFields) -> String {
        let value = received[field.name]
        guard settings.hashedFields == .java, field.mark == .encoded, api.carrier.encodesMarkedFields else { return value }
        return URLCodec.decode(value).map(URLCodec.encode) ?? value
    }

    private var takesJSON: Bool { api.carrier == .json }

    private func isChargeEncoded(_ received: ReceivedFields) -> Bool {
        guard takesJSON, settings.takesEncodedCharges else { return false }
        return api.signedRequest.contains { $0.mark == .encoded && URLCodec.decodeIfEncoded(received[$0.name]) != received[$0.name] }
    }

    private func message(_ value: (WPayField) -> String) -> WPay.SignedMessage {
        WPay.SignedMessage.make(
            fields: api.signedRequest.map { (name: $0.name, value: FinalValue(received: value($0))) }, hashKey: keys.hashKey)
    }

    private var order: JSON.Members {
        ["api": .string(api.identifier), "signing_order": .array(api.signedRequest.map { .string($0.name) })]
    }

    private func mismatch(_ received: ReceivedFields, _ message: WPay.SignedMessage, _ others: [(mid: String, keys: WPayKeys)]) -> Verdict {
        guard received.isExplained else {
            var details = order
            for name in received.size.names { details[name] = received.size[name] }
            return Verdict(
                "signature.mismatch", ko: "서명이 맞지 않습니다. 요청이 너무 커서 실수를 찾아보지 않았습니다.",
                en: "the signature is wrong; the request is too large for a search of the mistake",
                fix: (
                    "bujeol wpay explain 명령은 크기와 상관없이 찾아봅니다.", "bujeol wpay explain searches whatever the size."
                ), details)
        }
        let diagnosis = WPayDiagnosis.explain(
            api, received: received.pairs, signature: received.signature, hashKey: keys.hashKey, seed: keys.seed,
            otherKeys: others.map { WPayOtherKey(name: $0.mid, hashKey: $0.keys.hashKey) })
        return SignatureVerdict(diagnosis: diagnosis, mask: MessageMask(api: api, received: received, keys: keys))
            .verdict(received.signature, order)
    }
}

/// What is found out about a wrong signature, as the request log shows it.
struct SignatureVerdict {
    let diagnosis: WPayDiagnosis
    let mask: MessageMask

    func verdict(_ signature: String, _ order: JSON.Members) -> Verdict {
        var details = order
        details["message_built"] = .string(mask.masked(diagnosis.expected))
        details["message_implied"] = diagnosis.implied.map { .string(mask.masked($0)) } ?? .null
        details["first_difference"] = difference
        details["mistakes"] = .array(diagnosis.mistakes.map { .string($0.code) })
        details["about"] = .optional(diagnosis.subject)
        // What is no digest may be anything, a key included, and is not repeated.
        details["signature_received"] =
            Hexadecimal.decode(signature) != nil && signature.utf8.count == 64
            ? .string(signature) : .string("[\(signature.utf8.count) characters that are not 64 hexadecimal digits]")
        let about = diagnosis.subject.map { " (\($0))" } ?? ""
        guard let first = diagnosis.mistakes.first else {
            return Verdict(
                "signature.mismatch", ko: "서명이 맞지 않습니다. " + diagnosis.explanation.korean,
                en: "the signature is wrong: " + diagnosis.explanation.english,
                fix: (
                    "details의 message_built와 실제로 해시한 문자열을 한 글자씩 비교하세요.",
                    "Compare message_built under details with the text that you hash, character by character."
                ), details)
        }
        let names = diagnosis.mistakes.dropFirst()
        return Verdict(
            "signature.mismatch", ko: "서명이 맞지 않습니다: " + first.name.korean + names.map { ", " + $0.name.korean }.joined() + about,
            en: "the signature is wrong: " + first.name.english + names.map { "; " + $0.name.english }.joined() + about,
            fix: (
                diagnosis.mistakes.map(\.remedy.korean).joined(separator: " "),
                diagnosis.mistakes.map(\.remedy.english).joined(separator: "; ")
            ), details)
    }

    /// Where the two messages part, in bytes of the messages themselves, and within which field of the right one.
    private var difference: JSON {
        guard let difference = diagnosis.difference else { return .null }
        let bytes = Array(diagnosis.expected.utf8)
        let start = bytes.prefix(difference.offset).lastIndex(of: UInt8(ascii: "&")).map { $0 + 1 } ?? 0
        let field = String(decoding: bytes[start...].prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        return [
            "offset": .number(difference.offset), "field": .string(field),
            "expected": SignatureVerdict.shown(difference.expected), "received": SignatureVerdict.shown(difference.received),
        ]
    }

    /// A byte as it is shown; null for none.
    static func shown(_ byte: UInt8?) -> JSON {
        guard let byte else { return .null }
        return .string((0x20...0x7E).contains(byte) ? String(Unicode.Scalar(byte)) : "0x" + Hexadecimal.encode([byte]))
    }
}

/// Takes personal values out of a message that is to be shown, and says in which form they stood there: encrypted, encoded, plain.
struct MessageMask {
    /// What is said instead of a value, by the value.
    private var words: [String: String] = [:]

    /// Fields whose values are personal or open a wallet.
    static let personal: Set<String> = [
        "userId", "ci", "userNm", "hNum", "birthDay", "socialNo2", "wpayUserKey", "wpayToken", "buyerName", "buyerTel", "buyerEmail",
        "cshRecpInfo", "repNm", "repPhoneNum", "cardRegKey", "otc", "agreeReqNum", "cardnum1", "cardnum2", "cardnum3", "cardnum4",
        "expireDateYY", "expireDateMM", "appkey",
    ]

    init(api: WPayAPI, received: ReceivedFields, keys: WPayKeys) {
        for (name, value) in received.pairs where MessageMask.personal.contains(name) && !value.isEmpty {
            add(value, "[\(name) as received]")
            add(URLCodec.encode(value), "[\(name) as received, URL-encoded]")
            let field = api.requestField(name)
            if let field, field.mark == .encrypted, let plain = keys.seed.decrypt(value), !plain.isEmpty {
                add(plain, "[\(name) decrypted]")
            }
            if let encrypted = try? keys.seed.encrypt(value) {
                add(encrypted, field?.mark == .encrypted ? "[\(name) encrypted again]" : "[\(name) encrypted]")
            }
            if let decoded = URLCodec.decode(value) { add(decoded, "[\(name) URL-decoded]") }
        }
    }

    private mutating func add(_ value: String, _ word: String) { if words[value] == nil { words[value] = word } }

    /// The text without the values: under the names of personal fields nothing is shown, elsewhere nothing that is one of their values.
    func masked(_ text: String) -> String {
        // The longest first: one value may be a part of another. What holds an & must go before the text is taken apart at them.
        let sought = words.filter { $0.key.utf8.count >= 2 }.sorted { ($0.key.utf8.count, $0.key) > ($1.key.utf8.count, $1.key) }
        let whole = sought.filter { $0.key.contains("&") }.reduce(text) { $0.replacing($1.key, with: $1.value) }
        return whole.split(separator: "&", omittingEmptySubsequences: false).map { part -> String in
            guard let equals = part.firstIndex(of: "="), MessageMask.personal.contains(String(part[..<equals])) else {
                // Values without names, or a value under a wrong name.
                return sought.reduce(String(part)) { $0.replacing($1.key, with: $1.value) }
            }
            let value = String(part[part.index(after: equals)...])
            return part[...equals]
                + (value.isEmpty || words.values.contains(value) ? value : words[value] ?? "[\(part[..<equals]) in another form]")
        }.joined(separator: "&")
    }
}
