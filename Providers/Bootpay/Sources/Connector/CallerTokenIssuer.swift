import Base
import ProviderKit
import Transport

/// Issues the gateway's own tokens to callers that insist on fetching one, by Bootpay's own rule, and recognises them.
///
/// So an official client works unchanged with an id and a key that the gateway's configuration gave it, and the real private key stays here.
final class CallerTokenIssuer: Sendable {
    private let callers: CallerRegistry
    private let applicationID: String
    private let time: any TimeSource
    private let random: any RandomSource
    private let rule = TokenRule()
    /// By caller id; only callers of the registry get an entry, so it cannot grow.
    private let issued = Locked<[String: IssuedTokens<CallerToken>]>([:])

    init(callers: CallerRegistry, applicationID: String, time: any TimeSource, random: any RandomSource) {
        self.callers = callers
        self.applicationID = applicationID
        self.time = time
        self.random = random
    }

    /// Answers a token call as Bootpay would answer it, with a token of the gateway's.
    func answer(_ call: Call) throws(CallFailure) -> Reply {
        guard let request = TokenRequest(call) else {
            throw CallFailure(
                .invalidCall, outcome: .refused, status: 400,
                message: BilingualText(
                    korean: "토큰 요청에 application_id와 private_key가 필요합니다(JSON 또는 폼).",
                    english: "a token call needs application_id and private_key, as JSON or as a form"))
        }
        guard let caller = callers.caller(id: request.applicationID, key: request.privateKey) else { throw refusal(of: request) }
        let now = time.now
        let issue = issued.withLock { issued in
            issued[caller.id, default: IssuedTokens()].tokenRequested(now: now, rule: rule) {
                CallerToken(secret: Secret(random.hexadecimal(32)))
            }
        }
        let token = BootpayToken(token: issue.token.secret, serverTime: now, expiresAt: rule.expiry(issued: issue.issued))
        return Reply(status: 200, json: BootpayEnvelope(status: 200, code: 0, message: "", data: token.json).json)
    }

    /// Whether a call carries a live token of the gateway's, raw in `Authorization`.
    func verify(_ call: Call) throws(CallFailure) {
        guard let shown = call.fields["Authorization"], !shown.isEmpty else {
            throw callerUnknown(
                korean: "이 연결은 게이트웨이가 발급한 토큰을 요구합니다. 게이트웨이에서 받은 id와 key로 POST /request/token을 먼저 호출하세요.",
                english:
                    "this connection demands a token of the gateway's; fetch one by POST /request/token with the id and key that the gateway's configuration names"
            )
        }
        let token = CallerToken(secret: Secret(shown))
        let now = time.now
        let isKnown = issued.withLock { issued in
            issued.values.contains { tokens in
                if case .valid = tokens.standing(of: token, now: now, rule: rule) { true } else { false }
            }
        }
        guard isKnown else {
            throw callerUnknown(
                korean: "게이트웨이가 발급한 토큰이 아니거나 만료되었습니다. POST /request/token으로 다시 받으세요.",
                english: "the token is not one of the gateway's or has expired; fetch another by POST /request/token")
        }
    }

    private func refusal(of request: TokenRequest) -> CallFailure {
        if request.applicationID == applicationID {
            return callerUnknown(
                korean:
                    "부트페이의 실제 Application ID와 Private Key를 게이트웨이로 보내지 마세요. 토큰은 게이트웨이가 알아서 붙이므로 없어도 되고, 꼭 받아야 한다면 게이트웨이가 발급한 id와 key를 쓰세요.",
                english:
                    "do not send Bootpay's own application id and private key to the gateway; it adds the token by itself, and a client that must fetch one uses the id and key that the gateway issued"
            )
        }
        return callerUnknown(
            korean: "게이트웨이가 발급한 id와 key가 아닙니다. 게이트웨이 설정의 callers를 확인하세요.",
            english: "this is not an id and key that the gateway issued; see callers in the gateway's configuration")
    }

    private func callerUnknown(korean: String, english: String) -> CallFailure {
        CallFailure(.callerUnknown, outcome: .refused, status: 401, message: BilingualText(korean: korean, english: english))
    }
}

/// A token of the gateway's own, compared in constant time.
private struct CallerToken: Hashable, Sendable {
    var secret: Secret

    func hash(into hasher: inout Hasher) { secret.withBytes { hasher.combine($0) } }
}

/// What a token call says, in any of the ways in which official clients say it.
struct TokenRequest {
    var applicationID: String
    var privateKey: String

    /// Reads JSON or a form by the content type; without one, first as JSON and then as a form. Nothing when either value is missing.
    init?(_ call: Call) {
        let type = (call.fields["Content-Type"] ?? "").lowercased()
        let isForm = type.hasPrefix("application/x-www-form-urlencoded")
        if !isForm, let json = try? JSON(call.body) {
            guard let id = json["application_id"]?.string, let key = json["private_key"]?.string else { return nil }
            (applicationID, privateKey) = (id, key)
        } else {
            guard let pairs = FormText.decode(call.body), let id = pairs.last(where: { $0.name == "application_id" })?.value,
                let key = pairs.last(where: { $0.name == "private_key" })?.value
            else { return nil }
            (applicationID, privateKey) = (id, key)
        }
        if applicationID.isEmpty || privateKey.isEmpty { return nil }
    }
}
