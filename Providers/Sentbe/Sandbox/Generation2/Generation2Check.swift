import Base
import Cryptography
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

/// Judges what proves a call of the second generation: nonce, signature, encrypted body.
struct Generation2Check {
    let call: Call
    let keys: Generation2Keys
    let settings: SandboxSettings
    let now: Timestamp
    let records: Records
    /// What stands before the path when the provider has no host of its own, such as `/sentbe`.
    let prefix: String

    /// Lets the call in.
    ///
    /// - Throws: ``Generation2Refused`` for the nonce or the signature.
    func signature() throws {
        let nonce = try checkedNonce()
        guard let given = call.fields[SentbeGeneration2.signature], !given.isEmpty else {
            throw Generation2Refused(
                .signature,
                Verdict("signature.missing", ko: "x-api-signature 헤더가 없습니다.", en: "there is no x-api-signature header", fix: nil))
        }
        let fits = urls.contains {
            SentbeGeneration2.verifies(given, nonce: nonce.text, url: $0, body: call.body, secret: keys.hmacSecret)
        }
        guard fits else { throw Generation2Refused(.signature, try explanation(given, nonce.text)) }
        try refuseSecond(nonce, given)
    }

    /// What the path may be called by who signs: the provider's own path and, behind a sandbox that serves several providers, the path that was asked for.
    private var urls: [String] {
        let paths = prefix.isEmpty ? [call.path] : [call.path, prefix + call.path]
        let form = settings[Generation2Settings.urlForm]
        let authorities = form == .path ? [authority] : [authority] + authorityWithPort
        return paths.flatMap { path in authorities.map { form.text(authority: $0, path: path) } }
    }

    /// A client leaves the scheme's own port out of `Host`, and may sign it all the same.
    private var authorityWithPort: [String] {
        let afterBracket = authority.split(separator: "]", omittingEmptySubsequences: false).last ?? ""
        return afterBracket.contains(":") ? [] : [authority + ":443", authority + ":80"]
    }

    private var authority: String { call.fields["Host"] ?? "" }

    // MARK: Nonce

    private func checkedNonce() throws(Generation2Refused) -> (text: String, seconds: Int64) {
        guard let text = call.fields[SentbeGeneration2.nonce], !text.isEmpty else {
            throw Generation2Refused(
                .nonce,
                Verdict(
                    "nonce.missing", ko: "x-api-nonce 헤더가 없습니다.", en: "there is no x-api-nonce header", fix: Generation2Check.nonceRemedy))
        }
        let isNumber = (1...18).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let seconds = Int64(text) else {
            throw Generation2Refused(
                .nonce,
                Verdict(
                    "nonce.shape", ko: "x-api-nonce가 숫자가 아닙니다.", en: "x-api-nonce is no number", fix: Generation2Check.nonceRemedy,
                    ["length": .number(text.utf8.count)]))
        }
        let window = settings[Generation2Settings.nonceWindow]
        let late = now.unixSeconds - seconds
        if late.magnitude <= UInt64(window) { return (text, seconds) }
        let inMilliseconds = (now.unixSeconds - seconds / 1000).magnitude <= UInt64(window)
        throw Generation2Refused(
            .nonce,
            Verdict(
                inMilliseconds ? "nonce.milliseconds" : "nonce.stale",
                ko: inMilliseconds
                    ? "x-api-nonce가 밀리초입니다." : "x-api-nonce가 샌드박스 시각과 \(late.magnitude)초 차이 납니다. 허용은 앞뒤 \(window)초입니다.",
                en: inMilliseconds
                    ? "x-api-nonce is in milliseconds"
                    : "x-api-nonce is \(late.magnitude) seconds \(late > 0 ? "before" : "after") the sandbox's clock; \(window) are allowed",
                fix: inMilliseconds
                    ? ("1000으로 나눈 초를 보내고, 그 값으로 서명하세요.", "Send seconds, divided by 1000, and sign that text.")
                    : Generation2Check.nonceRemedy,
                [
                    "nonce": .string(text), "now": .number(now.unixSeconds), "seconds_late": .number(late), "window": .number(window),
                ]))
    }

    private static let nonceRemedy = (
        ko: "보낼 때마다 지금 시각의 epoch 초를 새로 넣고 서명하세요. 이 테넌트의 시각은 GET /-/clock 에 있습니다.",
        en: "Put the present epoch seconds there for each sending and sign anew. GET /-/clock tells this tenant's time."
    )

