import Base
public import Cryptography
import ProviderKit
import SandboxKit
public import Transport

extension Sandbox {
    /// What the TLS port needs: a certificate for every host name of the providers, issued when it is asked for, and for the sandbox's own names.
    ///
    /// Callers must show a certificate of the authority at the hosts that demand one, may under the sandbox's own names, and are not asked elsewhere. The dates
    /// of callers' certificates are not checked: the services judge them by their tenants' clocks. A server must report failed handshakes to
    /// ``handshakeFailed(_:)``, so that the log tells the developer why.
    ///
    /// - Parameter ownNames: The sandbox's own names and addresses besides `localhost`, `127.0.0.1` and `::1`.
    /// - Throws: `CertificateError` or `TLSError` when no certificate can be issued.
    public func serverContext(authority: CertificateAuthority, ownNames: [String] = []) throws -> TLSServerContext {
        let hosts = services.flatMap { service in
            let kind = type(of: service)
            let demanding = Set(kind.hostsWithClientCertificates.map { $0.lowercased() })
            return kind.hosts.map { host in
                let name = host.lowercased()
                return (name: name, demand: demanding.contains(name) ? CertificateDirectory.Demand.required : .none)
            }
        }
        let judges = services.filter { !type(of: $0).hostsWithClientCertificates.isEmpty }
        let directory = try CertificateDirectory(
            authority: authority, hosts: hosts, ownNames: ["localhost", "127.0.0.1", "::1"] + ownNames, time: time, log: log
        ) { [router, services] certificate, serverName in
            let place = serverName.flatMap(router.provider(ofHost:))
            let asked = place.map { [services[$0]] } ?? judges
            let host = place == nil ? "" : serverName ?? ""
            for service in asked {
                guard let objection = service.handshakeObjection(to: certificate, host: host) else { continue }
                return TLSCertificateObjection(objection.alert, cause: objection)
            }
            return nil
        }
        return try directory.serverContext()
    }

    /// Takes note of a handshake that failed: it is counted, and stands in the request log with the reason.
    public func handshakeFailed(_ failure: HTTPHandshakeFailure) { handshakes.failed(failure) }
}
