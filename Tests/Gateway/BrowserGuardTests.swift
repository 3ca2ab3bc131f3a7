import Base
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
}
