import Base
import SandboxKit
import Storage

/// What a partner has paid in, in one currency.
struct Balance: Equatable {
    var currency: String
    var amount: Money

    /// As replies show it.
    var json: JSON { ["amount": amount.json, "currency": .string(currency)] }
}

/// The wallet holds too little.
struct WalletShort: Error {
    var currency: String
    var balance: Money
    var needed: Money
}

extension Records {
    /// Makes an empty wallet in a currency, when there is none.
    func openWallet(of partner: String, _ currency: String) throws {
        try connection.execute("INSERT OR IGNORE INTO sentbe_inbound_wallets VALUES (?,?,?,0)", owner, .text(partner), .text(currency))
    }

    /// The partner's balances, dollars first.
    func balances(of partner: String) throws -> [Balance] {
        try connection.query(
            "SELECT * FROM sentbe_inbound_wallets WHERE tenant = ? AND partner = ? ORDER BY currency DESC", owner, .text(partner)
        ).compactMap { row in
            guard let currency = row.text("currency"), let amount = row.money("amount") else { return nil }
            return Balance(currency: currency, amount: amount)
        }
    }

    /// The balance in one currency, as the table writes it.
    private func balance(of partner: String, _ currency: String) throws -> Money {
        try connection.query(
            "SELECT amount FROM sentbe_inbound_wallets WHERE tenant = ? AND partner = ? AND currency = ?", owner, .text(partner),
            .text(currency)
        ).first?.money("amount") ?? .zero
    }

    /// Pays in, or out when `amount` is negative.
    ///
    /// - Throws: ``WalletShort`` when less than nothing would be left; ``ControlError`` when the wallet would hold more than anything here takes.
    func topUp(_ partner: String, _ currency: String, by amount: Money, at moment: Timestamp) throws {
        let balance = try balance(of: partner, currency)
        guard balance + amount <= Money.largest else {
            throw ControlError(
                message: BilingualText(
                    korean: "잔액은 \(Money.largest.text)을(를) 넘을 수 없습니다.", english: "A wallet holds at most \(Money.largest.text)."))
        }
        try book(partner, currency, amount, reason: "top-up", transfer: nil, at: moment)
    }

    /// Takes the whole bill of a new transfer, or nothing.
    ///
    /// - Throws: ``WalletShort`` when a currency holds too little.
    func take(_ transfer: InboundTransfer, at moment: Timestamp) throws {
        for (currency, sum) in Records.sums(transfer.billing) {
            try book(transfer.partner, currency, Money.zero - sum, reason: "taken", transfer: transfer.id, at: moment)
        }
    }

    /// Gives the bill of a transfer that has ended without a payout back, with or without the distribution cost. The table's own rule keeps a
    /// transfer from giving back twice.
    func giveBack(_ transfer: InboundTransfer, withFee: Bool, at moment: Timestamp) throws {
        let lines = transfer.billing.filter { withFee || $0.description != InboundTransfer.Charge.fee }
        for (currency, sum) in Records.sums(lines) {
            try book(transfer.partner, currency, sum, reason: "returned", transfer: transfer.id, at: moment)
        }
    }

    /// What the lines come to in each currency.
    static func sums(_ lines: [InboundTransfer.Charge]) -> [(currency: String, sum: Money)] {
        var sums: [(currency: String, sum: Money)] = []
        for line in lines where line.amount != .zero {
            if let index = sums.firstIndex(where: { $0.currency == line.currency }) {
                sums[index].sum = sums[index].sum + line.amount
            } else {
                sums.append((line.currency, line.amount))
            }
        }
        return sums
    }

    private func book(_ partner: String, _ currency: String, _ amount: Money, reason: String, transfer: Int64?, at moment: Timestamp) throws
    {
        let balance = try balance(of: partner, currency)
        guard balance + amount >= .zero else { throw WalletShort(currency: currency, balance: balance, needed: Money.zero - amount) }
        try connection.execute(
            "INSERT INTO sentbe_inbound_wallet_entries (tenant, partner, currency, amount, reason, transfer, at) VALUES (?,?,?,?,?,?,?)",
            values: [
                owner, .text(partner), .text(currency), .integer(amount.hundredths), .text(reason), .optional(transfer), moment.value,
            ])
        try connection.execute(
            """
            INSERT INTO sentbe_inbound_wallets VALUES (?,?,?,?)
            ON CONFLICT (tenant, partner, currency) DO UPDATE SET amount = excluded.amount
            """,
            values: [owner, .text(partner), .text(currency), .integer((balance + amount).hundredths)])
    }

    /// The changes of a partner's balances, newest first, for the control API.
    func walletEntries(of partner: String, limit: Int64) throws -> JSON {
        let rows = try connection.query(
            "SELECT * FROM sentbe_inbound_wallet_entries WHERE tenant = ? AND partner = ? ORDER BY id DESC LIMIT ?", owner, .text(partner),
            .integer(limit))
        return .array(
            rows.map { row in
                [
                    "currency": .optional(row.text("currency")), "amount": row.money("amount").map(\.json) ?? .null,
                    "reason": .optional(row.text("reason")), "transfer_id": row.integer("transfer").map { .number($0) } ?? .null,
                    "at": .optional(row.moment("at")),
                ]
            })
    }
}
