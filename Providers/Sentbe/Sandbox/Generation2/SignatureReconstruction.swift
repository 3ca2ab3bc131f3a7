import Base
import Cryptography
import Sentbe

/// Finds out what a signature was made over that does not fit: every known mistake, alone and two at a time, until one reproduces the caller's very bytes.
struct SignatureReconstruction {
    /// The texts, secrets and spellings that are right, each with what somebody may have taken instead.
    var nonce: String
    /// Right forms of the URL; the first is the one of the settings.
    var urls: [String]
    /// Other forms of it.
    var otherURLs: [String]
    var body: [UInt8]
    var secret: Secret
    /// Secrets that may have been taken instead, each with the id of the mistake.
    var otherSecrets: [(mistake: String, secret: Secret)]
    /// The plain parameters, when the body opens.
    var plainText: [UInt8]?

    /// What reproduces the signature.
    struct Finding {
        /// The ids of what was done; never empty.
        var mistakes: [String]
        /// What was signed.
        var message: [UInt8]
    }

    /// Bodies beyond this are tried with single mistakes only, since each attempt reads all of it.
    private static let longestForPairs = 64 << 10

    /// The message that ought to have been signed.
    var expected: [UInt8] { Array((nonce + (urls.first ?? "")).utf8) + body }

    /// What the signature was made over; nothing when no known mistake reproduces it.
    func find(_ signature: String) -> Finding? {
        let given = SignatureReconstruction.readings(signature)
        guard !given.isEmpty else { return nil }
        for count in 1...(body.count <= SignatureReconstruction.longestForPairs ? 2 : 1) {
            if let finding = find(given, exactly: count) { return finding }
        }
        return nil
    }

    private typealias Variant<Value> = (mistake: String?, value: Value)

    private func find(_ given: [Variant<[UInt8]>], exactly count: Int) -> Finding? {
        let secrets: [Variant<Secret>] = [(nil, secret)] + otherSecrets.map { ($0.mistake, $0.secret) }
        let (nonces, bodies) = (nonceVariants, bodyVariants)
        for url in urlVariants {
            for body in bodies {
                for nonce in nonces {
                    for isReversed in [false, true] {
                        let parts = [url.mistake, body.mistake, nonce.mistake, isReversed ? "order" : nil].compactMap { $0 }
                        guard parts.count <= count else { continue }
                        let (first, second) = isReversed ? (url.value, nonce.value) : (nonce.value, url.value)
                        let message = Array((first + second).utf8) + body.value
                        for secret in secrets {
                            let whole = parts + [secret.mistake].compactMap { $0 }
                            guard whole.count <= count else { continue }
                            let code = secret.value.withBytes { hmacSHA256(message, key: $0) }
                            for reading in given where whole.count + (reading.mistake == nil ? 0 : 1) == count {
                                guard constantTimeEquals(reading.value, code) else { continue }
                                return Finding(mistakes: whole + [reading.mistake].compactMap { $0 }, message: message)
                            }
                        }
                    }
                }
            }
        }
        return nil
    }

    private var urlVariants: [Variant<String>] { urls.map { (nil, $0) } + otherURLs.map { ("other-url-form", $0) } }

    private var nonceVariants: [Variant<String>] { [(nil, nonce), ("without-nonce", "")] }

    private var bodyVariants: [Variant<[UInt8]>] {
        var variants: [Variant<[UInt8]>] = [(nil, body)]
        if !body.isEmpty { variants.append(("without-body", [])) }
        if let plainText { variants.append(("plain-body", plainText)) }
        guard let json = try? JSON(body) else { return variants }
        var forms = [json.text, json.prettyText, json.prettyText.replacing("\n", with: "\r\n")]
        if let data = json["data"]?.string {
            // Jackson's and Python's own ways to write it, and tabs and four spaces.
            forms += [
                "{\n  \"data\" : \"\(data)\"\n}", "{\r\n  \"data\" : \"\(data)\"\r\n}", "{\"data\": \"\(data)\"}",
                "{\n    \"data\": \"\(data)\"\n}", "{\n\t\"data\": \"\(data)\"\n}",
                "{\"data\":\"\(data.replacing("/", with: "\\/"))\"}", data,
            ]
        }
        let own = body
        return variants + forms.map { Array($0.utf8) }.filter { $0 != own }.map { ("other-bytes", $0) }
    }

