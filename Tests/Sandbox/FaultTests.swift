import Base
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import Sandbox

@Suite struct FaultTests {
    /// The newest entry of the demo tenant's log.
    private func newest(_ house: House) async -> JSON {
        await house.call(.get, "/-/requests?limit=1").json["requests"]?[0] ?? .null
    }

    @Test("a status is told without asking the service, as often as ordered")
    func status() async throws {
        let house = try await House()
        let made = await house.call(
            .post, "/-/faults", ["kind": "status", "status": 503, "body": ["message": "later"], "times": 2, "provider": "counter"])
        #expect(made.status == 201 && made.json["id"] == 1 && made.json["remaining"] == 2)
        let answer = await house.counter(.post, "/count")
        #expect(answer.status == 503 && answer.json == ["message": "later"] && answer.fields["Content-Type"] == "application/json")
        #expect(await house.call(.get, "/-/faults").json["faults"]?[0]?["remaining"] == 1)
        #expect(await house.counter(.post, "/count").status == 503)
        #expect(await house.call(.get, "/-/faults").json["faults"] == [])
        #expect(await house.counter(.post, "/count").json["total"] == 1)
        let log = await house.call(.get, "/-/requests?status=503").json["requests"]
        #expect(log?.elements?.count == 2 && log?[0]?["faults"] == [["id": 1, "kind": "status"]] && log?[0]?["route"] == "count")
    }

    @Test("a status may come with a text of any type")
    func statusText() async throws {
        let house = try await House()
        _ = await house.call(
            .post, "/-/faults", ["kind": "status", "status": 502, "body": "<h1>Bad Gateway</h1>", "content_type": "text/html"])
        let answer = await house.counter(.post, "/count")
        #expect(answer.status == 502 && answer.text == "<h1>Bad Gateway</h1>" && answer.fields["Content-Type"] == "text/html")
    }

    @Test("error-after: the service has acted, but the caller is told otherwise")
    func errorAfter() async throws {
        let house = try await House()
        _ = await house.call(.post, "/-/faults", ["kind": "error-after", "route": "count"])
        #expect(await house.counter(.get, "/total").status == 200)
        #expect(await house.counter(.post, "/count").status == 500)
        #expect(await house.counter(.post, "/count").json["total"] == 2)
    }

    @Test("drop before: no answer and nothing done; drop after: no answer, but done")
    func drop() async throws {
        let house = try await House()
        _ = await house.call(.post, "/-/faults", ["kind": "drop"])
        #expect(await house.counter(.post, "/count").isAborted)
        let entry = await newest(house)
        #expect(entry["outcome"] == "dropped" && entry["status"] == .null && entry["reply"] == .null && entry["tenant_known"] == true)
        #expect(await house.counter(.post, "/count").json["total"] == 1)
        _ = await house.call(.post, "/-/faults", ["kind": "drop", "when": "after"])
        #expect(await house.counter(.post, "/count").isAborted)
        #expect(await house.counter(.post, "/count").json["total"] == 3)
    }

    @Test("truncate: the service has acted, and the answer breaks off in the middle")
    func truncate() async throws {
        let house = try await House()
        _ = await house.call(.post, "/-/faults", ["kind": "truncate"])
        let request = HTTPRequest(method: .post, target: "/counter/count", fields: ["Authorization": "Bearer demo-key-0001"])
        let response = await house.sandbox.respond(to: request, from: HTTPPeer(address: "192.0.2.7", port: 1))
        guard case .stream(let produce) = response.body else {
            Issue.record("the answer is no stream")
            return
        }
        let writer = Paper()
        await #expect(throws: (any Error).self) { try await produce(writer) }
        #expect(response.status == 200 && writer.text == #"{"tot"# && response.fields["Content-Type"]?.contains("json") == true)
        #expect(await newest(house)["outcome"] == "truncated")
        #expect(await house.counter(.post, "/count").json["total"] == 2)
    }

    @Test("delay and hang take real time, also under a frozen clock")
    func slow() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try await House(time: simulation, database: try Database(.memory, executor: simulation))
            _ = await house.call(.post, "/-/clock", ["freeze": true])
            _ = await house.call(.post, "/-/faults", ["kind": "delay", "duration": "3s"])
            var began = simulation.uptime
            #expect(await house.counter(.post, "/count").json["total"] == 1)
            #expect(simulation.uptime - began == .seconds(3))
            #expect(await self.newest(house)["duration_ms"] == .number("3000.0"))

            _ = await house.call(.post, "/-/faults", ["kind": "hang"])
            began = simulation.uptime
            #expect(await house.counter(.post, "/count").isAborted)
            #expect(simulation.uptime - began == .seconds(600))

            _ = await house.call(.post, "/-/faults", ["kind": "hang", "duration": "5s", "when": "after"])
            began = simulation.uptime
            #expect(await house.counter(.post, "/count").isAborted)
            #expect(simulation.uptime - began == .seconds(5))
            #expect(await house.counter(.post, "/count").json["total"] == 3)

