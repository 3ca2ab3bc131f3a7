import Base
import Cryptography
import SandboxKit
import Storage
import WPay

/// A merchant id with its keys.
struct Merchant: Sendable {
    /// The MID, at most 10 characters.
    var mid: String
    var tenant: TenantID
    /// What the pages call it.
    var name: String
    /// The MID whose members and cards it uses: its own, or for an auto-pay MID that of its main merchant.
    var family: String
    /// Whether it charges sign-ups without the shopper (the `nMid` of the auto-pay window).
    var isAutoPay = false
    var hashKey: Secret
    /// The SEED key as the merchant gets it: 16 bytes in base64.
    var seedKey: Secret
    /// The SEED initialization vector: 16 ASCII characters.
    var seedIV: String
    /// The key of the refund API.
    var iniAPIKey: Secret
    var createdAt: Timestamp

    /// A merchant with keys of its own.
    static func fresh(
        _ mid: String? = nil, tenant: TenantID, name: String, family: String? = nil, isAutoPay: Bool = false, now: Timestamp,
        _ random: any RandomSource
    ) -> Merchant {
        let mid = mid ?? Identifier.mid(random)
        return Merchant(
            mid: mid, tenant: tenant, name: name, family: family ?? mid, isAutoPay: isAutoPay, hashKey: Secret(random.hexadecimal(16)),
            seedKey: Secret(Base64.encode(random.bytes(16))), seedIV: Identifier.word(16, random),
            iniAPIKey: Secret(Identifier.word(16, random)), createdAt: now)
    }

    /// The merchant of that MID, whichever tenant's.
    static func find(_ mid: String, _ connection: Connection) throws -> Merchant? {
        try connection.query("SELECT * FROM wpay_merchants WHERE mid = ?", .text(mid)).first.flatMap(Merchant.init)
    }

    /// The keys in the form that signs and encrypts.
    ///
    /// - Throws: `WPayKeyError`, when this OpenSSL has no SEED.
    func keys() throws(WPayKeyError) -> WPayKeys {
        try WPayKeys(hashKey: hashKey, seedKey: seedKey, seedIV: Secret(seedIV))
    }

    /// The merchant with its keys, for the control API, whose caller owns it.
    var credentials: JSON {
        [
            "mid": .string(mid), "name": .string(name), "family": .string(family), "auto_pay": .boolean(isAutoPay),
            "hashKey": hashKey.withText { .string($0) }, "seedKey": seedKey.withText { .string($0) }, "seedIV": .string(seedIV),
            "iniApiKey": iniAPIKey.withText { .string($0) },
        ]
    }
}

extension Merchant {
    init?(_ row: Row) {
        guard let mid = row.text("mid"), let tenant = row.text("tenant").flatMap(TenantID.init), let name = row.text("name"),
            let family = row.text("family"), let autoPay = row.boolean("auto_pay"), let hashKey = row.text("hash_key"),
            let seedKey = row.text("seed_key"), let seedIV = row.text("seed_iv"), let iniKey = row.text("ini_key"),
            let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            mid: mid, tenant: tenant, name: name, family: family, isAutoPay: autoPay, hashKey: Secret(hashKey), seedKey: Secret(seedKey),
            seedIV: seedIV, iniAPIKey: Secret(iniKey), createdAt: createdAt)
    }
}

extension Records {
    /// The tenant's merchants, oldest first.
    func merchants() throws -> [Merchant] {
        try connection.query("SELECT * FROM wpay_merchants WHERE tenant = ? ORDER BY created_at, auto_pay, mid", owner).compactMap(
            Merchant.init)
    }

    /// The tenant's merchant of that MID.
    func merchant(_ mid: String) throws -> Merchant? {
        try connection.query("SELECT * FROM wpay_merchants WHERE tenant = ? AND mid = ?", owner, .text(mid)).first.flatMap(Merchant.init)
    }

    /// Adds a merchant.
    ///
    /// - Throws: `StorageError` with `isDuplicate` when the MID exists, perhaps at another tenant.
    func add(_ merchant: Merchant) throws {
        try connection.execute(
            "INSERT INTO wpay_merchants VALUES (?,?,?,?,?,?,?,?,?,?)", .text(merchant.mid), owner, .text(merchant.name),
            .text(merchant.family), .boolean(merchant.isAutoPay), .text(merchant.hashKey.withText { $0 }),
            .text(merchant.seedKey.withText { $0 }), .text(merchant.seedIV), .text(merchant.iniAPIKey.withText { $0 }),
            merchant.createdAt.value)
    }
}
