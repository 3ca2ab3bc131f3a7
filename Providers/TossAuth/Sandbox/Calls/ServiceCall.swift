import Base
import ProviderKit
import SandboxKit
import Storage
import TossAuth
import Transport

/// One call of the API host: its token, and what the call's own rules work with.
struct ServiceCall: Sendable {
    let call: Call
    let row: TossAuthAPI
    let house: House
    /// The body's members, or why there are none, which is told when the token has let the call in.
    let members: Result<BodyMembers, Refused>

    init(call: Call, row: TossAuthAPI, house: House) {
        self.call = call
        self.row = row
        self.house = house
        do throws(Refused) {
            members = .success(try BodyMembers(call))
        } catch {
            members = .failure(error)
        }
    }

    /// The transaction that the body names, when it does.
    var transactionID: String? { (try? members.get()).flatMap { try? $0.text("txId") } }

    /// Who calls, once the token has let them in.
    struct Admission: Sendable {
        var client: Client
        var settings: ServiceSettings
        var now: Timestamp
        /// The tenant's own service key, sealed; nothing for the shipped one.
        var serviceKey: [UInt8]?
        /// Whether a refusal was ordered that may meet the call.
        var hasRefusals: Bool
    }

    /// Lets the call in by its token, and looks up in the same read what else the call needs.
    ///
    /// - Throws: ``Refused`` with CE1000, ``StorageError``.
    func admit<Found: Sendable>(
        _ trace: inout Trace, _ lookUp: @escaping @Sendable (Records, Admission) throws -> Found
    ) async throws -> (Admission, Found) {
        let claims: Result<TokenClaims, TokenFault>
        do throws(TokenFault) {
            claims = .success(try house.mint.claims(try Bearer.token(call)))
        } catch {
            claims = .failure(error)
        }
        let text = try? Bearer.token(call)
        let named = (try? claims.get()) ?? text.flatMap { TokenMint.claims(unproved: $0) }
        let house = house
        let found = try await house.environment.database.read { connection -> (Admission, Found?)? in
            guard let client = try named.flatMap({ try Client.find($0.client, connection) }) else { return nil }
            let records = Records(connection, client.tenant, house.seal)
            let admission = Admission(
                client: client, settings: try records.settings(), now: house.environment.clocks.now(client.tenant),
                serviceKey: try records.serviceKey(), hasRefusals: try records.hasRefusals())
            // Whoever cannot prove a token is told nothing, and so needs nothing looked up.
            guard case .success = claims else { return (admission, nil) }
            return (admission, try lookUp(records, admission))
        }
        if let admission = found?.0 {
            trace.tenant = admission.client.tenant
            trace.settings = admission.settings
        }
        let proved: TokenClaims
        do throws(TokenFault) {
            proved = try claims.get()
        } catch {
            throw Refused(.token, TokenVerdicts.verdict(error))
        }
        guard let (admission, content) = found, let content else { throw Refused(.token, TokenVerdicts.verdict(.unknownClient)) }
        if let fault = fault(proved, admission) {
            throw Refused(.token, TokenVerdicts.verdict(fault, proved, at: admission.now))
        }
        return (admission, content)
    }

    private func fault(_ claims: TokenClaims, _ admission: Admission) -> TokenFault? {
        if admission.now < claims.beginsAt { return .notYet }
        if admission.now >= claims.expiresAt { return .expired }
        if !TokenMint.isCurrent(claims, admission.client) { return .revoked }
        return claims.scopes.contains(TokenCall.scope) ? nil : .scope
    }

    /// The body's members; warns of an unusual content type and of names that are not known.
    func body(_ trace: inout Trace, extras: [String] = []) throws(Refused) -> BodyMembers {
        let body = try members.get()
        let type = call.fields["Content-Type"]?.lowercased().split(separator: ";").first?.filter { $0 != " " }
        if type != "application/json" { trace.warn(BodyVerdicts.contentType) }
        let known = row.fields.map(\.name) + extras
        let unknown = body.names(besides: Set(known))
        if !unknown.isEmpty { trace.warn(BodyVerdicts.unknown(unknown, known: known)) }
        return body
    }

    /// Opens a session key: an RSA operation of some milliseconds, never within a transaction.
    ///
    /// - Throws: ``Refused`` with CE5000 and the true reason for the developer.
    func session(_ text: String, _ admission: Admission) throws -> ReceivedSession {
        let opener = try house.keys.opener(admission.client.tenant, sealed: admission.serviceKey)
        do throws(SessionFault) {
            return try opener.open(text)
        } catch {
            guard PublishedSamples.contains(sessionKey: text) else {
                throw Refused(.session, CallVerdicts.session(error, "sessionKey"))
            }
            throw Refused(.session, CallVerdicts.publishedSample)
        }
    }
}

/// What a write came to: a refusal that is returned keeps what was written, such as the session's use, where a thrown one would undo it.
enum Outcome<Content: Sendable>: Sendable {
    case refused(Refused)
    case done(Content)

    /// The content.
    ///
    /// - Throws: ``Refused``.
    func get() throws(Refused) -> Content {
        switch self {
        case .refused(let refused): throw refused
        case .done(let content): return content
        }
    }
}
