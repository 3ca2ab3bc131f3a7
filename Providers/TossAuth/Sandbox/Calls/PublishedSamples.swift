import Base
import Cryptography
import TossAuth

/// The documentation's own sample calls, which everybody tries first. Their session keys were made for the real service's key, so no sandbox can open them; they are
/// recognised by their digests instead.
enum PublishedSamples {
    /// SHA-256 of the session keys of the request sample and of the result sample.
    private static let sessionKeys: Set<String> = [
        "3f522df4db2ad768f91f349f1b5d78dd482cd5688854218d228d4cf9b862c655",
        "70bbbfa54d4b034455bb9e617687b47d14dbf7ec5437f7a1e7274c2eacf211d2",
    ]
    /// SHA-256 of the four encrypted values of the request sample, a line each.
    private static let request = "564209440b7799e84156f7be086eac6410eec4848e8978d7640dc3a140ab569c"

    /// Whether it is one of the samples' session keys.
    static func contains(sessionKey text: String) -> Bool { sessionKeys.contains(digest(text)) }

    /// Whom the published request names, when these are its values to the letter; what its fields say is known, since the samples give it away.
    static func claim(sessionKey: String, fields: [IdentityClaim.Part: String]) -> IdentityClaim? {
        let values = [sessionKey] + [.name, .phone, .birthday].map { fields[$0] ?? "" }
        guard digest(values.joined(separator: "\n")) == request else { return nil }
        return try? IdentityClaim(name: "인증테스트", phone: "01810010062", birthday: "19990909")
    }

    private static func digest(_ text: String) -> String { Hexadecimal.encode(Digest.sha256.hash(text)) }
}
