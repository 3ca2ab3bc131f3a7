import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite("When the gateway repeats a call, and how long a call may take")
struct RepeatTests {
    private func calls(_ method: HTTPMethod, _ target: String, refusals: Int) async -> (status: Int, proofs: [String?]) {
        let exchange = ScriptedExchange { _, number in HTTPResponse(status: number < refusals ? 401 : 200) }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        let response = await gateway.respond(to: HTTPRequest(method: method, target: target, body: [1, 2]), from: peer)
        #expect(exchange.sent.allSatisfy { $0.request.body == [1, 2] })
        return (response.status, exchange.sent.map { $0.request.fields["Authorization"] })
    }

    @Test("A refused proof is renewed and the call repeated once, where the route is safe to repeat")
    func safeRoutes() async {
        for (method, target) in [(HTTPMethod.get, "/shop/look/1"), (.put, "/shop/name"), (.head, "/shop/look/1")] {
            #expect(await calls(method, target, refusals: 1) == (200, ["proof-1", "proof-2"]))
            #expect(await calls(method, target, refusals: 9) == (401, ["proof-1", "proof-2"]))
        }
    }

    @Test("A call that moves money, or that no table knows, is never repeated")
    func moneyRoutes() async {
        for (method, target) in [(HTTPMethod.post, "/shop/pay"), (.post, "/shop/wish"), (.get, "/shop/nowhere"), (.post, "/shop/look/1")] {
            #expect(await calls(method, target, refusals: 1) == (401, ["proof-1"]))
        }
    }

    @Test("The network is given what is left of the caller's deadline, which cannot exceed the connection's")
    func deadlines() async {
        let time = ManualTime()
        let exchange = ScriptedExchange { _, number in
            time.advance(by: .milliseconds(300))
            return HTTPResponse(status: number == 0 ? 401 : 200)
        }
        let connector = NumberedConnector(deadline: .seconds(8)) { time.advance(by: .milliseconds(200)) }
        let gateway = Gateway(connections: ["shop": connector], exchange: exchange, time: time)
        #expect(await gateway.get("/shop/look/1", ["Bujeol-Deadline": "2s"]).status == 200)
        #expect(exchange.sent.map(\.timeouts.total) == [.milliseconds(1800), .milliseconds(1300)])
        #expect(exchange.sent.allSatisfy { $0.timeouts.connect <= $0.timeouts.total && $0.timeouts.firstByte <= $0.timeouts.total })
        _ = await gateway.get("/shop/look/1", ["Bujeol-Deadline": "1h"])
        _ = await gateway.get("/shop/look/1")
        #expect(exchange.sent.suffix(2).map(\.timeouts.total) == [.milliseconds(7800), .milliseconds(7800)])
        #expect(exchange.sent.suffix(2).map(\.timeouts.connect) == [.seconds(5), .seconds(5)])
    }

    @Test("A deadline that passes during the proof means that nothing was sent")
    func passedDeadline() async {
        let time = ManualTime()
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let connector = NumberedConnector { time.advance(by: .seconds(3)) }
        let gateway = Gateway(connections: ["shop": connector], exchange: exchange, time: time)
        let response = await gateway.post("/shop/pay", ["Bujeol-Deadline": "3s"])
        #expect(response.status == 504)
        #expect(response.outcome == "not-sent")
        #expect(response.json?["code"] == "deadline-passed")
        #expect(exchange.sent.isEmpty)
    }

    @Test("A deadline that cannot be read is refused", arguments: ["5", "0s", "-1s", "5 s", "soon", ""])
    func unreadableDeadline(_ text: String) async {
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        let response = await gateway.post("/shop/pay", ["Bujeol-Deadline": text])
        #expect(response.status == 400)
        #expect(response.outcome == "refused")
        #expect(exchange.sent.isEmpty)
    }
}
