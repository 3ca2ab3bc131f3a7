import AppsInToss
import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the end of a link")
struct SandboxLoginUnlinkTests {
    private static let user = Int64(AppsInTossDemonstration.userKey)

    private func unlink(_ house: SandboxHouse, _ reason: String) async throws {
        try await house.ask(.post, "/users/\(Self.user)/unlink", ["reason": .string(reason)])
    }

    @Test(
        "the user ends the link: every token and unused code is dead, and the callback comes as registered",
        arguments: [
            "UNLINK", "WITHDRAWAL_TERMS", "WITHDRAWAL_TOSS",
        ])
    func post(_ reason: String) async throws {
        let house = try await SandboxHouse()
        try await house.ask(
            .put, "/apps/bujeol-demo", ["unlink": ["url": "https://shop.example/unlink", "method": "POST", "basic_text": "no colon 비밀"]])
        let tokens = try await house.login()
        let unused = try await house.consent()
        try await unlink(house, reason)
        #expect(house.scheduled.withLock { $0 }.contains(.demo))
        #expect(await house.send("login-me", bearer: tokens["accessToken"]?.string).isBareError("token.ended"))
        #expect(await house.send("refresh-token", ["refreshToken": tokens["refreshToken"] ?? .null]).isBareError("token.ended"))
        #expect(
            await house.send("generate-token", ["authorizationCode": .string(unused), "referrer": "DEFAULT"]).isBareError("code.ended"))
        #expect(await house.sandbox.settle(.demo) == nil)
        let sent = try #require(house.network.sent.first)
        #expect(house.network.sent.count == 1)
        #expect(sent.origin == HTTPOrigin(isSecure: true, host: "shop.example", port: 443))
        #expect(sent.request.method == .post && sent.request.target == "/unlink")
        #expect(sent.json == ["userKey": .number(Self.user), "referrer": .string(reason)])
        #expect(sent.request.fields["Content-Type"]?.hasPrefix("application/json") ?? false)
        let proof = try PythonOracle.lines(
            "import base64; print('Basic ' + base64.b64encode('no colon 비밀'.encode()).decode())", input: [String]())
        #expect(sent.request.fields.values("Authorization") == proof)
        let callbacks = try await house.ask(.get, "/callbacks")
        #expect(callbacks[0]?["state"] == "delivered" && callbacks[0]?["kind"] == "unlink")
        #expect(!callbacks.text.contains("no colon"))
    }

    @Test(
        "GET carries the two values in the query, behind what the registered address has there already",
        arguments: [
            ("https://shop.example/unlink", "/unlink?userKey=443731104&referrer=UNLINK"),
            ("https://shop.example/unlink?from=toss", "/unlink?from=toss&userKey=443731104&referrer=UNLINK"),
            ("https://shop.example", "/?userKey=443731104&referrer=UNLINK"),
        ])
    func get(_ url: String, _ target: String) async throws {
        let house = try await SandboxHouse()
        try await house.ask(.put, "/apps/bujeol-demo", ["unlink": ["url": .string(url), "method": "GET"]])
        try await unlink(house, "UNLINK")
        _ = await house.sandbox.settle(.demo)
        let sent = try #require(house.network.sent.first)
        #expect(sent.request.method == .get && sent.request.target == target)
        #expect(sent.request.body.isEmpty && sent.request.fields["Authorization"] == nil && sent.request.fields["Content-Type"] == nil)
    }

    @Test("any 2xx is taken; anything else is repeated after 10, 60 and 300 seconds, then given up")
    func repeats() async throws {
        let house = try await SandboxHouse()
        house.network.answers(503)
        let began = house.clocks.now(.demo)
        try await unlink(house, "UNLINK")
        var due: [Int64] = []
        while let next = await house.sandbox.settle(.demo) {
            due.append((next - began).wholeSeconds)
            house.clocks.set(next)
            try #require(due.count < 10)
        }
        #expect(due == [10, 70, 370])
        #expect(house.network.sent.count == 4)
        let row = try await house.ask(.get, "/callbacks")[0]
        #expect(row?["state"] == "given-up" && row?["attempts"]?.elements?.count == 4)
        #expect(row?["attempts"]?[0]?["status"] == 503)
    }

    @Test("a callback that is taken at its second attempt is not sent again, and neither is one answered with 204")
    func taken() async throws {
        let house = try await SandboxHouse()
        house.network.refuses()
        try await unlink(house, "UNLINK")
        let next = try #require(await house.sandbox.settle(.demo))
        house.network.answers(204)
        house.clocks.set(next - .nanoseconds(1))
        #expect(await house.sandbox.settle(.demo) == next)
        #expect(house.network.sent.count == 1)
        house.clocks.set(next)
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(house.network.sent.count == 2)
        let attempts = try await house.ask(.get, "/callbacks")[0]?["attempts"]
        #expect(attempts?[0]?["status"] == .null && attempts?[0]?["problem"]?.string?.isEmpty == false)
        #expect(attempts?[1]?["accepted"] == true)
    }

    @Test("the pauses are a setting")
    func pauses() async throws {
        let house = try await SandboxHouse()
        try await house.set(["callback_pauses": []])
        house.network.answers(500)
        try await unlink(house, "UNLINK")
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(house.network.sent.count == 1)
    }

    @Test("what the partner removes itself ends tokens too and is told by no callback")
    func partner() async throws {
        let house = try await SandboxHouse()
        let first = try await house.login()
        let second = try await house.login()
        let removed = await house.send("remove-by-access-token", bearer: first["accessToken"]?.string)
        #expect(removed.isSuccess && removed.success == ["userKey": .number(Self.user)])
        for tokens in [first, second] {
            #expect(await house.send("login-me", bearer: tokens["accessToken"]?.string).isBareError("token.ended"))
        }
        let third = try await house.login()
        let byKey = await house.send("remove-by-user-key", ["userKey": .number(Self.user)])
        #expect(byKey.isSuccess && byKey.verdict == nil && byKey.success == ["userKey": .number(Self.user)])
        #expect(await house.send("refresh-token", ["refreshToken": third["refreshToken"] ?? .null]).isBareError("token.ended"))
        let again = await house.send("remove-by-user-key", ["userKey": .string(String(Self.user))])
        #expect(again.isSuccess && again.verdict?.rule == "user.not-linked")
        #expect(await house.send("remove-by-user-key", ["userKey": 1]).isRefusal("USER_KEY_NOT_FOUND", "user.unknown"))
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(house.network.sent.isEmpty)
    }

    @Test("after leaving Toss a user cannot consent again; after unlinking they can")
    func again() async throws {
        let house = try await SandboxHouse()
        try await unlink(house, "UNLINK")
        #expect(try await house.control(.post, "/users/\(Self.user)/unlink", ["reason": "UNLINK"]).0 == 409)
        _ = try await house.login()
        try await unlink(house, "WITHDRAWAL_TOSS")
        #expect(try await house.control(.post, "/codes", [:]).0 == 409)
        #expect(await house.send("remove-by-user-key", ["userKey": .number(Self.user)]).isRefusal("USER_KEY_NOT_FOUND", "user.unknown"))
        #expect(try await house.control(.post, "/users/\(Self.user)/unlink", ["reason": "BORED"]).0 == 400)
    }

    @Test("without a registered address the link ends all the same, and nothing is sent")
    func noAddress() async throws {
        let house = try await SandboxHouse()
        try await house.set(["scopes_need_unlink_callback": false])
        try await house.ask(.put, "/apps/bujeol-demo", ["unlink": .null])
        let answer = try await house.ask(.post, "/users/\(Self.user)/unlink", [:])
        #expect(answer["callback"] == false && answer["user"]?["state"] == "unlinked")
        #expect(await house.sandbox.settle(.demo) == nil)
    }
}
