import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite("What passes through the gateway")
struct PassThroughTests {
    struct Body: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
    }

    @Test(
        "A body passes byte for byte in both directions",
        arguments: [
            Body(testDescription: "nothing", bytes: []),
            Body(testDescription: "gzip", bytes: [0x1F, 0x8B, 0x08, 0x00, 0xFF, 0x00, 0x0D, 0x0A]),
            Body(testDescription: "Korean JSON", bytes: Array("취소 {\"price\": 1000.0}".utf8)),
            Body(testDescription: "1 MiB", bytes: (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }),
        ])
    func bodies(_ sample: Body) async {
        let body = sample.bytes
        let exchange = ScriptedExchange { request, _ in
            HTTPResponse(status: 200, fields: ["Content-Encoding": "gzip"], body: request.body.reversed())
        }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        let response = await gateway.post("/shop/pay", ["Content-Encoding": "gzip"], body)
        let isUnchanged = exchange.sent.first?.request.body == body && response.bytes == body.reversed()
        #expect(isUnchanged)
        #expect(exchange.sent.first?.request.fields["Content-Encoding"] == "gzip")
        #expect(response.fields["Content-Encoding"] == "gzip")
        #expect(response.outcome == "delivered")
    }

    @Test("Path and query reach the provider as they were written")
    func targets() async {
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let gateway = Gateway(
            connections: ["shop": NumberedConnector(), "shopper": NumberedConnector()], exchange: exchange, time: ManualTime())
        let targets = [
            "/shop/look/1": "/look/1", "/shop/look/%EA%B0%80%2F?a=%20&b": "/look/%EA%B0%80%2F?a=%20&b", "/shop": "/", "/shop/": "/",
            "/shop?x=1": "/?x=1", "/shopper/look//..?": "/look//..?",
        ]
        for (target, expected) in targets {
            #expect(await gateway.get(target).outcome == "delivered")
            #expect(exchange.sent.last?.request.target == expected)
        }
        #expect(exchange.sent.allSatisfy { $0.origin.host == "provider.example" })
        #expect(await gateway.get("/shoppe/look/1").status == 404)
        #expect(await gateway.get("http://127.0.0.1/shop/look/1").status == 404)
        #expect(exchange.sent.count == targets.count)
    }

    @Test("Nothing that belongs to the caller or to its connection goes on, and all else does in its order")
    func requestFields() async {
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        _ = await gateway.get(
            "/shop/look/1",
            [
                "Host": "127.0.0.1:8700", "Authorization": "caller", "Cookie": "a=b", "X-Trace": "1", "x-forwarded-for": "10.0.0.1",
                "X-Forwarded-Anything": "1", "Forwarded": "for=1", "Bujeol-Deadline": "5s", "bujeol-other": "x",
                "Connection": "keep-alive, X-Mine",
                "X-Mine": "1", "Keep-Alive": "1", "TE": "trailers", "Proxy-Authorization": "x", "Upgrade": "h2c", "Expect": "100-continue",
                "Accept": "a", "accept": "b", "User-Agent": "client/1", "Via": "1.1 x", "X-Real-IP": "10.0.0.1",
            ])
        let fields = exchange.sent[0].request.fields
        #expect(
            fields == ["X-Trace": "1", "Accept": "a", "accept": "b", "User-Agent": "client/1", "Authorization": "proof-1"])
    }

    @Test("An answer keeps its fields, doubled ones too, but not those of the provider's connection or a forged outcome")
    func responseFields() async {
        let gateway = Gateway { _, _ in
            HTTPResponse(
                status: 402,
                fields: [
                    "Set-Cookie": "a=1", "Set-Cookie": "b=2", "Connection": "close, X-Hop", "X-Hop": "1", "Keep-Alive": "timeout=5",
                    "Transfer-Encoding": "chunked", "Bujeol-Outcome": "not-sent", "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
                ], body: Array("no".utf8))
        }
        let response = await gateway.get("/shop/look/1")
        #expect(response.status == 402)
        #expect(
            response.fields == [
                "Set-Cookie": "a=1", "Set-Cookie": "b=2", "Date": "Thu, 01 Jan 2026 00:00:00 GMT", "Bujeol-Outcome": "delivered",
            ])
    }

    @Test("An answer to HEAD claims no length of its own")
    func head() async {
        let gateway = Gateway { _, _ in HTTPResponse(status: 200, fields: ["ETag": "\"1\""]) }
        let response = await gateway.respond(to: HTTPRequest(method: .head, target: "/shop/look/1"), from: peer)
        #expect(response.status == 200)
        #expect(response.bytes == nil)
        #expect(response.fields["ETag"] == "\"1\"")
        var output: [UInt8] = []
        var encoder = HTTPResponseEncoder(version: .http11, method: .head, keepsAlive: true)
        #expect(!encoder.append(response, date: [], to: &output))
        #expect(!String(decoding: output, as: UTF8.self).contains("Content-Length"))
    }

    @Test("A connector's own answer passes without meeting the network, and says whose it is")
    func ownAnswers() async {
        let gateway = Gateway { _, _ in throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "must not be asked") }
        let response = await gateway.post("/shop/own")
        #expect(response.json == ["own": true])
        #expect(response.outcome == "answered")
    }
}
