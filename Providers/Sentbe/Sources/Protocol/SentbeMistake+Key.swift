import Base
import Cryptography

extension SentbeMistake {
    static let aboutKey: [SentbeMistake] = [
        SentbeMistake(
            "other-secret", name: ("다른 키로 암호화했습니다", "another secret was used"),
            remedy: ("이 파트너의 현재 secret_key를 쓰세요.", "use this partner's present secret_key")
        ) { evidence in
            guard let salt = evidence.salt, let ciphertext = evidence.ciphertext else { return nil }
            for other in evidence.others {
                guard let text = SentbeEvidence.text(of: ciphertext, secret: other.secret, salt: salt) else { continue }
                let detail = BilingualText(korean: "쓰인 키: \(other.name.korean)", english: "the secret that fits: \(other.name.english)")
                return .init(text: text, expected: evidence.rebuilt(text, salt: salt), detail: detail)
            }
            return nil
        },
        SentbeMistake(
            "secret-with-space", name: ("secret_key에 줄바꿈이나 공백이 섞였습니다", "the secret_key was used with white space around it"),
            remedy: (
                "파일이나 환경 변수에서 읽은 키의 앞뒤 공백과 줄바꿈을 지우세요.", "take the line break or spaces away that came along from a file or the environment"
            )
        ) { evidence in
            guard let salt = evidence.salt, let ciphertext = evidence.ciphertext else { return nil }
            let bytes = evidence.secret.withBytes { $0 }
            let variants = [bytes + [0x0A], bytes + [0x0D, 0x0A], bytes + [0x20], [0x20] + bytes, [0x22] + bytes + [0x22]]
            for variant in variants {
                guard let text = SentbeEvidence.text(of: ciphertext, secret: Secret(variant), salt: salt) else { continue }
                return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
            }
            return nil
        },
        SentbeMistake(
            "secret-as-key", name: ("secret_key를 AES 키로 바로 썼습니다", "the secret_key was used as the AES key itself"),
            remedy: (
                "secret_key는 암호문구입니다. salt와 함께 MD5를 세 번 돌려 키와 iv를 만드세요(EVP_BytesToKey).",
                "the secret_key is a passphrase: make key and iv out of it and the salt with three rounds of MD5 (EVP_BytesToKey)"
            )
        ) { evidence in
            let digests = [
                evidence.secretAsKey, evidence.digest(.sha256, salt: []),
                Array(Hexadecimal.encode(evidence.digest(.md5, salt: [])).utf8),
                evidence.digest(.md5, salt: []) + [UInt8](repeating: 0, count: 16),
            ]
            for key in digests { if let finding = evidence.ifDecrypts(key: key) { return finding } }
            return nil
        },
        SentbeMistake(
            "derived-with-sha256", name: ("키를 MD5가 아니라 SHA-256으로 만들었습니다", "the key was derived with SHA-256 instead of MD5"),
            remedy: (
                "openssl enc에는 -md md5를 붙이세요. 1.1.0부터 기본값이 sha256입니다.",
                "give openssl enc the option -md md5: since 1.1.0 its default is sha256"
            )
        ) { evidence in
            guard let salt = evidence.salt, let ciphertext = evidence.ciphertext else { return nil }
            let key = evidence.digest(.sha256, salt: salt)
            let vector = Array(evidence.digest(.sha256, before: key, salt: salt).prefix(16))
            guard let text = SentbeEvidence.text(of: ciphertext, key: Secret(key), vector: vector) else { return nil }
            return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
        },
        SentbeMistake(
            "salt-as-text", name: ("salt를 16진수 글자 그대로 섞었습니다", "the salt went into the key as hexadecimal text"),
            remedy: (
                "키를 만들 때는 salt의 8바이트를 쓰고, 16진수는 봉투에 적을 때만 씁니다.", "derive with the salt's 8 bytes; hexadecimal is for the envelope only"
            )
        ) { evidence in
            guard let salt = evidence.salt else { return nil }
            return chained(evidence, salt: Array(Hexadecimal.encode(salt).utf8))
        },
        SentbeMistake(
            "without-salt", name: ("salt 없이 키를 만들었습니다", "the key was derived without the salt"),
            remedy: ("MD5(secret_key ‖ salt)처럼 매번 salt를 붙이세요.", "append the salt in every round: MD5(secret_key ‖ salt)")
        ) { chained($0, salt: []) },
        SentbeMistake(
            "rounds-not-chained", name: ("MD5 단계마다 앞 단계의 결과를 붙이지 않았습니다", "the rounds of MD5 were not chained"),
            remedy: ("두 번째와 세 번째 MD5에는 바로 앞의 결과 16바이트를 앞에 붙입니다.", "the second and third MD5 begin with the 16 bytes of the one before")
        ) { evidence in
            guard let salt = evidence.salt else { return nil }
            let round = evidence.digest(.md5, salt: salt)
            return evidence.ifDecrypts(key: round + round)
        },
    ]

