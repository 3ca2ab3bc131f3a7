import Base
import ProviderKit
import Transport

/// What WPAY answered, as far as it can be read: an object of JSON with a result code. Nothing else counts as an answer.
struct WPayAnswer: Sendable {
    /// The largest answer that is read.
    static let byteLimit = 65_536

    /// All of it.
    let json: JSON
    /// The member `resultCode`.
    let code: WPayResultCode

    /// Reads a reply; nothing when it is not such an object, is no 200, or is larger than any answer of WPAY's.
    init?(_ reply: Reply) {
        guard reply.status == 200, reply.body.count <= WPayAnswer.byteLimit, let json = try? JSON(reply.body) else { return nil }
        guard let code = json["resultCode"]?.string, !code.isEmpty else { return nil }
        self.json = json
        self.code = WPayResultCode(code)
    }
}

/// The word in `Bujeol-Result` and in results: how a call or a callback ended.
enum ResultWord: String, Sendable {
    /// It succeeded.
    case success
    /// What was asked for had been there before; its key or token is in the answer. No failure.
    case already
    /// It was refused.
    case fail
    /// The answer to a look-up is not one of WPAY's; it is delivered as it came.
    case unreadable

    /// The word for a result code of WPAY's.
    init(_ code: WPayResultCode) {
        self = code.isSuccess ? .success : code.isAlreadyThere ? .already : .fail
    }
}

/// Decrypts E fields and decodes U fields of a JSON reply, wherever the API's table has them.
struct ReplyOpening: Sendable {
    let seed: SeedCodec
    /// Fields that stayed as they were because these keys cannot decrypt them, in the order they were met.
    private(set) var unopened: [String] = []

    init(seed: SeedCodec) { self.seed = seed }

    /// The same JSON with the fields of the table opened; members that the table does not know stay.
    mutating func open(_ json: JSON, _ fields: [WPayField]) -> JSON {
        switch json {
        case .array(let elements): return .array(elements.map { open($0, fields) })
        case .object(var members):
            for field in fields {
                guard let value = members[field.name] else { continue }
                if !field.members.isEmpty {
                    members[field.name] = open(value, field.members)
                } else if case .string(let text) = value, field.mark != .plain {
                    if let plain = FinalValue(received: text).open(field, over: .json, seed: seed) {
                        members[field.name] = .string(plain.text)
                    } else if !unopened.contains(field.name) {
                        unopened.append(field.name)
                    }
                }
            }
            return .object(members)
        default: return json
        }
    }
}
