import Sentbe
import Storage

/// A refusal on order: what somebody else's server does to Sentbe's, and what a developer wants to see handled.
struct OutboundFault: Equatable {
    var id: Int64
    /// The name of the call's row, or `*` for every outbound call.
    var call: String
    var code: SentbeErrorCode
    /// How often it is still to strike.
    var remaining: Int64

    /// For every call.
    static let any = "*"
}

extension Records {
    /// The faults that wait, the oldest first.
    func outboundFaults() throws -> [OutboundFault] {
        try connection.query("SELECT * FROM sentbe_outbound_faults WHERE tenant = ? ORDER BY id", owner).compactMap(OutboundFault.init)
    }

    /// The fault that strikes a call.
    func outboundFault(for call: String) throws -> OutboundFault? {
        try connection.query(
            "SELECT * FROM sentbe_outbound_faults WHERE tenant = ? AND (call = ? OR call = ?) ORDER BY id LIMIT 1", owner, .text(call),
            .text(OutboundFault.any)
        ).first.flatMap(OutboundFault.init)
    }

    func addOutboundFault(call: String, code: SentbeErrorCode, count: Int64) throws {
        try connection.execute(
            "INSERT INTO sentbe_outbound_faults (tenant, call, code, remaining) VALUES (?,?,?,?)", owner, .text(call), .text(code.rawValue),
            .integer(count))
    }

    /// The fault has struck once.
    func struck(_ fault: OutboundFault) throws {
        if fault.remaining > 1 {
            try connection.execute(
                "UPDATE sentbe_outbound_faults SET remaining = remaining - 1 WHERE tenant = ? AND id = ?", owner, .integer(fault.id))
        } else {
            try connection.execute("DELETE FROM sentbe_outbound_faults WHERE tenant = ? AND id = ?", owner, .integer(fault.id))
        }
    }

    func removeOutboundFaults() throws { try connection.execute("DELETE FROM sentbe_outbound_faults WHERE tenant = ?", owner) }
}

extension OutboundFault {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let call = row.text("call"), let code = row.text("code"), let remaining = row.integer("remaining")
        else { return nil }
        self.init(id: id, call: call, code: SentbeErrorCode(rawValue: code), remaining: remaining)
    }
}
