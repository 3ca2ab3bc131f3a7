import Base
import ProviderKit
import Transport

/// The header fields by which an application and the gateway talk about a call. They never reach the provider.
enum TossAuthFields {
    // What an application may ask.
    static let read = "Bujeol-Read"
    static let reference = "Bujeol-Reference"
    // What the gateway tells.
    static let result = "Bujeol-Result"
    static let errorCode = "Bujeol-Error-Code"
    static let session = "Bujeol-Session"
    static let readsLeft = "Bujeol-Reads-Left"
    static let resultDeadline = "Bujeol-Result-Deadline"
    static let repeated = "Bujeol-Repeated"
    static let ageGroup = "Bujeol-Age-Group"
    static let ageBasis = "Bujeol-Age-Basis"
    static let signature = "Bujeol-Signature"
    static let certificate = "Bujeol-Certificate"
    static let outcome = "Bujeol-Outcome"

    /// What never comes back from the provider: its connection's own fields, and the names by which callers know whose answer it is.
    private static let notPassedBack = HTTPFieldNames(HTTPFieldNames.hopByHop + ["content-length"], prefixes: ["bujeol-"])

    /// The provider's answer as the application may see it.
    static func cleaned(_ reply: Reply) -> Reply {
        var reply = reply
        reply.fields.removeNominatedByConnection()
        reply.fields.removeAll(notPassedBack)
        return reply
    }
}

extension TossAuthConnector {
    /// An answer with what it means in fields, counted.
    func told(_ reply: Reply, _ route: String?, _ meaning: TossAuthCounters.Meaning, _ code: TossAuthErrorCode? = nil) -> Reply {
        var reply = reply
        reply.fields[TossAuthFields.result] = meaning.rawValue
        if let code, code.isWord { reply.fields[TossAuthFields.errorCode] = code.rawValue }
        counters.answered(route, meaning)
        if let code { counters.refused(code) }
        return reply
    }

    /// How the check stands, in fields.
    func adding(_ state: VerificationState?, to reply: Reply) -> Reply {
        guard let state else { return reply }
        var reply = reply
        reply.fields[TossAuthFields.readsLeft] = String(state.readsLeft)
        reply.fields[TossAuthFields.resultDeadline] = state.resultDeadline.map { TossAuthTime.text($0) }
        return reply
    }
}

extension TossAuthErrorCode {
    /// Whether it can stand in a header as it is.
    var isWord: Bool { (1...40).contains(rawValue.utf8.count) && rawValue.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
