import AppsInToss
import Base
import SandboxKit
import Storage

extension SandboxPart {
    /// Functional pushes and messages: templates with variables, sent to one user, to many, or for a test.
    static let messages = SandboxPart(
        name: "messages", migrations: MessageTables.migrations, tables: MessageTables.names,
        rows: CallRow.rows(
            .messages,
            status: { refused, settings in settings[MessageSettings.status] == .always200 ? nil : documentedStatus(refused.code) },
            [
                "send-message": { try $0.sendMessage() },
                "send-bulk-message": { try $0.sendBulkMessage() },
                "send-test-message": { try $0.sendTestMessage() },
            ]),
        settings: MessageSettings.all,
        // What is filled into a template is the mini-app's and its users', and nobody needs to see it to see why a call was refused.
        routePrivacy: [
            "send-message": RoutePrivacy(fields: ["context"]), "send-test-message": RoutePrivacy(fields: ["context"]),
            "send-bulk-message": RoutePrivacy(fields: ["contextList"]),
        ],
        makeData: { records, app, now, _ in
            guard app.tenant == .demo, app.name == AppsInTossDemonstration.app else { return }
            for template in MessageTemplate.demonstration { try records.save(template, now: now) }
        },
        control: { desk, segments in try desk.messages(segments) })

    /// The HTTP status of a refusal as the pages of this group list them: 400, 401 and 403. Which belongs to which is chosen.
    private static func documentedStatus(_ code: AppsInTossErrorCode) -> Int? {
        switch code {
        case .internalError, .notFound, .methodNotAllowed: nil
        case .unauthenticated: 401
        case .invalidParameter, .templateNotFound: 400
        default: 403
        }
    }
}

/// Settings of messages.
enum MessageSettings {
    /// How the HTTP status of a refusal is chosen, of which the documentation says two things.
    enum StatusRule: String, CaseIterable, Sendable {
        /// As everywhere: 200 for whatever is not a matter of form.
        case always200 = "always-200"
        /// 400, 401 or 403.
        case documented
    }

    /// Under which name the content comes.
    enum ContentName: String, CaseIterable, Sendable {
        case success
        /// As older samples show.
        case result
    }

    static let status = Setting<StatusRule>.choice("message_error_status", .always200)
    static let contentName = Setting<ContentName>.choice("message_content_name", .success)
    /// Whether messages are taken and reach nobody: a success with every count at 0.
    static let silent = Setting.boolean("message_silent", false)
    /// Whether users have agreed to test messages.
    static let testsAgreed = Setting.boolean("message_tests_agreed", true)

    static let all: [AnySetting] = [status.erased, contentName.erased, silent.erased, testsAgreed.erased]
}

/// The messages' tables. What was filled into a template is not kept.
enum MessageTables {
    static let names = ["apps_in_toss_templates", "apps_in_toss_messages"]
    /// How many messages of a tenant are kept; the oldest go.
    static let longest: Int64 = 20_000

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE apps_in_toss_templates (
                    tenant TEXT NOT NULL, app TEXT NOT NULL, code TEXT NOT NULL, variables TEXT NOT NULL, is_approved INTEGER NOT NULL,
                    channels TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, app, code)
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE apps_in_toss_messages (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, app TEXT NOT NULL, call TEXT NOT NULL, user TEXT NOT NULL,
                    template TEXT NOT NULL, channel TEXT NOT NULL, content_id TEXT NOT NULL, reason TEXT, at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX apps_in_toss_messages_of ON apps_in_toss_messages (tenant, id)",
            ])
    ]
}

extension MessageTemplate {
    /// The demo mini-app's templates: one that needs nothing, one with variables by two ways, one that nobody has approved.
    static let demonstration = [
        MessageTemplate(
            code: AppsInTossDemonstration.template, app: AppsInTossDemonstration.app, variables: [], isApproved: true, channels: [.push]),
        MessageTemplate(
            code: "bujeol-demo-ORDER", app: AppsInTossDemonstration.app, variables: ["productName", "price"], isApproved: true,
            channels: [.push, .inbox]),
        MessageTemplate(
            code: "bujeol-demo-DRAFT", app: AppsInTossDemonstration.app, variables: [], isApproved: false, channels: [.push]),
    ]

