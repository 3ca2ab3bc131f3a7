import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// A small provider that keeps notes, with commands of its own.
final class NoteService: SandboxService {
    static let provider = "notes"
    static let hosts = ["api.notes.test"]

    static let commands = [
        ProviderCommand(
            "note add", usage: "<text>", summary: BilingualText(korean: "메모를 더합니다.", english: "adds a note"), options: []
        ) { input throws(CommandError) in
            guard let text = input.words.first else { throw CommandError(BilingualText(korean: "메모가 없습니다.", english: "no note")) }
            let answer = try await input.control(.post, "/-/notes/notes", body: ["text": .string(text)])
            return CommandOutput([.line(answer.text)])
        },
        ProviderCommand(
            "note save", usage: "--out FILE", summary: BilingualText(korean: "메모를 파일에 씁니다.", english: "writes the notes to a file"),
            options: [.init("out", .value)]
        ) { input throws(CommandError) in
            let answer = try await input.control(.get, "/-/notes/notes")
            try input.writePrivateFile(input.value("out") ?? "", answer.bytes)
            return CommandOutput([])
        },
        ProviderCommand("note", usage: "", summary: BilingualText(korean: "세기", english: "counts"), options: []) { _ in
            CommandOutput([], isPositive: false)
        },
    ]

    private let database: Database

    init(environment: SandboxEnvironment) async throws {
        database = environment.database
        try await database.migrate(
            "notes", [Migration(version: 1, statements: ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"])])
    }

    func respond(to call: Call, from source: CallSource) async -> Judgement { Judgement(reply: Reply(status: 200, json: [:])) }

    func control(_ call: Call, tenant: TenantID) async -> Reply? {
        guard call.path == "/notes" else { return nil }
        if call.method == .post {
            guard let text = (try? JSON(call.body))?["text"]?.string, text != "bad" else {
                return ControlError(message: BilingualText(korean: "나쁜 메모입니다.", english: "a bad note")).reply
            }
            try? await database.write { try $0.execute("INSERT INTO notes (text) VALUES (?)", .text(text)) }
        }
        let notes = try? await database.read { try $0.query("SELECT text FROM notes ORDER BY id").compactMap { $0.text("text") } }
        return Reply(status: 200, json: ["notes": .array((notes ?? []).map { .string($0) })])
    }

    func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON { [:] }
    func removeTenant(_ tenant: TenantID) async throws {}
    func settle(_ tenant: TenantID) async -> Timestamp? { nil }
    func introduction(baseURL: String) -> [BilingualText] { [] }
}
