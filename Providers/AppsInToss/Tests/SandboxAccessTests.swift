import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: who is let in")
struct SandboxAccessTests {
    @Test("without a certificate nobody is let in, and the plain port's field does not stand for one on the TLS port")
    func noCertificate() async throws {
        let house = try await SandboxHouse()
        #expect(await house.send("login-me", through: .tls(nil)).isRefusal("4010", "certificate.missing"))
        let withField = await house.send("login-me", through: .tls(nil, host: "127.0.0.1"), fields: [("Bujeol-Mini-App", "bujeol-demo")])
        #expect(withField.isRefusal("4010", "certificate.missing"))
        #expect(withField.verdict?.reason.english.contains("on the plain port only") ?? false)
    }

    @Test(
        "a certificate of somebody else is refused with its issuer in the log, and one of this authority that nobody knows with the reason")
    func foreign() async throws {
        let house = try await SandboxHouse()
        let validity = CertificateValidity(from: house.clocks.now(.demo), days: 30)
        let other = try CertificateAuthority(name: "Somebody else", validity: validity)
        let foreign = try other.issueClientIdentity(name: "bujeol-demo", validity: validity)
        let refused = await house.send("login-me", through: .tls(foreign.certificates[0]))
        #expect(refused.isRefusal("4010", "certificate.foreign"))
        #expect(refused.tenant == nil)
        #expect(refused.verdict?.details["issuer"] == "CN=Somebody else")
        let unregistered = try house.authority.issueClientIdentity(name: "bujeol-demo", validity: validity)
        #expect(await house.send("login-me", through: .tls(unregistered.certificates[0])).isRefusal("4010", "certificate.forgotten"))
    }

    @Test("the tenant's clock decides: valid to the last second, expired after it, not yet valid before its beginning")
    func dates() async throws {
        let house = try await SandboxHouse()
        let (identity, _) = try await house.issue(days: 1)
        let certificate = identity.certificates[0]
        func call() async -> Judgement { await house.send("login-me", through: .tls(certificate)) }
        house.clocks.set(certificate.notAfter + .milliseconds(999))
        #expect(await call().isBareError("token.missing"))
        house.clocks.set(certificate.notAfter + .seconds(1))
        let expired = await call()
        #expect(expired.isRefusal("4010", "certificate.expired"))
        #expect(expired.tenant == .demo)
        let shown = expired.verdict?.details["certificate"]
        #expect(shown?["serial"]?.string?.count == 32)
        #expect(shown?["common_name"] == "bujeol-demo")
        #expect(shown?["not_after"] == .string(certificate.notAfter.internetText))
        #expect(expired.verdict?.json.text.contains("PRIVATE") == false)
        house.clocks.set(certificate.notBefore)
        #expect(await call().isBareError("token.missing"))
        house.clocks.set(certificate.notBefore - .nanoseconds(1))
        #expect(await call().isRefusal("4010", "certificate.not-yet-valid"))
    }

    @Test("the certificate of a mini-app that was deleted in the console gets 4050, until the mini-app is brought back")
    func deleted() async throws {
        let house = try await SandboxHouse()
        let (door, _) = try await house.makeApp("second")
        let (identity, _) = try await house.issue(app: "second")
        try await house.ask(.delete, "/apps/second")
        #expect(await house.send("login-me", through: .tls(identity.certificates[0])).isRefusal("4050", "app.deleted"))
        #expect(await house.send("login-me", through: door).isRefusal("4050", "app.deleted"))
        #expect(try await house.control(.post, "/certificates", ["app": "second"]).0 == 404)
        try await house.ask(.put, "/apps/second", ["deleted": false])
        #expect(await house.send("login-me", through: .tls(identity.certificates[0])).isBareError("token.missing"))
    }

