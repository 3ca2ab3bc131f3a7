import Base
import SandboxKit

/// Remembers envelopes that were seen, so that one that comes again can be pointed out. Sentbe itself accepts it again.
///
/// A value: who holds it guards it. It forgets the oldest, and everything at a restart.
struct ReplayMemory {
    /// How many envelopes of each tenant are remembered.
    static let capacity = 1000

    private struct Seen {
        var known: Set<[UInt8]> = []
        var order: [[UInt8]] = []
        var oldest = 0
    }

    private var tenants: [TenantID: Seen] = [:]

    /// Whether an envelope came before, told by its salt, its ciphertext and its partner.
    func knows(_ envelope: [UInt8], of tenant: TenantID) -> Bool { tenants[tenant]?.known.contains(envelope) ?? false }

    /// A call with that envelope was answered.
    mutating func callAnswered(_ envelope: [UInt8], of tenant: TenantID) {
        var seen = tenants[tenant] ?? Seen()
        tenants[tenant] = nil
        defer { tenants[tenant] = seen }
        guard seen.known.insert(envelope).inserted else { return }
        if seen.order.count < ReplayMemory.capacity {
            seen.order.append(envelope)
        } else {
            seen.known.remove(seen.order[seen.oldest])
            seen.order[seen.oldest] = envelope
            seen.oldest = (seen.oldest + 1) % ReplayMemory.capacity
        }
    }

    /// The tenant was dropped or reset.
    mutating func tenantRemoved(_ tenant: TenantID) { tenants[tenant] = nil }
}
