/// What WPAY's data dictionary says of each field, whichever API it stands in.
public enum WPayDictionary {
    /// Fields that are SEED-encrypted (mark E) in every product.
    static let encrypted: Set<String> = [
        "userId", "hNum", "birthDay", "wpayUserKey", "wpayToken", "cshRecpInfo", "repPhoneNum", "cardRegKey", "otc",
    ]

    /// Fields that are URL-encoded (mark U) in every product.
    static let encoded: Set<String> = [
        "userNm", "goodsName", "buyerName", "returnUrl", "cancelReturnUrl", "cancelMsg", "wpayTokenNcnm", "resultMsg", "cardName",
        "cardPdName",
        "cardBImgUrl", "goodsDetail", "agreePayNm", "agreeUrl", "resetCssUrl", "resetTextUrl", "customTitle", "customShortcutUrl", "repNm",
        "flagPinMsg", "themeColor", "titleBarColor", "tiltleBarBiImgUrl",
    ]

    /// The mark of a field in a product, where the API's own row says nothing else.
    ///
    /// The identity value (ci) is encrypted everywhere but in version 2.0, coupons at custom sites only, and a token of auto-pay comes encrypted by WPAY itself and nobody can decrypt it.
    public static func mark(of name: String, _ product: WPayProduct) -> WPayFieldMark {
        switch (name, product) {
        case ("ci", .standard20): .plain
        case ("ci", _), ("couponCode", .customSites): .encrypted
        case ("wpayToken", .autoPay): .plain
        default: encrypted.contains(name) ? .encrypted : encoded.contains(name) ? .encoded : .plain
        }
    }

    /// The longest value of each field, in characters of its plain text (section "data dictionary" of version 2.0).
    public static let lengths: [String: Int] = [
        "mid": 10, "nMid": 10, "wtid": 40, "userId": 20, "wpayUserKey": 100, "wpayToken": 100, "ci": 100, "signature": 100, "userNm": 100,
        "hNum": 100, "hCorp": 3, "birthDay": 100, "socialNo2": 1, "frnrYn": 1, "oid": 100, "goodsName": 255, "goodsPrice": 10,
        "buyerName": 100,
        "buyerTel": 15, "buyerEmail": 60, "payMethod": 2, "bankCardCode": 4, "cardIsscoCode": 2, "bankCardNo": 40, "cardName": 100,
        "cardQuota": 2, "cardInterest": 1, "couponCode": 20, "flagPin": 1, "flagCardPoint": 1, "hppType": 1, "returnUrl": 256,
        "cancelMsg": 500, "tax": 10, "taxFree": 10, "cupDeposit": 10, "cshRecpSave": 1, "cshRecpCode": 1, "cshRecpInfo": 100,
        "arsVersion": 1, "authNoLength": 1, "checkFlg": 1, "cardCheckFlag": 1, "cardTypeFlg": 1, "cardPdNum": 20, "cardPdName": 100,
        "cardBImgUrl": 100, "wpayTokenNcnm": 100, "majYn": 1, "cardExpFlag": 1, "resultCode": 6, "resultMsg": 150, "wpayDomain": 20,
        "resetCssUrl": 160, "resetTextUrl": 160, "customTitle": 256, "customShortcutUrl": 256, "expireDate": 2, "iniBillKeyiMid": 10,
        "billKey": 200, "cardExpDate": 2, "options": 20, "tid": 40, "applDate": 14, "goodsDetail": 4000,
    ]

    /// Limits that the dictionary gives in bytes besides: a name of goods stays below 100, a buyer's name has at most 30. Counted in UTF-8.
    static let byteLimits: [String: Int] = ["goodsName": 99, "buyerName": 30]
}
