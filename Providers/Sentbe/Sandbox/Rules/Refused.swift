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
