import Base
import SandboxKit

/// The latest records of one tenant; a new one takes the place of the oldest.
struct RequestRing: Sendable {
    private var records: [RequestRecord] = []
    private var oldest = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    mutating func append(_ record: RequestRecord) {
        if records.count < capacity {
            records.append(record)
        } else {
            records[oldest] = record
            oldest = (oldest + 1) % capacity
        }
    }

    var count: Int { records.count }

    /// The first `limit` records that `isWanted` approves, newest first.
    func newest(_ limit: Int, where isWanted: (RequestRecord) -> Bool) -> [RequestRecord] {
        var result: [RequestRecord] = []
        for age in 0..<records.count where result.count < limit {
            let record = records[(oldest + records.count - 1 - age) % records.count]
            if isWanted(record) { result.append(record) }
        }
        return result
    }
}

/// The latest calls of every tenant, in memory. Failed handshakes have a room of their own, so that no stranger's attempts push out what was called.
final class RequestLog: Sendable {
    private struct State {
        var rings: [TenantID: RequestRing] = [:]
        var handshakes: [TenantID: RequestRing] = [:]
        var latestID = 0
    }

    private let state = Locked(State())
    private let capacity: Int
    /// How many failed handshakes are kept for each tenant at most.
    static let handshakeCapacity = 200

    init(capacity: Int) { self.capacity = capacity }

    func append(_ record: RequestRecord) {
        state.withLock { state in
            state.latestID += 1
            var record = record
            record.id = state.latestID
            if record.outcome == .handshakeFailed {
                state.handshakes[record.tenant, default: RequestRing(capacity: min(capacity, Self.handshakeCapacity))].append(record)
            } else {
                state.rings[record.tenant, default: RequestRing(capacity: capacity)].append(record)
            }
        }
    }

    /// A tenant's records that a filter wants, newest first.
    func records(_ tenant: TenantID, _ filter: RequestFilter) -> [RequestRecord] {
        let (calls, handshakes) = rings(tenant)
        let found = [calls, handshakes].compactMap { $0?.newest(filter.limit, where: filter.wants) }
        guard found.count > 1 else { return found.first ?? [] }
        return Array(found.joined().sorted { $0.id > $1.id }.prefix(filter.limit))
    }

    /// One record of a tenant.
    func record(_ id: Int, _ tenant: TenantID) -> RequestRecord? {
        let (calls, handshakes) = rings(tenant)
        return [calls, handshakes].lazy.compactMap { $0?.newest(1) { $0.id == id }.first }.first
    }

    private func rings(_ tenant: TenantID) -> (calls: RequestRing?, handshakes: RequestRing?) {
        state.withLock { ($0.rings[tenant], $0.handshakes[tenant]) }
    }

    /// Drops a tenant's records and says how many there were.
    @discardableResult
    func removeAll(_ tenant: TenantID) -> Int {
        state.withLock { state in
            (state.rings.removeValue(forKey: tenant)?.count ?? 0) + (state.handshakes.removeValue(forKey: tenant)?.count ?? 0)
        }
    }
}
