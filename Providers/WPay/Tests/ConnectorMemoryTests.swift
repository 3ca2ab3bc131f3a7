import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: what is remembered")
struct ConnectorMemoryTests {
    @Test("A full table forgets the oldest, and everything after its time; what was kept again counts as new")
    func table() {
        var table = RecentTable<Int>(capacity: 3, lifetime: .seconds(10))
        for number in 1...4 { table.keep(number, as: "\(number)", now: .seconds(number)) }
        #expect(table.value("1", now: .seconds(4)) == nil && table.value("2", now: .seconds(4)) == 2 && table.count == 3)
        table.keep(22, as: "2", now: .seconds(5))
        table.keep(5, as: "5", now: .seconds(6))
        #expect(table.value("3", now: .seconds(6)) == nil && table.value("2", now: .seconds(6)) == 22)
        #expect(table.value("4", now: .milliseconds(13_999)) == 4 && table.value("4", now: .seconds(14)) == nil)
        #expect(table.value("2", now: .milliseconds(14_999)) == 22 && table.value("2", now: .seconds(15)) == nil)
        table.remove("5")
        #expect(table.value("5", now: .seconds(15)) == nil && table.count == 0)
    }

    @Test("Ten thousand kept, removed and kept again agree with a list that is searched through")
    func tableAgainstList() {
        var table = RecentTable<Int>(capacity: 50, lifetime: .seconds(100))
        var list: [(name: String, value: Int, until: Duration)] = []
        let random = SeededRandom(seed: 7)
        for step in 0..<10_000 {
            let now = Duration.milliseconds(step * 100)
            list.removeAll { $0.until <= now }
            let bytes = random.bytes(2)
            let name = "\(bytes[0] % 90)"
            switch bytes[1] % 4 {
            case 0, 1:
                table.keep(step, as: name, now: now)
                list.removeAll { $0.name == name }
                list.append((name, step, now + .seconds(100)))
                if list.count > 50 { list.removeFirst() }
            case 2:
                table.remove(name)
                list.removeAll { $0.name == name }
            default: #expect(table.value(name, now: now) == list.first { $0.name == name }?.value)
            }
        }
    }

    @Test("An approval is begun once; released when nothing left, and dead for an hour after a net-cancel")
    func ledger() {
        var ledger = ApprovalLedger()
        #expect(ledger.begin("w", now: .zero) == nil)
        #expect(ledger.begin("w", now: .zero) == .underWay)
        ledger.release("w", now: .zero)
        #expect(ledger.begin("w", now: .zero) == nil)
        ledger.settle("w", as: .undone, now: .seconds(1))
        ledger.release("w", now: .seconds(2))
        ledger.settle("w", as: .approved, now: .seconds(2))
        #expect(ledger.begin("w", now: .seconds(3600)) == .undone)
        #expect(ledger.begin("w", now: .seconds(3601)) == nil)
    }

    @Test("A lease that nobody settles gives the wtid back when it goes away")
    func lease() throws {
        let ledger = Locked(ApprovalLedger())
        let time = ManualTime()
        func isFree() -> Bool { (try? ApprovalLease.take("w", from: ledger, time: time).get()) != nil }
        do {
            let lease = try ApprovalLease.take("w", from: ledger, time: time).get()
            #expect(!isFree())
            _ = lease.wtid
        }
        #expect(isFree())
        do {
            let lease = try ApprovalLease.take("w", from: ledger, time: time).get()
            lease.settle(as: .approved)
        }
        #expect(!isFree())
    }

    @Test("A ticket's seal is an HMAC under a key derived from the hashKey, and says wtid, order and place")
    func ticket() throws {
        let office = TicketOffice(hashKey: Secret("made-up-hash-key-0123456789abcde"), mid: "INIwpayT03")
        let claim = TicketOffice.Claim(wtid: "W", oid: "주문.1", wpayDomain: "https://a.inicis.com")
        let moment = Timestamp(unixSeconds: 1_767_225_600)
        let ticket = office.issue(claim, at: moment)
        #expect(office.read(ticket, at: moment) == claim)
        #expect(office.read(ticket, at: moment + .seconds(-301)) == nil)
        let sealed = ticket.split(separator: ".").dropLast().joined(separator: ".")
        let seal = try PythonOracle.lines(
            """
            import sys, hmac, hashlib
            key = hmac.new(b"made-up-hash-key-0123456789abcde", b"bujeol approval ticket 1 INIwpayT03", hashlib.sha256).digest()
            print(hmac.new(key, sys.stdin.read().encode(), hashlib.sha256).hexdigest())
            """, input: Array(sealed.utf8))
        #expect(ticket == sealed + "." + seal[0])
        #expect(TicketOffice(hashKey: Secret("made-up-hash-key-0123456789abcde"), mid: "other").read(ticket, at: moment) == nil)
        #expect(TicketOffice(hashKey: Secret("another"), mid: "INIwpayT03").read(ticket, at: moment) == nil)
    }

    @Test(
        "Accept decides between JSON and a page",
        arguments: [
            ("", false), ("*/*", false), ("application/json", true), ("application/json, text/plain, */*", true),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false), ("text/html;q=0.5, application/json;q=0.9", true),
            ("application/json;q=0", false), ("application/*, text/html;q=0.1", true), ("text/html, application/json", false),
            ("application/*;q=0.2, */*;q=0.1", true), ("*/*;q=0.5, application/json;q=0.1", false), ("text/plain", false),
        ])
    func accept(_ text: String, _ expected: Bool) { #expect(AcceptPreference.prefersJSON(text.isEmpty ? nil : text) == expected) }
}
