import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import Testing
import Transport
import TestSupport

@testable import BootpaySandbox

@Suite struct SandboxTokenTests {
    @Test("The same token is handed out until 25:00, then another, while the old one lives to 30:00")
    func rule() async throws {
        let house = try await SandboxHouse()
        let start = house.clocks.now(.demo)
        let first = try await house.token()
        let firstExpiry = start.unixSeconds + 1800
        for (age, isSame) in [(0, true), (1, true), (24 * 60 + 59, true)] {
            house.clocks.set(start + .seconds(age))
            let judgement = await house.askForToken()
            #expect((judgement.data["token"]?.string == first) == isSame, "at \(age) s")
            #expect(judgement.data["expired_at"]?.integer == firstExpiry)
            #expect(judgement.data["server_time"]?.integer == start.unixSeconds + Int64(age))
        }
        house.clocks.set(start + .seconds(1499) + .milliseconds(999))
        #expect(try await house.token() == first)
        house.clocks.set(start + .seconds(1500))
        let second = await house.askForToken()
        let secondToken = try #require(second.data["token"]?.string)
        #expect(secondToken != first)
        #expect(second.data["expired_at"]?.integer == start.unixSeconds + 1500 + 1800)
        for age in [1500, 1501, 1799] {
            house.clocks.set(start + .seconds(age))
            #expect(await house.verify(token: first).isSuccess, "the old one at \(age) s")
            #expect(await house.verify(token: secondToken).isSuccess, "the new one at \(age) s")
        }
        house.clocks.set(start + .seconds(1800))
        let dead = await house.verify(token: first)
        #expect(dead.isRefusal(.tokenRefused, "token.expired"))
        #expect(dead.verdict?.details["age_seconds"] == 1800)
        #expect(dead.tenant == .demo)
        #expect(await house.verify(token: secondToken).isSuccess)
    }

    @Test("A token first asked for after its death is replaced by one with a whole life")
    func afterDeath() async throws {
        let house = try await SandboxHouse()
        let first = try await house.token()
        house.clocks.advance(.seconds(1800))
        let judgement = await house.askForToken()
        #expect(judgement.data["token"]?.string != first)
        #expect(judgement.data["expired_at"]?.integer == house.clocks.now(.demo).unixSeconds + 1800)
    }

    @Test("At any fraction of a second, a token with five minutes left or fewer is replaced and one with more is not")
    func wholeSeconds() async throws {
        let house = try await SandboxHouse(clocks: HandClocks(Timestamp(nanosecondsSinceEpoch: 1_767_225_600_734_000_000)))
        let first = await house.askForToken()
        let expiry = try #require(first.data["expired_at"]?.integer)
        #expect(expiry - (first.data["server_time"]?.integer ?? 0) == 1800)
        house.clocks.set(Timestamp(unixSeconds: expiry - 300) - .nanoseconds(1))
        #expect(await house.askForToken().data["token"] == first.data["token"])
        house.clocks.set(Timestamp(unixSeconds: expiry - 300))
        #expect(await house.askForToken().data["token"] != first.data["token"])
        house.clocks.set(Timestamp(unixSeconds: expiry) - .nanoseconds(1))
        #expect(await house.verify(token: first.data["token"]?.string ?? "").isSuccess)
        house.clocks.set(Timestamp(unixSeconds: expiry))
        #expect(await house.verify(token: first.data["token"]?.string ?? "").reply.status == 401)
    }

    @Test("Never more than two tokens are valid at once, even with edges that would allow three")
    func atMostTwo() async throws {
        let house = try await SandboxHouse()
        try await house.set(["token_renewal_age": 300, "token_lifetime": 1800])
        var tokens: [String] = []
        for _ in 0..<5 {
            tokens.append(try await house.token())
            house.clocks.advance(.seconds(300))
        }
        var valid = 0
        for token in tokens where await house.verify(token: token).isSuccess { valid += 1 }
        #expect(valid == 2)
        #expect(await house.verify(token: tokens[1]).isRefusal(.tokenRefused, "token.expired"))
    }

    @Test("The published reply's token was 21 seconds old: with that initial age the sandbox says the same")
    func vector() async throws {
        let sample = try sandboxVector("token-reply.json")
        let serverTime = try #require(sample["data"]?["server_time"]?.integer)
        let expiry = try #require(sample["data"]?["expired_at"]?.integer)
        let house = try await SandboxHouse(clocks: HandClocks(Timestamp(unixSeconds: serverTime)))
        try await house.set(["initial_token_age": .number(1800 - (expiry - serverTime))])
        let judgement = await house.askForToken(try sandboxVector("token-request.json"))
        #expect(judgement.data["expired_at"]?.integer == expiry)
        #expect(judgement.data["server_time"]?.integer == serverTime)
        #expect(judgement.body.members?.names == sample.members?.names)
        #expect(judgement.data.members?.names == sample["data"]?.members?.names)
        let token = try #require(judgement.data["token"]?.string)
        #expect(token.utf8.count == sample["data"]?["token"]?.string?.utf8.count)
        #expect(Hexadecimal.decode(token) != nil && token == token.lowercased())
    }

    @Test("Only a first token is aged; the one that renews it is fresh")
    func agedFirst() async throws {
        let house = try await SandboxHouse()
        try await house.set(["initial_token_age": 1490])
        let start = house.clocks.now(.demo).unixSeconds
        #expect(await house.askForToken().data["expired_at"]?.integer == start + 310)
        house.clocks.advance(.seconds(10))
        #expect(await house.askForToken().data["expired_at"]?.integer == start + 10 + 1800)
    }

