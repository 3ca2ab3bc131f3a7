import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Transport

extension ControlDesk {
    /// Templates and what was sent; nothing when the path is not one of them.
    func messages(_ segments: [String]) throws -> Answer? {
        switch (segments.first, segments.count) {
        case ("messages", 1):
            try only(.get)
            return Answer(["messages": .array(try records.messages(of: queried("app"), limit: try limit()))])
        case ("templates", 1):
            try only(.get, .post)
            guard call.method == .post else {
                return Answer(["templates": .array(try records.templates(of: try app().name).map(\.json))])
            }
            return try makeTemplate()
        case ("templates", 2): return try template(segments[1])
        default: return nil
        }
    }

    private static let templateMembers = ["variables", "approved", "channels"]

    private func makeTemplate() throws -> Answer {
        let wishes = try body(["app", "templateSetCode"] + ControlDesk.templateMembers)
        let app = try app(wishes)
        let code = wishes["templateSetCode"] ?? .string("\(app.name)-" + environment.random.hexadecimal(4))
        guard let text = code.string, (1...100).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F })
        else {
            throw ControlDesk.wrong(
                "templateSetCode는 공백과 /가 없는 ASCII 100자 이하여야 합니다.",
                "templateSetCode must be at most 100 ASCII characters without spaces and slashes.")
        }
        guard try records.template(text, of: app.name) == nil else {
            throw ControlDesk.conflict("이미 있는 templateSetCode입니다. PUT으로 바꾸세요.", "There is one already; change it with PUT.")
        }
        var template = MessageTemplate(code: text, app: app.name, variables: [], isApproved: true, channels: [.push])
        try template.change(wishes)
        try records.save(template, now: now)
        return Answer(template.json, status: 201)
    }

    private func template(_ code: String) throws -> Answer {
        try only(.get, .put, .delete)
        let wishes = call.method == .put ? try body(["app"] + ControlDesk.templateMembers) : [:]
        let app = try app(wishes)
        guard var template = try records.template(code, of: app.name) else {
            throw ControlDesk.missing("미니앱 \(app.name)에 없는 템플릿입니다.", "The mini-app \(app.name) has no such template.")
        }
        if call.method == .put {
            try template.change(wishes)
            try records.save(template, now: now)
        } else if call.method == .delete {
            try records.removeTemplate(code, of: app.name)
        }
        return Answer(template.json)
    }
}

extension MessageTemplate {
    /// Takes `variables`, `approved` and `channels`.
    ///
    /// - Throws: ``ControlError`` that names the member.
    mutating func change(_ wishes: JSON.Members) throws(ControlError) {
        if let wanted = wishes["variables"] {
            let names = (wanted.elements ?? []).compactMap(\.string).filter { (1...100).contains($0.utf8.count) }
            guard let count = wanted.elements?.count, count <= 100, names.count == count, Set(names).count == count else {
                throw ControlDesk.wrong("variables는 서로 다른 이름의 배열이어야 합니다.", "variables must be an array of different names.")
            }
            variables = names.filter { $0 != MessageTemplate.filledByPlatform }
        }
        if let wanted = wishes["approved"] {
            guard let value = wanted.boolean else {
                throw ControlDesk.wrong("approved는 true 또는 false입니다.", "approved must be true or false.")
            }
            isApproved = value
        }
        if let wanted = wishes["channels"] {
            let found = (wanted.elements ?? []).compactMap { $0.string.flatMap(MessageChannel.init) }
            guard !found.isEmpty, found.count == wanted.elements?.count, Set(found).count == found.count else {
                let list = MessageChannel.allCases.map(\.rawValue).joined(separator: ", ")
                throw ControlDesk.wrong("channels는 \(list) 가운데 하나 이상의 배열이어야 합니다.", "channels must be an array of one or more of \(list).")
            }
            channels = found
        }
    }
}
