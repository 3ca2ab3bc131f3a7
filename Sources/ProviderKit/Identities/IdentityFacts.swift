public import Base
public import Cryptography

/// What may be told about a certificate: nothing of its key.
public struct IdentityFacts: Sendable, Hashable {
    /// The subject's common name; nothing when it has none.
    public var name: String?
    /// The serial number in hexadecimal, lower case.
    public var serialNumber: String
    /// The first moment at which it is valid.
    public var notBefore: Timestamp
    /// The last moment at which it is valid.
    public var notAfter: Timestamp
    /// The first 16 hexadecimal digits of the SHA-256 digest of the certificate in DER: enough to tell one's own apart.
    public var fingerprint: String

    /// The facts of a certificate.
    public init(_ certificate: Certificate) {
        name = certificate.commonName
        serialNumber = Hexadecimal.encode(certificate.serialNumber)
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        fingerprint = Hexadecimal.encode(Array(certificate.fingerprint.prefix(8)))
    }

    /// How long it is still valid; negative when it has expired.
    public func timeLeft(at moment: Timestamp) -> Duration { notAfter - moment }

    /// The whole days that are left, rounded down: 0 on the last day, negative after the end.
    public func daysLeft(at moment: Timestamp) -> Int {
        let seconds = (notAfter - moment).wholeSeconds
        return Int(seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400))
    }
}
