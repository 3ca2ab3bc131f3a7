import SandboxKit
import Base
import Storage

/// A sign-up to be charged later without the shopper.
struct AutoPay: Sendable {
    /// How it stands, by the provider's codes.
    enum Status: String, CaseIterable, Sendable {
        case running = "00"
        case ended = "02"
    }

    var wtid: String
    /// Who asked for it.
    var mid: String
    /// The auto-pay MID that was named with it (`nMid`); only that one may charge it then.
    var chargeMID: String?
    /// The plain user key.
    var userKey: String
    /// As handed out: nobody can open it.
    var token: String
    /// The plain token of the card behind it.
    var means: String
    var oid: String
    var goodsName: String
    /// In won, as signed up for; a charge may be of another amount.
    var price: Int64
    var status = Status.running
    var signedUpAt: Timestamp
    var endedAt: Timestamp?
}

extension AutoPay {
    init?(_ row: Row) {
        guard let wtid = row.text("wtid"), let mid = row.text("mid"), let userKey = row.text("user_key"), let token = row.text("token"),
            let means = row.text("means"), let oid = row.text("oid"), let goodsName = row.text("goods_name"),
            let price = row.integer("price"),
            let status = row.text("status").flatMap(Status.init), let signedUpAt = row.moment("signed_up_at")
        else { return nil }
        self.init(
            wtid: wtid, mid: mid, chargeMID: row.text("charge_mid"), userKey: userKey, token: token, means: means, oid: oid,
            goodsName: goodsName, price: price, status: status, signedUpAt: signedUpAt, endedAt: row.moment("ended_at"))
    }

    /// The sign-up as the control API shows it.
    var controlJSON: JSON {
        [
            "wtid": .string(wtid), "mid": .string(mid), "nMid": .optional(chargeMID), "wpayUserKey": .string(userKey),
            "wpayToken": .string(token), "card": .string(means), "oid": .string(oid), "goodsName": .string(goodsName),
            "goodsPrice": .number(price), "status": .string(status.rawValue), "signed_up_at": .optional(signedUpAt),
            "ended_at": .optional(endedAt),
        ]
    }
}

extension Records {
    /// The sign-up of that wtid.
    func autoPay(_ wtid: String) throws -> AutoPay? {
        try connection.query("SELECT * FROM wpay_auto_pays WHERE tenant = ? AND wtid = ?", owner, .text(wtid)).first.flatMap(AutoPay.init)
    }

    /// The sign-up of that token, as it was handed out.
    func autoPay(token: String) throws -> AutoPay? {
        try connection.query("SELECT * FROM wpay_auto_pays WHERE tenant = ? AND token = ?", owner, .text(token)).first
            .flatMap(AutoPay.init)
    }

    /// A member's sign-ups, oldest first.
    func autoPays(of userKey: String) throws -> [AutoPay] {
        try connection.query("SELECT * FROM wpay_auto_pays WHERE tenant = ? AND user_key = ? ORDER BY sequence", owner, .text(userKey))
            .compactMap(AutoPay.init)
    }

    /// The newest sign-ups first.
    func autoPays(limit: Int64) throws -> [AutoPay] {
        try connection.query("SELECT * FROM wpay_auto_pays WHERE tenant = ? ORDER BY sequence DESC LIMIT ?", owner, .integer(limit))
            .compactMap(AutoPay.init)
    }

    /// Adds a sign-up behind the others, or replaces the one of that wtid.
    func save(_ autoPay: AutoPay) throws {
        try connection.execute(
            """
            INSERT INTO wpay_auto_pays VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,
                (SELECT COALESCE(MAX(sequence), 0) + 1 FROM wpay_auto_pays WHERE tenant = ?1))
            ON CONFLICT (tenant, wtid) DO UPDATE SET status = excluded.status, ended_at = excluded.ended_at
            """,
            owner, .text(autoPay.wtid), .text(autoPay.mid), .optional(autoPay.chargeMID), .text(autoPay.userKey), .text(autoPay.token),
            .text(autoPay.means), .text(autoPay.oid), .text(autoPay.goodsName), .integer(autoPay.price), .text(autoPay.status.rawValue),
            autoPay.signedUpAt.value, .moment(autoPay.endedAt))
    }
}