            // One that hangs stands in the log while it hangs, and ends when its caller goes.
            _ = await house.call(.post, "/-/faults", ["kind": "hang", "duration": "1h"])
            began = simulation.uptime
            let hanging = Task(executorPreference: simulation) { await house.counter(.get, "/total").isAborted }
            try await simulation.sleep(for: .seconds(1))
            #expect(await self.newest(house)["route"] == "total")
            hanging.cancel()
            #expect(await hanging.value)
            #expect(simulation.uptime - began == .seconds(1))
        }
    }

    @Test("a delayed call whose caller goes away is not acted on")
    func delayedAndGone() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try await House(time: simulation, database: try Database(.memory, executor: simulation))
            _ = await house.call(.post, "/-/faults", ["kind": "delay", "duration": "1h"])
            let waiting = Task(executorPreference: simulation) { await house.counter(.post, "/count").isAborted }
            try await simulation.sleep(for: .seconds(1))
            waiting.cancel()
            #expect(await waiting.value)
            #expect(await house.counter(.post, "/count").json["total"] == 1)
        }
    }

    @Test("a fault meets only the provider, the route and the tenant it is meant for")
    func scope() async throws {
        let house = try await House()
        await house.makeTenant("other")
        _ = await house.call(.post, "/-/faults?tenant=other", ["kind": "status", "status": 500, "route": "count", "provider": "counter"])
        #expect(await house.counter(.post, "/count").status == 200)
        #expect(await house.counter(.get, "/total", key: "other-key").status == 200)
        #expect(await house.call(.get, "/plain/count").status == 200)
        #expect(await house.counter(.post, "/count", key: "other-key").status == 500)
    }

    @Test("a call whose tenant nobody knows meets the demo tenant's faults")
    func unknownCaller() async throws {
        let house = try await House()
        _ = await house.call(.post, "/-/faults", ["kind": "status", "status": 500, "provider": "plain"])
        #expect(await house.call(.get, "/plain/x").status == 500)
        #expect(await house.call(.get, "/plain/x").status == 200)
        _ = await house.call(.post, "/-/faults", ["kind": "error-after", "status": 599, "route": "any"])
        #expect(await house.call(.get, "/plain/x").status == 599)
    }

    @Test("a delay and an unknown outcome may meet one call together")
    func together() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try await House(time: simulation, database: try Database(.memory, executor: simulation))
            _ = await house.call(.post, "/-/faults", ["kind": "error-after", "status": 504])
            _ = await house.call(.post, "/-/faults", ["kind": "delay", "duration": "2s"])
            #expect(await house.counter(.post, "/count").status == 504)
            #expect(simulation.uptime == .seconds(2))
            #expect(await self.newest(house)["faults"]?.elements?.count == 2)
        }
    }

    @Test("faults are listed and dropped")
    func listed() async throws {
        let house = try await House()
        _ = await house.call(.post, "/-/faults", ["kind": "hang", "duration": "90s", "when": "after", "route": "count"])
        _ = await house.call(.post, "/-/faults", ["kind": "status", "status": 500])
        let list = await house.call(.get, "/-/faults").json["faults"]
        #expect(
            list?[0] == [
                "id": 1, "kind": "hang", "when": "after", "remaining": 1, "struck": 0, "route": "count", "duration_ms": 90_000,
            ])
        #expect(list?[1]?["when"] == "before")
        #expect(await house.call(.delete, "/-/faults").json == ["deleted": 2])
        #expect(await house.counter(.post, "/count").status == 200)
    }

    @Test(
        "a fault that makes no sense is refused in both languages",
        arguments: [
            "", "{}", "[]", #"{"kind":"explode"}"#, #"{"kind":"delay"}"#, #"{"kind":"delay","duration":"-1s"}"#,
            #"{"kind":"delay","duration":"2h"}"#, #"{"kind":"delay","duration":3}"#, #"{"kind":"status"}"#,
            #"{"kind":"status","status":99}"#,
            #"{"kind":"status","status":600}"#, #"{"kind":"status","status":"500"}"#, #"{"kind":"drop","when":"never"}"#,
            #"{"kind":"drop","status":500}"#, #"{"kind":"drop","times":0}"#, #"{"kind":"drop","times":1.5}"#,
            #"{"kind":"drop","provider":"nobody"}"#, #"{"kind":"drop","route":7}"#, #"{"kind":"truncate","when":"before"}"#,
            #"{"kind":"status","status":500,"content_type":""}"#,
        ])
    func refusals(body: String) async throws {
        let house = try await House()
        let answer = await house.send(.init(method: .post, target: "/-/faults", body: Array(body.utf8)))
        #expect(answer.status == 400 && answer.complaint != nil)
        #expect(await house.call(.get, "/-/faults").json["faults"] == [])
    }

    @Test("not more faults than allowed wait for one tenant")
    func limit() async throws {
        let house = try await House()
        for _ in 0..<FaultPlan.limit { #expect(await house.call(.post, "/-/faults", ["kind": "drop"]).status == 201) }
        let answer = await house.call(.post, "/-/faults", ["kind": "drop"])
        #expect(answer.status == 409 && answer.complaint != nil)
    }
}

/// Keeps what is written on it.
private final class Paper: HTTPBodyWriter {
    private let bytes = Locked<[UInt8]>([])
    func write(_ more: [UInt8]) async throws { bytes.withLock { $0 += more } }
    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}
