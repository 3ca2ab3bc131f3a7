import Base
import Cryptography
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: what is kept, and what nobody sees")
struct SandboxPrivacyTests {
    /// What stood in a journey's calls and answers that may stand nowhere else.
    private struct Secrets {
        var texts: Set<String> = []

        mutating func add(_ json: JSON?, besides harmless: Set<String> = ["MALE", "FEMALE", "LOCAL", "FOREIGNER", "ADULT", "MINOR"]) {
            switch json {
            case .string(let text)? where text.utf8.count > 5 && !harmless.contains(text): texts.insert(text)
            case .object(let members)?: members.values.forEach { add($0) }
            case .array(let elements)?: elements.forEach { add($0) }
            default: break
            }
        }
    }

    /// A whole journey with a live client, refusals included; gives everything that is secret or personal in it.
    private func journey(_ house: SandboxHouse) async throws -> Set<String> {
        var secrets = Secrets()
        let tenant = try await house.makeTenant("shop")
        let someone: JSON = [
            "person": "someone", "name": "독고비밀", "phone": "01077778888", "birthday": "19770707", "nationality": "FOREIGNER",
        ]
        let person = try await house.ask(.post, "/people", someone, tenant: "shop")
        for name in ["name", "phone", "birthday", "ci", "di"] { secrets.add(person[name]) }
        secrets.texts.formUnion([tenant.live.secret, tenant.test.secret])
        let token = try await house.token(tenant.live)
        secrets.texts.insert(token)
        let body = try house.personalRequest(name: "독고비밀", phone: "01077778888", birthday: "19770707")
        for name in ["userName", "userPhone", "userBirthday", "sessionKey"] { secrets.add(body[name]) }
        let id = try await house.begin(token, .object(body))
        // Once more, with names that do not exist, in the wrong place, and for somebody who does not match.
        _ = try await house.call("id-request", .object(body), token: token)
        var misspelt = try house.personalRequest(name: "독고비밀", phone: "01077778888", birthday: "19770708")
        secrets.texts.insert("19770708")
        for name in ["userName", "sessionKey"] { secrets.add(misspelt[name]) }
        _ = try await house.call("id-request", .object(misspelt), token: token)
        misspelt["handset"] = "01077778888"
        misspelt["userNm"] = "독고비밀"
        misspelt["userBirthday"] = "19770707"
        _ = try await house.call("id-request", .object(misspelt), token: token)
        _ = await house.send(
            .post, "/toss-auth/api/v2/sign/user/auth/id/reqest", JSON.object(misspelt).bytes, ["Authorization": "Bearer \(token)"])
        _ = await house.tokenCall(SandboxHouse.form(tenant.live).map { ($0.name == "client_secret" ? "client_secrt" : $0.name, $0.value) })
        try await house.move(id, "approve", tenant: "shop")
        let result = try await house.result(id, token)
        try #require(result.answer.isSuccess)
        for name in ["name", "birthday", "ci", "di"] { secrets.add(result.person?[name]) }
        secrets.add(result.answer.success["personalData"])
        secrets.add(result.answer.success["signature"])
        return secrets.texts
    }

