import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: wishes that the control API refuses, and those that it must not mistake")
struct SandboxStrictControlTests {
    @Test("a member that is null counts as left out: revoking for no client in particular revokes for all")
    func nulls() async throws {
        let house = try await SandboxHouse()
        let second = try await house.ask(.post, "/clients", ["test": nil, "token_seconds": nil])
        let credentials = SandboxHouse.Credentials(
            id: second["client_id"]?.string ?? "", secret: second["client_secret"]?.string ?? "")
        let tokens = [try await house.token(), try await house.token(credentials)]
        #expect(try await house.ask(.post, "/tokens/revoke", ["client_id": nil])["revoked"]?.elements?.count == 2)
        for token in tokens { #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: token).code == "CE1000") }
        let made = try await house.ask(
            .post, "/transactions", ["requestType": nil, "person": nil, "expireSeconds": nil, "client_id": nil, "nonce": nil])
        try await house.move(made["txId"]?.string ?? "", "approve", ["person": nil])
        #expect(try await house.ask(.post, "/refusals", ["code": "CE1", "call": nil, "phone": nil, "times": nil])["remaining"] == 1)
        #expect(try await house.ask(.post, "/key", ["shipped": true, "generate": nil])["shipped"] == true)
        #expect(await house.control(.post, "/tokens/revoke", ["client": nil]).status == 400)
    }

    @Test("a new tenant's wishes are its settings; anything else is refused by its name, and no tenant is made")
    func tenantWishes() async throws {
        let house = try await SandboxHouse()
        func make(_ wishes: JSON) async -> SandboxHouse.Answer {
            await house.send(.post, "/-/tenants", (["name": "shop", "toss-auth": wishes] as JSON).bytes)
        }
        let refused = await make(["denial": "expires"])
        #expect(refused.status == 400)
        #expect(refused.json["error"]?["en"]?.string?.contains("denial") == true)
        #expect(refused.json["error"]?["ko"]?.string?.contains("denial") == true)
        #expect(await make("expires").status == 400)
        #expect(await make(["settings": ["denial": "soon"]]).status == 400)
        #expect(await house.control(.get, "/settings", tenant: "shop").status == 404)
        #expect(await make(["settings": ["denial": "expires"]]).status == 201)
        #expect(try await house.ask(.get, "/settings", tenant: "shop")["denial"] == "expires")
    }

    @Test("a service key has 2,048 to 8,192 bits: a longer one would make every call wait")
    func keyLength() async throws {
        let house = try await SandboxHouse()
        for (bits, primes) in [(1024, 2), (8200, 5)] {
            // Of several primes, since two of that length take the program half a minute to find.
            let made = try Program.run("/usr/bin/env", ["openssl", "genrsa", "-primes", "\(primes)", "\(bits)"])
            try #require(made.code == 0, "\(made.errors)")
            let answer = await house.control(.post, "/key", ["privateKey": .string(made.output)])
            #expect(answer.status == 400 && answer.json["error"]?["en"]?.string?.contains("8192") == true, "\(bits)")
        }
        #expect(try await house.ask(.get, "/key")["shipped"] == true)
    }

    @Test("approving by itself only after the person's time is over is refused as a setting, and said where a request asks for less time")
    func neverApproved() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        for wrong in [["approve_after_seconds": 600], ["approve_after_seconds": 5, "expiry_seconds": 5]] as [JSON] {
            let refused = await house.control(.post, "/settings", wrong)
            #expect(refused.status == 400, "\(wrong.text)")
            for language in ["ko", "en"] {
                let words = refused.json["error"]?[language]?.string ?? ""
                #expect(words.contains("approve_after_seconds") && words.contains("expiry_seconds"))
            }
        }
        #expect(
            await house.send(
                .post, "/-/tenants",
                (["name": "shop", "toss-auth": ["settings": ["approve_after_seconds": 900]]] as JSON).bytes
            ).status == 400)
        try await house.set(["approve_after_seconds": 30])
        #expect(await house.control(.post, "/settings", ["expiry_seconds": 30]).status == 400)
        var body = try house.personalRequest()
        body["expireSeconds"] = 30
        #expect(try await house.call("id-request", .object(body), token: token).isSuccess)
        #expect(await house.rule() == "approval.too-late")
        #expect(await house.control(.post, "/transactions", ["expireSeconds": 30]).status == 400)
        #expect(await house.control(.post, "/transactions", ["expireSeconds": 31]).status == 201)
    }

    @Test("a client's id can stand in a path, so that whoever made it can ask for it and delete it")
    func clientIDs() async throws {
        let house = try await SandboxHouse()
        for wrong in ["a/b", "a?b", "a#b", "a%2Fb", "a b", "..", "."] {
            #expect(await house.control(.post, "/clients", ["client_id": .string(wrong)]).status == 400, "\(wrong)")
        }
        // A secret may be anything that a form can carry.
        let made = try await house.ask(.post, "/clients", ["client_id": "my-shop_1.a~b", "client_secret": "a/b?c#d%2F"])
        let id = try #require(made["client_id"]?.string)
        _ = try await house.token(SandboxHouse.Credentials(id: id, secret: "a/b?c#d%2F"))
        #expect(try await house.ask(.get, "/clients/\(id)")["client_id"]?.string == id)
        try await house.ask(.delete, "/clients/\(id)")
    }
}
