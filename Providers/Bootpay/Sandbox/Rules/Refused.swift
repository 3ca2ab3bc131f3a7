import Base
import Bootpay
import SandboxKit

/// A call is refused: what the caller is told, and why, for the developer. Thrown, it also undoes what the call had changed so far.
struct Refused: Error {
    /// The row of the error table; its status, code and text may be overridden by the tenant.
    var refusal: BootpayRefusal
    /// Why.
    var verdict: Verdict
    /// The text instead of the row's, where a payment gateway's own text leaks through.
    var message: String?
    /// The payment gateway's own answer, which `extra.raw_data` asks for.
    var data: JSON?

    init(_ refusal: BootpayRefusal, _ verdict: Verdict, message: String? = nil, data: JSON? = nil) {
        self.refusal = refusal
        self.verdict = verdict
        self.message = message
        self.data = data
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
        warned rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String), _ details: JSON.Members = [:]
    ) {
        self.init(rule, ko: korean, en: english, fix: remedy, details)
        kind = .warned
    }
}
