import Base
import Cryptography
import SandboxKit
import Storage

/// How a member stands, by the codes of the provider.
enum MemberStatus: String, CaseIterable, Sendable {
    case normal = "00"
    case suspended = "01"
    case left = "02"
    /// Too many wrong PINs.
    case locked = "03"
    /// What a look-up says of somebody who never joined; no row has it.
    case unknown = "99"
}

/// Who somebody says to be on joining.
struct Person: Sendable, Equatable {
    var name = ""
    /// Mobile number without dashes.
    var phone = ""
    /// SKT, KTF, LGT, or of a budget carrier SKR, KTR, LGR.
    var carrier = ""
    /// `YYYYMMDD`.
    var birthDay = ""
    /// The first digit of the second half of the resident number.
    var socialNumber = ""
    /// Y for a foreigner.
    var foreigner = ""
    /// The consent of a guardian, for members under 14: `agreeReqDate`, `agreeReqNum`, `agreeYn`, `repNm`, `repPhoneNum`, `authDate`.
    var guardian: JSON.Members = [:]
}

/// Somebody who has joined the wallet of a merchant.
struct Member: Sendable {
    /// The plain `wpayUserKey`.
    var userKey: String
    /// The MID of whose wallet it is, see ``Merchant/family``.
    var family: String
    /// The merchant's own id of the user.
    var userID: String
    /// The identity value.
    var ci: String
    var person = Person()
    var status = MemberStatus.normal
    /// A digest of the PIN; nothing when none was set.
    private(set) var pin: String?
    /// How many wrong PINs came in a row.
    var wrongPINs = 0
    var joinedAt: Timestamp
    var leftAt: Timestamp?

    init(userKey: String, family: String, userID: String, ci: String, person: Person = Person(), joinedAt: Timestamp) {
        self.userKey = userKey
        self.family = family
        self.userID = userID
        self.ci = ci
        self.person = person
        self.joinedAt = joinedAt
    }

    /// Sets the PIN and forgets wrong ones.
    mutating func setPIN(_ pin: String) {
        self.pin = digest(pin)
        wrongPINs = 0
    }

    /// Whether it is the member's PIN.
    func hasPIN(_ pin: String) -> Bool {
        guard let own = self.pin else { return false }
        return constantTimeEquals(Array(own.utf8), Array(digest(pin).utf8))
    }

    /// Leaves: what is personal is forgotten, the user id stays so that a look-up can say who left.
    mutating func leave(at moment: Timestamp) {
        status = .left
        leftAt = moment
        person = Person()
        pin = nil
        wrongPINs = 0
    }

    private func digest(_ pin: String) -> String { Hexadecimal.encode(Digest.sha256.hash("\(userKey)|\(pin)")) }
}

extension Member {
    init?(_ row: Row) {
        guard let userKey = row.text("user_key"), let family = row.text("family"), let userID = row.text("user_id"),
            let ci = row.text("ci"),
            let status = row.text("status").flatMap(MemberStatus.init), let wrong = row.integer("wrong_pins"),
            let joinedAt = row.moment("joined_at"), let details = row.details()
        else { return nil }
        self.init(userKey: userKey, family: family, userID: userID, ci: ci, person: Person(details), joinedAt: joinedAt)
        self.status = status
        pin = row.text("pin")
        wrongPINs = Int(wrong)
        leftAt = row.moment("left_at")
    }

    /// The member as the control API shows it.
    var controlJSON: JSON {
        [
            "wpayUserKey": .string(userKey), "family": .string(family), "userId": .string(userID), "ci": .string(ci),
            "status": .string(status.rawValue), "has_pin": .boolean(pin != nil), "wrong_pins": .number(wrongPINs),
            "person": .object(person.members), "joined_at": .optional(joinedAt), "left_at": .optional(leftAt),
        ]
    }
}

extension Person {
    /// The fields under the provider's names.
    var members: JSON.Members {
        var members: JSON.Members = [
            "userNm": .string(name), "hNum": .string(phone), "hCorp": .string(carrier), "birthDay": .string(birthDay),
            "socialNo2": .string(socialNumber), "frnrYn": .string(foreigner),
        ]
        if guardian.count > 0 { members["guardian"] = .object(guardian) }
        return members
    }

    /// Reads the provider's names; what is missing stays empty.
    init(_ members: JSON.Members) {
        self.init(
            name: members.text("userNm"), phone: members.text("hNum"), carrier: members.text("hCorp"), birthDay: members.text("birthDay"),
            socialNumber: members.text("socialNo2"), foreigner: members.text("frnrYn"), guardian: members["guardian"]?.members ?? [:])
    }
}

extension Records {
    /// The member of that plain user key.
    func member(_ userKey: String) throws -> Member? {
        try connection.query("SELECT * FROM wpay_members WHERE tenant = ? AND user_key = ?", owner, .text(userKey)).first
            .flatMap(Member.init)
    }

    /// Members of a wallet by user id or identity value; those that are still members first, then the latest.
    func members(of family: String, userID: String? = nil, ci: String? = nil) throws -> [Member] {
        var found: [Member] = []
        if let userID, !userID.isEmpty {
            found += try connection.query(
                "SELECT * FROM wpay_members WHERE tenant = ? AND family = ? AND user_id = ?", owner, .text(family), .text(userID)
            ).compactMap(Member.init)
        }
        if let ci, !ci.isEmpty {
            found += try connection.query(
                "SELECT * FROM wpay_members WHERE tenant = ? AND family = ? AND ci = ?", owner, .text(family), .text(ci)
            ).compactMap(Member.init)
        }
        return found.sorted { left, right in
            if (left.status == .left) != (right.status == .left) { return right.status == .left }
            return left.joinedAt > right.joinedAt
        }
    }

    /// Members of a wallet by phone number, the latest first; the number stands among their details.
    func members(of family: String, phone: String) throws -> [Member] {
        try connection.query(
            """
            SELECT * FROM wpay_members WHERE tenant = ? AND family = ? AND json_extract(details, '$.hNum') = ?
            ORDER BY status = '02', joined_at DESC
            """,
            owner, .text(family), .text(phone)
        ).compactMap(Member.init)
    }

    /// The newest members first.
    func members(limit: Int64) throws -> [Member] {
        try connection.query(
            "SELECT * FROM wpay_members WHERE tenant = ? ORDER BY joined_at DESC, user_key LIMIT ?", owner, .integer(limit)
        )
        .compactMap(Member.init)
    }

    /// Adds a member, or replaces the one of that user key.
    func save(_ member: Member) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO wpay_members VALUES (?,?,?,?,?,?,?,?,?,?,?)", owner, .text(member.userKey), .text(member.family),
            .text(member.userID), .text(member.ci), .text(member.status.rawValue), .optional(member.pin), .integer(Int64(member.wrongPINs)),
            member.joinedAt.value, .moment(member.leftAt), .text(JSON.object(member.person.members).text))
    }
}
