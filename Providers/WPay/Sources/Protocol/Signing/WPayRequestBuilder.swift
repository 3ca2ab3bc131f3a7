public import Base
import Cryptography

/// Turns what the application gives into a signed request: puts the fields in order, encrypts, encodes, refuses what would be ambiguous, signs.
public struct WPayRequestBuilder: Sendable {
    private let hashKey: Secret
    private let seed: SeedCodec?

    /// A builder for one merchant.
    public init(_ keys: WPayKeys) {
        hashKey = keys.hashKey
        seed = keys.seed
    }

    /// A builder that can sign, but encrypt only if it has a codec: for final values.
    public init(hashKey: Secret, seed: SeedCodec? = nil) {
        self.hashKey = hashKey
        self.seed = seed
    }

    /// Builds a request.
    ///
    /// - Parameters:
    ///   - api: What it is for.
    ///   - values: The application's values by field name, in any order. A field that is not there is empty; `signature` may not be there.
    /// - Throws: ``WPayRequestError`` naming the field.
    public func build(_ api: WPayAPI, _ values: [(name: String, value: WPayValue)]) throws(WPayRequestError) -> WPayRequest {
        var given: [String: WPayValue] = [:]
        for (name, value) in values where given.updateValue(value, forKey: name) != nil { throw .givenTwice(name) }
        var signed: [(name: String, value: FinalValue)] = []
        var unsigned: [(name: String, value: FinalValue)] = []
        for field in api.request {
            let value = try given.removeValue(forKey: field.name).map { value throws(WPayRequestError) in
                try final(value, field, api.carrier)
            }
            if field.isRequired, value?.text.isEmpty ?? true { throw .missing(field.name) }
            if field.isSigned {
                signed.append((field.name, value ?? .empty))
            } else if let value {
                unsigned.append((field.name, value))
            }
        }
        for (name, value) in values where given[name] != nil {
            guard api.takesStyleParameters, !WPayRequestBuilder.isKnown(name) else { throw .unknown(name, api) }
            unsigned.append((name, try final(value, WPayField(name, .encoded, isSigned: false), api.carrier)))
        }
        return WPayRequest(
            api: api, signed: signed, unsigned: unsigned, message: SignedMessage.make(fields: signed, hashKey: hashKey))
    }

    /// Builds a request from plain values only.
    ///
    /// - Throws: ``WPayRequestError`` naming the field.
    public func build(_ api: WPayAPI, plain values: [(name: String, value: String)]) throws(WPayRequestError) -> WPayRequest {
        try build(api, values.map { ($0.name, .plain(PlainValue($0.value))) })
    }

    private func final(_ value: WPayValue, _ field: WPayField, _ carrier: WPayCarrier) throws(WPayRequestError) -> FinalValue {
        let final: FinalValue
        switch value {
        case .plain(let plain):
            try check(plain, field)
            guard let made = plain.final(field.mark, over: carrier, seed: seed) else { throw .noSeedKey(field.name) }
            final = made
        case .final(let received):
            try check(received, field, carrier)
            final = received
        }
        // Base64 and URL-encoded texts cannot contain these; a U field that its carrier leaves plain may hold Hangul, but nothing that splits the message.
        let isBare = field.mark == .plain || (field.mark == .encoded && !carrier.encodesMarkedFields)
        if isBare, final.text.utf8.contains(where: { $0 == 0x26 || $0 < 0x20 || $0 == 0x7F }) { throw .ambiguous(field.name) }
        if field.mark == .plain, !final.text.utf8.allSatisfy({ $0 < 0x80 }) { throw .notASCII(field.name) }
        return final
    }

    private func check(_ plain: PlainValue, _ field: WPayField) throws(WPayRequestError) {
        if let limit = field.maximumLength, plain.text.unicodeScalars.count > limit { throw .tooLong(field.name, limit, inBytes: false) }
        if let limit = field.maximumByteCount, plain.text.utf8.count > limit { throw .tooLong(field.name, limit, inBytes: true) }
        // Plain keys and tokens have 20 characters and no Base64 text of whole blocks has; that one decrypts by chance is out of the question.
        if field.mark == .encrypted, let seed, WPayRequestBuilder.isCiphertext(plain.text), seed.decrypt(plain.text) != nil {
            throw .alreadyEncrypted(field.name)
        }
    }

    private func check(_ value: FinalValue, _ field: WPayField, _ carrier: WPayCarrier) throws(WPayRequestError) {
        let isFinal =
            switch field.mark {
            case .plain: true
            case .encrypted: value.text.isEmpty || WPayRequestBuilder.isCiphertext(value.text)
            case .encoded: !carrier.encodesMarkedFields || WPayRequestBuilder.isEncoded(value.text)
            }
        guard isFinal else { throw .notFinal(field.name, field.mark) }
        if field.mark == .plain, let limit = field.maximumLength, value.text.unicodeScalars.count > limit {
            throw .tooLong(field.name, limit, inBytes: false)
        }
    }

    private static func isCiphertext(_ text: String) -> Bool {
        guard let bytes = Base64.decode(text) else { return false }
        return !bytes.isEmpty && bytes.count % BlockCipher.blockByteCount == 0
    }

    /// Whether any of the usual encoders can have written `text`.
    private static func isEncoded(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x26 } && URLCodec.decode(text) != nil
    }

    /// Whether a name is one of the dictionary's, in any case: then it is a mistake and no parameter of a page's looks.
    private static func isKnown(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return WPayDictionary.lengths.keys.contains { $0.lowercased() == lowered }
    }
}
