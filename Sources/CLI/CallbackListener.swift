import Base
import Cryptography
import Gateway
import ProviderKit
import Transport

/// What `gateway.callbacks` says: a second listener, which takes calls of providers only.
struct CallbackListener: Sendable {
    var address: String
    var port: Int
    /// Who is believed about the address that a call comes from, at the main listener too.
    var trustedProxies: [AddressRange]
    /// What TLS needs; nothing where a proxy in front of the gateway speaks it.
    var tls: TLSServerContext?

    /// Reads the settings, the certificate's files included.
    init(_ settings: Settings) throws(ConfigurationError) {
        try settings.allowOnly(["address", "port", "trustedProxies", "tls"])
        address = try Configuration.address(settings) ?? "127.0.0.1"
        port = try settings.integer("port", in: 0...65_535) ?? 8701
        trustedProxies = []
        for text in try settings.strings("trustedProxies") ?? [] {
            guard let range = AddressRange(text) else {
                throw settings.error(
                    at: "trustedProxies", "\"\(text)\"은(는) 주소나 범위가 아닙니다. 10.0.0.5, 10.0.0.0/8, 10.0.0.1-10.0.0.9처럼 적으세요.",
                    "\"\(text)\" is neither an address nor a range; write 10.0.0.5, 10.0.0.0/8 or 10.0.0.1-10.0.0.9")
            }
            trustedProxies.append(range)
        }
        if let files = try settings.object("tls") { tls = try CallbackListener.context(files) }
    }

    private static func context(_ settings: Settings) throws(ConfigurationError) -> TLSServerContext {
        try settings.allowOnly(["certificate", "key"])
        let file = try settings.requiredString("certificate")
        guard let key = try settings.secret("key") else { throw settings.error("\"key\" 설정이 필요합니다.", "\"key\" is missing") }
        let chain: [UInt8]
        do throws(SystemError) {
            chain = try settings.source.file(file).bytes
        } catch let reason {
            throw settings.error(
                at: "certificate", "인증서 파일 \(file)을(를) 읽을 수 없습니다 (\(reason.reason)).",
                "the certificate's file \(file) cannot be read (\(reason.reason))")
        }
        do {
            let identity = try TLSIdentity(certificateChainPEM: String(decoding: chain, as: UTF8.self), privateKeyPEM: key)
            return try TLSServerContext(identity: identity)
        } catch {
            throw settings.error(
                at: "certificate", "인증서와 키를 쓸 수 없습니다: \(error). 둘 다 PEM이어야 하고 서로 짝이 맞아야 합니다.",
                "the certificate and its key cannot be used: \(error). Both must be PEM, and belong together")
        }
    }
}
