import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: when the key that seals people is damaged or lost")
struct SandboxSealTests {
    @Test(
        "a key file of another length is not taken and not replaced: the sandbox does not start, and says what to do",
        arguments: [0, 31, 33])
    func damaged(count: Int) async throws {
        let files = KeptFiles()
        let bytes = [UInt8](repeating: 7, count: count)
        try files.write("people.key", bytes)
        let error = await #expect(throws: StorageError.self) { _ = try await SandboxHouse(files: files) }
        for words in [error?.text.korean, error?.text.english] { #expect(words?.contains("folder/people.key") == true) }
        #expect(error?.remedy.korean.contains("백업") == true && error?.remedy.english.contains("backup") == true)
        #expect(try files.read("people.key") == bytes)
    }

    @Test("a lost key is told in the log, but only where something was sealed with it")
    func warned() async throws {
        let directory = try TemporaryDirectory()
        let path = StorageLocation.file(directory.file("state.db"))
        let lines = Locked<[String]>([])
        let log = Log(time: ManualTime()) { line in lines.withLock { $0.append(line) } }
        func warnings() -> [String] { lines.withLock { $0.filter { $0.contains("people.key") } } }
        let first = try await SandboxHouse(path, files: KeptFiles(), log: log)
        await first.database.close()
        let second = try await SandboxHouse(path, files: KeptFiles(), log: log)
        #expect(warnings().isEmpty)
        try await second.ask(.post, "/people", ["name": "독고비밀"])
        await second.database.close()
        let third = try await SandboxHouse(path, files: KeptFiles(), log: log)
        #expect(warnings().count == 1 && warnings()[0].contains("cannot be opened") && !warnings()[0].contains("독고비밀"))
        await third.database.close()
    }

    @Test("what the lost key sealed keeps its place: ids stay taken, people can be deleted, and no other key answers for the tenant's own")
    func lost() async throws {
        let directory = try TemporaryDirectory()
        let path = StorageLocation.file(directory.file("state.db"))
        let first = try await SandboxHouse(path, files: KeptFiles())
        try await first.ask(.post, "/people", ["person": "someone"])
        let own = try PrivateKey.generateRSA(bits: 2048)
        try await first.ask(.post, "/key", ["privateKey": .string(own.pem.withText { $0 })])
        await first.database.close()

        let files = KeptFiles()
        let house = try await SandboxHouse(path, files: files, seed: 2)
        #expect(try files.read(TossAuthDemonstration.publicKeyFile) == nil)
        let token = try await house.token()
        // The shipped key must not open what is meant for the tenant's own.
        let request = JSON.object(try house.personalRequest())
        #expect(try await house.call("id-request", request, token: token).status == 500)
        #expect(await house.rule() == "key.unreadable")
        for name in ["/key", "/public-key"] {
            let told = await house.control(.get, name)
            #expect(told.status == 409 && told.json["error"]?["en"]?.string?.contains("people.key") == true)
        }
        #expect(try await house.ask(.post, "/key", ["shipped": true])["shipped"] == true)
        #expect(try await house.call("id-request", request, token: token).isSuccess)
        #expect(await house.control(.get, "/people/someone").status == 409)
        #expect(await house.control(.post, "/people", ["person": "someone"]).status == 409)
        #expect(try await house.ask(.delete, "/people/someone") == ["deleted": "someone"])
        #expect(await house.control(.delete, "/people/someone").status == 404)
        try await house.ask(.post, "/people", ["person": "someone"])
        #expect(await house.control(.delete, "/people/persona").status == 409)
    }
}
