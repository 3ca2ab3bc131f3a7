import Base
import SandboxKit
import Sentbe

/// A call is refused: what the caller is told, and why, for the developer. Thrown, it also undoes what the call had changed so far.
struct Refused: Error {
    /// The error code of the reply.
    var code: SentbeErrorCode
    /// The text of the reply; nothing takes the code's usual one.
    var message: String?
    /// Why.
    var verdict: Verdict

    init(_ code: SentbeErrorCode, _ verdict: Verdict, message: String? = nil) {
        self.code = code
        self.verdict = verdict
        self.message = message
    }
}

extension Verdict {
    /// The verdict on a refused call, in the compact form in which the rules of this provider write theirs.
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
