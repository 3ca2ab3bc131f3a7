import Base
import Cryptography
import Gateway
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInToss
@testable import AppsInTossSandbox

/// Both halves on real sockets: the application's call goes through the gateway and mutual TLS into the sandbox, the sandbox's callback through the gateway's callback listener
/// to the application.
private final class ConnectorAndSandbox: Sendable {
    let sandbox: Sandbox
    let gateway: Gateway
    let connector: AppsInTossConnector
    let callbacks: String
    private let application: Application
    private let group: EventLoopGroup
    private let client: HTTPClient
    private let servers: [HTTPServer]
    private let schedule: Task<Void, Never>

    /// The developer's program, which takes every callback.
    private final class Application: HTTPHandler {
        let taken = Locked<[JSON]>([])
        func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
            taken.withLock { $0.append((try? JSON(request.body)) ?? .null) }
            return HTTPResponse(status: 204)
        }
    }

    /// The settings of the connection, and the files that the sandbox has handed out.
    private struct HandedOut: SettingsSource {
        var text: String
        var authority: String
        var files: MemoryFiles

        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
            if path == "c.json5" { return (Array(text.utf8), false) }
            if path == "ca.pem" { return (Array(authority.utf8), false) }
            guard let bytes = try files.read(String(path.dropFirst("folder/".count))) else { throw SystemError(call: "open", number: 2) }
            return (bytes, false)
        }

        func environment(_ name: String) -> String? { nil }
    }

    init() async throws {
        let loopback = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let group = try EventLoopGroup(count: 1)
        let client = try HTTPClient(group: group)
        let files = MemoryFiles()
        let validity = CertificateValidity(from: SystemTime().now - .seconds(3600), days: 3650)
        let authority = try CertificateAuthority(name: "Both halves", validity: validity)
        let sandbox = try await Sandbox(
            services: [AppsInTossSandbox.self], database: try Database(.memory), time: SystemTime(), random: SystemRandom(),
            exchange: client,
            authority: authority, files: { _ in files },
            configuration: SandboxConfiguration(version: "test", baseURL: { "http://127.0.0.1:8600" }))
        var secure = HTTPServerConfiguration()
        secure.tls = try sandbox.serverContext(authority: authority)
        let provider = try HTTPServer(group: group, address: loopback, configuration: secure, handler: sandbox)
        let application = Application()
        let shop = try HTTPServer(group: group, address: loopback, handler: application)

        let place = DemonstrationPlace(
            base: "", secureBase: "https://127.0.0.1:\(provider.address.port)/apps-in-toss", authorityFile: "ca.pem", folder: "folder")
        // A starved machine may take its time; and only documented addresses, behind a proxy on this machine.
        let own = JSON.array((["127.0.0.1", "::1"] + AppsInTossFirewall.inboundTexts).map { .string($0) }).text
        let text = AppsInTossConnector.demonstration(place)
            .replacing("{ app:", with: "{ deadline: \"10m\", connectTimeout: \"60s\", readTimeout: \"300s\", app:")
            .replacing("sources: \(own.replacing(",", with: ", ")),", with: "")
            .replacing(AppsInTossDemonstration.application, with: "http://127.0.0.1:\(shop.address.port)/taken")
        try #require(!text.contains("sources") && text.contains("/taken"))
        let source = HandedOut(text: text, authority: authority.certificatePEM, files: files)
        let environment = ConnectorEnvironment(
            connection: "apps-in-toss", exchange: client, time: SystemTime(), random: SystemRandom(), identities: client)
        connector = try AppsInTossConnector(settings: Settings(file: "c.json5", source: source), environment: environment)
        let proxies = TrustedProxies([try #require(AddressRange("127.0.0.1"))])
        gateway = Gateway(
            connections: ["apps-in-toss": connector], exchange: client, time: SystemTime(),
            configuration: Gateway.Configuration(connectTimeout: .seconds(60), trustedProxies: proxies))
        try await gateway.open()
        let door = try HTTPServer(
            group: group, address: loopback, configuration: gateway.callbackServerConfiguration(), handler: CallbackDoor(gateway))
        callbacks = "http://127.0.0.1:\(door.address.port)/apps-in-toss/-/callbacks"
        self.group = group
        self.client = client
        self.sandbox = sandbox
        self.application = application
        servers = [provider, shop, door]
        schedule = Task { await sandbox.run() }
    }

    func end() async {
        schedule.cancel()
        await schedule.value
        for server in servers.reversed() { await server.shutdown(deadline: .zero) }
        await client.shutDown()
        group.stop()
    }

    /// What the application got, once there is as much as `count`.
    func taken(_ count: Int) async throws -> [JSON] {
        let limit = ContinuousClock.now + .seconds(120)
        while application.taken.withLock({ $0.count }) < count, ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(10)) }
        return application.taken.withLock { $0 }
    }

    /// A call of the table as the application makes it.
    func call(_ name: String, _ body: JSON = [:], _ fields: HTTPFields = [:]) async throws -> HTTPResponse {
        let api = try #require(AppsInTossRoutes.row(named: name))
        var fields = fields
        fields.append("Host", "127.0.0.1")
        if case .key = api.user { fields.append("x-toss-user-key", String(AppsInTossDemonstration.userKey)) }
        return await gateway.respond(
            to: HTTPRequest(
                method: api.route.method, target: "/apps-in-toss" + api.path, fields: fields,
                body: api.route.method == .get ? [] : body.bytes),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    @discardableResult
    func control(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let response = await sandbox.respond(
            to: HTTPRequest(method: method, target: path, fields: ["Host": "127.0.0.1"], body: body?.bytes ?? []),
            from: HTTPPeer(address: "127.0.0.1", port: 40_000))
        try #require((200...204).contains(response.status), "\(path): \(response.text)")
        return response.connectorJSON ?? .null
    }
}

@Suite("Apps in Toss connector: against the sandbox over mutual TLS")
struct ConnectorAgainstSandboxTests {
    private func withBoth(_ body: (ConnectorAndSandbox) async throws -> Void) async throws {
        let both = try await ConnectorAndSandbox()
        do {
            try await body(both)
        } catch {
            await both.end()
            throw error
        }
        await both.end()
    }

    private static func make(_ both: ConnectorAndSandbox, _ order: String) async throws -> JSON {
        let made = try await both.call(
            "make-payment",
            ["orderNo": .string(order), "productDesc": "사과", "amount": 1000, "amountTaxFree": 0, "isTestPayment": true])
        let token = try #require(made.connectorJSON?["success"]?["payToken"])
        try await both.control(.post, "/-/apps-in-toss/payments/\(token.string ?? "")/authenticate", [:])
        return token
    }

    @Test("From consent to the plain personal data: the sandbox knows the mini-app by the certificate that the gateway shows")
    func login() async throws {
        try await withBoth { both in
            let code = try await both.control(.post, "/-/apps-in-toss/codes", [:])["authorizationCode"] ?? .null
            let tokens = try await both.call("generate-token", ["authorizationCode": code, "referrer": "DEFAULT"])
            #expect(tokens.result == "success", "\(tokens.text)")
            let token = try #require(tokens.connectorJSON?["success"]?["accessToken"]?.string)
            let sealed = try await both.call("login-me", [:], ["Authorization": "Bearer \(token)"])
            let open = try await both.call("login-me", [:], ["Authorization": "Bearer \(token)", "Bujeol-Open": "fields"])
            #expect(open.connectorJSON?["success"]?["userKey"]?.integer == Int64(AppsInTossDemonstration.userKey))
            let gender = open.connectorJSON?["success"]?["gender"]?.string
            #expect(gender == "MALE" || gender == "FEMALE")
            #expect(sealed.connectorJSON?["success"]?["gender"]?.string != gender)
            let again = try await both.call("generate-token", ["authorizationCode": code, "referrer": "DEFAULT"])
            #expect(again.result == "fail")
            #expect(again.fields["Bujeol-Error-Code"] == "invalid_grant")
            #expect(again.connectorJSON == ["error": "invalid_grant"])
        }
    }

    @Test("A payment whose answer is lost is found paid; one whose answer leaves it open too; neither is executed twice")
    func payment() async throws {
        try await withBoth { both in
            let first = try await ConnectorAgainstSandboxTests.make(both, "order-1")
            try await both.control(.post, "/-/faults", ["kind": "truncate", "route": "execute-payment"])
            let lost = try await both.call("execute-payment", ["payToken": first, "orderNo": "order-1", "isTestPayment": true])
            #expect(lost.outcome == "unknown")
            #expect(lost.connectorJSON?["effect"] == "done", "\(lost.text)")
            #expect(lost.connectorJSON?["payStatus"] == "PAY_COMPLETE")
            let twice = try await both.call("execute-payment", ["payToken": first, "orderNo": "order-1", "isTestPayment": true])
            #expect(twice.fields["Bujeol-Error-Code"] == "PAYMENT_EXISTING_PAYMENT")

            let second = try await ConnectorAgainstSandboxTests.make(both, "order-2")
            try await both.control(
                .post, "/-/apps-in-toss/faults", ["result_type": "HTTP_TIMEOUT", "when": "after", "route": "execute-payment"])
            let open = try await both.call("execute-payment", ["payToken": second, "orderNo": "order-2", "isTestPayment": true])
            #expect(open.result == "unknown")
            #expect(open.fields["Bujeol-Effect"] == "done", "\(open.text)")
            #expect(open.fields["Bujeol-Pay-Status"] == "PAY_COMPLETE")

            try await both.control(.post, "/-/faults", ["kind": "truncate", "route": "refund-payment"])
            let refund = try await both.call("refund-payment", ["payToken": second, "reason": "변심", "isTestPayment": true])
            #expect(refund.connectorJSON?["effect"] == "done", "\(refund.text)")
        }
    }

    @Test("A grant whose answer is lost is found granted, and its key recognised when it comes again")
    func promotion() async throws {
        try await withBoth { both in
            let key = try #require(try await both.call("get-key").connectorJSON?["success"]?["key"])
            let body: JSON = ["promotionCode": .string(AppsInTossDemonstration.promotion), "key": key, "amount": 100]
            try await both.control(.post, "/-/faults", ["kind": "truncate", "route": "execute-promotion"])
            let lost = try await both.call("execute-promotion", body)
            #expect(lost.connectorJSON?["effect"] == "done", "\(lost.text)")
            #expect(lost.connectorJSON?["executionResult"] == "SUCCESS")
            let again = try await both.call("execute-promotion", body)
            #expect(again.fields["Bujeol-Repeated"] == "true")
            #expect(again.fields["Bujeol-Error-Code"] == "4113")
        }
    }

    @Test(
        "The sandbox's callbacks from documented addresses reach the application through the callback listener; from elsewhere they do not")
    func callbacks() async throws {
        try await withBoth { both in
            let app = "/-/apps-in-toss/apps/\(AppsInTossDemonstration.app)"
            try await both.control(
                .put, app,
                [
                    "unlink": [
                        "url": .string(both.callbacks + "/unlink"), "method": "GET",
                        "basic_text": .string(AppsInTossDemonstration.unlinkBasicText),
                    ],
                    "webhook": [
                        "url": .string(both.callbacks + "/subscription"), "secret": .string(AppsInTossDemonstration.webhookSecret),
                    ],
                ])
            try await both.control(.put, "/-/apps-in-toss/settings", ["callback_source": "foreign:203.0.113.9"])
            try await both.control(.post, "/-/apps-in-toss/codes", [:])
            try await both.control(.post, "/-/apps-in-toss/users/\(AppsInTossDemonstration.userKey)/unlink", ["reason": "WITHDRAWAL_TERMS"])
            let limit = ContinuousClock.now + .seconds(120)
            func refused() -> Bool { both.connector.environment.metrics.text.contains("kind=\"unlink\",result=\"refused-source\"} 1") }
            while !refused(), ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(10)) }
            #expect(refused())
            #expect(try await both.taken(0).isEmpty)

            try await both.control(.put, "/-/apps-in-toss/settings", ["callback_source": "documented"])
            try await both.control(.post, "/-/apps-in-toss/webhook/verify", [:])
            try await both.control(.post, "/-/apps-in-toss/subscriptions", [:])
            let taken = try await both.taken(1)
            #expect(taken.first?["type"] == "subscription")
            #expect(taken.first?["event"]?["changeReason"] == "CREATED")
            try await both.control(.post, "/-/apps-in-toss/codes", [:])
            try await both.control(.post, "/-/apps-in-toss/users/\(AppsInTossDemonstration.userKey)/unlink", ["reason": "UNLINK"])
            let all = try await both.taken(2)
            #expect(all.contains { $0["type"] == "unlink" && $0["referrer"] == "UNLINK" })
        }
    }

    @Test("A certificate that the console has disabled makes the connection unready, in the provider's own words")
    func disabledCertificate() async throws {
        try await withBoth { both in
            #expect(try await both.call("get-key").result == "success")
            #expect(await both.connector.readiness().isReady)
            let list = try await both.control(.get, "/-/apps-in-toss/certificates")
            let id = try #require(list["certificates"]?[0]?["id"]?.integer)
            try await both.control(.post, "/-/apps-in-toss/certificates/\(id)/disable", [:])
            let refused = try await both.call("get-key")
            #expect(refused.fields["Bujeol-Error-Code"] == "4010", "\(refused.text)")
            let readiness = await both.connector.readiness()
            #expect(!readiness.isReady)
            try await both.control(.post, "/-/apps-in-toss/certificates/\(id)/enable", [:])
            #expect(try await both.call("get-key").result == "success")
            #expect(await both.connector.readiness().isReady)
        }
    }
}
