public import Base

/// What an answer says once its envelope is open.
public enum TossAuthAnswer: Sendable, Equatable {
    /// It worked: what stands under `success`; `null` when nothing does.
    case success(JSON)
    /// It did not.
    case refusal(TossAuthRefusal)
}

/// Why a call did not work, in the provider's words.
public struct TossAuthRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the refusal; empty when it has none.
    public var code: TossAuthErrorCode
    /// The provider's sentence for a person, in Korean.
    public var reason: String
    /// A number of unknown meaning; 0 in every sample.
    public var errorType: Int64
    /// What else was said; an empty object as a rule, `null` when the provider sent none.
    public var data: JSON
    /// A heading for a person.
    public var title: String?

    /// A refusal. Without a reason it gets the one of the table.
    public init(_ code: TossAuthErrorCode, reason: String? = nil, errorType: Int64 = 0, data: JSON = [:], title: String? = nil) {
        self.code = code
        self.reason = reason ?? code.row?.meaning.korean ?? ""
        self.errorType = errorType
        self.data = data
        self.title = title
    }

    /// What to do about it; nothing for a code that is not known.
    public var advice: TossAuthErrorCode.Advice? { code.row?.advice }

    /// The code and what it means in English, nothing that the provider sent along.
    public var description: String { "\(code.rawValue): \(code.row?.meaning.english ?? "a code that is not known")" }
}

/// The wrapping of every answer of the service's host: `{"resultType":"SUCCESS","success":…}` or `{"resultType":"FAIL","error":{…},"success":null}`.
///
/// It is read before anybody looks at the HTTP status, since the status of a failure is not documented. The token host has no envelope.
public enum TossAuthEnvelope {
    /// Reads an answer.
    ///
    /// - Returns: Nothing when the bytes are no envelope: then something in between has answered, and what the provider did is not known.
    public static func read(_ body: [UInt8]) -> TossAuthAnswer? {
        guard let json = try? JSON(body) else { return nil }
        return read(json)
    }

    /// Reads an answer that has been read as JSON. See ``read(_:)-([UInt8])``.
    public static func read(_ json: JSON) -> TossAuthAnswer? {
        switch json["resultType"]?.string {
        case "SUCCESS": return .success(json["success"] ?? .null)
        case "FAIL": return .refusal(refusal(json["error"] ?? .null))
        default: return nil
        }
    }

    /// An answer with content.
    public static func success(_ content: JSON) -> JSON { ["resultType": "SUCCESS", "success": content] }

    /// An answer that refuses, with all members of the documented sample.
    public static func failure(_ refusal: TossAuthRefusal) -> JSON {
        let error: JSON = [
            "errorType": .number(refusal.errorType), "errorCode": .string(refusal.code.rawValue), "reason": .string(refusal.reason),
            "data": refusal.data, "title": refusal.title.map { .string($0) } ?? .null,
        ]
        return ["resultType": "FAIL", "error": error, "success": .null]
    }

    /// A link out of a successful answer (`appScheme`, `androidAppUri`, `iosAppUri`). The documented sample writes the **text** `"null"`: that, `null`, an empty
    /// text and a missing member all mean that there is none.
    public static func link(_ name: String, in content: JSON) -> String? {
        guard let text = content[name]?.string, !text.isEmpty, text != "null" else { return nil }
        return text
    }

    private static func refusal(_ error: JSON) -> TossAuthRefusal {
        let code: String =
            switch error["errorCode"] {
            case .string(let text)?, .number(let text)?: text
            default: ""
            }
        return TossAuthRefusal(
            TossAuthErrorCode(rawValue: code), reason: error["reason"]?.string, errorType: error["errorType"]?.integer ?? 0,
            data: error["data"] ?? .null, title: error["title"]?.string)
    }
}
