import Base
import Cryptography
import Foundation
import SandboxKit
import TestSupport
import Testing
import TossAuth

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: keys are made aside")
struct SandboxKeyMakerTests {
    /// Makes the same pair each time, but only when it is let.
    private final class Workshop: Sendable {
        let state = Locked((running: 0, most: 0, begun: 0))
        private let door = DispatchSemaphore(value: 0)
        private let key: PrivateKey

        init() throws { key = try PrivateKey.generateRSA(bits: 2048) }

        func make() -> PrivateKey {
            state.withLock {
                $0.begun += 1
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
            door.wait()
            state.withLock { $0.running -= 1 }
            return key
        }

        func open() { for _ in 0..<100 { door.signal() } }
    }

    @Test("however many keys are asked for, one is made at a time and the threads that answer calls stay free", .timeLimit(.minutes(1)))
    func aside() async throws {
        let workshop = try Workshop()
        let maker = try KeyMaker { workshop.make() }
        let house = try await SandboxHouse()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<KeyMaker.mostAtATime {
                group.addTask {
                    _ = try await maker.key()
                    return true
                }
            }
            while workshop.state.withLock({ $0.begun }) == 0 { await Task.yield() }
            // As many calls as there could be threads, and each of them comes to its end while the first key is still being made.
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount * 2 {
                let token = try await house.token()
                #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: token).isSuccess)
            }
            #expect(workshop.state.withLock { $0.begun } == 1)
            workshop.open()
            for try await isMade in group { #expect(isMade) }
        }
        #expect(workshop.state.withLock { $0.begun == KeyMaker.mostAtATime && $0.most == 1 })
    }

    @Test("whoever asks for a key while too many wait is told so, and asks again with success", .timeLimit(.minutes(1)))
    func tooMany() async throws {
        let workshop = try Workshop()
        let maker = try KeyMaker { workshop.make() }
        let refused = await withTaskGroup(of: ControlError?.self) { group in
            for _ in 0...KeyMaker.mostAtATime {
                group.addTask {
                    do {
                        _ = try await maker.key()
                        return nil
                    } catch {
                        return error as? ControlError
                    }
                }
            }
            // The only one that ends before the workshop opens is the one too many.
            let first = await group.next() ?? nil
            workshop.open()
            for await other in group { #expect(other == nil) }
            return first
        }
        #expect(refused?.status == 409)
        _ = try await maker.key()
    }
}
