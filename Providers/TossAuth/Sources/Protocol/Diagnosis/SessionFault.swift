public import Base

/// What is wrong with a session key or an encrypted field, found by trying what people get wrong.
///
/// It holds neither a key nor a word of anybody's data, so that a private log may show it. It is never told to the other side: knowing why something did not open helps whoever
/// tries to forge it.
public struct SessionFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The first piece that is wrong.
    public enum Piece: String, Sendable, Hashable {
        /// The text as a whole.
        case whole
        /// The first part of the text.
        case version
        /// The second part of the text: the session's id.
        case id
        /// The third part of the text.
        case base64
        /// The block that RSA wrote.
        case block
        /// What RSA had encrypted: `AES_GCM$key$vector`.
        case contents
        /// The AES key in it.
        case key
        /// The initialization vector in it.
        case vector
        /// The ciphertext of a field.
        case ciphertext
        /// What is signed along with a field: must be the 32 bytes of the key.
        case additionalData = "additional-data"
        /// The 16 bytes that prove a field.
        case tag
        /// What a field says.
        case plaintext
    }

    /// Why it does not open.
    public enum Cause: Sendable, Hashable {
        /// There is nothing.
        case empty
        /// More characters than are read.
        case tooLong(limit: Int)
        /// No `$` in it: it was not encrypted at all.
        case notEncrypted
        /// Not three parts but so many.
        case wrongParts(Int)
        /// The variant for old runtimes: AES in CBC mode with an HMAC.
        case legacyForm
        /// Neither `v1` nor `v1_…`.
        case wrongVersion
        /// The id is no UUID.
        case malformedID
        /// Base64 with `-` and `_`.
        case urlSafe
        /// Base64 without `=` at the end.
        case missingPadding
        /// Base64 with line breaks or spaces in it.
        case lineBreaks
        /// A form's decoder made spaces out of plus signs.
        case plusToSpace
        /// `%2B` and the like.
        case percentEncoded
        /// Backslashes of JSON or of a shell are still in it.
        case escaped
        /// Hexadecimal digits where Base64 belongs.
        case hexadecimal
        /// No Base64 of any kind.
        case notBase64
        /// Base64 of Base64.
        case encodedTwice

        /// The block has so many bytes and not as many as the key.
        case blockLength(Int, expected: Int)
        /// OAEP with these digests for padding and mask instead of SHA-1 for both.
        case otherDigests(padding: String, mask: String)
        /// OAEP as it should be, but with a label.
        case labelled
        /// The padding of PKCS#1 version 1.5 instead of OAEP.
        case olderPadding
        /// No padding at all.
        case noPadding
        /// Encrypted for another RSA key.
        case otherPublicKey
        /// `AES_CBC` where `AES_GCM` belongs.
        case cipherBlockChaining
        /// What RSA had encrypted is not `AES_GCM$key$vector`; it has so many parts.
        case wrongContents(parts: Int)
        /// The AES key has so many bytes instead of 32.
        case keyLength(Int)
        /// The initialization vector has so many bytes instead of 12.
        case vectorLength(Int)

        /// A sound field of this session under another session's id.
        case otherLabel
        /// A field of another session.
        case otherSession
        /// Fewer bytes than a tag has.
        case tooShort(Int)
        /// Nothing was signed along.
        case noAdditionalData
        /// The Base64 text of the key was signed along, not its bytes.
        case textAdditionalData
        /// Something else of the session was signed along, such as its id.
        case wrongAdditionalData
        /// The initialization vector stands in front of the ciphertext.
        case vectorInside(isOwn: Bool)
        /// Another initialization vector was used: this one.
        case otherVector(KnownVector)
        /// There is no tag.
        case tagMissing
        /// Only so many bytes of the tag are there.
        case tagCut(Int)
        /// The tag stands in front.
        case tagFirst
        /// A few bits were changed on the way.
        case damaged
        /// The key fits, but neither the tag nor what is signed along can be made out.
        case unproved
        /// Encrypted with another AES key.
        case otherKey
        /// Encrypted with the characters of the key's Base64 text as the key.
        case keyText
        /// It opens, and what it says is no UTF-8.
        case notUTF8
        /// It opens, and what it says is an encrypted field again.
        case encryptedTwice
        /// The member is neither text nor null.
        case notText
        /// The member is in clear where it must be encrypted.
        case clear
        /// There is no object of members, or one with too many.
        case noMembers
        /// This OpenSSL cannot do it.
        case unavailable
    }

    /// Wrong vectors that can be recognised.
    public enum KnownVector: Sendable, Hashable {
        /// Zeros.
        case zeros
        /// The first characters of the vector's Base64 text.
        case text
    }

    /// Why it does not open.
    public var cause: Cause
    /// The first piece that is wrong.
    public var piece: Piece
    /// The member that it was in, such as `sessionKey` or `userName`; empty when that was not said.
    public var member: String

    /// A fault.
    init(_ cause: Cause, in piece: Piece, member: String = "") {
        self.cause = cause
        self.piece = piece
        self.member = member
    }

    /// The same fault in the member of that name.
    func within(_ member: String) -> SessionFault {
        var fault = self
        fault.member = member
        return fault
    }

    /// The name of the cause: a short constant word, fit for a metric's label.
    public var word: String { cause.text.word }
    /// What is wrong.
    public var reason: BilingualText { cause.text.reason }
    /// What to do.
    public var remedy: BilingualText { cause.text.remedy }

    /// Reason and remedy with the member and the first wrong piece named.
    public var message: BilingualText {
        let place =
            member.isEmpty
            ? piece.name : BilingualText(korean: "\(member) \(piece.name.korean)", english: "\(member), \(piece.name.english)")
        return BilingualText(
            korean: "\(place.korean): \(reason.korean) \(remedy.korean)", english: "\(place.english): \(reason.english); \(remedy.english)")
    }

    /// The word of the cause and the English message.
    public var description: String { "\(word): \(message.english)" }
}

extension SessionFault.Piece {
    /// What it is called.
    public var name: BilingualText {
        switch self {
        case .whole: BilingualText(korean: "전체 형식", english: "the text as a whole")
        case .version: BilingualText(korean: "첫째 부분(버전)", english: "the first part (version)")
        case .id: BilingualText(korean: "둘째 부분(세션 id)", english: "the second part (the session's id)")
        case .base64: BilingualText(korean: "셋째 부분(Base64)", english: "the third part (Base64)")
        case .block: BilingualText(korean: "RSA 블록", english: "the RSA block")
        case .contents: BilingualText(korean: "RSA로 암호화한 내용", english: "what RSA had encrypted")
        case .key: BilingualText(korean: "AES 키", english: "the AES key")
        case .vector: BilingualText(korean: "IV", english: "the initialization vector")
        case .ciphertext: BilingualText(korean: "암호문", english: "the ciphertext")
        case .additionalData: BilingualText(korean: "AAD", english: "the additional data (AAD)")
        case .tag: BilingualText(korean: "인증 태그", english: "the tag")
        case .plaintext: BilingualText(korean: "평문", english: "the plaintext")
        }
    }
}
