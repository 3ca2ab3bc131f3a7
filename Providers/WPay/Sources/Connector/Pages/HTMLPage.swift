import Base
import Cryptography
import ProviderKit
import Transport

/// Small pages of the gateway's own, with a policy that lets nothing but what is in them run.
enum HTMLPage {
    private static let style =
        "body{font:16px/1.6 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem;color:#222}button{font:inherit;padding:.5rem 1.5rem}"

    /// A page. Where it leads learns its origin, never its path: that may hold a shopper's data.
    ///
    /// - Parameters:
    ///   - body: HTML, escaped already.
    ///   - script: What it runs.
    ///   - formTargets: Origins that its forms may be posted to.
    static func reply(_ status: Int, title: String, body: String, script: String? = nil, formTargets: [String] = []) -> Reply {
        let text = """
            <!DOCTYPE html>
            <html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escape(title))</title><style>\(style)</style></head><body>
            \(body)\(script.map { "\n<script>\($0)</script>" } ?? "")
            </body></html>

            """
        var policy = "default-src 'none'; base-uri 'none'; style-src '\(hash(style))'"
        if let script { policy += "; script-src '\(hash(script))'" }
        policy += "; form-action \(formTargets.isEmpty ? "'none'" : formTargets.joined(separator: " "))"
        return Reply(
            status: status,
            fields: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": policy,
                "X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin",
            ], body: Array(text.utf8))
    }

    /// A page with one sentence in both languages.
    static func notice(_ status: Int, title: String, _ text: BilingualText) -> Reply {
        reply(status, title: title, body: "<p lang=\"ko\">\(escape(text.korean))</p>\n<p lang=\"en\">\(escape(text.english))</p>")
    }

    /// Text as it stands in HTML, in an attribute too.
    static func escape(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): output.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): output.append(contentsOf: "&#39;".utf8)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func hash(_ text: String) -> String { "sha256-" + Base64.encode(Digest.sha256.hash(text)) }
}
