public import Base
import Cryptography

/// A mistake in signing that many make: a row of the list that ``WPayDiagnosis`` tries.
public struct WPayMistake: Sendable, Hashable {
    /// A short constant word, fit for a verdict's rule.
    public let code: String
    /// What was done.
    public let name: BilingualText
    /// What to do instead.
    public let remedy: BilingualText

    /// Whether both are the same row.
    public static func == (left: WPayMistake, right: WPayMistake) -> Bool { left.code == right.code }
    /// Hashes the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// The rows, the likeliest first, those before the styles' combinations included.
    public static let all: [WPayMistake] = MistakeRow.all.map(\.mistake)
}

/// A mistake, and how a message comes about by it.
struct MistakeRow: Sendable {
    let mistake: WPayMistake
    /// The messages that somebody who makes the mistake may have signed.
    let variants: @Sendable (SignedCase) -> [Variant]

    init(
        _ code: String, _ name: (korean: String, english: String), _ remedy: (korean: String, english: String),
        _ variants: @escaping @Sendable (SignedCase) -> [Variant]
    ) {
        mistake = WPayMistake(
            code: code, name: BilingualText(korean: name.korean, english: name.english),
            remedy: BilingualText(korean: remedy.korean, english: remedy.english))
        self.variants = variants
    }

    /// One message that may have been signed.
    struct Variant: Sendable {
        var fields: [SignedMessage.Field]
        var style = SignedMessage.Style.standard
        /// The fields, the API or the merchant that it is about; nothing when it is about the whole message.
        var subject: String?
        /// The key it was signed with, where that is not the merchant's own.
        var key: WPayOtherKey?
    }
}

/// Another merchant's key, by which a signature is tried too.
public struct WPayOtherKey: Sendable {
    /// What to call it in a verdict: the merchant id.
    public var name: String
    /// The key.
    public var hashKey: Secret

    /// A key with its name.
    public init(name: String, hashKey: Secret) {
        self.name = name
        self.hashKey = hashKey
    }
}

/// A message whose signature did not match, with everything from which other messages can be made.
struct SignedCase: Sendable {
    let api: WPayAPI
    let side: WPayDiagnosis.Side
    /// The signed fields in order, with their values as received.
    let fields: [SignedMessage.Field]
    /// Everything received but the signature, in the order of the wire.
    let wire: [SignedMessage.Field]
    let hashKey: Secret
    let seed: SeedCodec?
    let otherKeys: [WPayOtherKey]

    private let marks: [String: WPayFieldMark]
    private let values: [String: SignedMessage.Field]

    init(
        api: WPayAPI, side: WPayDiagnosis.Side, received: [(name: String, value: String)], hashKey: Secret, seed: SeedCodec?,
        otherKeys: [WPayOtherKey]
    ) {
        self.api = api
        self.side = side
        self.hashKey = hashKey
        self.seed = seed
        self.otherKeys = otherKeys
        let table = side == .request ? api.request : api.reply
        let marks = Dictionary(table.map { ($0.name, $0.mark) }) { first, _ in first }
        self.marks = marks
        wire = received.filter { $0.name != WPayRequest.signatureField }.map { field in
            SignedMessage.Field(
                name: field.name, value: field.value,
                isHidden: marks[field.name] == .encrypted && !SignedCase.isCiphertext(field.value))
        }
        let values = Dictionary(wire.map { ($0.name, $0) }) { first, _ in first }
        self.values = values
        let signed = side == .request ? api.signedRequest : api.signedReply
        fields = signed.map { values[$0.name] ?? SignedMessage.Field(name: $0.name, value: "") }
    }

    /// Whether a value received for an E field is a ciphertext, perhaps one that suffered on the way. What is none may be a person's, sent in plain by mistake.
    private static func isCiphertext(_ value: String) -> Bool {
        [value, value.replacing(" ", with: "+"), URLCodec.decode(value.replacing("+", with: "%2B")) ?? value].contains { text in
            Base64.decode(text).map { $0.count % BlockCipher.blockByteCount == 0 } ?? false
        }
    }

    /// A field as received; an absent one is empty.
    func field(_ name: String) -> SignedMessage.Field { values[name] ?? SignedMessage.Field(name: name, value: "") }

    func mark(_ name: String) -> WPayFieldMark { marks[name] ?? .plain }

    /// The messages in which `change` gives fields another value: all of them at once, then each alone. A field it gives nothing for stays.
    func changing(_ change: (SignedMessage.Field) -> SignedMessage.Field?) -> [MistakeRow.Variant] {
        let changed = fields.map { field in change(field).flatMap { $0.value == field.value ? nil : $0 } }
        let places = changed.indices.filter { changed[$0] != nil }
        guard !places.isEmpty else { return [] }
        var variants: [MistakeRow.Variant] = []
        if places.count > 1 {
            let all = zip(fields, changed).map { $1 ?? $0 }
            variants.append(MistakeRow.Variant(fields: all, subject: places.map { fields[$0].name }.joined(separator: ", ")))
        }
        for place in places {
            var one = fields
            one[place] = changed[place] ?? one[place]
            variants.append(MistakeRow.Variant(fields: one, subject: fields[place].name))
        }
        return variants
    }

    /// As above, with another text for the fields of `mark`.
    func changing(_ mark: WPayFieldMark, _ change: (String) -> String?) -> [MistakeRow.Variant] {
        changing { field in
            guard self.mark(field.name) == mark, !field.value.isEmpty else { return nil }
            return change(field.value).map { value in
                SignedMessage.Field(name: field.name, value: value, isHidden: field.isHidden && !SignedCase.isCiphertext(value))
            }
        }
    }

    /// Without all empty fields, then without each alone.
    func dropping() -> [MistakeRow.Variant] {
        let empty = fields.indices.filter { fields[$0].value.isEmpty }
        guard !empty.isEmpty else { return [] }
        let all = MistakeRow.Variant(
            fields: fields.filter { !$0.value.isEmpty }, subject: empty.map { fields[$0].name }.joined(separator: ", "))
        guard empty.count > 1 else { return [all] }
        return [all]
            + empty.map { place in
                var rest = fields
                rest.remove(at: place)
                return MistakeRow.Variant(fields: rest, subject: fields[place].name)
            }
    }
}
