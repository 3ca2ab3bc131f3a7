import Base

extension SessionFault.Cause {
    /// What a cause is called, and what is said about it.
    struct Text {
        var word: String
        var reason: BilingualText
        var remedy: BilingualText

        init(_ word: String, _ korean: String, _ english: String, _ koreanRemedy: String, _ englishRemedy: String) {
            self.word = word
            reason = BilingualText(korean: korean, english: english)
            remedy = BilingualText(korean: koreanRemedy, english: englishRemedy)
        }
    }

    var text: Text {
        switch self {
        case .empty, .tooLong, .notEncrypted, .wrongParts, .legacyForm, .wrongVersion, .malformedID: formText
        case .urlSafe, .missingPadding, .lineBreaks, .plusToSpace, .percentEncoded, .escaped, .hexadecimal, .notBase64, .encodedTwice:
            encodingText
        case .blockLength, .otherDigests, .labelled, .olderPadding, .noPadding, .otherPublicKey: blockText
        case .cipherBlockChaining, .wrongContents, .keyLength, .vectorLength: contentsText
        case .otherLabel, .otherSession, .tooShort, .tagMissing, .tagCut, .tagFirst, .damaged, .unproved: fieldText
        case .noAdditionalData, .textAdditionalData, .wrongAdditionalData, .vectorInside, .otherVector, .otherKey, .keyText: keyText
        default: plaintextText
        }
    }

    private var formText: Text {
        switch self {
        case .empty:
            Text("empty", "비어 있습니다.", "it is empty", "값을 넣으세요. 없는 값이면 항목을 빼세요.", "give a value, or leave the member out")
        case .tooLong(let limit):
            Text(
                "too-long", "\(limit)자보다 깁니다.", "it has more than \(limit) characters", "다른 값을 넣지 않았는지 확인하세요.",
                "see that no other value got there")
        case .notEncrypted:
            Text(
                "not-encrypted", "암호화되지 않은 값입니다. '$'로 나뉜 세 부분이 없습니다.",
                "it is not encrypted: there are no three parts with \"$\" between them",
                "v1$세션id$Base64 꼴로 암호화해서 보내세요.", "encrypt it and send v1$id$base64")
        case .wrongParts(let count):
            Text(
                "wrong-parts", "'$'로 나뉜 부분이 \(count)개입니다.", "it has \(count) parts instead of three",
                "v1, 세션 id, Base64의 세 부분이어야 합니다. 셸에서 큰따옴표 안의 '$'가 변수로 바뀌지 않았는지 확인하세요.",
                "there must be v1, the session's id and Base64; has a shell taken \"$\" in double quotation marks for a variable?")
        case .legacyForm:
            Text(
                "legacy-form", "넷째 부분(HMAC)이 있는 예전 AES_CBC 형식입니다.", "it has the fourth part (HMAC) of the old AES_CBC form",
                "AES_GCM으로 암호화하세요. 태그가 HMAC을 대신합니다.", "encrypt with AES_GCM, whose tag takes the place of the HMAC")
        case .wrongVersion:
            Text(
                "wrong-version", "v1도, v1_로 시작하는 값도 아닙니다.", "it is neither v1 nor begins with v1_", "소문자 v1을 쓰세요.",
                "write v1, in lower case")
        default:
            Text(
                "malformed-id", "UUID가 아닙니다.", "it is no UUID", "UUID 버전 4를 소문자와 하이픈으로 36자로 쓰세요.",
                "use a UUID of version 4, 36 characters in lower case with hyphens")
        }
    }

