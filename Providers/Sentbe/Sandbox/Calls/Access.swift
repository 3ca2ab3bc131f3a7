import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

extension Desk {
    /// Lets a call in: source address, `PARTNER-ID`, `KEY`.
    ///
    /// - Throws: ``Refused`` with `E0001` or `E0003`.
    func access(_ trace: Trace, _ connection: Connection) throws -> Access {
        guard let id = call.fields[SentbeHeaders.partnerID], !id.isEmpty else { throw Refused(.unauthenticated, Desk.partnerMissing) }
        guard let partner = try Partner.find(id, connection) else { throw Refused(.unauthenticated, Desk.partnerUnknown(id)) }
        let records = Records(connection, partner.tenant)
        let settings = try records.settings()
        trace.tenant = partner.tenant
        trace.settings = settings
        let (address, origin) = address(settings)
        guard partner.allowList.allows(address) else { throw Refused(.unauthenticated, Desk.wrongAddress(address, origin, partner)) }
        try checkKey(partner, settings, records)
        return Access(partner: partner, settings: settings, now: environment.clocks.now(partner.tenant), records: records)
    }

    /// The caller's address and where it was taken from.
    private func address(_ settings: SandboxSettings) -> (address: String, origin: String) {
        for name in settings[CommonSettings.sourceHeader] {
            guard let value = call.fields[name] else { continue }
            return (String(value.prefix { $0 != "," }.filter { $0 != " " }), name)
        }
        return (source.peer.address, "connection")
    }

    private func checkKey(_ partner: Partner, _ settings: SandboxSettings, _ records: Records) throws {
        guard let shown = call.fields[SentbeHeaders.key], !shown.isEmpty else { throw Refused(.invalidKey, Desk.keyMissing) }
        let key = Array(shown.utf8)
        let accessID = Secret(partner.accessID)
        if accessID.equals(key) { return }
        let old = SentbeHeaders.keyValue(.old, partnerID: partner.id, accessID: accessID, secretKey: partner.secret)
        if old.equals(key) {
            if settings[CommonSettings.oldKeyForm] { return }
            throw Refused(.invalidKey, Desk.keyOfOldForm)
        }
        throw Refused(.invalidKey, try Desk.wrongKey(key, partner, records))
    }

    /// What stands in `SIGNATURE`; nothing when the call has none.
    ///
    /// - Throws: ``Refused`` with `E0004` and the diagnosis.
    func openedEnvelope(_ access: Access, _ trace: Trace) throws -> SentbeEnvelope.Opened? {
        let headers = call.fields.values(SentbeHeaders.signature)
        guard headers.count <= 1 else {
            throw Refused(
                .invalidSignature,
                Verdict(
                    "signature.twice", ko: "SIGNATURE 헤더가 \(headers.count)개입니다.", en: "there are \(headers.count) SIGNATURE headers",
                    fix: ("하나만 보내세요.", "Send one.")))
        }
        guard let header = headers.first, !header.isEmpty else { return nil }
        let rules = SentbeEnvelope.Rules(
            longestHeader: Int(access.settings[CommonSettings.headerLimit]),
            takesSingleEncoding: access.settings[CommonSettings.singleEncoding])
        let reading = SentbeDiagnosis.explain(header, secret: access.partner.secret, rules: rules)
        guard let opened = reading.opened else { throw Refused(.invalidSignature, try diagnosis(header, access, rules)) }
        if access.settings[CommonSettings.showsParameters] { trace.shownParameters = .object(opened.parameters) }
        if access.settings[CommonSettings.replayWarning] {
            let envelope = opened.salt + opened.ciphertextDigest + Array(access.partner.id.utf8)
            trace.envelope = envelope
            if replays.withLock({ $0.knows(envelope, of: access.partner.tenant) }) { trace.warn(Desk.replayed) }
        }
        for remark in reading.remarks {
            trace.warn(Verdict(warned: "signature.\(remark.id)", ko: remark.text.korean, en: remark.text.english))
        }
        return opened
    }

