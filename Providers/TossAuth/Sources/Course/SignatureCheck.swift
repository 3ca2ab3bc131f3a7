import Base
import Cryptography

/// Checks a person's signature: a PKCS#7 message that is evidence, and on which nothing else depends.
struct SignatureCheck {
    /// Whom the signer's certificate must lead to; nothing to check nothing.
    var authorities: [Certificate]?

    /// What is to be thought of a signature.
    ///
    /// What text the person signs is documented nowhere. Where it is JSON that names a check, it must be this one; where it is not, the signature is told to be bound to none.
    ///
    /// - Parameters:
    ///   - text: Base64 of DER, as the result brought it; a missing one is as good as a wrong one, or whoever changes a result would only have to leave it out.
    ///   - moment: When it was made, by the provider's clock.
    func finding(_ text: String?, of txID: TransactionID, at moment: Timestamp) -> SignatureFinding {
        guard let authorities else { return .unchecked }
        guard let message = text.flatMap({ SignatureCheck.message($0) }), !message.signer.isForConnectionsOnly else { return .invalid }
        do throws(SignedMessageError) {
            try message.verify(authorities: authorities, at: moment)
        } catch {
            return .invalid
        }
        guard let name = (try? JSON(message.content))?["txId"], !name.isNull else { return .validUnbound }
        return name.string == txID.text ? .valid : .invalid
    }

    /// The signer's certificate in PEM; nothing when there is no such signature.
    static func signerCertificate(_ text: String?) -> String? { text.flatMap { message($0) }?.signer.pem }

    private static func message(_ text: String) -> SignedMessage? { Base64.decode(text).flatMap { try? SignedMessage(der: $0) } }
}
