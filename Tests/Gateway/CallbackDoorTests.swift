import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

/// A connector with one callback, which tells where it came from, one page, and one ordinary call.
private struct CalledConnector: Connector {
    let routes: [Route] = []
    let deadline: Duration = .seconds(10)

    func route(of call: Call) -> Route? { nil }
    func isCallback(_ call: Call) -> Bool { call.method == .post && call.path == "/-/callbacks/notice" }
    func isPage(_ call: Call) -> Bool { call.path == "/return" }

    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        Reply(status: 200, json: ["from": .string(peer.address), "path": .string(call.path)])
    }

    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        PreparedCall(call: call, origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1))
    }

    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance { .deliver(reply) }
    func readiness() async -> Readiness { Readiness(isReady: true, reason: BilingualText(korean: "준비됨", english: "ready")) }
}

@Suite("The door for callbacks, on real sockets")
struct CallbackDoorTests {
    private struct House {
        var gateway: Gateway
        var client: HTTPClient
        var door: HTTPOrigin
        var main: HTTPOrigin

        func ask(
            _ method: HTTPMethod, _ target: String, _ fields: HTTPFields = [:], at place: HTTPOrigin? = nil
        ) async throws -> HTTPResponse {
            try await client.send(HTTPRequest(method: method, target: target, fields: fields, body: Array("{}".utf8)), to: place ?? door)
        }
    }

    private func withHouse(trusting proxies: [String] = [], _ body: (House) async throws -> Void) async throws {
        let group = try EventLoopGroup(count: 1)
        let loopback = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let client = try HTTPClient(group: group)
        let configuration = Gateway.Configuration(trustedProxies: TrustedProxies(proxies.compactMap { AddressRange($0) }))
        let gateway = Gateway(
            connections: ["shop": CalledConnector()], exchange: client, time: SystemTime(), configuration: configuration)
        let main = try HTTPServer(group: group, address: loopback, configuration: gateway.serverConfiguration(), handler: gateway)
        let door = try HTTPServer(
            group: group, address: loopback, configuration: gateway.callbackServerConfiguration(), handler: CallbackDoor(gateway))
        func origin(_ server: HTTPServer) -> HTTPOrigin { HTTPOrigin(isSecure: false, host: "127.0.0.1", port: server.address.port) }
        try await body(House(gateway: gateway, client: client, door: origin(door), main: origin(main)))
        await client.shutDown()
        await door.shutdown(deadline: .zero)
        await main.shutdown(deadline: .zero)
        group.stop()
    }

    @Test("Callbacks and pages come in; everything else is not there, and nothing is told of what is inside")
    func entrance() async throws {
        try await withHouse { house in
            let callback = try await house.ask(.post, "/shop/-/callbacks/notice?a=1", ["Host": "shop.example.kr"])
            #expect(callback.status == 200)
            let page = try await house.ask(.get, "/shop/return")
            #expect(page.status == 200)
            for (method, target) in [
                (HTTPMethod.post, "/shop/pay"), (.get, "/shop/-/callbacks/notice"), (.post, "/shop/-/callbacks/notice/"),
                (.post, "/shop/-/callbacks/notic%65"), (.get, "/"), (.get, "/-/health"), (.get, "/-/metrics"), (.get, "/-/ready"),
                (.post, "/-/reload"), (.post, "/other/-/callbacks/notice"), (.post, "/shop"),
            ] {
                let answer = try await house.ask(method, target)
                #expect(answer.status == 404, "\(target)")
                #expect(answer.json?["outcome"] == "refused")
                #expect(!String(decoding: answer.bytes ?? [], as: UTF8.self).contains("shop"), "\(target)")
            }
            // The main listener has both.
            let atMain = try await house.ask(.post, "/shop/-/callbacks/notice", at: house.main)
            #expect(atMain.status == 200)
            let health = try await house.ask(.get, "/-/health", at: house.main)
            #expect(health.status == 200)
        }
    }

    @Test("The caller is who called, unless a trusted proxy says for whom; at both listeners")
    func callers() async throws {
        try await withHouse { house in
            let answer = try await house.ask(.post, "/shop/-/callbacks/notice", ["X-Forwarded-For": "117.52.3.11"])
            #expect(answer.json?["from"] == "127.0.0.1")
        }
        try await withHouse(trusting: ["127.0.0.1"]) { house in
            for place in [house.door, house.main] {
                let fields: HTTPFields = ["X-Forwarded-For": "198.51.100.1, 117.52.3.11"]
                let answer = try await house.ask(.post, "/shop/-/callbacks/notice", fields, at: place)
                #expect(answer.json?["from"] == "117.52.3.11")
            }
        }
    }

    @Test("A web page's script cannot post a callback, and a draining gateway says that it may be sent again")
    func refusals() async throws {
        try await withHouse { house in
            let page = try await house.ask(.post, "/shop/-/callbacks/notice", ["Origin": "https://evil.example"])
            #expect(page.status == 403)
            house.gateway.drain()
            let late = try await house.ask(.post, "/shop/-/callbacks/notice")
            #expect(late.status == 503)
            #expect(late.fields["Retry-After"] != nil)
        }
    }

    @Test("A body that no callback has is refused before it is read to its end")
    func size() async throws {
        try await withHouse { house in
            let request = HTTPRequest(
                method: .post, target: "/shop/-/callbacks/notice", body: [UInt8](repeating: 0x20, count: 300 << 10))
            let answer = try await house.client.send(request, to: house.door)
            #expect(answer.status == 413)
        }
    }
}
