import Base

extension MistakeRow {
    /// The list: what merchants get wrong, with the messages that come of it. A mistake seen tomorrow is one more row.
    static let all: [MistakeRow] = styles + empties + encryption + encoding + selection + keys

    /// The three other ways to put a message together, which also combine with every other row.
    static let styles: [MistakeRow] = [
        MistakeRow(
            "label-hash", ("메시지 끝을 hash=로 붙였습니다", "the message ends with hash= instead of hashKey="),
            ("마지막 이름은 hashKey입니다: …&hashKey=값", "the last name is hashKey: …&hashKey=value")
        ) { [Variant(fields: $0.fields, style: .hashLabel)] },
        MistakeRow(
            "values-joined", ("이름 없이 값만 &로 이었습니다", "values were joined by & without their names"),
            ("이름=값을 &로 이으세요. 서명 문서의 Java 예제는 틀렸습니다.", "join name=value pairs by &; the Java sample of the signature document is wrong")
        ) { [Variant(fields: $0.fields, style: .valuesJoined)] },
        MistakeRow(
            "values-bare", ("구분자 없이 값만 이었습니다", "values were joined with nothing between them"),
            ("이름=값을 &로 이으세요.", "join name=value pairs by &")
        ) { [Variant(fields: $0.fields, style: .valuesBare)] },
    ]

    private static let empties: [MistakeRow] = [
        MistakeRow(
            "empty-dropped", ("빈 필드를 메시지에서 뺐습니다", "an empty field was left out of the message"),
            ("값이 없어도 이름=을 그대로 두세요.", "keep name= even when there is no value")
        ) { $0.dropping() },
        MistakeRow(
            "null-as-text", ("빈 값을 null이라는 글자로 서명했습니다", "an empty value was signed as the word null"),
            ("null은 빈 문자열로 바꾼 뒤 이으세요.", "turn null into an empty text before joining")
        ) { signedCase in
            ["null", "undefined", "None"].flatMap { word in
                signedCase.changing { $0.value.isEmpty ? SignedMessage.Field(name: $0.name, value: word) : nil }
            }
        },
        MistakeRow(
            "empty-encrypted", ("빈 값을 SEED로 암호화했습니다", "an empty value was encrypted with SEED"),
            ("빈 값은 암호화하지 말고 빈 문자열로 두세요.", "leave empty values empty; do not encrypt them")
        ) { signedCase in
            guard let block = signedCase.seed.flatMap({ try? $0.encryptPadded("") }) else { return [] }
            return signedCase.changing { field in
                field.value.isEmpty && signedCase.mark(field.name) == .encrypted ? SignedMessage.Field(name: field.name, value: block) : nil
            } + signedCase.changing { $0.value.isEmpty ? SignedMessage.Field(name: $0.name, value: block) : nil }
        },
    ]

    private static let encryption: [MistakeRow] = [
        MistakeRow(
            "base64-encoded", ("Base64 값을 퍼센트 인코딩한 뒤 서명했습니다", "a Base64 value was percent-encoded before signing"),
            (
                "서명에는 Base64의 +, /, =를 그대로 쓰고, 퍼센트 인코딩은 보낼 때만 하세요.",
                "sign the +, / and = of Base64 as they are; percent-encode only for sending"
            )
        ) { signedCase in
            signedCase.changing(.encrypted) { URLCodec.encode($0) }
                + signedCase.changing(.encrypted) { Encoders.lowerCase(URLCodec.encode($0)) }
        },
        MistakeRow(
            "plus-became-space", ("보내는 도중 Base64의 +가 공백으로 바뀌었습니다", "the + of a Base64 value became a space on the way"),
            ("폼을 보낼 때 +를 %2B로 인코딩하세요.", "form-encode + as %2B when sending")
        ) { $0.changing(.encrypted) { $0.replacing(" ", with: "+") } },
        MistakeRow(
            "base64-line-break", ("Base64에 줄바꿈이 든 채로 서명했습니다", "a Base64 value was signed with a line break in it"),
            ("Base64에서 줄바꿈을 없애세요.", "remove line breaks from Base64")
        ) { signedCase in ["\n", "\r\n"].flatMap { end in signedCase.changing(.encrypted) { $0 + end } } },
        MistakeRow(
            "signed-unencrypted", ("암호화(E) 필드를 평문으로 서명했습니다", "an encrypted (E) field was signed in plain"),
            ("먼저 SEED로 암호화하고, 암호화한 값을 서명하세요.", "encrypt with SEED first, then sign the encrypted value")
        ) { signedCase in
            signedCase.changing { field in
                guard signedCase.mark(field.name) == .encrypted, !field.value.isEmpty, let plain = signedCase.seed?.decrypt(field.value)
                else { return nil }
                return SignedMessage.Field(name: field.name, value: plain, isHidden: true)
            }
        },
        MistakeRow(
            "sent-unencrypted", ("암호화한 값으로 서명하고 다른 값을 보냈습니다", "the encryption of a value was signed, the value itself was sent"),
            ("서명한 값과 보내는 값은 같아야 합니다. 한 번만 암호화한 값을 보내세요.", "send the very value that was signed, encrypted once")
        ) { signedCase in
            let byMark = signedCase.changing(.encrypted) { signedCase.seed?.encrypted($0) }
            // Identity values are encrypted in some products and plain in others.
            let byHabit = signedCase.changing { field in
                guard field.name == "ci", signedCase.mark("ci") == .plain, !field.value.isEmpty else { return nil }
                return signedCase.seed?.encrypted(field.value).map { SignedMessage.Field(name: field.name, value: $0) }
            }
            return byMark + byHabit
        },
    ]

