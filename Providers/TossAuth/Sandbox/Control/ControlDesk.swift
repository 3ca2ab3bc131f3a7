import Base
import ProviderKit
import SandboxKit
import Storage
import TossAuth
import Transport

/// One call of the control API, within one write.
struct ControlDesk {
    let control: ControlCall
    let tenant: TenantID
    let house: House
    let records: Records
    let settings: ServiceSettings
    let now: Timestamp

    init(control: ControlCall, tenant: TenantID, house: House, connection: Connection) throws {
        self.control = control
        self.tenant = tenant
        self.house = house
        records = Records(connection, tenant, house.seal)
        settings = try records.settings()
        now = house.environment.clocks.now(tenant)
    }

    var random: any RandomSource { house.environment.random }

    /// The answer, or nothing when there is no such call.
    ///
    /// - Throws: ``ControlError`` for a call that makes no sense.
    func answer() throws -> Reply? {
        let rest = Array(control.segments.dropFirst())
        switch (control.segments.first, rest.count) {
        case ("transactions", 0): return try transactions()
        case ("transactions", 1): return ok(try transaction(rest[0]))
        case ("transactions", 2): return try move(rest[1], rest[0])
        case ("people", 0): return try people()
        case ("people", 1): return try person(rest[0])
        case ("clients", 0): return try clients()
        case ("clients", 1): return try client(rest[0])
        case ("tokens", 1) where rest[0] == "revoke": return try revokeTokens()
        case ("refusals", 0): return try refusals()
        case ("settings", 0): return try changeSettings()
        case ("certificates", _):
            let certificates = CertificateControl(
                control: control, book: CertificateBook(records.connection, tenant), now: now,
                forget: { [house, tenant] serial in house.personSigner?.forget(serial: serial, of: tenant) })
            return try certificates.answer().map { ok($0) }
        default: return nil
        }
    }

    func ok(_ json: JSON, status: Int = 200) -> Reply { Reply(status: status, json: json) }

    private func changeSettings() throws -> Reply {
        try control.only(.get, .post, .put)
        var settings = settings
        if control.changes {
            try settings.change(.object(try control.body()))
            try settings.checkTogether()
            try records.save(settings)
        }
        return ok(settings.json)
    }

    // MARK: Refusals

    private func refusals() throws -> Reply {
        try control.only(.get, .post, .delete)
        switch control.call.method {
        case .post: return ok(try orderRefusal().json, status: 201)
        case .delete:
            let count = try records.refusals().count
            try records.removeRefusals()
            return ok(["deleted": .number(count)])
        default: return ok(["refusals": .array(try records.refusals().map(\.json))])
        }
    }

    private func orderRefusal() throws -> SeededRefusal {
        let body = try control.given(["code", "call", "phone", "times"])
        guard let code = body["code"]?.string, Cause.isCode(code) else {
            throw ControlError.wrong("code가 필요합니다. 예: {\"code\":\"CE3006\"}", "A code is needed, such as {\"code\":\"CE3006\"}.")
        }
        let purposes: [TossAuthAPI.Purpose] = [.request, .status, .result]
        let purpose = try body["call"].map { json throws(ControlError) -> TossAuthAPI.Purpose in
            guard let found = purposes.first(where: { $0.rawValue == json.string }) else {
                throw .wrong("call은 request, status, result 가운데 하나입니다.", "call is one of request, status, result.")
            }
            return found
        }
        let phone = try body["phone"].map { json throws(ControlError) -> String in
            guard let text = json.string, IdentityClaim.fault(.phone, text) == nil else {
                throw .wrong("phone은 숫자 10자리 또는 11자리입니다.", "phone is 10 or 11 digits.")
            }
            return text
        }
        guard phone == nil || purpose == nil || purpose == .request else {
            throw ControlError.wrong("phone은 request에만 쓸 수 있습니다.", "phone goes with request only.")
        }
        var times: Int64? = phone == nil ? 1 : nil
        if let wanted = body["times"] {
            guard let number = wanted.integer, (1...1_000_000).contains(number) else {
                throw ControlError.wrong("times는 1에서 1000000 사이의 정수입니다.", "times is a whole number from 1 to 1,000,000.")
            }
            times = number
        }
        guard try records.refusals().count < 100 else {
            throw ControlError.conflict("기다리는 거절이 이미 100개입니다.", "100 refusals wait already.")
        }
        return try records.addRefusal(TossAuthErrorCode(rawValue: code), phone == nil ? purpose : .request, phone: phone, times: times)
    }
}
