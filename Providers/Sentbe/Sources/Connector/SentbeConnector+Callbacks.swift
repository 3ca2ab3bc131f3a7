import Base
import ProviderKit
import Transport

/// Callbacks: the token is compared, then the transfer is fetched, and only what was fetched is believed.
extension SentbeConnector {
    /// How many pages of a list are looked through for a transfer whose id is not known.
    static let pagesSearched = 4

    func receive(_ call: Call, _ credentials: SentbeCredentials) async throws(CallFailure) -> Reply {
        guard call.body.count <= SentbeCallback.longestBody else { throw .callbackTooLong }
        guard let callback = SentbeCallback(call.body) else { throw .unreadableCallback }
        guard callback.isFrom(accessID: credentials.accessID) else {
            environment.log.warning("callback with a wrong token", .word("connection", environment.connection))
            throw .wrongToken
        }
        let checked = try await check(callback, credentials)
        let confirmed = checked.confirmed
        // The provider repeats what it got no answer to. The state is what counts, and this one is known.
        let isKnown = confirmed != nil && transfers.entry(callback.externalID)?.handedOn == confirmed
        if !isKnown {
            if let application = configuration.application {
                try await handOn(checked, to: application)
            } else {
                inbox.keep(checked)
            }
            if let confirmed { transfers.handedOn(callback.externalID, confirmed) }
        }
        environment.log.info(
            "callback checked", .word("connection", environment.connection),
            .word("confirmed", confirmed.map { $0 == callback.status ? "as-claimed" : "otherwise" } ?? "no"),
            .word("handed_on", isKnown ? "before" : "now"))
        return Reply(status: 200, json: ["result": true])
    }

    /// Fetches the transfer that a callback is about.
    private func check(_ callback: SentbeCallback, _ credentials: SentbeCredentials) async throws(CallFailure) -> CheckedCallback {
        let known = transfers.entry(callback.externalID)
        var found: TransferView?
        if let api = known?.api, let id = known?.transferID {
            found = try await fetch(id, api, credentials)
        } else {
            found = try await search(callback.externalID, known, credentials)
            if let found, let id = found.transferID { transfers.learned(callback.externalID, api: found.api, transferID: id) }
        }
        return CheckedCallback(
            externalID: callback.externalID, api: found?.api ?? known?.api, transferID: found?.transferID, claimed: callback.status,
            confirmed: found?.status, transfer: found?.json ?? .null, fetchedAt: environment.time.now)
    }

    private func fetch(_ id: String, _ api: SentbeAPI, _ credentials: SentbeCredentials) async throws(CallFailure) -> TransferView {
        guard let segment = PathText.segment(id) else { throw .transferNotFetched("transfer-id") }
        let reply = try await ask("/\(api.rawValue)/transfers/\(segment)", [:], credentials)
        guard reply.isSuccess else { throw .transferNotFetched(reply.failures.first?.code.rawValue ?? "no-result") }
        let view = TransferView(reply.data.elements?.first ?? reply.data, api)
        guard view.transferID == id, view.status != nil else { throw .transferNotFetched("other-transfer") }
        return view
    }

    /// Walks the newest pages for a transfer that shows the external_id, or, as the only one, has the marks of the one that was sent under it.
    private func search(
        _ externalID: String, _ known: TransferMemory.Entry?, _ credentials: SentbeCredentials
    ) async throws(CallFailure) -> TransferView? {
        let apis = known?.api.map { [$0] } ?? SentbeAPI.allCases
        var candidate: TransferView?
        for api in apis {
            for page in 1...SentbeConnector.pagesSearched {
                let reply = try await ask("/\(api.rawValue)/transfers", ["page": .string(String(page))], credentials)
                // A partner of one product only is refused at the other's paths.
                guard reply.isSuccess else { break }
                let rows = (reply.data.elements ?? [reply.data]).map { TransferView($0, api) }
                for row in rows {
                    guard row.status != nil, let id = row.transferID, !transfers.isTaken(api, id, by: externalID) else { continue }
                    if let shown = row.externalID {
                        if shown.utf8.elementsEqual(externalID.utf8) { return row }
                    } else if let known, row.fits(known), candidate?.transferID != id {
                        // Two of one amount to one person cannot be told apart, and to believe the wrong one is worse than to believe none.
                        guard candidate == nil else { return nil }
                        candidate = row
                    }
                }
                // Without a mark to go by, further pages cannot bring anything either.
                guard rows.count >= SentbeRoutes.rowsPerPage, known?.fingerprint != nil || rows.contains(where: { $0.externalID != nil })
                else { break }
            }
        }
        return candidate
    }

    private func ask(_ path: String, _ parameters: JSON.Members, _ credentials: SentbeCredentials) async throws(CallFailure) -> SentbeReply
    {
        let context = SentContext(
            row: SentbeRoutes.row(.get, path), call: Call(method: .get, path: path), parameters: parameters)
        let reply: Reply
        do throws(CallFailure) {
            let prepared = try sealed(context, credentials, fields: HTTPFields())
            reply = try await send(prepared.call, to: prepared.origin)
        } catch {
            throw .transferNotFetched(error.cause ?? error.code.rawValue)
        }
        guard let answer = SentbeReply(reply.body) else { throw .transferNotFetched("unreadable") }
        return answer
    }

    private func handOn(_ callback: CheckedCallback, to application: Configuration.Application) async throws(CallFailure) {
        let call = Call(
            method: .post, path: application.path, fields: ["Content-Type": "application/json; charset=utf-8"], body: callback.json.bytes)
        let reply: Reply
        do throws(CallFailure) {
            reply = try await send(call, to: application.origin)
        } catch {
            throw .callbackNotTaken(error.cause ?? error.code.rawValue)
        }
        guard (200...299).contains(reply.status) else { throw .callbackNotTaken("status-\(reply.status)") }
    }
}
