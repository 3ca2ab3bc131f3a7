import Base
import ProviderKit
import SandboxKit
import Sentbe

/// What is known of a call so far, so that its answer at any point can say whose it was and what should be known of it.
final class Trace {
    var tenant: TenantID?
    var settings = SandboxSettings()
    /// The decrypted parameters, kept only while the tenant wants to see them.
    var shownParameters: JSON?
    /// By what the envelope is known when it comes again; nothing when there was none, or nobody wants to know.
    var envelope: [UInt8]?
    private let route: String?
    private var warnings: [Verdict] = []

    init(route: String?) { self.route = route }

    /// Keeps what should be known although the call goes on. The first becomes the verdict, the others stand in its details.
    func warn(_ verdict: Verdict) { warnings.append(verdict) }

    /// The refusal as the caller and the developer are told it.
    func judgement(_ refused: Refused) -> Judgement {
        let own = settings[CommonSettings.messages][refused.code.rawValue]?.string
        let reply: JSON = [
            "result": false,
            "errors": [
                [
                    "message": .string(own ?? refused.message ?? ErrorReplies.message(refused.code)),
                    "error_code": .string(refused.code.rawValue),
                ]
            ],
        ]
        let status = settings[CommonSettings.status] == .always200 ? 200 : refused.code.row?.mappedStatus ?? 400
        var verdict = refused.verdict
        verdict.details["error_code"] = .string(refused.code.rawValue)
        return Judgement(reply: Reply(status: status, json: reply), tenant: tenant, route: route, verdict: completed(verdict))
    }

    /// The reply of a call that was accepted.
    func judgement(_ data: JSON) -> Judgement {
        Judgement(
            reply: Reply(status: 200, json: ["result": true, "data": data]), tenant: tenant, route: route,
            verdict: warnings.isEmpty && shownParameters == nil ? nil : completed(nil))
    }

    /// The verdict with everything else that should be known.
    private func completed(_ verdict: Verdict?) -> Verdict {
        var verdict = Verdict.of(verdict, warnings: warnings) ?? Trace.parametersShown
        if let shownParameters { verdict.details["parameters"] = shownParameters }
        return verdict
    }

    private static let parametersShown = Verdict(
        warned: "parameters.shown", ko: "설정 log_parameters가 켜져 있어 복호화한 매개변수를 기록합니다.",
        en: "the setting log_parameters is on: the decrypted parameters are logged",
        fix: ("개인정보가 기록에 남으니 확인이 끝나면 끄세요.", "Personal data stays in the log; switch it off when you are done."))
}

/// How refusals are answered.
enum ErrorReplies {
    /// The text of a refusal that has none of its own. Nobody has published these texts: they are the documented meanings.
    static func message(_ code: SentbeErrorCode) -> String {
        let meaning = code.row?.meaning.english ?? "error"
        return meaning.prefix(1).uppercased() + meaning.dropFirst()
    }
}
