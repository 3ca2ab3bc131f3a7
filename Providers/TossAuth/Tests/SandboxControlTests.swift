import Base
import Cryptography
import ProviderKit
import Sandbox
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: the control API")
struct SandboxControlTests {
    @Test("a transaction is made, looked at and moved; a move that is not possible says what is, in both languages")
    func transactions() async throws {
        let house = try await SandboxHouse()
        let made = try await house.ask(.post, "/transactions", ["requestType": "USER_PERSONAL", "expireSeconds": 60])
        let id = try #require(made["txId"]?.string)
        #expect(made["status"] == "REQUESTED" && made["person"] == "persona" && made["possible"] == ["open", "approve", "deny", "expire"])
        #expect(made["phone"]?.string == "http://127.0.0.1:8600/toss-auth/phone/\(id)")
        try await house.move(id, "open")
        try await house.move(id, "open")
        #expect(try await house.ask(.post, "/transactions/\(id)/approve", ["person": "persona"])["status"] == "COMPLETED")
        for move in ["open", "approve", "deny", "expire"] {
            let refused = await house.control(.post, "/transactions/\(id)/\(move)")
            #expect(refused.status == 409)
            #expect(refused.json["error"]?["en"]?.string?.contains("COMPLETED") == true)
            #expect(refused.json["error"]?["ko"]?.string?.contains("COMPLETED") == true)
        }
        let denied = try await house.ask(.post, "/transactions", [:])["txId"]?.string ?? ""
        try await house.move(denied, "deny")
        let refused = await house.control(.post, "/transactions/\(denied)/approve")
        #expect(refused.status == 409 && refused.json["error"]?["en"]?.string?.contains("possible are: expire") == true)
        try await house.move(denied, "expire")
        #expect(try await house.ask(.get, "/transactions/\(denied)")["status"] == "EXPIRED")
        #expect(try await house.ask(.get, "/transactions")["transactions"]?.elements?.compactMap { $0["txId"]?.string } == [denied, id])
        #expect(try await house.ask(.get, "/transactions?limit=1")["transactions"]?.elements?.count == 1)
        #expect(await house.control(.get, "/transactions/none").status == 404)
        #expect(await house.control(.post, "/transactions/\(id)/dance").status == 404)
        #expect(await house.control(.get, "/transactions/\(id)/open").status == 405)
        #expect(await house.control(.post, "/transactions", ["person": "adult"]).status == 404)
        #expect(await house.control(.post, "/transactions", ["requesttype": "USER_NONE"]).status == 400)
    }

    @Test("people are made up with what was said, found by their number, shown with their age, and deleted; the persona stays")
    func people() async throws {
        let house = try await SandboxHouse()
        let tenant = try await house.makeTenant("shop")
        #expect(tenant.json["people"]?.elements?.compactMap { $0["age_group"]?.string } == ["ADULT", "MINOR", "ADULT"])
        #expect(tenant.json["people"]?.elements?.compactMap { $0["nationality"]?.string } == ["LOCAL", "LOCAL", "FOREIGNER"])
        let wishes: JSON = [
            "person": "kid", "name": "이몽룡", "phone": "0101234567", "birthday": "20070717", "gender": "MALE", "nationality": "LOCAL",
        ]
        let kid = try await house.ask(.post, "/people", wishes, tenant: "shop")
        // Nineteen tomorrow, by the tenant's clock.
        #expect(kid["age_group"] == "MINOR" && kid["ci"]?.string?.utf8.count == 88)
        house.time.advance(by: .seconds(86_400))
        #expect(try await house.ask(.get, "/people/kid", tenant: "shop")["age_group"] == "ADULT")
        #expect(await house.control(.post, "/people", wishes, tenant: "shop").status == 409)
        #expect(await house.control(.post, "/people", ["phone": "0101234567"], tenant: "shop").status == 409)
        for wrong in [
            ["phone": "010-1234-5678"], ["birthday": "20070231"], ["gender": "male"], ["nationality": "KR"], ["ci": "short"],
            ["person": "Kid"], ["name": " "], ["names": "a"], ["ci": .string(Person.personaCI)],
        ] as [JSON] {
            #expect(await house.control(.post, "/people", wrong, tenant: "shop").status == 400, "\(wrong.text)")
        }
        let made = try await house.ask(.post, "/people", [:], tenant: "shop")
        #expect(made["phone"]?.string?.utf8.count == 11)
        #expect(try await house.ask(.get, "/people", tenant: "shop")["people"]?.elements?.count == 6)
        // Who approved and was deleted gives no result, and the read is not spent.
        let token = try await house.token(tenant.live)
        let id = try await house.begin(token)
        try await house.move(id, "approve", ["person": "kid"], tenant: "shop")
        #expect(try await house.ask(.delete, "/people/kid", tenant: "shop") == ["deleted": "kid"])
        #expect(try await house.result(id, token).answer.code == "CE3000")
        #expect(await house.rule(tenant: "shop") == "person.deleted")
        #expect(await house.control(.delete, "/people/kid", tenant: "shop").status == 404)
        #expect(await house.control(.delete, "/people/persona", tenant: "shop").status == 409)
        // With nobody there, nobody can approve.
        for person in ["adult", "minor", "foreigner", made["person"]?.string ?? ""] {
            try await house.ask(.delete, "/people/\(person)", tenant: "shop")
        }
        let lonely = try await house.begin(token)
        #expect(await house.control(.post, "/transactions/\(lonely)/approve", tenant: "shop").status == 409)
    }

