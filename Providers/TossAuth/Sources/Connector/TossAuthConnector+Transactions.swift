import Base
import ProviderKit
import Transport

/// The connection's own paths, below the provider's.
enum OwnPages {
    private static let transaction = "/-/transactions/{txId}"
    static let table = RouteTable([
        Route("transaction", .get, transaction, .reads), Route("transaction-forget", .delete, transaction, .repeatable),
    ])

    static func isBelow(_ path: String) -> Bool { path == "/-" || path.hasPrefix("/-/") }

    /// What an application wants to know or to have forgotten.
    enum Question {
        /// How a check stands; where `wait` is given, as soon as it stands otherwise.
        case state(TransactionID, wait: Duration?)
        /// To forget what is kept of a check.
        case forget(TransactionID)

        /// Reads a call below ``OwnPages``.
        ///
        /// - Throws: ``CallFailure`` for a path, a method or a question that does not exist here.
        init(_ call: Call) throws(CallFailure) {
            guard let match = table.match(.get, call.path), let text = match.parameters["txId"] else { throw .noSuchPage }
            guard let txID = TransactionID(text) else { throw .noSuchTransaction }
            switch call.method {
            case .get, .head: self = .state(txID, wait: try Question.wait(call.query))
            case .delete:
                guard call.query ?? "" == "" else { throw .waitForm }
                self = .forget(txID)
            default: throw .transactionMethods
            }
        }

        private static func wait(_ query: String?) throws(CallFailure) -> Duration? {
            guard let query, !query.isEmpty else { return nil }
            guard let pairs = FormText.decode(query.utf8), pairs.count == 1, pairs[0].name == "wait",
                let wait = Duration(settingText: pairs[0].value), wait <= VerificationCourse.longestWait
            else { throw .waitForm }
            return wait
        }
    }
}

extension TossAuthConnector {
    /// How a check stands, as far as is known here.
    func state(of txID: TransactionID) async throws(CallFailure) -> Reply {
        let state: VerificationState?
        do throws(TossAuthError) {
            state = try await course.state(of: txID)
        } catch {
            throw error.callFailure
        }
        guard let state else { throw .noSuchTransaction }
        return page(state)
    }

    /// How a check stands after a while: as soon as it stands otherwise, or at the end of the wait.
    func state(of txID: TransactionID, afterWaiting wait: Duration, deadline: Duration) async throws(CallFailure) -> Reply {
        do throws(TossAuthError) {
            return page(try await course.wait(for: txID, atMost: wait, deadline: deadline))
        } catch {
            if let code = error.errorCode { counters.refused(code) }
            throw error.callFailure
        }
    }

    /// Forgets what is kept of a check, its result first of all; only how often it was read stays known.
    func forget(_ txID: TransactionID) async throws(CallFailure) -> Reply {
        do throws(TossAuthError) {
            return answered(["txId": .string(txID.text), "forgotten": .boolean(try await course.forget(txID))])
        } catch {
            throw error.callFailure
        }
    }

    private func page(_ state: VerificationState) -> Reply {
        func moment(_ moment: Timestamp?) -> JSON { moment.map { .string(TossAuthTime.text($0)) } ?? .null }
        return adding(
            state,
            to: answered([
                "txId": .string(state.txID.text), "requestType": state.requestType.map { .string($0.rawValue) } ?? .null,
                "reference": state.reference.map { .string($0) } ?? .null, "status": state.status.map { .string($0.rawValue) } ?? .null,
                "requestedDt": moment(state.requestedAt), "completedDt": moment(state.completedAt), "readsLeft": .number(state.readsLeft),
                "resultDeadline": moment(state.resultDeadline), "keptUntil": moment(state.keptUntil),
                "ended": state.ended.map { .string($0.rawValue) } ?? .null, "isOver": .boolean(state.isOver),
            ]))
    }

    private func answered(_ json: JSON) -> Reply {
        var reply = Reply(status: 200, json: json)
        reply.fields["Cache-Control"] = "no-store"
        reply.fields[TossAuthFields.outcome] = "answered"
        return reply
    }
}
