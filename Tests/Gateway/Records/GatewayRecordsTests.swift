import Base
import Foundation
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite struct GatewayRecordsTests {
    let directory: TemporaryDirectory
    let time = ManualTime()

    init() throws { directory = try TemporaryDirectory() }

    private func records() -> GatewayRecords { GatewayRecords(file: directory.file("gateway.sqlite"), time: time) }

    @Test("What was kept is there after the file was closed and opened again, and belongs to its connection alone")
    func keeps() async throws {
        let first = records()
        let (shop, other) = (first.keeper(of: "shop"), first.keeper(of: "shop-2"))
        #expect(try await shop.record("limit/calls") == nil)
        try await shop.keep("limit/calls", [1, 2, 3], until: nil)
        try await shop.keep("limit/calls", [4, 0, 255], until: nil)
        try await other.keep("limit/calls", [], until: nil)
        try await other.keep("gone", [9], until: nil)
        try await other.forget("gone")
        try await other.forget("never was")
        await first.close()
        let second = records()
        #expect(try await second.keeper(of: "shop").record("limit/calls") == [4, 0, 255])
        #expect(try await second.keeper(of: "shop-2").record("limit/calls") == [])
        #expect(try await second.keeper(of: "shop-2").record("gone") == nil)
        #expect(try await second.keeper(of: "third").record("limit/calls") == nil)
        await second.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("gateway.sqlite"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("Names are listed by their beginning in the order of their bytes, whatever letters they are made of")
    func names() async throws {
        let records = records()
        let keeper = records.keeper(of: "shop")
        let all = ["order/2", "order/10", "order/%", "order/_", "order/가", "order", "orders", "Order/1", "order/\u{1F600}", "order0"]
        for name in all { try await keeper.keep(name, [1], until: nil) }
        try await records.keeper(of: "shop-2").keep("order/9", [1], until: nil)
        let expected = ["order/%", "order/10", "order/2", "order/_", "order/가", "order/\u{1F600}"]
        #expect(try await keeper.names(beginningWith: "order/") == expected)
        #expect(try await keeper.names(beginningWith: "").count == all.count)
        #expect(try await keeper.names(beginningWith: "x").isEmpty)
        // The keeper in memory says the same.
        let memory = MemoryRecords(time: time)
        for name in all { try await memory.keep(name, [1], until: nil) }
        #expect(try await memory.names(beginningWith: "order/") == expected)
        await records.close()
    }

    @Test("A record whose time is over is gone, from the file too as soon as another is kept")
    func ends() async throws {
        let records = records()
        let keeper = records.keeper(of: "shop")
        try await keeper.keep("short", [1], until: time.now + .seconds(10))
        try await keeper.keep("long", [2], until: nil)
        time.advance(by: .seconds(9))
        #expect(try await keeper.record("short") == [1])
        time.advance(by: .seconds(1))
        #expect(try await keeper.record("short") == nil)
        #expect(try await keeper.names(beginningWith: "") == ["long"])
        try await keeper.keep("new", [3], until: nil)
        await records.close()
        let rows = try Program.run(
            "/usr/bin/env",
            [
                "python3", "-c",
                "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT group_concat(name) FROM (SELECT name FROM records ORDER BY name)').fetchone()[0])",
                directory.file("gateway.sqlite"),
            ])
        #expect(rows.output == "long,new\n")
    }

    @Test("Names and records that are too long are refused, by the keeper in memory as well")
    func bounds() async throws {
        let records = records()
        let keepers: [any RecordKeeper] = [records.keeper(of: "shop"), MemoryRecords(time: time)]
        for keeper in keepers {
            await #expect(throws: RecordError.self) { try await keeper.keep("", [1], until: nil) }
            await #expect(throws: RecordError.self) { try await keeper.keep(String(repeating: "가", count: 67), [1], until: nil) }
            await #expect(throws: RecordError.self) { try await keeper.keep("x", [UInt8](repeating: 0, count: (1 << 20) + 1), until: nil) }
            try await keeper.keep(String(repeating: "x", count: 200), [UInt8](repeating: 7, count: 1 << 20), until: nil)
            #expect(try await keeper.record(String(repeating: "x", count: 200))?.count == 1 << 20)
        }
        await records.close()
    }

    @Test("Many who come first at the same time all find the file open")
    func concurrentOpening() async throws {
        let records = records()
        try await withThrowingTaskGroup { group in
            for index in 0..<50 {
                group.addTask { try await records.keeper(of: "c\(index % 5)").keep("n\(index)", [UInt8(index)], until: nil) }
            }
            try await group.waitForAll()
        }
        var count = 0
        for index in 0..<5 { count += try await records.keeper(of: "c\(index)").names(beginningWith: "n").count }
        #expect(count == 50)
        await records.close()
    }

    @Test("Neither file nor directory is made before something is kept, and what cannot be opened is told with its name and a remedy")
    func laziness() async throws {
        let path = directory.file("data")
        let records = GatewayRecords(file: path + "/gateway.sqlite", time: time) { () throws(SystemError) in
            do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
                throw SystemError(call: "mkdir", number: EACCES)
            }
        }
        let keeper = records.keeper(of: "shop")
        #expect(!FileManager.default.fileExists(atPath: path))
        try await keeper.keep("x", [1], until: nil)
        #expect(FileManager.default.fileExists(atPath: path + "/gateway.sqlite"))
        // The same file for a second process is in use.
        let second = GatewayRecords(file: path + "/gateway.sqlite", time: time)
        let error = await #expect(throws: RecordError.self) { try await second.keeper(of: "shop").record("x") }
        #expect(error?.message.english.contains("gateway.sqlite") == true)
        #expect(error?.message.english.contains("--data") == true)
        #expect(error?.message.korean.contains("--data") == true)
        await records.close()
        // It can be opened as soon as the first has let go of it.
        #expect(try await second.keeper(of: "shop").record("x") == [1])
        await second.close()
        await #expect(throws: RecordError.self) { try await keeper.record("x") }
        // A directory that cannot be made.
        let blocked = GatewayRecords(file: "/proc/nowhere/gateway.sqlite", time: time)
        await #expect(throws: RecordError.self) { try await blocked.keeper(of: "shop").keep("x", [1], until: nil) }
    }
}
