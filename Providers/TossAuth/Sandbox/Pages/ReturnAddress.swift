/// Where a mini-app wants to be come back to, as far as a page may make a link of it.
struct ReturnAddress: Equatable, Sendable {
    /// The address, letter for letter as the caller sent it.
    let text: String

    /// The address, or nothing when it might do more than lead somewhere: only `http`, `https` and the schemes of apps, each with `//` behind, and nothing in it that
    /// a browser would skip before it looks at the scheme.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 2000, bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[(colon + 1)...].starts(with: [0x2F, 0x2F]), bytes.count > colon + 3
        else { return nil }
        let scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        guard ReturnAddress.isScheme(scheme), !ReturnAddress.browsersOwn.contains(scheme) else { return nil }
        self.text = text
    }

    /// Schemes that browsers keep for themselves, or with which they run or show what stands in the address.
    private static let browsersOwn: Set<String> = [
        "about", "blob", "chrome", "chrome-extension", "cid", "content", "data", "devtools", "edge", "feed", "file", "filesystem", "ftp",
        "intent",
        "jar", "javascript", "livescript", "mhtml", "mocha", "moz-extension", "resource", "safari-extension", "vbscript", "view-source",
        "ws", "wss",
    ]

    /// RFC 3986, section 3.1.
    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        }
    }
}
