import Base
import TestSupport
import Testing

@testable import ProviderKit

@Suite("The plan of certificates")
struct IdentityPlanTests {
    private typealias Plan = IdentityPlan

    private static let day: Int64 = 86_400

    private static func content(_ name: String, from: Int64 = -10, to: Int64 = 390) -> Plan.Content {
        Plan.Content(name: name, notBefore: IssuedPairs.start + .seconds(from * day), notAfter: IssuedPairs.start + .seconds(to * day))
    }

    private static func at(_ seconds: Int64) -> Plan.Moment {
        Plan.Moment(now: IssuedPairs.start + .seconds(seconds), uptime: .seconds(seconds))
    }

    @Test("the order of a roll-over: trial, new connections, drain, and the old one is kept until the new has been accepted")
    func order() {
        var plan = Plan(activeFrom: [nil])
        #expect(plan.handle(.contentRead(slot: 0, Self.content("a")), at: Self.at(0)) == [.present("a")])
        #expect(plan.handle(.callAccepted("a"), at: Self.at(1)) == [])
        #expect(plan.handle(.contentRead(slot: 0, Self.content("b")), at: Self.at(2)) == [.startTrial("b")])
        #expect(plan.presented == "a")
        #expect(plan.handle(.trialEnded("b", .accepted), at: Self.at(3)) == [.present("b"), .retire("a")])
        #expect(plan.handle(.callsEnded("a"), at: Self.at(4)) == [.drained("a")])
        #expect(plan.entries["a"] != nil)
        #expect(plan.handle(.callAccepted("b"), at: Self.at(5)) == [.forget("a")])
        #expect(plan.entries.keys.sorted() == ["b"])
    }

    @Test("a refusal in real traffic brings the old one back without another trial, and the new one rests for an hour")
    func fallback() {
        var plan = Plan(activeFrom: [nil])
        _ = plan.handle(.contentRead(slot: 0, Self.content("a")), at: Self.at(0))
        _ = plan.handle(.contentRead(slot: 0, Self.content("b")), at: Self.at(1))
        _ = plan.handle(.trialEnded("b", .accepted), at: Self.at(2))
        #expect(plan.handle(.callRefused("b"), at: Self.at(3)) == [.displaced("b"), .present("a"), .retire("b")])
        #expect(plan.handle(.callRefused("b"), at: Self.at(4)) == [])
        #expect(plan.handle(.timePassed, at: Self.at(3000)) == [])
        #expect(plan.handle(.timePassed, at: Self.at(3 + 3600)) == [.startTrial("b")])
        #expect(plan.presented == "a")
    }

    @Test("what arrives while another trial runs is tried after it, and only the newest counts")
    func newerDuringTrial() {
        var plan = Plan(activeFrom: [nil])
        _ = plan.handle(.contentRead(slot: 0, Self.content("a")), at: Self.at(0))
        #expect(plan.handle(.contentRead(slot: 0, Self.content("b")), at: Self.at(1)) == [.startTrial("b")])
        #expect(plan.handle(.contentRead(slot: 0, Self.content("c")), at: Self.at(2)) == [])
        #expect(plan.handle(.trialEnded("b", .accepted), at: Self.at(3)) == [.startTrial("c"), .forget("b")])
        #expect(plan.presented == "a")
        #expect(plan.handle(.trialEnded("c", .accepted), at: Self.at(4)) == [.present("c"), .retire("a")])
    }

    @Test("of several pairs that may be used the first is, until the latest activeFrom has come")
    func choice() {
        var plan = Plan(activeFrom: [nil, IssuedPairs.start + .seconds(100), IssuedPairs.start + .seconds(200)])
        for (slot, name) in ["a", "b", "c"].enumerated() {
            _ = plan.handle(.contentRead(slot: slot, Self.content(name)), at: Self.at(0))
        }
        #expect(plan.presented == "a")
        #expect(plan.choice(Self.at(99)) == "a" && plan.choice(Self.at(100)) == "b" && plan.choice(Self.at(200)) == "c")
    }