    @Test("another mini-app's code, token and user are as if they did not exist, and the log says why")
    func otherApps() async throws {
        let house = try await SandboxHouse()
        let (door, user) = try await house.makeApp("second", ["scopes": ["USER_NAME"]])
        let code = try await house.consent()
        let tokens = try await house.login()
        #expect(
            await house.send("generate-token", ["authorizationCode": .string(code), "referrer": "DEFAULT"], through: door)
                .isBareError("code.other-app"))
        #expect(
            await house.send("login-me", bearer: tokens["accessToken"]?.string, through: door).isBareError("token.other-app"))
        #expect(
            await house.send("refresh-token", ["refreshToken": tokens["refreshToken"] ?? .null], through: door)
                .isBareError("token.other-app"))
        #expect(
            await house.send("remove-by-user-key", ["userKey": .number(user)]).isRefusal("USER_KEY_NOT_FOUND", "user.other-app"))
        // The code is still good for whom it was issued to.
        #expect(await house.send("generate-token", ["authorizationCode": .string(code), "referrer": "DEFAULT"]).isSuccess)
    }

    @Test("the plain port's field names the mini-app, and the tenant where several have one of that name")
    func plainDoor() async throws {
        let house = try await SandboxHouse()
        #expect(await house.send("login-me", through: .plain(app: nil)).isRefusal("4010", "plain-door.no-name"))
        #expect(await house.send("login-me", through: .plain(app: "nobody")).isRefusal("4010", "plain-door.unknown"))
        let (one, two) = (try #require(TenantID(rawValue: "one")), try #require(TenantID(rawValue: "two")))
        for tenant in [one, two] { _ = try await house.sandbox.createTenant(tenant, settings: ["apps-in-toss": ["app": "shared"]]) }
        #expect(await house.send("login-me", through: .plain(app: "shared")).isRefusal("4010", "plain-door.ambiguous"))
        let named = await house.send("login-me", through: .plain(app: "shared", tenant: "two"))
        #expect(named.isBareError("token.missing") && named.tenant == two)
        // The demo tenant's own goes first.
        _ = try await house.makeApp("shared")
        #expect(await house.send("login-me", through: .plain(app: "shared")).tenant == .demo)
        try await house.set(["plain_door": false])
        #expect(await house.send("login-me").isRefusal("4010", "plain-door.closed"))
    }

    @Test("a tenant of its own gets a mini-app, fresh secrets and a certificate that opens its door only")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let job = try #require(TenantID(rawValue: "job-7"))
        let made = try await house.sandbox.createTenant(job, settings: [:])
        let pem = try #require(made["certificate"]?["certificate"]?.string)
        let certificate = try Certificate.all(pem: pem)[0]
        #expect(made["certificate"]?["private_key"]?.string?.hasPrefix("-----BEGIN PRIVATE KEY-----") ?? false)
        let judged = await house.send("login-me", through: .tls(certificate))
        #expect(judged.tenant == job && judged.isBareError("token.missing"))
        let second = try #require(TenantID(rawValue: "job-8"))
        let other = try await house.sandbox.createTenant(second, settings: [:])
        #expect(made["apps"]?[0]?["personal_data_key"] != other["apps"]?[0]?["personal_data_key"])
        try await house.sandbox.removeTenant(job)
        #expect(await house.send("login-me", through: .tls(certificate)).isRefusal("4010", "certificate.forgotten"))
    }

    @Test("whose call it is can be told from the certificate before it is judged")
    func tenantOfCall() async throws {
        let house = try await SandboxHouse()
        let (identity, _) = try await house.issue()
        func tenant(_ certificate: Certificate?) async -> TenantID? {
            var peer = HTTPPeer(address: "127.0.0.1", port: 1)
            peer.tls = HTTPPeer.TLSDetails(serverName: nil, clientCertificate: certificate?.der, version: "TLSv1.3")
            return await house.sandbox.tenant(of: Call(method: .get, path: "/"), from: CallSource(peer: peer, host: "127.0.0.1"))
        }
        #expect(await tenant(identity.certificates[0]) == .demo)
        #expect(await tenant(nil) == nil)
        let plain = Call(method: .get, path: "/", fields: ["Bujeol-Mini-App": "bujeol-demo"])
        let source = CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 1), host: "127.0.0.1")
        #expect(await house.sandbox.tenant(of: plain, from: source) == .demo)
    }

    @Test("a wrong path, method or host is told from one another, with what was probably meant")
    func paths() async throws {
        let house = try await SandboxHouse()
        let path = try #require(AppsInTossRoutes.row(named: "generate-token")?.path)
        let slash = await house.send(path + "/")
        #expect(slash.isRefusal("NOT_FOUND", "call.unknown", status: 404))
        #expect(slash.verdict?.reason.english.contains(path) ?? false)
        #expect(await house.send("login-me", method: .post).isRefusal("METHOD_NOT_ALLOWED", "call.method", status: 405))
        let (identity, _) = try await house.issue()
        let certificate = identity.certificates[0]
        #expect(
            await house.send("login-me", through: .tls(certificate, host: AppsInTossHosts.pay))
                .isRefusal("NOT_FOUND", "call.host", status: 404))
        try await house.set(["hosts_apart": false])
        #expect(await house.send("login-me", through: .tls(certificate, host: AppsInTossHosts.pay)).isBareError("token.missing"))
        #expect(await house.send("login-me", through: .tls(certificate, host: "127.0.0.1")).isBareError("token.missing"))
    }

    @Test("a body that is no object, misses fields or has wrong ones is refused with HTTP 400 and every complaint")
    func fields() async throws {
        let house = try await SandboxHouse()
        let missing = await house.send("generate-token", [:])
        #expect(missing.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        let details = missing.body["error"]?["data"]?["errorDetails"]?.elements ?? []
        #expect(details.map { $0["field"]?.string } == ["authorizationCode", "referrer"])
        #expect(details.allSatisfy { $0["rejectedValue"] == .null && $0["message"]?.string?.isEmpty == false })
        #expect(await house.send("generate-token", [1]).isRefusal("INVALID_PARAMETER", "body.no-object", status: 400))
        #expect(await house.send("generate-token", nil).isRefusal("INVALID_PARAMETER", "body.empty", status: 400))
        let wrong = await house.send("remove-by-user-key", ["userKey": "abc"])
        #expect(wrong.body["error"]?["data"]?["errorDetails"]?[0]?["rejectedValue"] == "abc")
        let unknown = await house.send("remove-by-user-key", ["userKey": 443_731_104, "userkey": 1])
        #expect(unknown.isSuccess && unknown.verdict?.rule == "field.unknown" && unknown.verdict?.kind == .warned)
    }
}

