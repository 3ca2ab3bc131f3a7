public import Base
import ProviderKit
public import Transport

/// WPAY's standard 2.0, wpayplus and INIAPI refunds for a Swift server, without the gateway.
///
/// It signs forms for the merchant's pages, verifies and opens callbacks, and makes the server-to-server calls. It never repeats a call by itself but the net-cancel
/// that follows an approval without a clear success. Every call throws ``WPayError``, whose outcome says whether WPAY may have acted.
///
/// ```swift
/// let form = try client.form(for: CardPayment(userKey: key, token: token, order: order, quota: "00", returnURL: "https://shop.example/return"))
/// // The shopper's browser posts the form, pays, and comes back:
/// if case .success(let authentication) = try client.authenticated(callback: body, of: CardPayment.api) {
///     let approval = try await client.approveCard(authentication)
/// }
/// ```
///
/// Source of all facts: the specification's public export and the vendor's samples; `Providers/WPay/README.md` says which is which.
public final class WPayClient: Sendable {
    /// The merchant id.
    public let mid: String
    /// The merchant id for auto-pay, which WPAY gives out separately.
    public let autoPayMid: String
    let keys: WPayKeys
    let places: WPayPlaces
    let time: any TimeSource
    /// Which authentications this client has asked to have approved, see ``approveCard(_:parts:identity:)``.
    let ledger = Locked(ApprovalLedger())
    private let autoPayKeys: WPayKeys
    private let refundKey: Secret?
    private let exchange: any HTTPExchange
    private let timeouts: HTTPTimeouts

    /// A client of one merchant.
    ///
    /// - Parameters:
    ///   - mid: The merchant id, 10 characters.
    ///   - keys: The merchant's keys.
    ///   - autoPayMid: The merchant id for charges without the shopper, where it is another one.
    ///   - autoPayKeys: Its keys, where they are others.
    ///   - refundKey: The INIAPI key; needed for refunds only.
    ///   - places: Where WPAY is.
    ///   - exchange: The network.
    ///   - time: The clocks; the pause between two net-cancels passes on them.
    ///   - timeouts: How long one exchange may take. A short wait for answers only makes more net-cancels.
    public init(
        mid: String, keys: WPayKeys, autoPayMid: String? = nil, autoPayKeys: WPayKeys? = nil, refundKey: Secret? = nil,
        places: WPayPlaces = .inicis(.live), exchange: any HTTPExchange, time: any TimeSource = SystemTime(),
        timeouts: HTTPTimeouts = HTTPTimeouts(connect: .seconds(5), firstByte: .seconds(10), total: .seconds(20))
    ) {
        self.mid = mid
        self.keys = keys
        self.autoPayMid = autoPayMid ?? mid
        self.autoPayKeys = autoPayKeys ?? keys
        self.refundKey = refundKey
        self.places = places
        self.exchange = exchange
        self.time = time
        self.timeouts = timeouts
    }

    /// Signs a form for a page. The shopper's browser posts it to WPAY; sign it anew for every payment.
    ///
    /// - Throws: ``WPayError`` with the code `invalidRequest`, naming the field.
    public func form(for page: some WPayPage) throws(WPayError) -> WPayForm {
        let request = try build(type(of: page).api(of: page), page.values + [("mid", .plain(mid))])
        return WPayForm(action: "\(places.standard)\(request.api.path)", fields: request.fields)
    }

    func build(_ api: WPayAPI, _ values: [(name: String, value: WPayValue)]) throws(WPayError) -> WPayRequest {
        do throws(WPayRequestError) {
            return try WPayRequestBuilder(keys(of: api)).build(api, values)
        } catch {
            throw .invalid(error)
        }
    }

    private func keys(of api: WPayAPI) -> WPayKeys { api.product == .autoPay ? autoPayKeys : keys }

    /// Makes a call of the standard's table and returns its reply, which is a success.
    func call(_ name: String, _ values: [(name: String, value: WPayValue)]) async throws(WPayError) -> WPayReply {
        try await succeeded(try build(WPayClient.api(.standard20, name), values + [("mid", .plain(mid))]), at: places.standard)
    }

    /// Sends a request and returns its reply, which is a success.
    func succeeded(_ request: WPayRequest, at base: WPayBase, site: String? = nil) async throws(WPayError) -> WPayReply {
        let reply = try await send(request, to: base, site: site)
        guard reply.resultCode.isSuccess else { throw .refused(reply.resultCode, reply.text("resultMsg")) }
        return reply
    }

    /// Sends a request once and reads its reply, whatever its result code.
    func send(_ request: WPayRequest, to base: WPayBase, site: String? = nil) async throws(WPayError) -> WPayReply {
        guard let call = request.call(pathPrefix: base.pathPrefix, site: site) else {
            throw .invalid("autoPaySite가 올바르지 않습니다.", "autoPaySite is not a partner's word")
        }
        let body = try await exchange(call, to: base.origin, effect: request.api.effect)
        guard let reply = WPayReply(body, of: request.api, seed: keys(of: request.api).seed) else { throw .unreadable(request.api.effect) }
        return reply
    }

    /// Sends a call once and returns the body of an answer in the 200s.
    private func exchange(_ call: Call, to origin: HTTPOrigin, effect: Effect) async throws(WPayError) -> [UInt8] {
        let response: HTTPResponse
        do throws(HTTPExchangeError) {
            response = try await exchange.send(call.request, to: origin, timeouts: timeouts)
        } catch {
            throw WPayError(error, effect: effect)
        }
        guard (200...299).contains(response.status), let body = response.bytes, body.count <= WPayReply.byteLimit else {
            throw .unreadable(effect)
        }
        return body
    }

    /// Asks INIAPI for a refund and returns its reply.
    func send(_ refund: INIAPIRefund) async throws(WPayError) -> JSON {
        guard let refundKey else { throw .invalid("환불하려면 INIAPI 키가 필요합니다.", "refunds need the INIAPI key") }
        let effect = INIAPIRefund.route.effect
        let body = try await exchange(
            refund.call(key: refundKey, pathPrefix: places.refunds.pathPrefix), to: places.refunds.origin, effect: effect)
        guard let json = try? JSON(body), json.members != nil else { throw .unreadable(effect) }
        return json
    }

    /// A row of the table that is known to be there.
    static func api(_ product: WPayProduct, _ name: String) -> WPayAPI {
        guard let api = WPayTables.api(product, name) else { preconditionFailure("the table has no \(name)") }
        return api
    }
}
