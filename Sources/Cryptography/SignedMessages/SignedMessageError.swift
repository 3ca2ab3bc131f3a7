public import Base

/// Why a signed message was not read, not believed, or not made.
public enum SignedMessageError: String, Error, Sendable, CaseIterable, CustomStringConvertible {
    /// The bytes are no SignedData, or there are bytes behind it.
    case malformed
    /// It is longer than ``SignedMessage/longestByteCount``.
    case tooLarge = "too-large"
    /// Nobody has signed it.
    case notSigned = "not-signed"
    /// More than one has signed it.
    case severalSigners = "several-signers"
    /// The signed content is not inside.
    case contentMissing = "content-missing"
    /// The signer's certificate is not inside.
    case signerMissing = "signer-missing"
    /// The signature is not one over this content by this certificate.
    case signatureWrong = "signature-wrong"
    /// A digest or a key of the signature or of its certificates can be broken today, such as SHA-1 or RSA with 1024 bits.
    case weak
    /// The signer's certificate does not lead to an authority that is trusted.
    case untrusted
    /// The signer's certificate, or an issuer's, had ended at the moment that counts.
    case expired
    /// The signer's certificate, or an issuer's, had not begun at the moment that counts.
    case notYetValid = "not-yet-valid"
    /// The signer's certificate is not for signatures, or an issuer's not for issuing.
    case wrongPurpose = "wrong-purpose"
    /// No message could be made with this key.
    case notMade = "not-made"

    init(_ error: CertificateChainError) {
        self =
            switch error {
            case .untrusted: .untrusted
            case .expired: .expired
            case .notYetValid: .notYetValid
            case .weak: .weak
            case .unfit: .wrongPurpose
            }
    }

    /// The English sentence.
    public var description: String { text.english }

    /// The same for a person.
    public var text: BilingualText {
        switch self {
        case .malformed:
            BilingualText(
                korean: "서명 데이터가 CMS(PKCS#7) SignedData 형식이 아니거나, 뒤에 다른 데이터가 붙어 있습니다.",
                english: "The signature is not a CMS (PKCS#7) SignedData, or has other bytes behind it.")
        case .tooLarge:
            BilingualText(korean: "서명 데이터가 64KiB보다 큽니다.", english: "The signature is larger than 64 KiB.")
        case .notSigned:
            BilingualText(korean: "서명 데이터에 서명이 들어 있지 않습니다.", english: "The signed message bears no signature.")
        case .severalSigners:
            BilingualText(korean: "서명자가 두 명 이상입니다. 한 명이어야 합니다.", english: "The signed message bears more than one signature.")
        case .contentMissing:
            BilingualText(korean: "서명한 원문이 서명 데이터 안에 없습니다.", english: "The signed content is not inside the signed message.")
        case .signerMissing:
            BilingualText(
                korean: "서명자의 인증서가 서명 데이터 안에 없습니다.", english: "The signer's certificate is not inside the signed message.")
        case .signatureWrong:
            BilingualText(
                korean: "서명이 원문과 맞지 않습니다. 원문이나 서명이 바뀌었습니다.",
                english: "The signature does not belong to the content: one of them was changed.")
        case .weak:
            BilingualText(
                korean: "서명이나 인증서에 더는 안전하지 않은 알고리즘(예: SHA-1, RSA 1024비트)이 쓰였습니다.",
                english: "The signature or a certificate uses an algorithm that is no longer safe, such as SHA-1 or RSA with 1024 bits.")
        case .untrusted:
            BilingualText(
                korean: "서명자의 인증서가 신뢰하도록 설정한 인증기관까지 이어지지 않습니다.",
                english: "The signer's certificate does not lead to an authority that is trusted.")
        case .expired:
            BilingualText(
                korean: "서명자나 그 발급 기관의 인증서가 기준 시각에 이미 만료되어 있었습니다.",
                english: "The signer's certificate, or an issuer's, had expired.")
        case .notYetValid:
            BilingualText(
                korean: "서명자나 그 발급 기관의 인증서가 기준 시각에 아직 유효 기간 전이었습니다.",
                english: "The signer's certificate, or an issuer's, was not valid yet.")
        case .wrongPurpose:
            BilingualText(
                korean: "서명자의 인증서가 전자서명용이 아니거나, 발급 기관의 인증서가 발급용이 아닙니다.",
                english: "The signer's certificate is not for signatures, or an issuer's is not for issuing.")
        case .notMade:
            BilingualText(korean: "이 키로는 서명할 수 없습니다.", english: "No signature could be made with this key.")
        }
    }
}
