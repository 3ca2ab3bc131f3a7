import SandboxKit
import TossAuth

/// The members of calls whose values the request log may show, and what those look like. Anything else may be a person or a secret in a wrong place.
enum HarmlessMembers {
    /// Of the calls, and of addresses where none is.
    static let ofCalls = ShownRequest(
        names: Set(TossAuthRoutes.all.flatMap { $0.fields.map(\.name) } + RequestCall.extras),
        values: [
            "txId": isTransaction, "requestType": { Transaction.Kind(rawValue: $0) != nil },
            "triggerType": { RequestCall.triggers.contains($0) },
            "requestUrl": isPlainAddress, "grant_type": { grants.contains($0) }, "scope": isScope, "client_id": isClient,
        ])

    /// Of the phone's page.
    static let ofPhone = ShownRequest(
        names: [PhoneViews.Field.person], values: [PhoneViews.Field.press: { Transaction.Move(rawValue: $0) != nil }])

    /// The grants of RFC 6749, the wrong ones among them.
    private static let grants: Set<String> = ["client_credentials", "authorization_code", "password", "refresh_token"]

    /// Whether it is a `txId` as they are given out here: a UUID. A telephone number or a birthday could be another service's.
    private static func isTransaction(_ text: String) -> Bool {
        let lengths = text.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
        return TransactionID(text) != nil && lengths == [8, 4, 4, 4, 12] && text.utf8.allSatisfy { isHexadecimal($0) || $0 == 0x2D }
    }

    /// Whether it is a client's id as they are given out: 32 hexadecimal digits, behind `test_` perhaps. A secret is longer.
    private static func isClient(_ text: String) -> Bool {
        let digits = text.hasPrefix("test_") ? text.utf8.dropFirst(5) : text.utf8[...]
        return digits.count == 32 && digits.allSatisfy(isHexadecimal)
    }

    private static func isScope(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return text == TokenCall.scope
            || parts.count == 2 && parts.allSatisfy { (1...20).contains($0.count) && $0.allSatisfy { (0x61...0x7A).contains($0) } }
    }

    /// Whether it is an address with nothing behind its path, and nothing in it that has to be written with percent signs.
    private static func isPlainAddress(_ text: String) -> Bool {
        guard let mark = text.firstRange(of: "://"), mark.lowerBound > text.startIndex, text.utf8.count <= 300 else { return false }
        return text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-._~:/+".utf8.contains(byte)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
}
