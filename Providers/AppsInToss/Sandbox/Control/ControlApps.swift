import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    /// `apps` and what hangs below it.
    func apps(_ rest: [String]) throws -> Answer? {
        if rest.isEmpty {
            try only(.get, .post)
            guard call.method == .post else {
                return Answer(["apps": .array(try records.apps(withDeleted: true).map { try records.describe($0) })])
            }
            return try makeApp()
        }
        guard var app = try records.app(rest[0]) else {
            throw ControlDesk.missing("없는 미니앱입니다.", "There is no such mini-app.")
        }
        switch (rest.count, rest.count > 1 ? rest[1] : "") {
        case (1, _):
            try only(.get, .put, .delete)
            if call.method == .put {
                try app.change(try body(MiniApp.changeable + ["deleted"]), settings)
                if let deleted = try body(MiniApp.changeable + ["deleted"])["deleted"]?.boolean {
                    app.deletedAt = deleted ? app.deletedAt ?? now : nil
                }
            } else if call.method == .delete {
                app.deletedAt = app.deletedAt ?? now
            }
            if call.method != .get { try records.save(app) }
            if call.method == .put, try body(MiniApp.changeable + ["deleted"])["webhook"] != nil, app.webhookURL != nil {
                for part in SandboxParts.all { try part.webhookRegistered(records, app, now) }
                return Answer(try records.describe(app), scheduleChanged: true)
            }
        case (2, "reissue-personal-data-key"):
            try only(.post)
            app.personalDataKey = Secret(Base64.encode(environment.random.bytes(32)))
            try records.save(app)
        default: return nil
        }
        return Answer(try records.describe(app))
    }

    private func makeApp() throws -> Answer {
        let wishes = try body(["app"] + MiniApp.changeable)
        let name = try wishes["app"].map(MiniApp.name) ?? "app-" + environment.random.hexadecimal(4)
        var app = MiniApp.fresh(tenant, name: name, now: now, environment.random)
        try app.change(wishes, settings)
        do {
            try records.make(app, now: now, environment.random)
        } catch let error as StorageError where error.isDuplicate {
            throw ControlDesk.conflict(
                "미니앱 \(name)이(가) 이미 있습니다. 삭제한 것이면 PUT {\"deleted\":false}로 되살리세요.",
                "There is a mini-app \(name) already; PUT {\"deleted\":false} brings back a deleted one.")
        }
        return Answer(try records.describe(app), status: 201, scheduleChanged: app.webhookURL != nil)
    }
}

extension MiniApp {
    /// What may be wished for when a mini-app is made, and changed afterwards.
    static let changeable = ["per_minute", "scopes", "terms", "personal_data_key", "additional_data", "unlink", "webhook"]

    /// A tenant's first mini-app: the demo one, or one with fresh secrets that takes the creator's wishes.
    static func first(_ tenant: TenantID, _ wishes: JSON, _ settings: SandboxSettings, now: Timestamp, _ random: any RandomSource) throws
        -> MiniApp
    {
        if tenant == .demo { return DemoData.app(now: now) }
        let name = try wishes["app"].map(MiniApp.name) ?? "app-" + random.hexadecimal(4)
        var app = MiniApp.fresh(tenant, name: name, now: now, random)
        var known = JSON.Members()
        for name in changeable { known[name] = wishes[name] }
        try app.change(known, settings)
        return app
    }

    static func name(_ json: JSON) throws(ControlError) -> String {
        guard let name = json.string, isName(name) else {
            throw ControlDesk.wrong(
                "app은 영문자나 숫자로 시작하는 64자 이하의 이름이어야 합니다(영문자, 숫자, . _ -).",
                "app must be a name of at most 64 letters, digits, '.', '_' and '-', beginning with a letter or a digit.")
        }
        return name
    }

