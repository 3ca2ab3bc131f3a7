import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("What the gateway reports when the provider fails, and what has become of the money")
struct OutcomeTests {
    /// A fault, and what follows from it for a read and for a cancel alike.
    struct Row: Sendable, CustomTestStringConvertible {
        var fault: JSON
        var outcome: String
        var status: Int
        /// How much of a cancel of 4,000 won has been done.
        var cancelled: Int64

        var testDescription: String { fault.text }
        var hangs: Bool { fault["kind"] == "hang" }
        /// Short only where it is to pass.
        var deadline: HTTPFields { ["Bujeol-Deadline": hangs ? "100ms" : "60s"] }
    }

    static let rows = [
        Row(fault: ["kind": "delay", "duration": "50ms"], outcome: "delivered", status: 200, cancelled: 4000),
        Row(fault: ["kind": "status", "status": 503, "body": "busy"], outcome: "delivered", status: 503, cancelled: 0),
        Row(fault: ["kind": "error-after", "status": 500, "body": "oops"], outcome: "delivered", status: 500, cancelled: 4000),
        Row(fault: ["kind": "drop", "when": "before"], outcome: "unknown", status: 502, cancelled: 0),
        Row(fault: ["kind": "drop", "when": "after"], outcome: "unknown", status: 502, cancelled: 4000),
        Row(fault: ["kind": "truncate"], outcome: "unknown", status: 502, cancelled: 4000),
        Row(fault: ["kind": "hang", "duration": "10m"], outcome: "unknown", status: 504, cancelled: 0),
        Row(fault: ["kind": "hang", "duration": "10m", "when": "after"], outcome: "unknown", status: 504, cancelled: 4000),
    ]

    private func order(_ fault: JSON, _ route: String, _ house: RunningHouse) async throws {
        var members = fault.members ?? [:]
        members["provider"] = "bootpay"
        members["route"] = .string(route)
        try await house.control(.post, "faults", .object(members))
    }

    /// What `call` brings. The gateway's clock stands until a call that hangs hangs, so that its deadline passes then and at no other time.
    private func struck(
        _ row: Row, _ route: String, _ house: RunningHouse, by call: () async throws -> RunningHouse.Answer
    ) async throws -> RunningHouse.Answer {
        guard row.hangs else { return try await call() }
        let before = try await house.logged(route).count
        house.gatewayTime.hold()
        let watch = Task {
            for _ in 0..<6000 where try await house.logged(route).count == before { try await SystemTime().sleep(for: .milliseconds(10)) }
            house.gatewayTime.letGo()
        }
        let answer = try await call()
        try await watch.value
        return answer
    }

    @Test("A read says what became of it, and that repeating it is safe", arguments: rows)
    func reads(_ row: Row) async throws {
        try await RunningHouse.run { house in
            let gateway = try house.gateway()
            let path = "/bootpay/receipt/\(RunningHouse.receipt)"
            // The token first, so that the fault meets the call itself, on a connection that is in use already.
            #expect(try await house.send(.get, gateway, path).status == 200)
            try await order(row.fault, "verify", house)
            let answer = try await struck(row, "verify", house) { try await house.send(.get, gateway, path, nil, row.deadline) }
            #expect(answer.outcome == row.outcome && answer.status == row.status, "\(answer.text)")
            if row.outcome == "unknown" {
                #expect(answer.fields["Content-Type"] == "application/problem+json")
                #expect(answer.json["detail"]?.string?.contains("repeating this call is safe") == true, "\(answer.text)")
                #expect(answer.json["status"]?.integer == Int64(row.status))
            }
            #expect(try await house.send(.get, gateway, path).status == 200)
            // One for the token's sake, the one that was struck, one afterwards: nothing was repeated behind the caller's back.
            #expect(try await house.logged("verify").count == 3)
        }
    }

