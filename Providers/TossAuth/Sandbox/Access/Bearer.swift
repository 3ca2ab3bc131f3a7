import ProviderKit
import Transport

/// The token that a call carries.
enum Bearer {
    /// The token of `Authorization: Bearer …`.
    ///
    /// - Throws: ``TokenFault/missing``, ``TokenFault/notBearer``.
    static func token(_ call: Call) throws(TokenFault) -> String {
        guard let field = call.fields["Authorization"], !field.isEmpty else { throw .missing }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw .notBearer }
        return String(words[1])
    }
}
