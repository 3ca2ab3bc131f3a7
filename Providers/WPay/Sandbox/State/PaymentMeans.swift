import SandboxKit
import Base
import Cryptography
import Storage

/// The kinds of payment means by the provider's codes.
enum PayMethod: String, CaseIterable, Sendable {
    case card = "01"
    case account = "16"
}

/// How a card or account stands, by the codes of the provider.
enum MeansStatus: String, CaseIterable, Sendable {
    case normal = "00"
    case suspended = "01"
    case deleted = "02"
    /// What a look-up says of a token that never was; no row has it.
    case unknown = "99"
}

/// A registered card or account.
struct PaymentMeans: Sendable {
    /// The plain `wpayToken`.
    var token: String
    /// The plain `wpayUserKey` of whose it is.
    var userKey: String
    var method: PayMethod
    var status = MeansStatus.normal
    /// Whether it is the main one of its kind.
    var isMain = false
    /// Tells the same number again without keeping it.
    var numberDigest: String
    var registeredAt: Timestamp
    /// Card company or bank.
    var bankCardCode: String
    /// The card's issuer (`cardIsscoCode`).
    var issuerCode = ""
    /// As callers see it.
    var maskedNumber: String
    /// Brand or bank.
    var name: String
    var nickname = ""
    /// `checkFlg`: 0 credit, 1 check, 2 prepaid.
    var checkFlag = "0"
    /// `cardTypeFlg`: 0 personal, 1 corporate.
    var ownerFlag = "0"
    var productNumber = ""
    var productName = ""
    var imageURL = ""
    /// `cardExpFlag`: Y usable, N expired, M cannot tell.
    var expiryFlag = "Y"
    /// The first moment at which the card has expired; nothing for accounts.
    var expiresAt: Timestamp?
    /// Issued when it was registered with one.
    var billingKey: String?

    /// The digest that stands for a number of one member's.
    static func digest(_ number: String, userKey: String, method: PayMethod) -> String {
        Hexadecimal.encode(Digest.sha256.hash("\(userKey)|\(method.rawValue)|\(number)"))
    }

    /// `cardExpFlag` at a moment.
    func expiryFlag(at now: Timestamp) -> String {
        guard let expiresAt else { return expiryFlag }
        return now < expiresAt ? expiryFlag : "N"
    }
}

extension PaymentMeans {
    fileprivate var details: JSON.Members {
        [
            "bankCardCode": .string(bankCardCode), "cardIsscoCode": .string(issuerCode), "bankCardNo": .string(maskedNumber),
            "cardName": .string(name), "wpayTokenNcnm": .string(nickname), "checkFlg": .string(checkFlag),
            "cardTypeFlg": .string(ownerFlag),
            "cardPdNum": .string(productNumber), "cardPdName": .string(productName), "cardBImgUrl": .string(imageURL),
            "cardExpFlag": .string(expiryFlag), "expires_at": .optional(expiresAt), "billKey": .optional(billingKey),
        ]
    }

    init?(_ row: Row) {
        guard let token = row.text("token"), let userKey = row.text("user_key"), let method = row.text("method").flatMap(PayMethod.init),
            let status = row.text("status").flatMap(MeansStatus.init), let isMain = row.boolean("main"),
            let digest = row.text("number_digest"),
            let registeredAt = row.moment("registered_at"), let details = row.details()
        else { return nil }
        self.init(
            token: token, userKey: userKey, method: method, status: status, isMain: isMain, numberDigest: digest,
            registeredAt: registeredAt,
            bankCardCode: details.text("bankCardCode"), issuerCode: details.text("cardIsscoCode"), maskedNumber: details.text("bankCardNo"),
            name: details.text("cardName"), nickname: details.text("wpayTokenNcnm"), checkFlag: details.text("checkFlg"),
            ownerFlag: details.text("cardTypeFlg"), productNumber: details.text("cardPdNum"), productName: details.text("cardPdName"),
            imageURL: details.text("cardBImgUrl"), expiryFlag: details.text("cardExpFlag"),
            expiresAt: details["expires_at"]?.string.flatMap { Timestamp(internetText: $0) }, billingKey: details["billKey"]?.string)
    }

    /// The means as the control API shows it.
    func controlJSON(at now: Timestamp) -> JSON {
        var members: JSON.Members = [
            "wpayToken": .string(token), "wpayUserKey": .string(userKey), "payMethod": .string(method.rawValue),
            "status": .string(status.rawValue), "majYn": .string(isMain ? "Y" : "N"), "registered_at": .optional(registeredAt),
        ]
        let details = details
        for name in details.names { members[name] = details[name] }
        members["cardExpFlag"] = .string(expiryFlag(at: now))
        return .object(members)
    }
}

extension Records {
    /// The means of that plain token.
    func means(_ token: String) throws -> PaymentMeans? {
        try connection.query("SELECT * FROM wpay_means WHERE tenant = ? AND token = ?", owner, .text(token)).first
            .flatMap(PaymentMeans.init)
    }

    /// A member's means in the order of registration, without deleted ones unless told.
    func means(of userKey: String, withDeleted: Bool = false) throws -> [PaymentMeans] {
        try connection.query("SELECT * FROM wpay_means WHERE tenant = ? AND user_key = ? ORDER BY sequence", owner, .text(userKey))
            .compactMap(PaymentMeans.init).filter { withDeleted || $0.status != .deleted }
    }

    /// The newest means first.
    func means(limit: Int64) throws -> [PaymentMeans] {
        try connection.query("SELECT * FROM wpay_means WHERE tenant = ? ORDER BY sequence DESC LIMIT ?", owner, .integer(limit))
            .compactMap(PaymentMeans.init)
    }

    /// Adds a means behind the others, or replaces the one of that token.
    func save(_ means: PaymentMeans) throws {
        try connection.execute(
            """
            INSERT INTO wpay_means VALUES (?,?,?,?,?,?,?,?, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM wpay_means WHERE tenant = ?1), ?)
            ON CONFLICT (tenant, token) DO UPDATE SET status = excluded.status, main = excluded.main, details = excluded.details
            """,
            owner, .text(means.token), .text(means.userKey), .text(means.method.rawValue), .text(means.status.rawValue),
            .boolean(means.isMain), .text(means.numberDigest), means.registeredAt.value, .text(JSON.object(means.details).text))
    }
}