    /// The 32 bytes that the header's text can mean, with the mistake of whoever wrote it so.
    private static func readings(_ signature: String) -> [Variant<[UInt8]>] {
        var readings: [Variant<[UInt8]>] = []
        if let bytes = Base64.decode(signature) {
            readings.append((nil, bytes))
            if let inner = Hexadecimal.decode(String(decoding: bytes, as: UTF8.self)) { readings.append(("base64-of-hexadecimal", inner)) }
        }
        if let bytes = Hexadecimal.decode(signature) { readings.append(("hexadecimal", bytes)) }
        if Base64.decode(signature) == nil {
            let unpadded = String(signature.filter { $0 != "=" }.map { $0 == " " ? "+" : $0 })
            let spelt = unpadded.contains("-") || unpadded.contains("_") || unpadded.utf8.count == signature.utf8.count
            let urlSafe = String(unpadded.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
            if let bytes = WebviewToken.decode(urlSafe) {
                readings.append((signature.contains(" ") ? "plus-as-space" : spelt ? "base64url" : "base64", bytes))
            }
        }
        return readings.filter { $0.value.count == 32 }
    }

    /// The first byte in which two messages differ; nothing when they do not.
    static func firstDifference(_ expected: [UInt8], _ received: [UInt8]) -> Int? {
        if let index = zip(expected, received).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset { return index }
        return expected.count == received.count ? nil : min(expected.count, received.count)
    }
}

// MARK: What the mistakes are called

extension SignatureReconstruction {
    /// The name and the remedy of a mistake.
    static func words(_ id: String) -> (name: BilingualText, remedy: BilingualText) {
        if let known = SentbeGeneration2.SignatureMistake.all.first(where: { $0.id == id }) { return (known.name, known.remedy) }
        let (name, remedy) = own[id] ?? (("알려진 실수입니다", "this is a known mistake"), ("서명 규칙을 확인하세요.", "see the rules of signing"))
        return (BilingualText(korean: name.0, english: name.1), BilingualText(korean: remedy.0, english: remedy.1))
    }

    /// Mistakes beyond those that the protocol room knows.
    private static let own: [String: ((String, String), (String, String))] = [
        "order": (
            ("url을 nonce보다 앞에 놓고 서명했습니다", "the url was signed before the nonce"),
            ("nonce ‖ url ‖ 본문의 순서로 서명하세요.", "sign nonce ‖ url ‖ body in this order")
        ),
        "base64url": (
            ("서명을 URL용 base64로 썼습니다", "the signature is written in base64url"),
            ("+와 /를 쓰고 =로 채우는 보통 base64로 쓰세요.", "write ordinary base64 with + and /, padded with =")
        ),
        "base64": (("base64의 채움이 잘못되었습니다", "the base64 is padded wrongly"), ("끝의 =를 빠뜨리지 마세요.", "leave no = out at the end")),
        "plus-as-space": (
            ("base64의 +가 공백으로 바뀌었습니다", "a + of the base64 became a space"),
            ("헤더 값을 폼 값처럼 풀지 마세요.", "do not decode the header as a form's value")
        ),
        "api-key": (("x-api-key로 서명했습니다", "the x-api-key was used as the secret"), ("서명에는 HMAC 키를 쓰세요.", "sign with the HMAC secret")),
        "former-secret": (
            ("재발급 전의 HMAC 키로 서명했습니다", "the HMAC secret before its re-issue was used"), ("새 HMAC 키를 쓰세요.", "use the new HMAC secret")
        ),
        "decoded-secret": (
            ("HMAC 키를 16진수로 풀어서 썼습니다", "the HMAC secret was decoded from hexadecimal"),
            ("16진수처럼 보여도 글자 그대로의 바이트를 키로 쓰세요.", "use the secret's characters as they are, although they look like hexadecimal")
        ),
        "first-generation-secret": (
            ("1세대의 secret_key로 서명했습니다", "the first generation's secret_key was used"), ("서명에는 HMAC 키를 쓰세요.", "sign with the HMAC secret")
        ),
        "other-partner": (
            ("다른 파트너의 HMAC 키로 서명했습니다", "another partner's HMAC secret was used"),
            ("x-api-key와 짝이 맞는 HMAC 키를 쓰세요.", "use the HMAC secret that belongs to the x-api-key")
        ),
    ]
}