    private static let encoding: [MistakeRow] = [
        MistakeRow(
            "signed-unencoded", ("URL 인코딩(U) 필드를 인코딩하지 않고 서명했습니다", "a URL-encoded (U) field was signed in plain"),
            ("한 번 URL 인코딩한 값을 서명하고, 그 값을 그대로 보내세요.", "URL-encode once, sign that text and send that same text")
        ) { signedCase in
            signedCase.changing(.encoded) { URLCodec.decode($0) }
                // Java code may print the plus signs that stand for spaces.
                + signedCase.changing(.encoded) { URLCodec.decode($0.replacing("+", with: "%2B")) }
        },
        MistakeRow(
            "encoded-once-too-often",
            (
                "서명한 값이 받은 값보다 한 번 더 URL 인코딩되어 있습니다",
                "the signed value is URL-encoded once more than the received one"
            ),
            (
                "폼 API의 U 필드는 URL 인코딩한 값을 폼 인코딩으로 한 번 더 감싸 보내고(두 번), JSON과 GET에서는 서명할 때 인코딩하지 마세요.",
                "in forms, send U fields encoded and form-encoded on top (twice); in JSON and GET queries do not encode them for signing"
            )
        ) { signedCase in
            Encoders.all.flatMap { encode in
                signedCase.changing(.encoded, encode)
            }
        },
        MistakeRow(
            "other-encoder",
            ("서명할 때와 보낼 때 다른 URL 인코더를 썼습니다", "one URL encoder was used for signing and another one for sending"),
            ("한 번만 인코딩해 변수에 두고, 서명과 폼에 그 값을 그대로 쓰세요.", "encode once, keep the text, and use it both for signing and in the form")
        ) { signedCase in
            Encoders.all.flatMap { encode in
                signedCase.changing(.encoded) { URLCodec.decode($0).map(encode) }
            }
        },
    ]

