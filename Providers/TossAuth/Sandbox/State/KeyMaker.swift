import Base
import Cryptography
import SandboxKit
import Storage

/// Makes RSA pairs for tenants. Each takes seconds of computing, so they are made one after the other, on a thread that answers no calls.
final class KeyMaker: Sendable {
    /// So many may be asked for at a time, the one that is being made included.
    static let mostAtATime = 8

    private let thread: WorkThread
    private let make: @Sendable () throws -> PrivateKey
    private let asked = Locked(0)

    /// - Parameter make: Makes one pair, however long that takes.
    /// - Throws: `StorageError` when the system gives no thread.
    init(_ make: @escaping @Sendable () throws -> PrivateKey = { try PrivateKey.generateRSA(bits: 4096) }) throws {
        thread = try WorkThread()
        self.make = make
    }

    /// A fresh pair, after those that were asked for before.
    ///
    /// - Throws: `ControlError` with status 409 when too many wait; `CertificateError`.
    func key() async throws -> PrivateKey {
        let isWithin = asked.withLock { asked in
            guard asked < KeyMaker.mostAtATime else { return false }
            asked += 1
            return true
        }
        guard isWithin else {
            throw ControlError.conflict(
                "다른 키 \(KeyMaker.mostAtATime)개를 만드는 중입니다. 잠시 뒤 다시 요청하세요.",
                "\(KeyMaker.mostAtATime) other keys are being made; ask again in a while.")
        }
        defer { asked.withLock { $0 -= 1 } }
        return try await thread.run(make)
    }
}
