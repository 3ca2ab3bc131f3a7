internal import COpenSSL

/// What a client brings to its TLS connections: whom it trusts, and who it is.
///
/// Connections speak TLS 1.2 or 1.3, offer `http/1.1` by ALPN, and check that the peer's certificate names the host that was asked for.
public struct TLSClientContext: Sendable {
    let handle: TLSContextHandle

    /// Makes a context; it may serve any number of connections on any threads.
    ///
    /// - Parameters:
    ///   - trust: whose certificates are accepted.
    ///   - identity: the certificate to present when the server asks for one.
    public init(trust: TLSTrust = .system, identity: TLSIdentity? = nil) throws(TLSError) {
        handle = try TLSContextHandle(server: false)
        try handle.trust(trust)
        if let identity { try handle.use(identity) }
        unsafe SSL_CTX_set_verify(handle.pointer, SSL_VERIFY_PEER, nil)
        let offered = TLSApplicationProtocol.offer
        guard unsafe SSL_CTX_set_alpn_protos(handle.pointer, offered, UInt32(offered.count)) == 0 else {
            throw TLSError.configuration("the application protocol cannot be offered")
        }
    }
}

/// The one application protocol that is spoken here (RFC 7301).
enum TLSApplicationProtocol {
    static let http1 = Array("http/1.1".utf8)

    /// As ALPN writes a list: each name behind its length.
    static let offer = [UInt8(http1.count)] + http1

    /// Whether ALPN's list in `bytes` has `http/1.1`, and where its name stands.
    static func find(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var position = 0
        while position < bytes.count {
            let length = Int(unsafe bytes[position])
            guard position + 1 + length <= bytes.count else { return nil }
            if length == http1.count, (0..<length).allSatisfy({ unsafe bytes[position + 1 + $0] == http1[$0] }) { return position + 1 }
            position += 1 + length
        }
        return nil
    }
}
