import Base
import Cryptography
import Transport

/// The sandbox's own certificate authority, kept in the data directory, and the certificate under which its TLS port serves every provider's host names.
struct SandboxAuthority {
    /// Issues certificates to servers and callers.
    let authority: CertificateAuthority
    /// Where the root certificate stands, for callers to trust.
    let certificateFile: String

    /// Takes up the authority of `directory`, or makes one that is valid for ten years.
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
                name: "Bujeol sandbox", validity: CertificateValidity(from: time.now - .seconds(3600), days: 3650))
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
}
