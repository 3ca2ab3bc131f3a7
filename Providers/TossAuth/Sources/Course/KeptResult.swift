import Base

/// What a result says besides the person's data, as far as the ledger needs it.
struct VerificationFacts: Sendable, Equatable {
    var completedAt: Timestamp?
    var requestedAt: Timestamp?
    var signature: String?

    init(completedAt: Timestamp?, requestedAt: Timestamp? = nil, signature: String? = nil) {
        self.completedAt = completedAt
        self.requestedAt = requestedAt
        self.signature = signature
    }

    /// Reads what stands under `success` of a result.
    init(_ content: JSON) {
        completedAt = content["completedDt"]?.string.flatMap { TossAuthTime.read($0) }
        requestedAt = content["requestedDt"]?.string.flatMap { TossAuthTime.read($0) }
        signature = TossAuthEnvelope.link("signature", in: content)
    }
}

/// An opened result as it is kept until it has certainly reached whoever asked for it. It may be kept sealed only.
struct KeptResult: Sendable, Equatable {
    /// The read that brought it.
    var read: Int
    /// What stands under `success`, the person's data in clear and everything else as the provider sent it. Bytes of JSON.
    var content: Secret
    /// When it was opened, by this machine's clock.
    var openedAt: Timestamp
    /// Until when it is kept, by this machine's clock.
    var until: Timestamp
    /// What was found out about the signature.
    var signature: SignatureFinding
    /// What the provider says about the signer's certificate; nothing when it was not asked, or did not answer.
    var certificate: CertificateFinding?

    private static let layout: Int64 = 1

    var facts: VerificationFacts { VerificationFacts(json) }

    /// What stands under `success`, the person's data in clear.
    var json: JSON { content.withBytes { try? JSON($0) } ?? .null }

    init(
        read: Int, content: Secret, openedAt: Timestamp, until: Timestamp, signature: SignatureFinding,
        certificate: CertificateFinding? = nil
    ) {
        self.read = read
        self.content = content
        self.openedAt = openedAt
        self.until = until
        self.signature = signature
        self.certificate = certificate
    }

    /// The record.
    var bytes: [UInt8] {
        var members: JSON.Members = [
            "layout": .number(KeptResult.layout), "read": .number(read), "opened": .moment(openedAt), "until": .moment(until),
            "signature": .string(signature.rawValue),
        ]
        members["certificate"] = certificate.map { ["valid": .boolean($0.isValid), "enabled": .boolean($0.isEnabled)] }
        members["content"] = json
        return JSON.object(members).bytes
    }

    /// Reads a record; nothing when it is none.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(bytes), json["layout"]?.integer == KeptResult.layout,
            let read = json["read"]?.integer.flatMap({ Int(exactly: $0) }), let opened = json["opened"]?.moment,
            let until = json["until"]?.moment, let signature = json["signature"]?.string.flatMap({ SignatureFinding(rawValue: $0) }),
            let content = json["content"], content.members != nil
        else { return nil }
        self.init(
            read: read, content: Secret(content.bytes), openedAt: opened, until: until, signature: signature,
            certificate: json["certificate"].flatMap { CertificateFinding($0) })
    }

    /// Until when a result that has just been opened is kept.
    ///
    /// - Parameters:
    ///   - now: When it was opened, by this machine's clock.
    ///   - deadline: When the provider gives it out no longer, by this machine's clock.
    ///   - atMost: How long the application wants it kept.
    /// - Returns: Not later than the deadline, but for a minute in any case: a result that was opened at the last moment has to survive the end of the process too.
    static func end(openedAt now: Timestamp, deadline: Timestamp?, atMost: Duration) -> Timestamp {
        min(now + atMost, max(deadline ?? now + TossAuthLimits.resultTime, now + .seconds(60)))
    }
}
