public import Base
public import SandboxKit
import Storage

extension WPaySandbox {
    /// Makes a tenant's first merchants: the demo ones, or one with fresh keys and its auto-pay MID. A tenant that has some already keeps everything.
    ///
    /// - Parameter settings: Optional `settings` as the control API takes them and `name`, directly or under `wpay`.
    public func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON {
        let environment = environment
        let wishes = settings[WPaySandbox.provider] ?? settings
        let now = environment.clocks.now(tenant)
        return try await environment.database.write { connection in
            let records = Records(connection, tenant)
            if try records.merchants().isEmpty {
                var own = SandboxSettings()
                if let wanted = wishes["settings"] { try own.change(wanted) }
                try records.save(own)
                if tenant == .demo {
                    try DemoData.fill(records, at: now)
                } else {
                    let name = wishes["name"]?.string ?? tenant.rawValue
                    let merchant = Merchant.fresh(tenant: tenant, name: name, now: now, environment.random)
                    try records.add(merchant)
                    try records.add(
                        Merchant.fresh(
                            tenant: tenant, name: name, family: merchant.mid, isAutoPay: true, now: now + .nanoseconds(1),
                            environment.random))
                }
            }
            return try records.describeMerchants()
        }
    }

    /// Drops every row of the tenant.
    public func removeTenant(_ tenant: TenantID) async throws {
        try await environment.database.write { try Records($0, tenant).removeAll() }
    }
}

extension Records {
    /// The merchants as the control API shows them; the first one's credentials also on top.
    func describeMerchants() throws -> JSON {
        let merchants = try merchants()
        var members = merchants.first { !$0.isAutoPay }?.credentials.members ?? [:]
        members["merchants"] = .array(merchants.map(\.credentials))
        return .object(members)
    }
}
