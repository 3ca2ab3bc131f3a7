import Base
import ProviderKit
import SandboxKit
import Storage

/// One of the APIs that this sandbox plays, with everything that only it needs. What is common to all (partners, the front, the callbacks' outbox)
/// asks the parts in ``SandboxParts/all`` and knows none of them by name.
struct SandboxPart: Sendable {
    /// The part's name; its tables belong to the owner `sentbe-<name>`.
    var name: String
    /// The part's own tables, brought up to date when the sandbox opens.
    var migrations: [Migration] = []
    /// The names of those tables, each with a column `tenant`, for dropping a tenant.
    var tables: [String] = []
    /// The part's calls behind the common front.
    var rows: [CallRow] = []
    /// The part's settings.
    var settings: [AnySetting] = []
    /// Fields that the request log must not show, besides the common ones.
    var redactedFields: Set<String> = []
    /// A door of its own, for calls that do not come through the common front.
    var front: (any SeparateFront)?
    /// Makes a new partner's first data: the demo data for the demo tenant.
    var makeData: @Sendable (_ records: Records, _ partner: Partner, _ now: Timestamp, _ random: any RandomSource) throws -> Void = {
        _, _, _, _ in
    }
    /// What the control API shows of a partner besides what is common: balances, further credentials.
    var describe: @Sendable (_ records: Records, _ partner: Partner) throws -> JSON.Members = { _, _ in [:] }
    /// When the next thing of this part comes due by the tenant's clock; nothing when there is none.
    var nextDue: @Sendable (_ records: Records) throws -> Timestamp? = { _ in nil }
    /// Does the one thing that ``nextDue`` told of, as of its own moment, and no other.
    var runNextDue: @Sendable (_ records: Records, _ settings: SandboxSettings, _ random: any RandomSource) throws -> Void = { _, _, _ in }
    /// Answers a call of the control API by the segments of its path behind `/-/sentbe/`; nothing when it is not this part's.
    var control: @Sendable (_ desk: ControlDesk, _ segments: [String]) throws -> ControlDesk.Answer? = { _, _ in nil }
}

/// A door beside the common front: calls with credentials and envelopes of another kind.
protocol SeparateFront: Sendable {
    /// Whether `call` comes through this door.
    func owns(_ call: Call) -> Bool
    /// The call's name as the request log shows it; nothing when there is no such call.
    func routeName(of call: Call) -> String?
    /// Whether the call changes something for certain.
    func needsWriting(_ call: Call) -> Bool
    /// Whether the call is for a page that a browser reaches from another site.
    func isPage(_ call: Call) -> Bool
    /// Whose credentials the call carries; nothing when they name nobody.
    func tenant(of call: Call, _ connection: Connection) throws -> TenantID?
    /// Judges the call.
    ///
    /// - Throws: ``Rejection`` when it is refused, ``NeedsWriting`` when it cannot be judged by reading alone.
    func judge(_ desk: Desk, _ connection: Connection, mayWrite: Bool) throws -> Finished
}

extension SandboxPart {
    /// The owner of the part's tables.
    var owner: String { "sentbe-\(name)" }
}

/// The parts, in the order in which their calls, settings and data come.
enum SandboxParts {
    static let all: [SandboxPart] = [.common, .inbound, .outbound, .generation2]
}
