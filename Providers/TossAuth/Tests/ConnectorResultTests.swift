import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth connector: results")
struct ConnectorResultTests {
    private static let stranger: JSON.Members = [
        "ci": .string(String(repeating: "C", count: 88)), "name": "이몽룡", "birthday": "20100505", "gender": "MALE",
        "nationality": "FOREIGNER",
        "di": .string(String(repeating: "D", count: 88)),
    ]

    @Test("A result comes opened, everything else as the provider sent it, with what is left in fields, and no cache may keep it")
    func opened() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            let response = await house.result(txID)
            #expect(response.status == 200)
            let content = try #require(response.houseJSON?["success"])
            #expect(response.houseJSON?["resultType"] == "SUCCESS")
            #expect(content["personalData"] == .object(CourseProvider.persona))
            #expect(content["signature"] == "TUlJ" && content["mystery"]?.integer == 7 && content["userIdentifier"]?.isNull == true)
            let completed = try #require(content["completedDt"]?.string.flatMap { TossAuthTime.read($0) })
            let expected = [
                "Bujeol-Outcome": "delivered", "Bujeol-Result": "success", "Bujeol-Reads-Left": "1", "Cache-Control": "no-store",
                "Bujeol-Result-Deadline": TossAuthTime.text(completed + .seconds(3600)), "Bujeol-Age-Group": "ADULT",
                "Bujeol-Age-Basis": "ageGroup", "Bujeol-Signature": "unchecked",
            ]
            for (name, value) in expected { #expect(response.fields[name] == value, "\(name)") }
            #expect(!response.fields.contains("Bujeol-Repeated"))
        }
    }

    @Test("It is handed over again without a read, a read is spent on purpose only, and a third never leaves")
    func reads() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            let first = await house.result(txID)
            for _ in 0..<5 {
                let again = await house.result(txID)
                #expect(again.bytes == first.bytes)
                #expect(again.fields["Bujeol-Repeated"] == "true")
                #expect(again.fields["Bujeol-Reads-Left"] == "1")
            }
            #expect(house.provider.reads(txID) == 1)
            let fresh = await house.result(txID, ["Bujeol-Read": "fresh"])
            #expect(fresh.fields["Bujeol-Reads-Left"] == "0")
            #expect(!fresh.fields.contains("Bujeol-Repeated"))
            let third = await house.result(txID, ["Bujeol-Read": "fresh"])
            #expect(third.status == 410)
            #expect(third.fields["Bujeol-Outcome"] == "refused")
            #expect(third.houseJSON?["readsLeft"]?.integer == 0)
            #expect(third.houseJSON?["detail_ko"]?.string?.isEmpty == false)
            #expect(await house.result(txID).fields["Bujeol-Repeated"] == "true")
            #expect(house.provider.names("result").count == 2)
            #expect(await house.result(txID, ["Bujeol-Read": "again"]).status == 400)
            let counts = ["success", "repeated", "withheld"].map {
                house.count("bujeol_toss_auth_reads_total{connection=\"toss\",result=\"\($0)\"}")
            }
            #expect(counts == ["2", "6", "1"])
        }
    }

    @Test("After 60 minutes of the provider's clock nothing is asked any more")
    func deadline() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation, settings: ", keepResult: \"1m\"")
            let txID = try await house.completed()
            #expect(await house.result(txID).status == 200)
            try await simulation.sleep(for: .seconds(3_590))
            #expect(await house.result(txID, ["Bujeol-Read": "fresh"]).status == 200)
            let other = try await house.completed()
            #expect(await house.result(other).status == 200)
            try await simulation.sleep(for: .seconds(3_601))
            let late = await house.result(other)
            #expect(late.status == 410)
            #expect(late.houseJSON?["code"] == "result-deadline-passed")
            #expect(house.provider.names("result").count == 3)
        }
    }

    @Test("A refusal comes as the provider sent it and costs nothing")
    func refusals() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let begun = await house.call(.request, ConnectorHouse.oneTouch)
            let txID = try #require(begun.houseJSON?["success"]?["txId"]?.string.flatMap { TransactionID($0) })
            let early = await house.result(txID)
            #expect(early.status == 400)
            #expect(early.houseJSON?["error"]?["errorCode"] == "CE3102")
            let fields = ["Bujeol-Result", "Bujeol-Error-Code", "Bujeol-Outcome", "Bujeol-Reads-Left"].map { early.fields[$0] }
            #expect(fields == ["fail", "CE3102", "delivered", "2"])
            house.provider.complete(txID)
            #expect(await house.result(txID).fields["Bujeol-Reads-Left"] == "1")
        }
    }

    @Test("A read whose answer is lost counts, and so does one that the provider's failing leaves open")
    func lostReads() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            house.provider.fault("result", .losesAnswer, .refuses(.unavailable, status: 503))
            let lost = await house.result(txID)
            #expect(lost.fields["Bujeol-Outcome"] == "unknown")
            #expect(lost.houseJSON?["readsLeft"]?.integer == 1)
            let open = await house.result(txID)
            #expect(open.status == 503)
            #expect(["Bujeol-Result", "Bujeol-Error-Code", "Bujeol-Reads-Left"].map { open.fields[$0] } == ["unknown", "CE0001", "0"])
            #expect(await house.result(txID).status == 410)
            #expect(house.provider.names("result").count == 2)
        }
    }

    @Test("Fields of another session are not delivered, nor anything of a person who does not fit the credentials, either way")
    func unverified() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            house.provider.fault("result", .foreignSession)
            let foreign = try await house.completed()
            let swapped = try await house.completed()
            house.provider.change(swapped) { $0.person = ConnectorResultTests.stranger }
            let live = try ConnectorHouse(simulation, isTest: false)
            let made = try await live.completed()
            for response in [await house.result(foreign), await house.result(swapped), await live.result(made)] {
                #expect(response.status == 502)
                #expect(response.fields["Bujeol-Outcome"] == "unverified")
                #expect(response.houseJSON?["readsLeft"]?.integer == 1)
                for word in ["이몽룡", "김토스", "CI01", "CCCC", "v1$", "MALE"] { #expect(!response.houseText.contains(word)) }
            }
            // Nothing of it is kept either.
            #expect(await house.call(.get, "/-/transactions/\(swapped)").houseJSON?["keptUntil"]?.isNull == true)
            #expect(house.count("bujeol_toss_auth_reads_total{connection=\"toss\",result=\"unverified\"}") == "2")
            live.provider.change(made) { $0.person = ConnectorResultTests.stranger }
            #expect(await live.result(made).houseJSON?["success"]?["personalData"]?["name"] == "이몽룡")
        }
    }

    @Test("Who is grown up is told by the provider's word, or by the birthday under the rule in force")
    func ages() throws {
        let simulation = Simulation()
        try simulation.run {
            for (rule, group, basis) in [
                ("", "MINOR", "fullYears:19"), (", ageRule: \"calendarYear:15\"", "ADULT", "calendarYear:15"),
                (", ageRule: \"fullYears:16\"", "MINOR", "fullYears:16"),
            ] {
                let house = try ConnectorHouse(simulation, settings: rule, isTest: false)
                let txID = try await house.completed()
                house.provider.change(txID) { $0.person = ConnectorResultTests.stranger }
                let response = await house.result(txID)
                #expect(response.fields["Bujeol-Age-Group"] == group)
                #expect(response.fields["Bujeol-Age-Basis"] == basis)
            }
            let house = try ConnectorHouse(simulation, isTest: false)
            let txID = try await house.completed()
            house.provider.change(txID) { $0.person = ["ci": "c", "name": "n", "birthday": .null] }
            let silent = await house.result(txID)
            #expect(silent.status == 200)
            #expect(!silent.fields.contains("Bujeol-Age-Group"))
        }
    }

    @Test("A gateway that begins again hands over what the one before has kept, and one with another secret cannot")
    func restart() throws {
        let simulation = Simulation()
        try simulation.run {
            let records = MemoryRecords(time: simulation)
            let house = try ConnectorHouse(simulation, records: records)
            let txID = try await house.completed()
            let first = await house.result(txID)
            let next = try ConnectorHouse(simulation, provider: house.provider, records: records)
            try await next.connector.open()
            let again = await next.result(txID)
            #expect(again.bytes == first.bytes)
            #expect(again.fields["Bujeol-Repeated"] == "true")
            #expect(house.provider.reads(txID) == 1)
            let other = try ConnectorHouse(simulation, isTest: false, provider: house.provider, records: records)
            let failed = await other.result(txID)
            #expect(failed.status == 503)
            #expect(failed.fields["Bujeol-Outcome"] == "not-sent")
            for name in try await records.names(beginningWith: "") {
                let text = String(decoding: try #require(try await records.record(name)), as: UTF8.self)
                for word in ["김토스", "19930324", "CI01", "v1$"] { #expect(!text.contains(word) && !name.contains(word)) }
            }
        }
    }

    @Test("A session of the application's own gets the encrypted answer untouched, and the ledger counts")
    func ownSessions() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            for left in ["1", "0"] {
                let session = try ResultSession(for: house.provider.opener.publicKey, random: SystemRandom())
                let response = await house.call(.result, ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)])
                #expect(response.status == 200)
                #expect(
                    ["Bujeol-Session", "Bujeol-Reads-Left", "Cache-Control"].map { response.fields[$0] } == [
                        "application", left, "no-store",
                    ])
                let sealed = try #require(response.houseJSON?["success"]?["personalData"])
                #expect(sealed["name"]?.string?.hasPrefix("v1$") == true)
                #expect(try session.open(sealed).name == "김토스")
            }
            let session = try ResultSession(for: house.provider.opener.publicKey, random: SystemRandom())
            let third = await house.call(.result, ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)])
            #expect(third.status == 410)
            #expect(await house.result(txID).status == 410)
            #expect(house.provider.names("result").count == 2)
            let odd = await house.call(.result, ["txId": .string(txID.text), "sessionKey": "mine"])
            #expect(odd.houseJSON?["field"] == "sessionKey")
        }
    }

    @Test("Own sessions: refused tokens, lost answers and refusals are counted as the others are")
    func ownSessionFaults() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            func read() async throws -> HTTPResponse {
                let session = try ResultSession(for: house.provider.opener.publicKey, random: SystemRandom())
                return await house.call(.result, ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)])
            }
            house.provider.fault("result", .refuses(.notCompleted), .losesAnswer, .unreachable, .answers("{}", status: 200))
            #expect(try await read().fields["Bujeol-Reads-Left"] == "2")
            #expect(try await read().houseJSON?["readsLeft"]?.integer == 1)
            #expect(try await read().fields["Bujeol-Outcome"] == "not-sent")
            house.provider.state.withLock { _ = $0.refusedTokens.insert("t1") }
            let open = try await read()
            #expect(open.fields["Bujeol-Result"] == "unknown")
            #expect(open.fields["Bujeol-Reads-Left"] == "0")
            #expect(try await read().status == 410)
            let other = try await house.completed()
            house.provider.state.withLock { $0.refusedTokens = ["t2"] }
            try await simulation.sleep(for: .seconds(10))
            let session = try ResultSession(for: house.provider.opener.publicKey, random: SystemRandom())
            let renewed = await house.call(.result, ["txId": .string(other.text), "sessionKey": .string(session.sessionKey)])
            #expect(renewed.status == 200)
            #expect(renewed.fields["Bujeol-Reads-Left"] == "1")
            #expect(house.provider.reads(other) == 1)
        }
    }

    @Test("However many ask at once, with sessions of their own and without, no more than two reads leave")
    func crowd() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            house.provider.state.withLock { $0.isGenerous = true }
            let txID = try await house.completed()
            let key = house.provider.opener.publicKey
            let statuses = await withTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        guard number % 3 == 0 else {
                            return await house.result(txID, number % 3 == 1 ? ["Bujeol-Read": "fresh"] : [:]).status
                        }
                        guard let session = try? ResultSession(for: key, random: SystemRandom()) else { return 0 }
                        return await house.call(.result, ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)]).status
                    }
                }
                return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(house.provider.reads(txID) == 2)
            #expect(house.provider.state.withLock { $0.tooMany } == 0)
            #expect(Set(statuses.keys).isSubset(of: [200, 409, 410]))
            #expect(statuses[200, default: 0] >= 2)
        }
    }
}
