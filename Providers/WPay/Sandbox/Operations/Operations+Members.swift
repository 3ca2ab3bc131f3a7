import Base
import SandboxKit

extension Operations {
    /// The member that a call names, who must be a member still and may be told by the identity value besides.
    ///
    /// - Parameters:
    ///   - userKey: The plain `wpayUserKey`.
    ///   - ci: The identity value as sent; an empty one is not compared.
    func member(_ userKey: String, ci: String = "") throws -> Member {
        guard let member = try records.member(userKey) else { throw try unknownMember(userKey) }
        guard member.family == merchant.family else {
            throw Refused(
                "member.other-merchant", ko: "다른 MID의 회원입니다. wpayUserKey는 가입한 MID(와 그 자동결제 MID)에서만 쓸 수 있습니다.",
                en: "the user key belongs to another MID; it is good only for the MID that the member joined at and its auto-pay MID",
                fix: ("가입에 쓴 MID로 호출하세요.", "Call with the MID that the member joined at."), ["joined_at": .string(member.family)])
        }
        switch member.status {
        case .normal: break
        case .left:
            throw Refused(
                "member.left", ko: "탈퇴한 회원입니다.", en: "the member has left",
                fix: ("다시 가입해 새 wpayUserKey를 받으세요.", "Join again for a new user key."))
        case .suspended: throw Refused("member.suspended", ko: "이용이 정지된 회원입니다.", en: "the member is suspended")
        case .locked:
            throw Refused(
                Verdict(
                    "member.locked", ko: "PIN을 여러 번 틀려 잠긴 회원입니다.", en: "the member is locked after too many wrong PINs",
                    fix: ("pinno/reset 페이지로 PIN을 바꾸게 하세요.", "Send the shopper to the page pinno/reset.")), code: .pinLocked)
        case .unknown: throw try unknownMember(userKey)
        }
        try check(ci: ci, of: member)
        return member
    }

    func check(ci: String, of member: Member) throws(Refused) {
        guard !ci.isEmpty, ci != member.ci else { return }
        throw Refused(
            "member.ci", ko: "ci가 회원의 ci와 다릅니다.", en: "the ci is not the member's",
            fix: (
                "가입 콜백의 ci를 그대로 보내거나 비워 두세요. 2.0의 ci는 암호화하지 않습니다.",
                "Send the ci of the joining callback, or leave it empty. In version 2.0 it is not encrypted."
            ))
    }

    private func unknownMember(_ userKey: String) throws -> Refused {
        let isKey = userKey.utf8.count == 20
        return Refused(
            "member.unknown", ko: "없는 wpayUserKey입니다.", en: "there is no such user key",
            fix: isKey
                ? ("GET /-/wpay/members 로 있는 회원을 확인하세요.", "GET /-/wpay/members lists the members.")
                : (
                    "wpayUserKey는 20자입니다. 콜백으로 받은 값은 이미 암호화되어 있으니 다시 암호화하지 말고 그대로 보내세요.",
                    "A user key has 20 characters. The one from a callback is encrypted already: pass it on as it is, do not encrypt it again."
                ), ["length": .number(userKey.utf8.count)])
    }

    // MARK: Joining and leaving

    /// Makes a member. Somebody who is one already keeps the key: the answer has it, with 2006.
    ///
    /// - Parameters:
    ///   - ci: The identity value as the merchant knows it; when empty, the one that the phone check finds.
    ///   - pin: Six digits; nothing joins without a PIN, as server calls do.
    func join(userID: String, ci: String, person: Person, pin: String?) throws -> OperationResult {
        guard !userID.isEmpty else {
            throw Refused("field.missing", ko: "userId가 없습니다.", en: "userId is missing", fix: nil, ["fields": ["userId"]])
        }
        let found = try records.members(of: merchant.family, userID: userID, ci: ci).first { $0.status != .left }
        if let found {
            let verdict = Verdict(
                warned: "member.already", ko: "이미 가입된 userId 또는 ci입니다. 2006과 함께 기존 wpayUserKey를 돌려줍니다.",
                en: "the userId or ci is a member already; the answer is 2006 with the existing user key",
                fix: ("2006은 실패가 아닙니다. 받은 wpayUserKey를 쓰세요.", "2006 is no failure: use the key that came with it."))
            return result(
                ["userId": .string(found.userID), "wpayUserKey": .string(found.userKey), "ci": .string(found.ci)], code: .alreadyMember,
                verdict: verdict)
        }
        let known = ci.isEmpty ? Identifier.ci(name: person.name, birthDay: person.birthDay, phone: person.phone) : ci
        var member = Member(
            userKey: Identifier.userKey(now, random), family: merchant.family, userID: userID, ci: known, person: person, joinedAt: now)
        if let pin { member.setPIN(try Operations.checked(pin)) }
        try records.save(member)
        return result(["userId": .string(userID), "wpayUserKey": .string(member.userKey), "ci": .string(known)])
    }

