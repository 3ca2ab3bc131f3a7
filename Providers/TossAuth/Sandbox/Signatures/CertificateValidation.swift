import Base
import Cryptography
import SandboxKit
import Storage

/// The call that says whether a signer's certificate is good: `POST /api/v1/certificate/validate`.
///
/// `valid`: the sandbox's authority issued it to one of the tenant's persons, and its dates fit the tenant's clock. `enabled`: it was not revoked. Of certificates of
/// anybody else both are false, those that the same authority issued for other ends included.
struct CertificateValidation {
    /// The sandbox's authority; nothing in a sandbox that was given none.
    var authority: Certificate?
    var book: CertificateBook
    var now: Timestamp

    /// What the call answers, and what the developer should know.
    struct Answer: Equatable, Sendable {
        var valid: Bool
        var enabled: Bool
        var verdict: Verdict?

        /// The member `success`.
        var success: JSON { ["valid": .boolean(valid), "enabled": .boolean(enabled)] }
    }

    /// Why a body cannot be read, for the refusal CE0003; the text itself may be a person's certificate, and is not told.
    struct Unreadable: Error {
        var verdict: Verdict

        fileprivate init(_ rule: String, _ reason: BilingualText) {
            verdict = Verdict(
                rule: rule, reason: reason,
                remedy: BilingualText(
                    "signature에서 꺼낸 서명자 인증서를 PEM으로 보내세요. 줄바꿈은 \\n으로 적거나 없애도 됩니다.",
                    "Send the signer's certificate out of the signature as PEM; line feeds may be written as \\n or left out."))
        }
    }

    /// Answers for the member `certificate` of the body.
    func answer(_ member: JSON?) throws -> Answer {
        let certificate = try CertificateValidation.read(member)
        guard let authority else {
            return Answer(valid: false, enabled: false, verdict: CertificateValidation.noAuthority)
        }
        let serial = Hexadecimal.encode(certificate.serialNumber).uppercased()
        guard let known = try book.certificate(serial: serial), known.fingerprint == certificate.fingerprint else {
            return Answer(valid: false, enabled: false, verdict: CertificateValidation.foreign)
        }
        let isChained = leads(certificate, to: authority)
        return Answer(
            valid: isChained && known.isInTime(at: now), enabled: known.revokedAt == nil, verdict: warning(known, isChained: isChained))
    }

    /// What the developer is told where nobody can sign, and so no certificate can be good.
    static let noAuthority = Verdict(
        warned: "certificate.no-authority", ko: "이 샌드박스에는 인증 기관이 없어 서명을 만들지 않고, 어떤 인증서도 유효하지 않습니다.",
        en: "This sandbox has no certificate authority: it makes no signatures, and no certificate is valid.",
        fix: ("bujeol sandbox처럼 인증 기관과 함께 여세요.", "Open the sandbox with an authority, as `bujeol sandbox` does."))

    private static let foreign = Verdict(
        warned: "certificate.foreign", ko: "이 테넌트의 사람에게 발급한 인증서가 아닙니다.", en: "This certificate was not issued to a person of this tenant.",
        fix: (
            "결과의 signature에 들어 있는 서명자 인증서를 보내세요. 초기화(reset) 전의 인증서는 잊혀집니다.",
            "Send the signer's certificate out of a result's signature; certificates from before a reset are forgotten."
        ))

    /// Whether the authority's signature is on it. Dates are the tenant's clock's affair, which may stand anywhere, while the authority's begin and end with the
    /// machine's: so the chain is looked at in a moment at which both could be valid.
    private func leads(_ certificate: Certificate, to authority: Certificate) -> Bool {
        let moment = max(certificate.notBefore, authority.notBefore)
        guard moment <= min(certificate.notAfter, authority.notAfter) else { return false }
        do {
            try certificate.verify(authorities: [authority], at: moment)
            return true
        } catch {
            return false
        }
    }

    private func warning(_ known: SignerCertificate, isChained: Bool) -> Verdict? {
        let details: JSON.Members = [
            "serial": .string(known.serial), "not_before": .optional(known.notBefore), "not_after": .optional(known.notAfter),
            "revoked_at": .optional(known.revokedAt),
        ]
        if !isChained {
            return Verdict(
                warned: "certificate.chain", ko: "이 인증서는 샌드박스의 지금 인증 기관으로 이어지지 않습니다.",
                en: "This certificate does not lead to the authority that the sandbox has now.", details)
        }
        if known.revokedAt != nil {
            return Verdict(warned: "certificate.revoked", ko: "폐기된 인증서입니다.", en: "The certificate was revoked.", details)
        }
        if known.isInTime(at: now) { return nil }
        return Verdict(
            warned: "certificate.dates", ko: "테넌트의 시각이 인증서의 유효 기간을 벗어났습니다.",
            en: "By the tenant's clock the certificate has ended, or has not begun.", details)
    }

    // MARK: Reading

    /// The certificate in a body: PEM, its Base64 in one line or with the two characters `\n` for its line feeds, or that Base64 alone.
    static func read(_ member: JSON?) throws(Unreadable) -> Certificate {
        guard let text = member?.string else {
            throw Unreadable(
                "certificate.missing", BilingualText("certificate가 없거나 글자가 아닙니다.", "The member certificate is missing, or is no text."))
        }
        guard text.utf8.count <= longest else {
            throw Unreadable("certificate.length", BilingualText("certificate가 너무 깁니다.", "The member certificate is too long."))
        }
        do {
            return try Certificate(der: try der(text))
        } catch {
            throw Unreadable(
                "certificate.malformed", BilingualText("certificate를 인증서로 읽을 수 없습니다.", "The member certificate holds no certificate."))
        }
    }

    private static func der(_ text: String) throws -> [UInt8] {
        do {
            let blocks = try PEMText(Array(text.utf8)).blocks
            guard let block = blocks.first(where: \.isCertificate) else { throw PEMText.Damage.notPEM }
            return block.content.withBytes { Array($0) }
        } catch PEMText.Damage.missingArmour {
            let characters = text.replacing("\\n", with: "").utf8.filter { $0 > 0x20 }
            guard let bytes = Base64.decode(characters) else { throw PEMText.Damage.notPEM }
            return bytes
        }
    }

    /// Certificates of persons take one or two thousand characters.
    private static let longest = 16_384
}