    private func refuseSecond(_ nonce: (text: String, seconds: Int64), _ signature: String) throws {
        guard settings[Generation2Settings.nonceOnce] else { return }
        // Two texts of base64 for the same bytes do not exist, as the signature was read strictly.
        let digest = Digest.sha256.hash("\(keys.apiKey)\n\(nonce.seconds)\n\(signature)")
        let oldest = now.unixSeconds - settings[Generation2Settings.nonceWindow]
        guard try !records.remember(nonce: nonce.seconds, digest: digest, oldest: oldest) else { return }
        throw Generation2Refused(
            .nonce,
            Verdict(
                "nonce.reused", ko: "같은 x-api-nonce와 서명이 전에도 왔습니다. 같은 초에 같은 요청을 두 번 보냈거나, 요청을 다시 보낸 것입니다.",
                en: "the same x-api-nonce came before with the same signature: the call was repeated, or made twice within one second",
                fix: ("다시 보낼 때도 새 nonce로 서명하세요.", "Sign with a new nonce, for repeats too."), ["nonce": .string(nonce.text)]))
    }

    // MARK: Signature

    /// What was signed instead, for the developer only: the known mistakes and the first byte that differs.
    private func explanation(_ given: String, _ nonce: String) throws -> Verdict {
        let plain = (try? JSON(call.body))?["data"]?.string.flatMap { try? SentbeGeneration2.open($0, secret: keys.dataSecret) }
        let attempt = SignatureReconstruction(
            nonce: nonce, urls: urls, otherURLs: otherURLs, body: call.body, secret: keys.hmacSecret, otherSecrets: try otherSecrets(),
            plainText: plain)
        let expected = attempt.expected
        var details: JSON.Members = [
            "url_form": .string(settings[Generation2Settings.urlForm].rawValue), "url_expected": .string(urls[0]),
            "bytes_expected": .number(expected.count), "sha256_expected": .string(Hexadecimal.encode(Digest.sha256.hash(expected))),
        ]
        guard let finding = attempt.find(given) else {
            return Verdict(
                "signature.wrong", ko: "x-api-signature가 맞지 않고, 알려진 실수로도 재현되지 않습니다.",
                en: "the x-api-signature does not fit, and no known mistake reproduces it",
                fix: (
                    "서명한 문자열의 길이와 SHA-256을 details의 bytes_expected, sha256_expected와 비교하세요. 문자열이 같다면 HMAC 키가 다릅니다.",
                    "Compare length and SHA-256 of the string you signed with bytes_expected and sha256_expected: when they agree, the HMAC secret differs."
                ), details)
        }
        details["mistakes"] = .array(finding.mistakes.map { .string($0) })
        if let offset = SignatureReconstruction.firstDifference(expected, finding.message) {
            details["first_difference"] = [
                "offset": .number(offset), "part": .string(part(offset, nonce)), "expected": Generation2Check.byte(expected, offset),
                "received": Generation2Check.byte(finding.message, offset),
            ]
            // Plain parameters are personal: of them no more is shown than the one byte.
            if !finding.mistakes.contains("plain-body") {
                details["expected"] = excerpt(expected, offset)
                details["received"] = excerpt(finding.message, offset)
            }
        }
        let words = finding.mistakes.map(SignatureReconstruction.words)
        return Verdict(
            rule: "signature.\(finding.mistakes[0])",
            reason: BilingualText(
                korean: words.map(\.name.korean).joined(separator: ". ") + ".", english: words.map(\.name.english).joined(separator: "; ")),
            remedy: BilingualText(
                korean: words.map(\.remedy.korean).joined(separator: " "), english: words.map(\.remedy.english).joined(separator: "; ")),
            details: details)
    }

    private var otherURLs: [String] {
        let host = authority.split(separator: ":").first.map(String.init) ?? authority
        var forms: [String] = []
        for path in prefix.isEmpty ? [call.path] : [call.path, prefix + call.path] {
            forms += [
                path, authority + path, host + path, String(path.dropFirst()), "http://\(authority)\(path)", "https://\(authority)\(path)",
                "https://\(host)\(path)", "/" + authority + path, path + "/",
            ]
            if let query = call.query { forms.append("\(path)?\(query)") }
        }
        // Without the prefix of the API, as a client may write it that appends paths to a base address.
        forms += [String(call.path.dropFirst(SentbeGeneration2.pathPrefix.count)), ""]
        let right = urls
        return forms.filter { !right.contains($0) }
    }

