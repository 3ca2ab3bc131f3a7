import Base
import SandboxKit
import Storage
import TossAuth

/// `POST …/request`: begins a check of a person.
struct RequestCall: Sendable {
    let service: ServiceCall

    /// What the body asks for, as far as that can be told without the session.
    private struct Wish: Sendable {
        var kind: Transaction.Kind
        var requestURL: String
        var nonce: String?
        var expireSeconds: Int64?
        /// The encrypted members and the session's key; nothing for one touch.
        var sealed: Sealed?

        struct Sealed: Sendable {
            var sessionKey: String
            var fields: [IdentityClaim.Part: String]
        }
    }

    /// How the person can be called to the app.
    static let triggers = ["APP_SCHEME", "PUSH"]
    /// Members that calls outside Apps in Toss have besides.
    static let extras = ["successCallbackUrl", "failCallbackUrl", "nonce", "expireSeconds"]

    func answer(_ trace: inout Trace) async throws -> JSON {
        let (admission, _) = try await service.admit(&trace) { _, _ in true }
        let wish = try wish(&trace, admission.settings)
        let sample = publishedClaim(wish, admission)
        if sample != nil { trace.warn(CallVerdicts.publishedRequest) }
        let session = try sample == nil ? wish.sealed.map { try service.session($0.sessionKey, admission) } : nil
        // Judged here, told after the session has been looked up: that comes first in the order of checks.
        let claim = sample.map { .success($0) } ?? claim(wish, session)
        let id = TransactionID.random(service.house.environment.random).text
        let house = service.house
        let (outcome, isReused) = try await house.environment.database.write { connection -> (Outcome<Transaction>, Bool) in
            let records = Records(connection, admission.client.tenant, house.seal)
            let isReused = try session.map {
                try !records.noteSession($0.reuseDigests, of: admission.client, at: admission.now, admission.settings)
            }
            if isReused == true, admission.settings[ServiceSettingList.sessionReuse] == .refuse {
                return (.refused(Refused(.session, CallVerdicts.reused(warned: false))), true)
            }
            do {
                let transaction = try RequestCall.transaction(id, wish, try claim.get(), admission, records)
                try records.add(transaction, at: admission.now, window: admission.settings.readLimits.window)
                return (.done(transaction), isReused ?? false)
            } catch let refused as Refused {
                return (.refused(refused), isReused ?? false)
            }
        }
        if isReused, admission.settings[ServiceSettingList.sessionReuse] == .warn { trace.warn(CallVerdicts.reused(warned: true)) }
        let transaction = try outcome.get()
        if let approvesAt = transaction.approvesAt, approvesAt >= transaction.expiresAt { trace.warn(TransactionVerdicts.approvedTooLate) }
        if transaction.approvesAt != nil { house.environment.scheduleChanged(admission.client.tenant) }
        return reply(transaction, admission.settings)
    }

    // MARK: What is asked

    private func wish(_ trace: inout Trace, _ settings: ServiceSettings) throws(Refused) -> Wish {
        let body = try service.body(&trace, extras: RequestCall.extras)
        let word = try body.text("requestType")
        guard let kind = Transaction.Kind(rawValue: word) else {
            throw Refused(.parameter, BodyVerdicts.wrongWord("requestType", Transaction.Kind.allCases.map(\.rawValue)))
        }
        var wish = Wish(
            kind: kind, requestURL: try body.text("requestUrl", longest: 2048), nonce: try body.optionalText("nonce", longest: 1000),
            expireSeconds: try body.optionalNumber("expireSeconds", 1...settings[ServiceSettingList.longestExpiry]))
        for name in ["successCallbackUrl", "failCallbackUrl"] { _ = try body.optionalText(name, longest: 2048) }
        let personal = service.row.fields.filter { $0.isRequired(for: .userPersonal) && !$0.isRequired(for: .userNone) }.map(\.name)
        guard kind == .personal else {
            for name in personal where name != "triggerType" && body.has(name) { trace.warn(BodyVerdicts.ignored(name)) }
            return wish
        }
        guard RequestCall.triggers.contains(try body.text("triggerType")) else {
            throw Refused(.parameter, BodyVerdicts.wrongWord("triggerType", RequestCall.triggers))
        }
        var fields: [IdentityClaim.Part: String] = [:]
        for part in IdentityClaim.Part.allCases { fields[part] = try body.text(part.rawValue, longest: TossAuthLimits.longestField) }
        wish.sealed = Wish.Sealed(
            sessionKey: try body.text("sessionKey", longest: TossAuthLimits.longestSessionKey), fields: fields)
        return wish
    }

    /// Whom the documentation's own request names, which works with test credentials as it is printed.
    private func publishedClaim(_ wish: Wish, _ admission: ServiceCall.Admission) -> IdentityClaim? {
        guard admission.client.isTest, admission.settings[ServiceSettingList.publishedSamples], let sealed = wish.sealed else { return nil }
        return PublishedSamples.claim(sessionKey: sealed.sessionKey, fields: sealed.fields)
    }

