import Base
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import Sandbox

@Suite struct TenantTests {
    @Test("the demo tenant is always there")
    func demo() async throws {
        let house = try await House()
        let list = await house.call(.get, "/-/tenants")
        #expect(list.status == 200 && list.json["tenants"]?.elements?.count == 1)
        #expect(list.json["tenants"]?[0]?["tenant"] == "demo")
        #expect(await house.counter(.post, "/count").json["total"] == 1)
        let refusal = await house.call(.delete, "/-/tenants/demo")
        #expect(refusal.status == 409 && refusal.complaint != nil)
    }

    @Test("a tenant is made with a name, a clock and settings, and its maker learns what each service made")
    func made() async throws {
        let house = try await House()
        let answer = await house.call(
            .post, "/-/tenants",
            [
                "name": "ci-7", "clock": ["set": "2030-01-01T00:00:00Z", "freeze": true], "counter": ["key": "its-own-key"],
                "plain": ["colour": "blue"],
            ])
        #expect(answer.status == 201)
        #expect(answer.json == ["tenant": "ci-7", "counter": ["key": "its-own-key"], "plain": ["colour": "blue"]])
        let shown = await house.call(.get, "/-/tenants/ci-7")
        #expect(shown.json["now"] == "2030-01-01T00:00:00.000Z" && shown.json["frozen"] == true)
        #expect(await house.counter(.post, "/count", key: "its-own-key").json["total"] == 1)
    }

    @Test("a tenant needs no body at all: it gets a name of its own and fresh credentials")
    func nameless() async throws {
        let house = try await House()
        let one = await house.call(.post, "/-/tenants").json
        let other = await house.call(.post, "/-/tenants", [:]).json
        let names = [one["tenant"]?.string, other["tenant"]?.string].compactMap { $0 }
        #expect(Set(names).count == 2 && names.allSatisfy { TenantID(rawValue: $0) != nil })
        #expect(one["counter"]?["key"] != other["counter"]?["key"])
    }

    @Test("tenants do not meet: data, logs, faults and steering are each tenant's own")
    func isolation() async throws {
        let house = try await House()
        await house.makeTenant("other")
        await house.counter(.post, "/count")
        await house.counter(.post, "/count")
        #expect(await house.counter(.post, "/count", key: "other-key").json["total"] == 1)
        #expect(await house.call(.get, "/-/requests").json["requests"]?.elements?.count == 2)
        #expect(await house.call(.get, "/-/requests?tenant=other").json["requests"]?.elements?.count == 1)
        _ = await house.call(.post, "/-/faults", ["kind": "drop", "times": 5], fields: ["Bujeol-Tenant": "other"])
        #expect(await house.counter(.post, "/count").status == 200)
        #expect(await house.counter(.post, "/count", key: "other-key").isAborted)
        #expect(await house.call(.get, "/-/counter/whose?tenant=other").json == "other")
        #expect(await house.call(.get, "/-/counter/whose").json == "demo")
        _ = await house.call(.post, "/-/reset?tenant=other")
        #expect(await house.call(.get, "/-/requests").json["requests"]?.elements?.count == 3)
    }

