import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxControlTests {
    @Test("Everything about a new payment has a default")
    func defaults() async throws {
        let house = try await SandboxHouse()
        let (status, receipt) = try await house.control(.post, "/payments")
        #expect(
            status == 201 && receipt["status"] == 1 && receipt["price"] == 11_000 && receipt["pg"] == "inicis"
                && receipt["method"] == "card")
        let (_, list) = try await house.control(.get, "/payments")
        #expect(list.elements?.count == 4 && list[0]?["receipt_id"] == receipt["receipt_id"])
    }

    @Test(
        "What makes no sense is told in both languages",
        arguments: [
            ["price": -1], ["price": "천원"], ["tax_free": 20_000], ["status": 77], ["status": "nonsense"], ["method": "cash"],
            ["pg": "paypal"], ["receipt_id": "short"], ["receipt_id": "612DF0250D681B001DE61DE6"], ["typo": 1],
            ["requested_at": "yesterday"],
            ["status": 11, "method": "card"],
        ] as [JSON])
    func invalid(_ payment: JSON) async throws {
        let house = try await SandboxHouse()
        let (status, body) = try await house.control(.post, "/payments", payment)
        #expect(status == 400)
        #expect(body["error"]?["ko"]?.string?.isEmpty == false && body["error"]?["en"]?.string?.isEmpty == false)
        #expect(try await house.control(.get, "/payments").1.elements?.count == 3)
    }

    @Test("Taken and unknown ids get 409 and 404, other methods 405, other paths nothing")
    func statuses() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.control(.post, "/payments", ["receipt_id": .string(SandboxHouse.demoReceipt)]).0 == 409)
        #expect(try await house.control(.post, "/applications", ["application_id": .string(DemoData.application)]).0 == 409)
        #expect(try await house.control(.get, "/payments/unknown").0 == 404)
        #expect(try await house.control(.post, "/payments", ["application_id": "unknown"]).0 == 404)
        #expect(try await house.control(.delete, "/payments").0 == 405)
        #expect(try await house.control(.get, "/payments?limit=0").0 == 400)
        for path in ["/nothing", "/", "/payments/a/b/c", "/payments/\(SandboxHouse.demoReceipt)/nothing"] {
            #expect(await house.sandbox.control(Call(method: .get, path: path), tenant: .demo) == nil)
        }
    }

    @Test(
        "Moves follow the allowed ones, and no other is possible",
        arguments: [
            ("pay", 0, "card", 1), ("await-approval", 0, "card", 2), ("fail", 0, "card", -1), ("fail", 2, "card", -1),
            ("approve", 2, "card", 1), ("deposit", 2, "vbank", 1), ("revoke-account", 2, "vbank", -3), ("settle-cancel", -30, "card", 20),
            ("await-approval", 0, "vbank", 2), ("approve", 3, "card", 1), ("fail", 3, "card", -2), ("restore", -20, "card", 1),
            ("restore", 1, "card", nil), ("pay", 1, "card", nil), ("pay", 0, "vbank", nil), ("deposit", 2, "card", nil),
            ("approve", 2, "vbank", nil), ("deposit", 1, "vbank", nil), ("fail", 1, "card", nil), ("cancel-at-gateway", 0, "card", nil),
            ("settle-cancel", 1, "card", nil), ("revoke-account", 2, "card", nil), ("await-approval", 1, "card", nil),
        ] as [(String, Int, String, Int?)])
    func moves(_ move: String, _ from: Int, _ method: String, _ to: Int?) async throws {
        let house = try await SandboxHouse()
        let receipt = try await house.pay(["status": .number(from), "method": .string(method)])
        let (status, body) = try await house.control(.post, "/payments/\(receipt)/\(move)")
        if let to {
            #expect(status == 200 && body["status"]?.integer == Int64(to))
            #expect(PaymentStatus(rawValue: from).mayBecome(PaymentStatus(rawValue: to)))
        } else {
            #expect(status == 409)
            #expect(try await house.control(.get, "/payments/\(receipt)").1["status"]?.integer == Int64(from))
        }
    }

    @Test("Settings show every switch; a change stays, null brings the default back, and nonsense changes nothing")
    func settings() async throws {
        let house = try await SandboxHouse()
        let (_, defaults) = try await house.control(.get, "/settings")
        #expect(defaults["token_renewal_age"] == 1500 && defaults["token_lifetime"] == 1800 && defaults["cancel_id_dedupe"] == true)
        #expect(defaults["partial_cancel_guard"] == false && defaults["reservations_per_key"] == 5)
        #expect(defaults.members?.names.count == SandboxSettings.members.count + 1)
        let (status, changed) = try await house.control(.put, "/settings", ["token_lifetime": 600, "gateway_cancel": "refuse"])
        #expect(status == 200 && changed["token_lifetime"] == 600 && changed["gateway_cancel"] == "refuse")
        for nonsense in [
            ["token_lifetime": 0], ["token_lifetime": "600"], ["gateway_cancel": "explode"], ["unknown": 1],
            ["partial_cancel_guard": true, "webhook_repeats": -1], ["errors": ["nothing": [:]]], ["errors": ["not-found": ["status": 200]]],
            ["errors": ["not-found": ["code": 0]]], ["disabled_calls": ["cancel"]], ["initial_token_age": 600],
            ["source_address_header": "a b"], ["gateway_approval": "timeout-pending"],
        ] as [JSON] {
            let (status, body) = try await house.control(.put, "/settings", nonsense)
            #expect(status == 400 && body["error"]?["ko"]?.string?.isEmpty == false, "\(nonsense.text)")
        }
        #expect(try await house.control(.get, "/settings").1 == changed)
        let (_, restored) = try await house.control(.put, "/settings", ["token_lifetime": .null, "gateway_cancel": .null])
        #expect(restored == defaults)
    }

    @Test("Error codes, statuses and texts are the tenant's to choose")
    func errors() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let (_, defaults) = try await house.control(.get, "/settings")
        #expect(defaults["errors"]?.members?.count == BootpayRefusal.table.count)
        #expect(defaults["errors"]?["gateway-amount"]?["published"] == true && defaults["errors"]?["not-found"]?["published"] == false)
        try await house.set(["errors": ["not-found": ["status": 400, "code": -7, "message": "없음"], "token-refused": ["code": -9]]])
        let judgement = await house.verify("none", token: token)
        #expect(judgement.reply.status == 400 && judgement.body.text == #"{"status":400,"code":-7,"message":"없음"}"#)
        // The tenant is not known from an unknown token, so the default stands; it is from an expired one.
        #expect(await house.verify(token: "unknown").code == -2400)
        house.clocks.advance(.seconds(1800))
        #expect(await house.verify(token: token).code == -9)
        try await house.set(["errors": ["not-found": .null]])
        let renewed = try await house.token()
        #expect(await house.verify("none", token: renewed).code == -4040)
        try await house.set(["errors": .null])
        #expect(await house.verify(token: token).code == -2400)
    }

    @Test("Several REST applications may share a project, and a new one has its own key and data")
    func applications() async throws {
        let house = try await SandboxHouse()
        let (_, list) = try await house.control(.get, "/applications")
        let project = try #require(list["projects"]?[0]?["project"]?.string)
        let (status, shared) = try await house.control(.post, "/applications", ["project": .string(project), "name": "batch"])
        #expect(status == 201 && shared["private_key"]?.string == DemoData.privateKey)
        let token = try await house.token([
            "application_id": shared["application_id"] ?? .null, "private_key": .string(DemoData.privateKey),
        ])
        #expect(token != (try await house.token()))
        #expect(await house.verify(token: token).isSuccess)
        let (_, own) = try await house.control(.post, "/applications", ["name": "own", "allow_list": ["203.0.113.1"], "platform": "rest"])
        #expect(own["private_key"]?.string != DemoData.privateKey && own["allow_list"] == ["203.0.113.1"])
        let web: JSON = ["application_id": "0123456789abcdef01234567", "platform": "web"]
        #expect(try await house.control(.post, "/applications", web).1["application_id"] == "0123456789abcdef01234567")
        #expect(try await house.control(.post, "/applications", ["platform": "toaster"]).0 == 400)
        #expect(try await house.control(.post, "/applications", ["project": "unknown"]).0 == 404)
        #expect(try await house.control(.put, "/applications/\(DemoData.application)/feedback", ["url": "javascript:1"]).0 == 400)
    }

    @Test(
        "Rare calls are accepted and recorded by their members' names only, and can be switched off", arguments: BootpayRoutes.rare.routes)
    func rare(_ route: Route) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let path = route.path.replacing("{receipt_id}", with: SandboxHouse.demoReceipt)
        var body = SandboxHouse.tokenRequest.members ?? [:]
        body["card_no"] = "5570421234561074"
        let judgement = await house.send(route.method, path, token: token, body: JSON.object(body).text)
        #expect(judgement.isSuccess && judgement.data == [:] && judgement.verdict?.kind == .warned)
        let (_, calls) = try await house.control(.get, "/calls")
        #expect(calls[0]?["call"]?.string == route.name)
        #expect(!calls.text.contains("5570421234561074"))
        try await house.set(["disabled_calls": [.string(route.name)]])
        let refused = await house.send(route.method, path, token: token, body: JSON.object(body).text)
        #expect(refused.isRefusal(.unknownCall, "call.disabled"))
    }

    @Test("Rare calls need a token, but for those that carry the application id")
    func rareAccess() async throws {
        let house = try await SandboxHouse()
        #expect(await house.post("/push/sms", [:]).isRefusal(.tokenRefused, "token.missing"))
        let id: JSON = ["application_id": .string(DemoData.application)]
        #expect(await house.post("/app/rest/remote_form", id).isSuccess)
        #expect(await house.post("/app/rest/remote_link", id).isSuccess)
        #expect(await house.post("/app/rest/remote_link", [:], token: try await house.token()).isSuccess)
        #expect(await house.post("/app/rest/remote_form", ["application_id": "x"]).isRefusal(.accessDenied, "access.application-unknown"))
        #expect(await house.post("/samsung/request/token", id).isRefusal(.invalidRequest, "field.missing"))
    }
}

@Suite("Bootpay's control API and curl")
struct SandboxControlCurlTests {
    @Test("A JSON body is read as JSON although curl -d calls it a form")
    func mislabelledJSON() async throws {
        let house = try await SandboxHouse()
        let call = Call(
            method: .post, path: "/payments", fields: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array("{\"price\": 4321}".utf8))
        let reply = try #require(await house.sandbox.control(call, tenant: .demo))
        #expect(reply.status == 201 || reply.status == 200)
        #expect(try JSON(reply.body)["price"]?.integer == 4321)
    }
}
