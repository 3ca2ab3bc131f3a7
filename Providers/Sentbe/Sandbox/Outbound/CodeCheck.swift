import Base

/// One code of four digits that was sent to somebody, and what came back: by text message, or in the memo of 1 won.
///
/// A value without a clock: every event comes with its time.
struct CodeCheck: Hashable, Sendable {
    /// Four digits.
    var code: String
    var sentAt: Timestamp
    /// How often a wrong code came.
    var failures: Int64 = 0

    /// How long a code holds, and how many wrong ones are let pass.
    struct Rule: Hashable, Sendable {
        /// Nothing: it holds for ever.
        var lifetime: Duration?
        /// After so many wrong codes no code is taken any more.
        var allowedFailures: Int64
    }

    /// What a code that came back leads to.
    enum Outcome: Hashable, Sendable {
        /// It is the one that was sent.
        case accepted
        /// It is another one; how many attempts are left.
        case wrong(left: Int64)
        /// Too many wrong ones came before; it was not looked at.
        case tooOften
        /// It came so much after its end; it was not looked at.
        case tooLate(by: Duration)
    }

    /// Somebody has entered `token`.
    mutating func tokenEntered(_ token: String, at now: Timestamp, rule: Rule) -> Outcome {
        // The number of attempts first: who has used them up needs a new code, however late it is.
        guard failures < rule.allowedFailures else { return .tooOften }
        if let lifetime = rule.lifetime, now - sentAt >= lifetime { return .tooLate(by: now - sentAt - lifetime) }
        guard token.utf8.elementsEqual(code.utf8) else {
            failures += 1
            return .wrong(left: rule.allowedFailures - failures)
        }
        return .accepted
    }

    /// Four digits, or the fixed ones.
    static func newCode(_ random: any RandomSource, fixed: Bool) -> String {
        guard !fixed else { return "0000" }
        let digits = String(random.number(below: 10_000))
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
