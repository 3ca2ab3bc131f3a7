import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth connector: request and status calls")
struct ConnectorCallTests {
    private static let requestPath = "/api/v2/sign/user/auth/id/request"

    @Test("A person in clear goes out encrypted, with everything that the provider wants besides, and the answer comes back as it was sent")
    func personalRequest() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            var body = try #require(ConnectorHouse.person.members)
            body["nonce"] = "n1"
            let response = await house.call(.request, .object(body), ["Bujeol-Reference": "order-7", "Authorization": "Bearer stranger"])
            #expect(response.status == 200)
            let txID = try #require(response.houseJSON?["success"]?["txId"]?.string)
            // Members that nobody knows are the provider's own business.
            #expect(response.houseJSON?["success"]?["mystery"]?.integer == 7)
            #expect(response.houseJSON?["success"]?["appScheme"] == "null")
            #expect(["Bujeol-Result", "Bujeol-Outcome", "Bujeol-Reads-Left"].map { response.fields[$0] } == ["success", "delivered", "2"])
            #expect(!response.fields.contains("Bujeol-Session"))
            #expect(house.provider.state.withLock { $0.claims } == [["홍길동", "01012345678", "19900102"]])
            let sent = try #require(house.sent("request").first)
            #expect(sent.request.target == "/toss-auth" + ConnectorCallTests.requestPath)
            #expect(sent.request.fields["Authorization"] == "Bearer t1")
            #expect(!sent.request.fields.contains { $0.name.lowercased().hasPrefix("bujeol-") })
            let json = try JSON(sent.request.body)
            #expect(json["triggerType"] == "APP_SCHEME")
            #expect(json["nonce"] == "n1")
            let text = String(decoding: sent.request.body, as: UTF8.self)
            for secret in ["홍길동", "01012345678", "19900102", "order-7"] { #expect(!text.contains(secret)) }
            let page = await house.call(.get, "/-/transactions/\(txID)")
            #expect(page.houseJSON?["reference"] == "order-7")
            #expect(page.houseJSON?["requestType"] == "USER_PERSONAL")
        }
    }

    @Test("One touch sends nothing of a person and no session")
    func oneTouch() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            #expect(await house.call(.request, ConnectorHouse.oneTouch).status == 200)
            let json = try JSON(try #require(house.sent("request").first).request.body)
            #expect(json.members?.names.sorted() == ["requestType", "requestUrl"])
        }
    }

    @Test("What cannot be sent is refused with the member's name, nothing of its value, and nothing leaves; not even for a token")
    func wrongMembers() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            func changed(_ name: String, _ value: JSON?, of json: JSON = ConnectorHouse.person) -> JSON {
                var members = json.members ?? [:]
                members[name] = value
                return .object(members)
            }
            let sealed: JSON = .string("v1$" + "0f0e0d0c-0000-4000-8000-000000000000$" + "AAAA")
            let cases: [(field: String, body: JSON)] = [
                ("requestType", changed("requestType", nil)), ("requestType", changed("requestType", "USER_ODD")),
                ("userName", changed("userName", nil)), ("userName", changed("userName", "  ")), ("userName", changed("userName", 5)),
                ("userPhone", changed("userPhone", "010-9876-5432")), ("userPhone", changed("userPhone", "98765432")),
                ("userBirthday", changed("userBirthday", "19990231")), ("userBirthday", changed("userBirthday", "1999-02-03")),
                ("triggerType", changed("triggerType", "PUSH")), ("triggerType", changed("triggerType", 1)),
                ("userName", changed("userName", "숨은이름", of: ConnectorHouse.oneTouch)),
                ("sessionKey", changed("sessionKey", sealed, of: ConnectorHouse.oneTouch)),
                ("sessionKey", changed("userName", sealed)), ("userName", changed("sessionKey", sealed)),
                ("sessionKey", changed("sessionKey", "secret-key")),
            ]
            for (field, body) in cases {
                let response = await house.call(.request, body)
                #expect(response.status == 400, "\(field)")
                #expect(response.fields["Bujeol-Outcome"] == "refused")
                #expect(response.houseJSON?["field"]?.string == field)
                #expect(response.houseText.contains(field))
                for value in ["9876", "98765432", "1999", "숨은이름", "secret-key", "홍길동", "AAAA"] {
                    #expect(!response.houseText.contains(value), "\(field)")
                }
            }
            for url in ["", "no scheme", "intoss://a b", "://x"] {
                #expect(await house.call(.request, changed("requestUrl", .string(url))).status == 400)
            }
            #expect(
                await house.call(.request, ConnectorHouse.oneTouch, ["Bujeol-Reference": String(repeating: "r", count: 201)]).status == 400)
            for body in ["", "[]", "{", "requestType=USER_NONE"] {
                #expect(await house.call(.post, ConnectorCallTests.requestPath, body).status == 400)
            }
            for body in ["{}", #"{"txId":""}"#, #"{"txId":"a/../b"}"#, #"{"txId":5}"#] {
                #expect(await house.call(.post, "/api/v2/sign/user/auth/id/status", body).houseJSON?["field"] == "txId")
                #expect(await house.call(.post, "/api/v2/sign/user/auth/id/result", body).houseJSON?["field"] == "txId")
            }
            #expect(house.wire.sent.isEmpty)
            #expect(house.provider.state.withLock { $0.tokens } == 0)
        }
    }

    @Test("An application that encrypts by itself is passed on untouched and told so, and its check is followed all the same")
    func ownSession() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let claim = try IdentityClaim(name: "홍길동", phone: "01012345678", birthday: "19900102")
            let sealed = try RequestSession(for: house.provider.opener.publicKey, random: SystemRandom()).seal(claim)
            var body: JSON.Members = ["requestType": "USER_PERSONAL", "requestUrl": "intoss://a", "triggerType": "APP_SCHEME"]
            for (name, value) in sealed.members { body[name] = .string(value) }
            let response = await house.call(.request, .object(body), ["Bujeol-Reference": "mine"])
            #expect(response.status == 200)
            #expect(response.fields["Bujeol-Session"] == "application")
            #expect(house.provider.state.withLock { $0.claims } == [["홍길동", "01012345678", "19900102"]])
            #expect(try JSON(try #require(house.sent("request").first).request.body) == .object(body))
            let txID = try #require(response.houseJSON?["success"]?["txId"]?.string)
            let page = await house.call(.get, "/-/transactions/\(txID)").houseJSON
            #expect(page?["requestType"] == "USER_PERSONAL")
            #expect(page?["reference"] == "mine")
            #expect(house.logged.contains("passed with the application's own session"))
        }
    }

    @Test("Old paths without /id are called where the application calls them, and polls of the same check go there too")
    func olderPaths() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            var body = try #require(ConnectorHouse.person.members)
            body["triggerType"] = "PUSH"
            let response = await house.call(.request, .object(body), older: true)
            let txID = try #require(response.houseJSON?["success"]?["txId"]?.string.flatMap { TransactionID($0) })
            #expect(await house.call(.status, ["txId": .string(txID.text)], older: true).status == 200)
            #expect(await house.call(.get, "/-/transactions/\(txID)?wait=1s").status == 200)
            house.provider.complete(txID)
            #expect(await house.call(.result, ["txId": .string(txID.text)], older: true).status == 200)
            let paths = Set(house.wire.sent.map(\.request.target).filter { $0 != "/toss-auth/token" })
            #expect(paths == Set(["request", "status", "result"].map { "/toss-auth/api/v2/sign/user/auth/\($0)" }))
            #expect(try JSON(try #require(house.sent("request").first).request.body)["triggerType"] == "PUSH")
        }
    }

    @Test("A status passes as it came, with what is known of the reads that are left")
    func status() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            let response = await house.call(.status, ["txId": .string(txID.text)])
            #expect(response.houseJSON?["success"]?["status"] == "COMPLETED")
            #expect(response.fields["Bujeol-Result"] == "success")
            #expect(response.fields["Bujeol-Reads-Left"] == "2")
            #expect(response.fields["Bujeol-Result-Deadline"]?.hasSuffix("+09:00") == true)
            let unknown = await house.call(.status, ["txId": "never"])
            #expect(unknown.status == 400)
            #expect(
                ["Bujeol-Result", "Bujeol-Error-Code", "Bujeol-Outcome"].map { unknown.fields[$0] } == ["fail", "CE3100", "delivered"])
            #expect(unknown.houseJSON?["error"]?["errorCode"] == "CE3100")
        }
    }

    @Test("A refused token is replaced and the call made once more; refused again, the refusal is the answer")
    func refusedToken() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            house.provider.state.withLock { _ = $0.refusedTokens.insert("t1") }
            #expect(await house.call(.status, ["txId": .string(txID.text)]).status == 200)
            #expect(house.provider.names("status").map(\.token) == ["t1", "t2"])
            house.provider.state.withLock { $0.refusedTokens.formUnion(["t2", "t3"]) }
            try await simulation.sleep(for: .seconds(10))
            let refused = await house.call(.request, ConnectorHouse.person)
            #expect(refused.status == 401)
            #expect(refused.fields["Bujeol-Error-Code"] == "CE1000")
            #expect(house.provider.names("request").map(\.token) == ["t1", "t2", "t3"])
            #expect(house.provider.state.withLock { $0.tokens } == 3)
        }
    }

    @Test("An answer that is no envelope is delivered as one that tells nothing, and a lost one is a failure with an unknown outcome")
    func openOutcomes() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            house.provider.fault("request", .answers("<html>busy</html>", status: 502), .losesAnswer, .unreachable)
            let odd = await house.call(.request, ConnectorHouse.person)
            #expect(odd.status == 502)
            #expect(odd.houseText == "<html>busy</html>")
            #expect(["Bujeol-Result", "Bujeol-Outcome"].map { odd.fields[$0] } == ["unknown", "delivered"])
            let lost = await house.call(.request, ConnectorHouse.person)
            #expect(lost.fields["Bujeol-Outcome"] == "unknown")
            #expect(lost.fields["Content-Type"]?.hasPrefix("application/problem+json") == true)
            let unsent = await house.call(.request, ConnectorHouse.person)
            #expect(unsent.fields["Bujeol-Outcome"] == "not-sent")
            #expect(house.provider.names("request").count == 2)
        }
    }

    @Test("Fields of the gateway's names, and those of its own connection, do not come from the provider")
    func forgedFields() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            house.wire.add([
                "Bujeol-Outcome": "forged", "Bujeol-Reads-Left": "9", "Bujeol-Session": "forged", "Connection": "X-Hop", "X-Hop": "1",
                "X-Kept": "1", "Transfer-Encoding": "chunked",
            ])
            let response = await house.call(.request, ConnectorHouse.person)
            #expect(response.fields["Bujeol-Outcome"] == "delivered")
            #expect(response.fields["Bujeol-Reads-Left"] == "2")
            for name in ["Bujeol-Session", "Connection", "X-Hop", "Transfer-Encoding"] { #expect(!response.fields.contains(name)) }
            #expect(response.fields["X-Kept"] == "1")
        }
    }
}
