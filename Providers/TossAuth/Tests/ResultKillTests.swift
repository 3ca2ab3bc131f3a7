import Base
import Foundation
import TestSupport
import Testing

/// `kill -9` somewhere around the one call whose answer cannot be asked for a third time. `BUJEOL_KILLS=200` kills more often.
@Suite("A gateway that is killed while it reads a result", .serialized)
struct ResultKillTests {
    private static let kills = ProcessInfo.processInfo.environment["BUJEOL_KILLS"].flatMap { Int($0) } ?? 12
    /// Not the persona: that is refused under credentials that are no test's.
    private static let person: JSON = [
        "name": "성춘향", "birthday": "19870613", "gender": "FEMALE", "nationality": "LOCAL", "ageGroup": "ADULT",
        "ci": .string(String(repeating: "c", count: 86) + "=="), "di": .string(String(repeating: "d", count: 86) + "=="),
    ]

    /// When the process died, as the two ends of the call saw it.
    private struct Tally {
        var beforeTheRead = 0
        var between = 0
        var afterTheAnswer = 0
        var secondReads = 0
    }

    @Test("Killed at any moment of the call, it hands the result over after its restart, and no third read is ever asked for")
    func killed() throws {
        let provider = try IndependentProvider()
        try provider.steer("person", Self.person)
        let directory = try TemporaryDirectory()
        let data = directory.file("data")
        let connection = BuiltGateway.connection(to: provider)
        var gateway = try BuiltGateway(connection, in: directory, data: data)

        // How long the call takes here and now, to kill within it.
        var usual = Duration.zero
        for _ in 0..<3 {
            let transaction = try gateway.begin()
            try provider.complete(transaction)
            let began = ContinuousClock.now
            #expect(try gateway.call("result", ["txId": .string(transaction)]).success?["personalData"]?["name"] == "성춘향")
            usual = max(usual, ContinuousClock.now - began)
        }

        var tally = Tally()
        for _ in 0..<Self.kills {
            let transaction = try gateway.begin()
            try provider.complete(transaction)
            let body: JSON = ["txId": .string(transaction)]
            let call = try Program("/usr/bin/env", gateway.arguments("result", body))
            Thread.sleep(forTimeInterval: usual / .seconds(1) * Double.random(in: 0...1.2))
            gateway.program.signal(SIGKILL)
            gateway.program.wait()
            call.wait()
            let heard = BuiltGateway.answer(call.standardOutput)?.success?["personalData"]?["name"] == "성춘향"
            let counted = try provider.journal().reads(transaction)
            switch (counted, heard) {
            case (0, _): tally.beforeTheRead += 1
            case (_, false): tally.between += 1
            case (_, true): tally.afterTheAnswer += 1
            }

            gateway = try BuiltGateway(connection, in: directory, data: data)
            let first = try gateway.call("result", body)
            #expect(first.status == 200 && first.success?["personalData"]?["name"] == "성춘향", "lost after \(counted) reads: \(first)")
            #expect(first.success?["personalData"]?["ci"] == Self.person["ci"])
            let reads = try provider.journal().reads(transaction)
            if heard {
                #expect(reads == counted && first.field("Bujeol-Repeated") == "true", "what was answered is handed over again: \(first)")
            }
            tally.secondReads += reads == 2 ? 1 : 0
            let second = try gateway.call("result", body)
            #expect(second.text == first.text && second.field("Bujeol-Repeated") == "true", "\(second)")
            #expect(try provider.journal().reads(transaction) == reads, "what is kept costs no read")
        }
        let journal = try provider.journal()
        #expect(journal.allReads.count == Self.kills + 3 && journal.allReads.allSatisfy { (1...2).contains($0) }, "\(journal.allReads)")
        #expect(journal.wrong == [])
        print(
            """
            killed \(Self.kills) times within \(usual * 1.2): \(tally.beforeTheRead) before the provider had counted, \(tally.between) between its answer and the caller's, \
            \(tally.afterTheAnswer) after that; no result lost, \(tally.secondReads) by the second read, no third
            """)
    }
}
