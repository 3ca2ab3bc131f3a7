import Base
public import ProviderKit
public import SandboxKit
import Storage
import Transport

extension BootpaySandbox {
    /// Answers a call of the control API; its path begins behind `/-/bootpay`.
    public func control(_ call: Call, tenant: TenantID) async -> Reply? {
        let environment = environment
        let call = ControlDesk.readAsJSON(call)
        do {
            let answer = try await environment.database.write { connection in
                try ControlDesk(call: call, tenant: tenant, environment: environment, connection: connection).answer()
            }
            if answer?.scheduleChanged ?? false { environment.scheduleChanged(tenant) }
            return answer?.reply
        } catch let error as ControlError {
            return error.reply
        } catch let refused as Refused {
            return ControlError(message: refused.verdict.reason).reply
        } catch {
            environment.log.error("the state of the Bootpay sandbox cannot be used", .word("error", String(describing: error)))
            return ControlError(
                status: 500,
                message: BilingualText(korean: "상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The stored state cannot be used; see the log.")
            ).reply
        }
    }
}

/// One call of the control API, within one write.
struct ControlDesk: ControlCallReader {
    let call: Call
    let tenant: TenantID
    let environment: SandboxEnvironment
    let records: Records
    let now: Timestamp

    /// An answer, and whether something has come into being that comes due.
    struct Answer: Sendable {
        var reply: Reply
        var scheduleChanged = false
    }

    /// The call without its content type when the body is plainly JSON: `curl -d` says form by itself, and nobody sends the control API a form that begins
    /// with a brace.
    static func readAsJSON(_ call: Call) -> Call {
        guard call.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return call }
        var call = call
        call.fields.removeAll("Content-Type")
        return call
    }

    init(call: Call, tenant: TenantID, environment: SandboxEnvironment, connection: Connection) {
        self.call = call
        self.tenant = tenant
        self.environment = environment
        records = Records(connection, tenant)
        now = environment.clocks.now(tenant)
    }

    /// The answer, or nothing when there is no such call.
    ///
    /// - Throws: ``ControlError`` or ``Refused`` for a call that makes no sense.
    func answer() throws -> Answer? {
        let segments = call.path.split(separator: "/").map(String.init)
        guard let first = segments.first else { return nil }
        if try records.isAnythingDue(now) {
            try Due(records: records, settings: try records.settings(), random: environment.random).run(until: now)
        }
        let rest = Array(segments.dropFirst())
        switch (first, rest.count) {
        case ("payments", _): return try payments(rest)
        case ("applications", _): return try applications(rest)
        case ("settings", 0): return try settings()
        case ("webhooks", 0): return try listed { try records.webhooks(limit: try limit(), receipt: queried("receipt_id")) }
        case ("billing-keys", 0): return try listed { .array(try records.billingKeys().map(\.controlJSON)) }
        case ("reservations", 0): return try listed { .array(try records.reservations().map(\.controlJSON)) }
        case ("calls", 0): return try listed { try rareCalls() }
        default: return nil
        }
    }

    private func listed(_ list: () throws -> JSON) throws -> Answer {
        try only(.get)
        return Answer(reply: Reply(status: 200, json: try list()))
    }

    private func settings() throws -> Answer {
        try only(.get, .put)
        var settings = try records.settings()
        if call.method == .put {
            try settings.change(.object(try Fields(of: call).members))
            try records.save(settings)
        }
        return Answer(reply: Reply(status: 200, json: settings.json), scheduleChanged: call.method == .put)
    }

    private func rareCalls() throws -> JSON {
        let rows = try records.connection.query(
            "SELECT * FROM bootpay_rare_calls WHERE tenant = ? ORDER BY id DESC LIMIT ?", records.owner, .integer(try limit()))
        return .array(
            rows.map { row in
                [
                    "call": .text(row["route"]), "at": .moment(row["at"]),
                    "members": row.text("members").flatMap { try? JSON($0) } ?? .null,
                ]
            })
    }

    // MARK: What calls have in common

    /// The body's members, none of which may be unknown.
    func body(_ known: [String]) throws -> Fields {
        let fields = try Fields(of: call)
        let unknown = fields.members.names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            let names = unknown.joined(separator: ", ")
            let list = known.joined(separator: ", ")
            throw ControlError(
                message: BilingualText(
                    korean: "모르는 항목입니다: \(names). 쓸 수 있는 이름: \(list)", english: "Unknown members: \(names). Known are: \(list)"))
        }
        return fields
    }
}

extension BillingKey {
    /// The key as the control API shows it.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["receipt_id"] = receiptID.map { .string($0) } ?? .null
        members["project"] = .string(project)
        members["deleted_at"] = deletedAt.map { .string($0.internetText) } ?? .null
        return .object(members)
    }
}

extension Reservation {
    /// The reservation as the control API shows it.
    fileprivate var controlJSON: JSON {
        var members = json.members ?? [:]
        members["order_id"] = .string(charge.orderID)
        members["items"] = .number(charge.itemCount)
        members["receipt_id"] = receiptID.map { .string($0) } ?? .null
        members["failure"] = failure.map { .string($0) } ?? .null
        members["project"] = .string(project)
        return .object(members)
    }
}
