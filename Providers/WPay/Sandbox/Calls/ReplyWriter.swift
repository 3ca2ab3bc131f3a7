import Base
import ProviderKit
import SandboxKit
import WPay

/// Writes what an operation came to as its API's table says: JSON for servers, a signed form for browsers.
struct ReplyWriter {
    let api: WPayAPI
    let settings: SandboxSettings

    /// Members that are numbers in JSON replies.
    private static let numbers: Set<String> = ["applNum", "applPrice", "cshrApplNum"]

    /// The code and text of a result, as this tenant wants them.
    func text(of code: ResultCode) -> ResultText {
        var text = settings.result(code)
        if text.code.isEmpty { text.code = api.successCode.rawValue }
        return text
    }

    // MARK: JSON

    /// The reply to a server's call: every field of the table, encrypted and encoded as it says.
    func reply(_ result: OperationResult, _ keys: WPayKeys) throws -> Reply {
        let text = text(of: result.code)
        var values = result.values
        values["resultCode"] = .string(text.code)
        values["resultMsg"] = .string(text.message)
        var members = JSON.Members()
        for field in api.reply { members[field.name] = try json(values[field.name], field, keys) }
        return Reply(status: 200, json: .object(members))
    }

    /// The reply to a refused call, which tells next to nothing.
    func refusal(_ code: ResultCode) -> Reply {
        let text = text(of: code)
        return Reply(status: 200, json: ["resultCode": .string(text.code), "resultMsg": .string(encoded(text.message))])
    }

    private func encoded(_ text: String) -> String { settings.replyFields == .encoded ? URLCodec.encode(text) : text }

    private func json(_ value: JSON?, _ field: WPayField, _ keys: WPayKeys) throws -> JSON {
        switch value {
        case .array(let elements): return .array(try elements.map { try json($0, field, keys) })
        case .object(let values):
            var members = JSON.Members()
            for field in field.members where values[field.name] != nil { members[field.name] = try json(values[field.name], field, keys) }
            return .object(members)
        case .number: return value ?? .null
        case .string(let text):
            switch field.mark {
            case .plain: return .string(text)
            case .encoded: return .string(encoded(text))
            case .encrypted: return .string(try keys.seed.encrypt(text))
            }
        default:
            if ReplyWriter.numbers.contains(field.name) { return 0 }
            return field.members.isEmpty ? "" : .array([])
        }
    }

    // MARK: Callbacks

    /// The callback of a page: every field of the order, empty ones included, and the signature.
    func callback(_ result: OperationResult, to address: String, _ keys: WPayKeys) throws -> Callback {
        let text = text(of: result.code)
        var values = result.values
        values["resultCode"] = .string(text.code)
        values["resultMsg"] = .string(text.message)
        let encodes = api.replyCarrier.encodesMarkedFields
        func final(_ field: WPayField) throws -> (name: String, value: FinalValue) {
            let plain = values.text(field.name)
            switch field.mark {
            case .plain: return (field.name, FinalValue(received: plain))
            case .encoded: return (field.name, FinalValue(received: encodes ? URLCodec.encode(plain) : plain))
            case .encrypted: return (field.name, FinalValue(received: try keys.seed.encrypt(plain)))
            }
        }
        let isFailure = ![.success, .alreadyMember, .alreadyRegistered].contains(result.code)
        let isShort = isFailure && settings.failureFields == .codeAndMessage
        if isShort { values = ["resultCode": .string(text.code), "resultMsg": .string(text.message)] }
        let signed = try api.signedReply.map(final)
        let unsigned = try api.reply.filter { field in !api.signedReply.contains { $0.name == field.name } }.map(final)
        var fields = signed.map { ($0.name, $0.value.text) }
        if isShort { fields = fields.filter { values[$0.0] != nil } }
        if api.replyIsSigned, settings.signsFailures || !isFailure {
            fields.append((WPayRequest.signatureField, SignedMessage.make(fields: signed, hashKey: keys.hashKey).signature))
        }
        fields += unsigned.filter { !isShort || values[$0.name] != nil }.map { ($0.name, $0.value.text) }
        return Callback(address: address, carrier: api.replyCarrier, fields: fields)
    }
}

/// What a page sends back to the merchant through the shopper's browser.
struct Callback: Sendable {
    /// The merchant's `returnUrl`.
    var address: String
    /// A form, or for the old my page the query of a GET.
    var carrier: WPayCarrier
    /// In the order of the table, the signature behind the signed ones.
    var fields: [(name: String, value: String)]

    /// The address with the fields as its query, for the callback that is a GET.
    var link: String {
        let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let separator = parts[0].contains("?") ? "&" : "?"
        return "\(parts[0])\(separator)\(FormText.encode(fields))" + (parts.count > 1 ? "#\(parts[1])" : "")
    }

    /// The callback as the control API shows it.
    var json: JSON {
        var members = JSON.Members()
        for (name, value) in fields { members[name] = .string(value) }
        return [
            "method": carrier == .query ? "GET" : "POST", "action": .string(carrier == .query ? link : address), "fields": .object(members),
        ]
    }
}
