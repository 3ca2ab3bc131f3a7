public import Base
public import Transport

/// What a partner got at registration, and how it writes: everything that turns parameters into the header fields of a call.
public struct SentbeCredentials: Sendable {
    /// `PARTNER-ID`.
    public var partnerID: String
    /// `KEY`: a secret by the provider's word, although it goes over the wire with every call.
    public var accessID: Secret
    /// The passphrase of the envelope.
    public var secretKey: Secret
    /// How `KEY` is made.
    public var keyStyle: SentbeHeaders.KeyStyle
    /// Whose bytes the envelope is written in.
    public var dialect: SentbeDialect
    /// The longest envelope that may be sent, in bytes.
    public var longestSignature: Int

    /// Credentials; by default in the present form of `KEY`, Ruby's and JavaScript's bytes, and at most 16 KiB.
    public init(
        partnerID: String, accessID: Secret, secretKey: Secret, keyStyle: SentbeHeaders.KeyStyle = .plain,
        dialect: SentbeDialect = .rubyAndJavaScript, longestSignature: Int = SentbeHeaders.longestSignature
    ) {
        self.partnerID = partnerID
        self.accessID = accessID
        self.secretKey = secretKey
        self.keyStyle = keyStyle
        self.dialect = dialect
        self.longestSignature = longestSignature
    }

    /// `PARTNER-ID` and `KEY`: all that a call without parameters carries, and the document check.
    public var identification: HTTPFields {
        var fields = HTTPFields()
        fields.append(SentbeHeaders.partnerID, partnerID)
        fields.append(
            SentbeHeaders.key,
            secret: SentbeHeaders.keyValue(keyStyle, partnerID: partnerID, accessID: accessID, secretKey: secretKey))
        return fields
    }

    /// The envelope of these parameters.
    ///
    /// - Parameters:
    ///   - parameters: The parameters in their order; they are written without white space.
    ///   - salt: 8 random bytes, fresh for every sending, repeats included.
    /// - Returns: The value of `SIGNATURE`; nothing when there are no parameters, since the header may then be left out.
    /// - Throws: ``SentbeEnvelopeError/Code/tooLong`` above ``longestSignature``.
    public func signature(_ parameters: JSON.Members, salt: [UInt8]) throws(SentbeEnvelopeError) -> String? {
        guard parameters.count > 0 else { return nil }
        let envelope = try SentbeEnvelope.seal(JSON.object(parameters).text, secret: secretKey, salt: salt, dialect: dialect)
        guard envelope.utf8.count <= longestSignature else { throw .tooLong(envelope.utf8.count, limit: longestSignature) }
        return envelope
    }
}
