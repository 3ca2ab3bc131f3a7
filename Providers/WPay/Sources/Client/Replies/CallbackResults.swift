/// What came of a callback: a success, a failure that WPAY signed, or one that nobody did.
public enum WPayCallbackResult<Success: Sendable>: Sendable {
    /// WPAY says so, and its signature held.
    case success(Success)
    /// WPAY refused, or the shopper gave up; the signature held.
    case failure(WPayResultCode, message: String?)
    /// A failure without a signature: anybody may have made it up. The shopper is back without success, and that is all that is known.
    case unverifiedFailure(WPayResultCode)
}

/// The callback of ``JoinPage``.
public struct JoinedMember: Sendable {
    /// Whether the person had been a member before (2006). No failure: the key is there all the same.
    public let wasAlreadyMember: Bool
    /// The member's key, to be stored.
    public let userKey: WPayUserKey
    /// The merchant's own id of the user.
    public let userID: PlainValue?
    /// The identity value (CI), where WPAY gave it.
    public let identity: PlainValue?
    /// The transaction.
    public let wtid: WalletTransactionID?
    /// Everything.
    public let callback: WPayCallback
}

/// The callback of ``PINPage`` and of ``MyPage`` (there: the member has left the service).
public struct MemberConfirmation: Sendable {
    /// The member.
    public let userKey: WPayUserKey?
    /// The transaction.
    public let wtid: WalletTransactionID?
    /// Everything.
    public let callback: WPayCallback
}

/// The callback of ``RegistrationPage``.
public struct RegisteredMeans: Sendable {
    /// Whether the card had been registered before (7028). No failure: the token is there all the same.
    public let wasAlreadyRegistered: Bool
    /// The token of the card or account, to be stored.
    public let token: WPayToken
    /// `01` for a card, `16` for an account.
    public let payMethod: String?
    /// The code of the card company or bank.
    public let companyCode: String?
    /// The number, masked.
    public let number: PlainValue?
    /// The card's brand, or the bank's name.
    public let name: String?
    /// The nickname.
    public let nickname: String?
    /// The transaction.
    public let wtid: WalletTransactionID?
    /// Everything.
    public let callback: WPayCallback
}

/// The callback of a payment page: the shopper has agreed, and the payment waits to be approved within seconds.
public struct WPayAuthentication: Sendable {
    /// The transaction, to be approved once.
    public let wtid: WalletTransactionID
    /// The merchant's number of the order.
    public let orderID: String?
    /// The member's key as it came, which the approval passes on.
    public let userKey: WPayUserKey
    /// The token of the means.
    public let token: WPayToken?
    /// Where the approval goes, as the callback says; believed or not when it is sent.
    public let domain: String?
    /// Everything.
    public let callback: WPayCallback
}

/// The callback of ``AutoPayPage``: what later charges need.
public struct AutoPaySignUp: Sendable {
    /// The transaction of the sign-up; charges and the end name it.
    public let wtid: WalletTransactionID
    /// The token of the auto-pay, used as it came.
    public let token: WPayToken
    /// The merchant's number.
    public let orderID: String?
    /// The code of the card company.
    public let companyCode: String?
    /// The number, masked.
    public let number: PlainValue?
    /// Everything.
    public let callback: WPayCallback
}

extension WPayClient {
    /// Verifies and opens a callback of ``JoinPage``.
    ///
    /// - Parameter form: The body as it came.
    /// - Throws: ``WPayCallbackError`` when it cannot be believed.
    public func joined(callback form: [UInt8]) throws(WPayCallbackError) -> WPayCallbackResult<JoinedMember> {
        try result(form, JoinPage.api) { callback in
            guard let key = callback.final("wpayUserKey") else { return nil }
            return JoinedMember(
                wasAlreadyMember: callback.resultCode == .alreadyMember, userKey: WPayUserKey(received: key), userID: callback["userId"],
                identity: callback["ci"], wtid: callback.wtid, callback: callback)
        }
    }

