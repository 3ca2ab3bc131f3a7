import Base
public import ProviderKit
public import SandboxKit
import Storage
import Transport

extension WPaySandbox {
    /// Answers a call of the control API; its path begins behind `/-/wpay`.
    public func control(_ call: Call, tenant: TenantID) async -> Reply? {
        let environment = environment
        do {
            guard
                let answer = try await environment.database.write({ connection in
                    try ControlDesk(call: call, tenant: tenant, environment: environment, connection: connection).answer()
                })
            else { return nil }
            if answer.scheduleChanged { environment.scheduleChanged(tenant) }
            guard let callback = answer.posting else { return Reply(status: answer.status, json: answer.json) }
            var members = answer.json.members ?? [:]
            members["delivery"] = await CallbackDelivery(environment: environment).post(callback).json
            return Reply(status: answer.status, json: .object(members))
        } catch let error as ControlError {
            return error.reply
        } catch let refused as Refused {
            return ControlError(status: 422, message: refused.verdict.reason).reply
        } catch {
            environment.log.error("the state of the WPAY sandbox cannot be used", .word("error", String(describing: error)))
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

    /// An answer, and what is to be done after it is written.
    struct Answer: Sendable {
        var status = 200
        var json: JSON
        /// Whether something has come into being that comes due.
        var scheduleChanged = false
        /// A callback to post.
        var posting: Callback?
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
        let rest = Array(segments.dropFirst())
        switch (first, rest.count) {
        case ("merchants", 0): return try merchants()
        case ("members", 0): return try members()
        case ("members", 1): return try member(rest[0])
        case ("means", 0): return try means()
        case ("means", 1): return try means(rest[0])
        case ("transactions", 0): return try listed { .array(try records.transactions(limit: try limit()).map(\.controlJSON)) }
        case ("transactions", 1): return try transaction(rest[0])
        case ("auto-pays", 0): return try listed { .array(try records.autoPays(limit: try limit()).map(\.controlJSON)) }
        case ("settings", 0): return try settings()
        case ("authentications", 0): return try authentication()
        default: return nil
        }
    }

    private func settings() throws -> Answer {
        try only(.get, .put)
        var settings = try records.settings()
        if call.method == .put {
            try settings.change(.object(try body()))
            try records.save(settings)
        }
        return Answer(json: settings.json, scheduleChanged: call.method == .put)
    }

    private func transaction(_ wtid: String) throws -> Answer {
        try only(.get)
        let transaction = try records.transaction(wtid)
        guard let transaction = try transaction ?? records.transaction(tid: wtid) else {
            throw ControlDesk.missing("없는 wtid 또는 tid입니다.", "There is no such wtid or tid.")
        }
        var members = transaction.controlJSON.members ?? [:]
        members["refunds"] = .array(try records.refunds(of: transaction.wtid).map(\.controlJSON))
        return Answer(json: .object(members))
    }

    // MARK: What calls have in common

    private func listed(_ list: () throws -> JSON) throws -> Answer {
        try only(.get)
        return Answer(json: try list())
    }

    /// The text of a member; a number counts by its digits.
    static func text(_ members: JSON.Members, _ name: String) throws(ControlError) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .string(let text), .number(let text): return text
        case .boolean(let value): return value ? "Y" : "N"
        case .array, .object: throw wrong(name, "문자열이어야 합니다", "must be a text")
        }
    }

    static func wrong(_ name: String, _ korean: String, _ english: String) -> ControlError {
        ControlError(message: BilingualText(korean: "\(name): \(korean).", english: "\(name) \(english)."))
    }

    /// The merchant that a body names by `mid`; the tenant's first when it names none.
    func merchant(_ members: JSON.Members) throws -> Merchant {
        if let mid = try ControlDesk.text(members, "mid") {
            guard let merchant = try records.merchant(mid) else { throw ControlDesk.missing("없는 MID입니다.", "There is no such MID.") }
            return merchant
        }
        guard let first = try records.merchants().first(where: { !$0.isAutoPay }) else {
            throw ControlDesk.missing("이 테넌트에는 상점이 없습니다.", "The tenant has no merchant.")
        }
        return first
    }

    /// What pages and calls do their work with, for a merchant of this tenant.
    func operations(_ merchant: Merchant) throws -> Operations {
        Operations(
            records, merchant: merchant, settings: try records.settings(), now: now, random: environment.random,
            place: Place(host: "", isSecure: false, base: environment.publicBase()))
    }
}
