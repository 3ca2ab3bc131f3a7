import Base
import ProviderKit
import Transport

/// What WPAY answered, as far as it can be read: an object of JSON with a result code. Nothing else counts as an answer.
struct WPayAnswer: Sendable {
    /// The largest answer that is read.
    static let byteLimit = WPayReply.byteLimit

    /// All of it.
    let json: JSON
    /// The member `resultCode`.
    let code: WPayResultCode

    /// Reads a reply; nothing when it is not such an object, is no 200, or is larger than any answer of WPAY's.
    init?(_ reply: Reply) {
        guard reply.status == 200, reply.body.count <= WPayAnswer.byteLimit, let json = try? JSON(reply.body) else { return nil }
        guard let code = json["resultCode"]?.string, !code.isEmpty else { return nil }
        self.json = json
        self.code = WPayResultCode(code)
    }
}

/// The word in `Bujeol-Result` and in results: how a call or a callback ended.
enum ResultWord: String, Sendable {
    /// It succeeded.
    case success
    /// What was asked for had been there before; its key or token is in the answer. No failure.
    case already
    /// It was refused.
    case fail
    /// The answer to a look-up is not one of WPAY's; it is delivered as it came.
    case unreadable

    /// The word for a result code of WPAY's.
    init(_ code: WPayResultCode) {
        self = code.isSuccess ? .success : code.isAlreadyThere ? .already : .fail
    }
}
