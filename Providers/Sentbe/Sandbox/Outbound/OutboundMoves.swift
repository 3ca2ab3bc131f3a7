import Base
import SandboxKit
import Sentbe
import Storage

extension Records {
    /// Something happens to a transfer that can happen to it now: state, credit, callback and the next thing that time will do to it, all at once.
    ///
    /// - Returns: The transfer afterwards; nothing when the event cannot happen to it now.
    func happen(_ event: OutboundStatus.Event, to transfer: OutboundTransfer, _ settings: SandboxSettings, at moment: Timestamp) throws
        -> OutboundTransfer?
    {
        guard let status = transfer.status.after(event) else { return nil }
        var transfer = transfer
        transfer.status = status
        if event == .released { transfer.isCleared = true }
        transfer.dueAt = status == .processing ? settings[OutboundSettings.processingSeconds].map { moment + .seconds($0) } : nil
        try save(transfer)
        if status.isUndone, transfer.quote.creditUsage > 0, var user = try outboundUser(transfer.userID) {
            user.credit += transfer.quote.creditUsage
            try save(user)
        }
        try announce(transfer, settings, at: moment)
        return transfer
    }

    /// Tells the partner where its transfer stands.
    func announce(_ transfer: OutboundTransfer, _ settings: SandboxSettings, at moment: Timestamp) throws {
        try announce(
            .outbound, partner: transfer.partner, transfer: transfer.id, externalID: transfer.externalID, status: transfer.status.rawValue,
            settings: settings, at: moment)
    }

    /// Does what time does to the transfer that is due first, as of its own moment.
    func runNextDueOutboundTransfer(_ settings: SandboxSettings) throws {
        guard var transfer = try nextDueOutboundTransfer(), let moment = transfer.dueAt else { return }
        let event: OutboundStatus.Event
        switch transfer.status {
        case .requested: event = .timeRanOut
        case .processing:
            let isHeld = settings[OutboundSettings.filterFrom].map { transfer.quote.sendAmount >= $0 } ?? false
            event = isHeld && !transfer.isCleared ? .held : .paidOut
        default:
            // Nothing is due in any other state; a row that says so all the same must not be asked for again and again.
            transfer.dueAt = nil
            return try save(transfer)
        }
        _ = try happen(event, to: transfer, settings, at: moment)
    }
}
