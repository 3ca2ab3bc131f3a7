import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxVerdictTests {
    /// Values that must never be repeated, each in the place where it belongs and in places where it does not.
    private static let canaries = ["CANARYsecret0123456789abcdefCANARY", "5570429999991074", "840101CAN"]

    /// Members that are right for one call or another.
    private static let valid: JSON.Members = [
        "receipt_id": .string(SandboxHouse.demoReceipt), "price": 200, "tax_free": 0, "billing_key": "000000000000000000000000",
        "card_no": "5570421234561074", "card_pw": "17", "expire_year": "20", "expire_month": "12", "identify_number": "840101",
        "pg": "nicepay", "order_id": "1", "item_name": "x", "name": "x", "method": "card", "user_id": "u", "birth": "840101", "gender": "1",
        "quota": "1", "execute_at": "1900000000", "feedback_url": "http://localhost/", "return_url": "https://a.example/",
        "application_id": .string(DemoData.application), "private_key": "wrong",
    ]

    @Test("No verdict repeats a key, a token, a card or anything else that was sent, whatever goes wrong")
    func canaries() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let (_, reissued) = try await house.control(.post, "/applications/\(DemoData.application)/reissue-key")
        let key = try #require(reissued["private_key"]?.string)
        var verdicts: [Verdict] = []
        func take(_ judgement: Judgement) { if let verdict = judgement.verdict { verdicts.append(verdict) } }
        for canary in Self.canaries + [token, key, DemoData.privateKey] {
            take(await house.askForToken(["application_id": .string(canary), "private_key": .string(canary)]))
            take(await house.askForToken(["application_id": .string(DemoData.application), "private_key": .string(canary + "x")]))
            for header in [canary + "x", "Bearer \(canary)", "Basic \(canary)"] { take(await house.verify(token: header)) }
            for path in ["/receipt", "/certificate", "/subscribe/billing"] {
                take(await house.send(.get, "\(path)/\(canary.replacing("/", with: ""))", token: token))
            }
            for path in ["/subscribe/billing", "/subscribe/billing/reserve"] {
                take(await house.send(.delete, "\(path)/\(canary.replacing("/", with: ""))", token: token))
            }
            for route in BootpayRoutes.table.routes + BootpayRoutes.rare.routes where route.method == .post {
                take(await house.post(route.path, ["receipt_id": .string(canary)], token: token))
                for name in Self.valid.names {
                    var body = Self.valid
                    body[name] = .string(canary)
                    take(await house.post(route.path, .object(body), token: token))
                }
                take(await house.send(.post, route.path, token: token, type: "text/plain", body: "{\(canary)"))
            }
            var card = SandboxHouse.card.members ?? [:]
            for name in ["card_no", "card_pw", "identify_number", "expire_year", "pg"] {
                card[name] = .string(canary)
                take(await house.post("/request/card_rebill", .object(card), token: token))
                card[name] = SandboxHouse.card[name]
            }
        }
        #expect(verdicts.count > 1000)
        #expect(Set(verdicts.map(\.rule)).count > 15)
        for verdict in verdicts {
            #expect(verdict.isBilingual, "\(verdict.rule)")
            let text = verdict.json.text
            for canary in Self.canaries + [token, key, DemoData.privateKey] { #expect(!text.contains(canary), "\(verdict.rule)") }
        }
    }

    @Test("Every refusal of the table is a setting with a Korean text, a name of its own and the envelope's rules")
    func table() {
        #expect(Set(BootpayRefusal.table.map(\.name)).count == BootpayRefusal.table.count)
        for row in BootpayRefusal.table {
            #expect(row.code < 0 && [400, 401, 404, 422, 500].contains(row.status) && !row.message.isEmpty)
        }
    }

    @Test("Fields that logs must not show include the credentials and the card")
    func redaction() async throws {
        let fields = try await SandboxHouse().sandbox.redactedFields
        #expect(fields.isSuperset(of: ["authorization", "private_key", "token", "card_no", "card_pw", "identify_number"]))
    }
}
