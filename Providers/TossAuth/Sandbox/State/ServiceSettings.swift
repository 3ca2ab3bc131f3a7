import Base
import SandboxKit
import TossAuth

/// Everything about the behaviour of Toss Auth that a tenant has set differently.
typealias ServiceSettings = TenantSettings<ServiceSettingList>

/// What nobody has published about Toss Auth, and what is in force unless told. The sections are those of the protocol's description.
enum ServiceSettingList: SettingList {
    /// What becomes of a session that this client has used before (section 15).
    enum Reuse: String, Sendable, CaseIterable {
        case refuse, warn
    }

    /// What a person's refusal does (section 7).
    enum Denial: String, Sendable, CaseIterable {
        /// Nothing that a caller can see: the state stays until its time is over.
        case stays
        /// The transaction is over at once.
        case expires
    }

    /// What the openers in the reply to a request by personal data hold (section 3.9).
    enum Links: String, Sendable, CaseIterable {
        /// The text `null`, as in the published sample.
        case nullText = "null-text"
        /// Links such as the sister endpoints give.
        case real
        /// The address of the page that plays the app, for trying a flow in a browser.
        case phone = "phone-page"
    }

    /// What the first part of the result's fields says (section 3.4).
    enum FieldVersion: String, Sendable, CaseIterable {
        case plain = "v1"
        case numbered = "v1_0.0.14"
    }

    /// What a person signs (section 10).
    enum SignedText: String, Sendable, CaseIterable {
        /// A JSON object of the transaction, its two moments and the caller's nonce.
        case json
        /// The transaction's id alone.
        case transaction = "txId"
    }

    /// What a status call says when the result can no longer be had (section 9).
    enum LateStatus: String, Sendable, CaseIterable {
        case completed = "COMPLETED"
        case expired = "EXPIRED"
    }

    static let sessionReuse = Setting<Reuse>.choice("session_reuse", .refuse)
    /// How long a session is remembered, by the tenant's clock.
    static let sessionMemory = Setting.integer("session_memory_seconds", 86_400, 60...31_536_000)
    /// How many sessions of one client are remembered; each has two marks.
    static let sessionCount = Setting.integer("session_memory_count", 10_000, 10...1_000_000)
    static let fieldVersion = Setting<FieldVersion>.choice("field_version", .plain)

    static let testTokenSeconds = Setting.integer("test_token_seconds", TossAuthLimits.testTokenLife.wholeSeconds, 1...315_360_000)
    static let liveTokenSeconds = Setting.integer("live_token_seconds", TossAuthLimits.tokenLife.wholeSeconds, 1...315_360_000)
    static let basicCredentials = Setting.boolean("basic_credentials", false)
    /// Further scopes that the token host gives out; their tokens open nothing here.
    static let otherScopes = Setting.texts(
        "other_scopes", [],
        BilingualText(korean: "\"sharelink:read\" 같은 scope의 배열", english: "an array of scopes such as \"sharelink:read\""),
        where: { scope in scope != "ca" && scope.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })

    static let expirySeconds = Setting.integer("expiry_seconds", TossAuthLimits.requestTime.wholeSeconds, 1...86_400)
    static let longestExpiry = Setting.integer(
        "longest_expire_seconds", TossAuthLimits.longestRequestTime.wholeSeconds, 1...86_400)
    static let denial = Setting<Denial>.choice("denial", .stays)
    static let approvesAfter = Setting.optionalInteger("approve_after_seconds", nil, 0...86_400)
    static let links = Setting<Links>.choice("links", .nullText)
    /// Whether the persona also answers for test credentials that named another person (section 11).
    static let personaForAnybody = Setting.boolean("persona_for_anybody", true)

    /// Whether the documentation's sample request works with test credentials although nobody here can open its session key.
    static let publishedSamples = Setting.boolean("published_samples", true)

    static let reads = Setting.integer("result_reads", Int64(TossAuthLimits.resultReads), 1...1000)
    static let windowSeconds = Setting.integer("result_window_seconds", TossAuthLimits.resultTime.wholeSeconds, 1...31_536_000)
    static let lateStatus = Setting<LateStatus>.choice("late_status", .completed)
    static let signedText = Setting<SignedText>.choice("signed_text", .json)
    static let sendsAgeGroup = Setting.boolean("age_group_sent", true)
    static let personaCI = Setting<String>.identifier(
        "persona_ci", Person.personaCI, beginning: TossAuthDemonstration.connectingInformationPrefix)
    static let personaDI = Setting<String>.identifier(
        "persona_di", Person.personaDI, beginning: TossAuthDemonstration.duplicationInformationPrefix)

