public import Base
public import SandboxKit
import Storage

extension WPaySandbox {
    /// Lets authentications lapse that were not approved in time by the tenant's clock, and forgets pages that were open for too long.
    public func settle(_ tenant: TenantID) async -> Timestamp? {
        let environment = environment
        do {
            let next = try await environment.database.read { try Records($0, tenant).nextDue() }
            guard let next, next <= environment.clocks.now(tenant) else { return next }
            return try await environment.database.write { connection in
                let records = Records(connection, tenant)
                let now = environment.clocks.now(tenant)
                for var transaction in try records.dueTransactions(now) {
                    transaction.expire(at: transaction.dueAt ?? now)
                    // Only what is authenticated is due; anything else must not come up again.
                    transaction.dueAt = nil
                    try records.save(transaction)
                }
                try records.removeVisits(dueBy: now)
                return try records.nextDue()
            }
        } catch {
            environment.log.error("what has come due at WPAY could not be settled", .word("error", String(describing: error)))
            return nil
        }
    }
}

extension Records {
    /// When the next authentication lapses or the next page is over.
    fileprivate func nextDue() throws -> Timestamp? {
        try connection.query(
            """
            SELECT MIN(due) AS due FROM (
                SELECT MIN(due_at) AS due FROM wpay_transactions WHERE tenant = ?1 AND due_at IS NOT NULL
                UNION ALL SELECT MIN(due_at) FROM wpay_visits WHERE tenant = ?1)
            """, owner
        ).first?.moment("due")
    }
}
