import ProviderKit
import Transport

/// The gateway's own pages below a connection to WPAY.
enum OwnPage: Sendable {
    /// `/start/<api>`: the signed form that a shopper's browser posts.
    case start
    /// `/return/<api>`: what WPAY sends the shopper's browser back to.
    case `return`
    /// `/results/<wtid>`: a verified result, for the merchant's program.
    case results

    /// The page that a call is for; nothing for a call to WPAY.
    init?(_ call: Call) {
        for page in [OwnPage.start, .return, .results] where call.path.hasPrefix(page.prefix) {
            self = page
            return
        }
        return nil
    }

    /// What its paths begin with.
    var prefix: String {
        switch self {
        case .start: "/start/"
        case .return: "/return/"
        case .results: "/results/"
        }
    }

    /// The row that stands for it in counts. None of them changes anything at WPAY.
    var route: Route {
        switch self {
        case .start: Route("start", .post, "/start/{api}", .reads)
        case .return: Route("return", .post, "/return/{api}", .reads)
        case .results: Route("results", .get, "/results/{wtid}", .reads)
        }
    }

    /// The page of WPAY's that a path names: by its identifier, such as `payauth/card` or `old/memreg`, or, where the path is a partner's, by that path.
    ///
    /// - Parameter hasField: Tells two pages with one path apart.
    /// - Returns: The page, and the partner's word where its path takes one.
    func api(_ call: Call, hasField: (String) -> Bool = { _ in false }) -> (api: WPayAPI, site: String?)? {
        let name = String(call.path.dropFirst(prefix.utf8.count))
        if let api = WPayTables.api(identifier: name), api.isPage, !api.takesSite { return (api, nil) }
        let path = "/" + name
        guard let api = WPayTables.api(.post, path, hasField: hasField), api.isPage else { return nil }
        let site = WPayTables.routes.match(.post, path)?.parameters["site"]
        return api.path(site: site) == nil ? nil : (api, site)
    }

    /// Whether a request comes out of a browser. Browsers say where a request comes from, and ask for pages.
    static func isFromBrowser(_ call: Call) -> Bool {
        let marks = ["Origin", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Sec-Fetch-User"]
        return marks.contains { call.fields.contains($0) } || call.fields["Accept"]?.lowercased().contains("text/html") ?? false
    }

    /// Whether a request came through a proxy, so that it may be anybody's.
    static func isForwarded(_ call: Call) -> Bool {
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"].contains { call.fields.contains($0) }
    }
}

/// What `Accept` says, as far as a page that can also be JSON needs it (RFC 9110, section 12.5.1).
enum AcceptPreference {
    /// Whether JSON is wanted more than HTML; of equal wishes, whether JSON is named and HTML is not.
    static func prefersJSON(_ accept: String?) -> Bool {
        var json = (weight: -1.0, rank: 0)
        var html = (weight: -1.0, rank: 0)
        for range in (accept ?? "").lowercased().split(separator: ",") {
            let parts = range.filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            guard let type = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            // The more exactly a range names a type, the more its weight counts.
            func consider(_ best: inout (weight: Double, rank: Int), _ exact: String, _ group: String) {
                let rank = type == exact ? 3 : type == group ? 2 : type == "*/*" ? 1 : 0
                if rank > best.rank { best = (weight, rank) }
            }
            consider(&json, "application/json", "application/*")
            consider(&html, "text/html", "text/*")
        }
        guard json.rank > 0, json.weight > 0 else { return false }
        return json.weight != html.weight ? json.weight > html.weight : json.rank == 3 && html.rank < 3
    }
}
