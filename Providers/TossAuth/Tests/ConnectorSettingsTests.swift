import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth connector: settings")
struct ConnectorSettingsTests {
    private static let authority = try? CertificateAuthority(
        name: "made up", validity: CertificateValidity(from: Timestamp(unixSeconds: 1_767_225_600), days: 30))
    private static let files = [
        "sandbox.pem": ServiceKey.sandbox.key.pem, "production.pem": ServiceKey.production.key.pem,
        "ca.pem": authority?.certificatePEM ?? "",
        "odd.pem": "nothing", "secret.txt": "test_b\n",
    ]

    private func connector(
        _ text: String, callers: CallerRegistry = CallerRegistry([])
    ) throws(ConfigurationError) -> TossAuthConnector? {
        let environment = ConnectorEnvironment(
            connection: "toss", exchange: Nobody(), time: ManualTime(), random: SystemRandom(), callers: callers)
        let files = ConnectorSettingsTests.files.merging(["c.json5": text]) { $1 }
        let settings = try Settings(file: "c.json5", source: ConnectorFiles(files: files))
        return try TossAuthConnector.makeConnector(settings, environment) as? TossAuthConnector
    }

    private struct Nobody: HTTPExchange {
        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody is there")
        }
    }

    private static let test = "clientID: \"test_a\", clientSecret: \"test_b\""

    @Test("With id and secret alone the real hosts are called with the published key")
    func least() throws {
        let connector = try #require(try connector("{ clientID: \"a\", clientSecret: \"b\" }"))
        #expect(connector.configuration.place == .live)
        #expect(connector.configuration.key == .production)
        #expect(connector.configuration.options.keepResult == .seconds(3600))
        #expect(connector.configuration.options.signatureAuthorities == nil)
        #expect(connector.deadline == .seconds(30))
        #expect(connector.configuration.credentials.origin.host == "oauth2.cert.toss.im")
    }

    @Test("Everything that may be said is taken")
    func everything() throws {
        let text = """
            { provider: "toss-auth", clientID: "test_a", clientSecret: { file: "secret.txt" }, base: "https://127.0.0.1:8643/toss-auth",
              trust: "ca.pem", publicKey: "sandbox.pem", verifySignature: { authorities: "ca.pem" }, validateCertificate: true, keepResult: "10m",
              ageRule: "ageGroup,calendarYear:20", deadline: "20s", connectTimeout: "2s", readTimeout: "8s", requireCaller: true }
            """
        let callers = CallerRegistry([.init(name: "a", id: "a", key: Secret("b"))])
        let configuration = try #require(try connector(text, callers: callers)).configuration
        #expect(configuration.place.pathPrefix == "/toss-auth")
        #expect(configuration.place.token == configuration.place.service)
        #expect(configuration.key.kind == .knownTest)
        #expect(configuration.options.signatureAuthorities?.count == 1)
        #expect(configuration.options.validatesCertificates)
        #expect(configuration.options.keepResult == .seconds(600))
        #expect(configuration.options.connectTimeout == .seconds(2) && configuration.options.readTimeout == .seconds(8))
        #expect(configuration.ageRule.description == "ageGroup,calendarYear:20")
        #expect(configuration.deadline == .seconds(20))
        #expect(configuration.requireCaller && configuration.trust != nil)
    }

    @Test("A mistake is told with its line and in words that mend it, and no secret is in it")
    func mistakes() {
        let test = ConnectorSettingsTests.test
        let base = "base: \"http://127.0.0.1:8600/toss-auth\""
        let cases: [(text: String, line: Int, word: String)] = [
            ("{ \(test),\n clientId: \"x\" }", 2, "unknown setting \"clientId\""),
            ("{\n clientSecret: \"b\" }", 1, "\"clientID\" is missing"),
            ("{\n clientID: \"a\" }", 1, "\"clientSecret\" is missing"),
            ("{ clientSecret: \"b\",\n clientID: \"a b\" }", 2, "neither spaces"),
            ("{ clientID: \"test_a\",\n clientSecret: \"hidden\" }", 2, "only one of clientID and clientSecret"),
            ("{ clientID: \"a\",\n clientSecret: \"test_hidden\" }", 2, "only one of clientID and clientSecret"),
            ("{ \(test),\n base: \"https://cert.toss.im\" }", 2, "leave it out for the real Toss Auth"),
            ("{ \(test),\n base: \"https://CERT.toss.im./x\" }", 2, "leave it out for the real Toss Auth"),
            ("{ \(test),\n base: \"https://117.52.3.222\" }", 2, "leave it out for the real Toss Auth"),
            ("{ \(test),\n base: \"http://211.115.96.221:80\" }", 2, "leave it out for the real Toss Auth"),
            ("{ \(test),\n base: \"https://[::ffff:117.52.3.235]/x\" }", 2, "leave it out for the real Toss Auth"),
            ("{ \(test),\n base: \"ftp://x\" }", 2, "must be https://"),
            ("{ \(test),\n publicKey: \"sandbox.pem\" }", 2, "cannot be used at the real host"),
            ("{ \(test),\n \(base) }", 2, "GET /-/toss-auth/public-key"),
            ("{ \(test), \(base),\n publicKey: \"production.pem\" }", 2, "GET /-/toss-auth/public-key"),
            ("{ \(test), \(base),\n publicKey: \"absent.pem\" }", 2, "absent.pem cannot be read"),
            ("{ \(test), \(base),\n publicKey: \"odd.pem\" }", 2, "BEGIN PUBLIC KEY"),
            ("{ \(test), \(base),\n publicKey: \"ca.pem\" }", 2, "a certificate"),
            ("{ \(test),\n trust: \"odd.pem\" }", 2, "no certificate to trust"),
            ("{ \(test), verifySignature:\n { } }", 2, "\"authorities\" is missing"),
            ("{ \(test), verifySignature: {\n authorities: \"odd.pem\" } }", 2, "no certificate in odd.pem"),
            ("{ \(test), verifySignature: {\n authority: \"ca.pem\" } }", 2, "unknown setting"),
            ("{ \(test),\n verifySignature: true }", 2, "must be an object"), ("{ \(test),\n validateCertificate: 1 }", 2, "true or false"),
            ("{ \(test),\n keepResult: \"61m\" }", 2, "0ms to 3600s"), ("{ \(test),\n ageRule: \"fullYears:0\" }", 2, "calendarYear:19"),
            ("{ \(test),\n deadline: \"11m\" }", 2, "1s to 600s"), ("{ \(test),\n connectTimeout: \"1ms\" }", 2, "100ms to 60s"),
            ("{ \(test),\n readTimeout: \"5\" }", 2, "30s, 500ms"), ("{ \(test),\n requireCaller: true }", 2, "there are no callers"),
        ]
        for (text, line, word) in cases {
            do throws(ConfigurationError) {
                _ = try connector(text)
                Issue.record("taken: \(text)")
            } catch {
                #expect(error.line == line, "\(text): \(error)")
                #expect(error.message.english.contains(word), "\(error)")
                #expect(!error.message.korean.isEmpty && !"\(error)\(error.message.korean)".contains("hidden"))
            }
        }
    }

    @Test("The demonstration's settings make a connector of the published test client at the sandbox")
    func demonstration() throws {
        let place = DemonstrationPlace(base: "http://127.0.0.1:8600/toss-auth", authorityFile: "ca.pem", folder: "folder")
        let text = TossAuthConnector.demonstration(place).replacing("folder/public-key.pem", with: "sandbox.pem")
        let configuration = try #require(try connector(text)).configuration
        #expect(configuration.credentials.clientID == TossAuthDemonstration.clientID)
        #expect(configuration.credentials.isTest && !configuration.credentials.mixesTestAndLive)
        #expect(configuration.place.service.port == 8600)
        #expect(configuration.options.signatureAuthorities?.count == 1)
        let lines = TossAuthConnector.introduction(base: "http://127.0.0.1:8700/toss-auth")
        #expect(lines.count == 2)
        #expect(lines[1].english.contains("http://127.0.0.1:8700/toss-auth/api/v2/sign/user/auth/id/request"))
    }

    @Test("Every route that a call can have is in the list that metrics are made of; the token's is none of them")
    func routes() throws {
        let connector = try #require(try connector("{ \(ConnectorSettingsTests.test) }"))
        let names = Set(connector.routes.map(\.name))
        for row in TossAuthRoutes.all where row.purpose != .token {
            #expect(connector.route(of: Call(method: .post, path: row.path))?.name == row.name)
            #expect(names.contains(row.name))
        }
        #expect(connector.route(of: Call(method: .post, path: "/token")) == nil)
        #expect(connector.route(of: Call(method: .head, path: "/-/transactions/a"))?.name == "transaction")
        #expect(connector.route(of: Call(method: .delete, path: "/-/transactions/a"))?.name == "transaction-forget")
        #expect(names.isSuperset(of: ["transaction", "transaction-forget"]) && !names.contains("token"))
    }
}
