import ProviderKit

/// Mark U: URL-encoding as Java's URLEncoder does it with UTF-8. Letters, digits and `.-*_` stay, a space becomes `+`, hexadecimal digits are upper-case.
///
/// WPAY seems to hash whatever text arrives, so any encoder would do; what matters is that one and the same text is signed and sent.
public enum URLCodec {
    /// The encoded text; empty stays empty.
    public static func encode(_ text: String) -> String { FormText.encodePart(text) }

    /// The text that `encoded` writes: `+` and `%20` are spaces. Nothing when a percent sign is not followed by two hexadecimal digits, or the bytes are not UTF-8.
    public static func decode(_ encoded: String) -> String? { FormText.decodePart(encoded.utf8, plusIsSpace: true) }

    /// A U field of a JSON reply, which may come encoded or not: it is decoded when it contains a percent sign, every percent sign is followed by two hexadecimal
    /// digits, and all other characters are plain ASCII; otherwise it is taken as it is.
    public static func decodeIfEncoded(_ text: String) -> String {
        let isASCII = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isASCII, text.utf8.contains(UInt8(ascii: "%")) else { return text }
        return decode(text) ?? text
    }
}
