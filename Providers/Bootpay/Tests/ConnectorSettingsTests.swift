import Base
import Foundation
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

@Suite("How a Bootpay connection is configured")
struct ConnectorSettingsTests {
    struct Source: SettingsSource {
        var text: String
        var isReadableByOthers = false

        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
            (Array((path == "key" ? "from-file\n" : text).utf8), path == "key" ? false : isReadableByOthers)
        }
        func environment(_ name: String) -> String? { name == "KEY" ? "from-environment" : nil }
    }

    private func connector(
        _ text: String, isReadableByOthers: Bool = false, callers: [CallerRegistry.Caller] = [],
        exchange: any HTTPExchange = ModelProvider(time: ManualTime())
    ) throws(ConfigurationError) -> any Connector {
        let settings = try Settings(file: "bujeol.json5", source: Source(text: text, isReadableByOthers: isReadableByOthers))
        return try BootpayConnector.makeConnector(
            settings,
            ConnectorEnvironment(
                connection: "bootpay", exchange: exchange, time: ManualTime(), random: SeededRandom(), callers: CallerRegistry(callers)))
    }

    private func complaint(_ text: String, isReadableByOthers: Bool = false) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try connector(text, isReadableByOthers: isReadableByOthers)
            return nil
        } catch {
            return error
        }
    }

    /// Keeps the origin and body of the token call.
    private final class Recorder: HTTPExchange {
        let sent = Locked<[(request: HTTPRequest, origin: HTTPOrigin)]>([])

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            sent.withLock { $0.append((request, origin)) }
            return HTTPResponse(status: 500)
        }
    }

    @Test(
        "Application, key and origin reach the token call, whichever way the key is given",
        arguments: [
            (#"privateKey: "literal""#, "literal"), (#"privateKey: { file: "key" }"#, "from-file"),
            (#"privateKey: { env: "KEY" }"#, "from-environment"),
        ])
    func values(_ setting: String, _ key: String) async throws {
        let recorder = Recorder()
        let connector = try connector(
            #"{ provider: "bootpay", applicationID: "5b8f", \#(setting), origin: "http://127.0.0.1:8600", deadline: "7s", renewalMargin: "2m" }"#,
            exchange: recorder)
        #expect(connector.deadline == .seconds(7))
        _ = await connector.readiness()
        let sent = recorder.sent.withLock { $0 }
        #expect(sent.map(\.origin.description) == ["http://127.0.0.1:8600"])
        #expect(try JSON(sent[0].request.body) == ["application_id": "5b8f", "private_key": .string(key)])
    }

    @Test("Without an origin, calls go to production; without a deadline, they may take 30 seconds")
    func defaults() async throws {
        let recorder = Recorder()
        let connector = try connector(#"{ applicationID: "5b8f", privateKey: "key" }"#, exchange: recorder)
        #expect(connector.deadline == .seconds(30))
        _ = await connector.readiness()
        #expect(recorder.sent.withLock { $0.map(\.origin.description) } == ["https://api.bootpay.co.kr"])
    }

    @Test("A mistake is told with its line and in words that mend it")
    func mistakes() {
        let cases: [(text: String, line: Int?, word: String)] = [
            ("{ applicationID: \"a\",\n privateKey: \"k\",\n privatekey: \"k\" }", 3, "unknown setting \"privatekey\""),
            ("{\n privateKey: \"k\" }", 1, "\"applicationID\" is missing"), ("{ applicationID: \"a\" }", 1, "\"privateKey\" is missing"),
            ("{ applicationID: \"\", privateKey: \"k\" }", 1, "empty"),
            ("{ applicationID: \"a\", privateKey: \"k\",\n origin: \"api.bootpay.co.kr\" }", 2, "https://"),
            ("{ applicationID: \"a\", privateKey: \"k\",\n\n renewalMargin: \"6m\" }", 3, "same token"),
            ("{ applicationID: \"a\", privateKey: \"k\", deadline: \"0s\" }", 1, "from 1s to 10m"),
            ("{ applicationID: \"a\", privateKey: \"k\", deadline: 30 }", 1, "deadline"),
            ("{ applicationID: \"a\", privateKey: \"k\",\n requireCaller: true }", 2, "no callers"),
            ("{ applicationID: \"a\", privateKey: { env: \"NOT_SET\" } }", 1, "NOT_SET"),
        ]
        for (text, line, word) in cases {
            let error = complaint(text)
            #expect(error?.message.english.contains(word) == true, "\(text): \(error?.description ?? "accepted")")
            #expect(error?.line == line, "\(text)")
        }
    }

    @Test("A key that stands in a file which others can read is refused, and not repeated in the complaint")
    func readableByOthers() {
        let error = complaint(#"{ applicationID: "a", privateKey: "rm6EYECr" }"#, isReadableByOthers: true)
        #expect(error?.message.english.contains("chmod 600") == true)
        #expect(error?.description.contains("rm6EYECr") == false)
        #expect(complaint(#"{ applicationID: "a", privateKey: { file: "key" } }"#, isReadableByOthers: true) == nil)
    }
}