    private func otherSecrets() throws -> [(mistake: String, secret: Secret)] {
        var others: [(mistake: String, secret: Secret)] = [("data-secret", keys.dataSecret), ("api-key", Secret(keys.apiKey))]
        if let former = keys.formerSecret { others.append(("former-secret", former)) }
        if let decoded = keys.hmacSecret.withText({ Hexadecimal.decode($0) }) { others.append(("decoded-secret", Secret(decoded))) }
        if let partner = try records.partner(keys.partner) { others.append(("first-generation-secret", partner.secret)) }
        // Each secret is tried on every reading of the message: as many as in the first generation are enough to be told of.
        let foreign = try records.generation2Keys().filter { $0.partner != keys.partner }.prefix(SentbeDiagnosis.otherSecretLimit)
        return others + foreign.map { ("other-partner", $0.hmacSecret) }
    }

    private func part(_ offset: Int, _ nonce: String) -> String {
        let url = nonce.utf8.count + urls[0].utf8.count
        return offset < nonce.utf8.count ? "nonce" : offset < url ? "url" : "body"
    }

    /// One byte as a person reads it: the printable character, its hexadecimal value, or null beyond the end.
    private static func byte(_ bytes: [UInt8], _ offset: Int) -> JSON {
        guard offset < bytes.count else { return .null }
        let byte = bytes[offset]
        return .string((0x21...0x7E).contains(byte) ? String(decoding: [byte], as: UTF8.self) : "0x" + Hexadecimal.encode([byte]))
    }

    /// What stands around the difference, without the ciphertext: who learns the secret later could open what a log holds.
    private func excerpt(_ bytes: [UInt8], _ offset: Int) -> JSON {
        let middle = min(offset, bytes.count)
        let (start, end) = (max(0, middle - 24), min(bytes.count, middle + 40))
        let data = Array(((try? JSON(call.body))?["data"]?.string ?? "").utf8)
        // A writer may have escaped slashes further on; by its beginning the value is found all the same.
        guard data.count > 10, let found = bytes.firstRange(of: data.prefix(10)) else {
            // A body that is not encrypted is personal: of it nothing is shown.
            let isEncrypted = data.count > 10
            return isEncrypted || call.body.isEmpty ? .string(String(decoding: bytes[start..<end], as: UTF8.self)) : .null
        }
        let behind = bytes[found.lowerBound...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
        let pieces = [bytes[start..<max(start, min(end, found.lowerBound))], bytes[min(end, max(start, behind))..<end]]
        return .string(pieces.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "…"))
    }

    // MARK: Body

    /// The opened parameters of a call.
    ///
    /// - Throws: ``Generation2Refused`` for a body that does not open.
    func parameters(of route: String) throws(Generation2Refused) -> JSON.Members {
        if route == "generation-2-ping" { return [:] }
        // Trying keys begins with a text that nobody has encrypted yet.
        if route == "generation-2-test-encrypt", let plain = (try? JSON(call.body))?.members, plain["data"] == nil { return plain }
        do throws(SentbeEnvelopeError) {
            return try SentbeGeneration2.parameters(call.body, secret: keys.dataSecret)
        } catch {
            let isForeign = (try? SentbeGeneration2.parameters(call.body, secret: keys.hmacSecret)) != nil
            throw Generation2Refused(
                .data,
                Verdict(
                    isForeign ? "data.hmac-secret" : "data.\(error.code.rawValue)",
                    ko: isForeign ? "data를 HMAC 키로 암호화했습니다." : "data를 열 수 없습니다: \(error.message.korean)",
                    en: isForeign ? "data was encrypted with the HMAC secret" : "data does not open: \(error.message.english)",
                    fix: (
                        "data는 data 키로 암호화한 JSON 객체 한 번입니다: openssl enc -aes-256-cbc -md md5 -a -A -k <data 키>",
                        "data is a JSON object, encoded once and encrypted with the data secret: openssl enc -aes-256-cbc -md md5 -a -A -k <data secret>"
                    ), ["failure": .string(error.code.rawValue)]))
        }
    }
}
