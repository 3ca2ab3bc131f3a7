public import Base
public import Transport

/// Which client, at which token host, with which secret. A token belongs to all of it: fetched with one secret, it never meets a call of another.
///
/// The secrets themselves are compared, in constant time, rather than their digests: they are in memory anyway, and no token is ever kept on disk.
public struct TossAuthCredentials: Sendable, Equatable {
    /// The token host, or a sandbox in its place.
    public var origin: HTTPOrigin
    /// What comes before every path there, such as `/toss-auth` at a sandbox's plain port.
    public var pathPrefix: String
    /// The client id that was mailed after the contract, or the published one for tests.
    public var clientID: String
    /// Its secret.
    public var clientSecret: Secret

    /// Credentials of one client; by default at the real token host.
    public init(
        clientID: String, clientSecret: Secret, origin: HTTPOrigin = HTTPOrigin(isSecure: true, host: TossAuthHosts.token, port: 443),
        pathPrefix: String = ""
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.origin = origin
        self.pathPrefix = pathPrefix
    }

    /// What the id and the secret of test credentials begin with.
    public static let testPrefix = "test_"

    /// Whether the client's id is one for tests, which answer with a made-up person.
    public var isTest: Bool { clientID.hasPrefix(TossAuthCredentials.testPrefix) }

    /// Whether only one of the two is meant for tests: such a pair is a mistake, and no token comes of it.
    public var mixesTestAndLive: Bool { clientSecret.withBytes { $0.starts(with: TossAuthCredentials.testPrefix.utf8) } != isTest }
}
