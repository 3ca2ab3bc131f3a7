import Base
import ProviderKit
import SandboxKit
import Storage
import Transport
import WPay

/// A request that the rules admitted: whose it is, and its fields in plain form.
struct Admission: Sendable {
    var api: WPayAPI
    var merchant: Merchant
    var keys: WPayKeys
    var settings: SandboxSettings
    var now: Timestamp
    /// The fields that the table lists, decrypted and decoded; absent ones are not there.
    var fields: [String: String]
    /// What its author should know although it was admitted.
    var warning: Verdict?

    /// The plain value of a field; empty when there is none.
    subscript(name: String) -> String { fields[name] ?? "" }
}

/// What is found out about a request on the way, so that a refusal at any point can say whose it was.
final class Trace {
    var tenant: TenantID?
    var route: String?
    var api: WPayAPI?
    var merchant: Merchant?
    var settings = SandboxSettings()
    /// Whether the signature held, so that the address in the form is the merchant's.
    var isSigned = false
    /// The fields in plain form, once they are opened.
    var opened: [String: String] = [:]
}

/// The common front of every page and call: merchant, required fields, signature over the received values, E fields, lengths and formats, in that order.
struct Front {
    let call: Call
    let source: CallSource
    let environment: SandboxEnvironment
    let connection: Connection

    /// Admits a request for `api`.
    ///
    /// - Throws: ``Refused`` naming the first rule that does not hold; `StorageError`.
    func admit(_ api: WPayAPI, _ trace: Trace) throws -> Admission {
        trace.api = api
        let merchant = try merchant(trace)
        if !api.isPage { try checkAddress(trace.settings) }
        let received = try ReceivedFields(of: call, api.carrier, trace.settings)
        try checkRequired(api, received, trace.settings)
        let keys = try merchant.keys()
        let reading = try SignatureRule(api: api, keys: keys, settings: trace.settings)
            .check(received, others: { try otherKeys(than: merchant, trace.tenant) })
        trace.isSigned = true
        var opening = FieldOpening(api: api, keys: keys, settings: trace.settings)
        let fields = try opening.open(received)
        trace.opened = fields
        try FieldFormats.check(fields, api, trace.settings)
        return Admission(
            api: api, merchant: merchant, keys: keys, settings: trace.settings, now: environment.clocks.now(merchant.tenant),
            fields: fields,
            warning: reading.warning ?? opening.warning)
    }

    /// The merchant that a request names, and with it the tenant.
    func merchant(_ trace: Trace) throws -> Merchant {
        let mid = ReceivedFields(lenient: call)["mid"]
        guard !mid.isEmpty else {
            throw Refused(
                "mid.missing", ko: "mid가 없습니다.", en: "there is no mid",
                fix: ("mid를 필드로 보내세요. 폼 본문인지, GET이면 쿼리인지 확인하세요.", "Send mid as a field: of the form, or of the query for a GET."))
        }
        guard let merchant = try Merchant.find(mid, connection) else {
            throw Refused(
                "mid.unknown", ko: "샌드박스에 없는 MID입니다.", en: "the sandbox knows no such MID",
                fix: (
                    "POST /-/wpay/merchants 로 만들거나, 데모 MID \(WPayDemonstration.mid)을(를) 쓰세요.",
                    "Make it with POST /-/wpay/merchants, or use the demo MID \(WPayDemonstration.mid)."
                ), FieldFormats.isMID(mid) ? ["mid": .string(mid)] : ["length": .number(mid.utf8.count)])
        }
        trace.tenant = merchant.tenant
        trace.merchant = merchant
        trace.settings = try Records(connection, merchant.tenant).settings()
        return merchant
    }

    /// Whether servers may call from where this call came from.
    func checkAddress(_ settings: SandboxSettings) throws(Refused) {
        guard let allowed = settings.serverAddresses else { return }
        let own = SocketAddress(numericHost: source.peer.address, port: 0)?.octets
        guard !allowed.contains(where: { own != nil && SocketAddress(numericHost: $0, port: 0)?.octets == own }) else { return }
        throw Refused(
            "caller.address", ko: "허용되지 않은 주소에서 온 호출입니다.", en: "servers may not call from this address",
            fix: ("설정 server_ips에 주소를 추가하세요.", "Add the address to the setting server_ips."), ["address": .string(source.peer.address)])
    }

    private func otherKeys(than merchant: Merchant, _ tenant: TenantID?) throws -> [(mid: String, keys: WPayKeys)] {
        guard let tenant else { return [] }
        return try Records(connection, tenant).merchants().filter { $0.mid != merchant.mid }.prefix(20).compactMap { other in
            (try? other.keys()).map { (mid: other.mid, keys: $0) }
        }
    }

