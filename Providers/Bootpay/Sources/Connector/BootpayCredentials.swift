import Base
import Transport

/// Which application, at which host, with which key. A token belongs to all three: fetched with one key, it never meets a call of another.
///
/// The keys themselves are compared, in constant time, rather than their digests: they are in memory anyway, and nothing is kept on disk.
struct BootpayCredentials: Sendable, Equatable {
    /// Where the provider is.
    var origin: HTTPOrigin
    /// What comes before every path there.
    var pathPrefix = ""
    /// The REST application id of the project.
    var applicationID: String
    /// Its private key.
    var privateKey: Secret
}
