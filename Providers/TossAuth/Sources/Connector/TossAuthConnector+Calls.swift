import Base
import ProviderKit
import Transport

extension TossAuthConnector {
    /// Carries one of the three calls of a check.
    func carry(_ call: Call, _ row: TossAuthAPI, deadline: Duration) async throws(CallFailure) -> Reply {
        let asked = try ApplicationCall(call, row)
        do throws(TossAuthError) {
            switch asked {
            case .request(let request):
                let started = try await course.request(request, deadline: deadline)
                return delivered(started.reply, row, started.state)
            case .sealedRequest(let body, let type):
                let started = try await course.passRequest(
                    body, type: type, reference: call.fields[TossAuthFields.reference], olderPath: row.isOlderSpelling, deadline: deadline)
                return bySessionOfApplication(delivered(started.reply, row, started.state))
            case .status(let txID):
                let progress = try await course.status(of: txID, olderPath: row.isOlderSpelling, deadline: deadline)
                return delivered(progress.reply, row, progress.state)
            case .result(let txID, let fresh):
                return opened(try await course.result(of: txID, fresh: fresh, olderPath: row.isOlderSpelling, deadline: deadline), row)
            case .sealedResult(let txID, let body):
                let passed = try await course.passResult(of: txID, body, olderPath: row.isOlderSpelling, deadline: deadline)
                read(.success, passed.state)
                return bySessionOfApplication(delivered(passed.reply, row, passed.state))
            }
        } catch {
            return try failed(error, row)
        }
    }

    /// The provider's success as it came.
    private func delivered(_ reply: Reply, _ row: TossAuthAPI, _ state: VerificationState) -> Reply {
        var reply = adding(state, to: told(TossAuthFields.cleaned(reply), row.name, .success))
        if row.purpose == .result { reply.fields["Cache-Control"] = "no-store" }
        return reply
    }

    /// Tells that the gateway has neither encrypted nor opened anything.
    private func bySessionOfApplication(_ reply: Reply) -> Reply {
        environment.log.info("passed with the application's own session", .word("connection", environment.connection))
        var reply = reply
        reply.fields[TossAuthFields.session] = "application"
        return reply
    }

    /// An opened result: the person's data in clear, everything else as the provider sent it.
    private func opened(_ result: VerificationResult, _ row: TossAuthAPI) -> Reply {
        read(result.isRepeated ? .repeated : .success, result.state)
        var reply = adding(result.state, to: told(Reply(status: 200, json: result.answer()), row.name, .success))
        reply.fields["Cache-Control"] = "no-store"
        if result.isRepeated { reply.fields[TossAuthFields.repeated] = "true" }
        reply.fields[TossAuthFields.signature] = result.signatureFinding.rawValue
        if let certificate = result.certificateFinding {
            reply.fields[TossAuthFields.certificate] = certificate.isValid ? (certificate.isEnabled ? "valid" : "revoked") : "invalid"
        }
        // At the moment at which the person proved who they are, so that a result that is handed over again says the same.
        if let age = configuration.ageRule.judge(result.person, at: result.completedAt ?? environment.time.now) {
            reply.fields[TossAuthFields.ageGroup] = age.group.rawValue
            reply.fields[TossAuthFields.ageBasis] = age.basis.rawValue
        }
        return reply
    }

    /// What the application gets when a call brought no success: the provider's own answer where there is one, else the failure.
    private func failed(_ error: TossAuthError, _ row: TossAuthAPI) throws(CallFailure) -> Reply {
        if row.purpose == .result { read(TossAuthCounters.Read(error), error.state) }
        guard let answer = error.reply else { throw error.callFailure }
        let meaning: TossAuthCounters.Meaning = error.code == .refused ? .fail : .unknown
        var reply = adding(error.state, to: told(TossAuthFields.cleaned(answer), row.name, meaning, error.errorCode))
        reply.fields["Cache-Control"] = "no-store"
        return reply
    }

    private func read(_ read: TossAuthCounters.Read, _ state: VerificationState?) {
        counters.read(read)
        environment.log.info(
            "result read", .word("connection", environment.connection), .word("result", read.rawValue),
            .count("reads_left", state?.readsLeft ?? -1))
    }
}

extension TossAuthCounters.Read {
    /// What became of a read that brought nothing.
    init(_ error: TossAuthError) {
        switch (error.code, error.outcome) {
        case (.readsUsedUp, _), (.resultDeadlinePassed, _): self = .withheld
        case (.refused, _): self = .refused
        case (_, .unverified): self = .unverified
        case (_, .unknown): self = .lost
        default: self = .notSent
        }
    }
}
