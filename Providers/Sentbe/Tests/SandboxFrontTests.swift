import Base
import ProviderKit
import SandboxKit
import Sentbe
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox: the common front") struct SandboxFrontTests {
    private static let quote: JSON = [
        "transfer_info": ["send_amount": "500000", "send_amount_currency": "KRW"],
        "wallet_info": ["transfer_currency": "USD", "fee_currency": "USD"],
    ]

    @Test("The worked example of the vectors opens, written with the samples' own credentials")
    func workedExample() async throws {
        let house = try await SandboxHouse()
        let vector = try JSON(try PackageFiles.bytes("Providers/Sentbe/Vectors/worked-example.json"))
        let envelope = try #require(vector["envelope"]?.string)
        // Its parameters are half of a transfer: the envelope is taken, and what is missing is named.
        let judgement = await house.send(.post, "/inbound/transfers", signature: envelope)
        #expect(judgement.isRefusal("E0005", "parameter.missing"))
        #expect(judgement.verdict?.details["parameters"] == ["transfer_info", "wallet_info"])
        #expect(judgement.tenant == .demo && judgement.route == "inbound-create-transfer")
    }

    @Test("The seed's own sample parameters make a recipient, in every writer's profile, and the stray name is pointed out")
    func seedSample() async throws {
        let house = try await SandboxHouse()
        let cases = try #require(try JSON(try PackageFiles.bytes("Providers/Sentbe/Vectors/envelopes.json")).elements)
        let sample = try #require(cases.first { $0["id"]?.string?.hasPrefix("seed_sample") ?? false })
        let writers = try #require(sample["writers"]?.members)
        var taken = 0
        for name in writers.names {
            guard let envelope = writers[name]?["envelope"]?.string ?? writers[name]?.string, envelope.contains("\"ct\"") else { continue }
            let judgement = await house.send(.post, "/inbound/recipients", signature: envelope)
            #expect(judgement.isSuccess, "\(name): \(judgement.body.text)")
            #expect(judgement.data["bank_attributes"]?["name"] == "002" && judgement.data["last_name"] == "Smith")
            #expect(judgement.verdict?.kind == .warned)
            taken += 1
        }
        #expect(taken >= 3)
    }

    @Test("Partner, address and key are judged in that order, each with its own reason")
    func doors() async throws {
        let house = try await SandboxHouse()
        func ask(_ caller: SandboxHouse.Caller) async -> Judgement {
            await house.send(.get, "/nowhere", signature: "nonsense", as: caller)
        }
        #expect(await ask(.init(partner: nil)).isRefusal("E0001", "partner.missing"))
        #expect(await ask(.init(partner: "2")).isRefusal("E0001", "partner.unknown"))
        #expect(await ask(.init(partner: "2")).tenant == nil)
        #expect(await ask(.init(key: nil)).isRefusal("E0003", "key.missing"))
        #expect(await ask(.init(key: "wrong")).isRefusal("E0003", "key.wrong"))
        #expect(await ask(.init(key: "test_pw")).isRefusal("E0003", "key.secret"))
        #expect(await ask(.init(key: "TEST_ID")).isRefusal("E0003", "key.case"))
        #expect(await ask(.init(key: "\"test_id\"")).isRefusal("E0003", "key.quoted"))
        let other = try await house.partner()
        #expect(await ask(.init(key: other.key)).isRefusal("E0003", "key.other-partner"))
        #expect(await ask(.init()).isRefusal("E0006", "call.unknown"))
        let (status, _) = try await house.control(.put, "/partners/1", ["allow_list": ["203.0.113.0/24", "2001:db8::/32"]])
        #expect(status == 200)
        // The address comes before the key, and a known partner's tenant is told all the same.
        let refused = await ask(.init(key: "wrong"))
        #expect(refused.isRefusal("E0001", "partner.address") && refused.tenant == .demo)
        for address in ["203.0.113.9", "2001:db8::1", "::ffff:203.0.113.1"] {
            #expect(await ask(.init(address: address)).isRefusal("E0006", "call.unknown"), "\(address)")
        }
        for address in ["203.0.114.9", "2001:db9::1", "nonsense"] {
            #expect(await ask(.init(address: address)).isRefusal("E0001", "partner.address"), "\(address)")
        }
        try await house.set(["source_address_headers": ["X-Forwarded-For"]])
        let forwarded = await house.send(
            .get, "/inbound/banks", signature: nil, fields: [("X-Forwarded-For", "203.0.113.77, 10.0.0.1")])
        #expect(forwarded.isSuccess)
    }

    @Test("The key of before version 1.2 is recognised, and let in only where the tenant wants it")
    func oldKey() async throws {
        let house = try await SandboxHouse()
        let vector = try JSON(try PackageFiles.bytes("Providers/Sentbe/Vectors/key-header.json"))
        let old = SandboxHouse.Caller(key: try #require(vector["key_header"]?.string))
        #expect(await house.send(.get, "/inbound/banks", signature: nil, as: old).isRefusal("E0003", "key.old-form"))
        try await house.set(["old_key_form": true])
        #expect(await house.send(.get, "/inbound/banks", signature: nil, as: old).isSuccess)
        #expect(await house.send(.get, "/inbound/banks", signature: nil).isSuccess)
    }

    @Test("A wrong method or path is E0006 before the envelope is looked at, and the right method is named")
    func routes() async throws {
        let house = try await SandboxHouse()
        let wrong = await house.send(.delete, "/inbound/users", signature: "nonsense")
        #expect(wrong.isRefusal("E0006", "call.method") && wrong.verdict?.details["allowed"] == ["GET", "POST"])
        for path in ["/inbound/users/", "/inbound", "/Inbound/users", "/v1/inbound/users", "/"] {
            #expect(await house.send(.get, path, signature: nil).isRefusal("E0006", "call.unknown"), "\(path)")
        }
        #expect(await house.send(.head, "/inbound/banks", signature: nil).isSuccess)
    }

    @Test("Every known mistake with the envelope is E0004 with one text for the caller and its own name in the private log")
    func mistakes() async throws {
        let house = try await SandboxHouse()
        let good = try EnvelopeOracle.shared.envelope(Self.quote.text, secret: "test_pw", salt: "29346d322cb26b23")
        let json = try JSON(good)
        func altered(_ name: String, _ value: JSON?) -> String {
            var members = json.members ?? [:]
            members[name] = value
            return JSON.object(members).text
        }
        let ct = try #require(json["ct"]?.string)
        try #require(ct.contains("+"), "the fixed salt gives a ciphertext with a plus")
        let wrongKey = try EnvelopeOracle.shared.envelope(Self.quote.text, secret: "test_id")
        let cases: [(String, Int)] = [
            (altered("ct", .string(ct.replacing("+", with: " "))), 3), (altered("ct", nil), 3), (altered("s", nil), 3),
            (altered("iv", nil), 3),
            (altered("iv", "00000000000000000000000000000000"), 4), (wrongKey, 4), (Self.quote.text, 3), ("nonsense", 2),
            (altered("s", "29346d32"), 3), (altered("ct", .string(String(ct.dropLast(4)))), 3),
        ]
        var rules: Set<String> = []
        var messages: Set<String> = []
        for (header, step) in cases {
            let judgement = await house.send(.post, "/inbound/check_commission", signature: header)
            #expect(judgement.code == "E0004" && judgement.verdict?.isBilingual == true, "\(header)")
            #expect(judgement.verdict?.details["step"] == .number(step), "\(header): \(judgement.verdict?.json.text ?? "")")
            #expect(judgement.verdict?.json.text.contains("test_pw") == false)
            rules.insert(judgement.rule ?? "")
            messages.insert(judgement.message ?? "")
        }
        #expect(messages.count == 1)
        #expect(rules.count >= 5, "\(rules)")
        #expect(rules.allSatisfy { $0.hasPrefix("signature.") })
        #expect(await house.send(.post, "/inbound/check_commission", signature: good).isSuccess)
    }

    @Test("A plus turned into a space is named, with the first byte that differs")
    func plusBecameSpace() async throws {
        let house = try await SandboxHouse()
        let good = try EnvelopeOracle.shared.envelope(Self.quote.text, secret: "test_pw", salt: "29346d322cb26b23")
        let place = try #require(good.utf8.firstIndex(of: UInt8(ascii: "+")))
        let judgement = await house.send(.post, "/inbound/check_commission", signature: good.replacing("+", with: " "))
        let details = try #require(judgement.verdict?.details)
        #expect(details["mistake"]?.string?.contains("plus") == true, "\(JSON.object(details).text)")
        #expect(details["first_difference"]?["offset"] == .number(good.utf8.distance(from: good.startIndex, to: place)))
        #expect(details["first_difference"]?["expected"] == "+" && details["first_difference"]?["received"] == "0x20")
        #expect(judgement.verdict?.remedy != nil)
    }

    @Test("A header above the cap is refused, one at the cap is taken")
    func headerLimit() async throws {
        let house = try await SandboxHouse()
        let envelope = try EnvelopeOracle.shared.envelope(Self.quote.text, secret: "test_pw")
        let padded = String(repeating: " ", count: (16 << 10) - envelope.utf8.count) + envelope
        #expect(await house.send(.post, "/inbound/check_commission", signature: padded).isSuccess)
        let judgement = await house.send(.post, "/inbound/check_commission", signature: " " + padded)
        #expect(judgement.isRefusal("E0004", "signature.too-long"))
        try await house.set(["header_limit": 256])
        let short = await house.send(.post, "/inbound/check_commission", signature: String(repeating: " ", count: 257))
        #expect(short.code == "E0004")
    }

    @Test("Single encoding is taken with a warning, or refused where the tenant wants it")
    func singleEncoding() async throws {
        let house = try await SandboxHouse()
        let envelope = try EnvelopeOracle.shared.envelope(Self.quote.text, secret: "test_pw", encoding: .single)
        let judgement = await house.send(.post, "/inbound/check_commission", signature: envelope)
        #expect(judgement.isSuccess && judgement.rule == "signature.single-encoding" && judgement.verdict?.kind == .warned)
        try await house.set(["accept_single_encoding": false])
        #expect(await house.send(.post, "/inbound/check_commission", signature: envelope).code == "E0004")
    }

    @Test("Parameters are strict: unknown, missing, misplaced and misshapen ones are E0005, tolerated ones pass")
    func parameters() async throws {
        let house = try await SandboxHouse()
        func ask(_ change: (inout JSON.Members) -> Void) async throws -> Judgement {
            var members = Self.quote.members ?? [:]
            change(&members)
            return try await house.post("/inbound/check_commission", .object(members))
        }
        #expect(try await ask { $0["calc_by"] = "send" }.isRefusal("E0005", "parameter.unpermitted"))
        #expect(try await ask { $0["wallet_info"] = nil }.isRefusal("E0005", "parameter.missing"))
        #expect(try await ask { $0["wallet_info"] = "" }.isRefusal("E0005", "parameter.missing"))
        #expect(try await ask { $0["wallet_info"] = "USD" }.isRefusal("E0005", "parameter.value"))
        #expect(try await ask { $0["wallet_info"] = ["transfer_currency": "USD"] }.isRefusal("E0005", "parameter.missing"))
        let nested = try await ask { $0["wallet_info"] = ["transfer_currency": "USD", "fee_currency": "USD", "x": 1] }
        #expect(nested.isRefusal("E0005", "parameter.unpermitted") && nested.verdict?.details["parameters"] == ["wallet_info.x"])
        let tolerated = try await ask { $0["test"] = "aaa" }
        #expect(tolerated.isSuccess && tolerated.rule == "parameter.tolerated")
        try await house.set(["tolerated_parameters": ["calc_by"]])
        #expect(try await ask { $0["calc_by"] = "send" }.isSuccess)
        #expect(try await ask { $0["test"] = "aaa" }.isRefusal("E0005", "parameter.unpermitted"))
        try await house.set(["strict_parameters": false])
        #expect(try await ask { $0["anything"] = "aaa" }.isSuccess)
        let inBody = await house.send(.post, "/inbound/check_commission", signature: nil, body: Self.quote.text)
        #expect(inBody.isRefusal("E0005", "parameter.misplaced") && inBody.verdict?.details["found_in"] == "body")
    }

    @Test("A body and a query are not read, and that is said")
    func unread() async throws {
        let house = try await SandboxHouse()
        let body = await house.send(.get, "/inbound/banks", signature: nil, body: "{\"page\":2}")
        #expect(body.isSuccess && body.rule == "body.ignored")
        let query = await house.send(.get, "/inbound/users?page=2", signature: nil)
        #expect(query.isSuccess && query.rule == "query.ignored" && query.data.elements?.count == 1)
        try await house.set(["request_body": "refused"])
        #expect(await house.send(.get, "/inbound/banks", signature: nil, body: "{}").isRefusal("E0005", "body.ignored"))
    }

    @Test("The same envelope sent again passes with a warning, each partner and tenant by itself")
    func replay() async throws {
        let house = try await SandboxHouse()
        let envelope = try EnvelopeOracle.shared.envelope(Self.quote.text, secret: "test_pw")
        #expect(await house.send(.post, "/inbound/check_commission", signature: envelope).verdict == nil)
        let again = await house.send(.post, "/inbound/check_commission", signature: envelope)
        #expect(again.isSuccess && again.rule == "signature.replayed")
        // A look that has to settle something first is begun twice, and is no replay of itself.
        _ = try await house.post("/inbound/transfers", SandboxTransferTests.order("1"))
        house.clocks.advance(.seconds(1))
        let look = try await house.get("/inbound/transfers", ["page": "1"])
        #expect(look.verdict == nil && look.data[0]?["transfer_info"]?["status"] == "Complete")
        _ = try await house.sandbox.removeTenant(.demo)
        _ = try await house.sandbox.createTenant(.demo, settings: ["settings": ["replay_warning": false]])
        for _ in 0..<2 { #expect(await house.send(.post, "/inbound/check_commission", signature: envelope).verdict == nil) }
    }

    @Test("The memory of envelopes forgets the oldest and keeps tenants apart")
    func memory() {
        var memory = ReplayMemory()
        let (one, two) = (TenantID.demo, TenantID(rawValue: "other") ?? .demo)
        func isKnown(_ number: Int, _ tenant: TenantID) -> Bool {
            defer { memory.callAnswered(Array("\(number)".utf8), of: tenant) }
            return memory.knows(Array("\(number)".utf8), of: tenant)
        }
        #expect((0..<ReplayMemory.capacity).allSatisfy { !isKnown($0, one) })
        #expect(isKnown(0, one) && !isKnown(0, two))
        #expect(!isKnown(-1, one))
        #expect(!isKnown(0, one), "the oldest made room")
        #expect(isKnown(2, one) && isKnown(-1, one))
        memory.tenantRemoved(one)
        #expect(!isKnown(2, one) && isKnown(0, two))
    }

    @Test("The HTTP status is 200 for everything, or follows the error code where the tenant wants it")
    func statuses() async throws {
        let house = try await SandboxHouse()
        try await house.set(["error_status": "mapped"])
        #expect(await house.send(.get, "/inbound/banks", signature: nil, as: .init(key: "x")).isRefusal("E0003", "key.wrong", status: 401))
        #expect(await house.send(.get, "/inbound/banks", signature: "x").reply.status == 401)
        #expect(await house.send(.get, "/inbound/nothing", signature: nil).isRefusal("E0006", "call.unknown", status: 405))
        #expect(await house.send(.get, "/inbound/users/9", signature: nil).isRefusal("E0002", "user.unknown", status: 404))
        #expect(await house.send(.post, "/inbound/users", signature: nil).isRefusal("E0005", "parameter.missing", status: 400))
    }

    @Test("The decrypted parameters stand in the log only where the tenant asked for them")
    func clearText() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.post("/inbound/check_commission", Self.quote).verdict == nil)
        try await house.set(["log_parameters": true])
        let shown = try await house.post("/inbound/check_commission", Self.quote)
        #expect(shown.isSuccess && shown.rule == "parameters.shown" && shown.verdict?.details["parameters"] == Self.quote)
        let refused = try await house.post("/inbound/check_commission", ["x": "y"])
        #expect(refused.code == "E0005" && refused.verdict?.details["parameters"] == ["x": "y"])
    }
}

