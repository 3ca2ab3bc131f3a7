import Base
import ProviderKit
import SandboxKit
import Sentbe

extension SandboxPart {
    /// The outbound API: a Korean partner's users send money abroad.
    static let outbound = SandboxPart(
        name: "outbound", migrations: OutboundTables.migrations, tables: OutboundTables.names, rows: OutboundCalls.rows,
        settings: OutboundSettings.all,
        redactedFields: [
            "identification_number", "passport", "card_number", "card_holder_name", "address_attributes", "virtual_account",
        ],
        makeData: { records, partner, now, random in
            guard partner.tenant == .demo, partner.id == SentbeDemonstration.partnerID else { return }
            try records.addOutboundDemoData(to: partner, now: now, random)
        },
        nextDue: { try $0.nextDueOutboundTransfer()?.dueAt },
        runNextDue: { records, settings, _ in try records.runNextDueOutboundTransfer(settings) },
        control: { desk, segments in try desk.outbound(segments) })
}

/// What the sandbox does with each outbound call.
enum OutboundCalls {
    static let rows: [CallRow] = (SentbeRoutes.outbound + twins).compactMap { route in
        handlers[route.name].map { handler in
            CallRow(adapted(route), answer: { context in try OutboundCall(context).answer(handler) })
        }
    }

    /// The page of the codes prints `/inbound/…`, surely a slip: they are served under both.
    private static let twins: [SentbeRoute] = SentbeRoutes.outbound.filter { $0.name.hasPrefix("outbound-codes") }.map { route in
        var twin = route
        twin.route = Route(
            route.name.replacing("outbound-", with: "inbound-"), route.route.method, route.path.replacing("/outbound/", with: "/inbound/"),
            route.route.effect)
        return twin
    }

    /// What the front must know of a call otherwise than the documentation's table says.
    private static func adapted(_ route: SentbeRoute) -> SentbeRoute {
        var route = route
        switch route.name {
        case "outbound-create-user":
            // Consents that are missing have an error code of their own, so the front must let them pass.
            let free = SentbeLists.agreements.map { SentbeParameter($0) }
            route.parameters = route.parameters.map {
                $0.name == "agreements_attributes" ? SentbeParameter($0.name, isRequired: false, members: free) : $0
            }
        case "outbound-quote":
            // It keeps the rate that it tells.
            route.route.effect = .repeatable
        default: break
        }
        return route
    }

    private static let handlers: [String: @Sendable (OutboundCall) throws -> CallContext.Answer] = [
        "outbound-create-user": { .data(try $0.createUser()) },
        "outbound-users": { .data(try $0.listUsers()) },
        "outbound-user": { .data(try $0.showUser()) },
        "outbound-update-user": { .data(try $0.updateUser()) },
        "outbound-register-by-mobile": { .data(try $0.registerByMobile()) },
        "outbound-data-list": { .data(try $0.dataList()) },
        "outbound-check-bank": { .data(try $0.checkBank()) },
        "outbound-verify-bank": { try $0.verifyBank() },
        "outbound-check-mobile": { .data(try $0.checkMobile()) },
        "outbound-verify-mobile": { try $0.verifyMobile() },
        "outbound-check-document": { .data(try $0.checkDocument()) },
        "outbound-recipient-fields": { .data(try $0.recipientFields()) },
        "outbound-recipient-fields-of-country": { .data(try $0.recipientFields()) },
        "outbound-recipient-fields-of-method": { .data(try $0.recipientFields()) },
        "outbound-create-recipient": { .data(try $0.createRecipient()) },
        "outbound-recipients": { .data(try $0.listRecipients()) },
        "outbound-recipient": { .data(try $0.ownRecipient($0.path("recipient_id")).json) },
        "outbound-recipients-of-user": { .data(try $0.listRecipients()) },
        "outbound-codes": { .data(try $0.listCodes()) },
        "outbound-codes-of-country": { .data(try $0.listCodes()) },
        "inbound-codes": { .data(try $0.listCodes()) },
        "inbound-codes-of-country": { .data(try $0.listCodes()) },
        "outbound-quote": { .data(try $0.quote()) },
        "outbound-create-transfer": { .data(try $0.createTransfer()) },
        "outbound-transfers": { .data(try $0.listTransfers()) },
        "outbound-transfer": { .data(try $0.ownTransfer($0.path("transfer_id")).json) },
        "outbound-transfers-of-user": { .data(try $0.listTransfers()) },
        "outbound-cancel-transfer": { .data(try $0.cancelTransfer()) },
    ]
}

