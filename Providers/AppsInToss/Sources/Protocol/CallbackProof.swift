public import Base
import Cryptography

/// How the provider proves itself in its callbacks: a text from the console in `Authorization`.
///
/// `Basic` carries base64 of the raw text, which need not contain a colon. The subscription webhook's test call was seen with `Bearer` and the same text.
public struct CallbackProof: Sendable, Equatable {
    /// The scheme that a text travels in.
    public enum Scheme: String, Sendable, CaseIterable {
        /// `Basic` and base64 of the text.
        case basic = "Basic"
        /// `Bearer` and the text.
        case bearer = "Bearer"
    }

    private let text: Secret
    private let encoded: Secret

    /// A proof by the text that was entered in the console.
    public init(_ text: Secret) {
        self.text = text
        encoded = Secret(text.withBytes { Base64.encoded($0) })
    }

    /// What `Authorization` holds.
    public func value(_ scheme: Scheme) -> Secret {
        var bytes = Array("\(scheme.rawValue) ".utf8)
        (scheme == .basic ? encoded : text).append(to: &bytes)
        return Secret(bytes)
    }

    /// The scheme in which `field`, the value of `Authorization`, carries the text; nothing when it does not, and always nothing for an
    /// empty text. The comparison takes the same time wherever they differ.
    ///
    /// - Parameters:
    ///   - field: The value; nothing when there is none.
    ///   - schemes: Those that are taken.
    public func scheme(of field: String?, among schemes: [Scheme] = Scheme.allCases) -> Scheme? {
        // An empty text would be a proof that everybody has.
        guard !text.isEmpty, let field, let space = field.utf8.firstIndex(of: 0x20) else { return nil }
        let name = field[..<space].lowercased()
        let credentials = Array(field.utf8[space...].drop { $0 == 0x20 })
        for scheme in schemes where scheme.rawValue.lowercased() == name {
            return (scheme == .basic ? encoded : text).equals(credentials) ? scheme : nil
        }
        return nil
    }
}
