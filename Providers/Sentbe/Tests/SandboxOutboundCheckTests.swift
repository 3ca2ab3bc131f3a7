import Base
import ProviderKit
import SandboxKit
import Sentbe
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound: who somebody is") struct SandboxOutboundCheckTests {
    private func verify(_ house: SandboxHouse, _ token: String, user: String = "16") async throws -> Judgement {
        try await house.quick(.post, "/outbound/verifications/mobile/verify", ["user_id": .string(user), "token": .string(token)])
    }

    @Test("The code that was sent completes the check by telephone, once")
    func mobile() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.post("/outbound/verifications/mobile", ["user_id": "16"]).data == true)
        let code = try await house.code("mobile", of: 16)
        #expect(try await verify(house, SandboxHouse.wrong(code)).isRefusal("E0005", "code.wrong"))
        #expect(try await verify(house, String(code.dropFirst())).isRefusal("E0005", "code.shape"))
        let right = try await house.post("/outbound/verifications/mobile/verify", ["user_id": "16", "token": .string(code)])
        #expect(right.isSuccess && right.data == true)
        #expect(try await house.checks(of: 16)["mobile"] == "completed")
        #expect(try await verify(house, code).isRefusal("E0114", "verification.done"))
        #expect(try await house.post("/outbound/verifications/mobile", ["user_id": "16"]).isRefusal("E0114", "verification.done"))
    }

    @Test("Ids of the checks are judged like all others")
    func ids() async throws {
        let house = try await SandboxHouse()
        for path in ["verifications/mobile", "verifications/mobile/verify", "banks", "verifications/bank/verify"] {
            func ask(_ user: JSON) async throws -> Judgement {
                var members: JSON.Members = ["user_id": user]
                if path.hasSuffix("verify") { members["token"] = "0000" }
                if path == "banks" {
                    for (name, value) in [("name", "10305"), ("account_number", "123456"), ("account_holder_name", "a")] {
                        members[name] = .string(value)
                    }
                }
                return try await house.quick(.post, "/outbound/\(path)", .object(members))
            }
            #expect(try await ask("999").isRefusal("E0002", "user.unknown"))
            #expect(try await ask("17").isRefusal("E0101", "user.not-registered"))
            #expect(try await ask(.null).isRefusal("E0005", "parameter.missing"))
        }
        #expect(try await verify(house, "").isRefusal("E0005", "parameter.missing"))
    }

    @Test("Five wrong codes close the check, although each was refused; a new code opens it again")
    func fiveFailures() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.quick(.post, "/outbound/verifications/mobile", ["user_id": "16"]).isSuccess)
        let code = try await house.code("mobile", of: 16)
        for left in [4, 3, 2, 1, 0] as [Int64] {
            let judgement = try await verify(house, SandboxHouse.wrong(code))
            #expect(judgement.isRefusal("E0005", "code.wrong") && judgement.verdict?.details["attempts_left"] == .number(left))
        }
        #expect(try await verify(house, code).isRefusal("E0005", "code.too-often"))
        #expect(try await house.quick(.post, "/outbound/verifications/mobile", ["user_id": "16"]).isSuccess)
        #expect(try await verify(house, try await house.code("mobile", of: 16)).isSuccess)
    }

    @Test("A code ends after three minutes to the very nanosecond", arguments: [(179_999, true), (180_000, false), (180_001, false)])
    func threeMinutes(_ row: (milliseconds: Int, isTaken: Bool)) async throws {
        let house = try await SandboxHouse()
        #expect(try await house.quick(.post, "/outbound/verifications/mobile", ["user_id": "16"]).isSuccess)
        let code = try await house.code("mobile", of: 16)
        house.clocks.advance(.milliseconds(row.milliseconds))
        let judgement = try await verify(house, code)
        #expect(judgement.isSuccess == row.isTaken)
        if !row.isTaken { #expect(judgement.isRefusal("E0005", "code.too-late")) }
        let (_, codes) = try await house.control(.get, "/outbound/codes")
        #expect(row.isTaken ? codes == [] : codes[0]?["usable"] == false)
    }

    @Test("Lifetime, number of attempts, error codes and the fixed code are settings")
    func settings() async throws {
        let house = try await SandboxHouse()
        try await house.set([
            "outbound_fixed_code": true, "outbound_code_failures": 1, "outbound_code_seconds": 10,
            "outbound_error_codes": ["wrong-code": "E0109", "late-code": "E0105", "codes-used-up": "E0102"],
        ])
        func send() async throws { #expect(try await house.quick(.post, "/outbound/verifications/mobile", ["user_id": "16"]).isSuccess) }
        try await send()
        #expect(try await verify(house, "1111").isRefusal("E0109", "code.wrong"))
        #expect(try await verify(house, "0000").isRefusal("E0102", "code.too-often"))
        try await send()
        house.clocks.advance(.seconds(10))
        #expect(try await verify(house, "0000").isRefusal("E0105", "code.too-late"))
        try await send()
        #expect(try await verify(house, "0000").isSuccess)
        let (status, _) = try await house.control(.put, "/settings", ["outbound_error_codes": ["wrong-code": "E0014"]])
        #expect(status == 400)
    }

    // MARK: 1 won

    private func bank(_ house: SandboxHouse, _ changes: JSON = [:]) async throws -> Judgement {
        try await house.quick(
            .post, "/outbound/banks",
            Outbound.laid(
                changes, over: ["user_id": "16", "name": "10305", "account_number": "1234567890123456", "account_holder_name": "홍길동테스트"]))
    }

    private func verifyBank(_ house: SandboxHouse, _ token: String) async throws -> Judgement {
        try await house.quick(.post, "/outbound/verifications/bank/verify", ["user_id": "16", "token": .string(token)])
    }

    @Test("A payment of 1 won brings a code, which completes the check of the bank, without a limit of time")
    func bankCheck() async throws {
        let house = try await SandboxHouse()
        #expect(try await verifyBank(house, "1234").isRefusal("E0105", "code.none"))
        #expect(try await bank(house).data == true)
        #expect(try await house.checks(of: 16)["bank"] == "processing")
        let code = try await house.code("bank", of: 16)
        house.clocks.advance(.seconds(86_400 * 30))
        #expect(try await verifyBank(house, SandboxHouse.wrong(code)).isRefusal("E0005", "code.wrong"))
        #expect(try await verifyBank(house, code).data == true)
        #expect(try await house.checks(of: 16)["bank"] == "completed")
        #expect(try await verifyBank(house, code).isRefusal("E0114", "verification.done"))
        #expect(try await bank(house).isRefusal("E0114", "verification.done"))
    }

    @Test("Banks are named by code, an account has a number, and five wrong codes reject it")
    func bankRefusals() async throws {
        let house = try await SandboxHouse()
        #expect(try await bank(house, ["name": "99999"]).isRefusal("E0012", "code.unknown"))
        #expect(try await bank(house, ["name": "농협은행"]).isRefusal("E0012", "code.name"))
        #expect(try await bank(house, ["name": "200101"]).isRefusal("E0012", "code.unknown"))
        #expect(try await bank(house, ["account_number": "IBAN"]).isRefusal("E0005", "parameter.value"))
        #expect(try await bank(house, ["account_holder_name": .null]).isRefusal("E0005", "parameter.missing"))
        #expect(try await bank(house).isSuccess)
        let code = try await house.code("bank", of: 16)
        for _ in 0..<5 { #expect(try await verifyBank(house, SandboxHouse.wrong(code)).isRefusal("E0005", "code.wrong")) }
        #expect(try await house.checks(of: 16)["bank"] == "rejected")
        #expect(try await verifyBank(house, code).isRefusal("E0005", "code.too-often"))
        #expect(try await bank(house).isSuccess)
        #expect(try await verifyBank(house, try await house.code("bank", of: 16)).isSuccess)
        // With a lifetime it ends, too.
        try await house.set(["outbound_bank_code_seconds": 60])
        _ = try await house.control(.post, "/outbound/users/16/bank/reset")
        #expect(try await bank(house).isSuccess)
        let late = try await house.code("bank", of: 16)
        house.clocks.advance(.seconds(60))
        #expect(try await verifyBank(house, late).isRefusal("E0005", "code.too-late"))
    }

    // MARK: Documents

    private static let parts: [(name: String, file: String?, body: [UInt8])] = [
        ("user_id", nil, Array("16".utf8)), ("document_type", nil, Array("korean_registration".utf8)),
        ("document", "id.png", Outbound.picture),
    ]

    @Test("A picture of a document comes as a file in clear, and somebody at Sentbe decides")
    func document() async throws {
        let house = try await SandboxHouse()
        let judgement = await house.document(Self.parts)
        #expect(judgement.isSuccess && judgement.data == ["id": "1"], "\(judgement.body.text) \(judgement.rule ?? "")")
        #expect(try await house.checks(of: 16)["documents"] == "processing")
        let (_, documents) = try await house.control(.get, "/outbound/documents")
        let digest = try PythonOracle.lines(
            "import sys,hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())", input: Outbound.picture)
        #expect(documents[0]?["sha256"]?.string == digest.first && documents[0]?["format"] == "png" && documents[0]?["bytes"] == 12)
        for (word, state) in [("hold", "pending"), ("reject", "rejected"), ("approve", "completed")] {
            let (status, user) = try await house.control(.post, "/outbound/users/16/documents/\(word)")
            #expect(status == 200 && user["verifications_status"]?["documents"]?.string == state)
            #expect(try await house.checks(of: 16)["documents"]?.string == state)
            if state == "rejected" { #expect(await house.document(Self.parts).data == ["id": "2"]) }
        }
        #expect(await house.document(Self.parts).isRefusal("E0114", "verification.done"))
    }

    @Test("A form that makes no sense is refused with what is wrong with it")
    func documentRefusals() async throws {
        let house = try await SandboxHouse()
        func with(_ name: String, _ body: String?) -> [(name: String, file: String?, body: [UInt8])] {
            Self.parts.compactMap { part in
                part.name != name ? part : body.map { (part.name, part.file, Array($0.utf8)) }
            }
        }
        #expect(await house.document(with("user_id", nil)).isRefusal("E0005", "document.missing"))
        #expect(await house.document(with("user_id", "999")).isRefusal("E0002", "user.unknown"))
        #expect(await house.document(with("user_id", "17")).isRefusal("E0101", "user.not-registered"))
        #expect(await house.document(with("document_type", nil)).isRefusal("E0005", "document.missing"))
        #expect(await house.document(with("document_type", "library_card")).isRefusal("E0005", "parameter.value"))
        #expect(await house.document(with("document", nil)).isRefusal("E0005", "document.missing"))
        #expect(await house.document(with("document", "%PDF-1.7")).isRefusal("E0005", "document.format"))
        #expect(await house.document(Self.parts + [("user_id", nil, [0x31])]).isRefusal("E0005", "document.twice"))
        #expect(await house.document(Self.parts + [("note", nil, [0x31])]).isRefusal("E0005", "document.unpermitted"))
        #expect(await house.document(Self.parts, type: "application/json").isRefusal("E0005", "document.content-type"))
        #expect(await house.document(Self.parts, type: "multipart/form-data").isRefusal("E0005", "document.boundary"))
        #expect(await house.document(Self.parts, type: "multipart/form-data; boundary=other").isRefusal("E0005", "document.beginning"))
        try await house.set(["outbound_document_bytes": 11])
        #expect(await house.document(Self.parts).isRefusal("E0005", "document.size"))
        try await house.set(["outbound_document_bytes": 12])
        let signed = await house.document(Self.parts + [("test", nil, [])], signature: "whatever")
        #expect(signed.isSuccess && signed.rule == "document.signature")
    }

    @Test("What Python's own writer of forms makes is read, with any boundary")
    func documentByPython() async throws {
        let house = try await SandboxHouse()
        let script = """
            import sys, email.policy
            from email.mime.multipart import MIMEMultipart
            from email.mime.nonmultipart import MIMENonMultipart
            form = MIMEMultipart("form-data")
            for name, kind, body in [("user_id", "text", "16"), ("document_type", "text", "passport"), ("document", "image", "GIF89a picture")]:
                part = MIMENonMultipart(kind, "plain" if kind == "text" else "gif")
                part.set_payload(body)
                extra = {"filename": "여권.gif".encode().decode()} if kind == "image" else {}
                part.add_header("Content-Disposition", "form-data", name=name, **extra)
                del part["MIME-Version"]
                form.attach(part)
            raw = form.as_bytes(policy=email.policy.HTTP)
            head, _, body = raw.partition(b"\\r\\n\\r\\n")
            print(form["Content-Type"].replace("\\n", ""))
            print(body.hex())
            """
        let lines = try PythonOracle.lines(script, input: [] as [String])
        let fields: HTTPFields = ["Content-Type": lines[0], "PARTNER-ID": "1", "KEY": "test_id"]
        let body = try #require(Hexadecimal.decode(lines[1]))
        let call = Call(method: .post, path: "/outbound/verifications/document", fields: fields, body: body)
        let judgement = await house.sandbox.respond(
            to: call, from: CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 1), host: "localhost"))
        #expect(judgement.isSuccess, "\(judgement.body.text) \(judgement.verdict?.json.text ?? "")")
    }

    @Test("The control doors decide every check, and only as it can be decided")
    func doors() async throws {
        let house = try await SandboxHouse()
        for check in ["mobile", "documents", "bank"] {
            for (word, state) in [("approve", "completed"), ("reset", "standby")] {
                let (status, user) = try await house.control(.post, "/outbound/users/16/\(check)/\(word)")
                #expect(status == 200 && user["verifications_status"]?[check]?.string == state)
            }
        }
        #expect(try await house.control(.post, "/outbound/users/16/mobile/reject").0 == 409)
        #expect(try await house.control(.post, "/outbound/users/999/bank/approve").0 == 404)
        #expect(try await house.control(.get, "/outbound/users/16/bank/approve").0 == 405)
        let (_, users) = try await house.control(.get, "/outbound/users")
        #expect(users.elements?.count == 3 && users[0]?["partners"] == [] && users[2]?["partners"]?[0]?["external_id"] == "3")
        let (made, customer) = try await house.control(
            .post, "/outbound/users", ["first_name": "Linh", "identification_number": "8801011234567"])
        #expect(made == 201 && customer["first_name"] == "Linh")
        #expect(try await house.control(.post, "/outbound/users", ["identification_number": "1"]).0 == 400)
        #expect(try await house.control(.post, "/outbound/users", ["shoe_size": 42]).0 == 400)
        let again = try await house.quick(.post, "/outbound/users", Outbound.user(["identification_number": "8801011234567"]))
        #expect(again.isRefusal("E0107", "user.same-person"))
    }
}
