import SandboxKit
import Base
import Bootpay
import Storage

/// A stored card under the key that charges it.
struct BillingKey: Equatable {
    /// 24 hexadecimal digits.
    var id: String
    var project: String
    /// The receipt of the issue, when the key came from the shopper's window.
    var receiptID: String?
    var gateway: String
    /// `card_rebill_rest`, or `card_rebill` from the shopper's window.
    var method: String
    /// `card_code`, `card_name`, `card_no` (masked), `card_cl`.
    var card: JSON.Members
    var issuedAt: Timestamp
    var expiresAt: Timestamp
    var deletedAt: Timestamp?

    /// `data` of the replies that show it.
    var json: JSON {
        [
            "billing_key": .string(id), "pg": .string(gateway), "pg_name": .string(BootpayGateway(alias: gateway)?.name ?? gateway),
            "method": .string(method), "method_name": .string(BootpayMethod(alias: method)?.name ?? method), "data": .object(card),
            "e_at": .string(expiresAt.koreanText), "c_at": .string(issuedAt.koreanText),
        ]
    }
}

/// A charge that waits for its moment.
struct Reservation: Equatable {
    /// 24 hexadecimal digits.
    var id: String
    var project: String
    var billingKey: String
    var status: ReservationStatus
    var executeAt: Timestamp
    var charge: Charge
    var receiptID: String?
    /// Why it failed, as the name of a rule.
    var failure: String?
    var createdAt: Timestamp

    /// `data` of the reply; the documentation writes the price with a fraction and the count as 0 until it ran.
    var json: JSON {
        [
            "reserve_id": .string(id), "billing_key": .string(billingKey), "item_name": .string(charge.itemName),
            "price": .number("\(charge.price).0"), "purchase_count": .number(status == .done ? 1 : 0), "purchase_limit": 1,
            "execute_at": .number(executeAt.unixSeconds), "status": .number(status.rawValue),
        ]
    }
}

extension Records {
    func billingKey(_ id: String) throws -> BillingKey? {
        try connection.query("SELECT * FROM bootpay_billing_keys WHERE tenant = ? AND billing_key = ?", owner, .text(id)).first
            .flatMap(BillingKey.init)
    }

    /// The key that a receipt issued.
    func billingKey(receipt: String) throws -> BillingKey? {
        try connection.query("SELECT * FROM bootpay_billing_keys WHERE tenant = ? AND receipt_id = ?", owner, .text(receipt)).first
            .flatMap(BillingKey.init)
    }

    func billingKeys() throws -> [BillingKey] {
        try connection.query("SELECT * FROM bootpay_billing_keys WHERE tenant = ? ORDER BY issued_at DESC, billing_key", owner)
            .compactMap(BillingKey.init)
    }

    func save(_ key: BillingKey) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO bootpay_billing_keys VALUES (?,?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .text(key.id), .text(key.project), .optional(key.receiptID), .text(key.gateway), .text(key.method),
                .text(JSON.object(key.card).text), key.issuedAt.value, key.expiresAt.value, .moment(key.deletedAt),
            ])
    }

    func reservation(_ id: String) throws -> Reservation? {
        try connection.query("SELECT * FROM bootpay_reservations WHERE tenant = ? AND reserve_id = ?", owner, .text(id)).first
            .flatMap(Reservation.init)
    }

    func reservations() throws -> [Reservation] {
        try connection.query("SELECT * FROM bootpay_reservations WHERE tenant = ? ORDER BY created_at DESC, reserve_id", owner)
            .compactMap(Reservation.init)
    }

    /// How many reservations wait for a key.
    func waitingReservations(of billingKey: String) throws -> Int64 {
        try connection.query(
            "SELECT COUNT(*) AS waiting FROM bootpay_reservations WHERE tenant = ? AND billing_key = ? AND status = 0", owner,
            .text(billingKey)
        ).first?.integer("waiting") ?? 0
    }

    /// The reservations whose moment has come by `now`, earliest first.
    func dueReservations(_ now: Timestamp) throws -> [Reservation] {
        try connection.query(
            "SELECT * FROM bootpay_reservations WHERE tenant = ? AND status = 0 AND execute_at <= ? ORDER BY execute_at, created_at", owner,
            now.value
        ).compactMap(Reservation.init)
    }

    func save(_ reservation: Reservation) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO bootpay_reservations VALUES (?,?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .text(reservation.id), .text(reservation.project), .text(reservation.billingKey),
                .integer(Int64(reservation.status.rawValue)), reservation.executeAt.value, .text(reservation.charge.json.text),
                .optional(reservation.receiptID), .optional(reservation.failure), reservation.createdAt.value,
            ])
    }
}

extension BillingKey {
    init?(_ row: Row) {
        guard let id = row.text("billing_key"), let project = row.text("project"), let gateway = row.text("gateway"),
            let method = row.text("method"), let card = row.text("card"), let card = (try? JSON(card))?.members,
            let issuedAt = row.moment("issued_at"), let expiresAt = row.moment("expires_at")
        else { return nil }
        self.init(
            id: id, project: project, receiptID: row.text("receipt_id"), gateway: gateway, method: method, card: card, issuedAt: issuedAt,
            expiresAt: expiresAt, deletedAt: row.moment("deleted_at"))
    }
}

extension Reservation {
    init?(_ row: Row) {
        guard let id = row.text("reserve_id"), let project = row.text("project"), let billingKey = row.text("billing_key"),
            let status = row.integer("status"), let executeAt = row.moment("execute_at"), let charge = row.text("charge"),
            let charge = (try? JSON(charge)).flatMap(Charge.init), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, project: project, billingKey: billingKey, status: ReservationStatus(rawValue: Int(status)), executeAt: executeAt,
            charge: charge, receiptID: row.text("receipt_id"), failure: row.text("failure"), createdAt: createdAt)
    }
}
