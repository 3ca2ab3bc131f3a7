import AppsInToss
import AppsInTossSandbox
import Base
import Cryptography
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

/// The sandbox behind real mutual TLS, and the client that shows the demo mini-app's certificate.
private final class ClientAndSandbox: Sendable {
    let client: AppsInTossClient
    private let sandbox: Sandbox
    private let group: EventLoopGroup
    private let network: HTTPClient
    private let server: HTTPServer

    /// What the sandbox hands out to the demo data's callers.
    private final class Files: HandoutFiles {
        private let files = Locked<[String: [UInt8]]>([:])
        func read(_ name: String) throws(SystemError) -> [UInt8]? { files.withLock { $0[name] } }
        func write(_ name: String, _ bytes: [UInt8]) throws(SystemError) { files.withLock { $0[name] = bytes } }
        func path(_ name: String) -> String { "folder/\(name)" }
    }

    init() async throws {
        let files = Files()
        let validity = CertificateValidity(from: SystemTime().now - .seconds(3600), days: 3650)
        let authority = try CertificateAuthority(name: "Client", validity: validity)
        group = try EventLoopGroup(count: 1)
        network = try HTTPClient(group: group)
        sandbox = try await Sandbox(
            services: [AppsInTossSandbox.self], database: try Database(.memory), time: SystemTime(), random: SystemRandom(),
            exchange: network, authority: authority, files: { _ in files },
            configuration: SandboxConfiguration(version: "test", baseURL: { "http://127.0.0.1:8600" }))
        var secure = HTTPServerConfiguration()
        secure.tls = try sandbox.serverContext(authority: authority)
        server = try HTTPServer(
            group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), configuration: secure, handler: sandbox)
        let certificate = Secret(try #require(try files.read(AppsInTossDemonstration.certificateFile)))
        let key = Secret(try #require(try files.read(AppsInTossDemonstration.keyFile)))
        let cipher = try PersonalDataCipher(
            base64Key: Secret(AppsInTossDemonstration.personalDataKey), additionalData: Secret(AppsInTossDemonstration.additionalData))
        client = try AppsInTossClient(
            certificate: .text(certificate), key: .text(key), trust: .authorities([authority.certificate]),
            base: "https://127.0.0.1:\(server.address.port)/apps-in-toss",
            options: .init(personalData: cipher, deadline: .seconds(300)))
    }

    func end() async {
        await client.shutDown()
        await server.shutdown(deadline: .zero)
        await network.shutDown()
        group.stop()
    }

    @discardableResult
    func control(_ method: HTTPMethod, _ path: String, _ body: JSON = [:]) async throws -> JSON {
        let response = await sandbox.respond(
            to: HTTPRequest(method: method, target: path, fields: ["Host": "127.0.0.1"], body: body.bytes),
            from: HTTPPeer(address: "127.0.0.1", port: 40_000))
        let text = String(decoding: response.bytes ?? [], as: UTF8.self)
        try #require((200...204).contains(response.status), "\(path): \(text)")
        return (try? JSON(text)) ?? .null
    }
}

@Suite("Apps in Toss: client against the sandbox over mutual TLS")
struct ClientAgainstSandboxTests {
    private let user = AppsInTossUser.userKey(AppsInTossUserKey(integerLiteral: Int64(AppsInTossDemonstration.userKey)))

    private func withSandbox(_ body: (ClientAndSandbox) async throws -> Void) async throws {
        let both = try await ClientAndSandbox()
        do {
            try await body(both)
        } catch {
            await both.end()
            throw error
        }
        await both.end()
    }

    @Test("A login gives tokens, the decrypted profile and a new pair; a code works once and an ended link ends the tokens")
    func login() async throws {
        try await withSandbox { both in
            let login = both.client.login
            let code = PersonalText(try #require(try await both.control(.post, "/-/apps-in-toss/codes")["authorizationCode"]?.string))
            let tokens = try await login.tokens(authorizationCode: code, referrer: .live)
            let again = await clientFailure { try await login.tokens(authorizationCode: code, referrer: .live) }
            #expect(again?.code == .invalidGrant && again?.outcome == .refused)
            let profile = try await login.profile(tokens.accessToken)
            #expect(.userKey(profile.userKey) == user)
            #expect(profile.gender == .male || profile.gender == .female)
            #expect(profile.encrypted.isEmpty && profile.name != nil && profile.scopes.contains(.userKey))
            let fresh = try await login.refresh(tokens.refreshToken)
            #expect(try await login.profile(fresh.accessToken).userKey == profile.userKey)
            #expect(try await login.remove(profile.userKey) == profile.userKey)
            #expect(await clientFailure { try await login.profile(fresh.accessToken) }?.outcome == .refused)
        }
    }

    @Test("A payment is made, authenticated, executed and refunded; an answer that is lost on the way changes nothing")
    func payment() async throws {
        try await withSandbox { both in
            let pay = both.client.pay
            let request = PaymentRequest(
                orderNo: "order-1", productDescription: "사과", amount: 11_000, taxFreeAmount: 0, isTestPayment: true)
            let token = try await pay.make(request, for: user)
            #expect(try await pay.status(token, isTestPayment: true, for: user).status == .standby)
            try await both.control(.post, "/-/apps-in-toss/payments/\(token)/authenticate")
            try await both.control(.post, "/-/faults", ["kind": "truncate", "route": "execute-payment"])
            let paid = try await pay.execute(token, orderNo: "order-1", isTestPayment: true, for: user)
            #expect(paid.foundByEnquiry?.status == .complete && paid.amount == 11_000 && paid.transactionID != nil)
            let twice = await clientFailure { try await pay.execute(token, orderNo: "order-1", isTestPayment: true, for: user) }
            #expect(twice?.errorCode == .paymentExists && twice?.outcome == .refused)
            #expect(await clientFailure { try await pay.status(token, isTestPayment: false, for: user) }?.outcome == .refused)
            let refund = try await pay.refund(token, reason: "고객 변심", isTestPayment: true, for: user)
            #expect(refund.refundNo != nil && refund.foundByEnquiry == nil)
            let status = try await pay.status(orderNo: "order-1", isTestPayment: true, for: user)
            #expect(status.status == .refunded && status.transactions.map(\.step) == [.pay, .refund])
        }
    }

    @Test("Points are granted once although the answer is lost, a message says what became of it, and an anonymous key is checked")
    func others() async throws {
        try await withSandbox { both in
            let grant = AppsInTossPromotions.Grant(
                reference: "welcome-1", promotionCode: AppsInTossDemonstration.promotion, points: 100, user: user)
            try await both.control(.post, "/-/faults", ["kind": "truncate", "route": "execute-promotion"])
            #expect(try await both.client.promotions.grant(grant) == .success)
            #expect(try await both.client.promotions.grant(grant) == .success)
            let wrong = AppsInTossPromotions.Grant(reference: "x", promotionCode: "TEST_NONE", points: 1, user: user)
            #expect(await clientFailure { try await both.client.promotions.grant(wrong) }?.errorCode == .promotionNotFound)
            let unknown = await clientFailure { try await both.client.messages.send("no-such-template", to: user) }
            #expect(unknown?.errorCode == .templateNotFound)
            #expect(try await both.client.isValid(anonymousKey: PersonalText(AppsInTossDemonstration.anonymousKey)))
            #expect(try await both.client.isValid(anonymousKey: "bm9uZQ==") == false)
            let none = try await both.client.purchases.status("0199a0a0-89ab-7cde-8f01-23456789abcd")
            #expect(none.status == .notFound && none.sku == nil)
        }
    }
}