    static let statusLimit = Setting.optionalInteger("status_limit_per_minute", nil, 1...100_000)
    static let oldPaths = Setting.boolean("old_style_paths", true)
    static let hostsApart = Setting.boolean("hosts_apart", true)

    /// Codes, HTTP statuses and words of the refusals, by ``Cause``.
    static let codes = Setting<JSON.Members>.members(
        "error_codes", [:],
        BilingualText(
            korean: "{\"parameter\":\"CE0003\"} 같은 객체. 이름: \(Cause.names)",
            english: "an object such as {\"parameter\":\"CE0003\"}; names: \(Cause.names)"),
        where: { name, value in Cause(rawValue: name) != nil && (value.string.map(Cause.isCode) ?? false) })
    static let statuses = Setting<JSON.Members>.members(
        "error_statuses", [:],
        BilingualText(
            korean: "{\"parameter\":400} 같은 객체. 값은 200에서 599, 이름: \(Cause.names), \(TokenCause.names)",
            english: "an object such as {\"parameter\":400}, 200 to 599; names: \(Cause.names), \(TokenCause.names)"),
        where: { name, value in
            (Cause(rawValue: name) != nil || TokenCause(rawValue: name) != nil) && (value.integer.map { (200...599).contains($0) } ?? false)
        })
    static let reasons = Setting<JSON.Members>.members(
        "error_reasons", [:],
        BilingualText(korean: "{\"CE3101\":\"문구\"} 같은 객체", english: "an object such as {\"CE3101\":\"words\"}"),
        where: { name, value in Cause.isCode(name) && (value.string.map { $0.utf8.count <= 500 } ?? false) })

    static let settings: [AnySetting] = [
        sessionReuse.erased, sessionMemory.erased, sessionCount.erased, fieldVersion.erased, testTokenSeconds.erased,
        liveTokenSeconds.erased,
        basicCredentials.erased, otherScopes.erased, expirySeconds.erased, longestExpiry.erased, denial.erased, approvesAfter.erased,
        links.erased, personaForAnybody.erased, publishedSamples.erased, reads.erased, windowSeconds.erased, lateStatus.erased,
        signedText.erased,
        sendsAgeGroup.erased,
        personaCI.erased, personaDI.erased, statusLimit.erased, oldPaths.erased, hostsApart.erased, codes.erased, statuses.erased,
        reasons.erased,
    ]
}

extension Setting where Value == String {
    /// A CI or DI of 88 characters of which the beginning is known.
    fileprivate static func identifier(_ name: String, _ standard: String, beginning: String) -> Self {
        Self(
            name: name, standard: standard,
            allowed: BilingualText(korean: "\(beginning)로 시작하는 88자", english: "88 characters that begin with \(beginning)"),
            read: { json in
                json.string.flatMap { text in
                    text.hasPrefix(beginning) && text.utf8.count == 88 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? text : nil
                }
            }, write: { .string($0) })
    }
}

extension TenantSettings where List == ServiceSettingList {
    /// Refuses settings that cannot go together.
    ///
    /// - Throws: `ControlError` that names them.
    func checkTogether() throws(ControlError) {
        let time = self[ServiceSettingList.expirySeconds]
        guard let wait = self[ServiceSettingList.approvesAfter], wait >= time else { return }
        throw .wrong(
            "approve_after_seconds(\(wait))는 expiry_seconds(\(time))보다 작아야 합니다. 그렇지 않으면 승인되기 전에 만료됩니다.",
            "approve_after_seconds (\(wait)) must be less than expiry_seconds (\(time)), or every check expires before it is approved.")
    }

    /// How often, and for how long after its completion, a result is given.
    var readLimits: Transaction.ReadLimits {
        Transaction.ReadLimits(count: self[ServiceSettingList.reads], window: .seconds(self[ServiceSettingList.windowSeconds]))
    }
}
