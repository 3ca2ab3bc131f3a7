import Base

/// What a callback came to, once the transfer itself was fetched.
struct CheckedCallback: Sendable {
    var externalID: String
    var api: SentbeAPI?
    var transferID: String?
    /// The state that the callback claims; proves nothing.
    var claimed: SentbeTransferStatus
    /// The state that the provider's own answer shows; nothing when the transfer could not be told from the others.
    var confirmed: SentbeTransferStatus?
    /// The transfer as it was fetched.
    var transfer: JSON
    var fetchedAt: Timestamp

    var json: JSON {
        [
            "external_id": .string(externalID), "api": api.map { .string($0.rawValue) } ?? .null,
            "transfer_id": transferID.map { .string($0) } ?? .null,
            "status": ["claimed": .string(claimed.rawValue), "confirmed": confirmed.map { .string($0.rawValue) } ?? .null],
            "transfer": transfer, "fetched_at": .string(fetchedAt.internetText),
        ]
    }
}

/// Callbacks of a connection whose application has no address of its own: it asks for them. Bounded, and lost at a restart, as the transfers themselves can be asked for at any time.
final class CallbackInbox: Sendable {
    static let capacity = 500
    private let callbacks = Locked<[CheckedCallback]>([])

    /// Keeps a callback. One for a transfer that is there takes its place: what counts is the state that was fetched last.
    func keep(_ callback: CheckedCallback) {
        callbacks.withLock { callbacks in
            callbacks.removeAll { $0.externalID.utf8.elementsEqual(callback.externalID.utf8) }
            callbacks.append(callback)
            if callbacks.count > CallbackInbox.capacity { callbacks.removeFirst(callbacks.count - CallbackInbox.capacity) }
        }
    }

    /// All of them, the oldest first.
    var json: JSON { ["callbacks": .array(callbacks.withLock { $0.map(\.json) })] }
}
