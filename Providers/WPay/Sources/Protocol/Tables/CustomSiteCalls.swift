import ProviderKit

/// WPAYCST (protocol notes, section 11): sites made for one partner, below `/{site}/cst`. Replies leave mid out of the order. Required fields as in version 2.0; the document marks none.
enum CustomSiteCalls {
    private static let person = "mid* userId* ci userNm hNum hCorp birthDay socialNo2"
    private static let joined = "resultCode resultMsg wtid userId wpayUserKey ci(?)"
    private static let registered =
        "resultCode resultMsg wtid wpayUserKey wpayToken payMethod bankCardCode bankCardNo cardName majYn"
    private static let authenticated = "resultCode resultMsg wtid wpayUserKey wpayToken fdsResult wpayDomain(U)"
    private static let means = "mid* wpayUserKey* wpayToken* ci payMethod bankCardCode"

    static let all: [WPayAPI] = [
        page("u/memregci", person + " returnUrl*", joined),
        page(
            "u/memregci/under14", person + " agreeReqDate agreeReqNum agreeYn repNm repPhoneNum authDate returnUrl*", joined),
        call("apis/memregci", .form, "mid* userId* ci userNm hNum birthDay socialNo2", joined, .movesMoney(enquiry: nil)),
        call(
            "apis/memunreg", .form, "mid* userId wpayUserKey* ci", "resultCode resultMsg wtid userId wpayUserKey",
            .movesMoney(enquiry: "GET \(prefix)apis/userinfo")),
        call("apis/userinfo", .query, "mid* wpayUserKey* ci", "resultCode resultMsg wtid wpayUserKey status", .reads),
        page(
            "u/payreg/v2",
            "mid* wpayUserKey* ci payMethod returnUrl* + seckeypadType themeColor scanBtnYn type appkey cardnum1 cardnum2 cardnum3 cardnum4"
                + " expireDateYY expireDateMM", registered),
        page("u/payreg/simple", "mid* wpayUserKey* ci bankCardCode cardIsscoCode returnUrl*", registered),
        // The one row of this product whose ci is plain.
        call(
            "apis/directpayreg", .form, "mid* wpayUserKey* ci(-) bankCardCode cardRegKey*", registered,
            .movesMoney(enquiry: nil)),
        call("apis/payinfo", .query, "mid* wpayUserKey* wpayToken* ci", Standard20Calls.tokenInformation, .reads),
        call(
            "apis/delpayinfo", .form, "mid* wpayUserKey* wpayToken* ci", "resultCode resultMsg mid wtid wpayUserKey wpayToken",
            .movesMoney(enquiry: "GET \(prefix)apis/payinfo")),
        page(
            "u/payreqauth",
            means
                + " oid* goodsName* goodsPrice* buyerName* buyerTel* buyerEmail cardQuota cardInterest couponCode flagPin flagPinMsg returnUrl*",
            authenticated),
        autoPaySignUp,
        call("apis/payreqauth/otc", .form, means, "resultCode resultMsg wtid otc", .movesMoney(enquiry: nil)),
        call(
            "apis/payreqappl", .form, "mid* wpayUserKey* ci wtid*", Standard20Calls.cardApproval, .movesMoney(enquiry: nil),
            undoneBy: "apis/payreqapplcancel"),
        // The document lists wpayUserKey and a signature in this reply, without an order: nothing can be verified.
        call("apis/payreqapplcancel", .form, "mid* wpayUserKey* wtid* cancelMsg*", "resultCode resultMsg wpayUserKey", .repeatable),
        call(
            "apis/autopaycancel", .form, "mid* wpayUserKey* ci wtid*", "resultCode resultMsg wtid", .movesMoney(enquiry: nil)),
        identityCheck,
    ]

    private static let prefix = "/{site}/cst/"

    /// The same path as `u/payreqauth` with another signing order; `billkeyAppFlag` tells them apart.
    private static let autoPaySignUp: WPayAPI = {
        var api = page("u/payreqauth-auto", means + " oid* goodsName* goodsPrice* returnUrl* billkeyAppFlag*", authenticated)
        api.path = prefix + "u/payreqauth"
        api.distinguishingField = "billkeyAppFlag"
        return api
    }()

    /// The order of its callback is not known, so that nothing of it can be verified.
    private static let identityCheck: WPayAPI = {
        var api = page("u/arsauth/pa/sec", "mid* wpayUserKey* ci wtid* + hNum returnUrl*", "+ resultCode resultMsg")
        api.replyIsSigned = false
        return api
    }()

    private static func page(_ name: String, _ request: String, _ reply: String) -> WPayAPI {
        WPayAPI(
            product: .customSites, name: name, carrier: .page, path: prefix + name,
            request: WPayNotation.fields(request, of: .customSites), reply: WPayNotation.fields(reply, of: .customSites),
            replyCarrier: .page, replyIsSigned: true, effect: .reads)
    }

    private static func call(
        _ name: String, _ carrier: WPayCarrier, _ request: String, _ reply: String, _ effect: Effect, undoneBy: String? = nil
    ) -> WPayAPI {
        WPayAPI(
            product: .customSites, name: name, carrier: carrier, path: prefix + name,
            request: WPayNotation.fields(request, of: .customSites), reply: WPayNotation.fields(reply, of: .customSites),
            replyCarrier: .json, replyIsSigned: false, effect: effect, undoneBy: undoneBy)
    }
}