    /// Parameters that were put where nobody reads them, and a body that is refused where the tenant wants it so.
    func warnings(_ row: CallRow, _ access: Access, _ parameters: Parameters) throws(Refused) -> [Verdict] {
        var warnings: [Verdict] = []
        if row.isEncrypted, !call.body.isEmpty {
            let ignored = Verdict(
                warned: "body.ignored", ko: "본문은 읽지 않습니다. 매개변수는 SIGNATURE 헤더에서만 읽습니다.",
                en: "the body is not read; parameters are read from the SIGNATURE header only",
                fix: ("본문을 비우고 보내세요.", "Send an empty body."), ["bytes": .number(call.body.count)])
            if access.settings[CommonSettings.body] == .refused {
                var verdict = ignored
                verdict.kind = .refused
                throw Refused(.invalidParameter, verdict, message: "Unpermitted parameter: body")
            }
            warnings.append(ignored)
        }
        if let query = call.query, !query.isEmpty {
            warnings.append(
                Verdict(
                    warned: "query.ignored", ko: "주소의 쿼리는 읽지 않습니다. GET의 매개변수도 SIGNATURE 헤더에 넣습니다.",
                    en: "the query is not read; the parameters of a GET stand in the SIGNATURE header too",
                    fix: ("page 같은 매개변수를 암호화해 SIGNATURE에 넣으세요.", "Encrypt parameters such as page into SIGNATURE.")))
        }
        let unread = access.settings[CommonSettings.tolerated].filter { name in
            parameters.members[name] != nil && !row.parameters.contains { $0.name == name }
        }
        if !unread.isEmpty {
            warnings.append(
                Verdict(
                    warned: "parameter.tolerated", ko: "문서에 없지만 설정에 따라 무시한 매개변수가 있습니다: \(unread.joined(separator: ", "))",
                    en: "these parameters are not documented and were ignored, as the settings say: \(unread.joined(separator: ", "))",
                    fix: ("실제 서버는 거절할 수 있으니 빼세요.", "Leave them out; the real server may refuse them."),
                    ["parameters": .array(unread.map { .string($0) })]))
        }
        return warnings
    }

    /// Why an envelope was refused, in the private log only: which step, the known mistake, the first byte that differs.
    private func diagnosis(_ header: String, _ access: Access, _ rules: SentbeEnvelope.Rules) throws -> Verdict {
        let partner = access.partner
        var others = [
            SentbeDiagnosis.OtherSecret(
                name: BilingualText(korean: "access_id", english: "the access_id"), secret: Secret(partner.accessID)),
            SentbeDiagnosis.OtherSecret(name: BilingualText(korean: "partner_id", english: "the partner_id"), secret: Secret(partner.id)),
        ]
        if let former = partner.formerSecret {
            others.append(
                .init(name: BilingualText(korean: "재발급 전의 secret_key", english: "the secret_key before its re-issue"), secret: former))
        }
        for other in try access.records.partners() where other.id != partner.id {
            others.append(
                .init(
                    name: BilingualText(korean: "파트너 \(other.id)의 secret_key", english: "the secret_key of partner \(other.id)"),
                    secret: other.secret))
        }
        let diagnosis = SentbeDiagnosis.explain(header, secret: partner.secret, others: others, rules: rules)
        var details: JSON.Members = ["header_bytes": .number(header.utf8.count)]
        details["step"] = diagnosis.failure.map { .number($0.step) }
        details["failure"] = diagnosis.failure.map { .string($0.code.rawValue) }
        if let mistake = diagnosis.mistake {
            details["mistake"] = .string(mistake.id)
            details["mistake_name"] = ["ko": .string(mistake.name.korean), "en": .string(mistake.name.english)]
        }
        if let detail = diagnosis.detail { details["detail"] = ["ko": .string(detail.korean), "en": .string(detail.english)] }
        if let difference = diagnosis.difference {
            details["first_difference"] = [
                "offset": .number(difference.offset), "expected": Desk.byte(difference.expected),
                "received": Desk.byte(difference.received),
            ]
        }
        if access.settings[CommonSettings.showsParameters] {
            details["recovered"] = .optional(diagnosis.recovered)
            details["envelope_expected"] = .optional(diagnosis.expected)
        }
        let reasons = [diagnosis.mistake?.name, diagnosis.failure?.message].compactMap { $0 }
        return Verdict(
            rule: "signature.\(diagnosis.mistake?.id ?? diagnosis.failure?.code.rawValue ?? "refused")",
            reason: BilingualText(
                korean: reasons.map(\.korean).joined(separator: ". "), english: reasons.map(\.english).joined(separator: ": ")),
            remedy: diagnosis.mistake?.remedy ?? Desk.checkWithCommand, details: details)
    }

