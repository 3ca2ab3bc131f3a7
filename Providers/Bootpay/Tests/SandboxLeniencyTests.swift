import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxLeniencyTests {
    @Test("A cancel goes through however an official client writes it")
    func clientBodies() async throws {
        let bodies = try #require(try sandboxVector("client-bodies.json").elements)
        #expect(bodies.count >= 10)
        for sample in bodies {
            let house = try await SandboxHouse()
            let token = try await house.token()
            let judgement = await house.send(
                .post, "/cancel", token: token, type: sample["content_type"]?.string, body: sample["body"]?.string ?? "")
            #expect(judgement.isSuccess, "\(sample["client"]?.string ?? ""): \(judgement.body.text)")
            #expect(judgement.data["request_cancel_price"] == 2000)
            #expect(judgement.data["remain_price"] == 9000)
        }
    }

    @Test(
        "The .json suffix may stand on any path, even after an id",
        arguments: [
            ("GET", "/receipt/612df0250d681b001de61de6.json"), ("GET", "/certificate/612df0250d681b001de61de6.json"),
            ("GET", "/subscribe/billing/612df0250d681b001de61de6.json"), ("POST", "/cancel.json"), ("POST", "/submit.json"),
            ("POST", "/subscribe/billing.json"), ("POST", "/subscribe/billing/reserve.json"), ("POST", "/request/card_rebill.json"),
            ("POST", "/request/payment.json"), ("POST", "/request/user/token.json"), ("DELETE", "/subscribe/billing/abc.json"),
            ("DELETE", "/subscribe/billing/reserve/abc.json"), ("PUT", "/delivery/start/612df0250d681b001de61de6.json"),
            ("POST", "/request/token.json"),
        ])
    func suffix(_ method: String, _ path: String) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let with = await house.send(HTTPMethod(rawValue: method), path, token: token)
        let without = await house.send(HTTPMethod(rawValue: method), String(path.dropLast(5)), token: token)
        #expect(with.route != nil && with.route == without.route)
        #expect(with.code != Int64(BootpayRefusal.unknownCall.code))
    }

    @Test("Bodies on GET and DELETE do not matter", arguments: ["{}", "[]", "{\"a\":", "\u{1}", ""])
    func bodiesWithoutMeaning(_ body: String) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        #expect(await house.send(.get, "/receipt/\(SandboxHouse.demoReceipt)", token: token, body: body).isSuccess)
        let key = try await house.billingKey(token: token)
        #expect(await house.send(.delete, "/subscribe/billing/\(key)", token: token, body: body).isSuccess)
    }

    @Test(
        "An empty body, {} and [] all lack the required fields, and are no reason to call them unreadable",
        arguments: ["", "{}", "[]", "null"])
    func emptyBodies(_ body: String) async throws {
        let house = try await SandboxHouse()
        let judgement = await house.send(.post, "/cancel", token: try await house.token(), body: body)
        #expect(judgement.isRefusal(.invalidRequest, "field.missing"))
    }

    @Test("The token call takes forms with a percent-encoded key, and ignores a stale Authorization")
    func tokenForm() async throws {
        let house = try await SandboxHouse()
        let encoded = FormText.encode([("application_id", DemoData.application), ("private_key", DemoData.privateKey)])
        #expect(encoded.contains("%3D"))
        let judgement = await house.send(
            .post, "/request/token", token: "stale", type: "application/x-www-form-urlencoded", body: encoded)
        #expect(judgement.isSuccess)
        #expect(await house.send(.post, "/request/token", token: "stale", body: SandboxHouse.tokenRequest.text).isSuccess)
    }

    @Test("A + of the key that a form turned into a space is named as the cause")
    func plusBecameSpace() async throws {
        let house = try await SandboxHouse(demo: false)
        let made = try await house.sandbox.createTenant(try #require(TenantID(rawValue: "plus")), settings: [:])
        var key = made["private_key"]?.string ?? ""
        for seed in 2...60 where !key.contains("+") {
            let other = try await SandboxHouse(seed: UInt64(seed), demo: false)
            key = try await other.sandbox.createTenant(try #require(TenantID(rawValue: "plus")), settings: [:])["private_key"]?.string ?? ""
            guard key.contains("+") else { continue }
            let id = try await other.control(.get, "/applications", tenant: try #require(TenantID(rawValue: "plus"))).1["application_id"]
            let judgement = await other.send(
                .post, "/request/token", type: "application/x-www-form-urlencoded",
                body: "application_id=\(id?.string ?? "")&private_key=\(key.replacing("=", with: "%3D"))")
            #expect(judgement.isRefusal(.accessDenied, "access.key-wrong"))
            #expect(judgement.verdict?.remedy?.english.contains("a + has become a space") == true)
        }
        #expect(key.contains("+"))
    }

    @Test("Bodies that cannot be meant are refused, each with its reason")
    func unreadable() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body = #"{"receipt_id":"612df0250d681b001de61de6"}"#
        let curl = await house.send(.post, "/cancel", token: token, type: "application/x-www-form-urlencoded", body: body)
        #expect(curl.isRefusal(.invalidRequest, "body.content-type"))
        for (type, body) in [
            ("application/json", "{"), ("application/json", "\"text\""), ("application/json", "[1]"), (nil, "{broken"),
            ("multipart/form-data; boundary=x", "--x"), ("application/x-www-form-urlencoded", "a=%zz"),
        ] as [(String?, String)] {
            let judgement = await house.send(.post, "/cancel", token: token, type: type, body: body)
            #expect(judgement.isRefusal(.invalidRequest, "body.unreadable"), "\(body)")
        }
        let many = (0...1000).map { "a\($0)=1" }.joined(separator: "&")
        let flood = await house.send(.post, "/cancel", token: token, type: "application/x-www-form-urlencoded", body: many)
        #expect(flood.isRefusal(.invalidRequest, "body.unreadable"))
    }

    @Test("An empty id is not found; a path without it is no call")
    func emptyID() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        #expect(await house.send(.get, "/receipt/", token: token).isRefusal(.notFound, "receipt.empty"))
        #expect(await house.send(.get, "/receipt", token: token).isRefusal(.unknownCall, "call.unknown"))
    }

    @Test("Calls that do not exist say which was meant")
    func unknownCalls() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let get = await house.send(.get, "/cancel", token: token)
        #expect(get.isRefusal(.unknownCall, "call.method") && get.tenant == .demo)
        #expect(get.verdict?.details["allowed"] == ["POST"])
        let v2 = await house.send(.post, "/v2/request/token", body: SandboxHouse.tokenRequest.text)
        #expect(v2.isRefusal(.unknownCall, "call.v2") && v2.tenant == .demo)
        #expect(await house.send(.get, "/nothing", token: token).isRefusal(.unknownCall, "call.unknown"))
    }

    @Test("Objects in a form: brackets are read, bare names are recognised as flattened")
    func formObjects() throws {
        func fields(_ body: String) throws -> Fields {
            try Fields(
                of: Call(
                    method: .post, path: "/", fields: ["Content-Type": "application/x-www-form-urlencoded"], body: Array(body.utf8)))
        }
        let bracketed = try fields("refund[account]=123&refund[bankcode]=004&items[0][qty]=1&items[1][qty]=2&tags[]=a&tags[]=b")
        #expect(bracketed["refund"] == ["account": "123", "bankcode": "004"])
        #expect(bracketed.list("items") == [["qty": "1"], ["qty": "2"]])
        #expect(bracketed["tags"] == ["a", "b"])
        #expect(!bracketed.isFlattened("refund"))
        let rails = try fields("items[][name]=a&items[][qty]=1&items[][name]=b&items[][qty]=2")
        #expect(rails.list("items") == [["name": "a", "qty": "1"], ["name": "b", "qty": "2"]])
        let flat = try fields("refund=account&refund=accountholder&name=x&name=y")
        #expect(flat.isFlattened("refund") && flat.object("refund").members.count == 0)
        #expect(try flat.text("name") == "y")
        #expect(FormTree.path("a[b") == ["a[b"] && FormTree.path("[a]") == ["[a]"] && FormTree.path("a[b]c") == ["a[b]c"])
        #expect(FormTree.path("a" + String(repeating: "[b]", count: 100)).count == 1)
    }

    @Test("Items are counted under either name")
    func itemInfo() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        for name in ["items", "item_info"] {
            let judgement = await house.post(
                "/subscribe/billing/reserve",
                SandboxHouse.charge(key, price: 3000, ["execute_at": "1900000000", name: [["qty": 1], ["qty": 2]]]), token: token)
            #expect(judgement.isSuccess)
        }
        let (_, reservations) = try await house.control(.get, "/reservations")
        #expect(reservations.elements?.map { $0["items"] } == [2, 2])
    }

    @Test("Numbers are read from numbers, floats and texts, and nothing else counts as one")
    func numbers() throws {
        let fields = Fields([
            "a": 1000, "b": .number("1000.0"), "c": "1000", "d": "1000.00", "e": .number("1e3"), "f": "1,000", "g": "1000원",
            "h": .number("1000.5"), "i": true, "j": .null, "k": "", "l": [1], "m": "-5",
        ])
        for name in ["a", "b", "c", "d", "e"] { #expect(try fields.number(name) == 1000) }
        for name in ["f", "g", "h", "i", "l"] { #expect(throws: Refused.self) { try fields.number(name) } }
        for name in ["j", "k", "missing"] { #expect(try fields.number(name) == nil) }
        #expect(try fields.number("m") == -5)
        let extremes = Fields(["a": .number(Int64.max), "b": .number(Int64.min), "c": "1e400", "d": 1_000_000_000_000])
        for name in ["a", "b", "c"] { #expect(throws: Refused.self) { try extremes.number(name) } }
        #expect(try extremes.number("d") == 1_000_000_000_000)
        let moments = Fields(["a": .number("1767225600.734"), "b": "1767225600", "c": 1_767_225_600_000])
        #expect(try moments.moment("a") == Timestamp(unixSeconds: 1_767_225_600))
        #expect(try moments.moment("b") == Timestamp(unixSeconds: 1_767_225_600))
        #expect(throws: Refused.self) { try moments.moment("c") }
    }

    @Test("HEAD is judged as GET")
    func head() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let got = await house.verify(token: token)
        let asked = await house.send(.head, "/receipt/\(SandboxHouse.demoReceipt)", token: token)
        #expect(asked.reply.status == 200)
        #expect(asked.reply.body == got.reply.body)
        #expect(asked.route == "verify")
    }
}
