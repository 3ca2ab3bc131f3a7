import Base
import ProviderKit
import Transport

/// Carries one call to its provider and back: proven, sent, its answer accepted, and repeated at most once where that is safe.
struct Broker: Sendable {
    let exchange: any HTTPExchange
    let time: any TimeSource
    let connectTimeout: Duration

    /// What never goes on to a provider. A connector sees all of it before that: who calls, from which page, and what the caller asks of the gateway.
    private static let notForwarded = HTTPFieldNames(
        HTTPFieldNames.hopByHop + [
            "host", "expect", "cookie", "cookie2", "origin", "referer", "forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip",
        ], prefixes: ["bujeol-", "x-forwarded-", "sec-"])

    /// What never comes back from one: its connection's own fields, and the field by which callers know whose answer it is.
    private static let notPassedBack = HTTPFieldNames(HTTPFieldNames.hopByHop, prefixes: ["bujeol-"])

    static let outcomeField = "Bujeol-Outcome"

    /// The same for an answer that a connector brought by an enquiry of its own: it may be the provider's as it came, with the connector's fields added.
    private static let notPassedOn = HTTPFieldNames(HTTPFieldNames.hopByHop + [outcomeField])

    private static func cleaned(_ acceptance: Acceptance) -> Acceptance {
        switch acceptance {
        case .deliver(var reply):
            reply.fields.removeNominatedByConnection()
            reply.fields.removeAll(notPassedOn)
            return .deliver(reply)
        case .proveAgain(var reply):
            reply.fields.removeNominatedByConnection()
            reply.fields.removeAll(notPassedOn)
            return .proveAgain(reply)
        }
    }

    /// Carries a call.
    ///
    /// - Returns: The response for the caller, and whether it is the gateway's own instead of the provider's.
    func carry(
        _ arrived: Call, from peer: HTTPPeer, _ route: Route?, _ connector: any Connector, started: Duration
    ) async throws(CallFailure) -> (HTTPResponse, isOwn: Bool) {
        let end = started + (try deadline(arrived.fields, connector.deadline))
        var call = arrived
        call.fields.removeNominatedByConnection()
        if let reply = try await connector.answerItself(call, from: peer) {
            var response = reply.response
            if !response.fields.contains(Broker.outcomeField) { response.fields.append(Broker.outcomeField, "answered") }
            return (response, true)
        }
        if let reply = try await connector.carry(call, deadline: max(.zero, end - time.uptime)) {
            return (Broker.delivered(reply, to: call), false)
        }
        var reply: Reply
        switch try await attempt(call, route, connector, end) {
        case .deliver(let answer): reply = answer
        case .proveAgain(let refusal):
            // A path that the provider's table does not know counts as one that moves money.
            if let route, route.effect.mayBeRepeated {
                switch try await attempt(call, route, connector, end) {
                case .deliver(let answer), .proveAgain(let answer): reply = answer
                }
            } else {
                reply = refusal
            }
        }
        return (Broker.delivered(reply, to: call), false)
    }

    private static func delivered(_ answer: Reply, to call: Call) -> HTTPResponse {
        var reply = answer
        if !reply.fields.contains(outcomeField) { reply.fields.append(outcomeField, "delivered") }
        // An answer to HEAD has no body, and its length would be told as 0: better not at all.
        if call.method == .head { return HTTPResponse(status: reply.status, fields: reply.fields) { _ in } }
        return reply.response
    }

    private func attempt(
        _ call: Call, _ route: Route?, _ connector: any Connector, _ end: Duration
    ) async throws(CallFailure) -> Acceptance {
        var prepared = try await connector.prepare(call, deadline: end - time.uptime)
        prepared.call.fields.removeAll(Broker.notForwarded)
        if let admission = prepared.admission { try await admission.enter(deadline: end - time.uptime) }
        let left = end - time.uptime
        guard left > .zero else { throw .deadlinePassedUnsent }
        let timeouts = HTTPTimeouts(
            connect: min(connectTimeout, prepared.connectTimeout ?? left, left), firstByte: min(prepared.readTimeout ?? left, left),
            total: left)
        let response: HTTPResponse
        do throws(HTTPExchangeError) {
            response = try await (prepared.exchange ?? exchange).send(prepared.call.request, to: prepared.origin, timeouts: timeouts)
        } catch {
            // The call is no longer on its way, and what is asked about it now may take a while.
            prepared.admission?.leave()
            let failure = CallFailure(error, route: route)
            guard failure.outcome == .unknown else { throw failure }
            return Broker.cleaned(try await connector.resolve(failure, of: prepared))
        }
        prepared.admission?.leave()
        var reply = Reply(response)
        // Before the connector sees it: what it adds of its own under the gateway's names is passed back.
        reply.fields.removeNominatedByConnection()
        reply.fields.removeAll(Broker.notPassedBack)
        return try await connector.accept(reply, to: prepared, deadline: max(.zero, end - time.uptime))
    }

    /// How long the call may take: what the caller asks for in `Bujeol-Deadline`, bounded by the connection's own.
    private func deadline(_ fields: HTTPFields, _ longest: Duration) throws(CallFailure) -> Duration {
        guard let text = fields["Bujeol-Deadline"] else { return longest }
        guard let asked = Duration(settingText: text), asked > .zero else { throw .invalidDeadline }
        return min(asked, longest)
    }
}