    /// One byte as a person reads it: the printable character, or its hexadecimal value.
    private static func byte(_ byte: UInt8?) -> JSON {
        guard let byte else { return .null }
        return .string((0x21...0x7E).contains(byte) ? String(decoding: [byte], as: UTF8.self) : "0x" + Hexadecimal.encode([byte]))
    }
}

// MARK: Why somebody is not let in

extension Desk {
    private static let checkWithCommand = BilingualText(
        korean: "`bujeol sentbe explain --key …`에 헤더 값을 넣으면 어느 단계에서 깨지는지 같은 진단을 볼 수 있습니다.",
        english: "Give the header to `bujeol sentbe explain --key …` for the same diagnosis offline.")

    private static var partnerMissing: Verdict {
        Verdict(
            "partner.missing", ko: "PARTNER-ID 헤더가 없습니다.", en: "there is no PARTNER-ID header",
            fix: ("등록할 때 받은 partner_id를 PARTNER-ID 헤더에 넣으세요.", "Put the partner_id from the registration into the PARTNER-ID header."))
    }

    private static func partnerUnknown(_ id: String) -> Verdict {
        // What is not shaped like an id may be anything, a secret included.
        let isShaped = (1...20).contains(id.utf8.count) && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return Verdict(
            "partner.unknown", ko: "이 샌드박스에 없는 partner_id입니다.", en: "the sandbox has no such partner_id",
            fix: (
                "GET /-/sentbe/partners 로 있는 파트너를 확인하세요. 샌드박스를 초기화하면 만들었던 파트너는 사라집니다.",
                "GET /-/sentbe/partners lists what there is; a reset forgets partners that were made."
            ), isShaped ? ["partner_id": .string(id)] : ["length": .number(id.utf8.count)])
    }

    private static func wrongAddress(_ address: String, _ origin: String, _ partner: Partner) -> Verdict {
        Verdict(
            "partner.address", ko: "허용 목록에 없는 주소 \(address)에서 온 요청입니다.",
            en: "the call came from \(address), which is not on the allow-list",
            fix: (
                "PUT /-/sentbe/partners/\(partner.id) 로 allow_list에 추가하세요. 실제로는 센트비에 서버 IP를 등록해야 합니다.",
                "Add it to allow_list with PUT /-/sentbe/partners/\(partner.id); in reality the server's address is registered with Sentbe."
            ), ["address": .string(address), "taken_from": .string(origin), "allow_list": partner.allowList.json])
    }

    private static var keyMissing: Verdict {
        Verdict(
            "key.missing", ko: "KEY 헤더가 없습니다.", en: "there is no KEY header",
            fix: ("access_id를 KEY 헤더에 그대로 넣으세요.", "Put the access_id into the KEY header as it is."))
    }

