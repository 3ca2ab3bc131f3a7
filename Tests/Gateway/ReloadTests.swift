import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

/// A connector that finds what it is told to find when it looks at its secrets again.
private final class ReloadingConnector: Connector {
    let routes: [Route] = []
    let deadline = Duration.seconds(1)
    let looks = Locked(0)
    private let findings: [ReloadFinding]

    init(_ findings: [ReloadFinding]) { self.findings = findings }

    func route(of call: Call) -> Route? { nil }
    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? { nil }
    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        throw CallFailure(.proofUnavailable, outcome: .notSent, status: 503, message: BilingualText(korean: "가", english: "a"))
    }
    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance { .deliver(reply) }
    func readiness() async -> Readiness { Readiness(isReady: true, reason: BilingualText(korean: "가", english: "a")) }

    func reload() async -> [ReloadFinding] {
        looks.withLock { $0 += 1 }
        return findings
    }
}

@Suite("Looking at the files of secrets again")
struct ReloadTests {
    private static func finding(_ result: ReloadFinding.Result) -> ReloadFinding {
        ReloadFinding(subject: "certificate", result: result, message: BilingualText(korean: "한국어 \(result)", english: "English \(result)"))
    }

    private func gateway(_ connectors: [String: ReloadingConnector], log: Log = .silent) -> Gateway {
        Gateway(connections: connectors, exchange: ScriptedExchange { _, _ in HTTPResponse(status: 200) }, time: ManualTime(), log: log)
    }

    @Test("POST /-/reload asks every connection and answers 200 with the findings in both languages")
    func accepted() async {
        let (one, two) = (ReloadingConnector([Self.finding(.replaced), Self.finding(.pending)]), ReloadingConnector([]))
        let lines = Locked<[String]>([])
        let gateway = gateway(["one": one, "two": two], log: Log(time: ManualTime()) { line in lines.withLock { $0.append(line) } })
        let answer = await gateway.post("/-/reload")
        #expect(answer.status == 200 && answer.json?["rejected"] == false)
        let findings = answer.json?["connections"]?["one"]?.elements
        #expect(findings?.count == 2 && findings?[0]["result"] == "replaced" && findings?[1]["result"] == "pending")
        #expect(findings?[0]["message"]?["ko"] == "한국어 replaced" && findings?[0]["message"]?["en"] == "English replaced")
        #expect(answer.json?["connections"]?["two"]?.elements?.isEmpty == true)
        #expect(one.looks.withLock { $0 } == 1 && two.looks.withLock { $0 } == 1)
        #expect(lines.withLock { $0.filter { $0.contains("\"reloaded\"") }.count } == 2)
        #expect(answer.fields["Bujeol-Outcome"] == nil)
    }

    @Test("one rejected finding anywhere makes it 409")
    func rejected() async {
        let gateway = gateway(["one": ReloadingConnector([Self.finding(.unchanged)]), "two": ReloadingConnector([Self.finding(.rejected)])])
        let answer = await gateway.post("/-/reload")
        #expect(answer.status == 409 && answer.json?["rejected"] == true)
        #expect(answer.json?["connections"]?["one"]?.elements?[0]["result"] == "unchanged")
    }

    @Test("other methods are refused with what is allowed, and web pages and foreign host names may not ask")
    func refusals() async {
        let connector = ReloadingConnector([Self.finding(.unchanged)])
        let gateway = gateway(["one": connector])
        for method in [HTTPMethod.get, .head, .put, .delete] {
            let answer = await gateway.respond(to: HTTPRequest(method: method, target: "/-/reload"), from: peer)
            #expect(answer.status == 405 && answer.fields["Allow"] == "POST")
        }
        let foreign: [HTTPFields] = [["Origin": "https://evil.example"], ["Sec-Fetch-Site": "cross-site"], ["Host": "evil.example"]]
        for fields in foreign { #expect(await gateway.post("/-/reload", fields).status == 403) }
        #expect(connector.looks.withLock { $0 } == 0)
    }
}
