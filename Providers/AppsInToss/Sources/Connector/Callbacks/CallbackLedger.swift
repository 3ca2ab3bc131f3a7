import Base
import Cryptography
import ProviderKit

/// Which callbacks the application has taken, kept over a restart: the provider sends again what it got no answer to.
final class CallbackLedger: Sendable {
    /// One callback, recognisable again; says nothing of the person it is about.
    struct Mark: Sendable, Hashable {
        let kind: CallbackKind
        /// The SHA-256 digest of what makes it the same one, in hexadecimal.
        let digest: String

        init(_ kind: CallbackKind, identity: String) {
            self.kind = kind
            digest = Hexadecimal.encode(Digest.sha256.hash(Array("\(kind.rawValue) \(identity)".utf8)))
        }

        fileprivate var name: String { "callback/\(kind.rawValue)/\(digest)" }
    }

    /// How long a callback is remembered (ours). An unlink notice only while the provider may still be repeating it: its user may link and unlink again.
    static func memory(_ kind: CallbackKind) -> Duration { kind == .unlink ? .seconds(600) : .seconds(30 * 86_400) }

    private let records: any RecordKeeper
    private let time: any TimeSource
    private let underWay = Locked<Set<Mark>>([])

    init(records: any RecordKeeper, time: any TimeSource) {
        self.records = records
        self.time = time
    }

    /// Takes a callback into work; false when the same one is being worked on at this moment.
    func begins(_ mark: Mark) -> Bool { underWay.withLock { $0.insert(mark).inserted } }
    /// The work on a callback is over.
    func ends(_ mark: Mark) { underWay.withLock { _ = $0.remove(mark) } }

    /// Whether the application has taken that callback before.
    func wasTaken(_ mark: Mark) async throws(RecordError) -> Bool { try await records.record(mark.name) != nil }

    /// The application has taken it.
    func taken(_ mark: Mark) async throws(RecordError) {
        let now = time.now
        try await records.keep(mark.name, Array(now.internetText.utf8), until: now + CallbackLedger.memory(mark.kind))
    }
}