    @Test("A cancel is never sent twice, an unknown end names the enquiry, and the enquiry tells the truth", arguments: rows)
    func cancels(_ row: Row) async throws {
        try await RunningHouse.run { house in
            let gateway = try house.gateway()
            let receipt = try await house.pay()
            func cancelled() async throws -> Int64? {
                try await house.send(.get, gateway, "/bootpay/receipt/\(receipt)").json["data"]?["cancelled_price"]?.integer
            }
            #expect(try await cancelled() == 0)
            try await order(row.fault, "cancel", house)
            let intent: JSON = ["receipt_id": .string(receipt), "price": 4000, "cancel_id": "intent-1", "name": "kim", "reason": "size"]
            let answer = try await struck(row, "cancel", house) {
                try await house.send(.post, gateway, "/bootpay/cancel", intent, row.deadline)
            }
            #expect(answer.outcome == row.outcome && answer.status == row.status, "\(answer.text)")
            #expect(try await house.logged("cancel").count == 1)
            if row.outcome == "unknown" {
                #expect(answer.fields["Content-Type"] == "application/problem+json")
                #expect(answer.json["outcome"] == "unknown")
                #expect(answer.json["detail"]?.string?.contains("GET /receipt/{receipt_id}") == true, "\(answer.text)")
                #expect(answer.json["detail_ko"]?.string?.contains("GET /receipt/{receipt_id}") == true)
            }
            #expect(try await cancelled() == row.cancelled)
            // The same intent again under its own cancel_id: done now if it was not, refused if it was.
            let again = try await house.send(.post, gateway, "/bootpay/cancel", intent)
            #expect(again.outcome == "delivered" && again.status == (row.cancelled == 0 ? 200 : 422), "\(again.text)")
            #expect(try await cancelled() == 4000)
            #expect(try await house.logged("cancel").count == 2)
        }
    }

    @Test("Where nobody listens, nothing was sent, and the caller is told so")
    func refusedConnection() async throws {
        try await RunningHouse.run { house in
            let gateway = try house.gateway(at: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1))
            for (method, path) in [(HTTPMethod.get, "/bootpay/receipt/x"), (.post, "/bootpay/cancel")] {
                let answer = try await house.send(method, gateway, path, method == .post ? ["receipt_id": "x"] : nil)
                #expect(answer.outcome == "not-sent" && (502...503).contains(answer.status), "\(answer.text)")
                #expect(answer.fields["Content-Type"] == "application/problem+json")
            }
        }
    }

    @Test("When the provider goes away with the token still held, a cancel on a fresh connection was not sent")
    func goneAfterToken() async throws {
        try await RunningHouse.run { house in
            let group = try EventLoopGroup(count: 1)
            defer { group.stop() }
            let server = try HTTPServer(
                group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), handler: TokensOnly())
            let gateway = try house.gateway(at: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: server.address.port))
            #expect(try await house.send(.get, gateway, "/bootpay/receipt/x").status == 404)
            await server.shutdown(deadline: .zero)
            let answer = try await house.send(.post, gateway, "/bootpay/cancel", ["receipt_id": "x"])
            #expect(answer.outcome == "not-sent" && answer.status == 502, "\(answer.text)")
            #expect(answer.json["cause"] == "connection-refused")
        }
    }

    @Test("A charge has no enquiry: its unknown end says so instead of inviting a repeat, and it was made once")
    func chargeWithoutEnquiry() async throws {
        try await RunningHouse.run { house in
            let gateway = try house.gateway()
            let card: JSON = [
                "pg": "nicepay", "order_id": "CARD-1", "item_name": "monthly", "card_no": "5570421234561074", "card_pw": "17",
                "expire_year": "30", "expire_month": "12", "identify_number": "840101",
            ]
            let key = try #require(
                try await house.send(.post, gateway, "/bootpay/request/card_rebill", card).json["data"]?["billing_key"]?.string)
            try await order(["kind": "drop", "when": "after"], "charge", house)
            let charge: JSON = ["billing_key": .string(key), "item_name": "monthly", "price": 3000, "order_id": "O-1"]
            let answer = try await house.send(.post, gateway, "/bootpay/subscribe/billing", charge)
            #expect(answer.outcome == "unknown" && answer.status == 502)
            #expect(answer.json["detail"]?.string?.contains("no enquiry") == true, "\(answer.text)")
            let calls = try await house.logged("charge")
            #expect(calls.count == 1 && calls[0]["outcome"] == "dropped")
            #expect(try await house.control(.get, "bootpay/payments").elements?.filter { $0["order_id"] == "O-1" }.count == 1)
        }
    }
}

/// A provider that knows tokens and no receipts.
private struct TokensOnly: HTTPHandler {
    func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        guard request.target == "/bootpay/request/token" else { return HTTPResponse(status: 404, fields: [:], body: []) }
        let now = SystemTime().now.unixSeconds
        let json: JSON = [
            "status": 200, "code": 0, "message": "",
            "data": ["token": .string(String(repeating: "a", count: 64)), "server_time": .number(now), "expired_at": .number(now + 1800)],
        ]
        return HTTPResponse(status: 200, fields: ["Content-Type": "application/json"], body: json.bytes)
    }
}
