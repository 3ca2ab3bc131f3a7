/// WPAY's `resultCode`, kept as it was received: no full list is public.
public struct WPayResultCode: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The code as on the wire.
    public let rawValue: String

    /// A code by its digits.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A code by its digits.
    public init(_ text: String) { rawValue = text }
    /// A code by its digits.
    public init(stringLiteral value: String) { rawValue = value }

    /// Success.
    public static let success: WPayResultCode = "0000"
    /// Success, as some APIs write it.
    public static let successInSixDigits: WPayResultCode = "000000"
    /// The person is a member already; the answer still has the user key. No failure.
    public static let alreadyMember: WPayResultCode = "2006"
    /// The card is registered already. No failure.
    public static let cardAlreadyRegistered: WPayResultCode = "7028"
    /// Any error.
    public static let anyError: WPayResultCode = "9999"

    /// Whether the call succeeded, in either spelling.
    public var isSuccess: Bool { self == .success || self == .successInSixDigits }

    /// Whether what was asked for had been there before, so that the answer carries its key.
    public var isAlreadyThere: Bool { self == .alreadyMember || self == .cardAlreadyRegistered }

    /// The code.
    public var description: String { rawValue }

    /// APIs whose success the specification prints with six digits.
    private static let sixDigitAPIs: Set<String> = [
        "payinfo", "payinfo/auto", "setmaj", "rlsmaj", "setncnm", "autopaycancel", "billinginfos", "apis/payinfo", "apis/autopaycancel",
    ]

    static func success(of api: String) -> WPayResultCode { sixDigitAPIs.contains(api) ? .successInSixDigits : .success }
}
