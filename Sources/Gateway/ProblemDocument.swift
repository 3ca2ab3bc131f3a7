import Base
import ProviderKit
import Transport

extension CallFailure {
    /// The failure as a problem document (RFC 9457), in the language that the caller prefers and, under `detail_ko`, always in Korean too.
    func response(to request: HTTPRequest) -> HTTPResponse {
        let inKorean = LanguagePreference.prefersKorean(request.fields["Accept-Language"])
        var members: JSON.Members = [
            "type": .string("urn:bujeol:problem:\(code.rawValue)"), "title": .string(title), "status": .number(status),
            "detail": .string(inKorean ? message.korean : message.english), "detail_ko": .string(message.korean),
            "outcome": .string(outcome.rawValue), "code": .string(code.rawValue),
        ]
        if let cause { members["cause"] = .string(cause) }
        for name in details.names { members[name] = details[name] }
        var fields: HTTPFields = [
            "Content-Type": "application/problem+json", "Content-Language": inKorean ? "ko" : "en", "Cache-Control": "no-store",
            Broker.outcomeField: outcome.rawValue,
        ]
        if let retryAfter {
            let seconds = max(1, retryAfter.wholeSeconds + (retryAfter.components.attoseconds > 0 ? 1 : 0))
            fields.append("Retry-After", String(seconds))
        }
        // RFC 9110 wants the first with every 401 and the second with every 405.
        if status == 401 { fields.append("WWW-Authenticate", "Bujeol realm=\"gateway\"") }
        if status == 405 { fields.append("Allow", "GET, HEAD") }
        return HTTPResponse(status: status, fields: fields, body: JSON.object(members).bytes)
    }

    /// The code in words: `proof-unavailable` as `Proof unavailable`.
    private var title: String {
        let words = code.rawValue.split(separator: "-").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

/// What `Accept-Language` says (RFC 9110, section 12.5.4), as far as two languages need it.
enum LanguagePreference {
    /// Whether Korean is wanted more than English; of equal wishes the first counts.
    static func prefersKorean(_ acceptLanguage: String?) -> Bool {
        var best = (weight: 0.0, isKorean: false)
        for range in (acceptLanguage ?? "").lowercased().split(separator: ",") {
            let parts = range.filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            guard let tag = parts.first?.split(separator: "-").first, tag == "ko" || tag == "en" else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > best.weight { best = (weight, tag == "ko") }
        }
        return best.isKorean
    }
}
