import Base
import ProviderKit
import Transport

/// What a callback means to the merchant's application, as the JSON that it gets: fields decrypted and decoded, and apart from them those that no signature covers.
struct CallbackResult: Sendable {
    /// How it ended.
    let word: ResultWord
    /// The longest value without a signature that is passed on, in bytes: a shopper could add any length to a genuine callback, and results are kept.
    private static let unsignedByteLimit = 1024

    /// Whether the signature held; otherwise nothing may be concluded but that the shopper has come back without success.
    let isVerified: Bool
    /// Whether the same callback was there before.
    private(set) var isRepeated = false
    /// The JSON.
    private(set) var body: [UInt8]

    /// The result of a verified callback.
    ///
    /// - Parameters:
    ///   - ticket: What proves the authentication of a payment to this connection, even after a restart.
    ///   - isFollowed: Whether approvals go where the callback says.
    init(_ callback: WPayCallback, _ seed: SeedCodec, ticket: String?, isFollowed: Bool) {
        word = ResultWord(callback.resultCode)
        isVerified = true
        var members = CallbackResult.members(callback.api, callback.resultCode, word, isVerified: true)
        if let wtid = callback["wtid"] { members["wtid"] = .string(wtid.text) }
        var fields: JSON.Members = [:]
        for (name, value) in callback.fields { fields[name] = .string(value.text) }
        members["fields"] = .object(fields)
        var others: JSON.Members = [:]
        for field in callback.api.reply where !field.isSigned {
            guard let value = callback.unauthenticated(field.name), value.text.utf8.count <= CallbackResult.unsignedByteLimit else {
                continue
            }
            others[field.name] = .string(value.open(field, over: callback.api.replyCarrier, seed: seed)?.text ?? value.text)
        }
        members["unauthenticated"] = .object(others)
        if let ticket { members["ticket"] = .string(ticket) }
        if !isFollowed { members["wpayDomainAllowed"] = false }
        body = JSON.object(members).bytes
    }

    /// The result of a failure that carries no signature. Its values are anybody's, so none is passed on.
    init(unsigned code: WPayResultCode, _ api: WPayAPI) {
        word = .fail
        isVerified = false
        body = JSON.object(CallbackResult.members(api, code, .fail, isVerified: false)).bytes
    }

    private static func members(_ api: WPayAPI, _ code: WPayResultCode, _ word: ResultWord, isVerified: Bool) -> JSON.Members {
        [
            "api": .string(api.identifier), "verified": .boolean(isVerified), "result": .string(word.rawValue),
            "resultCode": .string(code.rawValue),
        ]
    }

    /// The callback was there before: what was told then stands, where it is still kept.
    mutating func repeats(_ earlier: [UInt8]?) {
        isRepeated = true
        if let earlier { body = earlier }
    }

    /// For a program.
    var reply: Reply {
        var reply = CallbackResult.reply(body)
        reply.fields.append(WPayConnector.resultField, word.rawValue)
        if isRepeated { reply.fields.append("Bujeol-Repeated", "true") }
        if !isVerified { reply.fields.append("Bujeol-Outcome", CallFailure.Outcome.unverified.rawValue) }
        return reply
    }

    /// A result that is kept.
    static func reply(_ body: [UInt8]) -> Reply {
        Reply(status: 200, fields: ["Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"], body: body)
    }
}
