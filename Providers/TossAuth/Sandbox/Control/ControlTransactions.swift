import Base
import ProviderKit
import SandboxKit
import TossAuth
import Transport

extension ControlDesk {
    func transactions() throws -> Reply {
        try control.only(.get, .post)
        guard control.changes else {
            return ok(["transactions": .array(try records.transactions(limit: try control.limit(), at: now).map(json))])
        }
        return ok(json(try makeTransaction()), status: 201)
    }

    /// A transaction as a request call would make one, without its cryptography.
    private func makeTransaction() throws -> Transaction {
        let body = try control.given(["client_id", "requestType", "requestUrl", "person", "expireSeconds", "nonce"])
        let client = try client(body)
        var kind = Transaction.Kind.none
        if let wanted = body["requestType"] {
            guard let known = wanted.string.flatMap(Transaction.Kind.init) else {
                throw ControlError.wrong("requestType은 USER_PERSONAL 또는 USER_NONE입니다.", "requestType is USER_PERSONAL or USER_NONE.")
            }
            kind = known
        }
        var lifetime = settings[ServiceSettingList.expirySeconds]
        if let wanted = body["expireSeconds"] {
            let longest = settings[ServiceSettingList.longestExpiry]
            guard let seconds = wanted.integer, (1...longest).contains(seconds) else {
                throw ControlError.wrong("expireSeconds는 1에서 \(longest) 사이입니다.", "expireSeconds is from 1 to \(longest).")
            }
            lifetime = seconds
        }
        let approvesAfter = settings[ServiceSettingList.approvesAfter]
        if let approvesAfter, approvesAfter >= lifetime {
            throw ControlError.wrong(
                "expireSeconds(\(lifetime))는 approve_after_seconds 설정(\(approvesAfter))보다 커야 저절로 승인됩니다.",
                "expireSeconds (\(lifetime)) must be more than the setting approve_after_seconds (\(approvesAfter)), or it expires before that."
            )
        }
        var person: String?
        if kind == .personal || approvesAfter != nil || body["person"] != nil { person = try approver(body, client, named: nil) }
        let transaction = Transaction(
            id: TransactionID.random(random).text, client: client.id, kind: kind,
            requestURL: try text(body, "requestUrl") ?? TossAuthDemonstration.requestURL, nonce: try text(body, "nonce"), person: person,
            at: now, lifetime: .seconds(lifetime), approvesAfter: approvesAfter.map { .seconds($0) })
        try records.add(transaction, at: now, window: settings.readLimits.window)
        return transaction
    }

    func transaction(_ id: String) throws -> JSON {
        try control.only(.get)
        return json(try known(id))
    }

    /// What the person does, or time made to pass.
    func move(_ word: String, _ id: String) throws -> Reply? {
        guard let move = Transaction.Move(rawValue: word) else { return nil }
        try control.only(.post)
        var transaction = try known(id)
        let body = try control.given(move == .approve ? ["person"] : [])
        do {
            switch move {
            case .open: try transaction.open(at: now)
            case .approve:
                // Where nothing can be approved, that is what counts, whoever was named.
                var attempt = transaction
                try attempt.approve(as: "", at: now)
                let client = try Client.find(transaction.client, records.connection)
                guard let client else { throw ControlError.conflict("이 요청의 client_id가 지워졌습니다.", "The transaction's client was deleted.") }
                try transaction.approve(as: try approver(body, client, named: transaction.person), at: now)
            case .deny: try transaction.deny(at: now, settings[ServiceSettingList.denial])
            case .expire: try transaction.expire(at: now)
            }
        } catch let wrong as Transaction.WrongMove {
            throw ControlDesk.conflict(wrong)
        }
        try records.update(transaction)
        return ok(json(transaction))
    }

    private func known(_ id: String) throws -> Transaction {
        guard let transaction = try records.transaction(id, at: now) else {
            throw ControlError.missing(
                "이 테넌트에 없는 txId입니다. GET /-/toss-auth/transactions로 확인하세요.",
                "This tenant has no such txId; GET /-/toss-auth/transactions lists them.")
        }
        return transaction
    }

    /// Who approves: who was named, by the request or by this call, or the usual one.
    private func approver(_ body: JSON.Members, _ client: Client, named: String?) throws -> String {
        if let wanted = body["person"] {
            guard let id = wanted.string, try records.person(id, settings) != nil else {
                throw ControlError.missing(
                    "없는 사람입니다. GET /-/toss-auth/people로 확인하세요.", "There is no such person; GET /-/toss-auth/people lists them.")
            }
            guard client.isTest == (id == Person.personaID) else {
                throw client.isTest
                    ? ControlError.conflict(
                        "test_ 자격증명에는 고정 인물(persona)만 답합니다.", "With test_ credentials only the persona answers.")
                    : ControlError.conflict(
                        "고정 인물(persona)은 test_ 자격증명에서만 나옵니다.", "The persona answers with test_ credentials only.")
            }
            guard named == nil || named == id else {
                throw ControlError.conflict(
                    "이 요청은 다른 사람을 지목했습니다. 그 사람만 승인할 수 있습니다.", "The request named somebody else, who alone can approve it.")
            }
            return id
        }
        if let named { return named }
        guard let usual = try records.usualPerson(for: client) else {
            throw ControlError.conflict(
                "승인할 사람이 없습니다. POST /-/toss-auth/people로 만드세요.", "There is nobody to approve; POST /-/toss-auth/people makes somebody.")
        }
        return usual
    }

    private static func conflict(_ wrong: Transaction.WrongMove) -> ControlError {
        let list = wrong.possible.map(\.rawValue).joined(separator: ", ")
        return ControlError.conflict(
            "지금 상태(\(wrong.status.rawValue))에서는 할 수 없습니다: \(wrong.move.rawValue). "
                + (list.isEmpty ? "더 할 수 있는 것이 없습니다. 요청부터 다시 시작하세요." : "할 수 있는 것: \(list)"),
            "\(wrong.move.rawValue) is not possible in the state \(wrong.status.rawValue); "
                + (list.isEmpty ? "nothing is any more: begin again with a request." : "possible are: \(list)."))
    }

    // MARK: How it is shown

    private func json(_ transaction: Transaction) -> JSON {
        let limits = settings.readLimits
        return [
            "txId": .string(transaction.id), "status": .string(transaction.status(at: now).rawValue),
            "client_id": .string(transaction.client), "requestType": .string(transaction.kind.rawValue),
            "requestUrl": .string(transaction.requestURL), "person": .optional(transaction.person),
            "requested_at": .optional(transaction.requestedAt), "expires_at": .optional(transaction.expiresAt),
            "opened_at": .optional(transaction.openedAt), "denied_at": .optional(transaction.deniedAt),
            "completed_at": .optional(transaction.completedAt), "result_deadline": .optional(transaction.resultDeadline(limits)),
            "reads": .number(transaction.reads), "reads_left": .number(transaction.readsLeft(limits)),
            "possible": .texts(transaction.possibleMoves(at: now).map(\.rawValue)),
            "phone": .string(PhonePage.address(of: transaction.id, base: house.environment.publicBase())),
        ]
    }
}
