import Base
import Bootpay
import TestSupport
import Testing
import Transport

@testable import OrderServer

@Suite("The example shop")
struct OrderServerTests {
    /// Bootpay with a few receipts.
    private struct Bootpay: HTTPExchange {
        var receipts: [String: (order: String, price: Int, status: Int)]
        var isDown = false

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            if isDown { throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "down") }
            if request.target == "/request/token" {
                return HTTPResponse(
                    status: 200,
                    body: Array(
                        #"{"status":200,"code":0,"message":"","data":{"token":"t","server_time":1767225600,"expired_at":1767227400}}"#.utf8)
                )
            }
            guard let receipt = receipts[String(request.target.dropFirst("/receipt/".count))] else {
                return HTTPResponse(status: 404, body: Array(#"{"status":404,"code":-4040,"message":""}"#.utf8))
            }
            let id = request.target.dropFirst("/receipt/".count)
            let data = #"{"receipt_id":"\#(id)","order_id":"\#(receipt.order)","price":\#(receipt.price),"status":\#(receipt.status)}"#
            return HTTPResponse(status: 200, body: Array(#"{"status":200,"code":0,"message":"","data":\#(data)}"#.utf8))
        }
    }

    private func desk(_ bootpay: Bootpay) async -> OrderDesk {
        let client = BootpayClient(applicationID: "a", privateKey: Secret("k"), exchange: bootpay, time: SystemTime())
        let desk = OrderDesk(orders: Orders(), bootpay: client)
        _ = await call(desk, "/orders", #"{"item":"책","price":11000}"#)
        _ = await call(desk, "/orders", #"{"item":"책","price":11000}"#)
        return desk
    }

    private func call(_ desk: OrderDesk, _ target: String, _ body: String) async -> HTTPResponse {
        await desk.respond(
            to: HTTPRequest(method: .post, target: target, body: Array(body.utf8)), from: HTTPPeer(address: "127.0.0.1", port: 1))
    }

    private static let receipts: [String: (order: String, price: Int, status: Int)] = [
        "paid": ("ORDER-1", 11_000, 1), "short": ("ORDER-1", 100, 1), "waiting": ("ORDER-1", 11_000, 2), "other": ("ORDER-2", 11_000, 1),
    ]

    @Test("An order is sent off once, however often and from wherever its payment is reported")
    func fulfilment() async {
        let desk = await desk(Bootpay(receipts: OrderServerTests.receipts))
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<5 {
                group.addTask { await call(desk, "/orders/ORDER-1/payment", #"{"receipt_id":"paid"}"#).status }
                group.addTask { await call(desk, "/feedback", "receipt_id=paid&order_id=ORDER-1&private_key=x").status }
            }
            for await status in group { #expect(status == 200) }
        }
        #expect(await desk.orders.parcels == ["ORDER-1"])
        let feedback = await call(desk, "/feedback", #"{"receipt_id":"other","order_id":"ORDER-2"}"#)
        #expect(feedback.bytes == Array("OK".utf8))
        #expect(await desk.orders.parcels == ["ORDER-1", "ORDER-2"])
    }

    @Test("A short, a waiting, a foreign and an unknown receipt send nothing off", arguments: ["short", "waiting", "other", "nonsense"])
    func refusals(_ receipt: String) async {
        let desk = await desk(Bootpay(receipts: OrderServerTests.receipts))
        let response = await call(desk, "/orders/ORDER-1/payment", #"{"receipt_id":"\#(receipt)"}"#)
        #expect((400..<500).contains(response.status))
        #expect(await desk.orders.parcels.isEmpty)
    }

    @Test("While Bootpay cannot be asked, the order waits and the webhook is asked to come again")
    func outage() async {
        let desk = await desk(Bootpay(receipts: OrderServerTests.receipts, isDown: true))
        #expect(await call(desk, "/feedback", "receipt_id=paid&order_id=ORDER-1").status == 503)
        #expect(await desk.orders.order("ORDER-1")?.state == .waitingForPayment)
    }
}
