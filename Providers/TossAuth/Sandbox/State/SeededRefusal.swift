import Base
import SandboxKit
import Storage
import TossAuth

/// A refusal that was ordered, for what a sandbox cannot bring about by itself.
struct SeededRefusal: Equatable, Sendable {
    let number: Int64
    let code: TossAuthErrorCode
    /// Only calls of this purpose; nothing for request, status and result.
    let purpose: TossAuthAPI.Purpose?
    /// Only requests for the person with that number, by its mark.
    let phoneMark: [UInt8]?
    /// How many more calls it meets; nothing for all.
    let remaining: Int64?
}

extension SeededRefusal {
    fileprivate init?(_ row: Row) {
        guard let number = row.integer("number"), let code = row.text("code") else { return nil }
        self.init(
            number: number, code: TossAuthErrorCode(rawValue: code), purpose: row.text("call").flatMap(TossAuthAPI.Purpose.init),
            phoneMark: row.blob("phone_mark"), remaining: row.integer("remaining"))
    }

    /// The refusal as the control API shows it; never the number.
    var json: JSON {
        [
            "id": .number(number), "code": .string(code.rawValue), "call": .optional(purpose?.rawValue),
            "by_phone": .boolean(phoneMark != nil), "remaining": .optional(remaining),
        ]
    }
}

extension Records {
    /// The refusals that wait, the oldest first.
    func refusals() throws -> [SeededRefusal] {
        try connection.query("SELECT * FROM toss_auth_refusals WHERE tenant = ? ORDER BY number", owner).compactMap(SeededRefusal.init)
    }

    /// Whether any waits.
    func hasRefusals() throws -> Bool {
        try !connection.query("SELECT 1 FROM toss_auth_refusals WHERE tenant = ? LIMIT 1", owner).isEmpty
    }

    /// Orders a refusal.
    func addRefusal(_ code: TossAuthErrorCode, _ purpose: TossAuthAPI.Purpose?, phone: String?, times: Int64?) throws -> SeededRefusal {
        let mark = phone.map(phoneMark)
        try connection.execute(
            "INSERT INTO toss_auth_refusals (tenant, code, call, phone_mark, remaining) VALUES (?,?,?,?,?)", owner, .text(code.rawValue),
            .optional(purpose?.rawValue), .optional(mark), .optional(times))
        return SeededRefusal(
            number: connection.lastInsertedRow, code: code, purpose: purpose, phoneMark: mark, remaining: times)
    }

    /// Drops all of them.
    func removeRefusals() throws { try connection.execute("DELETE FROM toss_auth_refusals WHERE tenant = ?", owner) }

    /// The first refusal that is meant for a call; it then waits for one call less.
    ///
    /// - Parameter phone: Whom a request names; nothing where nobody is named.
    func takeRefusal(_ purpose: TossAuthAPI.Purpose, phone: String? = nil) throws -> SeededRefusal? {
        let mark = phone.map(phoneMark)
        let taken = try refusals().first { refusal in
            (refusal.purpose == nil || refusal.purpose == purpose) && (refusal.phoneMark == nil || refusal.phoneMark == mark)
        }
        guard let taken else { return nil }
        if let remaining = taken.remaining {
            if remaining > 1 {
                try connection.execute(
                    "UPDATE toss_auth_refusals SET remaining = ? WHERE number = ?", .integer(remaining - 1), .integer(taken.number))
            } else {
                try connection.execute("DELETE FROM toss_auth_refusals WHERE number = ?", .integer(taken.number))
            }
        }
        return taken
    }
}
