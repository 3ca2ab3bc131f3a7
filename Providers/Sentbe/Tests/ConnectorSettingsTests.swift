import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: how a connection is configured")
struct ConnectorSettingsTests {
    private struct Source: SettingsSource {
        var text: String
        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) { (Array(text.utf8), false) }
        func environment(_ name: String) -> String? { nil }
    }

    private let lines = Locked<[String]>([])

    private func connector(_ text: String) throws(ConfigurationError) -> SentbeConnector {
        let lines = lines
        let log = Log(time: ManualTime()) { line in lines.withLock { $0.append(line) } }
        return try SentbeConnector(
            settings: Settings(file: "bujeol.json5", source: Source(text: text)),
            environment: ConnectorEnvironment(
                connection: "sentbe", exchange: ScriptedSentbe(), time: ManualTime(), random: SeededRandom(), log: log))
    }

    private func complaint(_ text: String) -> ConfigurationError? {
        do throws(ConfigurationError) { _ = try connector(text) } catch { return error }
        return nil
    }

    private let base = "partnerID: \"1\", accessID: \"a\", secretKey: \"s\", origin: \"https://api.example/base/\""

    @Test("Everything that is set arrives; what is not has its default")
    func values() throws {
        let plain = try connector("{ provider: \"sentbe\", \(base) }")
        #expect(plain.deadline == .seconds(20))
        #expect(plain.configuration.origin.host == "api.example")
        #expect(plain.configuration.pathPrefix == "/base")
        #expect(plain.credentials?.longestSignature == 16_384)
        #expect(plain.credentials?.dialect == .rubyAndJavaScript)
        #expect(plain.configuration.application == nil)
        let full = try connector(
            "{ \(base), generation: 1, dialect: \"php\", keyHeader: \"old\", headerLimit: 8000, connectTimeout: \"2s\", readTimeout: \"7s\", application: \"http://127.0.0.1:3000/hooks/sentbe\" }"
        )
        #expect(full.deadline == .seconds(9))
        #expect(full.credentials?.dialect == .php)
        #expect(full.credentials?.keyStyle == .old)
        #expect(full.credentials?.longestSignature == 8_000)
        #expect(full.configuration.application?.path == "/hooks/sentbe")
        #expect(full.configuration.application?.origin.port == 3_000)
    }

    @Test("The demo's settings make a connection, and its introduction a line to paste")
    func demonstration() throws {
        let connector = try connector(SentbeConnector.demonstration(DemonstrationPlace(base: "http://127.0.0.1:8600/sentbe")))
        #expect(connector.configuration.pathPrefix == "/sentbe")
        #expect(connector.credentials?.accessID == Secret("test_id"))
        #expect(SentbeConnector.introduction(base: "http://x/sentbe").contains { $0.english.contains("curl -s http://x/sentbe/") })
    }

    @Test("A secret beyond ASCII is taken with a warning that does not hold it")
    func portable() throws {
        _ = try connector("{ partnerID: \"1\", accessID: \"a\", secretKey: \"비밀번호\", origin: \"https://api.example\" }")
        let warnings = lines.withLock { $0 }
        #expect(warnings.count == 1)
        #expect(warnings[0].contains("beyond ASCII") && !warnings[0].contains("비밀"))
    }

    @Test(
        "What is missing or wrong is named with its line",
        arguments: [
            ("{\n accessID: \"a\", secretKey: \"s\", origin: \"https://x\" }", "partnerID", 1),
            ("{ partnerID: \"1\", secretKey: \"s\", origin: \"https://x\" }", "accessID", 1),
            ("{ partnerID: \"1\", accessID: \"a\", origin: \"https://x\" }", "secretKey", 1),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\" }", "not public", 1),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\",\n\n origin: \"ftp://x\" }", "origin", 3),
            ("{ partnerID: \"한\", accessID: \"a\", secretKey: \"s\", origin: \"https://x\" }", "partnerID", 1),
            ("{ partnerID: \"1\", accessID: \"a b\", secretKey: \"s\", origin: \"https://x\" }", "accessID", 1),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\", origin: \"https://x\",\n dialect: \"java\" }", "dialect", 2),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\", origin: \"https://x\",\n keyHeader: \"hmac\" }", "keyHeader", 2),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\", origin: \"https://x\",\n headerLimit: 10 }", "headerLimit", 2),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\", origin: \"https://x\",\n readTimeout: \"1h\" }", "readTimeout", 2),
            ("{ partnerID: \"1\", accessID: \"a\", secretKey: \"s\", origin: \"https://x\",\n hmacSecret: \"h\" }", "unknown setting", 2),
            ("{ generation: 2, apiKey: \"k\", hmacSecret: \"h\", origin: \"https://x\" }", "dataSecret", 1),
            (
                "{ generation: 2, apiKey: \"k\", hmacSecret: \"h\", dataSecret: \"d\", origin: \"https://x\",\n urlForm: \"all\" }",
                "urlForm", 2
            ),
            ("{ generation: 3, origin: \"https://x\" }", "generation", 1),
        ])
    func complaints(_ text: String, _ word: String, _ line: Int) throws {
        let error = try #require(complaint(text))
        #expect(error.message.english.contains(word))
        #expect(error.line == line)
        #expect(error.message.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) })
    }
}
