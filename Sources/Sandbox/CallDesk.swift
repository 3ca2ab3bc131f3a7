import Base
import ProviderKit
import SandboxKit
import Transport

/// Takes the calls to providers: has the service judge them, lets faults strike, and keeps the log.
struct CallDesk: Sendable {
    let services: [any SandboxService]
    let redactors: [Redactor]
    let tenants: Tenants
    let clocks: Clocks
    let faults: Locked<FaultPlan>
    let requests: RequestLog
    let metrics: CallMetrics
    let time: any TimeSource

    /// A call on its way, and what has become of it so far.
    private struct Course {
        let service: any SandboxService
        let redactor: Redactor
        let call: Call
        let source: CallSource
        let began: Duration
        var tenant: TenantID?
        var route: String?
        var verdict: Verdict?
        var struck: [Fault] = []
    }

    /// Answers a call to the service at `index`.
    func respond(to call: Call, service index: Int, source: CallSource) async -> HTTPResponse {
        var course = Course(service: services[index], redactor: redactors[index], call: call, source: source, began: time.uptime)
        let provider = course.service.provider
        if faults.withLock({ $0.awaits(.before, provider: provider) }) {
            // Whose call it is must be known before the service acts.
            course.tenant = await known(course.service.tenant(of: call, from: source))
            course.route = course.service.route(of: call)
            if let fault = take(.before, course), let response = await strike(fault, &course) { return response }
        }
        let judgement = await course.service.respond(to: call, from: source)
        course.tenant = known(judgement.tenant) ?? course.tenant
        course.route = judgement.route ?? course.route
        course.verdict = judgement.verdict
        if let fault = take(.after, course) { return await strike(fault, afterwards: judgement.reply, &course) }
        finish(course, .answered, judgement.reply)
        return judgement.reply.response
    }

    /// Refuses a call whose TLS handshake was for another host than its `Host` field names, so that nobody was asked for the certificate that is due here.
    func refuseMisdirected(_ call: Call, service index: Int, source: CallSource) -> HTTPResponse {
        let name = source.peer.tls?.serverName
        let verdict = Verdict(
            rule: "tls.misdirected",
            reason: BilingualText(
                korean: "\(source.host)은(는) 클라이언트 인증서를 요구하는데, 이 연결은 "
                    + (name.map { "\($0)(으)로" } ?? "호스트 이름(SNI) 없이") + " 맺어져 인증서를 받지 못했습니다.",
                english: "\(source.host) demands a client certificate, but this connection was made "
                    + (name.map { "for \($0)" } ?? "without a host name (SNI)") + ", and no certificate was shown."),
            remedy: BilingualText(
                korean: "TLS 핸드셰이크(SNI)와 Host 헤더에 같은 이름을 쓰고, 그 연결에서 인증서를 보내세요.",
                english: "Name the same host in the TLS handshake (SNI) and in the Host field, and show the certificate on that connection."
            ),
            details: ["server_name": name.map { .string($0) } ?? .null, "host": .string(source.host)])
        var course = Course(service: services[index], redactor: redactors[index], call: call, source: source, began: time.uptime)
        course.verdict = verdict
        let reply = ControlError(status: 421, message: verdict.reason).reply
        finish(course, .answered, reply)
        return reply.response
    }

    /// A service may name a tenant that has just been removed; the log and the faults of such a one are gone.
    private func known(_ tenant: TenantID?) -> TenantID? { tenant.flatMap { tenants.contains($0) ? $0 : nil } }

    private func take(_ moment: Fault.Moment, _ course: Course) -> Fault? {
        let provider = course.service.provider
        return faults.withLock { $0.take(moment, course.tenant ?? .demo, provider: provider, route: course.route) }
    }

    /// Lets a fault strike before the service has acted. Nothing when the service is to act all the same.
    private func strike(_ fault: Fault, _ course: inout Course) async -> HTTPResponse? {
        course.struck.append(fault)
        switch fault.kind {
        case .delay(let duration):
            do {
                try await time.sleep(for: duration)
                return nil
            } catch {
                // The caller has gone, or the sandbox is shutting down.
                return finish(course, .dropped, nil)
            }
        case .status(let answer), .errorAfter(let answer): return told(answer, course)
        case .hang(let duration, _): return await hang(duration, course)
        case .drop, .truncate: return finish(course, .dropped, nil)
        }
    }

    /// Lets a fault strike when the service has acted and would answer with `reply`.
    private func strike(_ fault: Fault, afterwards reply: Reply, _ course: inout Course) async -> HTTPResponse {
        course.struck.append(fault)
        switch fault.kind {
        case .status(let answer), .errorAfter(let answer): return told(answer, course)
        case .hang(let duration, _): return await hang(duration, course)
        case .truncate:
            finish(course, .truncated, reply)
            return HTTPResponse(status: reply.status, fields: reply.fields) { writer in
                try await writer.write(Array(reply.body.prefix(reply.body.count / 2)))
                throw AnswerCutShort()
            }
        case .delay, .drop: return finish(course, .dropped, nil)
        }
    }

    private func told(_ answer: Fault.Answer, _ course: Course) -> HTTPResponse {
        var reply = Reply(status: answer.status, body: answer.body)
        if let type = answer.contentType { reply.fields["Content-Type"] = type }
        finish(course, .answered, reply)
        return reply.response
    }

    private func hang(_ duration: Duration, _ course: Course) async -> HTTPResponse {
        // Logged first: whoever wonders why nothing comes looks into the log now.
        let response = finish(course, .dropped, nil)
        try? await time.sleep(for: duration)
        return response
    }

    /// Logs and counts the call; returns the response for a call that gets no answer.
    @discardableResult
    private func finish(_ course: Course, _ outcome: RequestRecord.Outcome, _ reply: Reply?) -> HTTPResponse {
        let tenant = course.tenant ?? .demo
        let duration = time.uptime - course.began
        let observed = ObservedCall(
            provider: course.service.provider, call: course.call, address: course.source.peer.address, tls: course.source.peer.tls,
            tenant: tenant,
            isTenantKnown: course.tenant != nil, route: course.route, verdict: course.verdict, outcome: outcome, reply: reply,
            faults: course.struck, tenantTime: clocks.now(tenant), machineTime: time.now, duration: duration)
        let redactor = course.redactor.adding(course.service.privacy(ofRoute: course.route))
        requests.append(observed.record(redactor))
        metrics.called(
            provider: course.service.provider, route: course.route, status: reply?.status, duration: duration, faults: course.struck.count)
        return .abort
    }
}

/// Ends a streamed answer in the middle, as a fault asked for.
private struct AnswerCutShort: Error {}
