import Base
import SandboxKit

/// What somebody asks of a new tenant: the body of `POST /-/tenants`, of which everything may be left out.
struct TenantOrder: Sendable {
    /// Its name; one is invented when there is none.
    var name: TenantID?
    /// How its clock is put, starting from the machine's time.
    var clock: ClockMove?
    /// What each provider's service is asked, by provider.
    var settings: JSON

    /// Reads an order.
    ///
    /// - Throws: ``ControlError`` for a name that is none, a clock's wish that makes no sense, or a member nobody reads.
    init(_ body: JSON, providers: [String]) throws(ControlError) {
        guard let members = body.members else {
            throw ControlError(korean: "본문은 JSON 객체이거나 비어 있어야 합니다.", english: "The body must be a JSON object or empty.")
        }
        var settings = JSON.Members()
        for member in members.names {
            switch member {
            case "name": name = try Self.name(members[member])
            case "clock": clock = try ClockMove(members[member] ?? .null)
            case let provider where providers.contains(provider):
                guard let value = members[provider], value.members != nil else {
                    throw ControlError(
                        korean: "\"\(provider)\" 설정은 객체여야 합니다.", english: "The settings of \"\(provider)\" must be an object.")
                }
                settings[provider] = value
            default:
                let list = (["name", "clock"] + providers).joined(separator: ", ")
                throw ControlError(
                    korean: "\"\(member)\"은(는) 알 수 없는 이름입니다. 쓸 수 있는 이름: \(list)",
                    english: "\"\(member)\" is not known here; known are: \(list)")
            }
        }
        self.settings = .object(settings)
    }

    private static func name(_ value: JSON?) throws(ControlError) -> TenantID {
        guard let name = value?.string.flatMap(TenantID.init(rawValue:)) else {
            throw ControlError(
                korean: "테넌트 이름은 a–z, 0–9, -로 된 1–64자여야 합니다.",
                english: "A tenant's name is 1 to 64 of the characters a–z, 0–9 and -.")
        }
        return name
    }
}
