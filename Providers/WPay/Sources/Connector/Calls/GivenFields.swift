import Base
import ProviderKit
import Transport

/// The fields that an application sends to the gateway: plain values by WPAY's own names, as JSON, as a form, or in the query of a GET.
///
/// A value that is encrypted already says so: `{"wpayUserKey": {"encrypted": "…"}}` in JSON, `wpayUserKey.encrypted=…` in a form or a query. It goes on unchanged.
struct GivenFields: Sendable {
    /// Behind a name of a form: the value is a ciphertext already.
    static let encryptedSuffix = ".encrypted"

    /// The most fields that are read; no API has half as many.
    static let limit = 200

    private(set) var values: [(name: String, value: WPayValue)] = []
    private var names: Set<String> = []
    /// Members of JSON that were null: absent fields, but somebody wrote them down.
    private var nulls: Set<String> = []

    /// Reads the fields of a call.
    ///
    /// - Throws: ``CallFailure`` with outcome `refused` for what cannot be read or could mean two things.
    init(_ call: Call) throws(CallFailure) {
        if call.method == .get {
            guard call.body.isEmpty else { throw .wpayBodyOfGet }
            try readForm(call.query.map { Array($0.utf8) } ?? [])
            return
        }
        guard call.query ?? "" == "" else { throw .wpayQueryOfPost }
        let first = call.body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        // No form begins with a brace, but a JSON text sent with curl's default content type does.
        if first == UInt8(ascii: "{") || call.fields["Content-Type"].map({ $0.lowercased().hasPrefix("application/json") }) ?? false {
            try readJSON(call.body)
        } else {
            try readForm(call.body)
        }
    }

    /// The plain value of a field; nothing when it is missing, empty or encrypted.
    func plain(_ name: String) -> String? {
        guard case .plain(let value)? = values.first(where: { $0.name == name })?.value, !value.text.isEmpty else { return nil }
        return value.text
    }

    /// Whether somebody wrote a field down but gave it no value.
    func isBlank(_ name: String) -> Bool { nulls.contains(name) || (names.contains(name) && !has(name)) }

    /// Whether a field is there and not empty.
    func has(_ name: String) -> Bool {
        switch values.first(where: { $0.name == name })?.value {
        case .plain(let value)?: !value.text.isEmpty
        case .final(let value)?: !value.text.isEmpty
        case nil: false
        }
    }

    /// Puts a plain value in the place of whatever is there.
    mutating func set(_ name: String, _ text: String) {
        values.removeAll { $0.name == name }
        names.insert(name)
        values.append((name, .plain(text)))
    }

    private mutating func readForm(_ bytes: [UInt8]) throws(CallFailure) {
        guard let pairs = FormText.decode(bytes) else { throw .wpayUnreadable }
        guard pairs.count <= GivenFields.limit else { throw .wpayTooManyFields }
        for (name, text) in pairs {
            if name.hasSuffix(GivenFields.encryptedSuffix) {
                try add(String(name.dropLast(GivenFields.encryptedSuffix.count)), .final(text))
            } else {
                try add(name, .plain(text))
            }
        }
    }

    private mutating func readJSON(_ bytes: [UInt8]) throws(CallFailure) {
        guard let members = try? JSON(bytes).members else { throw .wpayUnreadable }
        guard members.count <= GivenFields.limit else { throw .wpayTooManyFields }
        for name in members.names {
            switch members[name] {
            case .null?, nil: nulls.insert(name)
            case .string(let text)?: try add(name, .plain(text))
            case .number?:
                guard let number = members[name]?.integer else { throw .wpayValueKind(name) }
                try add(name, .plain(String(number)))
            case .object(let value)?:
                guard value.names == ["encrypted"], let text = value["encrypted"]?.string else { throw .wpayValueKind(name) }
                try add(name, .final(text))
            case .boolean?, .array?: throw .wpayValueKind(name)
            }
        }
    }

    private mutating func add(_ name: String, _ value: WPayValue) throws(CallFailure) {
        guard GivenFields.isName(name) else { throw .wpayFieldName }
        guard name != WPayRequest.signatureField else { throw .wpaySignatureGiven }
        guard names.insert(name).inserted else { throw .wpayRequest(.givenTwice(name)) }
        values.append((name, value))
    }

    /// Names are repeated in complaints; what is none may be a person's data in the wrong place.
    private static func isName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
