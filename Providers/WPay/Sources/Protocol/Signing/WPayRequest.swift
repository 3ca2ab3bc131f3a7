import Base
public import ProviderKit
import Transport

/// A signed request, ready for the wire or for a page's form.
public struct WPayRequest: Sendable {
    /// The name of the field that carries the signature.
    public static let signatureField = "signature"

    /// The API it is for.
    public let api: WPayAPI
    /// The signed fields in signing order, every one of them, absent ones empty.
    public let signed: [(name: String, value: FinalValue)]
    /// The unsigned fields that were given.
    public let unsigned: [(name: String, value: FinalValue)]
    /// What was signed.
    public let message: SignedMessage

    /// 64 lower-case hexadecimal digits.
    public var signature: String { message.signature }

    /// The value of a field; nothing for one that was not given.
    public func value(_ name: String) -> FinalValue? {
        signed.first { $0.name == name }?.value ?? unsigned.first { $0.name == name }?.value
    }

    /// What is sent, in order: the signed fields, the signature, the unsigned fields. Values are final; the form's or the query's own encoding is still to come.
    public var fields: [(name: String, value: String)] {
        signed.map { ($0.name, $0.value.text) } + [(WPayRequest.signatureField, signature)] + unsigned.map { ($0.name, $0.value.text) }
    }

    /// The call that carries the request.
    ///
    /// - Parameters:
    ///   - pathPrefix: What comes before every path, such as `/wpay` at a sandbox's plain port.
    ///   - site: The partner's word, where the path takes one.
    /// - Returns: Nothing when the path needs a site and `site` is none.
    public func call(pathPrefix: String = "", site: String? = nil) -> Call? {
        guard let path = api.path(site: site) else { return nil }
        var call = Call(method: api.method, path: pathPrefix + path, fields: ["Accept": "application/json"])
        switch api.carrier {
        case .query: call.query = FormText.encode(fields)
        case .page, .form:
            call.fields["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
            call.body = Array(FormText.encode(fields).utf8)
        case .json:
            call.fields["Content-Type"] = "application/json; charset=utf-8"
            var members: JSON.Members = [:]
            for (name, value) in fields { members[name] = .string(value) }
            call.body = JSON.object(members).bytes
        }
        return call
    }
}
