import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: settings, readiness and privacy")
struct ConnectorSettingsTests {
    private func complaint(_ text: String, isReadableByOthers: Bool = false) -> ConfigurationError? {
        let environment = ConnectorEnvironment(
            connection: "wpay", exchange: ScriptedWPay(SystemTime()) { _, _ in .abort }, time: SystemTime(), random: SeededRandom())
        do throws(ConfigurationError) {
            let settings = try Settings(
                file: "bujeol.json5", source: ConnectorSource(text: text, isReadableByOthers: isReadableByOthers))
            _ = try WPayConnector.makeConnector(settings, environment)
            return nil
        } catch {
            return error
        }
    }

    @Test("A mistake is told with its line and in words that mend it")
    func mistakes() {
        let keys = ConnectorHouse.keys
        let cases: [(text: String, line: Int?, word: String)] = [
            ("{ \(keys), environment: \"test\",\n hashkey: \"k\" }", 2, "unknown setting \"hashkey\""),
            ("{\n environment: \"test\" }", 1, "\"mid\" is missing"),
            ("{ mid: \"INIwpayT03\" }", 1, "\"hashKey\" is missing"),
            ("{ mid:\n \"INI wpay\" }", 2, "at most 10 letters and digits"),
            ("{ \(keys) }", 1, "one of \"environment\""),
            ("{ \(keys), environment: \"test\",\n origin: \"http://127.0.0.1:8600/wpay\" }", 2, "exclude each other"),
            ("{ \(keys),\n environment: \"development\" }", 2, "\"test\" or \"live\""),
            ("{ \(keys),\n origin: \"127.0.0.1\" }", 2, "http(s)://"),
            ("{ \(keys), environment: \"test\",\n allowedHosts: [\"https://\"] }", 2, "inicis.com"),
            ("{ \(keys), environment: \"test\",\n allowedHosts: [\"a.example:8443\"] }", 2, "inicis.com"),
            ("{ \(keys), environment: \"test\",\n iniAPIKey: \"k\" }", 2, "clientAddress"),
            ("{ \(keys), environment: \"test\",\n autoPaySeedIV: \"k\" }", 2, "needs \"autoPayMid\""),
            ("{ \(keys), environment: \"test\", autoPayMid: \"INIautoT03\",\n autoPayHashKey: \"k\" }", 1, "\"autoPaySeedKey\" is missing"),
            ("{ \(keys), environment: \"test\",\n autoPayIniAPIKey: \"k\" }", 2, "needs \"iniAPIKey\""),
            ("{ \(keys), environment: \"test\", iniAPIKey: \"k\",\n clientAddress: \"here\" }", 2, "203.0.113.7"),
            ("{ \(keys), environment: \"test\",\n connectTimeout: \"10ms\" }", 2, "from 100ms to 60s"),
            ("{ \(keys), environment: \"test\",\n readTimeout: \"10m\" }", 2, "from 1s to 300s"),
            ("{ \(keys), environment: \"test\",\n deadline: \"0s\" }", 2, "from 1s to 600s"),
            ("{ \(keys), environment: \"test\",\n application: \"shop:3000\" }", 2, "http(s)://host[:port]/path"),
            ("{ \(keys), environment: \"test\",\n returnBase: \"/wpay\" }", 2, "https://pay.shop.example/wpay"),
            (
                "{ mid: \"INIwpayT03\", hashKey: \"h\",\n seedKey: \"AAEC\",\n seedIV: \"MADE-UP-IV-16-BY\", environment: \"test\" }", 2,
                "16 bytes"
            ),
            (
                "{ mid: \"INIwpayT03\", hashKey: \"h\", seedKey: \"AAECAwQFBgcICQoLDA0ODw==\",\n seedIV: \"short\", environment: \"test\" }",
                2, "16 ASCII"
            ),
        ]
        for (text, line, word) in cases {
            let error = complaint(text)
            #expect(error?.message.english.contains(word) == true, "\(text): \(error?.description ?? "accepted")")
            #expect(error?.line == line, "\(text)")
            #expect(error?.message.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } == true)
        }
    }

    @Test("Keys may come from files and the environment; in a file that others can read they are refused and not repeated")
    func keys() {
        let text = "{ \(ConnectorHouse.keys), environment: \"test\" }"
        let error = complaint(text, isReadableByOthers: true)
        #expect(error?.message.english.contains("chmod 600") == true && error?.description.contains("made-up") == false)
        let apart = """
            { mid: "INIwpayT03", hashKey: { file: "key" }, seedKey: { env: "KEY" }, seedIV: { env: "KEY" }, environment: "live" }
            """
        // The environment's text is no SEED key, which proves that it was read.
        #expect(complaint(apart, isReadableByOthers: true)?.message.english.contains("16 bytes") == true)
    }

