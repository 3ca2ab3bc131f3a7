import AppsInToss
import Base
import ProviderKit
import SandboxKit

/// What is known of a call so far, so that its answer at any point can say whose it was and what should be known of it.
final class Trace {
    var tenant: TenantID?
    var settings = SandboxSettings()
    /// The row that the call takes; nothing when there is none.
    var row: CallRow?
    private let route: String?
    private var warnings: [Verdict] = []

    init(route: String?) { self.route = route }

    /// Keeps what should be known although the call goes on. The first becomes the verdict, the others stand in its details.
    func warn(_ verdict: Verdict) { warnings.append(verdict) }

    /// The refusal as the caller and the developer are told it.
    func judgement(_ refused: Refused) -> Judgement {
        let body: JSON
        var status = refused.status ?? row?.status(refused, settings) ?? Refused.usualStatus(refused.code)
        switch refused.form {
        case .bare:
            body = AppsInTossEnvelope.bareError(refused.code)
            status = refused.status ?? Int(settings[LoginSettings.bareStatus].rawValue) ?? 400
        case .envelope(let resultType):
            let own = settings[CommonSettings.reasons][refused.code.rawValue]?.string
            let refusal = AppsInTossRefusal(
                refused.code, resultType: resultType, reason: own ?? refused.reason ?? refused.code.koreanReason, data: refused.data)
            var members =
                AppsInTossEnvelope.failure(refusal, codes: settings[CommonSettings.codeStyle] == .number ? .number : .text).members ?? [:]
            if refused.showsEmptySuccess { members["success"] = .null }
            body = .object(members)
        }
        var verdict = refused.verdict
        verdict.details["error_code"] = .string(refused.code.rawValue)
        return Judgement(reply: Reply(status: status, json: body), tenant: tenant, route: route, verdict: completed(verdict))
    }

    /// The reply of a call that was accepted.
    func judgement(_ content: JSON, under name: AppsInTossEnvelope.SuccessName) -> Judgement {
        Judgement(
            reply: Reply(status: 200, json: AppsInTossEnvelope.success(content, under: name)), tenant: tenant, route: route,
            verdict: completed(nil))
    }

    /// The verdict with everything else that should be known.
    private func completed(_ verdict: Verdict?) -> Verdict? { .of(verdict, warnings: warnings) }
}