/// One accepted call of the outbound API: the handlers are in extensions, by subject.
struct OutboundCall {
    let context: CallContext

    init(_ context: CallContext) { self.context = context }

    var parameters: Parameters { context.parameters }
    var records: Records { context.records }
    var settings: SandboxSettings { context.settings }
    var partner: Partner { context.partner }
    var now: Timestamp { context.now }
    var random: any RandomSource { context.random }

    /// A segment of the path.
    func path(_ name: String) -> String { context.path[name] ?? "" }

    /// Lets the fault strike that was ordered for this call, or hands it to its rules.
    func answer(_ handler: (OutboundCall) throws -> CallContext.Answer) throws -> CallContext.Answer {
        guard let fault = try records.outboundFault(for: context.row.route.name) else { return try handler(self) }
        // A fault that strikes is one fewer, which cannot be kept while only reading.
        guard context.mayWrite else { throw NeedsWriting() }
        try records.struck(fault)
        return .refusedButKept(
            Refused(
                fault.code,
                Verdict(
                    "fault.ordered", ko: "관리 API에 주문해 둔 오류 \(fault.code.rawValue)입니다. 호출은 아무것도 바꾸지 않았습니다.",
                    en: "the error \(fault.code.rawValue) was ordered through the control API; the call has changed nothing",
                    fix: (
                        "DELETE /-/sentbe/outbound/faults 로 남은 주문을 지울 수 있습니다.",
                        "DELETE /-/sentbe/outbound/faults drops the orders that are left."
                    ), ["call": .string(fault.call), "remaining": .number(fault.remaining - 1)])))
    }

    /// The refusal of a situation whose code a tenant may choose.
    func refused(_ situation: OutboundSituation, _ verdict: Verdict) -> Refused {
        var verdict = verdict
        verdict.details["situation"] = .string(situation.rawValue)
        return Refused(settings[OutboundSettings.codes][situation] ?? situation.standard, verdict)
    }

    // MARK: Who and what an id means

    /// The caller's user of an id out of a path or a parameter, with its external_id.
    ///
    /// - Throws: `E0002` when there is no such user, `E0101` when it is not registered with this partner.
    func ownUser(_ id: String) throws -> (user: OutboundUser, externalID: String) {
        guard let user = try Parameters.id(id).flatMap({ try records.outboundUser($0) }) else { throw try unknownUser(id) }
        if let externalID = try records.externalID(of: user.id, at: partner.id) { return (user, externalID) }
        throw Refused(
            .userNotRegistered,
            Verdict(
                "user.not-registered", ko: "센트비에는 있지만 이 파트너에 등록되지 않은 사용자입니다.",
                en: "the user exists at Sentbe and is not registered with this partner",
                fix: (
                    "POST /outbound/registrations/mobile 로 등록을 시작하고, token_type external로 인증을 마치세요.",
                    "Begin with POST /outbound/registrations/mobile and finish the verification with token_type external."
                ), ["user_id": .string(id)]))
    }

    /// Why an id is nobody's.
    func unknownUser(_ id: String) throws -> Refused {
        if try records.outboundUserID(externalID: id, at: partner.id) != nil {
            return Refused(
                .invalidID,
                Verdict(
                    "user.external-id", ko: "센트비 user_id 자리에 external_id가 왔습니다.",
                    en: "this is an external_id where Sentbe's user_id belongs",
                    fix: ("사용자를 만들 때 받은 data.id를 쓰세요.", "Use data.id from the reply that made the user.")), message: "Invalid user id")
        }
        return unknown(id, "user", ko: "사용자", door: "users")
    }

