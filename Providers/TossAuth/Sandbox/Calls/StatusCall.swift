import Base
import SandboxKit
import Storage
import TossAuth

/// `POST …/status`: how far a check has come. It changes nothing.
struct StatusCall: Sendable {
    let service: ServiceCall

    func answer(_ trace: inout Trace) async throws -> JSON {
        let id = service.transactionID
        let (admission, found) = try await service.admit(&trace) { records, admission in
            try id.flatMap { try records.transaction($0, at: admission.now) }
        }
        let body = try service.body(&trace)
        _ = try body.text("txId")
        if let limit = admission.settings[ServiceSettingList.statusLimit],
            !service.house.statusCalls.count(admission.client.id, limit: limit, at: admission.now)
        {
            throw Refused(.tooManyCalls, CallVerdicts.tooManyCalls(limit))
        }
        if admission.hasRefusals { try await refuse(admission) }
        guard let transaction = found, transaction.client == admission.client.id else {
            throw TransactionVerdicts.unknown(isOthers: found != nil)
        }
        return [
            "txId": .string(transaction.id), "status": .string(status(transaction, admission).rawValue),
            "requestedDt": .string(TossAuthTime.text(transaction.requestedAt)),
        ]
    }

    private func status(_ transaction: Transaction, _ admission: ServiceCall.Admission) -> Transaction.Status {
        let status = transaction.status(at: admission.now)
        guard status == .completed, admission.settings[ServiceSettingList.lateStatus] == .expired,
            let deadline = transaction.resultDeadline(admission.settings.readLimits), admission.now >= deadline
        else { return status }
        return .expired
    }

    private func refuse(_ admission: ServiceCall.Admission) async throws {
        let house = service.house
        let ordered = try await house.environment.database.write { connection in
            try Records(connection, admission.client.tenant, house.seal).takeRefusal(.status)
        }
        if let ordered { throw Refused(.code(ordered.code), CallVerdicts.seeded(ordered.code)) }
    }
}