    init?(_ row: Row) {
        guard let app = row.text("app"), let code = row.text("code"), let variables = row.texts("variables"),
            let isApproved = row.boolean("is_approved"), let channels = row.texts("channels")
        else { return nil }
        self.init(
            code: code, app: app, variables: variables, isApproved: isApproved, channels: channels.compactMap(MessageChannel.init))
    }

    /// The template as the control API shows it.
    var json: JSON {
        [
            "templateSetCode": .string(code), "app": .string(app), "variables": .texts(variables), "approved": .boolean(isApproved),
            "channels": .texts(channels.map(\.rawValue)),
        ]
    }
}

/// One message by one way, as it is kept.
struct SentMessage: Equatable, Sendable {
    /// The name of the call that sent it.
    var call: String
    /// `user:…` or `anonymous:…`.
    var user: String
    var contentID: String
    var outcome: MessageOutcome
}

extension Records {
    /// The mini-app's template of that code.
    func template(_ code: String, of app: String) throws -> MessageTemplate? {
        try connection.query(
            "SELECT * FROM apps_in_toss_templates WHERE tenant = ? AND app = ? AND code = ?", owner, .text(app), .text(code)
        )
        .first.flatMap(MessageTemplate.init)
    }

    /// Whether some other mini-app of the tenant has a template of that code: so that a refusal can say so.
    func isTemplateOfOtherApp(_ code: String, than app: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM apps_in_toss_templates WHERE tenant = ? AND code = ? AND app <> ? LIMIT 1", owner, .text(code), .text(app)
        ).isEmpty
    }

    /// The mini-app's templates by their codes.
    func templates(of app: String) throws -> [MessageTemplate] {
        try connection.query("SELECT * FROM apps_in_toss_templates WHERE tenant = ? AND app = ? ORDER BY code", owner, .text(app))
            .compactMap(MessageTemplate.init)
    }

    /// Adds a template, or keeps what has changed of one.
    func save(_ template: MessageTemplate, now: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO apps_in_toss_templates VALUES (?,?,?,?,?,?,?) ON CONFLICT (tenant, app, code) DO UPDATE SET
                variables = excluded.variables, is_approved = excluded.is_approved, channels = excluded.channels
            """, owner, .text(template.app), .text(template.code), .texts(template.variables), .boolean(template.isApproved),
            .texts(template.channels.map(\.rawValue)), now.value)
    }

    func removeTemplate(_ code: String, of app: String) throws {
        try connection.execute(
            "DELETE FROM apps_in_toss_templates WHERE tenant = ? AND app = ? AND code = ?", owner, .text(app), .text(code))
    }

    /// Keeps what became of messages, and drops the oldest beyond ``MessageTables/longest``.
    func add(_ messages: [SentMessage], template: MessageTemplate, at moment: Timestamp) throws {
        for message in messages {
            try connection.execute(
                """
                INSERT INTO apps_in_toss_messages (tenant, app, call, user, template, channel, content_id, reason, at)
                VALUES (?,?,?,?,?,?,?,?,?)
                """,
                values: [
                    owner, .text(template.app), .text(message.call), .text(message.user), .text(template.code),
                    .text(message.outcome.channel.rawValue), .text(message.contentID), .optional(message.outcome.reason?.rawValue),
                    moment.value,
                ])
        }
        try connection.execute(
            """
            DELETE FROM apps_in_toss_messages WHERE tenant = ?1 AND id <=
                (SELECT id FROM apps_in_toss_messages WHERE tenant = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, owner, .integer(MessageTables.longest))
    }

    /// What was sent, newest first, for the control API.
    func messages(of app: String?, limit: Int64) throws -> [JSON] {
        try connection.query(
            "SELECT * FROM apps_in_toss_messages WHERE tenant = ?1 AND (?2 IS NULL OR app = ?2) ORDER BY id DESC LIMIT ?3", owner,
            .optional(app), .integer(limit)
        ).map { row in
            [
                "id": .optional(row.integer("id")), "app": .optional(row.text("app")), "call": .optional(row.text("call")),
                "user": .optional(row.text("user")), "templateSetCode": .optional(row.text("template")),
                "channel": .optional(row.text("channel")), "contentId": .optional(row.text("content_id")),
                "reachedFailReason": .optional(row.text("reason")), "at": .optional(row.moment("at")),
            ]
        }
    }
}
