import SandboxKit
import Base
import Cryptography
import Storage

/// A code that was sent to a user and has not been used yet.
struct OutboundCode: Equatable {
    /// What it proves.
    enum Kind: String, CaseIterable, Sendable {
        /// By text message: the partner's own user.
        case mobile
        /// By text message: a customer of Sentbe who is to become the partner's user.
        case external
        /// In the memo of 1 won.
        case bank
    }

    var partner: String
    var userID: Int64
    var kind: Kind
    var check: CodeCheck
}

/// A picture of a document, of which the sandbox keeps what it needs to tell two apart.
struct OutboundDocument: Equatable {
    var id: Int64
    var partner: String
    var userID: Int64
    /// One of `SentbeLists.documentTypes`.
    var type: String
    /// Of the picture: `png`, `jpeg` …
    var format: String
    var byteCount: Int64
    /// SHA-256 in hexadecimal.
    var digest: String
    var createdAt: Timestamp

    /// What a file begins with decides what it is, whatever its sender calls it; nothing for what is no picture.
    static func format(of bytes: some Collection<UInt8>) -> String? {
        let head = Array(bytes.prefix(16))
        func stands(_ text: String, at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: text.utf8) }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return "jpeg" }
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "png" }
        if stands("GIF87a") || stands("GIF89a") { return "gif" }
        if stands("RIFF"), stands("WEBP", at: 8) { return "webp" }
        if ["heic", "heix", "mif1", "heif"].contains(where: { stands("ftyp" + $0, at: 4) }) { return "heif" }
        return nil
    }
}

extension Records {
    /// The code under way for a user; nothing when none was sent, or it was used.
    func outboundCode(_ kind: OutboundCode.Kind, of user: Int64, at partner: String) throws -> OutboundCode? {
        try connection.query(
            "SELECT * FROM sentbe_outbound_codes WHERE tenant = ? AND partner = ? AND user_id = ? AND kind = ?", owner, .text(partner),
            .integer(user), .text(kind.rawValue)
        ).first.flatMap(OutboundCode.init)
    }

    /// All codes under way, the newest first.
    func outboundCodes(limit: Int64) throws -> [OutboundCode] {
        try connection.query(
            "SELECT * FROM sentbe_outbound_codes WHERE tenant = ? ORDER BY sent_at DESC, user_id DESC LIMIT ?", owner, .integer(limit)
        ).compactMap(OutboundCode.init)
    }

    /// Keeps a code in the place of an earlier one of its kind.
    func save(_ code: OutboundCode) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO sentbe_outbound_codes VALUES (?,?,?,?,?,?,?)",
            values: [
                owner, .text(code.partner), .integer(code.userID), .text(code.kind.rawValue), .text(code.check.code),
                code.check.sentAt.value, .integer(code.check.failures),
            ])
    }

    /// Drops the codes of one kind of a user, whichever partner's.
    func removeOutboundCodes(_ kind: OutboundCode.Kind, of user: Int64) throws {
        try connection.execute(
            "DELETE FROM sentbe_outbound_codes WHERE tenant = ? AND user_id = ? AND kind = ?", owner, .integer(user), .text(kind.rawValue))
    }

    func add(_ document: OutboundDocument) throws {
        try connection.execute(
            "INSERT INTO sentbe_outbound_documents VALUES (?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .integer(document.id), .text(document.partner), .integer(document.userID), .text(document.type),
                .text(document.format), .integer(document.byteCount), .text(document.digest), document.createdAt.value,
            ])
    }

    /// The newest documents first.
    func outboundDocuments(limit: Int64) throws -> [OutboundDocument] {
        try connection.query("SELECT * FROM sentbe_outbound_documents WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
            .compactMap(OutboundDocument.init)
    }
}

extension OutboundCode {
    init?(_ row: Row) {
        guard let partner = row.text("partner"), let user = row.integer("user_id"), let kind = row.text("kind").flatMap(Kind.init),
            let code = row.text("code"), let sentAt = row.moment("sent_at"), let failures = row.integer("failures")
        else { return nil }
        self.init(partner: partner, userID: user, kind: kind, check: CodeCheck(code: code, sentAt: sentAt, failures: failures))
    }
}

extension OutboundDocument {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let user = row.integer("user_id"), let type = row.text("type"),
            let format = row.text("format"), let bytes = row.integer("bytes"), let digest = row.text("digest"),
            let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, partner: partner, userID: user, type: type, format: format, byteCount: bytes, digest: digest, createdAt: createdAt)
    }
}