    /// Takes the wishes that are there; null takes an address away.
    ///
    /// - Throws: ``ControlError`` that names the member.
    mutating func change(_ wishes: JSON.Members, _ settings: SandboxSettings) throws(ControlError) {
        if let wanted = wishes["per_minute"] {
            guard let number = wanted.integer, (1...RateModelBounds.largest).contains(number) else {
                throw ControlDesk.wrong(
                    "per_minute는 1에서 \(RateModelBounds.largest) 사이의 정수여야 합니다.",
                    "per_minute must be a whole number from 1 to \(RateModelBounds.largest).")
            }
            perMinute = number
        }
        if let wanted = wishes["terms"] { terms = try MiniApp.texts(wanted, "terms") }
        if let wanted = wishes["personal_data_key"] {
            guard let text = wanted.string, Base64.decode(text)?.count == PersonalDataCipher.keyByteCount else {
                throw ControlDesk.wrong("personal_data_key는 32바이트의 Base64여야 합니다.", "personal_data_key must be 32 bytes in Base64.")
            }
            personalDataKey = Secret(text)
        }
        if let wanted = wishes["additional_data"] {
            guard let text = wanted.string, text.utf8.count <= 200 else {
                throw ControlDesk.wrong("additional_data는 200바이트 이하의 문자열이어야 합니다.", "additional_data must be a text of at most 200 bytes.")
            }
            additionalData = text
        }
        if let wanted = wishes["webhook"] {
            let (url, secret) = try MiniApp.address(wanted, "webhook", secret: "secret", ["url", "secret"])
            webhookURL = url
            webhookSecret = secret
        }
        if let wanted = wishes["unlink"] { try changeUnlink(wanted) }
        if let wanted = wishes["scopes"] { scopes = try MiniApp.scopes(wanted) }
        if wishes["scopes"] != nil || wishes["unlink"] != nil { try checkScopes(settings) }
    }

    private mutating func changeUnlink(_ wanted: JSON) throws(ControlError) {
        let (url, basicText) = try MiniApp.address(wanted, "unlink", secret: "basic_text", ["url", "method", "basic_text"])
        guard let url else {
            unlink = nil
            return
        }
        var method = UnlinkCallback.Method.post
        if let word = wanted["method"] {
            guard let known = word.string.flatMap(UnlinkCallback.Method.init) else {
                throw ControlDesk.wrong("unlink.method는 GET 또는 POST입니다.", "unlink.method is GET or POST.")
            }
            method = known
        }
        unlink = UnlinkAddress(url: url, method: method, basicText: basicText)
    }

    /// The console offers most scopes only with an unlink callback.
    private func checkScopes(_ settings: SandboxSettings) throws(ControlError) {
        guard settings[CommonSettings.scopesNeedCallback], unlink == nil else { return }
        let free = LoginScope.withoutUnlinkCallback.map(\.consoleWord)
        let bound = scopes.filter { !free.contains($0) }
        guard bound.isEmpty else {
            let list = bound.joined(separator: ", ")
            throw ControlDesk.wrong(
                "\(list)은(는) 연결 끊기 콜백(unlink)을 등록해야 쓸 수 있습니다. 콘솔도 그렇습니다.",
                "\(list) can be had only with an unlink callback (unlink), as in the console.")
        }
    }

    /// The scopes that a login may ask for, as the console writes them.
    static let knownScopes = LoginScope.known.filter { $0 != .userKey }.map(\.consoleWord)

    static func scopes(_ json: JSON) throws(ControlError) -> [String] {
        let scopes = try texts(json, "scopes")
        guard scopes.allSatisfy(knownScopes.contains) else {
            let list = knownScopes.joined(separator: ", ")
            throw ControlDesk.wrong("scopes에 쓸 수 있는 값: \(list)", "scopes may hold: \(list)")
        }
        return knownScopes.filter(scopes.contains)
    }

    static func texts(_ json: JSON, _ name: String) throws(ControlError) -> [String] {
        guard let elements = json.elements, elements.count <= 100 else {
            throw ControlDesk.wrong("\(name)은(는) 문자열의 배열이어야 합니다.", "\(name) must be an array of texts.")
        }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string, (1...200).contains(text.utf8.count) else {
                throw ControlDesk.wrong("\(name)은(는) 문자열의 배열이어야 합니다.", "\(name) must be an array of texts.")
            }
            texts.append(text)
        }
        return texts
    }

    /// An address with a secret text, or nothing for null.
    private static func address(_ json: JSON, _ name: String, secret: String, _ known: [String]) throws(ControlError) -> (String?, Secret?)
    {
        if json.isNull { return (nil, nil) }
        guard let members = json.members, members.names.allSatisfy(known.contains), let url = members["url"]?.string,
            CallbackTarget(url) != nil
        else {
            let list = known.joined(separator: ", ")
            throw ControlDesk.wrong(
                "\(name)은(는) null이거나 {\"url\":\"https://…\"} 객체여야 합니다. 쓸 수 있는 이름: \(list)",
                "\(name) must be null or an object such as {\"url\":\"https://…\"}; it has: \(list)")
        }
        guard let text = members[secret], !text.isNull else { return (url, nil) }
        guard let text = text.string, (1...500).contains(text.utf8.count) else {
            throw ControlDesk.wrong(
                "\(name).\(secret)은(는) 500바이트 이하의 문자열이어야 합니다.", "\(name).\(secret) must be a text of at most 500 bytes.")
        }
        return (url, Secret(text))
    }
}
