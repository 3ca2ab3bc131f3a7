import Base
import ProviderKit
import SandboxKit
import Storage
import TossAuth
import Transport

/// The phone in a person's hand: `GET /phone/<txId>` shows what the Toss app would, and its buttons, which post to the same address, are what the person taps.
///
/// Looking changes nothing. A tap that has become impossible, such as the second of two, leads to the page as it stands. Whoever knows a txId may tap, as whoever holds
/// a phone may; that no page of another site taps is the sandbox's guard's business, to which only looking is a page that others may open.
struct PhonePage {
    /// Below this path, outside the provider's own; the path alone lists what waits.
    static let path = "/phone"
    /// The name of the route of the buttons and of looking.
    static let route = "phone"

    let call: Call
    let environment: SandboxEnvironment
    let seal: RowSeal

    /// Whether a path is a phone's.
    static func isPath(_ path: String) -> Bool { path == Self.path || path.hasPrefix(Self.path + "/") }

    /// Whether a call only looks, which other sites may lead to.
    static func looks(_ call: Call) -> Bool { isPath(call.path) && (call.method == .get || call.method == .head) }

    /// The address of a check's page as a browser reaches it.
    ///
    /// - Parameter base: As ``SandboxEnvironment/publicBase`` says it.
    static func address(of transaction: String, base: String) -> String { "\(base)\(path)/\(transaction)" }

    /// Whose check a path names; nothing when it names none.
    static func tenant(of path: String, _ connection: Connection) throws -> TenantID? {
        if isPath(path), id(in: path) == nil { return .demo }
        return try id(in: path).flatMap { try Records.tenant(ofTransaction: $0, connection) }
    }

    private static func id(in path: String) -> String? {
        isPath(path) && path.utf8.count > Self.path.utf8.count + 1 ? String(path.dropFirst(Self.path.count + 1)) : nil
    }

    /// What the call comes to: looking within one read, tapping within one write.
    func answer() async throws -> Judgement {
        call.method == .post ? try await environment.database.write(judge) : try await environment.database.read(judge)
    }

    private func judge(_ connection: Connection) throws -> Judgement {
        guard call.method == .post || PhonePage.looks(call) else {
            let text = BilingualText("이 화면은 GET으로 보고 POST로 누릅니다.", "This page is looked at with GET and tapped with POST.")
            return judgement(PhoneViews.wrong(text, status: 405), nil)
        }
        guard let id = PhonePage.id(in: call.path) else { return try list(connection) }
        guard let tenant = try Records.tenant(ofTransaction: id, connection) else { return unknown(nil) }
        let records = Records(connection, tenant, seal)
        let now = environment.clocks.now(tenant)
        let settings = try records.settings()
        guard var transaction = try records.transaction(id, at: now) else { return unknown(tenant) }
        guard call.method == .post else {
            return judgement(PhoneViews.check(try check(transaction, records, settings, now)), tenant)
        }
        switch try press(&transaction, records, settings, now) {
        case .done:
            try records.update(transaction)
            return seeOther(id, tenant)
        case .tooLate(let verdict): return seeOther(id, tenant, verdict)
        case .wrong(let notice):
            let view = try check(transaction, records, settings, now)
            let verdict = Verdict(.warned, rule: "phone.press", reason: notice)
            return judgement(PhoneViews.check(view, notice: notice, status: 400), tenant, verdict)
        }
    }

    // MARK: Tapping

    private enum Outcome {
        case done
        /// Not possible any more; the page says how it stands.
        case tooLate(Verdict)
        /// What was sent makes no sense.
        case wrong(BilingualText)
    }

