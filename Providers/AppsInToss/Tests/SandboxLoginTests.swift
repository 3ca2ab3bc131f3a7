import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: login")
struct SandboxLoginTests {
    @Test("a consent gives a code, the code gives tokens, and the tokens give the user")
    func wholeWay() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login()
        #expect(tokens["tokenType"] == "Bearer")
        #expect(tokens["expiresIn"] == 3599)
        #expect(tokens["scope"]?.string?.split(separator: " ").first == "user_key")
        let me = await house.send("login-me", bearer: try #require(tokens["accessToken"]?.string))
        #expect(me.isSuccess)
        #expect(me.success["userKey"]?.integer == Int64(AppsInTossDemonstration.userKey))
        #expect(me.success["scope"]?.string?.contains(",user_name") ?? false)
        #expect(me.success["di"] == .null)
    }

    @Test("a code works once, for ten minutes, and only with the referrer it came with, letter by letter")
    func codes() async throws {
        let house = try await SandboxHouse()
        let code = try await house.consent(["referrer": "sandbox"])
        func exchange(_ code: String, _ referrer: String) async -> Judgement {
            await house.send("generate-token", ["authorizationCode": .string(code), "referrer": .string(referrer)])
        }
        #expect(await exchange(code, "SANDBOX").isBareError("referrer.case"))
        #expect(await exchange(code, "DEFAULT").isBareError("referrer.wrong"))
        house.clocks.advance(.seconds(599))
        #expect(await exchange(code, "sandbox").isSuccess)
        #expect(await exchange(code, "sandbox").isBareError("code.used"))
        let late = try await house.consent()
        house.clocks.advance(.seconds(600))
        #expect(await exchange(late, "DEFAULT").isBareError("code.expired"))
        #expect(await exchange("nonsense", "DEFAULT").isBareError("code.unknown"))
    }
}
