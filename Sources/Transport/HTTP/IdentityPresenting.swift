public import Cryptography

/// A network on which a caller can show who it is: every identity has connections of its own, and no connection ever carries two.
public protocol IdentityPresenting: HTTPExchange {
    /// The same network, with this certificate for servers that ask for one, and with this trust.
    ///
    /// - Parameters:
    ///   - identity: What to present; nothing presents none.
    ///   - trust: Whose servers' certificates are accepted; nothing for what this network trusts already.
    /// - Throws: `TLSError` when the certificate or the authorities cannot be used.
    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting

    /// Opens a connection to `origin`, TLS included, and closes it again, without sending a request.
    ///
    /// A server of TLS 1.3 may refuse a certificate only after this has returned: the refusal then meets the first request.
    ///
    /// - Parameter timeout: How long it may take.
    /// - Throws: ``HTTPExchangeError`` with the outcome `notSent`.
    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError)

    /// Closes the idle connections of this identity, and each busy one behind its answer. Later requests still work, on fresh connections.
    func retireConnections()
}
