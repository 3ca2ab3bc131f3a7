import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage

/// One API group that this sandbox plays, with everything that only it needs. What is common to all (mini-apps, certificates, users, the front, the limit,
/// the callbacks' outbox) asks the parts in ``SandboxParts/all`` and knows none of them by name.
struct SandboxPart: Sendable {
    /// The part's name; its tables belong to the owner `apps-in-toss-<name>`.
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
    /// Fields that the request log must not show of one route's calls only, by the route's name.
    var routePrivacy: [String: RoutePrivacy] = [:]
    /// The kinds of callbacks that the part sends.
    var callbacks: [CallbackKind] = []
    /// Header fields that every callback of the sandbox carries besides its own, such as those of a simulated source.
    var callbackFields: @Sendable (_ callback: Callback, _ settings: SandboxSettings) -> [(name: String, value: String)] = { _, _ in [] }
    /// Makes a new mini-app's first data: the demo data for the demo tenant's first.
    var makeData: @Sendable (_ records: Records, _ app: MiniApp, _ now: Timestamp, _ random: any RandomSource) throws -> Void = {
        _, _, _, _ in
    }
    /// What the control API shows of a mini-app besides what is common.
    var describe: @Sendable (_ records: Records, _ app: MiniApp) throws -> JSON.Members = { _, _ in [:] }
    /// When the next thing of this part comes due by the tenant's clock, callbacks aside; nothing when there is none.
    var nextDue: @Sendable (_ records: Records) throws -> Timestamp? = { _ in nil }
    /// Does the one thing that ``nextDue`` told of, as of its own moment, and no other.
    var runNextDue: @Sendable (_ records: Records, _ settings: SandboxSettings, _ random: any RandomSource) throws -> Void = { _, _, _ in }
    /// A mini-app's webhook was entered in its console at that moment.
    var webhookRegistered: @Sendable (_ records: Records, _ app: MiniApp, _ moment: Timestamp) throws -> Void = { _, _, _ in }
    /// Answers a call of the control API by the segments of its path behind `/-/apps-in-toss/`; nothing when it is not this part's.
    var control: @Sendable (_ desk: ControlDesk, _ segments: [String]) throws -> ControlDesk.Answer? = { _, _ in nil }
}

extension SandboxPart {
    /// The owner of the part's tables.
    var owner: String { "apps-in-toss-\(name)" }
}

/// The parts, in the order in which their calls, settings and data come.
enum SandboxParts {
    // One part a line, so that a further one is one line more.
    // swift-format-ignore
    static let all: [SandboxPart] = [
        .common,
        .login,
        .pay,
        .purchases,
        .messages,
        .promotion,
        .anonymousKey,
        .callbackSource,
    ]

    /// The kind of callback of that name.
    static func callbackKind(_ name: String) -> CallbackKind? { all.flatMap(\.callbacks).first { $0.name == name } }
}
