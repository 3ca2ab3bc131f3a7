import Base
import ProviderKit
import SandboxKit
import Sentbe

/// One accepted caller's call with its parameters, within one read or write: what the rows' handlers work with. Each part adds its handlers in extensions.
final class CallContext {
    let call: Call
    let row: CallRow
    /// The segments of the path that stand for something, percent-decoded.
    let path: [String: String]
    let parameters: Parameters
    let partner: Partner
    let settings: SandboxSettings
    let now: Timestamp
    let environment: SandboxEnvironment
    let records: Records
    /// Whether something may be changed; a handler that must, and may not, throws ``NeedsWriting``.
    let mayWrite: Bool
    /// What the developer should know although the call is accepted.
    private(set) var warnings: [Verdict] = []
    /// Whether something has come into being that comes due.
    var scheduleChanged = false

    /// What a call comes to.
    enum Answer {
        /// `data` of the reply.
        case data(JSON)
        /// Refused, but what it changed is kept: a wrong code that counts, for instance. Every other refusal is thrown and undoes everything.
        case refusedButKept(Refused)
    }

    init(
        call: Call, row: CallRow, path: [String: String], parameters: Parameters, access: Access, environment: SandboxEnvironment,
        mayWrite: Bool
    ) {
        self.call = call
        self.row = row
        self.path = path
        self.parameters = parameters
        partner = access.partner
        settings = access.settings
        now = access.now
        self.environment = environment
        records = access.records
        self.mayWrite = mayWrite
    }

    var random: any RandomSource { environment.random }

    func warn(_ verdict: Verdict) { warnings.append(verdict) }

    /// Which part of a list is asked for: `page`, from 1.
    ///
    /// - Throws: `E0005` for what is no page.
    func page() throws(Refused) -> Page {
        let number = try parameters.integer("page") ?? 1
        guard (1...1_000_000_000).contains(number) else {
            throw Parameters.wrong("page", ko: "1 이상의 정수여야 합니다", en: "must be a whole number from 1")
        }
        return Page(number: number, size: settings[CommonSettings.pageSize], order: settings[CommonSettings.order])
    }
}

extension CallContext {
    /// Rows as `data` of a list.
    func list(_ rows: [JSON]) -> JSON {
        switch settings[CommonSettings.listForm] {
        case .array: .array(rows)
        case .firstRow: rows.first ?? .null
        }
    }
}

/// A part of a list.
struct Page {
    /// From 1.
    var number: Int64
    /// How many rows.
    var size: Int64
    var order: CommonSettings.ListOrder

    /// The end of a query for this page, ordered by a column that grows with time.
    func clause(_ column: String) -> String {
        "ORDER BY \(column) \(order == .newestFirst ? "DESC" : "ASC") LIMIT \(size) OFFSET \((number - 1) * size)"
    }
}
