public import Base

/// The wrapping of every answer: `{"resultType":"SUCCESS","success":…}` or `{"resultType":"FAIL","error":{…}}`, and the bare `{"error":"invalid_grant"}` of login.
///
/// It is read before anybody looks at the HTTP status: failures come with status 200.
public enum AppsInTossEnvelope {
    /// Under which name an answer carries its content. `result` occurs with messages.
    public enum SuccessName: String, Sendable {
        /// As documented.
        case success
        /// As older samples show.
        case result
    }

    /// How `errorCode` is written.
    public enum CodeStyle: Sendable {
        /// As a text.
        case text
        /// As a number where it is made of digits.
        case number
    }

    /// The errors of RFC 6749, section 5.2, and RFC 6750, section 3.1.
    public static let oauthErrors: Set<String> = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "invalid_token", "insufficient_scope",
    ]

    /// Reads an answer.
    ///
    /// - Returns: Nothing when the bytes are not JSON, or neither an envelope nor a bare error: then something in between has answered, and what the provider did is not
    ///   known.
    public static func read(_ body: [UInt8]) -> AppsInTossAnswer? {
        guard let json = try? JSON(body) else { return nil }
        return read(json)
    }

    /// Reads an answer that has been read as JSON. See ``read(_:)-([UInt8])``.
    public static func read(_ json: JSON) -> AppsInTossAnswer? {
        guard json.members != nil else { return nil }
        guard let type = json["resultType"] else { return bareError(json) }
        guard case .string(let word) = type else { return nil }
        let resultType = AppsInTossResultType(rawValue: word)
        if resultType == .success { return .success(content(json)) }
        return .refusal(refusal(json["error"] ?? .null, resultType))
    }

    /// An answer with content.
    public static func success(_ content: JSON, under name: SuccessName = .success) -> JSON {
        name == .success ? ["resultType": "SUCCESS", "success": content] : ["resultType": "SUCCESS", "result": content]
    }

    /// An answer that refuses.
    public static func failure(_ refusal: AppsInTossRefusal, codes: CodeStyle = .text) -> JSON {
        guard let resultType = refusal.resultType else { return bareError(refusal.code) }
        var error: JSON.Members = [:]
        if let number = refusal.errorType { error["errorType"] = .number(number) }
        let isNumber = codes == .number && Int64(refusal.code.rawValue).map { String($0) == refusal.code.rawValue } == true
        error["errorCode"] = isNumber ? .number(refusal.code.rawValue) : .string(refusal.code.rawValue)
        error["reason"] = .string(refusal.reason)
        if !refusal.data.isNull { error["data"] = refusal.data }
        if let title = refusal.title { error["title"] = .string(title) }
        return ["resultType": .string(resultType.rawValue), "error": .object(error)]
    }

    /// `{"error":"invalid_grant"}`.
    public static func bareError(_ code: AppsInTossErrorCode) -> JSON { ["error": .string(code.rawValue)] }

    private static func content(_ json: JSON) -> JSON {
        for name in [SuccessName.success, .result] {
            if let content = json[name.rawValue], !content.isNull { return content }
        }
        return .null
    }

    private static func refusal(_ error: JSON, _ resultType: AppsInTossResultType?) -> AppsInTossRefusal {
        if let word = error.lenientText { return AppsInTossRefusal(AppsInTossErrorCode(rawValue: word), resultType: resultType) }
        let code = AppsInTossErrorCode(rawValue: error.text("errorCode") ?? error.text("code") ?? "")
        return AppsInTossRefusal(
            code, resultType: resultType, reason: error.text("reason") ?? error.text("message"), errorType: error.whole("errorType"),
            title: error.text("title"), data: error["data"] ?? .null)
    }

    /// An object with `error` and without `resultType`.
    private static func bareError(_ json: JSON) -> AppsInTossAnswer? {
        guard let error = json["error"], !error.isNull else { return nil }
        guard case .string(let word) = error else {
            return error.members == nil ? nil : .refusal(refusal(error, nil))
        }
        let code = AppsInTossErrorCode(rawValue: word)
        return .refusal(AppsInTossRefusal(code, resultType: nil, reason: json.text("error_description")))
    }
}
