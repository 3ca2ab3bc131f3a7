public import ProviderKit
public import Transport

/// A product line of WPAY. Each has its own hosts, paths and signing orders.
public enum WPayProduct: String, Sendable, Hashable, CaseIterable {
    /// WPAYSTD 2.0, today's standard.
    case standard20 = "std"
    /// The standard before 2.0.
    case oldStandard = "old"
    /// WPAYCST: sites made for one partner; their paths begin with the partner's word.
    case customSites = "cst"
    /// wpayplus: charging a stored means without the shopper.
    case autoPay = "autopay"
}

/// One of WPAY's APIs: where it is, what it takes in which signing order, and what it answers.
///
/// Source: the public export of the WPAYSTD 2.0 and WPAYCST specifications and the vendor's sample packs.
public struct WPayAPI: Sendable, Hashable {
    /// The product line.
    public var product: WPayProduct
    /// Its name within the product: what the path ends with, such as `payauth/card` or, at custom sites, `u/payreg/v2`.
    public var name: String
    /// How the request travels.
    public var carrier: WPayCarrier
    /// The path; `{site}` stands for the partner's word.
    public var path: String
    /// The request's fields: first the signed ones in signing order, then the unsigned ones.
    public var request: [WPayField]
    /// The reply's fields: first the signed ones in signing order, then the unsigned ones.
    public var reply: [WPayField]
    /// How the reply travels: `page` or, on leaving the old my page, `query` through the browser, otherwise `json`.
    public var replyCarrier: WPayCarrier
    /// Whether the reply carries a signature: callbacks of pages do, JSON never does.
    public var replyIsSigned: Bool
    /// What a call does. Opening a page changes nothing by itself.
    public var effect: Effect
    /// The field whose presence tells this row from another one with the same path.
    public var distinguishingField: String?
    /// The API of the same product that undoes a call whose outcome is not known (net-cancel, 망취소).
    public var undoneBy: String?

    /// Whether it takes extras for the page's looks that nobody has listed; the old standard's pages do.
    public var takesStyleParameters: Bool { product == .oldStandard && isPage }

    /// Whether a shopper's browser opens it.
    public var isPage: Bool { carrier == .page }

    /// The request's method.
    public var method: HTTPMethod { carrier == .query ? .get : .post }

    /// Its name among all APIs, for commands, metrics and the gateway's paths: the name alone in version 2.0, otherwise behind the product's word, such as `old/memreg`.
    public var identifier: String { product == .standard20 ? name : "\(product.rawValue)/\(name)" }

    /// What the sandbox answers on success: `000000` where the specification prints six digits, otherwise `0000`. Callers accept both everywhere.
    public var successCode: WPayResultCode { WPayResultCode.success(of: name) }

    /// The signed fields of the request, in order.
    public var signedRequest: [WPayField] { request.filter(\.isSigned) }

    /// The signed fields of the reply, in order; empty when the reply carries no signature.
    public var signedReply: [WPayField] { replyIsSigned ? reply.filter(\.isSigned) : [] }

    /// Whether the path is a partner's, so that it takes a site.
    public var takesSite: Bool { path.hasPrefix("/{site}/") }

    /// The path for a partner's site; nothing when a site is needed and `site` is not a word of lower-case letters and digits.
    public func path(site: String?) -> String? {
        guard takesSite else { return path }
        guard let site, !site.isEmpty, site.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }) else {
            return nil
        }
        return "/" + site + path.dropFirst("/{site}".count)
    }

    /// The field of the request with that name.
    public func requestField(_ name: String) -> WPayField? { request.first { $0.name == name } }

    /// The field of the reply with that name.
    public func replyField(_ name: String) -> WPayField? { reply.first { $0.name == name } }
}