    /// Ends a membership: cards and accounts are deleted, sign-ups end.
    ///
    /// - Parameter userID: When not empty, it must be the member's.
    func leave(_ userKey: String, userID: String = "", ci: String = "") throws -> OperationResult {
        var member = try member(userKey, ci: ci)
        guard userID.isEmpty || userID == member.userID else {
            throw Refused("member.user-id", ko: "userId가 회원의 userId와 다릅니다.", en: "the userId is not the member's")
        }
        for var means in try records.means(of: userKey) {
            means.status = .deleted
            means.isMain = false
            try records.save(means)
        }
        for var autoPay in try records.autoPays(of: userKey) where autoPay.status == .running {
            autoPay.status = .ended
            autoPay.endedAt = now
            try records.save(autoPay)
        }
        member.leave(at: now)
        try records.save(member)
        return result(["userId": .string(member.userID), "wpayUserKey": .string(userKey)])
    }

    /// How a member stands.
    func lookUp(_ userKey: String, ci: String) throws -> OperationResult {
        guard let member = try records.member(userKey), member.family == merchant.family else {
            guard settings.tellsUnknown, try records.member(userKey) == nil else {
                _ = try self.member(userKey)
                throw try unknownMember(userKey)
            }
            return result(["wpayUserKey": .string(userKey), "status": .string(MemberStatus.unknown.rawValue)])
        }
        try check(ci: ci, of: member)
        return result(["wpayUserKey": .string(userKey), "status": .string(member.status.rawValue)])
    }

    /// Finds a member by identity value, user id or phone number; the old standard's look-up. Nobody found is status 99.
    func search(ci: String, userID: String, phone: String) throws -> OperationResult {
        guard !ci.isEmpty || !userID.isEmpty || !phone.isEmpty else {
            throw Refused(
                "field.missing", ko: "ci, userId, hNum 가운데 하나는 있어야 합니다.", en: "one of ci, userId and hNum must be there", fix: nil,
                ["fields": ["ci", "userId", "hNum"]])
        }
        var found = try records.members(of: merchant.family, userID: userID, ci: ci)
        if found.isEmpty, !phone.isEmpty { found = try records.members(of: merchant.family, phone: phone) }
        let match = found.first { member in
            (ci.isEmpty || member.ci == ci) && (userID.isEmpty || member.userID == userID)
                && (phone.isEmpty || member.person.phone == phone)
        }
        guard let match else { return result(["status": .string(MemberStatus.unknown.rawValue)]) }
        return result([
            "wpayUserKey": .string(match.userKey), "userId": .string(match.userID), "ci": .string(match.ci),
            "status": .string(match.status.rawValue),
        ])
    }
}

// MARK: PINs

extension Operations {
    /// What a PIN that was typed in comes to. It is kept: thrown errors would undo the count of wrong ones.
    enum PINCheck: Equatable {
        case right
        /// Wrong; how many more tries there are.
        case wrong(triesLeft: Int)
        /// Too many wrong ones, now or before.
        case locked
    }

    /// Compares a PIN and counts wrong ones; the last try locks the member.
    ///
    /// - Throws: ``Refused`` when there is no such member, or the member may do nothing.
    func checkPIN(_ userKey: String, _ pin: String) throws -> PINCheck {
        if let member = try records.member(userKey), member.family == merchant.family, member.status == .locked { return .locked }
        var member = try member(userKey)
        if member.hasPIN(pin) {
            member.wrongPINs = 0
            try records.save(member)
            return .right
        }
        member.wrongPINs += 1
        let left = Int(settings.pinTries) - member.wrongPINs
        if left <= 0 { member.status = .locked }
        try records.save(member)
        return left <= 0 ? .locked : .wrong(triesLeft: left)
    }

    /// Sets another PIN, and unlocks a member who was locked. The shopper has proven by phone who it is.
    func changePIN(_ userKey: String, to pin: String) throws -> OperationResult {
        guard var member = try records.member(userKey), member.family == merchant.family,
            member.status == .normal || member.status == .locked
        else {
            _ = try self.member(userKey)
            throw try unknownMember(userKey)
        }
        member.setPIN(try Operations.checked(pin))
        member.status = .normal
        try records.save(member)
        return result(["wpayUserKey": .string(userKey)])
    }

    /// The answer of the page that only checks a PIN, after ``checkPIN(_:_:)`` found it right.
    func confirmed(_ userKey: String) throws -> OperationResult { result(["wpayUserKey": .string(try member(userKey).userKey)]) }

    /// A PIN has six digits.
    static func checked(_ pin: String) throws(Refused) -> String {
        guard pin.utf8.count == 6, pin.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refused("pin.form", ko: "PIN은 숫자 6자리입니다.", en: "a PIN has six digits")
        }
        return pin
    }
}