    static let aboutContent: [SentbeMistake] = [
        SentbeMistake(
            "single-encoding", name: ("매개변수를 한 번만 인코딩했습니다", "the parameters were encoded once only"),
            remedy: (
                "암호화하기 전에 JSON 텍스트를 문자열로 한 번 더 인코딩하세요(to_json, json_encode, JSON.stringify).",
                "encode the JSON text once more as a string before encrypting it (to_json, json_encode, JSON.stringify)"
            )
        ) { evidence in
            guard evidence.failure?.code == .singleEncoding, let plaintext = decrypted(evidence) else { return nil }
            let text = String(decoding: plaintext, as: UTF8.self)
            return .init(text: text, expected: evidence.rebuilt(text, salt: evidence.salt))
        },
        SentbeMistake(
            "triple-encoding", name: ("매개변수를 세 번 인코딩했습니다", "the parameters were encoded three times"),
            remedy: (
                "샘플의 encrypt에는 JSON 텍스트를 그대로 넘기세요. 그 안에서 한 번 더 인코딩합니다.",
                "give the samples' encrypt the JSON text as it is; it encodes once more by itself"
            )
        ) { evidence in
            guard evidence.failure?.code == .notParameters, let outer = recoveredText(evidence), let inner = (try? JSON(outer))?.string,
                (try? JSON(inner))?.members != nil
            else { return nil }
            return .init(text: inner, expected: evidence.rebuilt(inner, salt: evidence.salt))
        },
        SentbeMistake(
            "form-parameters", name: ("매개변수를 JSON이 아니라 폼(a=1&b=2)으로 썼습니다", "the parameters are a form (a=1&b=2), not JSON"),
            remedy: ("매개변수를 JSON 객체 {\"a\":\"1\",\"b\":\"2\"}로 쓰세요.", "write the parameters as a JSON object {\"a\":\"1\",\"b\":\"2\"}")
        ) { evidence in
            guard [.notJSON, .notParameters].contains(evidence.failure?.code), let plaintext = decrypted(evidence) else { return nil }
            let text = recoveredText(evidence) ?? String(decoding: plaintext, as: UTF8.self)
            guard text.utf8.contains(UInt8(ascii: "=")), !text.utf8.contains(UInt8(ascii: "{")) else { return nil }
            return .init(text: text)
        },
        SentbeMistake(
            "printed-object", name: ("JSON이 아니라 언어의 출력 형식을 암호화했습니다", "an object as the language prints it was encrypted, not JSON"),
            remedy: ("to_s, str(), print_r 대신 JSON 직렬화를 쓰세요.", "use a JSON writer instead of to_s, str() or print_r")
        ) { evidence in
            guard [.notJSON, .notParameters].contains(evidence.failure?.code), let plaintext = decrypted(evidence) else { return nil }
            let text = recoveredText(evidence) ?? String(decoding: plaintext, as: UTF8.self)
            let signs = ["=>", "{'", "[object Object]", "Array\n"]
            guard signs.contains(where: { text.utf8.firstRange(of: $0.utf8) != nil }) else { return nil }
            return .init(text: text)
        },
        SentbeMistake(
            "not-an-object", name: ("매개변수가 JSON 객체가 아닙니다", "the parameters are not a JSON object"),
            remedy: ("매개변수는 {\"이름\":값} 꼴의 JSON 객체 하나여야 합니다.", "the parameters must be one JSON object {\"name\":value}")
        ) { evidence in evidence.failure?.code == .notParameters ? .init(text: recoveredText(evidence)) : nil },
        SentbeMistake(
            "name-twice", name: ("같은 이름의 매개변수가 두 번 있습니다", "a parameter's name is written twice"),
            remedy: ("이름마다 한 번만 쓰세요. 어느 값을 쓸지 읽는 쪽마다 다릅니다.", "write each name once; readers differ in which of the two they take")
        ) { evidence in evidence.failure?.code == .nameTwice ? .init(text: recoveredText(evidence)) : nil },
        SentbeMistake(
            "not-utf8",
            name: ("매개변수를 UTF-8이 아닌 문자셋(EUC-KR 등)으로 썼습니다", "the parameters are in a character set other than UTF-8 (such as EUC-KR)"),
            remedy: ("암호화하기 전에 UTF-8로 바꾸세요.", "convert them to UTF-8 before encrypting")
        ) { evidence in
            guard evidence.failure?.code == .notUTF8, let plaintext = decrypted(evidence), looksKorean(plaintext) else { return nil }
            return .init()
        },
        SentbeMistake(
            "damaged-ciphertext", name: ("\"ct\"가 손상되었습니다(키는 맞습니다)", "\"ct\" is damaged; the secret is right"),
            remedy: (
                "iv가 맞으므로 secret_key와 s는 맞습니다. ct가 전송 중에 바뀌었거나, 다른 암호 방식(AES-256-CBC, PKCS#7이 아닌)으로 암호화했습니다.",
                "since iv is right, so are the secret_key and s: something changed ct on the way, or it was not written with AES-256-CBC and PKCS#7"
            )
        ) { [.undecryptable, .notUTF8, .notJSON].contains($0.failure?.code) ? .init() : nil },
        SentbeMistake(
            "wrong-secret", name: ("알 수 없는 키로 암호화했거나 \"s\"가 바뀌었습니다", "an unknown secret was used, or \"s\" was altered"),
            remedy: (
                "secret_key를 다시 확인하고, iv와 s가 같은 암호화에서 나온 값인지 보세요.", "check the secret_key, and that iv and s come from the same encryption"
            )
        ) { $0.failure?.code == .vectorDiffers ? .init() : nil },
    ]