    @Test("The control API gives the newest token any age")
    func chosenAge() async throws {
        let house = try await SandboxHouse()
        let first = try await house.token()
        let (status, said) = try await house.control(.post, "/applications/\(DemoData.application)/token", ["age": 1799])
        #expect(status == 200 && said["valid"] == true && said["handed_out"] == false)
        #expect(await house.verify(token: first).isSuccess)
        house.clocks.advance(.seconds(1))
        #expect(await house.verify(token: first).isRefusal(.tokenRefused, "token.expired"))
        _ = try await house.control(.delete, "/applications/\(DemoData.application)/tokens")
        #expect(await house.verify(token: first).isRefusal(.tokenRefused, "token.revoked"))
    }

    @Test("A clock that was set back gets a token whose expiry is right")
    func clockSetBack() async throws {
        let house = try await SandboxHouse()
        let first = try await house.token()
        house.clocks.advance(.seconds(-86_400))
        let judgement = await house.askForToken()
        #expect(judgement.data["token"]?.string != first)
        #expect(judgement.data["expired_at"]?.integer == house.clocks.now(.demo).unixSeconds + 1800)
    }

    @Test("A token is the same after a restart")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let house = try await SandboxHouse(.file(directory.file("state.db")))
        let token = try await house.token()
        await house.database.close()
        let again = try await SandboxHouse(.file(directory.file("state.db")), seed: 2, clocks: house.clocks)
        #expect(try await again.token() == token)
        #expect(await again.verify(token: token).isSuccess)
    }

    @Test("What is not a token is refused, and the verdict says what it is")
    func refused() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        #expect(await house.send(.get, "/receipt/\(SandboxHouse.demoReceipt)").isRefusal(.tokenRefused, "token.missing"))
        #expect(await house.verify(token: String(repeating: "a", count: 64)).isRefusal(.tokenRefused, "token.unknown"))
        #expect(await house.verify(token: "null").isRefusal(.tokenRefused, "token.unknown"))
        #expect(await house.verify(token: token.uppercased()).isRefusal(.tokenRefused, "token.unknown"))
        #expect(await house.verify(token: "Basic YTpi").isRefusal(.tokenRefused, "token.scheme"))
        let bearer = await house.verify(token: "Bearer \(token)")
        #expect(bearer.isRefusal(.tokenRefused, "token.bearer"))
        #expect(bearer.tenant == .demo && bearer.verdict?.details["token_is_known"] == true)
        #expect(bearer.verdict?.remedy?.english.contains("without a prefix") == true)
        #expect(await house.verify(token: "Bearer unknown").verdict?.details["token_is_known"] == false)
    }

    @Test("Wrong credentials, another platform's id and a foreign address get one and the same answer, and three verdicts")
    func opaque() async throws {
        let house = try await SandboxHouse()
        let unknown = await house.askForToken(["application_id": "5b8f6a4d396fa665fdc2b5ff", "private_key": .string(DemoData.privateKey)])
        let wrongKey = await house.askForToken(["application_id": .string(DemoData.application), "private_key": "wrong"])
        let web = await house.askForToken(["application_id": "5b8f6a4d396fa665fdc2b5e7", "private_key": .string(DemoData.privateKey)])
        let missing = await house.post("/request/token", ["application_id": .string(DemoData.application), "private_key": ""])
        #expect(missing.isRefusal(.invalidRequest, "field.missing") && missing.verdict?.details["fields"] == ["private_key"])
        #expect(missing.tenant == .demo)
        let both = await house.post("/request/token", [:])
        #expect(both.verdict?.details["fields"] == ["application_id", "private_key"])
        _ = try await house.control(.put, "/applications/\(DemoData.application)/allow-list", ["allow": ["203.0.113.0/24"]])
        let address = await house.askForToken()
        #expect(unknown.isRefusal(.accessDenied, "access.application-unknown") && unknown.tenant == nil)
        #expect(wrongKey.isRefusal(.accessDenied, "access.key-wrong") && wrongKey.tenant == .demo)
        #expect(web.isRefusal(.accessDenied, "access.application-platform"))
        #expect(web.verdict?.details["rest"] == [.string(DemoData.application)])
        #expect(address.isRefusal(.accessDenied, "access.address"))
        #expect(Set([unknown, wrongKey, web, address].map { $0.body.text }).count == 1)
    }

    @Test("User tokens live one hour and say so in both ways")
    func userToken() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        // The Python client sends JSON without a content type here.
        let judgement = await house.send(
            .post, "/request/user/token.json", token: token, type: nil, body: #"{"user_id": "u-1", "gender": 1, "birth": "861014"}"#)
        #expect(judgement.isSuccess)
        #expect(judgement.data["user_token"]?.string?.utf8.count == 24)
        #expect(judgement.data["expired_unixtime"]?.integer == house.clocks.now(.demo).unixSeconds + 3600)
        #expect(judgement.data["expired_localtime"] == "2026-01-01 10:00:00 +0900")
        #expect(await house.post("/request/user/token", ["email": "a@b.c"], token: token).isRefusal(.invalidRequest, "field.missing"))
        let birth = await house.post("/request/user/token", ["user_id": "u", "birth": "1986-10-14"], token: token)
        #expect(birth.isRefusal(.invalidRequest, "field.value"))
    }
}
