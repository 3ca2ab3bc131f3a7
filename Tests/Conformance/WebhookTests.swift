import Base
import ProviderKit
import Storage
import TestSupport
import Testing
import Transport

/// A merchant's receiver of webhooks, which answers as it is told and keeps what it got.
private final class Receiver: HTTPHandler {
    private let state = Locked<(answer: String, bodies: [String])>(("later", []))

    var bodies: [String] { state.withLock { $0.bodies } }

    func answers(_ text: String) { state.withLock { $0.answer = text } }

    /// The counts of repeats in the order in which they came.
    var counts: [String] {
        bodies.compactMap { body in FormText.decode(Array(body.utf8))?.first { $0.name == "retry_count" }?.value }
    }

    func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        let answer = state.withLock { state in
            state.bodies.append(String(decoding: request.body, as: UTF8.self))
            return state.answer
        }
        return HTTPResponse(status: 200, fields: ["Content-Type": "text/plain"], body: Array(answer.utf8))
    }
}

@Suite("Webhooks and reservations over HTTP, moved by the clock")
struct WebhookTests {
    private let application = "bootpay/applications/\(Credentials.demo.applicationID)/feedback"

    /// Waits for what is sent beside the calls.
    private func waitUntil(_ condition: () -> Bool) async throws {
        for _ in 0..<6000 where !condition() { try await SystemTime().sleep(for: .milliseconds(10)) }
        #expect(condition())
    }

    @Test("Without OK it comes again after 1, 2, 4 … minutes of the moved clock, and never after OK; a restart forgets nothing")
    func repeats() async throws {
        let directory = try TemporaryDirectory()
        let file = StorageLocation.file(directory.file("state.sqlite"))
        let receiver = Receiver()
        var receipt = ""
        try await RunningHouse.run(file) { house in
            try await house.control(.post, "clock", ["freeze": true, "set": "2026-01-01T00:00:00Z"])
            let place = try house.serve(receiver)
            try await house.control(.put, application, ["url": .string("\(place)/feedback")])
            receipt = try await house.pay()
            try await waitUntil { receiver.counts == ["0"] }
            try await house.control(.post, "clock", ["advance": "59s"])
            #expect(receiver.counts == ["0"])
            try await house.control(.post, "clock", ["advance": "1s"])
            #expect(receiver.counts == ["0", "1"])
            // To 7:00, over the repeats at 3:00 and 7:00.
            try await house.control(.post, "clock", ["advance": "6m"])
            #expect(receiver.counts == ["0", "1", "2", "3"])
        }
        try await RunningHouse.run(file) { house in
            // The receiver has another port now; what waits goes where it was ordered to, so it fails once more.
            #expect(try await house.control(.get, "clock")["now"]?.string == "2026-01-01T00:07:00.000Z")
            try await house.control(.post, "clock", ["advance": "8m"])
            let webhook = try #require(try await house.control(.get, "bootpay/webhooks?receipt_id=\(receipt)")[0])
            #expect(webhook["state"] == "waiting" && webhook["attempts"]?.elements?.count == 5, "\(webhook.text)")
            #expect(webhook["next_at"] == "2026-01-01T00:31:00.000Z")
            #expect(receiver.counts.count == 4)
        }
    }

    @Test("OK in capital letters ends it, and a form carries the key that the receiver is to compare")
    func accepted() async throws {
        try await RunningHouse.run { house in
            let receiver = Receiver()
            receiver.answers("OK")
            try await house.control(.put, application, ["url": .string("\(try house.serve(receiver))/feedback")])
            let receipt = try await house.pay()
            try await waitUntil { receiver.bodies.count == 1 }
            let form = try #require(FormText.decode(Array(receiver.bodies[0].utf8)))
            #expect(form.first { $0.name == "receipt_id" }?.value == receipt)
            #expect(form.first { $0.name == "private_key" }?.value == Credentials.demo.privateKey)
            try await house.control(.post, "clock", ["advance": "2d"])
            #expect(receiver.bodies.count == 1)
            #expect(try await house.control(.get, "bootpay/webhooks")[0]?["feedback"] == "S")
        }
    }

    @Test("A reservation charges when the clock has come to its moment, tells its own address, and its receipt can be verified")
    func reservation() async throws {
        try await RunningHouse.run { house in
            let receiver = Receiver()
            receiver.answers("OK")
            let place = try house.serve(receiver)
            let gateway = try house.gateway()
            try await house.control(.post, "clock", ["freeze": true, "set": "2026-01-01T00:00:00Z"])
            let card: JSON = [
                "pg": "nicepay", "order_id": "CARD-1", "item_name": "monthly", "card_no": "5570421234561074", "card_pw": "17",
                "expire_year": "30", "expire_month": "12", "identify_number": "840101",
            ]
            let key = try #require(
                try await house.send(.post, gateway, "/bootpay/request/card_rebill", card).json["data"]?["billing_key"]?.string)
            let order: JSON = [
                "billing_key": .string(key), "item_name": "monthly", "price": 3000, "order_id": "R-1", "execute_at": 1_767_226_200,
                "feedback_url": .string("\(place)/charged"), "feedback_content_type": "json",
            ]
            let reserved = try await house.send(.post, gateway, "/bootpay/subscribe/billing/reserve", order)
            #expect(reserved.json["data"]?["status"] == 0, "\(reserved.text)")
            try await house.control(.post, "clock", ["advance": "9m59s"])
            #expect(receiver.bodies.isEmpty)
            try await house.control(.post, "clock", ["advance": "1s"])
            try #require(receiver.bodies.count == 1)
            let told = try JSON(receiver.bodies[0])
            #expect(told["price"] == 3000 && told["status"] == 1 && told["private_key"] == nil)
            let receipt = try #require(told["receipt_id"]?.string)
            #expect(try await house.send(.get, gateway, "/bootpay/receipt/\(receipt)").json["data"]?["order_id"] == "R-1")
            try await house.control(.post, "clock", ["advance": "1h"])
            #expect(receiver.bodies.count == 1)
        }
    }
}
