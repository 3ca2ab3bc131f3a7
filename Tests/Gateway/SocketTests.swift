import Base
import ProviderKit
import TestSupport
import Testing

@testable import Gateway
@testable import Transport

@Suite("The gateway on real sockets")
struct SocketTests {
    /// A provider that shows what reached it.
    private struct Mirror: HTTPHandler {
        /// The clock of the gateway and its client, let go when the slow call has arrived.
        var time: HeldTime
        /// Set when the slow call may end.
        let isOver = Locked(false)

        func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
            if request.target.hasPrefix("/slow") {
                time.letGo()
                while !isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(5)) }
            }
            let shown = request.fields.map { "\($0.name.lowercased()): \($0.value)" }.sorted().joined(separator: "\n")
            return HTTPResponse(
                status: 207, fields: ["X-Seen": "\(request.method) \(request.target)", "X-Twice": "1", "X-Twice": "2"],
                body: Array("\(shown)\n\n".utf8) + request.body)
        }
    }

    /// Sends to the provider on loopback, wherever the connector says.
    private struct Redirected: HTTPExchange {
        var client: HTTPClient
        var origin: HTTPOrigin

        func send(_ request: HTTPRequest, to _: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            try await client.send(request, to: origin, timeouts: timeouts)
        }
    }

    private func withHouse(_ body: (HTTPClient, HTTPOrigin, HTTPServer) async throws -> Void) async throws {
        let group = try EventLoopGroup(count: 1)
        let loopback = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let time = HeldTime()
        let mirror = Mirror(time: time)
        let provider = try HTTPServer(group: group, address: loopback, handler: mirror)
        let client = try HTTPClient(group: group, configuration: HTTPClient.Configuration(), resolver: SystemNameResolver(), time: time)
        let exchange = Redirected(client: client, origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: provider.address.port))
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: time)
        let server = try HTTPServer(group: group, address: loopback, handler: gateway)
        try await body(client, HTTPOrigin(isSecure: false, host: "127.0.0.1", port: server.address.port), provider)
        mirror.isOver.withLock { $0 = true }
        while provider.counters.runningRequests > 0 { try await Task.sleep(for: .milliseconds(5)) }
        await client.shutDown()
        await server.shutdown(deadline: .zero)
        await provider.shutdown(deadline: .zero)
        group.stop()
    }

    @Test("A call goes through server, gateway and client and comes back whole")
    func journey() async throws {
        try await withHouse { client, origin, _ in
            let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let request = HTTPRequest(
                method: .post, target: "/shop/pay?x=1", fields: ["Authorization": "caller", "Cookie": "c", "X-Mine": "1"], body: body)
            let response = try await client.send(request, to: origin)
            #expect(response.status == 207)
            #expect(response.fields["X-Seen"] == "POST /pay?x=1")
            #expect(response.fields.values("X-Twice") == ["1", "2"])
            #expect(response.fields["Bujeol-Outcome"] == "delivered")
            let bytes = try #require(response.bytes)
            let isWhole = Array(bytes.suffix(body.count)) == body
            #expect(isWhole)
            let shown = String(decoding: bytes.dropLast(body.count), as: UTF8.self)
            #expect(shown.contains("authorization: proof-1\n"))
            #expect(shown.contains("x-mine: 1\n"))
            #expect(!shown.contains("cookie"))
            let head = try await client.send(HTTPRequest(method: .head, target: "/shop/look/1"), to: origin)
            #expect(head.fields["X-Seen"] == "HEAD /look/1")
            #expect(head.fields["Content-Length"] == nil)
        }
    }

    @Test("A provider that answers too late leaves the outcome unknown; one that is gone means that nothing was sent")
    func failures() async throws {
        try await withHouse { client, origin, provider in
            let late = try await client.send(
                HTTPRequest(method: .post, target: "/shop/slow", fields: ["Bujeol-Deadline": "100ms"]), to: origin)
            #expect(late.status == 504)
            #expect(late.fields["Bujeol-Outcome"] == "unknown")
            await provider.shutdown(deadline: .zero)
            let gone = try await client.send(HTTPRequest(method: .post, target: "/shop/pay"), to: origin)
            #expect(gone.status == 502)
            #expect(gone.fields["Bujeol-Outcome"] == "not-sent")
            #expect(gone.json?["cause"] == "connection-refused")
        }
    }
}
