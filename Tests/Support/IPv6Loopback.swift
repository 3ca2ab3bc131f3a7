import Transport

/// Whether this machine has the address `::1`; many containers have not.
public let hasIPv6Loopback: Bool = {
    guard let address = SocketAddress(numericHost: "::1", port: 0), let descriptor = try? Socket.listen(on: address) else { return false }
    Socket.close(descriptor)
    return true
}()
