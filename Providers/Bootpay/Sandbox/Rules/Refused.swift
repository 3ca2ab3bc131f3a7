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
