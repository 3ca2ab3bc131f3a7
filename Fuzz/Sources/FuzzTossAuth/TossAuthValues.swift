import Base
import Cryptography
import TossAuth

/// What the checks need, made once. The RSA key is another one in each run; the session's id, AES key and vector are always the same, so that saved fields keep their meaning.
struct TossAuthValues {
    let opener: SessionOpener
    let sessionKey: String
    let session: ReceivedSession
    let other: ReceivedSession
    private let keptText: Secret
    let root: Certificate
    /// The content of the saved messages that are signed below the root.
    let signedContent = Array(#"{"txId":"a39c84d9-458d-47e4-acf7-c481e851f79b"}"#.utf8)

    /// The bytes of `v1$id$`.
    let headLength = 40

    init() throws {
        opener = try SessionOpener(privateKey: PrivateKey.generateRSA(bits: 2048))
        let session = try ResultSession(for: opener.publicKey, random: Counter(1))
        sessionKey = session.sessionKey
        keptText = session.kept()
        self.session = try opener.open(session.sessionKey)
        other = try opener.open(ResultSession(for: opener.publicKey, random: Counter(2)).sessionKey)
        root = try Certificate.all(pem: TossAuthValues.rootPEM)[0]
    }

    /// The caller's side of the session.
    func kept() throws(SessionFault) -> KeptResultSession { try KeptResultSession(keptText) }

    private static let rootPEM = """
        -----BEGIN CERTIFICATE-----
        MIIBjjCCATWgAwIBAgIUF/7SnqVO/vBM7Q/t1s3E7M6q35swCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJRnV6eiByb290MCAXDTI2MTEyMTEyNDMyOFoYDzIxMjYxMDI4
        MTI0MzI4WjAUMRIwEAYDVQQDDAlGdXp6IHJvb3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASb3KgcFQKq9z+fR94TC1f7LV3r8Z+yLbXHX724nqGLmTGQbV+J4mC3
        8Lnssz0o8AwB4BJ1UnVoi3ehNxlE+bG1o2MwYTAdBgNVHQ4EFgQUBYwGj3ETlRkD
        oV4VDqERbrTzMMYwHwYDVR0jBBgwFoAUBYwGj3ETlRkDoV4VDqERbrTzMMYwDwYD
        VR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDRwAwRAIg
        V2Q8vFtgGOlxWn3pRSBsqhznNq4cd0oSWqHPoFgxiPMCIHHlPee5Hx/tNeY6lQch
        xZHAXJwxH3/BWyIOkb2QkFtw
        -----END CERTIFICATE-----
        """
}

let values: TossAuthValues = {
    guard let values = try? TossAuthValues() else { preconditionFailure("this OpenSSL cannot make an RSA key") }
    return values
}()

/// Bytes that are always the same.
private struct Counter: RandomSource {
    private let first: UInt8

    init(_ first: UInt8) { self.first = first }

    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0 &* 7) } }
}
