internal import Base
internal import Cryptography
import Transport

/// What tells two states of a file apart without reading it.
public struct FileStamp: Sendable, Hashable {
    /// The length in bytes.
    public var size: Int64
    /// When the content was last changed, in nanoseconds since 1970.
    public var modified: Int64
    /// When the file itself was last changed (content, owner, mode), in nanoseconds since 1970.
    public var changed: Int64
    /// The file's number on its disk. A symbolic link counts as what it leads to.
    public var node: UInt64
    /// The disk's number.
    public var device: UInt64

    /// A stamp by its parts.
    public init(size: Int64, modified: Int64, changed: Int64, node: UInt64, device: UInt64) {
        self.size = size
        self.modified = modified
        self.changed = changed
        self.node = node
        self.device = device
    }
}

/// Decides when the files of one pair have changed and hold still enough to be acted on.
///
/// A value without input or output. Two files are never replaced in one step, and one that is written in place is half there for a while: what
/// can be used counts as soon as it was seen twice alike, what cannot be used only when it has stayed so for ``patience``.
struct IdentityWatch: Sendable {
    /// How often the stamps are looked at.
    static let interval = Duration.milliseconds(500)
    /// How soon they are looked at again when something is changing.
    static let closeInterval = Duration.milliseconds(200)
    /// How long a content that can be used must hold still.
    static let settling = Duration.milliseconds(150)
    /// How long a content that cannot be used must hold still before it is reported.
    static let patience = Duration.seconds(2)

    /// The stamps of the certificate's file and of the key's; nothing for what is no file or not there.
    struct Stamps: Sendable, Hashable {
        var certificate: FileStamp?
        var key: FileStamp?
    }

    /// What reading both brought.
    struct Sighting: Sendable {
        /// The stamps before and after.
        var before: Stamps
        var after: Stamps
        /// A digest over both contents.
        var digest: [UInt8]
        /// Whether the contents can be used together.
        var isUsable: Bool
    }

    /// What comes of a sighting.
    enum Decision: Sendable, Hashable {
        /// It is what was decided on last.
        case unchanged
        /// It is new and can be used.
        case accept
        /// It is new and cannot be used.
        case reject
        /// Somebody may still be writing.
        case wait
    }

    private struct Pending: Sendable {
        var stamps: Stamps
        var digest: [UInt8]
        var since: Duration
    }

    private var stamps: Stamps?
    private var digest: [UInt8]?
    private var pending: Pending?
    /// Whether to read once more although the stamps are the same: a change within the clock's grain shows in the content only.
    private var mustReadAgain = false

    /// When the next look is due.
    var pause: Duration { pending == nil ? IdentityWatch.interval : IdentityWatch.closeInterval }

    /// The stamps were looked at: whether the files are to be read.
    mutating func looked(_ found: Stamps) -> Bool {
        if pending != nil || found != stamps { return true }
        defer { mustReadAgain = false }
        return mustReadAgain
    }

    /// The files were read.
    ///
    /// - Parameter isAsked: Whether somebody asked to act on what is there now.
    mutating func read(_ sighting: Sighting, at uptime: Duration, isAsked: Bool = false) -> Decision {
        guard sighting.before == sighting.after else {
            pending = Pending(stamps: sighting.after, digest: [], since: uptime)
            return .wait
        }
        guard sighting.digest != digest else {
            settle(sighting, readAgain: false)
            return .unchanged
        }
        if isAsked || stamps == nil { return decided(sighting) }
        guard let pending, pending.stamps == sighting.after, pending.digest == sighting.digest else {
            pending = Pending(stamps: sighting.after, digest: sighting.digest, since: uptime)
            return .wait
        }
        let held = uptime - pending.since
        return held >= (sighting.isUsable ? IdentityWatch.settling : IdentityWatch.patience) ? decided(sighting) : .wait
    }

    private mutating func decided(_ sighting: Sighting) -> Decision {
        settle(sighting, readAgain: true)
        return sighting.isUsable ? .accept : .reject
    }

    private mutating func settle(_ sighting: Sighting, readAgain: Bool) {
        stamps = sighting.after
        digest = sighting.digest
        pending = nil
        mustReadAgain = readAgain
    }
}