extension SandboxFrontTests {
    @Test("The texts of refusals and the form of lists are settings")
    func textsAndLists() async throws {
        let house = try await SandboxHouse()
        #expect(await house.send(.get, "/inbound/users/9", signature: nil).message == "Invalid user id")
        try await house.set(["error_messages": ["E0002": "no such id"], "list_form": "first-row"])
        #expect(await house.send(.get, "/inbound/users/9", signature: nil).message == "no such id")
        #expect(await house.send(.get, "/inbound/users", signature: nil).data["id"] == 47)
        #expect(await house.send(.get, "/inbound/transfers", signature: nil).data == .null)
        #expect(try await house.control(.put, "/settings", ["error_messages": ["E9999": "x"]]).0 == 400)
        #expect(try await house.control(.put, "/settings", ["error_messages": ["E0002": 5]]).0 == 400)
    }
}

extension SandboxFrontTests {
    @Test("An envelope with any byte changed, left out or doubled is refused, or still says the same: never another answer, never a change")
    func damaged() async throws {
        let house = try await SandboxHouse()
        let random = SeededRandom(seed: 7)
        let text = SandboxTransferTests.order("1").text
        let good = Array(try EnvelopeOracle.shared.envelope(text, secret: "test_pw", salt: "29346d322cb26b23").utf8)
        func pick(_ bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }
        var passed = 0
        for _ in 0..<400 {
            var bytes = good
            let place = pick(bytes.count)
            switch pick(3) {
            case 0: bytes[place] = UInt8(0x20 + pick(0x5F))
            case 1: bytes.remove(at: place)
            default: bytes.insert(bytes[place], at: place)
            }
            let judgement = await house.send(.post, "/inbound/check_commission", signature: String(decoding: bytes, as: UTF8.self))
            // The parameters are a transfer's: whoever opens the envelope finds three that a quote does not have.
            passed += judgement.code == "E0005" ? 1 : 0
            let isExpected = judgement.code == "E0004" || judgement.isRefusal("E0005", "parameter.unpermitted")
            #expect(isExpected, "\(String(decoding: bytes, as: UTF8.self)): \(judgement.body.text)")
            #expect(judgement.verdict?.json.text.contains("test_pw") == false)
        }
        #expect(passed < 20, "hardly any change leaves the meaning alone: upper-case digits, the base64's unused bits")
        #expect(try await house.get("/inbound/transfers").data == [])
    }
}
