import Base
import ProviderKit
import SandboxKit
import TossAuth
import Transport

/// A call is refused: what the caller is told, and why, for the developer.
struct Refused: Error {
    /// What the caller is told.
    enum Answer: Sendable {
        /// The envelope with the code, status and words of a cause.
        case envelope(Cause)
        /// The envelope with a code that was ordered.
        case code(TossAuthErrorCode)
        /// The bare error of the token host.
        case token(TokenCause)
        /// As an address where nothing is.
        case notFound
        /// As an address that takes other methods.
        case methodNotAllowed
    }

    var answer: Answer
    /// Why.
    var verdict: Verdict

    init(_ cause: Cause, _ verdict: Verdict) {
        answer = .envelope(cause)
        self.verdict = verdict
    }

    init(_ answer: Answer, _ verdict: Verdict) {
        self.answer = answer
        self.verdict = verdict
    }

    /// The reply and the status that go with it.
    func reply(_ settings: ServiceSettings) -> Reply {
        let statuses = settings[ServiceSettingList.statuses]
        func status(_ name: String, _ standard: Int) -> Int { statuses[name]?.integer.flatMap { Int(exactly: $0) } ?? standard }
        switch answer {
        case .envelope(let cause):
            let code = settings[ServiceSettingList.codes][cause.rawValue]?.string.map { TossAuthErrorCode(rawValue: $0) } ?? cause.code
            return Refused.envelope(code, status: status(cause.rawValue, cause.status), settings)
        case .code(let code):
            let cause = Cause.allCases.first { $0.code == code }
            return Refused.envelope(code, status: status(cause?.rawValue ?? "", code.row?.sandboxStatus ?? 400), settings)
        case .token(let cause):
            return Reply(status: status(cause.rawValue, cause.status), json: ["error": .string(cause.rawValue)])
        case .notFound: return Refused.plain(404, "Not Found")
        case .methodNotAllowed:
            var reply = Refused.plain(405, "Method Not Allowed")
            reply.fields["Allow"] = "POST"
            return reply
        }
    }

    private static func envelope(_ code: TossAuthErrorCode, status: Int, _ settings: ServiceSettings) -> Reply {
        let own = settings[ServiceSettingList.reasons][code.rawValue]?.string
        return Reply(status: status, json: TossAuthEnvelope.failure(TossAuthRefusal(code, reason: own)))
    }

    private static func plain(_ status: Int, _ words: String) -> Reply {
        Reply(status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array("\(status) \(words)\n".utf8))
    }
}

/// What is known of a call so far, so that its answer at any point can say whose it was and what should be known of it.
struct Trace {
    let route: String?
    var tenant: TenantID?
    var settings = ServiceSettings()
    /// What the developer should know although the call goes on.
    private(set) var warnings: [Verdict] = []

    init(route: String?) { self.route = route }

    mutating func warn(_ verdict: Verdict) { warnings.append(verdict) }

    func judgement(_ reply: Reply) -> Judgement { Judgement(reply: reply, tenant: tenant, route: route, verdict: completed(nil)) }

    func judgement(_ refused: Refused) -> Judgement {
        Judgement(reply: refused.reply(settings), tenant: tenant, route: route, verdict: completed(refused.verdict))
    }

    /// The verdict, or the first warning, with all other warnings in its details.
    private func completed(_ verdict: Verdict?) -> Verdict? { .of(verdict, warnings: warnings) }
}
