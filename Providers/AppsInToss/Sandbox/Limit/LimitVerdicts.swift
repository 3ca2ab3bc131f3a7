import AppsInToss
import Base
import SandboxKit

/// Why the limit refused a call, in words.
enum LimitVerdicts {
    /// The limit of the whole mini-app.
    static func miniApp(_ refusal: LimitRefusal, _ app: MiniApp, _ settings: SandboxSettings) -> Refused {
        let model = settings[LimitSettings.model].rawValue
        let seconds = refusal.retryAfterSeconds
        let isBlocked = !refusal.beganBlock
        return refused(
            refusal,
            Verdict(
                isBlocked ? "limit.blocked" : "limit.exceeded",
                ko: isBlocked
                    ? "한도를 넘긴 뒤의 차단이 아직 \(seconds)초 남았습니다. 차단 중에는 모든 요청을 거절합니다."
                    : "미니앱 \(app.name)이(가) 1분에 \(app.perMinute)회 한도를 넘겼습니다(세는 방식: \(model)).",
                en: isBlocked
                    ? "the limit was passed before, and everything is refused for another \(seconds) seconds"
                    : "the mini-app \(app.name) has passed its limit of \(app.perMinute) calls a minute, counted as \(model)",
                fix: (
                    "error.data.retryAfterSeconds만큼 모든 호출을 멈추고 그 뒤에 천천히 늘리세요. 게이트웨이의 limit이 이 일을 대신합니다.",
                    "Stop all calls for error.data.retryAfterSeconds, then resume slowly; the gateway's limit does this for you."
                ),
                [
                    "app": .string(app.name), "per_minute": .number(app.perMinute), "model": .string(model), "used": .number(refusal.used),
                    "retry_after_seconds": .number(seconds),
                ]), settings)
    }

    /// The limit of one user at one call.
    static func user(_ refusal: LimitRefusal, _ call: String, _ perMinute: Int64, _ settings: SandboxSettings) -> Refused {
        refused(
            refusal,
            Verdict(
                "limit.user", ko: "한 사용자에 대한 \(call) 호출이 1분에 \(perMinute)회를 넘었습니다.",
                en: "more than \(perMinute) calls of \(call) a minute for one user",
                fix: (
                    "사용자마다 1분에 \(perMinute)회를 넘지 않게 나눠 보내세요.", "Spread the calls so that no user gets more than \(perMinute) a minute."
                ), ["call": .string(call), "per_minute": .number(perMinute), "retry_after_seconds": .number(refusal.retryAfterSeconds)]),
            settings)
    }

    private static func refused(_ refusal: LimitRefusal, _ verdict: Verdict, _ settings: SandboxSettings) -> Refused {
        Refused(
            .limitExceeded, verdict, data: ["retryAfterSeconds": .number(refusal.retryAfterSeconds)],
            status: settings[LimitSettings.answers429] ? 429 : nil)
    }
}
