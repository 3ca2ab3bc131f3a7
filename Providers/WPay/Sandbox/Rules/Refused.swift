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
