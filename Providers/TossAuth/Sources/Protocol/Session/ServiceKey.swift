public import Base
public import Cryptography

/// The public RSA key for which a caller encrypts its session keys, with what is known about it.
public struct ServiceKey: Sendable, Hashable {
    /// Whose key it is.
    public enum Kind: String, Sendable, Hashable {
        /// The one that the provider's official samples carry: only Toss can open what is encrypted with it.
        case production
        /// The one that sandboxes of this project begin with. Its private half is published: it belongs nowhere near the real service.
        case knownTest = "known-test"
        /// Any other, such as one that a sandbox has made.
        case other
    }

    /// The key.
    public let key: PublicKey
    /// Whose it is, told by its SHA-256 fingerprint.
    public let kind: Kind

    /// A key.
    ///
    /// - Throws: ``ServiceKeyFault`` for one that is no RSA key of at least 2048 bits; the provider's has 4096.
    public init(_ key: PublicKey) throws(ServiceKeyFault) {
        guard key.isRSA, key.bits >= 2048 else { throw .unsuitable }
        self.init(key, kind: .other)
    }

    /// A key as PEM (`BEGIN PUBLIC KEY`).
    ///
    /// - Throws: ``ServiceKeyFault``.
    public init(pem: String) throws(ServiceKeyFault) {
        let key: PublicKey
        do throws(CertificateError) {
            key = try PublicKey(pem: pem)
        } catch {
            throw .unreadable(error.description)
        }
        try self.init(key)
    }

    private init(_ key: PublicKey, kind: Kind) {
        self.key = key
        switch Hexadecimal.encode(key.fingerprint) {
        case ServiceKey.productionFingerprint: self.kind = .production
        case ServiceKey.testFingerprint: self.kind = .knownTest
        default: self.kind = kind
        }
    }

    /// The key of the real service, as the official SDK and samples print it. Test credentials use it too, as far as anybody knows.
    public static let production = builtIn(productionText)
    /// The public half of the pair that every sandbox begins with.
    public static let sandbox = builtIn(testText)

    /// The SHA-256 digest of the published key (SubjectPublicKeyInfo in DER), in hexadecimal.
    public static let productionFingerprint = "3c9b95d619baa27623d5509d68e2c48df2330abac55e69de5a0a5b9c555ff9e3"
    /// The SHA-256 digest of the sandboxes' first key, in hexadecimal.
    public static let testFingerprint = "45ac0b1b984077a51bdafe24374b2bb65a9d6eaa5f044946022d92c6dfc19f2f"

    private static func builtIn(_ text: String) -> ServiceKey {
        guard let bytes = Base64.decode(text.filter { !$0.isWhitespace }), let key = try? PublicKey(spkiDER: bytes) else {
            preconditionFailure("this OpenSSL cannot read an RSA public key")
        }
        return ServiceKey(key, kind: .other)
    }

    private static let productionText = """
        MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAoVdxG0Qi9pip46Jw9ImSlPVD8+L2mM47ey6EZna7D7utgNdh8Tzkjrm1Yl4h6kPJrhdWvMIJGS51
        +6dh041IXcJEoUquNblUEqAUXBYwQM8PdfnS12SjlvZrP4q6whBE7IV1SEIBJP0gSK5/8Iu+uld2ctJiU4p8uswL2bCPGWdvVPltxAg6hfAG/ImRUKPRewQs
        FhkFvqIDCpO6aeaR10q6wwENZltlJeeRnl02VWSneRmPqqypqCxz0Y+yWCYtsA+ngfZmwRMaFkXcWjaWnvSqqV33OAsrQkvuBHWoEEkvQ0P08+h9Fy2+FhY9
        TeuukQ2CVFz5YyOhp25QtWyQI+IaDKk+hLxJ1APR0c3tmV0ANEIjO6HhJIdu2KQKtgFppvqSrZp2OKtI8EZgVbWuho50xvlaPGzWoMi9HSCb+8ARamlOpesx
        HH3O0cTRUnft2Zk1FHQb2Pidb2z5onMEnzP2xpTqAIVQyb6nMac9tof5NFxwR/c4pmci+1n8GFJIFN18j2XGad1mNyio/R8LabqnzNwJC6VPnZJz5/pDUIk9
        yKNOY0KJe64SRiL0a4SNMohtyj6QlA/3SGxaEXb8UHpophv4G9wN1CgfyUamsRqp8zo5qDxBvlaIlfkqJvYPkltj7/23FHDjPi8q8UkSiAeu7IV5FTfB5Ksi
        N8+sGSMCAwEAAQ==
        """

    private static let testText = """
        MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAocyu+89bNOC5LEVPJKvVvh0SspptkOJJgrcvlvVW3js+tznu1ZdMuDx5kVlfgrFbYg1J+iiWwm1P
        lhC0mS81LV+lQbNkOSpWKWQKaFS1ECqEQbFOJeNFebxjEgNcsCBauxITVNMfqSZtUJjRcA7ORg5CYQaQsqWJFJhkGMs0R8beGQ/HNx9S1jJCh54h3tWHf0VD
        95+Sh40CxCLjY8OADs4WC22Eav+Txjzjmidd93BqDdO+f7kDSdNO7Q/gSfgRSYGS5mhHUQAYkn1FAJKdl9R6bCwJXyOFlSuoXlwMecoKSeZw+VA5LuahKDlS
        ubvaqGeqm3x5x+JroimwvsS9E9T3Cu07pJKgbcvhm5MpHBnlazCk8QFW+A3I0Ckw36IU8PKukKw8RlZd+iWnlICoNVuqm31BB4QlH8S7fCH8JF5L36MJl+y5
        78JDQ6gMo6J0qCKHwFuG3uymkyRY5FVYSkSJC8RiU+TjD8nPGEQCgTIJ1K1sz2qR9ot436byqp/5W2fMIz0BFHSWHbCUywWcfJN7qqsfR5KQqTM0aTOL5HVP
        excU/9DY7oM1MAEgAmaNmcG2Ys4TNt26p3dh04hNl0ZK1xe+wXTpNdZHT+nwFPUw2PFYOl6t4N/3GfW4g9r0fWU4mc+ABTgb+PEOT4L3LnLKvI8K4VGaGLHf
        TEWp7IUCAwEAAQ==
        """
}

/// Why a key cannot be the service's.
public struct ServiceKeyFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public var message: BilingualText

    static let unsuitable = ServiceKeyFault(
        message: BilingualText(
            korean: "RSA 2048비트 이상의 공개키가 아닙니다. 토스 인증은 RSA-4096을 씁니다.",
            english: "this is no RSA key of at least 2048 bits; Toss Auth uses RSA-4096"))

    static func unreadable(_ reason: String) -> ServiceKeyFault {
        ServiceKeyFault(
            message: BilingualText(
                korean: "PEM 공개키를 읽을 수 없습니다. 인증서나 개인키가 아니라 -----BEGIN PUBLIC KEY-----로 시작하는 파일이어야 합니다 (\(reason)).",
                english: "the public key in PEM (BEGIN PUBLIC KEY) cannot be read: \(reason)"))
    }

    /// The English sentence.
    public var description: String { message.english }
}
