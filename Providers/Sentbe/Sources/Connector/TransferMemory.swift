import Base

/// What a connection knows of the transfers that went through it, so that a callback, which carries the external_id only, can be checked.
///
/// Bounded: the oldest entry goes when there are too many. Lost at a restart; then the newest pages of the list are all there is.
final class TransferMemory: Sendable {
    /// What a new transfer can be recognised by in a list, which does not show its external_id.
    struct Fingerprint: Sendable, Equatable {
        var api: SentbeAPI
        var userID: String
        var recipientID: String
        var amount: String

        /// The marks in the parameters of a new transfer; nothing when one is missing.
        init?(_ api: SentbeAPI, _ parameters: JSON) {
            let amount = api == .inbound ? parameters["transfer_info"]?.text("send_amount") : parameters.text("recieve_amount")
            guard let userID = parameters.text("user_id"), let recipientID = parameters.text("recipient_id"), let amount else { return nil }
            self.init(api: api, userID: userID, recipientID: recipientID, amount: amount)
        }

        init(api: SentbeAPI, userID: String, recipientID: String, amount: String) {
            self.api = api
            self.userID = userID
            self.recipientID = recipientID
            self.amount = amount
        }
    }

    struct Entry: Sendable {
        var api: SentbeAPI?
        var transferID: String?
        var fingerprint: Fingerprint?
        /// When the transfer was first sent: an older one of the same marks is another.
        var sentAt: Timestamp?
        /// The state that was handed on last.
        var handedOn: SentbeTransferStatus?
    }

    /// How many transfers are kept.
    static let capacity = 10_000

    /// A text by its bytes: two external_ids that only look alike are two transfers, and `String` takes them for one.
    private typealias Key = [UInt8]

    private struct State {
        var entries: [Key: Entry] = [:]
        /// Order of arrival; the numbers make removal from the front cheap.
        var order: [Key] = []
        var first = 0
        var owners: [Key: Key] = [:]
    }

    private let state = Locked(State())

    /// A new transfer is about to be sent.
    func sent(_ externalID: String, _ fingerprint: Fingerprint?, at moment: Timestamp) {
        guard let fingerprint else { return }
        change(externalID) { entry in
            guard entry.transferID == nil else { return }
            entry.api = fingerprint.api
            entry.fingerprint = fingerprint
            // Of a call that is made again the first may be the one that went through.
            entry.sentAt = min(entry.sentAt ?? moment, moment)
        }
    }

    /// The provider has told a transfer's id.
    func learned(_ externalID: String, api: SentbeAPI, transferID: String) {
        change(externalID) { entry in
            entry.api = api
            entry.transferID = transferID
        }
        state.withLock { $0.owners[TransferMemory.key(api, transferID)] = Array(externalID.utf8) }
    }

    func handedOn(_ externalID: String, _ status: SentbeTransferStatus) { change(externalID) { $0.handedOn = status } }

    func entry(_ externalID: String) -> Entry? { state.withLock { $0.entries[Array(externalID.utf8)] } }

    /// Whether a transfer is known to belong to another external_id.
    func isTaken(_ api: SentbeAPI, _ transferID: String, by other: String) -> Bool {
        state.withLock { state in state.owners[TransferMemory.key(api, transferID)].map { $0 != Array(other.utf8) } ?? false }
    }

    private static func key(_ api: SentbeAPI, _ transferID: String) -> Key { Array("\(api.rawValue)/\(transferID)".utf8) }

    private func change(_ externalID: String, _ body: (inout Entry) -> Void) {
        let key = Array(externalID.utf8)
        state.withLock { state in
            if state.entries[key] == nil {
                state.order.append(key)
                if state.entries.count >= TransferMemory.capacity { TransferMemory.dropOldest(&state) }
            }
            body(&state.entries[key, default: Entry()])
        }
    }

    private static func dropOldest(_ state: inout State) {
        let oldest = state.order[state.first]
        state.first += 1
        if let entry = state.entries.removeValue(forKey: oldest), let api = entry.api, let id = entry.transferID {
            state.owners.removeValue(forKey: key(api, id))
        }
        if state.first > capacity {
            state.order.removeFirst(state.first)
            state.first = 0
        }
    }
}

/// A transfer as a reply shows it; the two products wrap it differently.
struct TransferView {
    let json: JSON
    let api: SentbeAPI

    init(_ json: JSON, _ api: SentbeAPI) {
        self.json = json
        self.api = api
    }

    /// The object with the ids: inside `transfer_info` where there is one.
    private var body: JSON { json["transfer_info"].flatMap { $0.members == nil ? nil : $0 } ?? json }

    var transferID: String? { body.text("transfer_id") ?? json.text("transfer_id") }
    /// Not documented in replies; believed where it is there.
    var externalID: String? { body.text("external_id") ?? json.text("external_id") }
    var status: SentbeTransferStatus? { body["status"]?.string.map { SentbeTransferStatus(rawValue: $0) } }
    private var createdAt: Timestamp? { body.text("created_at").flatMap { Timestamp(internetText: $0) } }

    /// How far the provider's clock may be behind. Ours.
    private static let clockDifference: Duration = .seconds(60)

    /// Whether this may be the transfer that was sent under that entry: its marks, and not made before it was sent.
    func fits(_ entry: TransferMemory.Entry) -> Bool {
        guard let fingerprint = entry.fingerprint, let sentAt = entry.sentAt, let createdAt,
            createdAt >= sentAt - TransferView.clockDifference
        else { return false }
        guard fingerprint.api == api, body.text("user_id") == fingerprint.userID, body.text("recipient_id") == fingerprint.recipientID,
            let amount = body.text("receive_amount")
        else { return false }
        guard let shown = ExactDecimal(amount), let sent = ExactDecimal(fingerprint.amount) else { return false }
        return shown == sent
    }
}
