import Base
import Cryptography
import Transport

/// The sandbox's own certificate authority, kept in the data directory.
struct SandboxAuthority {
    /// Issues certificates to servers and callers.
    let authority: CertificateAuthority
    /// Where the root certificate stands, for callers to trust.
    let certificateFile: String

    /// 2000-01-01T00:00:00Z, when a new authority begins. A tenant's clock may be set to any moment before today, and what is signed then must be good for who checks it.
    private static let beginning = Timestamp(unixSeconds: 946_684_800)

    /// Takes up the authority of `directory`, or makes one that is valid for ten years more.
    ///
    /// - Throws: ``StartFailure`` when its files are damaged or cannot be written.
    init(directory: String, time: any TimeSource) throws(StartFailure) {
        certificateFile = directory + "/ca.pem"
        let keyFile = directory + "/ca.key"
        do {
            if Process.exists(certificateFile), Process.exists(keyFile) {
                authority = try CertificateAuthority(
                    certificatePEM: String(decoding: Process.readFile(certificateFile).bytes, as: UTF8.self),
                    privateKeyPEM: Secret(Process.readFile(keyFile).bytes))
                return
            }
            authority = try CertificateAuthority(
                name: "Bujeol sandbox",
                validity: CertificateValidity(notBefore: SandboxAuthority.beginning, notAfter: time.now + .seconds(3650 * 86_400)))
            try authority.privateKeyPEM.withBytes { bytes throws(SystemError) in try Process.writePrivateFile(keyFile, bytes) }
            try Process.writePrivateFile(certificateFile, Array(authority.certificatePEM.utf8))
        } catch {
            throw StartFailure(
                message: BilingualText(
                    korean: "샌드박스 인증 기관(\(certificateFile), \(keyFile))을 열거나 만들 수 없습니다: \(error). 손상되었다면 두 파일을 지우고 다시 시작하세요.",
                    english: "the sandbox's certificate authority (\(certificateFile), \(keyFile)) cannot be opened or made: \(error); "
                        + "if it is damaged, delete both files and start again"))
        }
    }

    /// How many whole days are left until the authority expires; negative when it has.
    func daysLeft(at moment: Timestamp) -> Int {
        let seconds = authority.certificate.notAfter.unixSeconds - moment.unixSeconds
        return Int((seconds - (seconds < 0 ? 86_399 : 0)) / 86_400)
    }

    /// What to say when it expires within thirty days, or has expired.
    func warning(at moment: Timestamp) -> BilingualText? {
        let days = daysLeft(at: moment)
        guard days < 30 else { return nil }
        let state =
            days < 0
            ? BilingualText(korean: "만료되었습니다", english: "has expired")
            : BilingualText(korean: "\(days)일 뒤 만료됩니다", english: "expires in \(days) days")
        let keyFile = certificateFile.dropLast("pem".count) + "key"
        return BilingualText(
            korean: "샌드박스 인증 기관이 \(state.korean). 샌드박스를 끄고 \(certificateFile), \(keyFile)을(를) 지운 뒤 다시 켜면 새로 만듭니다. "
                + "그다음 클라이언트가 새 CA를 믿게 하고 클라이언트 인증서도 다시 발급하세요.",
            english:
                "the sandbox's certificate authority \(state.english): end the sandbox, delete \(certificateFile) and \(keyFile), and start it "
                + "again, which makes a new one; then have clients trust that one, and issue their certificates anew")
    }

    /// Refuses to go on with an authority whose certificates nobody would believe.
    func checkExpiry(at moment: Timestamp) throws(StartFailure) {
        if daysLeft(at: moment) < 0, let warning = warning(at: moment) { throw StartFailure(message: warning) }
    }
}
