import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    /// `users` and one of them; what login does with them is the login group's.
    func users(_ rest: [String]) throws -> Answer? {
        let known = ["profile", "refuses_push"]
        if rest.isEmpty {
            try only(.get, .post)
            guard call.method == .post else {
                let app = try app()
                return Answer(["users": .array(try records.users(of: app.name, limit: try limit()).map(\.json))])
            }
            let wishes = try body(["app", "user_key"] + known)
            let app = try app(wishes)
            var user = TossUser(
                key: try userKey(wishes, app), app: app.name, profile: DemoData.profile(environment.random), createdAt: now)
            try user.change(wishes)
            try records.save(user)
            return Answer(user.json, status: 201)
        }
        guard rest.count == 1 else { return nil }
        try only(.get, .put)
        let wishes = call.method == .put ? try body(["app"] + known) : [:]
        var user = try user(named: Int64(rest[0]), of: try app(wishes))
        if call.method == .put {
            try user.change(wishes)
            try records.save(user)
        }
        return Answer(user.json)
    }

    private func userKey(_ wishes: JSON.Members, _ app: MiniApp) throws -> Int64 {
        guard let wanted = wishes["user_key"] else { return try records.freshUserKey(of: app.name, environment.random) }
        guard let key = Fields.whole(wanted), key > 0 else {
            throw ControlDesk.wrong("user_key는 양의 정수여야 합니다.", "user_key must be a positive whole number.")
        }
        guard try records.user(key, of: app.name) == nil else {
            throw ControlDesk.conflict("이미 있는 user_key입니다.", "The user_key is taken.")
        }
        return key
    }

    func anonymousUsers() throws -> Answer {
        try only(.get, .post)
        guard call.method == .post else {
            let app = try app()
            return Answer(["anonymous_users": .array(try records.anonymousUsers(of: app.name, limit: try limit()).map(\.json))])
        }
        let wishes = try body(["app", "anonymous_key", "refuses_push"])
        let app = try app(wishes)
        var user = AnonymousUser(key: Base64.encode(environment.random.bytes(32)), app: app.name, createdAt: now)
        if let wanted = wishes["anonymous_key"] {
            guard let key = wanted.string, (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ControlDesk.wrong(
                    "anonymous_key는 공백 없는 ASCII 200자 이하여야 합니다.", "anonymous_key must be at most 200 ASCII characters without spaces.")
            }
            guard try records.anonymousUser(key, of: app.name) == nil else {
                throw ControlDesk.conflict("이미 있는 anonymous_key입니다.", "The anonymous_key is taken.")
            }
            user.key = key
        }
        if let refuses = wishes["refuses_push"]?.boolean { user.refusesPush = refuses }
        try records.save(user)
        return Answer(user.json, status: 201)
    }
}

extension TossUser {
    /// Takes `profile` (its members one by one; null takes one away) and `refuses_push`.
    ///
    /// - Throws: ``ControlError`` that names the member.
    mutating func change(_ wishes: JSON.Members) throws(ControlError) {
        if let wanted = wishes["refuses_push"] {
            guard let refuses = wanted.boolean else {
                throw ControlDesk.wrong("refuses_push는 true 또는 false여야 합니다.", "refuses_push must be true or false.")
            }
            refusesPush = refuses
        }
        guard let wanted = wishes["profile"] else { return }
        guard let members = wanted.members else { throw ControlDesk.wrong("profile은 객체여야 합니다.", "profile must be an object.") }
        for name in members.names {
            guard TossUser.profileMembers.contains(name) else {
                let list = TossUser.profileMembers.joined(separator: ", ")
                throw ControlDesk.wrong("profile에 없는 항목입니다: \(name). 쓸 수 있는 이름: \(list)", "profile has no \(name); it has: \(list)")
            }
            if members[name]?.isNull ?? true {
                profile[name] = nil
                continue
            }
            guard let text = members[name]?.string, TossUser.isGood(text, for: name) else {
                throw ControlDesk.wrong(
                    "profile.\(name)의 값이 잘못되었습니다(birthday는 yyyyMMdd, gender는 MALE·FEMALE, nationality는 LOCAL·FOREIGNER).",
                    "profile.\(name) has a wrong value (birthday yyyyMMdd, gender MALE or FEMALE, nationality LOCAL or FOREIGNER).")
            }
            profile[name] = .string(text)
        }
    }

    private static func isGood(_ text: String, for name: String) -> Bool {
        switch name {
        case "gender": return ["MALE", "FEMALE"].contains(text)
        case "nationality": return ["LOCAL", "FOREIGNER"].contains(text)
        case "birthday":
            let digits = text.utf8.map { Int($0) - 0x30 }
            guard digits.count == 8, digits.allSatisfy({ (0...9).contains($0) }) else { return false }
            return CivilTime(
                year: digits.prefix(4).reduce(0) { $0 * 10 + $1 }, month: digits[4] * 10 + digits[5], day: digits[6] * 10 + digits[7])
                != nil
        default: return (1...500).contains(text.utf8.count)
        }
    }
}
