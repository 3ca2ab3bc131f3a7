public import Base
import Cryptography
public import ProviderKit
import Transport

/// A refund of a settled payment through INIAPI: another host, another key and another way of signing than WPAY's own calls.
///
/// `hashData` is SHA-512 over the bare values, key first, in 128 lower-case hexadecimal digits. Source: manual.inicis.com.
public struct INIAPIRefund: Sendable, Hashable {
    /// The path behind ``WPayHosts/refund(_:)``. It moves money and nothing can be asked about it.
    public static let route = Route("iniapi/refund", .post, "/api/v1/refund", .movesMoney(enquiry: nil))
    /// What `type` says for the whole amount.
    public static let wholeType = "Refund"
    /// What `type` says for a part.
    public static let partialType = "PartialRefund"
    /// The `resultCode` of success; two digits here.
    public static let successCode = "00"
    /// The field with the digest.
    public static let digestField = "hashData"
    /// The fields that the digest covers behind the key, in order.
    public static let signingOrder = ["type", "paymethod", "timestamp", "clientIp", "mid", "tid"]
    /// The fields that it covers besides for a partial refund.
    public static let partialSigningOrder = ["price", "confirmPrice"]

    /// A refund of a part of the amount.
    public struct Part: Sendable, Hashable {
        /// How much is refunded, in won.
        public var price: Int64
        /// How much is left afterwards, in won.
        public var confirmPrice: Int64
        /// The value added tax in it, in won.
        public var tax: Int64?
        /// The tax-free part of it, in won.
        public var taxFree: Int64?

        /// A part of a payment.
        public init(price: Int64, confirmPrice: Int64, tax: Int64? = nil, taxFree: Int64? = nil) {
            self.price = price
            self.confirmPrice = confirmPrice
            self.tax = tax
            self.taxFree = taxFree
        }
    }

    /// The merchant id.
    public var mid: String
    /// The `tid` of the approval; not its wtid.
    public var tid: String
    /// How it was paid, as a word such as `Card`; not `01`.
    public var payMethod: String
    /// Why.
    public var message: String
    /// The address of the calling server, which INIAPI may compare with a list.
    public var clientIP: String
    /// When the request is made.
    public var time: Timestamp
    /// Which part; nothing for the whole amount.
    public var part: Part?

    /// A refund of the whole amount or a part of it.
    public init(
        mid: String, tid: String, payMethod: String = "Card", message: String, clientIP: String, time: Timestamp, part: Part? = nil
    ) {
        self.mid = mid
        self.tid = tid
        self.payMethod = payMethod
        self.message = message
        self.clientIP = clientIP
        self.time = time
        self.part = part
    }

    /// The fields without the digest, in the manual's order.
    public var fields: [(name: String, value: String)] {
        var fields = [
            ("type", part == nil ? INIAPIRefund.wholeType : INIAPIRefund.partialType), ("paymethod", payMethod),
            ("timestamp", INIAPIRefund.timestamp(time)), ("clientIp", clientIP), ("mid", mid), ("tid", tid), ("msg", message),
        ]
        if let part {
            fields += [("price", String(part.price)), ("confirmPrice", String(part.confirmPrice))]
            if let tax = part.tax { fields.append(("tax", String(tax))) }
            if let taxFree = part.taxFree { fields.append(("taxFree", String(taxFree))) }
        }
        return fields.map { (name: $0.0, value: $0.1) }
    }

    /// The call that asks for the refund: a form, since INIAPI takes no JSON here.
    public func call(key: Secret, pathPrefix: String = "") -> Call {
        let fields = fields
        let digest = INIAPIRefund.digest(of: fields, key: key)
        return Call(
            method: INIAPIRefund.route.method, path: pathPrefix + INIAPIRefund.route.path,
            fields: ["Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
            body: Array(FormText.encode(fields + [(name: INIAPIRefund.digestField, value: digest)]).utf8))
    }

    /// The digest that belongs to fields as they are sent, 128 lower-case hexadecimal digits; an absent field counts as empty.
    public static func digest(of fields: [(name: String, value: String)], key: Secret) -> String {
        func value(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
        let order = signingOrder + (value("type") == partialType ? partialSigningOrder : [])
        var bytes: [UInt8] = []
        key.append(to: &bytes)
        for name in order { bytes.append(contentsOf: value(name).utf8) }
        return Hexadecimal.encode(Digest.sha512.hash(bytes))
    }

    /// `YYYYMMDDhhmmss` in Korean time.
    private static func timestamp(_ time: Timestamp) -> String {
        String(decoding: time.koreanText.utf8.filter { (0x30...0x39).contains($0) }.prefix(14), as: UTF8.self)
    }
}
