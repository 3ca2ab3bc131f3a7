import Base
import SandboxKit
import Sentbe

extension SandboxPart {
    /// The inbound API: a foreign partner pays out to Korean accounts from a wallet that it has filled in advance.
    static let inbound = SandboxPart(
        name: "inbound", migrations: InboundTables.migrations, tables: InboundTables.names,
        rows: InboundCalls.rows, settings: InboundSettings.all,
        makeData: { records, partner, now, _ in
            for currency in InboundSettings.currencies { try records.openWallet(of: partner.id, currency) }
            guard partner.tenant == .demo, partner.id == SentbeDemonstration.partnerID else { return }
            try records.addInboundDemoData(to: partner, now: now)
        },
        describe: { records, partner in ["balances": .array(try records.balances(of: partner.id).map(\.json))] },
        nextDue: { try $0.nextDueTransfer()?.dueAt },
        runNextDue: { records, settings, _ in try records.runNextDueTransfer(settings) },
        control: { desk, segments in try desk.inbound(segments) })
}

/// What the sandbox does with each inbound call.
enum InboundCalls {
    static let rows: [CallRow] = SentbeRoutes.inbound.compactMap { route in handlers[route.name].map { CallRow(route, $0) } }

    private static let handlers: [String: @Sendable (CallContext) throws -> JSON] = [
        "inbound-create-user": { try $0.createUser() },
        "inbound-users": { try $0.listUsers() },
        "inbound-user": { try $0.ownUser($0.path["id"] ?? "").json },
        "inbound-update-user": { try $0.updateUser() },
        "inbound-create-recipient": { try $0.createRecipient() },
        "inbound-recipients": { try $0.listRecipients() },
        "inbound-recipient": { try $0.ownRecipient($0.path["id"] ?? "").json },
        "inbound-update-recipient": { try $0.updateRecipient() },
        "inbound-banks": { $0.listBanks() },
        "inbound-balances": { .array(try $0.records.balances(of: $0.partner.id).map(\.json)) },
        "inbound-balance": { try $0.balance() },
        "inbound-quote": { try $0.quote() },
        "inbound-create-transfer": { try $0.createTransfer() },
        "inbound-transfers": { try $0.listTransfers() },
        "inbound-transfer": { try $0.ownTransfer($0.path["id"] ?? "").json },
    ]
}
