import AppsInToss
import Base
import TestSupport
import Testing
import Transport

/// The README's example, as it stands there.
private struct Shop {
    let client: AppsInTossClient

    func logIn(code: String, referrer: String) async throws -> AppsInTossUserKey {
        let tokens = try await client.login.tokens(authorizationCode: PersonalText(code), referrer: LoginReferrer(rawValue: referrer))
        let profile = try await client.login.profile(tokens.accessToken)
        return profile.userKey
    }

    func charge(order: String, payToken: PayToken, user: AppsInTossUserKey) async throws -> Bool {
        do {
            let paid = try await client.pay.execute(payToken, orderNo: order, isTestPayment: false, for: .userKey(user))
            return paid.amount == 12_000
        } catch  where error.outcome == .unknown {
            return false  // ask client.pay.status(…) later; never execute again by machine
        }
    }

    func welcome(_ user: AppsInTossUserKey) async throws -> PromotionOutcome {
        try await client.promotions.grant(
            .init(reference: "welcome-\(user)", promotionCode: "01JBUJEOLDEMOPROMOTION0000", points: 100, user: .userKey(user)))
    }
}

@Suite("Apps in Toss: the README's example")
struct ClientExampleTests {
    @Test("It logs a user in, charges once, and grants the welcome points once")
    func example() async throws {
        let script = ClientScript { call, _ in
            switch call.name {
            case "generate-token": ClientScript.success(["accessToken": "a", "refreshToken": "r"])
            case "login-me": ClientScript.success(["userKey": 443_731_104])
            case "execute-payment": ClientScript.success(["code": 0, "amount": 12_000, "payToken": "p", "orderNo": "o-1"])
            case "get-key", "execute-promotion": ClientScript.success(["key": "k"])
            default: ClientScript.success("SUCCESS")
            }
        }
        let shop = Shop(client: AppsInTossClient(exchange: script, options: .init(time: ManualTime())))
        let user = try await shop.logIn(code: "c", referrer: "DEFAULT")
        #expect(user == 443_731_104)
        #expect(try await shop.charge(order: "o-1", payToken: "p", user: user))
        #expect(try await shop.welcome(user) == .success)
        #expect(try await shop.welcome(user) == .success)
        #expect(script.names.filter { $0.hasPrefix("execute-") } == ["execute-payment", "execute-promotion"])
    }

    @Test("The README shows the very lines that are tested here")
    func same() throws {
        let readme = String(decoding: try PackageFiles.bytes("Providers/AppsInToss/README.md"), as: UTF8.self)
        let source = String(decoding: try PackageFiles.bytes("Providers/AppsInToss/Tests/ClientExampleTests.swift"), as: UTF8.self)
        let block = try #require(readme.split(separator: "```swift\n").dropFirst(2).first?.split(separator: "```").first)
        let lines = block.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.filter {
            $0.hasPrefix("let profile") || $0.contains("client.pay.execute") || $0.contains("promotions.grant")
                || $0.contains("login.tokens")
        }
        #expect(lines.count == 4)
        for line in lines { #expect(source.contains(line), "\(line)") }
    }
}