    private func checkRequired(_ api: WPayAPI, _ received: ReceivedFields, _ settings: SandboxSettings) throws(Refused) {
        var names = api.request.filter(\.isRequired).map(\.name)
        if settings.skipsPhoneCheck, api.product == .standard20, api.name == "memreg" {
            names += ["ci", "userNm", "hNum", "birthDay", "socialNo2", "frnrYn"]
        }
        let missing = names.filter { received[$0].isEmpty }
        guard missing.isEmpty else {
            let list = missing.joined(separator: ", ")
            throw Refused(
                "field.missing", ko: "필수 필드가 없거나 비어 있습니다: \(list)", en: "required fields are missing or empty: \(list)", fix: nil,
                ["fields": .array(missing.map { .string($0) })])
        }
    }
}

/// Turns received values into plain ones.
struct FieldOpening {
    let api: WPayAPI
    let keys: WPayKeys
    let settings: SandboxSettings
    private(set) var warning: Verdict?

    init(api: WPayAPI, keys: WPayKeys, settings: SandboxSettings) {
        self.api = api
        self.keys = keys
        self.settings = settings
    }

    /// The fields that the table lists, in plain form.
    mutating func open(_ received: ReceivedFields) throws(Refused) -> [String: String] {
        let values = received.withoutSignature
        var fields: [String: String] = [:]
        for field in api.request {
            guard let value = values[field.name] else { continue }
            if field.mark == .plain, field.isSigned { checkBare(value, field) }
            if field.mark == .encoded, api.carrier == .json, !settings.takesEncodedCharges {
                fields[field.name] = value
                continue
            }
            if field.mark == .encoded, api.carrier.encodesMarkedFields { try checkEncoded(value, field) }
            guard let plain = FinalValue(received: value).open(field, over: api.carrier, seed: keys.seed) else {
                throw Refused(
                    "field.undecipherable", ko: "\(field.name)을(를) 이 MID의 SEED 키와 IV로 복호화할 수 없습니다.",
                    en: "\(field.name) cannot be decrypted with this MID's SEED key and IV",
                    fix: (
                        "SEED-128 CBC, PKCS#7, 표준 base64입니다. base64의 +가 공백으로 바뀌지 않았는지, 다른 MID의 키가 아닌지 확인하세요.",
                        "It is SEED-128 in CBC mode, PKCS#7, standard base64. See that no + of base64 became a space, and that the keys are this MID's."
                    ), ["field": .string(field.name)])
            }
            fields[field.name] = plain.text
        }
        return fields
    }

    /// Nothing in the message is escaped, so some values could stand for another request.
    private mutating func checkBare(_ value: String, _ field: WPayField) {
        let isAmbiguous = value.utf8.contains { $0 == UInt8(ascii: "&") || $0 < 0x20 }
        guard isAmbiguous || !value.utf8.allSatisfy({ $0 < 0x80 }) else { return }
        warning = Verdict(
            warned: isAmbiguous ? "field.ambiguous" : "field.not-ascii",
            ko: isAmbiguous
                ? "\(field.name)에 &나 제어 문자가 있습니다. 서명 메시지는 값을 이스케이프하지 않으므로 다른 요청과 구별되지 않을 수 있습니다."
                : "\(field.name)은(는) 인코딩하지 않는 필드인데 ASCII가 아닌 문자가 있습니다. 실제 서버가 어떻게 해시하는지 알려져 있지 않습니다.",
            en: isAmbiguous
                ? "\(field.name) holds an & or a control character; the signed message escapes nothing, so it could mean another request"
                : "\(field.name) is not encoded and holds other characters than ASCII; nobody knows how the real server would hash them",
            fix: ("ASCII 문자만 쓰고 &는 피하세요.", "Use ASCII only, and no &."), ["field": .string(field.name)])
    }

    private mutating func checkEncoded(_ value: String, _ field: WPayField) throws(Refused) {
        guard URLCodec.decode(value) != nil else {
            throw Refused(
                "field.encoding", ko: "\(field.name)을(를) URL 디코딩할 수 없습니다.", en: "\(field.name) cannot be URL-decoded",
                fix: (
                    "UTF-8로 URL 인코딩한 값을 서명하고, 그 값을 다시 폼 인코딩해 보내세요.", "Sign the value URL-encoded in UTF-8, and form-encode that text again."
                ),
                ["field": .string(field.name)])
        }
        guard !value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return }
        warning = Verdict(
            warned: "field.encoded-once", ko: "\(field.name)이(가) 한 번만 인코딩되어 왔습니다. 이 필드는 URL 인코딩한 뒤 폼 인코딩해야 합니다.",
            en: "\(field.name) came encoded only once; it should be URL-encoded and then form-encoded",
            fix: ("URL 인코딩한 값을 서명과 폼에 똑같이 쓰세요.", "Use the URL-encoded text both in the signature and in the form."),
            ["field": .string(field.name)])
    }
}