    @Test("nothing about a person, no key, token or secret, encrypted or not, stands in the request log")
    func log() async throws {
        let house = try await SandboxHouse()
        let secrets = try await journey(house)
        #expect(secrets.count >= 20)
        let log = await house.send(.get, "/-/requests?tenant=shop&limit=1000").text
        #expect(log.contains("\"id-result\"") && log.contains("person.mismatch") && log.contains("session.reused"))
        for secret in secrets { #expect(!log.contains(secret), "\(secret.prefix(12))…") }
        let demo = await house.send(.get, "/-/requests?limit=1000").text
        for secret in secrets { #expect(!demo.contains(secret), "\(secret.prefix(12))…") }
    }

    @Test("nothing about a person, no key, token or secret lies on the disk in clear, while the state is open and after it was closed")
    func disk() async throws {
        let directory = try TemporaryDirectory()
        let house = try await SandboxHouse(.file(directory.file("state.db")))
        let secrets = try await journey(house)
        func search(_ moment: String) throws {
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
                for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(moment) \(name): \(secret.prefix(12))…") }
                // A certificate bears its person's name.
                if let signature = secrets.first(where: { $0.hasPrefix("MII") }).flatMap({ Base64.decode($0) }) {
                    #expect(bytes.range(of: Data(signature.suffix(64))) == nil)
                }
            }
        }
        try search("open")
        await house.database.close()
        try search("closed")
    }

    @Test("state is there after the process has ended: tokens, checks, reads, sessions, people and the tenant's own key")
    func durable() async throws {
        let directory = try TemporaryDirectory()
        let (time, files) = (ManualTime(SandboxHouse.start), KeptFiles())
        let path = StorageLocation.file(directory.file("state.db"))
        let first = try await SandboxHouse(path, time: time, files: files)
        let tenant = try await first.makeTenant("shop")
        let token = try await first.token(tenant.live)
        let own = try PrivateKey.generateRSA(bits: 2048)
        try await first.ask(.post, "/key", ["privateKey": .string(own.pem.withText { $0 })], tenant: "shop")
        let key = try ServiceKey(own.publicKey)
        let body = JSON.object(try first.personalRequest(name: "홍길동", phone: "01000000001", birthday: "19900101", for: key))
        let id = try await first.begin(token, body)
        try await first.move(id, "approve", tenant: "shop")
        let before = try await first.result(id, token, for: key)
        #expect(before.answer.isSuccess)
        await first.database.close()

        let second = try await SandboxHouse(path, time: time, files: files, seed: 2)
        #expect(try await second.call("id-request", body, token: token).code == "CE5000")
        let after = try await second.result(id, token, for: key)
        #expect(after.person == before.person && after.answer.success["signature"] == before.answer.success["signature"])
        #expect(try await second.result(id, token, for: key).answer.code == "CE3101")
        await second.database.close()

        // Without the file of the key that sealed them the people are gone, and nothing breaks.
        let third = try await SandboxHouse(path, time: time, files: KeptFiles(), seed: 3)
        #expect(try await third.ask(.get, "/people", tenant: "shop")["people"]?.elements?.count == 1)
        // Nor is another key taken in the place of the tenant's own.
        #expect(try await third.result(id, token).answer.status == 500)
        #expect(await third.rule(tenant: "shop") == "key.unreadable")
    }

    @Test("what is sealed opens under its own name and key only, and not when a byte was changed")
    func seal() throws {
        let files = KeptFiles()
        let seal = try (
            first: RowSeal(keyFile: "key", in: files, random: SeededRandom(seed: 1)),
            again: RowSeal(keyFile: "key", in: files, random: SeededRandom(seed: 2)),
            other: RowSeal(keyFile: "key", in: nil, random: SeededRandom(seed: 3))
        )
        let sealed = try seal.first.seal(Array("독고비밀".utf8), name: "a")
        #expect(seal.first.open(sealed, name: "a") == Array("독고비밀".utf8))
        #expect(seal.again.open(sealed, name: "a") == Array("독고비밀".utf8))
        #expect(seal.first.open(sealed, name: "b") == nil && seal.other.open(sealed, name: "a") == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(seal.first.open(changed, name: "a") == nil)
        }
        #expect(seal.first.open(Array(sealed.prefix(27)), name: "a") == nil && seal.first.open([], name: "a") == nil)
        #expect(try seal.first.seal([], name: "a") != seal.first.seal([], name: "a"))
        #expect(seal.first.mark("1", name: "a") == seal.again.mark("1", name: "a"))
        #expect(seal.first.mark("1", name: "a") != seal.other.mark("1", name: "a"))
        #expect(seal.first.mark("1", name: "a") != seal.first.mark("1", name: "b"))
    }

    @Test("a person shows nothing of itself when printed")
    func printing() {
        let person = Person.persona(ServiceSettings())
        var dumped = ""
        dump(person, to: &dumped)
        for text in ["\(person)", String(reflecting: person), dumped] { #expect(!text.contains("김토스") && !text.contains("CI01")) }
    }
}