    private var encodingText: Text {
        switch self {
        case .urlSafe:
            Text(
                "url-safe-base64", "URL용 Base64('-', '_')입니다.", "it is Base64 in the alphabet of URLs (\"-\", \"_\")",
                "채움 문자(=)가 있는 표준 Base64('+', '/')로 쓰세요.", "use the standard alphabet (\"+\", \"/\") with padding")
        case .missingPadding:
            Text(
                "missing-padding", "Base64 끝의 채움 문자(=)가 없습니다.", "the padding (\"=\") at the end of the Base64 is missing",
                "채움 문자를 빼지 않는 인코더를 쓰세요.", "use an encoder that keeps the padding")
        case .lineBreaks:
            Text(
                "line-breaks", "Base64에 줄바꿈이나 공백이 섞여 있습니다.", "the Base64 has line breaks or spaces in it",
                "줄을 나누지 않는 인코더를 쓰세요(예: Android의 NO_WRAP, Java의 getEncoder, openssl의 -A).",
                "use an encoder that does not wrap lines (NO_WRAP on Android, getEncoder in Java, -A of openssl)")
        case .plusToSpace:
            Text(
                "plus-to-space", "Base64의 '+'가 공백으로 바뀌었습니다.", "the plus signs of the Base64 became spaces",
                "폼이나 쿼리 디코더를 거치지 말고 JSON 본문에 그대로 담으세요.", "put it into the JSON body as it is, not through the decoder of a form or a query")
        case .percentEncoded:
            Text(
                "percent-encoded", "퍼센트 인코딩(%2B, %24 등)이 남아 있습니다.", "it is percent-encoded (%2B, %24 and the like)",
                "JSON 본문에는 URL 인코딩 없이 넣으세요.", "put it into the JSON body without encoding it for URLs")
        case .escaped:
            Text(
                "escaped", "역슬래시가 섞여 있습니다.", "it has backslashes in it", "JSON으로 읽은 값을 쓰고, 이스케이프를 두 번 하지 마세요.",
                "use the value as JSON reads it, and escape it only once")
        case .hexadecimal:
            Text(
                "hexadecimal", "Base64가 아니라 16진수입니다.", "it is hexadecimal, not Base64", "바이트를 표준 Base64로 쓰세요.",
                "write the bytes in standard Base64")
        case .encodedTwice:
            Text(
                "encoded-twice", "Base64를 두 번 했습니다.", "it is Base64 of Base64", "암호화 라이브러리가 이미 Base64로 준 값인지 확인하고 한 번만 하세요.",
                "encode once; the cipher's library may have done it already")
        default:
            Text(
                "not-base64", "표준 Base64가 아닙니다.", "it is no standard Base64", "바이트를 채움 문자까지 있는 표준 Base64로 쓰세요.",
                "write the bytes in standard Base64 with padding")
        }
    }

    private var blockText: Text {
        switch self {
        case .blockLength(let count, let expected):
            Text(
                "block-length", "RSA 블록이 \(count)바이트입니다. 이 키로는 \(expected)바이트여야 합니다.",
                "the RSA block has \(count) bytes; with this key it must have \(expected)",
                "RSA-4096 공개키로 암호화했는지, 값이 잘리지 않았는지 확인하세요.", "was it encrypted with the RSA-4096 public key, and was it cut off?")
        case .otherDigests(let padding, let mask):
            Text(
                "oaep-digest", "OAEP에는 \(padding), MGF1에는 \(mask) 다이제스트를 썼습니다.",
                "OAEP was used with \(padding), its mask (MGF1) with \(mask)",
                "둘 다 SHA-1로 지정하세요. Java라면 OAEPParameterSpec(\"SHA-1\", \"MGF1\", MGF1ParameterSpec.SHA1, PSpecified.DEFAULT)입니다.",
                "set both to SHA-1; in Java, OAEPParameterSpec(\"SHA-1\", \"MGF1\", MGF1ParameterSpec.SHA1, PSpecified.DEFAULT)")
        case .labelled:
            Text("oaep-label", "OAEP에 레이블을 넣었습니다.", "OAEP was used with a label", "레이블을 비우세요.", "leave the label empty")
        case .olderPadding:
            Text(
                "pkcs1-padding", "RSA 패딩이 OAEP가 아니라 PKCS#1 v1.5입니다.", "the RSA padding is PKCS#1 version 1.5, not OAEP",
                "OAEP(SHA-1)로 바꾸세요. Java의 \"RSA\"나 \"RSA/ECB/PKCS1Padding\", Node의 RSA_PKCS1_PADDING이 이것입니다.",
                "use OAEP with SHA-1; \"RSA\" or \"RSA/ECB/PKCS1Padding\" in Java and RSA_PKCS1_PADDING in Node are this one")
        case .noPadding:
            Text(
                "no-padding", "RSA를 패딩 없이 썼습니다.", "RSA was used without any padding", "OAEP(SHA-1)로 바꾸세요.", "use OAEP with SHA-1")
        default:
            Text(
                "other-public-key", "다른 RSA 공개키로 암호화한 값으로 보입니다.", "it seems to be encrypted with another RSA public key",
                "샌드박스에는 샌드박스의 공개키(GET /-/toss-auth/public-key)로 암호화하세요. 토스가 공개한 운영 공개키로 암호화한 값은 토스만 열 수 있습니다.",
                "for a sandbox, use the sandbox's public key (GET /-/toss-auth/public-key); what is encrypted with the published key of the real service only Toss can open"
            )
        }
    }

