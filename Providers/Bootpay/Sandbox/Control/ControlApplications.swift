import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    /// `applications` and what hangs below it.
    func applications(_ rest: [String]) throws -> Answer? {
        if rest.isEmpty {
            try only(.get, .post)
            if call.method == .get { return Answer(reply: Reply(status: 200, json: try records.describeProjects())) }
            return try makeApplication()
        }
        guard let application = try Application.find(rest[0], records.connection), application.tenant == tenant,
            var project = try records.project(application.project)
        else { throw ControlDesk.missing("없는 application_id입니다.", "There is no such application_id.") }
        switch (rest.count, rest.count > 1 ? rest[1] : "") {
        case (1, _): try only(.get)
        case (2, "reissue-key"):
            try only(.post)
            try reissue(&project)
        case (2, "allow-list"):
            try only(.put)
            let wanted = try body(["allow"]).members["allow"]
            try project.change(["allow_list": wanted ?? .null])
            try records.save(project)
        case (2, "feedback"):
            try only(.put)
            let fields = try body(["url", "content_type"])
            var wanted: JSON.Members = [:]
            wanted["feedback_url"] = fields.members["url"]
            wanted["feedback_content_type"] = fields.members["content_type"]
            try project.change(.object(wanted))
            try records.save(project)
        case (2, "token"): return try setTokenAge(application)
        case (2, "tokens"):
            try only(.delete)
            try records.revokeTokens(of: application.id)
        default: return nil
        }
        return Answer(reply: Reply(status: 200, json: try records.describe(project)))
    }

    /// A further application: of a project that exists, or of a new one with its own private key.
    private func makeApplication() throws -> Answer {
        let fields = try body([
            "project", "platform", "name", "application_id", "feedback_url", "feedback_content_type", "allow_list",
        ])
        let name = try fields.text("name") ?? ""
        let id = try fields.text("application_id")
        if let id, id.utf8.count != 24 || Hexadecimal.decode(id) == nil || id != id.lowercased() {
            throw ControlError(
                message: BilingualText(
                    korean: "application_id는 소문자 16진수 24자여야 합니다.", english: "application_id must be 24 lower-case hexadecimal digits."))
        }
        var project: Project
        if let wanted = try fields.text("project") {
            guard let found = try records.project(wanted) else { throw ControlDesk.missing("없는 프로젝트입니다.", "There is no such project.") }
            project = found
        } else {
            project = .fresh(name: name, now: now, environment.random)
        }
        var changes = fields.members
        changes["name"] = nil
        try project.change(.object(changes))
        try records.save(project)
        let platform = try platform(fields)
        let application = Application(
            id: id ?? ObjectID.make(now, environment.random), tenant: tenant, project: project.id, platform: platform,
            name: name.isEmpty ? project.name : name)
        do {
            try records.add(application)
        } catch let error as StorageError where error.isDuplicate {
            throw ControlError(
                status: 409, message: BilingualText(korean: "이미 있는 application_id입니다.", english: "The application_id is taken."))
        }
        var described = try records.describe(project).members ?? [:]
        described["application_id"] = .string(application.id)
        return Answer(reply: Reply(status: 201, json: .object(described)))
    }

    private func platform(_ fields: Fields) throws -> Application.Platform {
        let text = try fields.text("platform") ?? Application.Platform.rest.rawValue
        guard let platform = Application.Platform(rawValue: text) else {
            let known = Application.Platform.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError(
                message: BilingualText(korean: "platform은 \(known) 가운데 하나여야 합니다.", english: "platform must be one of \(known)."))
        }
        return platform
    }

    /// The old key fails at once; whether live tokens die with it is a setting.
    private func reissue(_ project: inout Project) throws {
        project.formerKey = project.privateKey
        project.reissuedAt = now
        project.privateKey = Project.fresh(name: "", now: now, environment.random).privateKey
        try records.save(project)
        guard try records.settings().revokesTokensOnReissue else { return }
        for application in try records.applications(of: project.id) { try records.revokeTokens(of: application.id) }
    }

    /// Makes the newest token look `age` seconds old, issuing one when there is none.
    private func setTokenAge(_ application: Application) throws -> Answer {
        try only(.post)
        let rule = try records.settings().tokenRule
        guard application.platform == .rest else {
            throw ControlError(
                message: BilingualText(korean: "REST용 application_id가 아닙니다.", english: "This is not the application_id for REST."))
        }
        guard let age = try body(["age"]).number("age"), (0...86_400).contains(age) else {
            throw ControlError(
                message: BilingualText(korean: "age는 0에서 86400 사이의 초여야 합니다.", english: "age must be 0 to 86400 seconds."))
        }
        let issued = Timestamp(unixSeconds: now.unixSeconds - age)
        var tokens = try records.tokens(of: application.id)
        if let current = tokens.current {
            try records.setIssue(.init(token: current.token, issued: issued))
        } else {
            let issue = tokens.tokenRequested(now: now, rule: rule) { environment.random.hexadecimal(32) }
            try records.add(.init(token: issue.token, issued: issued), to: application.id)
        }
        return Answer(
            reply: Reply(
                status: 200,
                json: [
                    "application_id": .string(application.id), "age": .number(age),
                    "expired_at": .number(rule.expiry(issued: issued).unixSeconds),
                    "handed_out": .boolean(rule.isHandedOut(issued: issued, now: now)),
                    "valid": .boolean(rule.isValid(issued: issued, now: now)),
                ]))
    }
}