    private func press(
        _ transaction: inout Transaction, _ records: Records, _ settings: ServiceSettings, _ now: Timestamp
    ) throws -> Outcome {
        let form = FormText.decode(call.body) ?? []
        func entered(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
        guard let move = Transaction.Move(rawValue: entered(PhoneViews.Field.press)) else {
            return .wrong(BilingualText("없는 버튼입니다. 화면의 버튼을 누르세요.", "There is no such button; tap one of the page's."))
        }
        var person = ""
        if move == .approve, transaction.possibleMoves(at: now).contains(move) {
            guard let holder = try holder(transaction, records, chosen: entered(PhoneViews.Field.person)) else {
                return .wrong(try PhonePage.nobody(records))
            }
            person = holder
        }
        do throws(Transaction.WrongMove) {
            switch move {
            case .open: try transaction.open(at: now)
            case .approve: try transaction.approve(as: person, at: now)
            case .deny: try transaction.deny(at: now, settings[ServiceSettingList.denial])
            case .expire: try transaction.expire(at: now)
            }
            return .done
        } catch {
            return .tooLate(
                Verdict(
                    .warned, rule: "phone.too-late",
                    reason: BilingualText("이미 할 수 없게 된 버튼을 눌렀습니다.", "A button was tapped that can do nothing any more."),
                    details: ["status": .string(error.status.rawValue)]))
        }
    }

    /// Who approves: the person whom the caller named; the persona for test credentials; else who was chosen on the page, where one must be.
    private func holder(_ transaction: Transaction, _ records: Records, chosen: String) throws -> String? {
        if let person = transaction.person { return person }
        if try isTest(transaction, records) { return Person.personaID }
        let people = try records.people(limit: PhonePage.listed)
        if chosen.isEmpty, people.count == 1 { return people[0].id }
        return people.first { $0.id == chosen }?.id
    }

    private func isTest(_ transaction: Transaction, _ records: Records) throws -> Bool {
        try Client.find(transaction.client, records.connection)?.isTest ?? transaction.client.hasPrefix("test_")
    }

    private static func nobody(_ records: Records) throws -> BilingualText {
        if try records.people(limit: 1).isEmpty {
            return BilingualText(
                "이 테넌트에는 사람이 없습니다. POST /-/toss-auth/people로 먼저 만드세요.",
                "This tenant has no people; make some with POST /-/toss-auth/people first.")
        }
        return BilingualText("휴대폰의 주인을 고르세요.", "Choose whose phone this is.")
    }

    // MARK: Looking

    /// So many people can be chosen from, and so many requests are listed.
    private static let listed: Int64 = 100

    private func check(
        _ transaction: Transaction, _ records: Records, _ settings: ServiceSettings, _ now: Timestamp
    ) throws -> PhoneViews.Check {
        var check = PhonePage.check(transaction, now)
        if let person = try transaction.person.flatMap({ try records.person($0, settings) }) {
            check.holder = PhonePage.label(person)
        } else if check.status == .requested || check.status == .inProgress {
            if try isTest(transaction, records) {
                check.holder = PhonePage.label(Person.persona(settings))
            } else {
                check.choices = try records.people(limit: PhonePage.listed).map { (id: $0.id, label: PhonePage.label($0)) }
            }
        }
        return check
    }

    private static func check(_ transaction: Transaction, _ now: Timestamp) -> PhoneViews.Check {
        PhoneViews.Check(
            id: transaction.id, client: transaction.client, kind: transaction.kind, status: transaction.status(at: now),
            requestURL: transaction.requestURL, expiresAt: transaction.expiresAt, now: now, isDenied: transaction.deniedAt != nil)
    }

    /// The demo tenant's requests that wait for a tap.
    private func list(_ connection: Connection) throws -> Judgement {
        guard call.method != .post else {
            let text = BilingualText("이 목록에는 누를 것이 없습니다.", "There is nothing to tap in this list.")
            return judgement(PhoneViews.wrong(text, status: 405), .demo)
        }
        let now = environment.clocks.now(.demo)
        let waiting = try Records(connection, .demo, seal).waitingTransactions(limit: PhonePage.listed, at: now)
        // From the address with a slash at its end the checks are next door, from the one without a floor below.
        let folder = call.path == Self.path ? "\(Self.path.dropFirst())/" : ""
        return judgement(PhoneViews.list(waiting.map { PhonePage.check($0, now) }, folder: folder), .demo)
    }

    /// A person by a masked name: the middle of it is nobody's business who looks over a shoulder.
    static func label(_ person: Person) -> String {
        var words = [masked(person.name)]
        if person.id != Person.personaID { words.append(person.id) }
        if person.nationality == .foreigner { words.append("외국인") }
        return words.joined(separator: " · ")
    }

    private static func masked(_ name: String) -> String {
        let letters = Array(name)
        switch letters.count {
        case 0: return "-"
        case 1: return "*"
        case 2: return "\(letters[0])*"
        default: return "\(letters[0])\(String(repeating: "*", count: letters.count - 2))\(letters[letters.count - 1])"
        }
    }

    // MARK: Answers

    private func judgement(_ reply: Reply, _ tenant: TenantID?, _ verdict: Verdict? = nil) -> Judgement {
        Judgement(reply: reply, tenant: tenant, route: PhonePage.route, verdict: verdict)
    }

    private func unknown(_ tenant: TenantID?) -> Judgement {
        judgement(
            PhoneViews.unknown(), tenant,
            Verdict(
                rule: "phone.unknown",
                reason: BilingualText("없는 txId의 휴대폰 화면을 열었습니다.", "The phone page of a txId that does not exist was opened.")))
    }

    /// Back to the page by GET, so that loading it again taps nothing.
    private func seeOther(_ id: String, _ tenant: TenantID, _ verdict: Verdict? = nil) -> Judgement {
        judgement(Reply(status: 303, fields: ["Location": id, "Cache-Control": "no-store"]), tenant, verdict)
    }
}
