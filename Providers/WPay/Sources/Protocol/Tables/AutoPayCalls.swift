import ProviderKit

/// wpayplus (protocol notes, section 9): charging a means that the shopper has signed up, and ending that. The sign-up itself is a page of version 2.0.
enum AutoPayCalls {
    /// A card approval without these members.
    private static let left: Set<String> = ["mid", "memberNum", "goodsCnt", "goodsDetail", "cupDeposit"]

    static let all: [WPayAPI] = [
        // The table marks goodsName and buyerName U, but the carrier is JSON, where U is not applied.
        WPayAPI(
            product: .autoPay, name: "payreqappl", carrier: .json, path: "/stdwpay/std/apis/payreqappl",
            request: WPayNotation.fields(
                "mid* wpayUserKey* ci wtid* wpayToken* oid* goodsName* goodsPrice* buyerName* buyerTel* buyerEmail", of: .autoPay),
            reply: WPayNotation.fields(Standard20Calls.cardApproval, of: .autoPay).filter { !left.contains($0.name) },
            replyCarrier: .json, replyIsSigned: false, effect: .movesMoney(enquiry: nil)),
        WPayAPI(
            product: .autoPay, name: "autopaycancel", carrier: .form, path: "/{site}/std/rest/v1/autopaycancel",
            request: WPayNotation.fields("mid* wpayUserKey* ci wtid*", of: .autoPay),
            reply: WPayNotation.fields("resultCode resultMsg wtid", of: .autoPay), replyCarrier: .json, replyIsSigned: false,
            effect: .movesMoney(enquiry: "GET /stdwpay/std/rest/v1/billinginfos")),
    ]
}