    @Test(
        "an order for a tenant that makes no sense is refused in both languages",
        arguments: [
            (#"{"name":"Ä"}"#, 400), (#"{"name":""}"#, 400), (#"{"name":7}"#, 400), (#"{"clock":{"stop":true}}"#, 400),
            (#"{"clock":5}"#, 400),
            (#"{"countr":{}}"#, 400), (#"{"counter":"x"}"#, 400), (#"{"counter":{"broken":1}}"#, 400), (#"{"name":"demo"}"#, 409),
            ("[]", 400),
            ("{", 400),
        ])
    func badOrders(body: String, status: Int) async throws {
        let house = try await House()
        let answer = await house.send(.init(method: .post, target: "/-/tenants", body: Array(body.utf8)))
        #expect(answer.status == status && answer.complaint != nil)
        #expect(await house.call(.get, "/-/tenants").json["tenants"]?.elements?.count == 1)
    }

    @Test("a tenant whose making failed leaves nothing behind, so that its name is free")
    func undone() async throws {
        let house = try await House()
        // The plain service has made its part before the counter's turn comes when it stands first.
        let refusal = await house.call(.post, "/-/tenants", ["name": "again", "counter": ["broken": true]])
        #expect(refusal.status == 400 && refusal.complaint == "broken settings")
        await house.makeTenant("again")
        #expect(await house.counter(.post, "/count", key: "again-key").json["total"] == 1)
    }

    @Test("of two orders for one name at the same time one is fulfilled")
    func race() async throws {
        let house = try await House()
        let statuses = await withTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask {
                    await house.call(.post, "/-/tenants", ["name": "same", "counter": ["key": .string("key-\(number)")]]).status
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201, 409, 409, 409, 409, 409])
    }

    @Test("there are no more tenants than allowed")
    func limit() async throws {
        let house = try await House(tenants: 2)
        await house.makeTenant("one")
        let answer = await house.call(.post, "/-/tenants")
        #expect(answer.status == 409 && answer.complaint != nil)
    }

    @Test("a removed tenant is gone, with its data, log, faults and clock")
    func removed() async throws {
        let house = try await House()
        await house.makeTenant("gone")
        await house.counter(.post, "/count", key: "gone-key")
        _ = await house.call(.post, "/-/faults?tenant=gone", ["kind": "truncate"])
        _ = await house.call(.post, "/-/clock?tenant=gone", ["freeze": true, "advance": "1d"])
        #expect(await house.call(.delete, "/-/tenants/gone").json == ["deleted": "gone"])
        #expect(await house.counter(.post, "/count", key: "gone-key").status == 401)
        for path in [
            "/-/clock?tenant=gone", "/-/requests?tenant=gone", "/-/faults?tenant=gone", "/-/tenants/gone", "/-/counter/?tenant=gone",
        ] {
            let answer = await house.call(.get, path)
            #expect(answer.status == 404 && answer.complaint?.contains("gone") == true)
        }
        #expect(await house.call(.delete, "/-/tenants/gone").status == 404)
        await house.makeTenant("gone")
        #expect(await house.call(.get, "/-/clock?tenant=gone").json["offset_ms"] == 0)
        #expect(await house.call(.get, "/-/requests?tenant=gone").json["requests"] == [])
        #expect(await house.call(.get, "/-/faults?tenant=gone").json["faults"] == [])
    }

    @Test("an unknown tenant, or two different ones, are refused")
    func choice() async throws {
        let house = try await House()
        await house.makeTenant("other")
        #expect(await house.call(.get, "/-/clock?tenant=nobody").status == 404)
        #expect(await house.call(.get, "/-/clock?tenant=NOT%20A%20NAME").status == 404)
        #expect(await house.call(.get, "/-/clock", fields: ["Bujeol-Tenant": "nobody"]).complaint != nil)
        #expect(await house.call(.get, "/-/clock?tenant=demo", fields: ["Bujeol-Tenant": "other"]).status == 400)
        #expect(await house.call(.get, "/-/clock?tenant=other", fields: ["Bujeol-Tenant": "other"]).json["tenant"] == "other")
        #expect(await house.call(.get, "/-/clock?tenant=demo&tenant=other").status == 400)
        #expect(await house.call(.get, "/-/clock?tenant=%zz").status == 400)
    }

    @Test("a reset restores the data, empties the log, drops the faults and gives the machine's time back")
    func reset() async throws {
        let house = try await House()
        await house.counter(.post, "/count")
        await house.counter(.post, "/later", ["after_ms": 1000])
        _ = await house.call(.post, "/-/faults", ["kind": "drop"])
        _ = await house.call(.post, "/-/clock", ["freeze": true, "advance": "1h"])
        let answer = await house.call(.post, "/-/reset")
        #expect(answer.status == 200 && answer.json == ["tenant": "demo", "counter": ["key": "demo-key-0001"], "plain": [:]])
        #expect(await house.call(.get, "/-/requests").json["requests"] == [])
        #expect(await house.call(.get, "/-/faults").json["faults"] == [])
        let clock = await house.call(.get, "/-/clock").json
        #expect(clock["frozen"] == false && clock["offset_ms"] == 0)
        #expect(await house.counter(.post, "/count").json["total"] == 1)
        #expect(await house.done() == [])
    }

    @Test("a reset tenant is made with the settings it was made with at first")
    func resetOther() async throws {
        let house = try await House()
        await house.makeTenant("other")
        await house.counter(.post, "/count", key: "other-key")
        #expect(await house.call(.post, "/-/reset?tenant=other").json["counter"]?["key"] == "other-key")
        #expect(await house.counter(.post, "/count", key: "other-key").json["total"] == 1)
        #expect(await house.counter(.post, "/count").json["total"] == 1)
    }

    @Test("tenants and their data survive a restart, and a provider that is new gets its data then")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        do {
            let database = try Database(.file(directory.file("state.db")))
            let house = try await House(database: database, services: [CounterService.self])
            await house.makeTenant("other")
            await house.counter(.post, "/count", key: "other-key")
            #expect(await house.call(.get, "/plain/x").status == 404)
            await database.close()
        }
        let database = try Database(.file(directory.file("state.db")))
        let house = try await House(database: database)
        #expect(await house.call(.get, "/-/health").json["tenants"] == 2)
        #expect(await house.counter(.post, "/count", key: "other-key").json["total"] == 2)
        #expect(await house.call(.get, "/plain/x").status == 200)
        let ready = try await database.read { try $0.query("SELECT * FROM sandbox_tenant_providers").count }
        #expect(ready == 4)
        await database.close()
    }

    @Test("a tenant that a crash left half made is made wholly at the next start")
    func halfMade() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        do {
            let database = try Database(.file(path))
            let house = try await House(database: database)
            await house.makeTenant("half")
            await house.counter(.post, "/count", key: "half-key")
            // As if the process had died between the service's write and the note of it.
            try await database.write {
                try $0.execute("DELETE FROM sandbox_tenant_providers WHERE tenant = 'half' AND provider = 'counter'")
            }
            await database.close()
        }
        let database = try Database(.file(path))
        let house = try await House(database: database)
        #expect(await house.counter(.post, "/count", key: "half-key").json["total"] == 1)
        await database.close()
    }

    @Test("a database that fails is told to the caller as such, and nothing has changed")
    func storageFails() async throws {
        let database = try Database(.memory)
        let house = try await House(database: database)
        await database.close()
        let answer = await house.call(.post, "/-/clock", ["advance": "1h"])
        #expect(answer.status == 500 && answer.complaint?.contains("closed") == true)
        #expect(await house.call(.get, "/-/clock").json["offset_ms"] == 0)
    }
}
