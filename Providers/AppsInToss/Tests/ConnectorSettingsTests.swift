import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss connector: settings")
struct ConnectorSettingsTests {
    private func complaint(
        _ text: String, files: [String: String] = [:], callers: CallerRegistry = CallerRegistry([]), isCheck: Bool = true
    ) -> ConfigurationError? {
        let time = ConnectorClock()
        let exchange = ScriptedAppsInToss()
        let environment = ConnectorEnvironment(
            connection: "toss", exchange: exchange, time: time, random: SeededRandom(), callers: callers,
            identities: isCheck ? nil : exchange)
        let all = ConnectorIdentities.files.merging(files) { $1 }.merging(["c.json5": text]) { $1 }
        do throws(ConfigurationError) {
            _ = try AppsInTossConnector.makeConnector(Settings(file: "c.json5", source: ConnectorFiles(files: all)), environment)
            return nil
        } catch {
            return error
        }
    }

    private static let pair = "certificate: \"c.pem\", key: { file: \"k.pem\" }"

    @Test("Everything that may be said is accepted, by a check and by a gateway")
    func everything() {
        let text = """
            { provider: "apps-in-toss", app: "shop", certificates: [ { \(ConnectorSettingsTests.pair) }, { certificate: { file: "c.pem" },
                key: { file: "k.pem" }, activeFrom: "2026-11-01T00:00:00+09:00" } ],
              base: "https://127.0.0.1:8643/apps-in-toss", trust: "ca.pem",
              personalDataKey: "\(AppsInTossDemonstration.personalDataKey)", additionalData: "TOSS",
              limit: { perMinute: 2000, perSecond: 40, reserved: 10, transit: "1s" },
              callbacks: { sources: ["127.0.0.1", "117.52.3.80~87"], unlinkBasicText: "a", webhookSecret: "b",
                deliverTo: "http://127.0.0.1:3000/toss" },
              deadline: "10s", connectTimeout: "2s", readTimeout: "8s", requireCaller: true }
            """
        let callers = CallerRegistry([.init(name: "a", id: "a", key: Secret("b"))])
        for isCheck in [true, false] { #expect(complaint(text, callers: callers, isCheck: isCheck)?.description == nil) }
        #expect(complaint("{ \(ConnectorSettingsTests.pair) }") == nil)
    }

    @Test("A mistake is told with its line and in words that mend it")
    func mistakes() {
        let pair = ConnectorSettingsTests.pair
        let proofs = "unlinkBasicText: \"a\", deliverTo: \"http://127.0.0.1:3000\""
        let cases: [(text: String, line: Int, word: String)] = [
            ("{ \(pair),\n certificat: \"x\" }", 2, "unknown setting \"certificat\""),
            ("{\n app: \"shop\" }", 1, "\"certificate\" and \"key\" are missing"),
            ("{\n certificate: \"c.pem\" }", 1, "\"key\" is missing"),
            ("{ key: { file: \"k.pem\" },\n certificate: \"absent.pem\" }", 2, "absent.pem"),
            ("{ certificate: \"c.pem\",\n key: { file: \"other.pem\" } }", 2, ""),
            ("{ key: { file: \"k.pem\" },\n certificate: \"damaged.pem\" }", 2, ""),
            ("{ \(pair),\n app: \"other\" }", 1, "other"),
            ("{ \(pair),\n base: \"http://127.0.0.1:8600/apps-in-toss\" }", 2, "must be https://"),
            ("{ \(pair),\n trust: \"absent.pem\" }", 2, "cannot be read"),
            ("{ \(pair),\n trust: \"k.pem\" }", 2, "no certificate to trust"),
            ("{ \(pair),\n personalDataKey: \"QUJD\", additionalData: \"TOSS\" }", 2, "32 bytes"),
            ("{ \(pair),\n personalDataKey: \"QUJD\" }", 2, "go together"), ("{ \(pair),\n additionalData: \"TOSS\" }", 2, "go together"),
            ("{ \(pair), limit: {\n perMinute: 0 } }", 2, "perMinute"),
            ("{ \(pair), limit: {\n perHour: 1 } }", 2, "unknown setting \"perHour\""),
            ("{ \(pair),\n deadline: \"11m\" }", 2, "from 1s to 600s"), ("{ \(pair),\n connectTimeout: \"1ms\" }", 2, "from 100ms to 60s"),
            ("{ \(pair),\n readTimeout: \"301s\" }", 2, "from 1s to 300s"),
            ("{ \(pair),\n requireCaller: true }", 2, "there are no callers"),
            ("{ \(pair), callbacks: {\n unlinkBasicText: \"a\" } }", 1, "\"deliverTo\" is missing"),
            ("{ \(pair), callbacks: {\n deliverTo: \"http://127.0.0.1:3000\" } }", 1, "one of \"unlinkBasicText\""),
            ("{ \(pair), callbacks: { \(proofs),\n sources: \"all\" } }", 2, "or \"any\""),
            ("{ \(pair), callbacks: { \(proofs),\n sources: [\"117.52.3.80~79\"] } }", 2, "neither an address nor a range"),
            ("{ \(pair), callbacks: { \(proofs),\n deliver: \"x\" } }", 2, "unknown setting \"deliver\""),
            ("{ \(pair), callbacks: { unlinkBasicText: \"a\",\n deliverTo: \"shop:3000\" } }", 2, "deliverTo"),
        ]
        let damaged = (ConnectorIdentities.files["c.pem"] ?? "").replacing("M", with: "")
        for (text, line, word) in cases {
            let error = complaint(text, files: ["damaged.pem": damaged])
            #expect(error?.message.english.contains(word) == true, "\(text): \(error?.description ?? "accepted")")
            #expect(error?.line == line, "\(text): \(error?.description ?? "accepted")")
            #expect(error?.message.korean.isEmpty == false)
        }
    }

    @Test("The demonstration shows the demo mini-app's certificate to the sandbox over TLS")
    func demonstration() throws {
        let identity = try ConnectorIdentities.authority?.issueClientIdentity(
            name: AppsInTossDemonstration.app, validity: CertificateValidity(from: ConnectorIdentities.start, days: 390))
        let place = DemonstrationPlace(
            base: "http://127.0.0.1:8600/apps-in-toss", secureBase: "https://127.0.0.1:8643/apps-in-toss", authorityFile: "d \"a\"/ca.pem",
            folder: "d \"a\"/apps-in-toss")
        let text = AppsInTossConnector.demonstration(place)
        let files = [
            "d \"a\"/apps-in-toss/bujeol-demo_public.crt": identity?.certificateChainPEM ?? "",
            "d \"a\"/apps-in-toss/bujeol-demo_private.key": ConnectorIdentities.key(identity),
            "d \"a\"/ca.pem": ConnectorIdentities.files["ca.pem"] ?? "",
        ]
        #expect(complaint(text, files: files)?.description == nil)
        #expect(AppsInTossConnector.provider == "apps-in-toss")
        let lines = AppsInTossConnector.introduction(base: "http://127.0.0.1:8700/apps-in-toss")
        #expect(lines.last?.english.contains("http://127.0.0.1:8700/apps-in-toss/api-partner/v1/apps-in-toss/promotion/") == true)
    }

    @Test("Where a trial finds the certificate refused, unreachable or fine")
    func trial() throws {
        let limiter = RateLimiter(name: "qpm", limit: RateLimit(perMinute: 10, perSecond: 10), time: ConnectorClock(), records: nil)
        let success: AppsInTossAnswer = .success(["status": "NOT_FOUND"])
        #expect(CertificateCustoms.judge(success, limiter) == .accepted)
        #expect(CertificateCustoms.judge(.refusal(AppsInTossRefusal(.invalidParameter)), limiter) == .accepted)
        #expect(CertificateCustoms.judge(nil, limiter) == .unreachable("unreadable-answer"))
        #expect(
            CertificateCustoms.judge(.refusal(AppsInTossRefusal("X", resultType: .httpTimeout)), limiter) == .unreachable("outcome-unknown")
        )
        for code in [AppsInTossErrorCode.unauthenticated, .miniAppUnknown] {
            guard case .refused(let why) = CertificateCustoms.judge(.refusal(AppsInTossRefusal(code)), limiter) else {
                Issue.record("\(code) is no refusal of the certificate")
                continue
            }
            #expect(why.english.contains(code.rawValue))
        }
        #expect(!limiter.isBlocked)
        #expect(CertificateCustoms.judge(.refusal(.limited(retryAfterSeconds: 30)), limiter) == .unreachable("limit-exceeded"))
        #expect(limiter.isBlocked)
    }

    @Test("An answer says that the caller is known, or nothing; a certificate is never condemned by an answer alone")
    func verdicts() {
        func verdict(_ body: String) -> IdentityVerdict { CertificateCustoms.verdict(HTTPResponse(status: 200, body: Array(body.utf8))) }
        #expect(verdict("{\"resultType\":\"SUCCESS\",\"success\":{}}") == .accepted)
        #expect(verdict("{ \"success\": {}, \"resultType\": \"SUCCESS\" }") == .accepted)
        #expect(verdict("{\"resultType\":\"FAIL\",\"error\":{\"errorCode\":\"4113\"}}") == .accepted)
        #expect(verdict("{\"error\":\"invalid_grant\"}") == .accepted)
        #expect(verdict("{\"resultType\":\"FAIL\",\"error\":{\"errorCode\":\"4010\"}}") == .unclear)
        #expect(verdict("{\"resultType\":\"FAIL\",\"error\":{\"errorCode\":4050}}") == .unclear)
        #expect(verdict("{\"resultType\":\"HTTP_TIMEOUT\"}") == .unclear)
        #expect(verdict("<html>") == .unclear)
    }
}
