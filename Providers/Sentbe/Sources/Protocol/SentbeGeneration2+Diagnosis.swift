public import Base
import Cryptography

extension SentbeGeneration2 {
    /// What a signature that does not fit was made over instead.
    public struct SignatureMistake: Sendable, Identifiable {
        /// A short constant word.
        public let id: String
        /// What was done.
        public let name: BilingualText
        /// What to do instead.
        public let remedy: BilingualText
        let reproduces: @Sendable (Attempt) -> Bool

        /// All that are known, in the order in which they are tried.
        public static let all: [SignatureMistake] = [
            mistake(
                "hexadecimal", ("서명을 16진수로 썼습니다", "the signature is written in hexadecimal"),
                ("HMAC의 32바이트를 base64로 쓰세요.", "write the HMAC's 32 bytes in base64")
            ) { $0.given.lowercased() == Hexadecimal.encode($0.authenticated()) },
            mistake(
                "base64-of-hexadecimal", ("16진수 글자를 base64로 썼습니다", "the hexadecimal text was written in base64"),
                ("16진수로 바꾸지 말고 HMAC의 바이트를 바로 base64로 쓰세요.", "write the HMAC's bytes in base64 directly, not their hexadecimal text")
            ) { Base64.decode($0.given) == Array(Hexadecimal.encode($0.authenticated()).utf8) },
            mistake(
                "other-url-form", ("URL의 다른 꼴에 서명했습니다", "the other form of the URL was signed"),
                ("경로만 서명하는지, host:port까지 서명하는지 설정을 맞추세요.", "make both sides sign the same form: the path alone, or host:port and path")
            ) { attempt in attempt.otherURLs.contains { attempt.fits(attempt.authenticated(url: $0)) } },
            mistake(
                "without-body", ("본문 없이 서명했습니다", "the body was not signed"),
                ("nonce ‖ url ‖ 본문의 순서로 모두 서명하세요.", "sign all of it: nonce ‖ url ‖ body")
            ) { $0.fits($0.authenticated(body: [])) },
            mistake(
                "other-bytes", ("보낸 것과 다른 모양의 본문에 서명했습니다", "the body was signed in another form than it was sent in"),
                ("서명한 뒤에 본문을 다시 직렬화하지 마세요. 보내는 바이트 그대로 서명합니다.", "do not serialise again after signing: sign the very bytes that are sent")
            ) { attempt in attempt.otherBodies.contains { attempt.fits(attempt.authenticated(body: $0)) } },
            mistake(
                "plain-body", ("암호화하기 전의 내용에 서명했습니다", "the plain parameters were signed"),
                ("암호화한 본문 {\"data\":…}에 서명하세요.", "sign the encrypted body {\"data\":…}")
            ) { attempt in
                guard let plain = attempt.plainText else { return false }
                return attempt.fits(attempt.authenticated(body: plain))
            },
            mistake(
                "data-secret", ("본문 암호화 키로 서명했습니다", "the secret for data was used for the signature"),
                ("서명에는 HMAC 키를 쓰세요.", "sign with the HMAC secret")
            ) { $0.fits($0.authenticated(secret: $0.dataSecret)) },
            mistake(
                "without-nonce", ("nonce 없이 서명했습니다", "the nonce was not signed"),
                ("x-api-nonce에 적은 값 그대로 맨 앞에 붙여 서명하세요.", "begin what you sign with the very text of x-api-nonce")
            ) { $0.fits($0.authenticated(nonce: "")) },
        ]

        private static func mistake(
            _ id: String, _ name: (String, String), _ remedy: (String, String), _ reproduces: @escaping @Sendable (Attempt) -> Bool
        ) -> SignatureMistake {
            SignatureMistake(
                id: id, name: BilingualText(korean: name.0, english: name.1), remedy: BilingualText(korean: remedy.0, english: remedy.1),
                reproduces: reproduces)
        }
    }

    /// A signature that did not fit, with all that it may have been made over.
    struct Attempt {
        var given: String
        var nonce: String
        var url: String
        var otherURLs: [String]
        var body: [UInt8]
        var secret: Secret
        var dataSecret: Secret

        func authenticated(nonce: String? = nil, url: String? = nil, body: [UInt8]? = nil, secret: Secret? = nil) -> [UInt8] {
            let message = Array((nonce ?? self.nonce).utf8) + Array((url ?? self.url).utf8) + (body ?? self.body)
            return (secret ?? self.secret).withBytes { hmacSHA256(message, key: $0) }
        }

        func fits(_ code: [UInt8]) -> Bool { Base64.decode(given).map { constantTimeEquals($0, code) } ?? false }

        var json: JSON? { try? JSON(body) }
        var otherBodies: [[UInt8]] { json.map { [$0.bytes, Array($0.prettyText.utf8)] } ?? [] }
        var plainText: [UInt8]? { json?["data"]?.string.flatMap { try? SentbeGeneration2.open($0, secret: dataSecret) } }
    }

    /// Names the known mistake that reproduces a signature which did not verify; nothing when none does.
    ///
    /// - Parameters:
    ///   - signature: What stood in `x-api-signature`.
    ///   - nonce: What stood in `x-api-nonce`.
    ///   - form: The form of the URL that is right.
    ///   - authority: `host:port` as the call named it.
    ///   - path: The path of the call.
    ///   - body: The body as it came.
    ///   - secret: The HMAC secret.
    ///   - dataSecret: The secret for data.
    public static func explain(
        _ signature: String, nonce: String, form: URLForm, authority: String, path: String, body: [UInt8], secret: Secret,
        dataSecret: Secret
    ) -> SignatureMistake? {
        let url = form.text(authority: authority, path: path)
        let host = authority.split(separator: ":").first.map(String.init) ?? authority
        let forms = [
            path, authority + path, host + path, String(path.dropFirst()), "http://\(authority)\(path)", "https://\(authority)\(path)",
        ]
        let attempt = Attempt(
            given: signature, nonce: nonce, url: url, otherURLs: forms.filter { $0 != url }, body: body, secret: secret,
            dataSecret: dataSecret)
        return SignatureMistake.all.first { $0.reproduces(attempt) }
    }
}
