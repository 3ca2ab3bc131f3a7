import Base
import Cryptography
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

/// `getVerification`, the one call that Sentbe makes at the partner: which code did the bank give this user?
struct Generation2Verification: Sendable {
    let tenant: TenantID
    let keys: Generation2Keys
    let user: Generation2User
    /// What the user has entered in the web view.
    let entered: String
    let settings: SandboxSettings
    let now: Timestamp

    /// What became of asking.
    enum Result: Sendable, Equatable {
        case code(String)
        /// No answer, with the reason.
        case unreachable(String)
        /// An answer that is not one of this API, with the reason.
        case unreadable(String)
        /// An answer with another code than 200.
        case refused(Int)
    }

    /// Asks the partner and keeps what follows from its answer.
    func run(_ environment: SandboxEnvironment) async throws -> Judgement {
        let result = try await ask(environment)
        if case .code(let code) = result, matches(code) {
            try await environment.database.write { try complete(Records($0, tenant)) }
        }
        return outcome(result, isOwn: false)
    }

    /// The registration is finished.
    func complete(_ records: Records) throws {
        guard var known = try records.generation2User(user.id) else { return }
        known.isVerified = true
        try records.save(known)
    }

    private func matches(_ code: String) -> Bool { !entered.isEmpty && constantTimeEquals(Array(entered.utf8), Array(code.utf8)) }

    private func ask(_ environment: SandboxEnvironment) async throws -> Result {
        guard let url = keys.url, let target = CallbackTarget(url + (url.hasSuffix("/") ? "" : "/") + SentbeGeneration2.verificationPath)
        else {
            return .unreachable("no address")
        }
        let plain: JSON = ["user_id": .string(String(user.id))]
        let data = try SentbeGeneration2.seal(
            plain.bytes, secret: keys.dataSecret, salt: environment.random.bytes(PassphraseKey.saltByteCount))
        let body = SentbeGeneration2.body(data)
        let nonce = String(now.unixSeconds)
        let path = String(target.target.prefix { $0 != "?" })
        // With the port also where it is the scheme's own, as the one known client writes it.
        let host = target.origin.host.contains(":") ? "[\(target.origin.host)]" : target.origin.host
        let signed = settings[Generation2Settings.urlForm].text(authority: "\(host):\(target.origin.port)", path: path)
        let fields: HTTPFields = [
            "Content-Type": "application/json; charset=utf-8", "Accept": "application/json", SentbeGeneration2.apiKey: keys.apiKey,
            SentbeGeneration2.nonce: nonce,
            SentbeGeneration2.signature: SentbeGeneration2.signature(nonce: nonce, url: signed, body: body, secret: keys.hmacSecret),
        ]
        let patience = Duration.seconds(settings[CommonSettings.callbackTimeout])
        let response: HTTPResponse
        do throws(HTTPExchangeError) {
            response = try await environment.exchange.send(
                HTTPRequest(method: .post, target: target.target, fields: fields, body: body), to: target.origin,
                timeouts: HTTPTimeouts(connect: patience, firstByte: patience, total: patience))
        } catch {
            return .unreachable(error.description)
        }
        do throws(SentbeEnvelopeError) {
            let reply = try SentbeGeneration2.Reply(response.bytes ?? [], secret: keys.dataSecret)
            guard reply.code == .success else { return .refused(reply.code.rawValue) }
            guard let code = reply.data["verification_code"], let text = code.string ?? code.integer.map({ String($0) }), !text.isEmpty
            else {
                return .unreadable("no verification_code")
            }
            return .code(text)
        } catch {
            return .unreadable(error.code.rawValue)
        }
    }

    /// What the user sees and the developer is told.
    ///
    /// - Parameter isOwn: Whether the sandbox compared with its own code, as nobody else can be asked.
    func outcome(_ result: Result, isOwn: Bool) -> Judgement {
        let (status, title, verdict): (Int, String, Verdict?)
        switch result {
        case .code(let code) where matches(code): (status, title, verdict) = (200, "가입이 끝났습니다", nil)
        case .code:
            (status, title) = (400, "인증번호가 다릅니다")
            verdict = Verdict(
                "verification.code", ko: isOwn ? "입력한 인증번호가 샌드박스의 것과 다릅니다." : "입력한 인증번호가 파트너가 답한 것과 다릅니다.",
                en: isOwn
                    ? "the code that was entered is not the sandbox's"
                    : "the code that was entered is not the one that the partner answered",
                fix: isOwn
                    ? (
                        "GET /-/sentbe/generation2/users 에 verification_code가 있습니다.",
                        "GET /-/sentbe/generation2/users shows verification_code."
                    ) : nil)
        case .unreachable(let why):
            (status, title) = (502, "은행에 확인할 수 없습니다")
            verdict = Verdict(
                "verification.unreachable", ko: "파트너의 getVerification에 닿지 못했습니다: \(why)",
                en: "the partner's getVerification could not be reached: \(why)",
                fix: (
                    "PUT /-/sentbe/generation2/partners/{partner_id} 의 url을 확인하세요.",
                    "See url of PUT /-/sentbe/generation2/partners/{partner_id}."
                ))
        case .unreadable(let why):
            (status, title) = (502, "은행에 확인할 수 없습니다")
            verdict = Verdict(
                "verification.unreadable", ko: "파트너의 getVerification 응답을 읽을 수 없습니다: \(why)",
                en: "the partner's answer to getVerification cannot be read: \(why)",
                fix: (
                    "{error, code, message, data} 로 답하고 data는 data 키로 암호화한 {\"verification_code\":…} 여야 합니다.",
                    "Answer {error, code, message, data}, with data the encrypted {\"verification_code\":…}."
                ))
        case .refused(let code):
            (status, title) = (502, "은행에 확인할 수 없습니다")
            verdict = Verdict(
                "verification.refused", ko: "파트너의 getVerification이 코드 \(code)로 거절했습니다.",
                en: "the partner's getVerification refused with code \(code)",
                fix: (
                    "파트너 쪽의 서명 검증이 nonce ‖ url ‖ 본문을 쓰는지, url 꼴이 설정 generation2_url_form과 같은지 확인하세요.",
                    "See that the partner verifies nonce ‖ url ‖ body, with the url in the form of the setting generation2_url_form."
                ), ["code": .number(code)])
        }
        let body = status == 200 ? "<p>Registration is complete.</p>" : "<p>Registration is not complete.</p>"
        var judgement = Markup.judgement(status, Markup.page(title, body), tenant, "user")
        judgement.verdict = verdict
        return judgement
    }
}