    /// The caller's recipient of an id.
    ///
    /// - Throws: `E0002` when there is none, or it is another partner's.
    func ownRecipient(_ id: String) throws -> OutboundRecipient {
        let recipient = try Parameters.id(id).flatMap { try records.outboundRecipient($0) }
        if let recipient, recipient.partner == partner.id { return recipient }
        throw unknown(id, "recipient", ko: "수취인", door: "recipients", isOther: recipient != nil)
    }

    /// The caller's transfer of an id.
    ///
    /// - Throws: `E0002` when there is none, or it is another partner's.
    func ownTransfer(_ id: String) throws -> OutboundTransfer {
        let transfer = try Parameters.id(id).flatMap { try records.outboundTransfer($0) }
        if let transfer, transfer.partner == partner.id { return transfer }
        guard transfer == nil, try records.outboundTransfer(externalID: id, at: partner.id) != nil else {
            throw unknown(id, "transfer", ko: "송금", door: "transfers", isOther: transfer != nil)
        }
        throw Refused(
            .invalidID,
            Verdict(
                "transfer.external-id", ko: "transfer_id 자리에 external_id가 왔습니다. external_id로는 조회할 수 없습니다.",
                en: "this is an external_id where a transfer_id belongs; nothing can be looked up by external_id",
                fix: (
                    "만들 때 받은 data.transfer_id를 쓰세요. 모르면 GET /outbound/transfers/user/{user_id} 의 최근 쪽에서 찾으세요.",
                    "Use data.transfer_id from the reply; when it is lost, walk the newest pages of GET /outbound/transfers/user/{user_id}."
                )), message: "Invalid transfer id")
    }

    private func unknown(_ id: String, _ kind: String, ko korean: String, door: String, isOther: Bool = false) -> Refused {
        let isNumber = (1...18).contains(id.utf8.count) && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let rule = isOther ? "\(kind).other-partner" : isNumber ? "\(kind).unknown" : "\(kind).no-id"
        return Refused(
            .invalidID,
            Verdict(
                rule,
                ko: isOther
                    ? "다른 파트너의 \(korean)입니다. PARTNER-ID를 확인하세요." : isNumber ? "없는 \(korean) id입니다." : "\(korean) id는 숫자여야 합니다.",
                en: isOther
                    ? "the \(kind) is another partner's; look at PARTNER-ID"
                    : isNumber ? "there is no such \(kind) id" : "a \(kind) id is a number",
                fix: (
                    "GET /-/sentbe/outbound/\(door) 로 있는 것을 확인하세요. 만들 때 받은 id를 보관해야 합니다.",
                    "GET /-/sentbe/outbound/\(door) lists what there is; the id from the reply must be stored."
                ),
                // What is not shaped like an id may be anything, a secret included.
                isNumber ? ["\(kind)_id": .string(id)] : ["length": .number(id.utf8.count)]), message: "Invalid \(kind) id")
    }

    /// A bank, an agent, a card scheme or a courier by its code.
    ///
    /// - Throws: `E0012` when the country has no such code for the method.
    func checkCode(_ value: String, _ country: String, _ method: SentbeReceiveMethod, _ parameter: String) throws(Refused) {
        guard !RemittanceCode.exists(value, country, method) else { return }
        let isName = RemittanceCode.table.contains { [$0.label, $0.korean, $0.english].contains(value) }
        throw Refused(
            .bankNotSupported,
            Verdict(
                isName ? "code.name" : "code.unknown",
                ko: isName ? "\(parameter)에 이름을 넣었습니다. 이름은 name이지만 코드를 넣는 자리입니다." : "\(country)의 \(method.rawValue) 목록에 없는 코드입니다.",
                en: isName
                    ? "\(parameter) holds a name; despite its own name it takes a code"
                    : "\(country) has no such code for \(method.rawValue)",
                fix: (
                    "GET /outbound/remittance_codes/\(method.pathText)/\(country) 의 value를 쓰세요.",
                    "Use a value of GET /outbound/remittance_codes/\(method.pathText)/\(country)."
                ), ["parameter": .string(parameter), "country": .string(country)]))
    }
}
