import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite("The gateway's own pages")
struct PageTests {
    @Test("Ready is the sum of all connections")
    func readiness() async {
        let failure = CallFailure(.proofUnavailable, outcome: .notSent, status: 503, message: BilingualText(korean: "가", english: "a"))
        let ready = await Gateway().get("/-/ready")
        #expect(ready.status == 200)
        #expect(ready.json?["connections"]?["shop"]?["ready"] == true)
        let gateway = Gateway(
            connections: ["good": NumberedConnector(), "bad": NumberedConnector(failure: failure)],
            exchange: ScriptedExchange { _, _ in HTTPResponse(status: 200) },
            time: ManualTime())
        let unready = await gateway.get("/-/ready")
        #expect(unready.status == 503)
        #expect(unready.json?["connections"]?["good"]?["ready"] == true)
        #expect(unready.json?["connections"]?["bad"]?["ready"] == false)
        #expect(await gateway.get("/-/health").status == 200)
    }

    @Test("Metrics count calls by route and by what became of them, and never by what a caller chose")
    func metrics() async {
        let gateway = Gateway { request, _ in
            if request.target == "/look/lost" { throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "gone") }
            return HTTPResponse(status: request.target == "/look/none" ? 404 : 200)
        }
        for id in ["1", "2", "3", "none", "lost"] { _ = await gateway.get("/shop/look/\(id)") }
        _ = await gateway.post("/shop/secret-path-of-the-caller")
        let text = String(decoding: await gateway.get("/-/metrics").bytes ?? [], as: UTF8.self)
        func line(_ route: String, _ outcome: String, _ status: String, _ count: Int) -> String {
            "bujeol_gateway_calls_total{connection=\"shop\",route=\"\(route)\",outcome=\"\(outcome)\",status=\"\(status)\"} \(count)\n"
        }
        #expect(text.contains(line("look", "delivered", "2xx", 3)))
        #expect(text.contains(line("look", "delivered", "4xx", 1)))
        #expect(text.contains(line("look", "unknown", "problem", 1)))
        #expect(text.contains(line("unknown", "delivered", "2xx", 1)))
        #expect(text.contains("bujeol_gateway_call_seconds_count{connection=\"shop\",route=\"look\"} 5\n"))
        #expect(text.contains("bujeol_gateway_calls_in_flight 0\n"))
        #expect(!text.contains("secret-path"))
    }

    @Test("The index names the connections, and a page takes GET and HEAD only")
    func index() async {
        let gateway = Gateway()
        let index = await gateway.get("/")
        #expect(index.status == 200)
        #expect(String(decoding: index.bytes ?? [], as: UTF8.self).contains("/shop/"))
        let refused = await gateway.post("/-/health")
        #expect(refused.status == 405)
        #expect(refused.fields["Allow"] == "GET, HEAD")
        #expect(await gateway.respond(to: HTTPRequest(method: .head, target: "/-/health?x"), from: peer).status == 200)
    }
}