    @Test(
        "clients are made with given or fresh credentials, whose secret is told once; test and live ones are told apart by their beginning")
    func clients() async throws {
        let house = try await SandboxHouse()
        let fresh = try await house.ask(.post, "/clients", ["test": false, "token_seconds": 60])
        let id = try #require(fresh["client_id"]?.string)
        #expect(!id.hasPrefix("test_") && fresh["test"] == false && fresh["token_seconds"] == 60)
        let secret = try #require(fresh["client_secret"]?.string)
        let listed = try await house.ask(.get, "/clients")
        #expect(listed["clients"]?.elements?.count == 2 && !listed.text.contains(secret))
        #expect(try await house.ask(.get, "/clients/\(id)")["client_secret"] == nil)
        #expect(await house.control(.post, "/clients", ["client_id": .string(id)]).status == 409)
        for wrong in [
            ["client_id": "test_a", "client_secret": "b"], ["client_id": "a", "client_secret": "test_b"], ["client_id": "a", "test": true],
            ["client_id": "a b"], ["token_seconds": 0], ["secret": "x"],
        ] as [JSON] {
            #expect(await house.control(.post, "/clients", wrong).status == 400, "\(wrong.text)")
        }
        _ = try await house.makeTenant("shop")
        #expect(
            await house.control(.post, "/clients", ["client_id": .string(TossAuthDemonstration.clientID)], tenant: "shop").status == 409)
        #expect(await house.control(.get, "/clients/\(id)", tenant: "shop").status == 404)
        #expect(await house.control(.delete, "/clients/\(id)", tenant: "shop").status == 404)
        try await house.ask(.delete, "/clients/\(id)")
        #expect(await house.control(.get, "/clients/\(id)").status == 404)
    }

    @Test("the key is shown as PEM, DER and Base64, lies in the provider's folder, and can be replaced and brought back")
    func keys() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        func shown(_ format: String) async -> SandboxHouse.Answer { await house.control(.get, "/public-key\(format)") }
        let pem = await shown("").text
        #expect(pem == ServiceKey.sandbox.key.pem)
        #expect(try house.files.read(TossAuthDemonstration.publicKeyFile) == Array(pem.utf8))
        #expect(await shown("?format=base64").text == Base64.encode(ServiceKey.sandbox.key.spkiDER) + "\n")
        #expect(await shown("?format=der").fields["Content-Type"] == "application/octet-stream")
        #expect(await shown("?format=jwk").status == 400)
        // The openssl program reads what is handed out.
        let read = try Program.run("/usr/bin/env", ["sh", "-c", "printf '%s' \"$0\" | openssl pkey -pubin -noout -text | head -1", pem])
        #expect(read.output.contains("4096 bit"))

        let own = try PrivateKey.generateRSA(bits: 2048)
        let replaced = try await house.ask(.post, "/key", ["privateKey": .string(own.pem.withText { $0 })])
        #expect(replaced["shipped"] == false && replaced["bits"] == 2048 && replaced["public_key"]?.string == own.publicKey.pem)
        #expect(try house.files.read(TossAuthDemonstration.publicKeyFile) == Array(own.publicKey.pem.utf8))
        #expect(try await house.call("id-request", .object(try house.personalRequest()), token: token).code == "CE5000")
        let key = try ServiceKey(own.publicKey)
        let body = JSON.object(try house.personalRequest(for: key))
        let id = try #require(try await house.call("id-request", body, token: token).success["txId"]?.string)
        try await house.move(id, "approve")
        #expect(try await house.result(id, token, for: key).person?["name"] == "김토스")
        // Another tenant has its own key.
        let other = try await house.makeTenant("shop")
        let sample = JSON.object(try house.personalRequest(name: "홍길동", phone: "01000000001", birthday: "19900101"))
        #expect(try await house.call("id-request", sample, token: try await house.token(other.live)).isSuccess)
        let generated = try await house.ask(.post, "/key", ["generate": true], tenant: "shop")
        #expect(generated["bits"] == 4096)
        #expect(await house.control(.get, "/public-key").text == own.publicKey.pem)
        for wrong in [
            [:], ["privateKey": "no"], ["generate": false], ["privateKey": .string(try PrivateKey.generate().pem.withText { $0 })],
        ] as [JSON] {
            #expect(await house.control(.post, "/key", wrong).status == 400)
        }
        #expect(try await house.ask(.post, "/key", ["shipped": true])["shipped"] == true)
        #expect(await shown("").text == pem)
    }

    @Test("every setting is shown with its default, changed, brought back by null, and refused when it makes no sense")
    func settings() async throws {
        let house = try await SandboxHouse()
        let all = try await house.ask(.get, "/settings")
        #expect(all.members?.count == ServiceSettingList.settings.count)
        #expect(all["result_reads"] == 2 && all["result_window_seconds"] == 3600 && all["expiry_seconds"] == 600)
        #expect(all["session_reuse"] == "refuse" && all["denial"] == "stays" && all["links"] == "null-text" && all["field_version"] == "v1")
        #expect(all["old_style_paths"] == true && all["basic_credentials"] == false && all["status_limit_per_minute"] == false)
        #expect(try await house.ask(.put, "/settings", ["result_reads": 9])["result_reads"] == 9)
        #expect(try await house.ask(.post, "/settings", ["result_reads": nil])["result_reads"] == 2)
        for wrong in [["result_reads": 0], ["unknown": 1], ["persona_ci": "CI0110000000001"], ["links": "false"]] as [JSON] {
            #expect(await house.control(.post, "/settings", wrong).status == 400)
        }
        let ci = "CI0110000000001" + String(repeating: "7", count: 73)
        try await house.set(["persona_ci": .string(ci)])
        let token = try await house.token()
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        #expect(try await house.result(id, token).person?["ci"]?.string == ci)
    }

    @Test("tenants do not meet: neither their clients, transactions, settings nor sessions; a reset brings the beginning back")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let shop = try await house.makeTenant("shop", settings: ["result_reads": 1])
        let (demo, other) = (try await house.token(), try await house.token(shop.test))
        let id = try await house.begin(demo)
        try await house.move(id, "approve")
        #expect(try await house.status(id, other).code == "CE3100")
        #expect(try await house.result(id, other).answer.code == "CE3100")
        #expect(await house.control(.get, "/transactions/\(id)", tenant: "shop").status == 404)
        #expect(await house.control(.post, "/transactions/\(id)/expire", tenant: "shop").status == 404)
        #expect(try await house.ask(.get, "/settings", tenant: "shop")["result_reads"] == 1)
        #expect(try await house.ask(.get, "/settings")["result_reads"] == 2)
        try await house.ask(.post, "/key", ["privateKey": .string(try PrivateKey.generateRSA(bits: 2048).pem.withText { $0 })])
        #expect(await house.send(.post, "/-/reset").status == 200)
        #expect(try await house.status(id, demo).code == "CE1000")
        let fresh = try await house.token()
        #expect(try await house.status(id, fresh).code == "CE3100")
        #expect(await house.control(.get, "/public-key").text == ServiceKey.sandbox.key.pem)
        #expect(try house.files.read(TossAuthDemonstration.publicKeyFile) == Array(ServiceKey.sandbox.key.pem.utf8))
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: fresh).isSuccess)
        #expect(await house.send(.delete, "/-/tenants/shop").status == 200)
        #expect(try await house.status(id, other).code == "CE1000")
    }

    @Test("signatures are judged by the call for certificates, and their certificates revoked by the control API")
    func certificates() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        let signature = try #require(try await house.result(id, token).answer.success["signature"]?.string)
        let message = try SignedMessage(der: try #require(Base64.decode(signature)))
        let pem = JSON.string(message.signer.pem)
        let answer = try await house.call("certificate-validate", ["certificate": pem], token: token)
        #expect(answer.success == ["valid": true, "enabled": true])
        let listed = try await house.ask(.get, "/certificates")["certificates"]?.elements ?? []
        let serial = try #require(listed.first?["serial"]?.string)
        try await house.ask(.post, "/certificates/\(serial)/revoke")
        #expect(
            try await house.call("certificate-validate", ["certificate": pem], token: token).success == ["valid": true, "enabled": false])
        #expect(try await house.call("certificate-validate", ["certificate": "no"], token: token).code == "CE0003")
        // Without an authority nobody can sign, and the result says so with an empty text.
        let plain = try await SandboxHouse(hasAuthority: false)
        let other = try await plain.token()
        let unsigned = try await plain.begin(other)
        try await plain.move(unsigned, "approve")
        #expect(try await plain.result(unsigned, other).answer.success["signature"] == "")
        #expect(await plain.rule() == "certificate.no-authority")
    }

    @Test("at its start the sandbox says what to try, with lines that work")
    func introduction() async throws {
        let house = try await SandboxHouse()
        let lines = house.sandbox.introduction(baseURL: "http://127.0.0.1:8600")
        #expect(lines.count == 5 && lines.allSatisfy { !$0.korean.isEmpty && !$0.english.isEmpty })
        let curl = try #require(lines.first { $0.english.contains("/toss-auth/token") }?.english)
        let words = curl.split(separator: " ").map(String.init)
        let form = zip(words, words.dropFirst()).filter { $0.0 == "-d" }.map(\.1).joined(separator: "&")
        let answer = await house.send(
            .post, "/toss-auth/token", Array(form.utf8), ["Content-Type": "application/x-www-form-urlencoded"])
        #expect(answer.status == 200)
    }
}
