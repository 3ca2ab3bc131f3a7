import ProviderKit

/// The web pages of WPAYSTD 2.0 (protocol notes, section 7): forms posted by the shopper's browser, callbacks posted back to `returnUrl`.
enum Standard20Pages {
    private static let means = "mid* wpayUserKey* ci returnUrl*"
    private static let meansCallback =
        "resultCode resultMsg mid wtid wpayUserKey wpayToken payMethod bankCardCode bankCardNo cardName checkFlg cardTypeFlg cardPdNum cardBImgUrl wpayTokenNcnm"
    private static let paymentCallback = "resultCode resultMsg mid wtid oid wpayUserKey wpayToken wpayDomain + payMethod"
    private static let pinCallback = "resultCode resultMsg mid wtid wpayUserKey"
    /// The token of auto-pay cannot be decrypted, and only here the domain is URL-encoded and the address encrypted.
    private static let autoPayCallback =
        "resultCode resultMsg mid wtid oid wpayUserKey wpayToken(-) wpayDomain(U) bankCardCode bankCardNo + buyerEmail(E)"

    static let all: [WPayAPI] = [
        page(
            "memreg",
            "mid* userId* ci userNm hNum hCorp birthDay socialNo2 frnrYn returnUrl* + agreePayNm* agreeUrl* optReadOnly skin",
            "resultCode resultMsg mid wtid userId wpayUserKey ci"),
        page("pinno/auth", means + " + skin", pinCallback),
        page("pinno/reset", means + " + skin", pinCallback),
        page("payreg/card", means + " + skin", meansCallback + " + cardPdName cardIsscoCode"),
        page(
            "payreg/acct", means + " + arsVersion authNoLength skin",
            "resultCode resultMsg mid wtid wpayUserKey wpayToken payMethod bankCardCode bankCardNo cardName wpayTokenNcnm"),
        page(
            "payreg/card-billkey", means + " + expireDate iniBillKeyiMid* skin", meansCallback + " + cardPdName cardIsscoCode billKey"),
        page(
            "payauth/card",
            "mid* wpayUserKey* wpayToken* ci payMethod bankCardCode oid* goodsName* goodsPrice* buyerName* buyerTel* buyerEmail cardQuota* cardInterest"
                + " couponCode flagPin returnUrl* + flagCardPoint skin", paymentCallback),
        page(
            "payauth/acct",
            "mid* wpayUserKey* wpayToken* ci payMethod bankCardCode* oid* goodsName* goodsPrice* buyerName* buyerTel* buyerEmail returnUrl*"
                + " + cshRecpSave cshRecpCode cshRecpInfo skin", paymentCallback),
        // hppType is required by the table, but a live merchant leaves it empty and signs `hppType=`.
        page(
            "payauth/stdMain",
            "mid* wpayUserKey* ci oid* goodsName* goodsPrice* hppType buyerName* buyerTel* buyerEmail flagPin returnUrl*"
                + " + arsVersion authNoLength skin", paymentCallback),
        page("mypage", "mid* wpayUserKey* returnUrl* + arsVersion authNoLength skin", pinCallback),
        page(
            "payauth/auto",
            "mid* wpayUserKey* wpayToken* ci payMethod bankCardCode oid* goodsName* goodsPrice* returnUrl* billkeyAppFlag* + cardExpDate skin",
            autoPayCallback),
        page(
            "payauth/auto/stdMain",
            "mid* nMid* wpayUserKey* ci oid* goodsName* goodsPrice* returnUrl* billkeyAppFlag* + emailUseFlag buyerEmail cardExpDate skin",
            autoPayCallback),
    ]

    private static func page(_ name: String, _ request: String, _ callback: String) -> WPayAPI {
        WPayAPI(
            product: .standard20, name: name, carrier: .page, path: "/stdwpay/std/u/v1/\(name)",
            request: WPayNotation.fields(request, of: .standard20), reply: WPayNotation.fields(callback, of: .standard20),
            replyCarrier: .page, replyIsSigned: true, effect: .reads)
    }
}
