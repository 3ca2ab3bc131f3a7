import Base
import ProviderKit
import Transport

/// Callbacks: source and proof are checked, the application is told in JSON, and only when it has taken that the provider gets its answer.
extension AppsInTossConnector {
    /// The longest body of a callback in bytes (ours).
    static let longestCallback = 64 << 10

    /// What kind of callback a call is, with the proof that it needs; nothing when it is none that this connection takes.
    func callbackKind(_ call: Call) -> (CallbackKind, CallbackProof)? {
        guard let callbacks = configuration.callbacks else { return nil }
        switch (call.path, call.method) {
        case ("/-/callbacks/unlink", .get), ("/-/callbacks/unlink", .post): return callbacks.unlink.map { (.unlink, $0) }
        case ("/-/callbacks/subscription", .post): return callbacks.subscription.map { (.subscription, $0) }
        default: return nil
        }
    }

    func receive(_ kind: CallbackKind, _ call: Call, from peer: HTTPPeer, _ proof: CallbackProof) async throws(CallFailure) -> Reply {
        guard configuration.callbacks?.mayCome(from: peer.address) == true else {
            throw refuse(kind, .wrongSource, peer, .callbackFromElsewhere)
        }
        let credentials = call.fields.values(AppsInTossHeaders.authorization)
        guard credentials.count == 1,
            proof.scheme(of: credentials[0], among: kind == .unlink ? [.basic] : CallbackProof.Scheme.allCases) != nil
        else { throw refuse(kind, .wrongProof, peer, .callbackNotProven) }
        guard call.body.count <= AppsInTossConnector.longestCallback else { throw refuse(kind, .unreadable, peer, .callbackUnreadable) }
        switch kind {
        case .unlink:
            guard let notice = UnlinkCallback(method: call.method, query: call.query, body: call.body) else {
                throw refuse(kind, .unreadable, peer, .callbackUnreadable)
            }
            return try await take(notice)
        case .subscription:
            guard let event = SubscriptionEvent(call.body), let json = try? JSON(call.body) else {
                throw refuse(kind, .unreadable, peer, .callbackUnreadable)
            }
            return try await take(event, json)
        }
    }

    private func refuse(
        _ kind: CallbackKind, _ result: ConnectorCounters.CallbackResult, _ peer: HTTPPeer, _ failure: CallFailure
    ) -> CallFailure {
        counters.callback(kind, result)
        environment.log.warning(
            "callback refused", .word("connection", environment.connection), .word("kind", kind.rawValue), .word("reason", result.rawValue),
            .address("address", peer.address))
        return failure
    }

    /// A notice that comes again is handed on again, and said to be a repeat: to end a link that has ended does no harm, to miss one that was made anew would.
    private func take(_ notice: UnlinkCallback) async throws(CallFailure) -> Reply {
        let mark = CallbackLedger.Mark(.unlink, identity: notice.identity)
        try begin(mark)
        defer { callbackLedger.ends(mark) }
        var members = envelope(.unlink)
        members["userKey"] = .number(notice.userKey.rawValue)
        members["referrer"] = .string(notice.referrer.rawValue)
        members["repeated"] = .boolean(await wasTaken(mark))
        try await handOn(.object(members), mark)
        return Reply(status: 200)
    }

    /// An event that comes again is answered without bothering the application.
    private func take(_ event: SubscriptionEvent, _ json: JSON) async throws(CallFailure) -> Reply {
        guard event.kind != .registrationVerification else {
            counters.callback(.subscription, .verification)
            environment.log.info("the address for subscriptions was verified", .word("connection", environment.connection))
            return Reply(status: 204)
        }
        let mark = CallbackLedger.Mark(.subscription, identity: event.identity)
        try begin(mark)
        defer { callbackLedger.ends(mark) }
        guard await !wasTaken(mark) else {
            counters.callback(.subscription, .repeated)
            return Reply(status: 204)
        }
        var members = envelope(.subscription)
        members["id"] = .string(mark.digest)
        members["event"] = json
        try await handOn(.object(members), mark)
        return Reply(status: 204)
    }

    /// Takes a callback into work before anybody asks whether it was taken: of two that come at once, one would otherwise miss what becomes of the other.
    private func begin(_ mark: CallbackLedger.Mark) throws(CallFailure) {
        guard callbackLedger.begins(mark) else { throw notTaken(mark, "under-way") }
    }

    private func envelope(_ kind: CallbackKind) -> JSON.Members {
        var members: JSON.Members = ["type": .string(kind.rawValue), "connection": .string(environment.connection)]
        if let app = configuration.app { members["app"] = .string(app) }
        members["receivedAt"] = .string(time.now.internetText)
        return members
    }

    /// Whether the application has had it. What cannot be looked up is handed on: twice is better than never.
    private func wasTaken(_ mark: CallbackLedger.Mark) async -> Bool {
        do throws(RecordError) {
            return try await callbackLedger.wasTaken(mark)
        } catch {
            environment.log.error("callbacks taken before cannot be looked up", .word("connection", environment.connection))
            return false
        }
    }

    private func handOn(_ json: JSON, _ mark: CallbackLedger.Mark) async throws(CallFailure) {
        guard let application = configuration.callbacks?.application else { throw .noSuchOwnPath }
        let request = HTTPRequest(
            method: .post, target: application.pathPrefix, fields: ["Content-Type": "application/json; charset=utf-8"], body: json.bytes)
        let timeouts = HTTPTimeouts(
            connect: configuration.connectTimeout, firstByte: configuration.readTimeout,
            total: configuration.connectTimeout + configuration.readTimeout)
        let status: Int
        do throws(HTTPExchangeError) {
            status = try await environment.exchange.send(request, to: application.origin, timeouts: timeouts).status
        } catch {
            throw notTaken(mark, error.code.rawValue)
        }
        guard (200...299).contains(status) else { throw notTaken(mark, "status-\(status)") }
        counters.callback(mark.kind, .taken)
        environment.log.info(
            "callback handed on", .word("connection", environment.connection), .word("kind", mark.kind.rawValue))
        do throws(RecordError) {
            try await callbackLedger.taken(mark)
        } catch {
            environment.log.error("a callback that was taken could not be noted", .word("connection", environment.connection))
        }
    }

    private func notTaken(_ mark: CallbackLedger.Mark, _ word: String) -> CallFailure {
        counters.callback(mark.kind, .notTaken)
        environment.log.warning(
            "the application did not take a callback", .word("connection", environment.connection), .word("kind", mark.kind.rawValue),
            .word("cause", word))
        return .callbackNotTaken(word)
    }
}
