import ProviderKit

/// Finds calls of a provider's table under an odd spelling of their path.
///
/// Many servers take `//payments`, `/payments/` or `/%70ayments` for `/payments`. A connector would miss the row of its table, and with it whatever must be kept or asked about such a
/// call; so the gateway does not pass these spellings on.
enum PathSpelling {
    /// The path as its author surely meant it: no empty and no dot segments, no slash at the end, no parameters behind a semicolon, and nothing percent-encoded that need not be.
    ///
    /// - Returns: Nothing when `path` is spelt like that already.
    static func ordinary(_ path: String) -> String? {
        var segments: [String] = []
        for segment in decoded(path).split(separator: "/", omittingEmptySubsequences: true) {
            let name = segment.prefix { $0 != ";" }
            switch name {
            case "", ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(String(name))
            }
        }
        let ordinary = "/" + segments.joined(separator: "/")
        return ordinary == path ? nil : ordinary
    }

    /// With the letters, digits and marks that RFC 3986 calls unreserved, and slashes, in place of their percent-encoding; everything else as it is.
    private static func decoded(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: "%")) else { return path }
        var bytes: [UInt8] = []
        var rest = Array(path.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy({ isHexadecimal($0) }),
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), isUnreserved(code) || code == UInt8(ascii: "/")
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// The row of the table that a call without a row was surely meant for; nothing when there is none.
    static func meant(_ call: Call, _ connector: any Connector) -> String? {
        let ordinary = ordinary(call.path) ?? call.path
        // Some servers do not tell capitals from small letters.
        for path in [ordinary, ordinary.lowercased()] where path != call.path {
            var call = call
            call.path = path
            if connector.route(of: call) != nil { return path }
        }
        return nil
    }
}
