import Base

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
