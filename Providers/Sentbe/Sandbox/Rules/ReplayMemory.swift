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

    /// An envelope of that partner arrived, told by a digest of partner, salt and ciphertext; returns whether it came before.
    mutating func envelopeArrived(_ digest: [UInt8], of tenant: TenantID) -> Bool {
        var seen = tenants[tenant] ?? Seen()
        tenants[tenant] = nil
        defer { tenants[tenant] = seen }
        guard seen.known.insert(digest).inserted else { return true }
        if seen.order.count < ReplayMemory.capacity {
            seen.order.append(digest)
        } else {
            seen.known.remove(seen.order[seen.oldest])
            seen.order[seen.oldest] = digest
            seen.oldest = (seen.oldest + 1) % ReplayMemory.capacity
        }
        return false
    }

    /// The tenant was dropped or reset.
    mutating func tenantRemoved(_ tenant: TenantID) { tenants[tenant] = nil }
}
