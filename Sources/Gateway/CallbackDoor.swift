public import Transport

/// The gateway as the internet may see it: calls that providers make, and pages that shoppers' browsers are sent to. Everything else is not there.
///
/// What may come in proves itself to its connection: by a signature, a secret, an address. The `Host` is not looked at, since nothing here is worth bending a name for.
public struct CallbackDoor: HTTPHandler {
    private let gateway: Gateway

    /// A door into `gateway`.
    public init(_ gateway: Gateway) { self.gateway = gateway }

    /// Answers one request.
    public func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        await gateway.respond(toOutsider: request, from: peer)
    }
}
