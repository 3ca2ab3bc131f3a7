import Base
import SandboxKit

/// Lets one at a time work on a tenant: a settlement, a move of its clock, a reset. The others wait in the order they came.
final class Turns: Sendable {
    /// A tenant with an entry is being worked on; the entry holds those who wait.
    private let waiting = Locked<[TenantID: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` while nobody else works on the tenant.
    func withTurn<Result, Failure: Error>(_ tenant: TenantID, _ body: () async throws(Failure) -> Result) async throws(Failure) -> Result {
        await begin(tenant)
        defer { end(tenant) }
        return try await body()
    }

    private func begin(_ tenant: TenantID) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                let isFree = waiting[tenant] == nil
                if isFree { waiting[tenant] = [] } else { waiting[tenant]?.append(continuation) }
                return isFree
            }
            if isFree { continuation.resume() }
        }
    }

    private func end(_ tenant: TenantID) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting[tenant]?.isEmpty == false else {
                waiting[tenant] = nil
                return nil
            }
            return waiting[tenant]?.removeFirst()
        }
        next?.resume()
    }
}
