import Base
import Cryptography
import SandboxKit
import Storage
import TossAuth

/// `POST …/result`: what came of a check. The read counts in the same write in which the session is noted, so that of any number of simultaneous calls only so many are
/// answered as allowed; everything that takes long (RSA, AES, the signature) is done before.
struct ResultCall: Sendable {
    let service: ServiceCall

    /// What an answer holds besides what the transaction says.
    private struct Prepared: Sendable {
        var personalData: JSON
        var signature: [UInt8]
        /// Whether the signature is new and must be kept.
        var isSignatureNew: Bool
    }

    /// What was found for a txId before the write.
    private struct Found: Sendable {
        var transaction: Transaction
        var person: Person?
        var signature: [UInt8]?
    }

    /// The person approved between the look and the write.
    private struct NotPrepared: Error {}

    func answer(_ trace: inout Trace) async throws -> JSON {
        let id = service.transactionID
        let (admission, found) = try await service.admit(&trace) { records, admission in
            try id.flatMap { try ResultCall.find($0, records, admission) }
        }
        let body = try service.body(&trace)
        let named = try body.text("txId")
        let session = try service.session(try body.text("sessionKey", longest: TossAuthLimits.longestSessionKey), admission)
        var latest = found
        while true {
            let prepared = try await prepare(latest, session, admission)
            do {
                let (outcome, isReused) = try await judge(named, session, prepared, admission)
                if isReused, admission.settings[ServiceSettingList.sessionReuse] == .warn { trace.warn(CallVerdicts.reused(warned: true)) }
                let transaction = try outcome.get()
                guard let prepared else { throw NotPrepared() }
                if prepared.signature.isEmpty { trace.warn(CertificateValidation.noAuthority) }
                return reply(transaction, prepared)
            } catch is NotPrepared {
                let house = service.house
                latest = try await house.environment.database.read { connection in
                    try ResultCall.find(named, Records(connection, admission.client.tenant, house.seal), admission)
                }
            }
        }
    }

    private static func find(_ id: String, _ records: Records, _ admission: ServiceCall.Admission) throws -> Found? {
        guard let transaction = try records.transaction(id, at: admission.now), transaction.client == admission.client.id else {
            return nil
        }
        return Found(
            transaction: transaction, person: try transaction.person.flatMap { try records.person($0, admission.settings) },
            signature: try records.signature(of: id))
    }

    /// Everything of the answer that takes its time; nothing for a transaction that is not completed.
    private func prepare(_ found: Found?, _ session: ReceivedSession, _ admission: ServiceCall.Admission) async throws -> Prepared? {
        guard let found, let content = found.transaction.signedContent(admission.settings[ServiceSettingList.signedText]),
            let completedAt = found.transaction.completedAt,
            let person = found.person
        else { return nil }
        let signature: [UInt8]
        if let kept = found.signature {
            signature = kept
        } else {
            signature = try await service.house.sign(
                SignatureRequest(content: content, person: person, tenant: admission.client.tenant, moment: completedAt))
        }
        return Prepared(
            personalData: try sealed(person, session, admission), signature: signature, isSignatureNew: found.signature == nil)
    }

    /// The person's data under the session of this very call.
    private func sealed(_ person: Person, _ session: ReceivedSession, _ admission: ServiceCall.Admission) throws -> JSON {
        let data = person.data(at: admission.now, sendsAgeGroup: admission.settings[ServiceSettingList.sendsAgeGroup])
        return try session.seal(data, version: admission.settings[ServiceSettingList.fieldVersion].rawValue)
    }

    private func judge(
        _ id: String, _ session: ReceivedSession, _ prepared: Prepared?, _ admission: ServiceCall.Admission
    ) async throws -> (Outcome<Transaction>, Bool) {
        let house = service.house
        return try await house.environment.database.write { connection in
            let records = Records(connection, admission.client.tenant, house.seal)
            let isReused = try !records.noteSession(session.reuseDigests, of: admission.client, at: admission.now, admission.settings)
            if isReused, admission.settings[ServiceSettingList.sessionReuse] == .refuse {
                return (.refused(Refused(.session, CallVerdicts.reused(warned: false))), true)
            }
            if admission.hasRefusals, let ordered = try records.takeRefusal(.result) {
                return (.refused(Refused(.code(ordered.code), CallVerdicts.seeded(ordered.code))), isReused)
            }
            let known = try records.transaction(id, at: admission.now)
            guard var transaction = known, transaction.client == admission.client.id else {
                return (.refused(TransactionVerdicts.unknown(isOthers: known != nil)), isReused)
            }
            let limits = admission.settings.readLimits
            let reading = transaction.read(at: admission.now, limits)
            if let refused = TransactionVerdicts.refusal(reading, transaction, limits) { return (.refused(refused), isReused) }
            guard let person = transaction.person, try records.person(person, admission.settings) != nil else {
                return (.refused(Refused(.userUnknown, CallVerdicts.goneInBetween)), isReused)
            }
            guard let prepared else { throw NotPrepared() }
            try records.update(transaction)
            if prepared.isSignatureNew { try records.keep(signature: prepared.signature, of: id) }
            return (.done(transaction), isReused)
        }
    }

    private func reply(_ transaction: Transaction, _ prepared: Prepared) -> JSON {
        [
            "txId": .string(transaction.id), "status": .string(Transaction.Status.completed.rawValue), "userIdentifier": .null,
            "userCiToken": .null, "signature": .string(Base64.encode(prepared.signature)), "randomValue": .null,
            "completedDt": .optional(transaction.completedAt.map { TossAuthTime.text($0) }),
            "requestedDt": .string(TossAuthTime.text(transaction.requestedAt)), "personalData": prepared.personalData,
        ]
    }
}

extension Person {
    /// `personalData` in clear, in the order of the published sample.
    func data(at now: Timestamp, sendsAgeGroup: Bool) -> PersonalData {
        var members: JSON.Members = [
            "ci": .string(ci), "name": .string(name), "birthday": .string(birthday), "gender": .string(gender.rawValue),
            "nationality": .string(nationality.rawValue), "ci2": .null, "di": .string(di), "ciUpdate": .null,
        ]
        if sendsAgeGroup, let group = ageGroup(at: now) { members["ageGroup"] = .string(group.rawValue) }
        return PersonalData(clear: .object(members))
    }

    /// Adult or minor by the civil code, on the calendar of Korea; nothing for somebody who is not born yet.
    func ageGroup(at now: Timestamp) -> AgeGroup? {
        AgeRule.standard.judge(ageGroup: nil, birthday: Birthday(birthday), at: now)?.group
    }
}
