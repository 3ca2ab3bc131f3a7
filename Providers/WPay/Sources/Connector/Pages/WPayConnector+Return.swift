import Base
import ProviderKit
import Transport

/// `/return/<api>`: takes the callback that WPAY sends through the shopper's browser, believes it only if its signature holds, and hands the opened result to the merchant's application.
extension WPayConnector {
    func takeCallback(_ call: Call) async throws(CallFailure) -> Reply {
        let isBrowser = OwnPage.isFromBrowser(call) || OwnPage.isForwarded(call)
        let result: CallbackResult
        do throws(CallFailure) {
            result = try read(call)
        } catch {
            counters.callback(.refused)
            // A shopper who looks at the browser cannot do anything with a problem document.
            guard isBrowser else { throw error }
            var page = HTMLPage.notice(error.status, title: "WPAY", ReturnTexts.failure(error))
            page.fields.append("Bujeol-Outcome", error.outcome.rawValue)
            return page
        }
        counters.callback(result.isVerified ? result.isRepeated ? .repeated : .verified : .unsigned)
        guard isBrowser else { return result.reply }
        guard let application = configuration.application else {
            return HTMLPage.notice(200, title: "WPAY", ReturnTexts.ending(result.word))
        }
        return await ApplicationHandover(exchange: environment.exchange, timeouts: timeouts).hand(result, to: application, from: call)
    }

    /// A result that the merchant's program fetches.
    func result(_ call: Call) throws(CallFailure) -> Reply {
        guard call.method == .get else { throw .wpayMethod("GET") }
        if OwnPage.isFromBrowser(call) || OwnPage.isForwarded(call) {
            throw CallFailure(
                .originForbidden, outcome: .refused, status: 403,
                message: BilingualText(
                    korean: "결과는 상점 서버의 프로그램만 가져갈 수 있습니다. 브라우저나 프록시를 거친 요청은 받지 않습니다.",
                    english: "results are for the merchant's program only; requests of browsers and through proxies are refused"))
        }
        let wtid = FormText.decodePart(call.path.utf8.dropFirst(OwnPage.results.prefix.utf8.count), plusIsSpace: false)
        let now = time.uptime
        guard let wtid, let body = memory.withLock({ $0.result(of: wtid, now: now) }) else {
            throw .wpayRefused(
                "그 wtid의 결과가 없습니다. 결과는 콜백을 받은 뒤 10분 동안만 보관합니다.",
                "there is no result with this wtid; results are kept for 10 minutes after their callback", status: 404)
        }
        return CallbackResult.reply(body)
    }

    private func read(_ call: Call) throws(CallFailure) -> CallbackResult {
        guard let (api, _) = OwnPage.return.api(call) else { throw .wpayUnknownPage }
        guard call.method == (api.replyCarrier == .query ? .get : .post) else {
            throw .wpayMethod(api.replyCarrier == .query ? "GET" : "POST")
        }
        let form = call.method == .get ? Array((call.query ?? "").utf8) : call.body
        guard form.count <= WPayReply.byteLimit, let values = FormText.decode(form) else { throw .wpayUnreadable }
        switch try verify(values, api) {
        case .unverifiedFailure(let code): return CallbackResult(unsigned: code, api)
        case .verified(let callback):
            return try keep(callback, values.first { $0.name == WPayRequest.signatureField }?.value ?? "")
        }
    }

    private func verify(_ values: [(name: String, value: String)], _ api: WPayAPI) throws(CallFailure) -> WPayCallback.Outcome {
        do throws(WPayCallbackError) {
            // Which of the connection's keys signed is the callback's own word; the signature then proves it.
            let keys = keys(of: api.replyField("mid") == nil ? nil : values.first { $0.name == "mid" }?.value)
            let outcome = try WPayCallback.verify(values, of: api, keys: keys)
            if case .verified(let callback) = outcome, let mid = callback.final("mid")?.text, mid != configuration.mid,
                mid != configuration.autoPayMid
            {
                throw WPayCallbackError.otherMerchant
            }
            return outcome
        } catch {
            environment.log.warning(
                "a callback was not believed", .word("connection", environment.connection), .word("route", api.identifier),
                .word("code", error.code.rawValue))
            throw .wpayCallback(error)
        }
    }

    /// Remembers a verified callback by its wtid, so that it can be told from another one with the same.
    private func keep(_ callback: WPayCallback, _ signature: String) throws(CallFailure) -> CallbackResult {
        let domain = callback.final("wpayDomain")
        var destination: CallbackMemory.Destination?
        var ticket: String?
        if callback.resultCode.isSuccess, callback.api.replyField("wpayDomain")?.isSigned ?? false {
            // A place that is signed to be empty is no other place than the configured one.
            if let base = domain == nil
                ? configuration.place.base(of: callback.api.product) : callback.base(allowed: configuration.allowedHosts)
            {
                destination = .base(base)
                let claim = TicketOffice.Claim(
                    wtid: callback["wtid"]?.text ?? "", oid: callback["oid"]?.text ?? "", wpayDomain: domain?.text ?? "")
                ticket = tickets.issue(claim, at: time.now)
            } else {
                destination = .notAllowed
                environment.log.error(
                    "a verified callback names a wpayDomain that is not allowed; nothing will be sent there",
                    .word("connection", environment.connection), .word("route", callback.api.identifier))
            }
        }
        var result = CallbackResult(callback, keys(of: callback["mid"]?.text).seed, ticket: ticket, isFollowed: destination != .notAllowed)
        guard let wtid = callback["wtid"]?.text else { return result }
        let now = time.uptime
        let (body, arrival) = (result.body, CallbackMemory.Arrival(signature: signature, destination: destination))
        let novelty = memory.withLock { memory in
            (memory.take(wtid, arrival, result: body, now: now), memory.result(of: wtid, now: now))
        }
        switch novelty.0 {
        case .new: return result
        case .conflicting: throw .wpayWtidTaken
        case .repeated:
            result.repeats(novelty.1)
            return result
        }
    }
}

/// Sentences for a shopper.
enum ReturnTexts {
    static func ending(_ word: ResultWord) -> BilingualText {
        switch word {
        case .success, .already:
            BilingualText(korean: "처리되었습니다. 상점으로 돌아가세요.", english: "Done. Please go back to the shop.")
        case .fail, .unreadable:
            BilingualText(
                korean: "완료되지 않았습니다. 상점으로 돌아가 다시 시도하세요.", english: "This was not completed. Please go back to the shop and try again.")
        }
    }

    static func failure(_ failure: CallFailure) -> BilingualText {
        failure.outcome == .unverified
            ? BilingualText(
                korean: "결과가 진짜인지 확인하지 못했습니다. 결제되었는지 상점에 문의하세요.",
                english: "The result could not be verified. Please ask the shop whether anything was paid.")
            : BilingualText(korean: "요청을 처리할 수 없습니다. 상점으로 돌아가세요.", english: "This request cannot be handled. Please go back to the shop.")
    }

    static let handoverFailed = BilingualText(
        korean: "WPAY의 결과는 받았지만 상점 서버가 응답하지 않습니다. 다시 시도하기 전에 상점에 문의하세요.",
        english: "WPAY's result has arrived, but the shop's server does not answer. Please ask the shop before you try again.")
}
