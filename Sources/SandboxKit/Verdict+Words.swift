public import Base

extension Verdict {
    /// The verdict on a refused call, in the compact form in which services write their rules.
    public init(
        _ rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String)? = nil, _ details: JSON.Members = [:]
    ) {
        self.init(
            .refused, rule: rule, reason: BilingualText(korean: korean, english: english),
            remedy: remedy.map { BilingualText(korean: $0.ko, english: $0.en) }, details: details)
    }

    /// What should be known of a call although it was accepted.
    public init(
        warned rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String)? = nil,
        _ details: JSON.Members = [:]
    ) {
        self.init(rule, ko: korean, en: english, fix: remedy, details)
        kind = .warned
    }
}
