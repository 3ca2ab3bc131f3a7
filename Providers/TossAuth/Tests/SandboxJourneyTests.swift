import Base
import Cryptography
import ProviderKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: journeys, states and limits at the front door")
struct SandboxJourneyTests {
    @Test("personal data are sent, the person approves, and the persona comes back encrypted under the session of the result call")
    func personal() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let answer = try await house.call("id-request", .object(try house.personalRequest()), token: token)
        #expect(answer.isSuccess)
        #expect(answer.success.members?.names == ["txId", "appScheme", "androidAppUri", "iosAppUri", "requestedDt"])
        #expect(answer.success["appScheme"] == "null" && answer.success["requestedDt"] == "2026-07-16T09:00:00+09:00")
        let id = try #require(answer.success["txId"]?.string)
        #expect(await house.rule() == nil)
        house.time.advance(by: .seconds(87))
        try await house.move(id, "approve")
        let (result, person) = try await house.result(id, token)
        #expect(result.isSuccess)
        #expect(
            result.success.members?.names == [
                "txId", "status", "userIdentifier", "userCiToken", "signature", "randomValue", "completedDt", "requestedDt", "personalData",
            ])
        #expect(result.success["status"] == "COMPLETED" && result.success["completedDt"] == "2026-07-16T09:01:27+09:00")
        #expect(result.success["userIdentifier"] == .null && result.success["randomValue"] == .null)
        // The order and the content of the published sample; ageGroup follows from the birthday.
        #expect(person == TossAuthDemonstration.persona.clear())
        let texts = result.success["personalData"]?.members?.values.compactMap(\.string) ?? []
        #expect(texts.count == 7 && texts.allSatisfy { $0.hasPrefix("v1$") })
        let signature = try #require(result.success["signature"]?.string.flatMap { Base64.decode($0) })
        let message = try SignedMessage(der: signature)
        #expect(
            String(decoding: message.content, as: UTF8.self)
                == #"{"txId":"\#(id)","requestedDt":"2026-07-16T09:00:00+09:00","completedDt":"2026-07-16T09:01:27+09:00"}"#)
        // The second read shows the same signature, under another session.
        let second = try await house.result(id, token)
        #expect(second.answer.success["signature"] == result.success["signature"] && second.person == person)
        #expect(second.answer.success["personalData"] != result.success["personalData"])
    }

    @Test("a check by one touch answers with two members, and calls without /id work as well")
    func oneTouch() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let answer = try await house.call("request", SandboxHouse.oneTouch, token: token)
        #expect(answer.success.members?.names == ["txId", "requestedDt"])
        let id = try #require(answer.success["txId"]?.string)
        #expect(try await house.call("status", ["txId": .string(id)], token: token).success["status"] == "REQUESTED")
        try await house.move(id, "approve")
        #expect(try await house.result(id, token, name: "result").person?["name"] == "김토스")
        try await house.set(["old_style_paths": false])
        let refused = try await house.call("request", SandboxHouse.oneTouch, token: token)
        #expect(refused.status == 404)
        #expect(await house.rule() == "call.older-spelling")
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: token).isSuccess)
    }

    /// What is done to a check before it is asked about.
    enum State: String, CaseIterable, Sendable {
        case unknown, othersClient, requested, inProgress, denied, deniedAtOnce, expired, completed, usedUp, tooLate, usedUpAndTooLate
    }

    @Test(
        "the status call and the result call answer as the table of states says",
        arguments: [
            (State.unknown, "CE3100", "CE3100", "transaction.unknown"), (.othersClient, "CE3100", "CE3100", "transaction.other-client"),
            (.requested, "REQUESTED", "CE3102", "result.not-finished"), (.inProgress, "IN_PROGRESS", "CE3102", "result.not-finished"),
            (.denied, "IN_PROGRESS", "CE3102", "result.denied"), (.deniedAtOnce, "EXPIRED", "CE3103", "result.expired"),
            (.expired, "EXPIRED", "CE3103", "result.expired"), (.completed, "COMPLETED", "SUCCESS", ""),
            (.usedUp, "COMPLETED", "CE3101", "result.used-up"), (.tooLate, "COMPLETED", "CE3103", "result.too-late"),
            (.usedUpAndTooLate, "COMPLETED", "CE3103", "result.used-up-and-too-late"),
        ])
    func table(_ state: State, _ status: String, _ result: String, _ rule: String) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await prepare(state, house, token)
        let asked = try await house.status(id, token)
        if status.hasPrefix("CE") {
            #expect(asked.code == status && asked.status == 400)
        } else {
            #expect(asked.success["status"]?.string == status)
            #expect(asked.success.members?.names == ["txId", "status", "requestedDt"])
        }
        let (read, _) = try await house.result(id, token)
        guard result != "SUCCESS" else {
            #expect(read.isSuccess)
            return
        }
        #expect(read.code == result && read.status == 400)
        #expect(read.json["success"] == .null && read.json["error"]?["data"] == [:] && read.json["error"]?["title"] == .null)
        #expect(read.json["error"]?["errorType"] == 0 && !(read.json["error"]?["reason"]?.string ?? "").isEmpty)
        #expect(await house.rule() == rule)
    }

    private func prepare(_ state: State, _ house: SandboxHouse, _ token: String) async throws -> String {
        if state == .unknown { return "633f3e1b-1a11-4e7c-9b35-dd391f440be4" }
        if state == .othersClient {
            let other = try await house.ask(.post, "/clients", [:])
            let credentials = SandboxHouse.Credentials(
                id: try #require(other["client_id"]?.string), secret: try #require(other["client_secret"]?.string))
            let id = try await house.begin(try await house.token(credentials))
            try await house.move(id, "approve")
            return id
        }
        if state == .deniedAtOnce { try await house.set(["denial": "expires"]) }
        let id = try await house.begin(token)
        switch state {
        case .inProgress: try await house.move(id, "open")
        case .denied, .deniedAtOnce: try await house.move(id, "deny")
        case .expired: house.time.advance(by: .seconds(600))
        case .completed, .usedUp, .tooLate, .usedUpAndTooLate: try await house.move(id, "approve")
        default: break
        }
        if [.usedUp, .usedUpAndTooLate].contains(state) {
            for _ in 0..<2 { #expect(try await house.result(id, token).answer.isSuccess) }
        }
        if [.tooLate, .usedUpAndTooLate].contains(state) { house.time.advance(by: .seconds(3600)) }
        return id
    }

    @Test(
        "the result is given 3,599 seconds after completion and no longer after 3,600",
        arguments: [(3599, nil), (3600, "CE3103")] as [(Int64, String?)])
    func hour(_ seconds: Int64, _ code: String?) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        house.time.advance(by: .seconds(seconds))
        let (answer, person) = try await house.result(id, token)
        #expect(answer.code == code && (person == nil) == (code != nil))
    }

    @Test("of many result calls at once exactly two are answered, and each with a session of its own")
    func simultaneous() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        let codes = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<8 { group.addTask { try await house.result(id, token).answer.code } }
            var codes: [String?] = []
            for try await code in group { codes.append(code) }
            return codes
        }
        #expect(codes.filter { $0 == nil }.count == 2)
        #expect(codes.filter { $0 == "CE3101" }.count == 6)
    }

    @Test("a reply that is lost on the way has cost a read; one that the service never formed has not")
    func lostReply() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        for (moment, reads) in [("before", 0), ("after", 1)] as [(String, Int64)] {
            let fault: JSON = ["kind": "drop", "when": .string(moment), "provider": "toss-auth", "route": "id-result"]
            #expect(await house.send(.post, "/-/faults", fault.bytes).status == 201)
            #expect(try await house.result(id, token).answer.isAborted)
            #expect(try await house.ask(.get, "/transactions/\(id)")["reads"]?.integer == reads)
        }
        #expect(try await house.result(id, token).answer.isSuccess)
        #expect(try await house.result(id, token).answer.code == "CE3101")
    }

    @Test("the numbers of the limits, the links, the field's version and the ageGroup are settings")
    func settings() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        try await house.set([
            "result_reads": 1, "result_window_seconds": 10, "expiry_seconds": 20, "links": "real", "field_version": "v1_0.0.14",
            "age_group_sent": false, "late_status": "EXPIRED",
        ])
        let request = try await house.call("id-request", .object(try house.personalRequest()), token: token)
        let id = try #require(request.success["txId"]?.string)
        #expect(request.success["iosAppUri"]?.string?.contains(id) == true)
        house.time.advance(by: .seconds(19))
        try await house.move(id, "approve")
        let (first, person) = try await house.result(id, token)
        #expect(first.success["personalData"]?["ci"]?.string?.hasPrefix("v1_0.0.14$") == true)
        #expect(person?.members?.names == ["ci", "name", "birthday", "gender", "nationality", "ci2", "di", "ciUpdate"])
        #expect(try await house.result(id, token).answer.code == "CE3101")
        house.time.advance(by: .seconds(10))
        #expect(try await house.result(id, token).answer.code == "CE3103")
        #expect(try await house.status(id, token).success["status"] == "EXPIRED")
        try await house.set(["approve_after_seconds": 3])
        let other = try await house.begin(token)
        #expect(try await house.status(other, token).success["status"] == "REQUESTED")
        house.time.advance(by: .seconds(3))
        #expect(try await house.status(other, token).success["status"] == "COMPLETED")
        #expect(try await house.result(other, token).person?["name"] == "김토스")
    }

    @Test("time to finish is what the request says, up to half an hour, and its nonce is signed")
    func extras() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        var body = try house.personalRequest()
        body["expireSeconds"] = 1800
        body["nonce"] = "order-7"
        body["triggerType"] = "PUSH"
        body["successCallbackUrl"] = "https://example.com/ok"
        body["failCallbackUrl"] = "https://example.com/fail"
        let id = try await house.begin(token, .object(body))
        #expect(await house.rule() == nil)
        house.time.advance(by: .seconds(1799))
        try await house.move(id, "approve")
        let signature = try #require(try await house.result(id, token).answer.success["signature"]?.string)
        let content = try JSON(try SignedMessage(der: try #require(Base64.decode(signature))).content)
        #expect(content["nonce"] == "order-7")
        body = try house.personalRequest()
        body["expireSeconds"] = 1801
        #expect(try await house.call("id-request", .object(body), token: token).code == "CE0003")
        #expect(await house.rule() == "field.no-number")
    }

    @Test("live credentials: the person with that number, name and birthday answers; minors and foreigners as they are")
    func live() async throws {
        let house = try await SandboxHouse()
        let tenant = try await house.makeTenant("shop")
        let token = try await house.token(tenant.live)
        for (name, phone, birthday, code, rule) in [
            ("홍길동", "01000000009", "19900101", "CE3000", "person.unknown"), ("홍길순", "01000000001", "19900101", "CE3001", "person.mismatch"),
            ("홍길동", "01000000001", "19900102", "CE3001", "person.mismatch"),
        ] {
            let body = try house.personalRequest(name: name, phone: phone, birthday: birthday)
            let refused = try await house.call("id-request", .object(body), token: token)
            #expect(refused.code == code && refused.status == 400)
            #expect(await house.rule(tenant: "shop") == rule)
        }
        let minor = try await house.begin(
            token, .object(try house.personalRequest(name: "성춘향", phone: "01000000002", birthday: "20100505")))
        // Nobody but who was named can approve.
        let other = await house.control(.post, "/transactions/\(minor)/approve", ["person": "adult"], tenant: "shop")
        #expect(other.status == 409)
        try await house.move(minor, "approve", tenant: "shop")
        let person = try #require(try await house.result(minor, token).person)
        #expect(person["name"] == "성춘향" && person["ageGroup"] == "MINOR" && person["nationality"] == "LOCAL")
        #expect(person["ci"]?.string?.utf8.count == 88 && person["di"]?.string?.utf8.count == 88 && person["ci"] != person["di"])
        let foreigner = try await house.begin(token)
        try await house.move(foreigner, "approve", ["person": "foreigner"], tenant: "shop")
        #expect(try await house.result(foreigner, token).person?["nationality"] == "FOREIGNER")
        // The same person has the same ci the next time.
        let again = try await house.begin(token)
        try await house.move(again, "approve", ["person": "minor"], tenant: "shop")
        #expect(try await house.result(again, token).person?["ci"] == person["ci"])
        let persona = try await house.begin(token)
        #expect(await house.control(.post, "/transactions/\(persona)/approve", ["person": "persona"], tenant: "shop").status == 409)
    }

    @Test("on the TLS port each host serves its own calls, unless told otherwise")
    func hosts() async throws {
        let house = try await SandboxHouse()
        let form = Array(FormText.encode(SandboxHouse.form()).utf8)
        let type: HTTPFields = ["Content-Type": "application/x-www-form-urlencoded"]
        let good = await house.send(.post, "/token", form, type, tlsHost: TossAuthHosts.token)
        let token = try #require(good.json["access_token"]?.string)
        #expect(await house.send(.post, "/token", form, type, tlsHost: TossAuthHosts.service).status == 404)
        #expect(await house.rule() == "call.host")
        let fields: HTTPFields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
        let path = TossAuthRoutes.row(for: .request).path
        #expect(await house.send(.post, path, SandboxHouse.oneTouch.bytes, fields, tlsHost: TossAuthHosts.service).isSuccess)
        #expect(await house.send(.post, path, SandboxHouse.oneTouch.bytes, fields, tlsHost: TossAuthHosts.token).status == 404)
        try await house.set(["hosts_apart": false])
        #expect(await house.send(.post, path, SandboxHouse.oneTouch.bytes, fields, tlsHost: TossAuthHosts.token).isSuccess)
        #expect(await house.send(.get, "/toss-auth" + path, [], fields).status == 405)
        let unknown = await house.send(.post, "/toss-auth/api/v2/sign/user/auth/id/results", [], fields)
        #expect(unknown.status == 404)
        #expect(await house.rule() == "call.unknown")
    }
}
