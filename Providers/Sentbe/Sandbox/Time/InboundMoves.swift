import Base
import SandboxKit
import Sentbe
import Storage

extension Records {
    /// Makes a move, which must be allowed from where the transfer stands: state, wallet, callback and the next thing that time will do to it, all at once.
    ///
    /// - Returns: The transfer afterwards.
    func make(_ move: InboundTransfer.Move, of transfer: InboundTransfer, _ settings: SandboxSettings, at moment: Timestamp) throws
        -> InboundTransfer
    {
        guard let target = move.target(from: transfer.status) else { return transfer }
        var transfer = transfer
        transfer.status = target
        if move == .release { transfer.isCleared = true }
        transfer.dueAt = target == .processing ? moment + .seconds(settings[InboundSettings.processingSeconds]) : nil
        try save(transfer)
        if target.isCreditedBack { try giveBack(transfer, withFee: settings[InboundSettings.refundsFee], at: moment) }
        try announce(transfer, settings, at: moment)
        return transfer
    }

    /// Tells the partner where its transfer stands.
    func announce(_ transfer: InboundTransfer, _ settings: SandboxSettings, at moment: Timestamp) throws {
        try announce(
            .inbound, partner: transfer.partner, transfer: transfer.id, externalID: transfer.externalID, status: transfer.status.rawValue,
            settings: settings, at: moment)
    }

    /// A recipient has confirmed: every transfer that waited for it goes on.
    func verify(_ recipient: InboundRecipient, _ settings: SandboxSettings, at moment: Timestamp) throws {
        var recipient = recipient
        recipient.verifiedAt = recipient.verifiedAt ?? moment
        try save(recipient)
        for transfer in try transfersWaiting(for: recipient.id) { _ = try make(.verify, of: transfer, settings, at: moment) }
    }

    /// Does what time does to the transfer that is due first, as of its own moment.
    func runNextDueTransfer(_ settings: SandboxSettings) throws {
        guard let transfer = try nextDueTransfer(), let moment = transfer.dueAt else { return }
        switch transfer.status {
        case .waiting: _ = try make(.expire, of: transfer, settings, at: moment)
        case .processing:
            let isHeld = settings[InboundSettings.filterFrom].flatMap { Money(whole: $0) }.map { transfer.amount >= $0 } ?? false
            _ = try make(isHeld && !transfer.isCleared ? .aml : .complete, of: transfer, settings, at: moment)
        default:
            // Nothing is due in any other state; a row that says so all the same must not be asked for again and again.
            var transfer = transfer
            transfer.dueAt = nil
            try save(transfer)
        }
    }
}
