public import Base

/// What every reply of Bootpay's API, version 1, is wrapped in: `{status, code, message, data}`.
public struct BootpayEnvelope: Sendable, Hashable {
    /// Repeats the HTTP status. Never the state of a payment.
    public var status: Int
    /// 0 for success, negative for an error.
    public var code: Int
    /// A Korean sentence for a person; empty on success, sometimes missing.
    public var message: String
    /// The reply itself; missing on deletes and most errors.
    public var data: JSON?

    /// An envelope by its parts.
    public init(status: Int, code: Int, message: String, data: JSON? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.data = data
    }

    /// Reads an envelope; nothing when the bytes are not JSON or lack a numeric `status` or `code`.
    public init?(_ body: [UInt8]) {
        guard let json = try? JSON(body), let status = json["status"]?.integer, let code = json["code"]?.integer,
            let status = Int(exactly: status), let code = Int(exactly: code)
        else { return nil }
        self.init(status: status, code: code, message: json["message"]?.string ?? "", data: json["data"])
    }

    /// Whether the call succeeded.
    public var isSuccess: Bool { (200...299).contains(status) && code == 0 }

    /// The envelope in the member order of the documentation.
    public var json: JSON {
        var members: JSON.Members = ["status": .number(status), "code": .number(code), "message": .string(message)]
        members["data"] = data
        return .object(members)
    }
}
