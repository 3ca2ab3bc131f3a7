import ProviderKit
public import Transport

extension HTTPOrigin {
    /// Bootpay's production host.
    public static let bootpay = HTTPOrigin(isSecure: true, host: BootpayHosts.production, port: 443)
}

extension ClientNetwork {
    static func own() throws(BootpayError) -> ClientNetwork {
        do throws(ClientNetworkError) {
            return try ClientNetwork()
        } catch {
            throw BootpayError(.networkUnavailable, outcome: .notSent, message: error.message)
        }
    }
}