    /// Whom a request by personal data names.
    private func claim(_ wish: Wish, _ session: ReceivedSession?) -> Result<IdentityClaim?, Refused> {
        guard let sealed = wish.sealed, let session else { return .success(nil) }
        var texts: [IdentityClaim.Part: String] = [:]
        for part in IdentityClaim.Part.allCases {
            do throws(SessionFault) {
                texts[part] = try session.open(sealed.fields[part] ?? "", member: part.rawValue).withText { $0 }
            } catch {
                return .failure(Refused(.session, CallVerdicts.session(error, part.rawValue)))
            }
        }
        do throws(ClaimFault) {
            return .success(
                try IdentityClaim(name: texts[.name] ?? "", phone: texts[.phone] ?? "", birthday: texts[.birthday] ?? ""))
        } catch {
            return .failure(Refused(.parameter, CallVerdicts.claim(error)))
        }
    }

    // MARK: What comes of it

    private static func transaction(
        _ id: String, _ wish: Wish, _ claim: IdentityClaim?, _ admission: ServiceCall.Admission, _ records: Records
    ) throws -> Transaction {
        let settings = admission.settings
        if admission.hasRefusals, let ordered = try records.takeRefusal(.request, phone: claim?.reveal(.phone)) {
            throw Refused(.code(ordered.code), CallVerdicts.seeded(ordered.code))
        }
        var person = try claim.map { try records.personNamed(by: $0, for: admission.client, settings) }
        let approvesAfter = settings[ServiceSettingList.approvesAfter]
        if approvesAfter != nil, person == nil { person = try records.usualPerson(for: admission.client) }
        return Transaction(
            id: id, client: admission.client.id, kind: wish.kind, requestURL: wish.requestURL, nonce: wish.nonce, person: person,
            at: admission.now, lifetime: .seconds(wish.expireSeconds ?? settings[ServiceSettingList.expirySeconds]),
            approvesAfter: approvesAfter.map { .seconds($0) })
    }

    private func reply(_ transaction: Transaction, _ settings: ServiceSettings) -> JSON {
        let requested = JSON.string(TossAuthTime.text(transaction.requestedAt))
        guard transaction.kind == .personal else { return ["txId": .string(transaction.id), "requestedDt": requested] }
        let phone = PhonePage.address(of: transaction.id, base: service.house.environment.publicBase())
        let links = Openers(transaction.id, settings[ServiceSettingList.links], phone: phone)
        return [
            "txId": .string(transaction.id), "appScheme": .string(links.appScheme), "androidAppUri": .string(links.androidAppURI),
            "iosAppUri": .string(links.iosAppURI), "requestedDt": requested,
        ]
    }
}

/// What a reply to a request by personal data offers for opening the Toss app.
private struct Openers {
    var appScheme = "null"
    var androidAppURI = "null"
    var iosAppURI = "null"

    /// - Parameter phone: The page that plays the app.
    init(_ id: String, _ links: ServiceSettingList.Links, phone: String) {
        switch links {
        case .nullText: break
        case .real:
            appScheme = "supertoss://tosscert/sign/user/auth?txId=\(id)"
            androidAppURI = "intent://tosscert/sign/user/auth?txId=\(id)#Intent;scheme=supertoss;package=viva.republica.toss;end"
            iosAppURI = "https://toss.im/_m/tosscert?txId=\(id)"
        case .phone: (appScheme, androidAppURI, iosAppURI) = (phone, phone, phone)
        }
    }
}

extension Records {
    /// Who is meant by what a request says: the persona for test credentials, whoever was named; otherwise the one with that number, name and birthday.
    ///
    /// - Throws: ``Refused`` with CE3000 or CE3001.
    func personNamed(by claim: IdentityClaim, for client: Client, _ settings: ServiceSettings) throws -> String {
        let isAnybody = client.isTest && settings[ServiceSettingList.personaForAnybody]
        if isAnybody { return Person.personaID }
        guard let person = client.isTest ? Person.persona(settings) : try person(withPhone: claim.reveal(.phone)) else {
            throw Refused(.userUnknown, CallVerdicts.nobody)
        }
        var wrong: [IdentityClaim.Part] = []
        if !person.name.utf8.elementsEqual(claim.reveal(.name).utf8) { wrong.append(.name) }
        if person.birthday != claim.reveal(.birthday) { wrong.append(.birthday) }
        guard wrong.isEmpty else { throw Refused(.userMismatch, CallVerdicts.mismatch(wrong)) }
        return person.id
    }

    /// Who approves when nobody was named: the persona for test credentials, otherwise the tenant's first person; nothing when there is none.
    func usualPerson(for client: Client) throws -> String? {
        client.isTest ? Person.personaID : try people(limit: 1).first?.id
    }
}
