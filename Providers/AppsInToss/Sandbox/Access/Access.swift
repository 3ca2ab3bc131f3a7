import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import Transport

/// The door of ours on the plain port, where nobody can show a certificate.
enum PlainDoor {
    /// Names the mini-app.
    static let app = "Bujeol-Mini-App"
    /// Names the tenant, where several have a mini-app of that name.
    static let tenant = "Bujeol-Tenant"
}

extension Desk {
    /// Lets a call in: its certificate is one of a mini-app's, valid by the tenant's clock and enabled.
    ///
    /// - Throws: ``Refused`` with 4010 or 4050.
    func access(_ trace: Trace, _ connection: Connection) throws -> Access {
        if let tls = source.peer.tls {
            guard let der = tls.clientCertificate else {
                throw AccessVerdicts.noCertificate(hasDoorField: call.fields[PlainDoor.app] != nil)
            }
            return try access(certificate: try? Certificate(der: der), trace, connection)
        }
        return try accessThroughPlainDoor(trace, connection)
    }

    private func access(certificate: Certificate?, _ trace: Trace, _ connection: Connection) throws -> Access {
        guard let certificate, let issued = try IssuedCertificate.find(certificate, connection) else {
            throw AccessVerdicts.foreign(certificate, authority: environment.authority?.certificate)
        }
        let records = Records(connection, issued.tenant)
        trace.tenant = issued.tenant
        trace.settings = try records.settings()
        let now = environment.clocks.now(issued.tenant)
        let standing = issued.standing(now)
        guard standing == .valid else { throw AccessVerdicts.refused(issued, standing, now) }
        guard let app = try records.app(issued.app), app.deletedAt == nil else { throw AccessVerdicts.appGone(issued.app, issued, now) }
        if let named = call.fields[PlainDoor.app], named != app.name { trace.warn(AccessVerdicts.otherName(issued, now)) }
        return Access(app: app, settings: trace.settings, now: now, records: records)
    }

    private func accessThroughPlainDoor(_ trace: Trace, _ connection: Connection) throws -> Access {
        guard let name = call.fields[PlainDoor.app], !name.isEmpty else { throw AccessVerdicts.plainWithoutName }
        guard let app = try plainDoorApp(name, connection) else { throw AccessVerdicts.plainUnknown(name) }
        let records = Records(connection, app.tenant)
        trace.tenant = app.tenant
        trace.settings = try records.settings()
        guard trace.settings[CommonSettings.plainDoor] else { throw AccessVerdicts.plainClosed }
        guard app.deletedAt == nil else { throw AccessVerdicts.appGone(app.name, nil, environment.clocks.now(app.tenant)) }
        return Access(app: app, settings: trace.settings, now: environment.clocks.now(app.tenant), records: records)
    }

    /// The mini-app that the plain door's fields name.
    ///
    /// - Throws: ``Refused`` when several tenants have one of that name and the call does not say which is meant.
    private func plainDoorApp(_ name: String, _ connection: Connection) throws -> MiniApp? {
        if let tenant = call.fields[PlainDoor.tenant] {
            return try TenantID(rawValue: tenant).flatMap { try Records(connection, $0).app(name) }
        }
        let found = try MiniApp.all(named: name, connection)
        guard let first = found.first else {
            // A deleted one of the demo tenant is told from one that never was.
            return try Records(connection, .demo).app(name)
        }
        guard found.count == 1 || first.tenant == .demo else { throw AccessVerdicts.plainAmbiguous(name) }
        return first
    }

    /// Whose certificate or plain-door name the call carries, valid or not; nothing when it names nobody.
    func tenant(_ connection: Connection) throws -> TenantID? {
        if let tls = source.peer.tls {
            guard let der = tls.clientCertificate, let certificate = try? Certificate(der: der) else { return nil }
            return try IssuedCertificate.find(certificate, connection)?.tenant
        }
        guard let name = call.fields[PlainDoor.app] else { return nil }
        return try? plainDoorApp(name, connection)?.tenant
    }
}