    @Test("a content that is not valid yet waits for its date, and one whose date is past gives way")
    func dates() {
        var plan = Plan(activeFrom: [nil])
        _ = plan.handle(.contentRead(slot: 0, Self.content("a", to: 60)), at: Self.at(0))
        _ = plan.handle(.callAccepted("a"), at: Self.at(1))
        #expect(plan.handle(.contentRead(slot: 0, Self.content("b", from: 10)), at: Self.at(2)) == [])
        #expect(plan.handle(.timePassed, at: Self.at(10 * Self.day)) == [.startTrial("b")])
    }

    /// One step of a random walk: everything that may happen does, in every order.
    private struct Walk {
        var plan: Plan
        var dice: SeededRandom
        var seconds: Int64 = 0
        var contents: [String] = []
        var running: String?
        var accepts: [String: Bool] = [:]
        var tried: Set<String> = []
        var shown: Set<String> = []
        var forgotten: Set<String> = []

        mutating func roll(_ count: Int) -> Int { Int(dice.bytes(2).reduce(0) { $0 << 8 | UInt32($1) }) % count }
    }

    @Test(
        "whatever happens in whatever order: nothing untried displaces what works, one trial at a time, nothing needed is forgotten",
        arguments: 0..<40)
    func everyOrder(seed: Int) throws {
        var walk = Walk(
            plan: Plan(activeFrom: [nil, IssuedPairs.start + .seconds(500), nil]), dice: SeededRandom(seed: UInt64(seed)))
        for step in 0..<400 {
            let before = walk.plan
            let event: Plan.Event
            switch walk.roll(8) {
            case 0, 1:
                let name = walk.contents.isEmpty || walk.roll(4) > 0 ? "content\(step)" : walk.contents[walk.roll(walk.contents.count)]
                walk.contents.append(name)
                walk.forgotten.remove(name)
                event = .contentRead(
                    slot: walk.roll(3), Self.content(name, from: Int64(-10 + walk.roll(12)), to: Int64(12 + name.count + walk.roll(3))))
            case 2: event = .timePassed
            case 3 where walk.running != nil:
                let name = try #require(walk.running)
                let verdict: Plan.Verdict = [.accepted, .refused, .unreachable][walk.roll(3)]
                if case .accepted = verdict { walk.tried.insert(name) }
                walk.running = nil
                event = .trialEnded(name, verdict)
            case 4: event = walk.plan.presented.map { .callAccepted($0) } ?? .timePassed
            case 5: event = walk.plan.presented.map { .callRefused($0) } ?? .timePassed
            case 6: event = walk.plan.draining.sorted().first.map { .callsEnded($0) } ?? .timePassed
            default: event = .reloadRequested
            }
            walk.seconds += Int64([0, 1, 90, 4000, 86_400][walk.roll(5)])
            let moment = Self.at(walk.seconds)
            let old = before.presented.flatMap { before.entries[$0] }
            for action in walk.plan.handle(event, at: moment) {
                switch action {
                case .startTrial(let name):
                    #expect(walk.running == nil)
                    walk.running = name
                case .present(let name):
                    #expect(!walk.forgotten.contains(name))
                    let stands = old.map { entry in
                        var isRefused = entry.standing == .refusedInTraffic
                        if case .callRefused = event { isRefused = true }
                        return !isRefused && entry.content.notBefore <= moment.now && moment.now <= entry.content.notAfter
                    }
                    if stands == true { #expect(walk.tried.contains(name) || walk.shown.contains(name), "step \(step)") }
                    walk.shown.insert(name)
                case .forget(let name):
                    #expect(name != walk.plan.presented && !walk.plan.draining.contains(name))
                    walk.forgotten.insert(name)
                    walk.tried.remove(name)
                    walk.shown.remove(name)
                case .retire(let name): #expect(name != walk.plan.presented)
                default: break
                }
            }
            // What is presented is known, and a trial is under way exactly when the plan thinks so.
            if let presented = walk.plan.presented { #expect(walk.plan.entries[presented] != nil) }
            #expect(walk.plan.trial == walk.running)
            #expect(walk.plan.entries.count <= 2 * 3 + 2 + walk.plan.draining.count)
            // Something valid and not refused is always preferred to what is neither.
            if let wanted = walk.plan.choice(moment), wanted != walk.plan.presented {
                let entry = try #require(walk.plan.entries[wanted])
                #expect(walk.plan.trial != nil || (entry.retryAt.map { $0 > moment.uptime } ?? false), "step \(step)")
            }
        }
    }
}

@Suite("The watch of a certificate's files")
struct IdentityWatchTests {
    private func stamps(_ number: Int64) -> IdentityWatch.Stamps {
        let stamp = FileStamp(size: 1, modified: number, changed: 0, node: 0, device: 0)
        return IdentityWatch.Stamps(certificate: stamp, key: stamp)
    }

    private func sighting(_ before: Int64, _ after: Int64, _ digest: UInt8, _ isUsable: Bool = true) -> IdentityWatch.Sighting {
        IdentityWatch.Sighting(before: stamps(before), after: stamps(after), digest: [digest], isUsable: isUsable)
    }

    @Test("what is found first counts at once; then nothing is read while the stamps stand, but for one look more")
    func quiet() {
        var watch = IdentityWatch()
        #expect(watch.looked(stamps(1)) == true)
        #expect(watch.read(sighting(1, 1, 1), at: .zero) == .accept)
        // A change within the clock's grain leaves the stamp as it was.
        #expect(watch.looked(stamps(1)) == true)
        #expect(watch.read(sighting(1, 1, 1), at: .seconds(1)) == .unchanged)
        #expect(watch.looked(stamps(1)) == false && watch.looked(stamps(1)) == false)
        #expect(watch.pause == IdentityWatch.interval)
    }

    @Test("a change counts when it was seen twice alike, within a second of its making")
    func settling() {
        var watch = IdentityWatch()
        _ = watch.read(sighting(1, 1, 1), at: .zero)
        var time = Duration.milliseconds(500)
        #expect(watch.looked(stamps(2)) && watch.read(sighting(2, 2, 2), at: time) == .wait)
        time += watch.pause
        #expect(watch.looked(stamps(2)) && watch.read(sighting(2, 2, 2), at: time) == .accept)
        #expect(time <= .milliseconds(800))
        #expect(IdentityWatch.interval + IdentityWatch.closeInterval < .seconds(1))
    }

    @Test("while the files change, whether between looks or during a read, nothing counts")
    func changing() {
        var watch = IdentityWatch()
        _ = watch.read(sighting(1, 1, 1), at: .zero)
        for step in 2..<40 {
            let number = Int64(step)
            #expect(watch.looked(stamps(number)) == true)
            #expect(watch.read(sighting(number, number + Int64(step % 2), UInt8(step)), at: .milliseconds(step * 200)) == .wait)
        }
    }

    @Test("what cannot be used is reported once, after two seconds without a change; asked for, at once")
    func unusable() {
        for isAsked in [false, true] {
            var watch = IdentityWatch()
            _ = watch.read(sighting(1, 1, 1), at: .zero)
            var decisions: [IdentityWatch.Decision] = []
            var time = Duration.zero
            while time < .seconds(10) {
                time += watch.pause
                if watch.looked(stamps(2)) { decisions.append(watch.read(sighting(2, 2, 2, false), at: time, isAsked: isAsked)) }
            }
            #expect(decisions.filter { $0 == .reject }.count == 1)
            #expect(isAsked ? decisions.first == .reject : decisions.filter { $0 == .wait }.count >= 9)
        }
    }

    @Test("the old content put back, or merely touched, is no change")
    func touched() {
        var watch = IdentityWatch()
        _ = watch.read(sighting(1, 1, 1), at: .zero)
        #expect(watch.read(sighting(2, 2, 2), at: .seconds(1)) == .wait)
        #expect(watch.read(sighting(3, 3, 1), at: .seconds(2)) == .unchanged)
        #expect(watch.pause == IdentityWatch.interval)
    }
}
