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

@Suite("Toss Auth sandbox: the signature of a result, and the call that says whether its certificate is good")
struct SandboxCertificateTests {
    /// A check that was approved; its `txId`.
    private func approved(_ house: SandboxHouse, _ token: String) async throws -> String {
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        return id
    }

    private func signature(_ house: SandboxHouse, _ id: String, _ token: String) async throws -> SignedMessage {
        let answer = try await house.result(id, token).answer
        let text = try #require(answer.success["signature"]?.string, "\(answer.code ?? "")")
        return try SignedMessage(der: try #require(Base64.decode(text)))
    }

    private func validate(_ house: SandboxHouse, _ certificate: JSON, _ token: String?) async throws -> SandboxHouse.Answer {
        try await house.call("certificate-validate", ["certificate": certificate], token: token)
    }

    private func standing(_ house: SandboxHouse, _ certificate: Certificate, _ token: String) async throws -> [Bool?] {
        let success = try await validate(house, .string(certificate.pem), token).success
        return [success["valid"]?.boolean, success["enabled"]?.boolean]
    }

    @Test("Both reads bear one and the same signature, also after a restart, over what the reply says of the check")
    func oneSignature() async throws {
        let directory = try TemporaryDirectory()
        let (files, time) = (KeptFiles(), ManualTime(SandboxHouse.start))
        let first: SignedMessage
        let id: String
        do {
            let house = try await SandboxHouse(.file(directory.file("state")), time: time, files: files)
            let token = try await house.token()
            id = try await approved(house, token)
            let (answer, _) = try await house.result(id, token)
            first = try SignedMessage(der: try #require(Base64.decode(answer.success["signature"]?.string ?? "")))
            #expect(
                try JSON(first.content) == [
                    "txId": .string(id), "requestedDt": answer.success["requestedDt"] ?? .null,
                    "completedDt": answer.success["completedDt"] ?? .null,
                ])
        }
        let house = try await SandboxHouse(.file(directory.file("state")), time: time, files: files, seed: 7)
        let token = try await house.token()
        #expect(try await signature(house, id, token).der == first.der)
        // The authority is another one after this restart, and says so.
        #expect(try await standing(house, first.signer, token) == [false, true])
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
            #expect(bytes.range(of: Data("김토스".utf8)) == nil && bytes.range(of: Data(first.signer.der)) == nil, "\(name)")
        }
    }

    @Test(
        "The signer's certificate is valid and enabled, not enabled once it is revoked, not valid once it has ended, and unknown after a reset"
    )
    func standing() async throws {
        let house = try await SandboxHouse()
        var token = try await house.token()
        let signer = try await signature(house, try await approved(house, token), token).signer
        #expect(try await standing(house, signer, token) == [true, true])
        #expect(try await signature(house, try await approved(house, token), token).signer == signer)

        let listed = try #require(try await house.ask(.get, "/certificates")["certificates"]?.elements)
        let serial = try #require(listed.first?["serial"]?.string)
        #expect(listed.count == 1 && listed[0]["person"] == "persona" && listed[0]["enabled"] == true && !listed[0].text.contains("김토스"))
        #expect(try await house.ask(.get, "/certificates/\(serial)")["valid"] == true)
        #expect(try await house.ask(.post, "/certificates/\(serial)/revoke")["enabled"] == false)
        #expect(try await standing(house, signer, token) == [true, false])
        #expect(await house.rule() == "certificate.revoked")
        let next = try await signature(house, try await approved(house, token), token).signer
        #expect(next != signer)
        #expect(try await standing(house, next, token) == [true, true])

        house.time.advance(by: .seconds(86_400 * Int64(PersonSigner.certificateDays) + 1))
        token = try await house.token()
        #expect(try await standing(house, next, token) == [false, true])
        #expect(await house.rule() == "certificate.dates")

        #expect(await house.send(.post, "/-/reset").status == 200)
        token = try await house.token()
        #expect(try await standing(house, next, token) == [false, false])
        #expect(await house.rule() == "certificate.foreign")
    }

    @Test("With the tenant's clock set back by years, signatures are good at that time for whoever trusts the sandbox's authority")
    func clockSetBack() async throws {
        let house = try await SandboxHouse()
        #expect(await house.send(.post, "/-/clock", (["set": "2019-03-01T00:00:00Z"] as JSON).bytes).status == 200)
        let token = try await house.token()
        let message = try await signature(house, try await approved(house, token), token)
        let moment = Timestamp(unixSeconds: 1_551_398_460)
        let trusted = try #require(house.trusted)
        #expect(throws: Never.self) { try message.verify(authorities: [trusted], at: moment) }
        #expect(try await standing(house, message.signer, token) == [true, true])
    }

    @Test("Control calls about certificates that do not exist, or with the wrong method, say so")
    func control() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        _ = try await signature(house, try await approved(house, token), token)
        let serial = try await house.ask(.get, "/certificates")["certificates"]?[0]?["serial"]?.string ?? "?"
        #expect(await house.control(.post, "/certificates/00/revoke").status == 404)
        #expect(await house.control(.post, "/certificates/\(serial)/revoke", tenant: "nobody").status == 404)
        #expect(await house.control(.get, "/certificates/\(serial)/revoke").status == 405)
        #expect(await house.control(.post, "/certificates").status == 405)
        #expect(await house.control(.post, "/certificates/\(serial)/enable").status == 404)
        #expect(try await house.ask(.get, "/certificates/\(serial.lowercased())")["enabled"] == true)
    }

    @Test("Without a token nothing is looked at; what is no certificate is CE0003, and no log shows what was sent")
    func refused() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let signer = try await signature(house, try await approved(house, token), token).signer
        let stranger = try await validate(house, .string(signer.pem), nil)
        #expect(stranger.status == 401 && stranger.code == "CE1000")
        for wrong in [JSON.null, "", "hello", 5, .string(String(signer.pem.prefix(300)))] {
            let answer = try await validate(house, wrong, token)
            #expect(answer.status == 400 && answer.code == "CE0003", "\(answer.text)")
            #expect(await house.rule()?.hasPrefix("certificate.") == true)
        }
        _ = try await validate(house, .string(signer.pem.replacing("\n", with: "\\n")), token)
        let log = await house.send(.get, "/-/requests?limit=100").text
        let body = signer.pem.split(separator: "\n")[2]
        #expect(log.contains("certificate-validate") && !log.contains(body) && !log.contains("김토스"))
    }

    @Test("Without an authority a result bears an empty signature and a warning, and no certificate is valid")
    func withoutAuthority() async throws {
        let house = try await SandboxHouse(hasAuthority: false)
        let token = try await house.token()
        let (answer, person) = try await house.result(try await approved(house, token), token)
        #expect(answer.isSuccess && answer.success["signature"] == "" && person?["name"] == "김토스")
        #expect(await house.rule() == "certificate.no-authority")
        let authority = try CertificateAuthority(name: "Other", validity: CertificateValidity(from: SandboxHouse.start, days: 9))
        #expect(try await standing(house, authority.certificate, token) == [false, false])
        #expect(await house.rule() == "certificate.no-authority")
    }

    @Test("A tenant's certificates are unknown to another tenant")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let signer = try await signature(house, try await approved(house, token), token).signer
        let other = try await house.makeTenant("other")
        #expect(try await standing(house, signer, try await house.token(other.test)) == [false, false])
        #expect(try await house.ask(.get, "/certificates", tenant: "other")["certificates"]?.elements?.isEmpty == true)
        #expect(try await standing(house, signer, token) == [true, true])
    }
}
