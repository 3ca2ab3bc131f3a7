import AppsInToss
import Base
import Cryptography
import SandboxKit
import Storage
import Transport

extension AppsInTossSandbox {
    /// Sees to it that the demo mini-app's certificate and key lie in the provider's folder, named as the console names them: what is there and still good
    /// is registered again, so that a reset does not lock running callers out; anything else is replaced.
    ///
    /// - Throws: `StorageError`. A folder that cannot be written is told in the log: the sandbox works without it.
    func handOutDemoCertificate() async throws {
        guard let files = environment.files, let authority = environment.authority else { return }
        let (app, now) = (AppsInTossDemonstration.app, environment.clocks.now(.demo))
        let found = AppsInTossSandbox.usableCertificate(in: files, of: authority.certificate, at: now)
        let fresh = try await environment.database.write { connection -> FreshCertificate? in
            let records = Records(connection, .demo)
            guard let demo = try records.app(app), demo.deletedAt == nil else { return nil }
            guard let found else { return try records.issue(app: app, days: CertificateDays.usual, now: now, authority) }
            if try IssuedCertificate.find(found, connection) == nil { _ = try records.register(found, app: app, at: now) }
            return nil
        }
        guard let fresh else { return }
        do throws(SystemError) {
            // The key first: whoever watches the certificate's file finds the key that belongs to it.
            try fresh.key.withBytes { (bytes) throws(SystemError) in try files.write(AppsInTossDemonstration.keyFile, bytes) }
            try files.write(AppsInTossDemonstration.certificateFile, Array(fresh.issued.certificate.pem.utf8))
        } catch {
            environment.log.warning("the demo certificate of Apps in Toss could not be written", .word("error", error.reason))
        }
    }

    /// The certificate in the folder, when it and its key are whole, it is the demo mini-app's, of this authority, and valid now.
    private static func usableCertificate(in files: any HandoutFiles, of authority: Certificate, at now: Timestamp) -> Certificate? {
        guard let certificate = try? files.read(AppsInTossDemonstration.certificateFile),
            let key = try? files.read(AppsInTossDemonstration.keyFile),
            let identity = try? TLSIdentity(
                certificateChainPEM: String(decoding: certificate, as: UTF8.self), privateKeyPEM: Secret(key)),
            let leaf = identity.certificates.first, leaf.names(issuer: authority), leaf.commonName == AppsInTossDemonstration.app,
            leaf.notBefore <= now, now < leaf.notAfter
        else { return nil }
        return leaf
    }
}
