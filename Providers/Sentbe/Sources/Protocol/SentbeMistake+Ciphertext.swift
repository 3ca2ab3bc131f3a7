import Base
import Cryptography

extension SentbeMistake {
    static let aboutCiphertext: [SentbeMistake] = [
        SentbeMistake(
            "plus-became-space", name: ("\"ct\"의 '+'가 공백으로 바뀌었습니다", "'+' in \"ct\" was turned into a space"),
            remedy: (
                "봉투가 폼이나 쿼리 문자열의 디코더를 거쳤습니다. 헤더 값을 URL 디코딩하지 마세요.",
                "the envelope went through the decoder of a form or a query; do not percent-decode the header's value"
            )
        ) { evidence in
            guard let ct = evidence.member("ct"), ct.utf8.contains(0x20) else { return nil }
            return evidence.ifOpensWithCiphertext(mapped(ct) { $0 == 0x20 ? UInt8(ascii: "+") : $0 })
        },
        SentbeMistake(
            "wrapped-base64", name: ("\"ct\"의 base64에 줄바꿈이 들어 있습니다", "the base64 of \"ct\" is wrapped into lines"),
            remedy: (
                "줄바꿈 없는 base64를 쓰세요: Ruby는 Base64.encode64 대신 strict_encode64, openssl은 -A, Java는 getMimeEncoder 대신 getEncoder.",
                "write base64 without line feeds: Ruby's strict_encode64 instead of encode64, openssl's -A, Java's getEncoder instead of getMimeEncoder"
            )
        ) { evidence in
            guard let ct = evidence.member("ct"), ct.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return nil }
            return evidence.ifOpensWithCiphertext(mapped(ct) { $0 == 0x0A || $0 == 0x0D ? nil : $0 })
        },
        SentbeMistake(
            "base64-percent-encoded", name: ("\"ct\"를 URL 인코딩했습니다", "\"ct\" was percent-encoded"),
            remedy: ("base64를 그대로 쓰세요. %2B, %2F, %3D가 아니라 +, /, = 입니다.", "write base64 as it is: +, / and =, not %2B, %2F and %3D")
        ) { evidence in
            guard let ct = evidence.member("ct"), ct.utf8.contains(UInt8(ascii: "%")) else { return nil }
            return percentDecoded(Array(ct.utf8), plusIsSpace: false).flatMap { evidence.ifOpensWithCiphertext($0) }
        },
        SentbeMistake(
            "url-safe-base64", name: ("URL용 base64 문자(- 와 _)를 썼습니다", "the URL-safe base64 alphabet (- and _) was used"),
            remedy: ("표준 base64 문자(+ 와 /)와 끝의 =를 쓰세요.", "use the standard alphabet (+ and /) with = at the end")
        ) { evidence in
            guard let ct = evidence.member("ct"), ct.utf8.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) else {
                return nil
            }
            let standard = mapped(ct) { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
            return evidence.ifOpensWithCiphertext(padded(standard))
        },
        SentbeMistake(
            "base64-without-padding", name: ("base64 끝의 '='가 없습니다", "the '=' at the end of the base64 is missing"),
            remedy: ("base64의 길이가 4의 배수가 되도록 끝의 =를 남겨 두세요.", "keep the = at the end, so that its length is a multiple of four")
        ) { evidence in
            guard let ct = evidence.member("ct"), ct.utf8.count % 4 > 1 else { return nil }
            return evidence.ifOpensWithCiphertext(padded(ct))
        },
        SentbeMistake(
            "ct-in-hexadecimal", name: ("\"ct\"를 16진수로 썼습니다", "\"ct\" is written in hexadecimal"),
            remedy: ("ct는 base64, iv와 s는 16진수입니다.", "ct is base64; iv and s are hexadecimal")
        ) { evidence in
            evidence.member("ct").flatMap(Hexadecimal.decode).flatMap { evidence.ifOpensWithCiphertext(Base64.encode($0)) }
        },
        SentbeMistake(
            "ct-salted", name: ("\"ct\" 앞에 \"Salted__\"와 salt가 붙어 있습니다", "\"ct\" begins with \"Salted__\" and the salt"),
            remedy: (
                "앞의 16바이트를 떼세요. OpenSSL 3.0 이전의 openssl enc와 CryptoJS의 기본 형식이 그것을 붙입니다.",
                "cut off the first 16 bytes; openssl enc before 3.0 and CryptoJS's default form put them there"
            )
        ) { evidence in
            guard let bytes = evidence.member("ct").flatMap(Base64.decode), bytes.starts(with: SentbeGeneration2.saltedMark),
                bytes.count >= 32
            else {
                return nil
            }
            let salt = Array(bytes[8..<16])
            guard let text = SentbeEvidence.text(of: Array(bytes[16...]), secret: evidence.secret, salt: salt) else { return .init() }
            return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
        },
    ]

    static let aboutVector: [SentbeMistake] = [
        SentbeMistake(
            "salt-and-vector-swapped", name: ("\"iv\"와 \"s\"가 서로 바뀌었습니다", "\"iv\" and \"s\" are swapped"),
            remedy: ("s는 8바이트(16자리), iv는 16바이트(32자리)입니다.", "s has 8 bytes (16 digits), iv has 16 (32 digits)")
        ) { evidence in
            guard var members = evidence.members, let iv = members["iv"], let salt = members["s"] else { return nil }
            members["iv"] = salt
            members["s"] = iv
            guard var finding = evidence.ifOpens(JSON.object(members).text) else { return nil }
            finding.expected = evidence.rebuilt(finding.text ?? "", salt: iv.string.flatMap(Hexadecimal.decode))
            return finding
        },
        SentbeMistake(
            "hexadecimal-in-base64", name: ("\"iv\"와 \"s\"를 base64로 썼습니다", "\"iv\" and \"s\" are written in base64"),
            remedy: ("iv와 s는 소문자 16진수입니다. base64는 ct뿐입니다.", "iv and s are lower-case hexadecimal; only ct is base64")
        ) { evidence in
            guard evidence.salt == nil || evidence.vector == nil, var members = evidence.members else { return nil }
            var saltBytes = evidence.salt
            for name in ["iv", "s"] {
                guard let text = members[name]?.string else { return nil }
                guard let bytes = Base64.decode(text), bytes.count == (name == "s" ? 8 : 16) else { continue }
                members[name] = .string(Hexadecimal.encode(bytes))
                if name == "s" { saltBytes = bytes }
            }
            guard var finding = evidence.ifOpens(JSON.object(members).text) else { return nil }
            finding.expected = evidence.rebuilt(finding.text ?? "", salt: saltBytes)
            return finding
        },
        SentbeMistake(
            "key-of-33-bytes", name: ("키를 33바이트로 잘랐습니다", "the key was cut at 33 bytes instead of 32"),
            remedy: (
                "공개된 Ruby decrypt의 [0..32]는 33바이트입니다. 키는 [0..31], iv는 그다음 16바이트입니다.",
                "the published Ruby decrypt takes [0..32], which is 33 bytes; the key is [0..31] and the iv the 16 bytes behind it"
            )
        ) { evidence in
            guard let salt = evidence.salt, let ciphertext = evidence.ciphertext,
                let iv = evidence.member("iv").flatMap(Hexadecimal.decode),
                let derived = PassphraseKey(passphrase: evidence.secret, salt: salt)
            else { return nil }
            // The vector that is left when one byte too many went into the key, with whatever was put behind it.
            let shifted = Array(derived.initializationVector.dropFirst())
            guard iv.count == 15 || iv.count == 16, iv.starts(with: shifted) else { return nil }
            let vector = iv.count == 16 ? iv : iv + [0]
            guard let text = SentbeEvidence.text(of: ciphertext, key: derived.key, vector: vector) else { return .init() }
            return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
        },
        SentbeMistake(
            "altered-vector", name: ("\"iv\"만 바뀌었습니다", "only \"iv\" was altered"),
            remedy: (
                "내용은 secret_key와 s로 계산한 iv로 암호화되어 있습니다. 계산한 iv를 그대로 적고, 전송 중에 바뀌지 않았는지 확인하세요.",
                "the content was encrypted with the iv that follows from the secret_key and s; write that one, and see whether something on the way changes it"
            )
        ) { evidence in
            guard evidence.hasWrongVector, let salt = evidence.salt, let ciphertext = evidence.ciphertext,
                let text = SentbeEvidence.text(of: ciphertext, secret: evidence.secret, salt: salt)
            else { return nil }
            return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
        },
        SentbeMistake(
            "own-vector", name: ("iv를 따로 만들어 암호화했습니다", "the content was encrypted with a vector of its own"),
            remedy: (
                "iv는 무작위로 만들지 않습니다. secret_key와 s에서 나오는 48바이트의 마지막 16바이트입니다.",
                "the iv is not random: it is the last 16 of the 48 bytes that follow from the secret_key and s"
            )
        ) { evidence in
            guard evidence.hasWrongVector, let salt = evidence.salt, let ciphertext = evidence.ciphertext,
                let derived = PassphraseKey(passphrase: evidence.secret, salt: salt)
            else { return nil }
            for vector in [evidence.vector, [UInt8](repeating: 0, count: 16)] {
                guard let vector, let text = SentbeEvidence.text(of: ciphertext, key: derived.key, vector: vector) else { continue }
                return .init(text: text, expected: evidence.rebuilt(text, salt: salt))
            }
            return nil
        },
    ]

    /// `text` with every byte replaced, or left out where `change` returns nothing.
    static func mapped(_ text: String, _ change: (UInt8) -> UInt8?) -> String {
        String(decoding: text.utf8.compactMap(change), as: UTF8.self)
    }

    static func padded(_ base64: String) -> String {
        let missing = (4 - base64.utf8.count % 4) % 4
        return base64 + String(repeating: "=", count: missing)
    }
}
