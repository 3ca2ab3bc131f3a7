import Base
import Cryptography
import SandboxKit
import Transport

/// What is said about a handshake that failed: which rule, why, and what to do.
struct HandshakeVerdict: Sendable {
    var rule: String
    var reason: BilingualText
    var remedy: BilingualText?

    private init(_ rule: String, _ korean: String, _ english: String, _ todo: (korean: String, english: String)? = nil) {
        self.rule = "tls." + rule
        reason = BilingualText(korean: korean, english: english)
        remedy = todo.map { BilingualText(korean: $0.korean, english: $0.english) }
    }

    /// What is said about `failure`.
    init(_ failure: HTTPHandshakeFailure) {
        guard failure.hasReceived else { self = .silent; return }
        guard let error = failure.error else { self = .slow; return }
        switch (error.code, error.detail) {
        case (.missingCertificate, _): self = .missingCertificate
        case (_, .plainHTTP?): self = .plainHTTP
        case (_, .notTLS?): self = .notTLS
        case (_, .oldVersion?): self = .oldVersion
        case (_, .applicationProtocol?): self = .applicationProtocol
        case (_, .serverName?): self = .serverName
        case (_, .nothingInCommon?): self = .nothingInCommon
        case (_, .selfSigned?): self = .selfSigned
        case (_, .foreignIssuer?): self = .foreignIssuer
        case (_, .badSignature?): self = .badSignature
        case (_, .wrongPurpose?): self = .wrongPurpose
        case (_, .objection?): self = .objection
        case (_, .peerDistrusts?): self = .distrusted
        case (.refusedByPeer, _): self = .refusedByCaller
        case (.untrustedCertificate, _), (.certificateNotValidNow, _), (.hostNameMismatch, _): self = .badCertificate
        case (.truncated, _): self = .ended
        default: self = .other
        }
    }

    // MARK: The caller's certificate

    private static let issue = (
        korean: "샌드박스 인증 기관이 발급한 인증서와 그 키를 클라이언트에 설정하세요. 발급 방법은 bujeol sandbox trust가 알려 줍니다.",
        english: "Give the client a certificate that this sandbox's authority issued, and its key; bujeol sandbox trust tells how."
    )

    private static let missingCertificate = HandshakeVerdict(
        "certificate-missing", "이 호스트는 클라이언트 인증서를 요구하는데 클라이언트가 보내지 않았습니다.",
        "This host demands a client certificate, and the caller showed none.", issue)

    private static let selfSigned = HandshakeVerdict(
        "certificate-self-signed", "클라이언트 인증서가 스스로 서명한 것입니다. 샌드박스 인증 기관이 발급하지 않았습니다.",
        "The caller's certificate is self-signed; this sandbox's authority did not issue it.", issue)

    private static let foreignIssuer = HandshakeVerdict(
        "certificate-foreign", "클라이언트 인증서를 다른 인증 기관이 발급했습니다. 실제 서비스용이거나, 다른 데이터 디렉터리의 샌드박스가 발급했거나, 인증 기관을 새로 만들기 전에 발급한 인증서일 수 있습니다.",
        "Another authority issued the caller's certificate: it may be the real provider's, a sandbox's with another data directory, or this one's before it was made anew.",
        issue)

    private static let badSignature = HandshakeVerdict(
        "certificate-signature", "클라이언트 인증서의 서명이 이 샌드박스 인증 기관의 것이 아닙니다. 이름이 같은 다른 인증 기관이 발급했거나, 파일이 손상되었거나 바뀌었습니다.",
        "The signature on the caller's certificate is not this authority's: another authority of the same name issued it, or the file was damaged or changed.",
        issue)

    private static let wrongPurpose = HandshakeVerdict(
        "certificate-purpose", "클라이언트가 보낸 것은 클라이언트용 인증서가 아닙니다(서버용 인증서일 수 있습니다).",
        "What the caller showed is no client's certificate; it may be a server's.", issue)

    private static let badCertificate = HandshakeVerdict(
        "certificate-invalid", "클라이언트 인증서를 검증하지 못했습니다.", "The caller's certificate could not be verified.", issue)

    private static let objection = HandshakeVerdict(
        "certificate-refused", "이 클라이언트 인증서는 지금 받아들이지 않습니다.", "The caller's certificate is not accepted now.", issue)

    // MARK: What the caller speaks

