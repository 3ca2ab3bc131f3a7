public import Base
import ProviderKit

/// A callback whose signature held: what WPAY told the merchant through the shopper's browser.
///
/// After this, compare the order number (and the price with the order's own), and refuse a wtid that was there before.
public struct WPayCallback: Sendable {
    /// What a callback turned out to be.
    public enum Outcome: Sendable {
        /// The signature held.
        case verified(WPayCallback)
        /// A failure code without a signature. Somebody may have made it up: nothing may be concluded from it but that the shopper has come back without success.
        case unverifiedFailure(WPayResultCode)
    }

    /// The API it answers.
    public let api: WPayAPI
    /// The result.
    public let resultCode: WPayResultCode
    private let received: [String: FinalValue]
    private let opened: [String: PlainValue]

    /// Verifies a callback and opens its fields.
    ///
    /// The signature is compared in constant time before the result code is looked at. What does not verify is an error; only a failure code without any signature is let
    /// through, marked as unverified.
    ///
    /// - Parameters:
    ///   - values: The form's values after exactly one form decode, or the query's where the old my page calls back by GET.
    ///   - api: The API that was called.
    ///   - mid: The merchant id, to be compared with the callback's where it has one.
    ///   - keys: The merchant's keys.
    /// - Throws: ``WPayCallbackError``.
    public static func verify(
        _ values: [(name: String, value: String)], of api: WPayAPI, mid: String? = nil, keys: WPayKeys
    ) throws(WPayCallbackError) -> Outcome {
        guard api.replyIsSigned else { throw .neverSigned(api) }
        var received: [String: FinalValue] = [:]
        for (name, value) in values where received.updateValue(FinalValue(received: value), forKey: name) != nil {
            throw .fieldTwice
        }
        let signature = received.removeValue(forKey: WPayRequest.signatureField)?.text ?? ""
        if !signature.isEmpty {
            let fields = api.signedReply.map { (name: $0.name, value: received[$0.name] ?? .empty) }
            guard SignedMessage.make(fields: fields, hashKey: keys.hashKey).matches(signature) else { throw .signatureMismatch }
            // The browser that brings it could cut the genuine message into other fields, or into those of another API, and the signature would still hold.
            guard fields.allSatisfy({ isWhole($0.value.text) }) else { throw .ambiguous }
        }
        guard let code = received["resultCode"]?.text, !code.isEmpty else { throw .noResultCode }
        let resultCode = WPayResultCode(code)
        if signature.isEmpty {
            guard isCode(code) else { throw .noResultCode }
            guard !resultCode.isSuccess, !resultCode.isAlreadyThere else { throw .signatureMissing }
            return .unverifiedFailure(resultCode)
        }
        if let mid, api.replyField("mid")?.isSigned == true {
            // A failure may leave fields out.
            let named = received["mid"]?.text ?? ""
            let isFailure = !resultCode.isSuccess && !resultCode.isAlreadyThere
            guard named == mid || (named.isEmpty && isFailure) else { throw .otherMerchant }
        }
        var opened: [String: PlainValue] = [:]
        for field in api.signedReply {
            guard let value = received[field.name] else { continue }
            guard let plain = value.open(field, over: api.replyCarrier, seed: keys.seed) else { throw .undecipherable(field.name) }
            opened[field.name] = plain
        }
        return .verified(WPayCallback(api: api, resultCode: resultCode, received: received, opened: opened))
    }

    /// Whether a value can be one field's only. Encrypted and encoded ones never hold what is looked for.
    private static func isWhole(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 != UInt8(ascii: "&") && $0 >= 0x20 && $0 != 0x7F }
    }

    /// Whether an unsigned text may be passed on as a result code: anybody may have written it.
    private static func isCode(_ text: String) -> Bool {
        text.utf8.count <= 20
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    }

    /// The values of a callback's form after exactly one decode; nothing when the bytes are no form.
    public static func values(form: [UInt8]) -> [(name: String, value: String)]? { FormText.decode(form) }

    /// Verifies a callback as it came: the body of the POST, or the query of a GET.
    ///
    /// - Throws: ``WPayCallbackError``, also when the bytes are no form.
    public static func verify(
        form: [UInt8], of api: WPayAPI, mid: String? = nil, keys: WPayKeys
    ) throws(WPayCallbackError) -> Outcome {
        guard let values = values(form: form) else { throw .unreadable }
        return try verify(values, of: api, mid: mid, keys: keys)
    }

    /// Whether the call succeeded, "already a member" and "card already registered" included: those come with the key or the token.
    public var isSuccess: Bool { resultCode.isSuccess || resultCode.isAlreadyThere }

    /// A signed field, decrypted or decoded; nothing when it was absent or empty, or is not signed.
    public subscript(name: String) -> PlainValue? { opened[name].flatMap { $0.text.isEmpty ? nil : $0 } }

    /// A signed field as it was received, to be passed on unchanged; nothing when it was absent or empty, or is not signed.
    public func final(_ name: String) -> FinalValue? {
        guard opened[name] != nil, let value = received[name], !value.text.isEmpty else { return nil }
        return value
    }

    /// The signed fields, opened, in signing order; absent ones are left out.
    public var fields: [(name: String, value: PlainValue)] {
        api.signedReply.compactMap { field in opened[field.name].map { (field.name, $0) } }
    }

    /// A field that no signature covers, as it was received: for display, never to decide about money.
    public func unauthenticated(_ name: String) -> FinalValue? { opened[name] == nil ? received[name] : nil }

    /// The names of the fields that no signature covers, sorted.
    public var unauthenticatedNames: [String] { received.keys.filter { opened[$0] == nil }.sorted() }

    /// Where approval and net-cancel go; nothing when the callback names no place, or one that is not believed.
    public func base(allowed: WPayAllowedHosts) -> WPayBase? { final("wpayDomain").flatMap { allowed.base(of: $0.text) } }
}

