import AppsInToss
import Base
import SandboxKit

/// Settings that all parts share. Nobody has published the values that are in force unless told.
enum CommonSettings {
    /// How `errorCode` is written where it is made of digits.
    enum CodeStyle: String, Sendable, CaseIterable {
        case text
        case number
    }

    /// What a call is answered with that names a user whom the mini-app does not know.
    enum UnknownUser: String, Sendable, CaseIterable {
        case userNotFound = "USER_NOT_FOUND"
        case unauthenticated = "4010"

        var code: AppsInTossErrorCode { AppsInTossErrorCode(rawValue: rawValue) }
    }

    static let badCertificateEndsHandshake = Setting.boolean("bad_certificate_ends_handshake", false)
    static let plainDoor = Setting.boolean("plain_door", true)
    static let hostsApart = Setting.boolean("hosts_apart", true)
    static let codeStyle = Setting<CodeStyle>.choice("error_code_style", .text)
    static let reasons = Setting<JSON.Members>.members(
        "error_reasons", [:],
        BilingualText(korean: "{\"4095\":\"문구\"} 같은 객체", english: "an object such as {\"4095\":\"words\"}"),
        where: { name, value in !name.isEmpty && (value.string.map { $0.utf8.count <= 500 } ?? false) })
    static let unknownUser = Setting<UnknownUser>.choice("unknown_user_code", .userNotFound)
    static let callbackPauses = Setting.integers("callback_pauses", [10, 60, 300], 1...86_400, atMost: 20)
    static let callbackTimeout = Setting.integer("callback_timeout", 10, 1...120)
    static let scopesNeedCallback = Setting.boolean("scopes_need_unlink_callback", true)

    static let all: [AnySetting] =
        [
            badCertificateEndsHandshake.erased, plainDoor.erased, hostsApart.erased, codeStyle.erased, reasons.erased, unknownUser.erased,
            callbackPauses.erased,
            callbackTimeout.erased, scopesNeedCallback.erased,
        ] + LimitSettings.all
}

/// Settings of the request limit. Only the numbers 3,000 and 10 are documented.
enum LimitSettings {
    /// Whose calls are counted together.
    enum Scope: String, Sendable, CaseIterable {
        /// All of a mini-app's.
        case bothHosts = "both-hosts"
        /// A mini-app's to each of the two hosts; behind a loopback name, to where the call belongs.
        case perHost = "per-host"
    }

    static let model = Setting<RateModelKind>.choice("limit_model", .slidingMinute)
    static let blockSeconds = Setting.integer("limit_block_seconds", 60, 0...86_400)
    static let countsRefused = Setting.boolean("limit_counts_refused", false)
    static let scope = Setting<Scope>.choice("limit_scope", .bothHosts)
    static let answers429 = Setting.boolean("limit_http_429", false)
    static let userPerMinute = Setting.optionalInteger("user_limit_per_minute", Int64(AppsInTossLimits.callsPerUserAndMinute), 1...100_000)

    static let all = [
        model.erased, blockSeconds.erased, countsRefused.erased, scope.erased, answers429.erased, userPerMinute.erased,
    ]
}

extension SandboxSettings {
    /// The rule of a mini-app's limit.
    func limitRule(_ app: MiniApp) -> LimitRule {
        LimitRule(
            perMinute: app.perMinute, model: self[LimitSettings.model], block: .seconds(self[LimitSettings.blockSeconds]),
            countsRefused: self[LimitSettings.countsRefused])
    }
}

extension SandboxPart {
    /// What all groups share: mini-apps, certificates, users, callbacks.
    static let common = SandboxPart(
        name: "common", migrations: CommonTables.migrations, tables: CommonTables.names, settings: CommonSettings.all,
        redactedFields: [
            "authorization", AppsInTossHeaders.userKey, AppsInTossHeaders.anonymousKey, "anonKey", "rejectedValue", "private_key",
            "personal_data_key", "basic_text",
        ],
        makeData: { records, app, now, _ in try DemoData.makePeople(records, app, now) },
        control: { desk, segments in try desk.console(segments) })
}
