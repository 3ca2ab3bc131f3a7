import ProviderKit

/// The standard before 2.0 (protocol notes, section 10, from the vendor's PHP samples). Which fields are required is not published; the stars stand where version 2.0 has them.
enum OldStandardCalls {
    static let all: [WPayAPI] = [
        page(
            "memreg", "mid* userId* ci userNm hNum hCorp birthDay socialNo2 frnrYn returnUrl*" + style,
            "resultCode resultMsg wtid userId wpayUserKey ci(?)"),
        page(
            "payreqauth",
            "mid* wpayUserKey* ci oid* goodsName* goodsPrice* buyerName* buyerTel* buyerEmail flagPin returnUrl*" + style,
            "resultCode resultMsg wtid wpayUserKey wpayToken"),
        page("mypage", "mid* wpayUserKey* cancelReturnUrl*" + style, "resultCode resultMsg wtid wpayUserKey", callback: .query),
        call(
            "payreqappl", .form, "mid* wpayUserKey* ci wtid*", Standard20Calls.cardApproval, .movesMoney(enquiry: nil),
            undoneBy: "payreqapplcancel"),
        call("payreqapplcancel", .form, "mid* wpayUserKey* wtid* cancelMsg*", "resultCode resultMsg", .repeatable),
        call("schMemRegInfo", .query, "mid* ci userId hNum", "resultCode resultMsg wpayUserKey userId status ci(?)", .reads),
    ]

    /// Two of several extras for the pages' looks; the misspelling is the samples' own.
    private static let style = " + titleBarColor tiltleBarBiImgUrl"

    private static func page(_ name: String, _ request: String, _ reply: String, callback: WPayCarrier = .page) -> WPayAPI {
        WPayAPI(
            product: .oldStandard, name: name, carrier: .page, path: "/stdwpay/su/\(name)",
            request: WPayNotation.fields(request, of: .oldStandard), reply: WPayNotation.fields(reply, of: .oldStandard),
            replyCarrier: callback, replyIsSigned: true, effect: .reads)
    }

    private static func call(
        _ name: String, _ carrier: WPayCarrier, _ request: String, _ reply: String, _ effect: Effect, undoneBy: String? = nil
    ) -> WPayAPI {
        WPayAPI(
            product: .oldStandard, name: name, carrier: carrier, path: "/stdwpay/apis/\(name)",
            request: WPayNotation.fields(request, of: .oldStandard), reply: WPayNotation.fields(reply, of: .oldStandard),
            replyCarrier: .json, replyIsSigned: false, effect: effect, undoneBy: undoneBy)
    }
}