    private static let plainHTTP = HandshakeVerdict(
        "plain-http", "TLS 포트에 암호화하지 않은 HTTP 요청이 왔습니다.", "Plain HTTP came to the TLS port.",
        ("주소를 https://로 바꾸거나, http://로 부르려면 일반 포트를 쓰세요.", "Write https://, or take the plain port for http://."))

    private static let notTLS = HandshakeVerdict(
        "not-tls", "TLS 포트에 TLS가 아닌 바이트가 왔습니다.", "Something that is not TLS came to the TLS port.",
        (
            "TLS로 연결하는 클라이언트인지, 중간의 프록시가 다른 것을 보내지 않는지 확인하세요.",
            "See that the client speaks TLS, and that no proxy in between says something else."
        ))

    private static let oldVersion = HandshakeVerdict(
        "version", "클라이언트가 TLS 1.2보다 낮은 버전만 제안했습니다.", "The caller offered versions of TLS below 1.2 only.",
        ("클라이언트에서 TLS 1.2나 1.3을 켜세요.", "Allow TLS 1.2 or 1.3 in the client."))

    private static let applicationProtocol = HandshakeVerdict(
        "alpn", "클라이언트가 ALPN으로 제안한 프로토콜에 http/1.1이 없습니다(h2만 제안했을 수 있습니다).",
        "The application protocols that the caller offered (ALPN) do not include http/1.1; perhaps it offered h2 only.",
        ("클라이언트가 HTTP/1.1도 쓰게 하세요. 샌드박스는 HTTP/2를 쓰지 않습니다.", "Let the client speak HTTP/1.1, too; the sandbox has no HTTP/2."))

    private static let serverName = HandshakeVerdict(
        "server-name", "클라이언트가 요청한 호스트 이름(SNI)으로 내놓을 인증서가 없습니다.",
        "There is no certificate for the host name that the caller asked for (SNI).")

    private static let nothingInCommon = HandshakeVerdict(
        "nothing-in-common", "클라이언트와 샌드박스에 공통된 암호 방식이 없습니다.", "The caller and the sandbox have no cipher in common.",
        (
            "클라이언트에서 ECDHE와 AES-GCM(또는 ChaCha20), P-256 곡선의 ECDSA 인증서를 허용하세요.",
            "Allow ECDHE with AES-GCM or ChaCha20, and ECDSA certificates on P-256, in the client."
        ))

    // MARK: The caller's own decision

    private static let distrusted = HandshakeVerdict(
        "distrusted", "클라이언트가 샌드박스 서버의 인증서를 믿지 않아 연결을 끊었습니다.",
        "The caller does not trust the certificate that the sandbox showed, and ended the connection.",
        (
            "클라이언트가 샌드박스 인증 기관(ca.pem)을 믿게 하세요. 언어별 방법은 bujeol sandbox trust가 알려 줍니다.",
            "Have the client trust the sandbox's authority (ca.pem); bujeol sandbox trust tells how in each language."
        ))

    private static let refusedByCaller = HandshakeVerdict(
        "refused-by-caller", "클라이언트가 TLS 경고를 보내고 연결을 끊었습니다.", "The caller ended the handshake with an alert.",
        (
            "클라이언트의 오류 메시지를 보세요. 인증 기관을 믿지 않거나 호스트 이름이 다를 때 자주 생깁니다.",
            "See the client's own message; often it does not trust the authority, or asked for another host name."
        ))

    private static let ended = HandshakeVerdict(
        "ended", "클라이언트가 핸드셰이크 도중에 연결을 끊었습니다.", "The caller ended the connection in the middle of the handshake.",
        (
            "클라이언트의 오류 메시지를 보세요. 서버 인증서를 믿지 않을 때 말없이 끊는 클라이언트가 있습니다.",
            "See the client's own message; some clients leave without a word when they do not trust a server."
        ))

    private static let slow = HandshakeVerdict(
        "timeout", "핸드셰이크가 제한 시간 안에 끝나지 않았습니다.", "The handshake was not complete in time.")

    private static let silent = HandshakeVerdict(
        "silent", "연결만 하고 아무것도 보내지 않았습니다.", "Somebody connected and said nothing.")

    private static let other = HandshakeVerdict(
        "failed", "TLS 핸드셰이크에 실패했습니다.", "The TLS handshake failed.")
}