    private static let selection: [MistakeRow] = [
        MistakeRow(
            "unsigned-included", ("서명 대상이 아닌 필드를 서명에 넣었습니다", "a field without a signing order was signed too"),
            ("표에서 서명 순서가 있는 필드만 넣으세요.", "sign only the fields that have a signing order")
        ) { signedCase in
            let names = Set(signedCase.fields.map(\.name))
            let extras = signedCase.wire.filter { !names.contains($0.name) }.prefix(20)
            guard !extras.isEmpty else { return [] }
            let all = Variant(fields: signedCase.fields + extras, subject: extras.map(\.name).joined(separator: ", "))
            let each = extras.map { Variant(fields: signedCase.fields + [$0], subject: $0.name) }
            return [all] + (extras.count > 1 ? each : []) + [
                Variant(fields: signedCase.wire, subject: extras.map(\.name).joined(separator: ", "))
            ]
        },
        MistakeRow(
            "signature-included", ("signature 필드를 서명에 넣었습니다", "the field signature was signed too"),
            ("signature는 서명 메시지에 넣지 마세요.", "leave signature out of the message")
        ) { signedCase in
            ["", "null"].map { word in
                Variant(fields: signedCase.fields + [SignedMessage.Field(name: WPayRequest.signatureField, value: word)], subject: nil)
            }
        },
        MistakeRow(
            "neighbours-swapped", ("이웃한 두 필드의 순서가 바뀌었습니다", "two neighbouring fields were swapped"),
            ("이 API의 서명 순서를 그대로 따르세요.", "keep to this API's own signing order")
        ) { signedCase in
            signedCase.fields.indices.dropLast().map { place in
                var fields = signedCase.fields
                fields.swapAt(place, place + 1)
                return Variant(fields: fields, subject: "\(signedCase.fields[place].name), \(signedCase.fields[place + 1].name)")
            }
        },
        MistakeRow(
            "other-order", ("다른 API나 다른 버전의 서명 순서를 썼습니다", "the signing order of another API or version was used"),
            ("순서는 API와 버전마다 다릅니다. 이 API의 표를 따르세요.", "the order differs by API and version: follow this API's table")
        ) { signedCase in
            WPayTables.all.filter { $0 != signedCase.api }.map { other in
                let order = signedCase.side == .request ? other.signedRequest : other.signedReply
                return Variant(
                    fields: order.map { signedCase.field($0.name) }, subject: other.identifier)
            }
        },
        MistakeRow(
            "alphabetical", ("필드를 이름의 가나다순(알파벳순)으로 이었습니다", "the fields were sorted by name"),
            ("이름순이 아니라 표의 서명 순서를 따르세요.", "follow the table's signing order, not the alphabet")
        ) { signedCase in
            [
                Variant(fields: signedCase.fields.sorted { $0.name < $1.name }),
                Variant(fields: signedCase.fields.sorted { ($0.name.lowercased(), $0.name) < ($1.name.lowercased(), $1.name) }),
            ]
        },
        MistakeRow(
            "wire-order", ("폼에 적힌 순서대로 서명했습니다", "the fields were signed in the order of the form"),
            ("폼의 순서가 아니라 표의 서명 순서를 따르세요.", "follow the table's signing order, not the form's")
        ) { signedCase in
            let names = Set(signedCase.fields.map(\.name))
            return [Variant(fields: signedCase.wire.filter { names.contains($0.name) })]
        },
    ]

    private static let keys: [MistakeRow] = [
        MistakeRow(
            "other-merchant-key", ("다른 상점(MID)의 hashKey로 서명했습니다", "the message was signed with another merchant's hashKey"),
            ("요청의 mid에 맞는 hashKey를 쓰세요.", "use the hashKey that belongs to the request's mid")
        ) { signedCase in
            signedCase.otherKeys.prefix(256).map { Variant(fields: signedCase.fields, subject: $0.name, key: $0) }
        },
        MistakeRow(
            "key-with-line-break", ("hashKey 뒤에 줄바꿈이나 공백이 붙어 있습니다", "a line break or a space follows the hashKey"),
            ("설정 파일에서 읽은 hashKey의 앞뒤 공백을 없애세요.", "trim the hashKey after reading it from a file")
        ) { signedCase in
            ["\n", "\r\n", " "].map { end in
                var bytes = signedCase.hashKey.withBytes { $0 }
                bytes.append(contentsOf: end.utf8)
                return Variant(fields: signedCase.fields, key: WPayOtherKey(name: "", hashKey: Secret(bytes)))
            }
        },
        MistakeRow(
            "key-missing", ("hashKey가 비어 있는 채로 서명했습니다", "the message was signed with an empty hashKey"),
            ("hashKey 설정을 확인하세요.", "check where the hashKey is configured")
        ) { [Variant(fields: $0.fields, key: WPayOtherKey(name: "", hashKey: Secret("")))] },
    ]
}

extension SeedCodec {
    fileprivate func encrypted(_ text: String) -> String? { try? encrypt(text) }
}

/// The URL encoders that merchants' languages have.
enum Encoders {
    static let all: [@Sendable (String) -> String] = [
        { URLCodec.encode($0) },
        // PHP's urlencode.
        { URLCodec.encode($0).replacing("*", with: "%2A") },
        // PHP's rawurlencode, Python's quote.
        { URLCodec.encode($0).replacing("+", with: "%20").replacing("*", with: "%2A").replacing("%7E", with: "~") },
        // JavaScript's encodeURIComponent.
        { text in
            [("+", "%20"), ("%7E", "~"), ("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")")].reduce(URLCodec.encode(text)) {
                $0.replacing($1.0, with: $1.1)
            }
        },
        // .NET's UrlEncode.
        { lowerCase(URLCodec.encode($0)) },
    ]

    /// With the digits behind every percent sign in lower case.
    static func lowerCase(_ encoded: String) -> String {
        var bytes = Array(encoded.utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "%") && index + 2 < bytes.count {
            for digit in index + 1...index + 2 where (0x41...0x46).contains(bytes[digit]) { bytes[digit] += 0x20 }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
