public import Base
public import ProviderKit
public import SandboxKit
import Storage
import TossAuth
import Transport

extension TossAuthSandbox {
    /// Answers a call of the control API; its path begins behind `/-/toss-auth`.
    public func control(_ call: Call, tenant: TenantID) async -> Reply? {
        let control = ControlCall(call)
        do {
            if ["key", "public-key"].contains(control.segments.first), control.segments.count == 1 {
                let reply = try await KeyControl(control: control, tenant: tenant, house: house).answer()
                if control.changes, tenant == .demo { try await handOutPublicKey() }
                return reply
            }
            let house = house
            let answer = try await environment.database.write { connection in
                try ControlDesk(control: control, tenant: tenant, house: house, connection: connection).answer()
            }
            if control.changes, answer != nil { environment.scheduleChanged(tenant) }
            return answer
        } catch let error as ControlError {
            return error.reply
        } catch {
            TossAuthSandbox.tell(error, to: environment.log)
            return ControlError(
                status: 500,
                message: BilingualText(korean: "상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The stored state cannot be used; see the log.")
            ).reply
        }
    }

    /// Makes a tenant's clients and people: the published test credentials for the demo tenant, fresh test and live ones and three people for any other. A tenant that has
    /// clients already keeps everything.
    ///
    /// - Parameter settings: Optional `settings` as the control API takes them, directly or under `toss-auth`.
    /// - Returns: `clients` with their secrets, which are told only here, and `people`.
    public func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON {
        let wishes = settings[TossAuthSandbox.provider] ?? settings
        let house = house
        let now = environment.clocks.now(tenant)
        let answer = try await environment.database.write { connection in
            let records = Records(connection, tenant, house.seal)
            var secrets: [String: String] = [:]
            if try records.clients().isEmpty {
                let own = try TossAuthSandbox.firstSettings(wishes)
                try records.save(own)
                secrets = try records.makeFirstClients(at: now, house.environment.random)
            }
            return try records.describe(secrets, at: now)
        }
        if tenant == .demo { try await handOutPublicKey() }
        return answer
    }

    /// What a new tenant's creator wants to have set differently; a wish that nothing would come of is refused.
    private static func firstSettings(_ wishes: JSON) throws(ControlError) -> ServiceSettings {
        guard let members = wishes.members else {
            throw .wrong("\(provider)에는 {\"settings\":{…}} 객체를 보내세요.", "\(provider) takes an object: {\"settings\":{…}}.")
        }
        let unknown = members.names.filter { $0 != "settings" }
        guard unknown.isEmpty else {
            let names = unknown.joined(separator: ", ")
            throw .wrong(
                "\(provider)의 모르는 항목입니다: \(names). 설정은 settings 안에 쓰세요: {\"settings\":{…}}",
                "Unknown members of \(provider): \(names). Settings go into settings: {\"settings\":{…}}")
        }
        var settings = ServiceSettings()
        if let wanted = members["settings"], !wanted.isNull { try settings.change(wanted) }
        try settings.checkTogether()
        return settings
    }

    /// Drops every row of the tenant, its own key and its people's certificates included.
    public func removeTenant(_ tenant: TenantID) async throws {
        let house = house
        try await environment.database.write { try Records($0, tenant, house.seal).removeAll() }
        house.keys.forget(tenant)
        house.personSigner?.forgetAll(of: tenant)
        if tenant == .demo { try await handOutPublicKey() }
    }

    /// Nothing is scheduled: what time brings about is computed whenever somebody looks.
    public func settle(_ tenant: TenantID) async -> Timestamp? { nil }
}

extension Records {
    /// The first clients with their secrets by id, and the first people.
    fileprivate func makeFirstClients(at now: Timestamp, _ random: any RandomSource) throws -> [String: String] {
        guard tenant != .demo else {
            try add(DemoData.client(at: now, random))
            return [TossAuthDemonstration.clientID: TossAuthDemonstration.clientSecret]
        }
        var secrets: [String: String] = [:]
        for (place, isTest) in [true, false].enumerated() {
            let (id, secret) = Client.freshCredentials(isTest: isTest, random)
            secrets[id] = secret
            try add(Client(id: id, secret: Secret(secret), tenant: tenant, at: now + .nanoseconds(place), random))
        }
        for (place, person) in DemoData.people(at: now).enumerated() { try add(person, at: now + .nanoseconds(place)) }
        return secrets
    }

    /// The tenant as its creator is told; the first client's credentials also on top.
    fileprivate func describe(_ secrets: [String: String], at now: Timestamp) throws -> JSON {
        let settings = try settings()
        let clients = try clients().map { client -> JSON.Members in
            var members = client.json(settings).members ?? [:]
            members["client_secret"] = secrets[client.id].map { .string($0) }
            return members
        }
        var members: JSON.Members = [:]
        if let first = clients.first {
            members["client_id"] = first["client_id"]
            members["client_secret"] = first["client_secret"]
        }
        members["clients"] = .array(clients.map { .object($0) })
        members["people"] = .array(try people(limit: 100).map { $0.json(at: now) })
        return .object(members)
    }
}
