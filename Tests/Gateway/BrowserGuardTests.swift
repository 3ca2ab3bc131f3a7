import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite("How the gateway keeps web pages away")
struct BrowserGuardTests {
    @Test(
        "The loopback's own names pass",
        arguments: [
            "127.0.0.1", "127.0.0.1:8700", "localhost:8700", "LocalHost", "[::1]:8700", "[::1]", "127.0.0.2:1", "gateway.internal:8700",
            "[::ffff:127.0.0.1]:8700",
        ])
    func ownNames(_ host: String) async {
        #expect(await Gateway(hosts: ["Gateway.internal"]).get("/shop/look/1", ["Host": host]).status == 200)
    }

    @Test(
        "Another name is refused, however much it looks like the loopback",
        arguments: [
            "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:8700", "[::2]:8700", "127.0.0.1@evil",
            "127.x.y.z",
            "127..0.1", "127.0.0.256", "127.1", "0.0.0.0", "[::ffff:10.0.0.1]",
        ])
    func otherNames(_ host: String) async {
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        let response = await gateway.post("/shop/pay", ["Host": host])
        #expect(response.status == 403)
        #expect(response.outcome == "refused")
        #expect(response.json?["code"] == "origin-forbidden")
        #expect(exchange.sent.isEmpty)
    }

    @Test("A request that a web page has made is refused, whatever it asks for")
    func pages() async {
        let marks: [HTTPFields] = [
            ["Origin": "https://evil.example"], ["Origin": "null"], ["Origin": "http://127.0.0.1:8700"], ["Sec-Fetch-Site": "cross-site"],
            ["Sec-Fetch-Site": "same-site"],
        ]
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        for fields in marks {
            #expect(await gateway.post("/shop/pay", fields).status == 403)
            #expect(await gateway.get("/-/metrics", fields).status == 403)
        }
        #expect(exchange.sent.isEmpty)
        #expect(await gateway.get("/", ["Sec-Fetch-Site": "none"]).status == 200)
        #expect(await gateway.get("/-/ready", ["Sec-Fetch-Site": "same-origin"]).status == 200)
    }

    @Test("A probe may ask for the health page by any address")
    func probes() async {
        #expect(await Gateway().get("/-/health", ["Host": "10.1.2.3:8700"]).status == 200)
        #expect(await Gateway().get("/-/ready", ["Host": "10.1.2.3:8700"]).status == 403)
    }

    @Test(
        "whether a call is for a page is asked only about what a browser sent for another site, and a page is opened, never fetched",
        arguments: [
            ([:], 0, 200), (["Sec-Fetch-Site": "none"], 0, 200), (["Sec-Fetch-Site": "same-origin"], 0, 200),
            (["Sec-Fetch-Site": "cross-site"], 1, 200), (["Origin": "https://shop.example", "Sec-Fetch-Mode": "navigate"], 1, 200),
            (["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"], 1, 403), (["Origin": "https://shop.example"], 1, 200),
        ] as [(HTTPFields, Int, Int)])
    func pageIsAskedFor(fields: HTTPFields, asked: Int, status: Int) async {
        let connector = PageConnector()
        let answer = await Gateway(connector).get("/shop/page", fields)
        #expect(answer.status == status && connector.asked.withLock { $0 } == asked)
        // Any other path is no page, and refused to every foreign site.
        #expect(await Gateway(connector).get("/shop/other", fields).status == (asked == 0 ? 200 : 403))
    }
}

/// A connector with one page, which counts how often it is asked about it.
private final class PageConnector: Connector {
    let routes: [Route] = []
    let deadline: Duration = .seconds(1)
    let asked = Locked(0)

    func route(of call: Call) -> Route? { nil }
    func isPage(_ call: Call) -> Bool {
        asked.withLock { $0 += 1 }
        return call.path == "/page"
    }
    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? { Reply(status: 200) }
    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        PreparedCall(call: call, origin: HTTPOrigin(isSecure: true, host: "provider.example", port: 443))
    }
    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance { .deliver(reply) }
    func readiness() async -> Readiness { Readiness(isReady: true, reason: BilingualText(korean: "", english: "")) }
}