@Suite("Apps in Toss sandbox: certificates that end the handshake")
struct SandboxAccessHandshakeTests {
    @Test("by the setting an expired, not yet valid or disabled certificate ends the handshake, each with its alert and reason")
    func objections() async throws {
        let house = try await SandboxHouse()
        let (identity, id) = try await house.issue(days: 1)
        let certificate = identity.certificates[0]
        func objection() -> HandshakeObjection? { house.sandbox.handshakeObjection(to: certificate, host: AppsInTossHosts.general) }
        house.clocks.advance(.seconds(2 * 86_400))
        #expect(objection() == nil)
        try await house.set(["bad_certificate_ends_handshake": true])
        #expect(objection()?.alert == .expired)
        #expect(objection()?.verdict.rule == "certificate.expired" && objection()?.tenant == .demo)
        house.clocks.set(certificate.notBefore - .seconds(1))
        #expect(objection()?.alert == .unknown)
        house.clocks.set(certificate.notBefore)
        #expect(objection() == nil)
        try await house.ask(.post, "/certificates/\(id)/disable")
        #expect(objection()?.alert == .revoked)
        try await house.ask(.post, "/certificates/\(id)/enable")
        #expect(objection() == nil)
        // One that is issued after the setting counts too, and a reset forgets both.
        let (second, number) = try await house.issue()
        try await house.ask(.post, "/certificates/\(number)/disable")
        #expect(house.sandbox.handshakeObjection(to: second.certificates[0], host: "") != nil)
        try await house.sandbox.removeTenant(.demo)
        #expect(house.sandbox.handshakeObjection(to: second.certificates[0], host: "") == nil)
    }

    @Test("the setting outlives a restart")
    func restart() async throws {
        let folder = try TemporaryDirectory()
        let place = StorageLocation.file(folder.file("sandbox.sqlite"))
        let first = try await SandboxHouse(place)
        try await first.set(["bad_certificate_ends_handshake": true])
        let (identity, id) = try await first.issue()
        try await first.ask(.post, "/certificates/\(id)/disable")
        await first.database.close()
        let second = try await SandboxHouse(place, files: first.files, authority: first.authority, demo: false)
        #expect(second.sandbox.handshakeObjection(to: identity.certificates[0], host: "")?.alert == .revoked)
    }
}