    private var contentsText: Text {
        switch self {
        case .cipherBlockChaining:
            Text(
                "aes-cbc", "RSA로 암호화한 내용이 AES_CBC입니다.", "RSA had encrypted AES_CBC", "AES_GCM$키$IV로 바꾸세요. 키 32바이트, IV 12바이트입니다.",
                "use AES_GCM$key$vector, with a key of 32 bytes and a vector of 12")
        case .wrongContents(let parts):
            Text(
                "wrong-contents", "RSA로 암호화한 내용이 AES_GCM$키$IV 꼴이 아닙니다('$'로 나뉜 부분 \(parts)개).",
                "RSA had encrypted something other than AES_GCM$key$vector (\(parts) parts)",
                "AES_GCM$, 키의 Base64, $, IV의 Base64를 이은 69자를 암호화하세요.",
                "encrypt 69 characters: AES_GCM$, the key in Base64, $, the vector in Base64")
        case .keyLength(let count):
            Text(
                "key-length", "AES 키가 \(count)바이트입니다.", "the AES key has \(count) bytes", "32바이트(AES-256)를 쓰세요.",
                "use 32 bytes (AES-256)")
        case .vectorLength(let count):
            Text(
                "vector-length", "IV가 \(count)바이트입니다.", "the initialization vector has \(count) bytes",
                "12바이트를 쓰세요. 16바이트는 2022년 5월 이전 SDK의 길이입니다.", "use 12 bytes; 16 is what the SDK used before May 2022")
        default: plaintextText
        }
    }

    private var fieldText: Text {
        switch self {
        case .otherLabel:
            Text(
                "other-label", "이 세션으로 암호화했지만 다른 세션의 id가 적혀 있습니다.", "it is encrypted with this session and carries another session's id",
                "sessionKey와 같은 id를 적으세요.", "write the id that the sessionKey carries")
        case .otherSession:
            Text(
                "other-session", "다른 세션으로 암호화한 값입니다.", "it belongs to another session",
                "같은 호출에 보내는 sessionKey의 세션으로 암호화하고, 결과는 결과 조회 호출에 보낸 세션으로 여세요.",
                "encrypt with the session whose sessionKey goes with the same call; open a result with the session of that very result call"
            )
        case .tooShort(let count):
            Text(
                "too-short", "암호문이 \(count)바이트로, 인증 태그(16바이트)보다 짧습니다.", "the ciphertext has \(count) bytes, fewer than a tag (16)",
                "암호문 뒤에 16바이트 태그를 붙이세요.", "append the tag of 16 bytes to the ciphertext")
        case .tagMissing:
            Text(
                "tag-missing", "인증 태그가 없습니다.", "there is no tag", "암호문 뒤에 16바이트 태그를 붙이세요(Node의 getAuthTag, PHP의 $tag).",
                "append the tag of 16 bytes to the ciphertext (getAuthTag in Node, $tag in PHP)")
        case .tagCut(let count):
            Text(
                "tag-cut", "인증 태그가 16바이트 가운데 \(count)바이트만 있습니다.", "only \(count) of the tag's 16 bytes are there",
                "태그 길이를 128비트로 하고 값이 잘리지 않았는지 확인하세요.", "use a tag of 128 bits, and see that nothing is cut off")
        case .tagFirst:
            Text(
                "tag-first", "인증 태그가 암호문 앞에 있습니다.", "the tag stands in front of the ciphertext", "태그를 암호문 뒤에 붙이세요.",
                "put the tag behind the ciphertext")
        case .damaged:
            Text(
                "damaged", "값이 도중에 조금 바뀌었습니다.", "it was changed a little on the way", "받은 값을 고치지 말고 그대로 쓰세요.",
                "pass the value on as it is")
        default:
            Text(
                "unproved", "키와 IV는 맞는데 인증 태그가 맞지 않습니다. AAD가 다르거나 값이 바뀌었습니다.",
                "key and vector fit, but the tag does not: another AAD was used, or the value was changed",
                "AAD로 AES 키의 32바이트를 그대로 쓰세요.", "use the 32 bytes of the AES key as AAD")
        }
    }

