import Base
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import Sandbox

@Suite struct ClockTests {
    private let start = House.start

    @Test("a clock that is frozen, set, advanced and let go shows what one expects")
    func values() {
        var clock = ClockState()
        #expect(clock.now(machine: start) == start)
        clock.advanced(by: .seconds(90), machine: start)
        #expect(clock.now(machine: start + .seconds(10)) == start + .seconds(100))
        clock.froze(machine: start + .seconds(10))
        #expect(clock.now(machine: start + .seconds(500)) == start + .seconds(100))
        clock.froze(machine: start + .seconds(700))
        #expect(clock.now(machine: start + .seconds(800)) == start + .seconds(100))
        clock.advanced(by: .seconds(1), machine: start + .seconds(800))
        #expect(clock.isFrozen && clock.now(machine: start) == start + .seconds(101))
        clock.resumed(machine: start + .seconds(1000))
        #expect(!clock.isFrozen && clock.now(machine: start + .seconds(1005)) == start + .seconds(106))
        clock.wasSet(to: start, machine: start + .seconds(2000))
        #expect(clock.now(machine: start + .seconds(2001)) == start + .seconds(1))
    }

    @Test(
        "lengths of time are read with units from large to small",
        arguments: [
            ("25m", 1_500_000), ("1h30m", 5_400_000), ("250ms", 250), ("1s500ms", 1500), ("2d", 172_800_000), ("0s", 0),
            ("1d1h1m1s1ms", 90_061_001),
        ])
    func durations(text: String, milliseconds: Int64) {
        #expect(Duration(controlText: text) == .milliseconds(milliseconds))
    }

    @Test(
        "what is no length of time is not read as one",
        arguments: ["", "5", "m", "1m1h", "1m1m", "-5m", "1.5h", "1 h", "5M", "1h ", "٣m", "99999999999999s", "80000d", "9999999999999d"])
    func noDurations(text: String) {
        #expect(Duration(controlText: text) == nil)
    }

    @Test("the clock is shown, frozen, set, advanced and resumed over the control API")
    func control() async throws {
        let time = ManualTime(start)
        let house = try await House(time: time)
        var answer = await house.call(.get, "/-/clock")
        #expect(answer.status == 200 && answer.json["now"] == "2026-01-01T00:00:00.000Z" && answer.json["frozen"] == false)
        #expect(answer.json["tenant"] == "demo" && answer.json["offset_ms"] == 0)

        answer = await house.call(.post, "/-/clock", ["freeze": true])
        #expect(answer.json["frozen"] == true)
        time.advance(by: .seconds(60))
        #expect(await house.call(.get, "/-/clock").json["now"] == "2026-01-01T00:00:00.000Z")

        answer = await house.call(.post, "/-/clock", ["advance": "1h30m"])
        #expect(answer.json["now"] == "2026-01-01T01:30:00.000Z" && answer.json["frozen"] == true)

        answer = await house.call(.post, "/-/clock", ["resume": true])
        #expect(answer.json["now"] == "2026-01-01T01:30:00.000Z" && answer.json["frozen"] == false)
        time.advance(by: .seconds(1))
        #expect(await house.call(.get, "/-/clock").json["now"] == "2026-01-01T01:30:01.000Z")

        answer = await house.call(.post, "/-/clock", ["set": "2030-06-01T09:00:00+09:00", "freeze": true])
        #expect(answer.json["now"] == "2030-06-01T00:00:00.000Z" && answer.json["frozen"] == true)
        answer = await house.call(.post, "/-/clock", ["set": "2020-01-01T00:00:00Z", "advance": "1d", "resume": true])
        #expect(answer.json["now"] == "2020-01-02T00:00:00.000Z" && answer.json["frozen"] == false)
        answer = await house.call(.post, "/-/clock", ["set": "now"])
        #expect(answer.json["offset_ms"] == 0 && answer.json["machine"] == answer.json["now"])
    }

    @Test(
        "a wish the clock cannot fulfil is refused in both languages and moves nothing",
        arguments: [
            "{}", "[]", "7", #"{"freeze":false}"#, #"{"freeze":"yes"}"#, #"{"resume":1}"#, #"{"freeze":true,"resume":true}"#,
            #"{"advance":"-5m"}"#, #"{"advance":300}"#, #"{"advance":"5"}"#, #"{"set":"yesterday"}"#, #"{"set":1767225600}"#,
            #"{"set":"2300-01-01T00:00:00Z"}"#, #"{"set":"1969-12-31T23:59:59Z"}"#, #"{"advance":"180d","set":"2199-12-01T00:00:00Z"}"#,
            #"{"stop":true}"#, #"{"freeze":true"#, "not json",
        ])
    func refusals(body: String) async throws {
        let house = try await House()
        let answer = await house.send(.init(method: .post, target: "/-/clock", body: Array(body.utf8)))
        #expect(answer.status == 400)
        #expect(answer.complaint != nil)
        let clock = await house.call(.get, "/-/clock").json
        #expect(clock["offset_ms"] == 0 && clock["frozen"] == false)
    }

    @Test("each tenant has a clock of its own")
    func isolation() async throws {
        let house = try await House()
        await house.makeTenant("other")
        _ = await house.call(.post, "/-/clock?tenant=other", ["set": "2031-01-01T00:00:00Z", "freeze": true])
        #expect(await house.call(.get, "/-/clock").json["offset_ms"] == 0)
        #expect(await house.call(.get, "/-/clock", fields: ["Bujeol-Tenant": "other"]).json["now"] == "2031-01-01T00:00:00.000Z")
    }

    @Test("clocks survive a restart: one that stood stands, one that ran has gone on")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        do {
            let database = try Database(.file(directory.file("state.db")))
            let house = try await House(database: database)
            await house.makeTenant("standing")
            await house.makeTenant("running")
            _ = await house.call(.post, "/-/clock?tenant=standing", ["freeze": true, "advance": "25m"])
            _ = await house.call(.post, "/-/clock?tenant=running", ["advance": "1h"])
            await database.close()
        }
        let database = try Database(.file(directory.file("state.db")))
        let house = try await House(time: ManualTime(start + .seconds(600)), database: database)
        #expect(await house.call(.get, "/-/clock?tenant=standing").json["now"] == "2026-01-01T00:25:00.000Z")
        #expect(await house.call(.get, "/-/clock?tenant=standing").json["frozen"] == true)
        #expect(await house.call(.get, "/-/clock?tenant=running").json["now"] == "2026-01-01T01:10:00.000Z")
        #expect(await house.call(.get, "/-/clock").json["offset_ms"] == 0)
        await database.close()
    }
}
