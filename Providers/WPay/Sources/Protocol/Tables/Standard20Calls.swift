import ProviderKit

/// The server-to-server calls of WPAYSTD 2.0 (protocol notes, section 8). Replies are JSON without a signature.
enum Standard20Calls {
    private static let prefix = "/stdwpay/std/rest/v1/"
    private static let token = "mid* wpayUserKey* wpayToken* ci"
    private static let tokenReply = "resultCode resultMsg wtid wpayUserKey wpayToken"

    /// What an approved card payment answers, in every product.
    static let cardApproval =
        "resultCode resultMsg mid wtid wpayUserKey wpayToken payMethod bankCardCode cardIsscoCode bankCardNo oid goodsName buyerName buyerTel buyerEmail"
        + " cardQuota cardInterest tid applDate applNum applPrice memberNum applCardNum cardCheckFlag partCancelCode couponFlag couponDiscount goodsCnt"
        + " goodsDetail cupDeposit"
    private static let accountApproval =
        "resultCode resultMsg mid wtid wpayUserKey wpayToken payMethod bankCardCode bankCardNo oid goodsName buyerName buyerTel buyerEmail tid applDate"
        + " applPrice cshrApplNum cshrResultCode cshrResultMsg cshrApplPrice cshrSupplyPrice cshrTax cshrServicePrice cshrType"
    static let tokenInformation =
        "resultCode resultMsg mid wtid wpayUserKey wpayToken status payMethod bankCardCode cardIsscoCode bankCardNo cardName majYn checkFlg cardExpFlag"
    /// `Code` with a capital letter is the specification's own.
    private static let basicInformation =
        "resultCode resultMsg mid wtid basicInfos[ cardList[ bankCardCode cardName ] pointList[ bankCardCode price ] paymethodList[ Code name ]"
        + " nointInfoList[ bankCardCode cardName nointInfos[ amount month ] ] maxQuotaList[ bankCardCode geIntMaxQuota noIntMaxQuota ]"
        + " discList[ bankCardCode discInfos[ discAmt minAmt maxAmt couponCode applYn ] ] bcissrcdList[ cardIssrCd ] ]"

    static let all: [WPayAPI] = [
        call("userinfo", .query, "mid* wpayUserKey* ci", "resultCode resultMsg wtid wpayUserKey status", .reads),
        call(
            "memunreg", .form, "mid* userId wpayUserKey* ci", "resultCode resultMsg wtid userId wpayUserKey",
            .movesMoney(enquiry: "GET \(prefix)userinfo")),
        call(
            "payappl/card", .form, "mid* wpayUserKey* ci wtid* + tax taxFree cupDeposit", cardApproval, .movesMoney(enquiry: nil),
            undoneBy: "payreqapplcancel"),
        call(
            "payappl/acct", .form, "mid* wpayUserKey* ci wtid* + tax:12 taxFree:12", accountApproval, .movesMoney(enquiry: nil),
            undoneBy: "payreqapplcancel"),
        call("payreqapplcancel", .form, "mid* wpayUserKey* wtid* cancelMsg*", "resultCode resultMsg wtid", .repeatable),
        call("payinfo", .query, token, tokenInformation, .reads),
        call(
            "payinfos", .query, "mid* wpayUserKey* ci payMethod bankCardCode",
            "resultCode resultMsg payListCnt payList[ wpayToken bankCardNo cardName majYn cardExpFlag payMethod bankCardCode wpayTokenNcnm ]",
            .reads),
        call("setmaj", .form, token, tokenReply, .repeatable),
        call("rlsmaj", .form, token, tokenReply, .repeatable),
        call("setncnm", .form, token + " wpayTokenNcnm", tokenReply + " wpayTokenNcnm", .repeatable),
        call(
            "delpayinfo", .form, token, "resultCode resultMsg mid wtid wpayUserKey wpayToken",
            .movesMoney(enquiry: "GET \(prefix)payinfo")),
        call("getBasicInfos", .query, "mid* + options", basicInformation, .reads),
        call(
            "payinfo/auto", .query, "mid* wpayUserKey* wpayToken(-)* ci",
            tokenInformation.replacing("wpayToken", with: "wpayToken(-)") + " cardTypeFlg cardPdNum cardBImgUrl wpayTokenNcnm", .reads),
        call(
            "billinginfos", .query, "mid* wpayUserKey* + status wtid wpayToken",
            "resultCode resultMsg mid wtid wpayUserKey"
                + " billingList[ wtid mid payMethod bankCardCode wpayToken(-) oid goodsName goodsPrice status ]", .reads),
    ]

    private static func call(
        _ name: String, _ carrier: WPayCarrier, _ request: String, _ reply: String, _ effect: Effect, undoneBy: String? = nil
    ) -> WPayAPI {
        WPayAPI(
            product: .standard20, name: name, carrier: carrier, path: prefix + name,
            request: WPayNotation.fields(request, of: .standard20), reply: WPayNotation.fields(reply, of: .standard20),
            replyCarrier: .json, replyIsSigned: false, effect: effect, undoneBy: undoneBy)
    }
}