    private static var keyOfOldForm: Verdict {
        Verdict(
            "key.old-form", ko: "KEY가 v1.2 이전 방식(HMAC-SHA-256의 base64)입니다. 값 자체는 맞습니다.",
            en: "KEY has the form from before version 1.2 (base64 of an HMAC-SHA-256); the value itself is right",
            fix: (
                "2018년 7월부터는 access_id를 그대로 넣습니다. 예전 방식을 시험하려면 old_key_form 설정을 켜세요.",
                "Since July 2018 the access_id stands there as it is. The setting old_key_form lets the old form in."
            ))
    }

    private static func wrongKey(_ key: [UInt8], _ partner: Partner, _ records: Records) throws -> Verdict {
        func verdict(_ rule: String, _ korean: String, _ english: String) -> Verdict {
            Verdict(
                rule, ko: korean, en: english, fix: ("access_id를 KEY 헤더에 그대로 넣으세요.", "Put the access_id into the KEY header as it is."),
                ["length": .number(key.count), "expected_length": .number(partner.accessID.utf8.count)])
        }
        if partner.secret.equals(key) {
            return verdict(
                "key.secret", "KEY에 secret_key를 넣었습니다. secret_key는 어떤 요청에도 실려서는 안 됩니다.",
                "KEY holds the secret_key, which must never travel")
        }
        if partner.formerSecret?.equals(key) ?? false {
            return verdict("key.secret", "KEY에 재발급 전의 secret_key를 넣었습니다.", "KEY holds the secret_key before its re-issue")
        }
        let text = String(decoding: key, as: UTF8.self)
        if text.lowercased() == partner.accessID.lowercased() {
            return verdict("key.case", "access_id의 대소문자가 다릅니다.", "the access_id has other letters' case")
        }
        if text.filter({ $0 != "\"" && $0 != "'" && $0 != " " }) == partner.accessID {
            return verdict("key.quoted", "access_id에 따옴표나 공백이 섞였습니다.", "the access_id came with quotation marks or spaces")
        }
        if let other = try records.partners().first(where: { $0.id != partner.id && Secret($0.accessID).equals(key) }) {
            return verdict(
                "key.other-partner", "파트너 \(other.id)의 access_id입니다. PARTNER-ID와 짝이 맞지 않습니다.",
                "this is the access_id of partner \(other.id), not of the PARTNER-ID that was named")
        }
        return verdict("key.wrong", "이 파트너의 access_id가 아닙니다.", "this is not the partner's access_id")
    }

    private static var replayed: Verdict {
        Verdict(
            warned: "signature.replayed", ko: "같은 SIGNATURE가 전에도 왔습니다. 센트비 방식에는 재사용을 막는 장치가 없어 그대로 통과합니다.",
            en: "the same SIGNATURE came before; the scheme has nothing against that, so it passes",
            fix: ("보낼 때마다(다시 보낼 때도) 새 salt로 암호화하세요.", "Encrypt with a fresh salt for each sending, repeats included."))
    }

    /// Why there is no such call, and which was probably meant.
    var unknownCall: Verdict {
        let methods = CallTable.all.methods(of: call.path).map(\.rawValue)
        if !methods.isEmpty {
            let list = methods.joined(separator: ", ")
            return Verdict(
                "call.method", ko: "이 경로는 \(list)만 받습니다. 요청은 \(call.method.rawValue)입니다.",
                en: "this path takes \(list); it was asked with \(call.method.rawValue)",
                fix: ("메서드를 \(list)(으)로 바꾸세요.", "Use \(list)."),
                ["method": .string(call.method.rawValue), "allowed": .array(methods.map { .string($0) })])
        }
        return Verdict(
            "call.unknown", ko: "센트비 API에 없는 경로입니다.", en: "Sentbe's API has no such path",
            fix: (
                "경로는 /inbound 또는 /outbound로 시작하고 끝에 /가 붙지 않습니다. 철자를 확인하세요.",
                "Paths begin with /inbound or /outbound and have no slash at the end; check the spelling."
            ), ["method": .string(call.method.rawValue)])
    }
}