    /// Verifies and opens a callback of ``PINPage`` or ``MyPage``.
    ///
    /// - Parameters:
    ///   - form: The body as it came.
    ///   - api: The page's row.
    /// - Throws: ``WPayCallbackError`` when it cannot be believed.
    public func confirmed(callback form: [UInt8], of api: WPayAPI) throws(WPayCallbackError) -> WPayCallbackResult<MemberConfirmation> {
        try result(form, api) { callback in
            MemberConfirmation(
                userKey: callback.final("wpayUserKey").map { WPayUserKey(received: $0) }, wtid: callback.wtid, callback: callback)
        }
    }

    /// Verifies and opens a callback of ``RegistrationPage``.
    ///
    /// - Parameters:
    ///   - form: The body as it came.
    ///   - api: The page's row.
    /// - Throws: ``WPayCallbackError`` when it cannot be believed.
    public func registered(callback form: [UInt8], of api: WPayAPI) throws(WPayCallbackError) -> WPayCallbackResult<RegisteredMeans> {
        try result(form, api) { callback in
            guard let token = callback.final("wpayToken") else { return nil }
            return RegisteredMeans(
                wasAlreadyRegistered: callback.resultCode == .cardAlreadyRegistered, token: WPayToken(received: token),
                payMethod: callback["payMethod"]?.text, companyCode: callback["bankCardCode"]?.text, number: callback["bankCardNo"],
                name: callback["cardName"]?.text, nickname: callback["wpayTokenNcnm"]?.text, wtid: callback.wtid, callback: callback)
        }
    }

    /// Verifies and opens a callback of ``CardPayment``, ``AccountPayment`` or ``WindowPayment``. Find the order by its number or by something inside the return address, not by a
    /// cookie: the browser comes from another site and brings none.
    ///
    /// - Parameters:
    ///   - form: The body as it came.
    ///   - api: The page's row.
    /// - Throws: ``WPayCallbackError`` when it cannot be believed.
    public func authenticated(callback form: [UInt8], of api: WPayAPI) throws(WPayCallbackError) -> WPayCallbackResult<WPayAuthentication> {
        try result(form, api) { callback in
            guard let wtid = callback.wtid, let key = callback.final("wpayUserKey") else { return nil }
            return WPayAuthentication(
                wtid: wtid, orderID: callback["oid"]?.text, userKey: WPayUserKey(received: key),
                token: callback.final("wpayToken").map { WPayToken(received: $0) }, domain: callback.final("wpayDomain")?.text,
                callback: callback)
        }
    }

    /// Verifies and opens a callback of ``AutoPayPage``.
    ///
    /// - Parameters:
    ///   - form: The body as it came.
    ///   - api: The page's row.
    /// - Throws: ``WPayCallbackError`` when it cannot be believed.
    public func autoPaySignedUp(callback form: [UInt8], of api: WPayAPI) throws(WPayCallbackError) -> WPayCallbackResult<AutoPaySignUp> {
        try result(form, api) { callback in
            guard let wtid = callback.wtid, let token = callback.final("wpayToken") else { return nil }
            return AutoPaySignUp(
                wtid: wtid, token: WPayToken(received: token), orderID: callback["oid"]?.text, companyCode: callback["bankCardCode"]?.text,
                number: callback["bankCardNo"], callback: callback)
        }
    }

    private func result<Success: Sendable>(
        _ form: [UInt8], _ api: WPayAPI, _ success: (WPayCallback) -> Success?
    ) throws(WPayCallbackError) -> WPayCallbackResult<Success> {
        switch try WPayCallback.verify(form: form, of: api, mid: mid, keys: keys) {
        case .unverifiedFailure(let code): return .unverifiedFailure(code)
        case .verified(let callback):
            guard callback.isSuccess else { return .failure(callback.resultCode, message: callback["resultMsg"]?.text) }
            guard let value = success(callback) else { throw .incomplete }
            return .success(value)
        }
    }
}

extension WPayCallback {
    fileprivate var wtid: WalletTransactionID? { self["wtid"].map { WalletTransactionID($0.text) } }
}