    @Test("The demonstration settings serve, and the introduction's first line works when pasted")
    func demonstration() async throws {
        let time = ManualTime()
        let wpay = ScriptedWPay(time) { _, _ in ScriptedWPay.answer("0000") }
        let text = WPayConnector.demonstration(DemonstrationPlace(base: "http://127.0.0.1:8600/wpay"))
        let connector = try WPayConnector.makeConnector(
            Settings(file: "demo", source: ConnectorSource(text: text)),
            ConnectorEnvironment(connection: "wpay", exchange: wpay, time: time, random: SeededRandom()))
        #expect(await connector.readiness().isReady)
        let line = try #require(WPayConnector.introduction(base: "http://127.0.0.1:8700/wpay").first { $0.english.contains("/start/") })
        let words = line.english.split(separator: " ")
        let data = words.indices.filter { words[$0] == "-d" }.map { words[$0 + 1] }.joined(separator: "&")
        let call = Call(method: .post, path: "/start/memreg", fields: ["Accept": "application/json"], body: Array(data.utf8))
        let reply = try await connector.answerItself(call, from: HTTPPeer(address: "127.0.0.1", port: 1))
        #expect(try JSON(reply?.body ?? [])["action"] == "http://127.0.0.1:8600/wpay/stdwpay/std/u/v1/memreg")
    }

    @Test("Every call that can be counted has its row, and a row of an approval never says that it may be repeated")
    func routes() throws {
        let house = ConnectorEnvironment(
            connection: "wpay", exchange: ScriptedWPay(SystemTime()) { _, _ in .abort }, time: SystemTime(), random: SeededRandom())
        let connector = try ConnectorHouse.connector(ConnectorHouse.keys + ", environment: \"test\"", house)
        let names = Set(connector.routes.map(\.name))
        for api in WPayTables.all where !api.isPage {
            let path = api.path(site: "kbstar") ?? ""
            let route = connector.route(of: Call(method: api.method, path: path))
            #expect(route.map { names.contains($0.name) } == true, "\(api.identifier)")
            #expect(route?.effect.mayBeRepeated == false || api.undoneBy == nil)
        }
        for (path, name) in [("/start/payauth/card", "start"), ("/return/memreg", "return"), ("/results/W", "results")] {
            #expect(connector.route(of: Call(method: .post, path: path))?.name == name)
        }
        #expect(connector.route(of: Call(method: .post, path: "/iniapi/refund"))?.effect == .movesMoney(enquiry: nil))
        #expect(connector.route(of: Call(method: .post, path: "/unheard")) == nil)
    }

    @Test("No key, no name and no number stands in a log line, a metric, a problem document or a page")
    func privacy() async throws {
        let house = try ConnectorHouse(", iniAPIKey: \"DocsOnlyIniApiKey\", clientAddress: \"203.0.113.7\"") { sent, _ in
            if sent.request.target.hasSuffix("payappl/card") { throw ScriptedWPay.lost }
            return HTTPResponse(status: 200, body: Array("<html>홍길동".utf8))
        }
        let person = ConnectorHouse.person
        var texts: [String] = []
        func keep(_ answer: ConnectorHouse.Answer) {
            texts.append(answer.text + answer.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
        }
        let name: JSON = .string(person.name)
        let phone: JSON = .string(person.phone)
        let form = try ConnectorHouse.authentication()
        keep(await house.send(.post, ConnectorHouse.returnPath, form.replacing("ORDER-1", with: person.phone)))
        keep(await house.send(.post, ConnectorHouse.returnPath, form, ConnectorHouse.browser))
        keep(await house.post(ConnectorHouse.approvalPath, ConnectorHouse.approval()))
        keep(
            await house.post(
                "/start/memreg", ["userId": name, "userNm": name, "hNum": phone, "hCorp": phone, "returnUrl": "https://a.example/"]))
        keep(await house.post("/stdwpay/std/rest/v1/setncnm", ["wpayUserKey": .string(person.userKey), "wpayTokenNcnm": name]))
        keep(await house.send(.post, "/stdwpay/std/rest/v1/setncnm", "\(person.phone)=\(person.name)&\(person.name)=1"))
        keep(
            await house.post(
                "/stdwpay/std/rest/v1/delpayinfo", ["wpayUserKey": .string(person.userKey), "wpayToken": .string(person.token)]))
        keep(await house.post("/iniapi/refund", ["paymethod": "Card", "tid": "T", "msg": name, "price": phone]))
        #expect(texts.count == 8 && texts.allSatisfy { !$0.isEmpty })
        texts += house.logged.withLock { $0 }
        texts.append(house.metrics.text)
        #expect(house.metrics.text.contains("bujeol_wpay_callbacks_total{connection=\"wpay\",result=\"refused\"} 1"))
        #expect(house.metrics.text.contains("bujeol_wpay_callbacks_total{connection=\"wpay\",result=\"verified\"} 1"))
        let sealed = try WPayOracle.final(person.userKey, "E")
        let secrets = [
            "made-up-hash-key", "AAECAwQF", "MADE-UP-IV", "DocsOnlyIniApiKey", person.name, person.phone, person.userKey, person.token,
            sealed,
        ]
        for text in texts { for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(text)") } }
    }
}