    private var keyText: Text {
        switch self {
        case .noAdditionalData:
            Text(
                "aad-empty", "AAD 없이 암호화했습니다.", "it was encrypted without AAD", "AAD로 AES 키의 32바이트를 그대로 쓰세요.",
                "use the 32 bytes of the AES key as AAD")
        case .textAdditionalData:
            Text(
                "aad-base64-text", "AAD로 키의 Base64 글자를 썼습니다.", "the Base64 text of the key was used as AAD",
                "Base64를 푼 32바이트를 쓰세요.", "use the 32 bytes themselves")
        case .wrongAdditionalData:
            Text(
                "aad-wrong", "AAD로 키가 아닌 다른 값을 썼습니다.", "something other than the key was used as AAD",
                "AAD로 AES 키의 32바이트를 그대로 쓰세요.", "use the 32 bytes of the AES key as AAD")
        case .vectorInside(let isOwn):
            Text(
                "iv-inside", isOwn ? "암호문 앞에 IV가 붙어 있습니다." : "값마다 다른 IV를 만들어 암호문 앞에 붙였습니다.",
                isOwn
                    ? "the initialization vector stands in front of the ciphertext"
                    : "each value has its own vector in front of the ciphertext",
                "앱인토스 로그인의 형식입니다. 여기서는 sessionKey의 IV를 쓰고, 암호문과 태그만 보내세요.",
                "that is the form of Apps in Toss login; here the session key's vector is used, and only ciphertext and tag are sent")
        case .otherVector(let vector):
            Text(
                "other-iv", vector == .zeros ? "IV로 0을 썼습니다." : "IV로 Base64를 풀지 않은 글자를 썼습니다.",
                vector == .zeros ? "zeros were used as the vector" : "the characters of the vector's Base64 text were used as the vector",
                "sessionKey에 넣은 12바이트 IV를 그대로 쓰세요.", "use the 12 bytes that the session key carries")
        case .keyText:
            Text(
                "key-text", "키로 Base64를 풀지 않은 글자를 썼습니다.", "the characters of the key's Base64 text were used as the key",
                "Base64를 푼 32바이트를 키로 쓰세요.", "use the 32 bytes themselves")
        default:
            Text(
                "other-key", "다른 AES 키나 다른 IV로 암호화한 값입니다.", "it was encrypted with another AES key or another vector",
                "sessionKey에 넣은 키와 IV로 암호화하세요. 호출마다 세션을 새로 만들되, 한 호출 안에서는 하나만 쓰세요.",
                "use the key and the vector that the session key carries: a new session for each call, and one only within a call")
        }
    }

    private var plaintextText: Text {
        switch self {
        case .notUTF8:
            Text(
                "not-utf8", "평문이 UTF-8이 아닙니다.", "the plaintext is no UTF-8", "EUC-KR 등을 UTF-8로 바꾸어 암호화하세요.",
                "encode the text in UTF-8 before encrypting it, not in EUC-KR or the like")
        case .encryptedTwice:
            Text(
                "encrypted-twice", "두 번 암호화했습니다.", "it was encrypted twice",
                "한 번만 암호화하세요. 게이트웨이에는 평문을 보냅니다.", "encrypt once; the gateway takes clear text")
        case .notText:
            Text(
                "not-text", "글자가 아닌 값입니다.", "it is no text", "암호화된 글자나 null이어야 합니다.", "it must be an encrypted text, or null")
        case .clear:
            Text(
                "clear", "암호화되지 않은 값입니다.", "it is not encrypted", "v1$세션id$Base64 꼴이어야 합니다.", "it must be v1$id$base64")
        case .noMembers:
            Text(
                "no-members", "개인정보 객체가 아니거나 항목이 너무 많습니다.", "it is no object, or one with too many members",
                "result 응답의 success.personalData를 쓰세요.", "use success.personalData of a result call's answer")
        default:
            Text(
                "unavailable", "이 OpenSSL로는 처리할 수 없습니다.", "this OpenSSL cannot do it", "설치된 OpenSSL과 키의 종류(RSA)를 확인하세요.",
                "look at the installed OpenSSL and at the kind of the key (RSA)")
        }
    }
}