    /// Key and vector by the right chain over another salt; also with the vector that was given.
    private static func chained(_ evidence: SentbeEvidence, salt: [UInt8]) -> SentbeEvidence.Finding? {
        guard let ciphertext = evidence.ciphertext else { return nil }
        var rounds: [[UInt8]] = []
        for _ in 0..<3 { rounds.append(evidence.digest(.md5, before: rounds.last ?? [], salt: salt)) }
        guard let text = SentbeEvidence.text(of: ciphertext, key: Secret(rounds[0] + rounds[1]), vector: rounds[2]) else {
            return evidence.ifDecrypts(key: rounds[0] + rounds[1])
        }
        return .init(text: text, expected: evidence.rebuilt(text, salt: evidence.salt))
    }

    private static func decrypted(_ evidence: SentbeEvidence) -> [UInt8]? {
        guard let salt = evidence.salt, let ciphertext = evidence.ciphertext,
            let derived = PassphraseKey(passphrase: evidence.secret, salt: salt)
        else { return nil }
        return try? BlockCipher.aes256CBC().decrypt(ciphertext, key: derived.key, initializationVector: derived.initializationVector)
    }

    /// Whether bytes beyond ASCII come in the pairs of EUC-KR and its extension, without the controls that a damaged block would bring.
    private static func looksKorean(_ bytes: [UInt8]) -> Bool {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x80 {
                guard (0x81...0xFE).contains(byte), index + 1 < bytes.count, (0x41...0xFE).contains(bytes[index + 1]) else { return false }
                index += 1
            } else if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D {
                return false
            }
            index += 1
        }
        return true
    }

    /// `P` of an envelope whose first six steps passed.
    private static func recoveredText(_ evidence: SentbeEvidence) -> String? {
        decrypted(evidence).flatMap { try? SentbeEnvelope.text($0).text }
    }
}
