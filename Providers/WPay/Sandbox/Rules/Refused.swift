import Base
import SandboxKit

/// A call is refused: the code that its caller is told, and why, for the developer. Thrown, it also undoes what the call had changed so far.
struct Refused: Error {
    var code = ResultCode.refused
    /// Why.
    var verdict: Verdict

    init(_ verdict: Verdict, code: ResultCode = .refused) {
        self.code = code
        self.verdict = verdict
    }

    /// A refusal in the compact form in which the rules of this provider write theirs.
    init(
        _ rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String)? = nil, _ details: JSON.Members = [:]
    ) {
        self.init(Verdict(rule, ko: korean, en: english, fix: remedy, details))
    }
}

extension Verdict {
    /// The verdict on a refused call.
    init(
        _ rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String)? = nil, _ details: JSON.Members = [:]
    ) {
        self.init(
            .refused, rule: rule, reason: BilingualText(korean: korean, english: english),
            remedy: remedy.map { BilingualText(korean: $0.ko, english: $0.en) }, details: details)
    }

    /// What should be known of a call although it was accepted.
    init(
        warned rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String)? = nil,
        _ details: JSON.Members = [:]
    ) {
        self.init(rule, ko: korean, en: english, fix: remedy, details)
        kind = .warned
    }
}
