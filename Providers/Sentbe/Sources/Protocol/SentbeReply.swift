public import Base

/// The wrapping of every answer: `{"result":true,"data":…}` or `{"result":false,"errors":[…]}`. Answers are not encrypted.
public struct SentbeReply: Sendable, Hashable {
    /// One thing that went wrong.
    public struct Failure: Sendable, Hashable {
        /// The provider's words, for a person. They may repeat what was sent.
        public var message: String
        /// The code; empty when there was none.
        public var code: SentbeErrorCode

        /// A failure by its code and words.
        public init(code: SentbeErrorCode, message: String) {
            self.code = code
            self.message = message
        }

        /// The failure as a member of `errors`.
        public var json: JSON { ["message": .string(message), "error_code": .string(code.rawValue)] }
    }

    /// Whether the call succeeded: what `result` says, not the HTTP status.
    public var isSuccess: Bool
    /// The answer itself; `null` when there is none.
    public var data: JSON
    /// Everything that went wrong. The first counts, the others are worth a look.
    public var failures: [Failure]

    /// An answer with data.
    public static func success(_ data: JSON) -> SentbeReply { SentbeReply(isSuccess: true, data: data, failures: []) }
    /// An answer with one failure.
    public static func failure(_ code: SentbeErrorCode, _ message: String) -> SentbeReply {
        SentbeReply(isSuccess: false, data: .null, failures: [Failure(code: code, message: message)])
    }

    private init(isSuccess: Bool, data: JSON, failures: [Failure]) {
        self.isSuccess = isSuccess
        self.data = data
        self.failures = failures
    }

    /// Reads an answer; nothing when the bytes are not JSON or have no `result` that is true or false. `errors` may be one object instead of a list.
    public init?(_ body: [UInt8]) {
        guard let json = try? JSON(body), let isSuccess = json["result"]?.boolean else { return nil }
        let listed = json["errors"].map { $0.elements ?? [$0] } ?? []
        let failures = listed.filter { $0.members != nil }.map { error in
            Failure(code: SentbeErrorCode(rawValue: error["error_code"]?.string ?? ""), message: error["message"]?.string ?? "")
        }
        self.init(isSuccess: isSuccess, data: json["data"] ?? .null, failures: failures)
    }

    /// The answer as the provider writes it.
    public var json: JSON {
        isSuccess ? ["result": true, "data": data] : ["result": false, "errors": .array(failures.map(\.json))]
    }
}
