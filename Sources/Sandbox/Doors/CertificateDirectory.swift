import Base
import Cryptography
import SandboxKit

/// Knows which certificate serves which host name on the TLS port, and where callers must show theirs.
///
/// Certificates are issued when they are first asked for and again before they expire. Only names from the list get one, so a caller who asks for ever other
/// names makes none; whoever asks for an unknown name, or for none, gets the certificate that bears all of them.
final class CertificateDirectory: TLSNameDirectory {
    /// Whether callers are asked for a certificate.
    enum Demand {
        case none, optional, required
    }

    private struct Entry {
        var context: TLSServerContext
        var renewal: Timestamp
    }

    /// How long a certificate is valid; one that some clients would not believe to be valid for longer.
    private static let days: Int64 = 390

    private let authority: CertificateAuthority
    private let time: any TimeSource
    private let log: Log
    /// Under which names callers are asked for a certificate.
    private let demands: [String: Demand]
    private let usualNames: [String]
    private let judge: TLSCallerRules.Judge
    private let entries = Locked<[String: Entry]>([:])

    /// Makes a directory and issues the certificate for callers who name no host.
    ///
    /// - Parameters:
    ///   - hosts: The providers' host names, and whether callers are asked for certificates there.
    ///   - ownNames: The sandbox's own names and addresses.
    ///   - judge: Asked about callers' certificates in the handshake.
    /// - Throws: `CertificateError` or `TLSError` when no certificate can be issued.
    init(
        authority: CertificateAuthority, hosts: [(name: String, demand: Demand)], ownNames: [String], time: any TimeSource, log: Log,
        judge: @escaping TLSCallerRules.Judge
    ) throws {
        self.authority = authority
        self.time = time
        self.log = log
        self.judge = judge
        var demands: [String: Demand] = [:]
        var names: [String] = []
        for host in hosts where demands.updateValue(host.demand, forKey: host.name) == nil { names.append(host.name) }
        // Under the sandbox's own names nobody is turned away for want of a certificate: the service says what is missing.
        demands[""] = hosts.contains { $0.demand == .required } ? .optional : Demand.none
        self.demands = demands
        let day = CertificateValidity(from: time.now, days: 1)
        for name in ownNames where !names.contains(name) {
            // A name that a Host field may hold but no certificate can.
            guard (try? authority.issueServerIdentity(names: [name], validity: day)) != nil else { continue }
            names.append(name)
        }
        usualNames = names
        let entry = try issue("")
        entries.withLock { $0[""] = entry }
    }

    /// The context that a server begins with; it asks this directory for every caller.
    func serverContext() throws -> TLSServerContext { try context(of: issueIdentity(usualNames), demand: .none, names: self) }

    func choice(forServerName serverName: String?) -> TLSNameChoice {
        let name = serverName.flatMap { demands[$0] == nil ? nil : $0 } ?? ""
        let now = time.now
        return entries.withLock { entries in
            if let entry = entries[name], now < entry.renewal { return .context(entry.context) }
            do {
                let entry = try issue(name)
                entries[name] = entry
                return .context(entry.context)
            } catch {
                log.error("no server certificate could be issued; is the authority still valid?")
                return entries[name].map { .context($0.context) } ?? .refused
            }
        }
    }

    private func issue(_ name: String) throws -> Entry {
        let identity = try issueIdentity(name.isEmpty ? usualNames : [name])
        let now = time.now
        let end = identity.certificates.first?.notAfter ?? now
        // With a third of its time left; not at every handshake when the authority itself is about to expire.
        let renewal = max(end - .nanoseconds((end - now).wholeNanoseconds / 3), now + .seconds(3600))
        return Entry(context: try context(of: identity, demand: demands[name] ?? .none, names: nil), renewal: renewal)
    }

    private func issueIdentity(_ names: [String]) throws(CertificateError) -> TLSIdentity {
        let now = time.now
        let end = min(now + .seconds(Self.days * 86_400), authority.certificate.notAfter)
        return try authority.issueServerIdentity(
            names: names, validity: CertificateValidity(notBefore: min(now - .seconds(3600), end), notAfter: end))
    }

    private func context(
        of identity: TLSIdentity, demand: Demand, names: (any TLSNameDirectory)?
    ) throws(TLSError) -> TLSServerContext {
        let certificates: TLSServerContext.ClientCertificates =
            switch demand {
            case .none: .none
            case .optional: .optional([authority.certificate])
            case .required: .required([authority.certificate])
            }
        // Dates are the tenant's clock's business.
        return try TLSServerContext(
            identity: identity, clientCertificates: certificates, rules: TLSCallerRules(checksDates: false, judge: judge), names: names)
    }
}