/// Why a callback is not believed.
public struct WPayCallbackError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The signature is not the one that belongs to the values.
        public static let signatureMismatch = Code(rawValue: "signature-mismatch")
        /// A success without a signature.
        public static let signatureMissing = Code(rawValue: "signature-missing")
        /// Callbacks of this API carry no signature that could be verified.
        public static let neverSigned = Code(rawValue: "never-signed")
        /// A field occurs twice.
        public static let fieldTwice = Code(rawValue: "field-twice")
        /// The signature holds, but a signed value has an `&` or a control character in it, so that the message could be another one's cut in other places.
        public static let ambiguous = Code(rawValue: "ambiguous")
        /// The bytes are no form: a percent sign is not followed by two hexadecimal digits, or the text is not UTF-8.
        public static let unreadable = Code(rawValue: "unreadable")
        /// There is no result code, or in a failure without a signature something else than one.
        public static let noResultCode = Code(rawValue: "no-result-code")
        /// The callback is about another merchant id.
        public static let otherMerchant = Code(rawValue: "other-merchant")
        /// The signature holds, but a success lacks the key, the token or the transaction that it should bring.
        public static let incomplete = Code(rawValue: "incomplete")
        /// The signature holds, but a field cannot be decrypted: the SEED key or IV is not the one that WPAY uses.
        public static let undecipherable = Code(rawValue: "undecipherable")
    }

    /// What is wrong.
    public let code: Code
    /// The same in a sentence, without values.
    public let message: BilingualText

    /// Whether both have the same code.
    public static func == (left: WPayCallbackError, right: WPayCallbackError) -> Bool { left.code == right.code }

    /// Code and the English message.
    public var description: String { "\(code.rawValue): \(message.english)" }

    private init(_ code: Code, _ korean: String, _ english: String) {
        self.code = code
        message = BilingualText(korean: korean, english: english)
    }

    static let signatureMismatch = WPayCallbackError(
        .signatureMismatch, "콜백의 서명이 맞지 않습니다. 값이 위조되었거나 hashKey 또는 필드 순서가 다릅니다.",
        "the callback's signature does not match: values were altered, or the hashKey or the order of fields is another")
    static let signatureMissing = WPayCallbackError(
        .signatureMissing, "성공 콜백에 서명이 없습니다. 믿을 수 없습니다.", "a success without a signature cannot be believed")
    static let fieldTwice = WPayCallbackError(.fieldTwice, "콜백에 같은 필드가 두 번 들어 있습니다.", "a field of the callback occurs twice")
    static let ambiguous = WPayCallbackError(
        .ambiguous, "서명된 값에 &나 제어 문자가 들어 있어 다른 콜백의 메시지를 다르게 자른 것일 수 있습니다. 믿을 수 없습니다.",
        "a signed value holds an & or a control character, so that the message could be another callback's, cut in other places; it cannot be believed"
    )
    static let unreadable = WPayCallbackError(
        .unreadable, "콜백 본문이 폼(application/x-www-form-urlencoded)이 아닙니다.", "the callback's body is no form")
    static let incomplete = WPayCallbackError(
        .incomplete, "성공 콜백에 있어야 할 키, 토큰 또는 거래 번호가 없습니다.", "a success lacks the key, the token or the transaction that it should bring")
    static let noResultCode = WPayCallbackError(.noResultCode, "콜백에 resultCode가 없습니다.", "the callback has no resultCode")
    static let otherMerchant = WPayCallbackError(.otherMerchant, "다른 상점(MID)의 콜백입니다.", "the callback is about another merchant id (MID)")

    static func neverSigned(_ api: WPayAPI) -> WPayCallbackError {
        WPayCallbackError(
            .neverSigned, "\(api.identifier)의 응답에는 검증할 수 있는 서명이 없습니다.",
            "replies of \(api.identifier) carry no signature that could be verified")
    }

    static func undecipherable(_ field: String) -> WPayCallbackError {
        WPayCallbackError(
            .undecipherable, "서명은 맞지만 \(field)을(를) 복호화할 수 없습니다. SEED 키와 IV를 확인하세요.",
            "the signature holds, but \(field) cannot be decrypted: check the SEED key and IV")
    }
}
