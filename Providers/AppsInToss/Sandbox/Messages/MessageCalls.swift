import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Transport

extension CallContext {
    /// send-message: one user, at most 10 a minute.
    func sendMessage() throws -> Answer {
        try countAtUserLimit()
        let template = try messageTemplate(isTest: false)
        try checkContext(fields.object("context") ?? [:], template, at: "context")
        return try answer([ownRecipient(isTest: false)], template)
    }

    /// send-test-message: also with a template that nobody has approved.
    func sendTestMessage() throws -> Answer {
        let template = try messageTemplate(isTest: true)
        try checkContext(fields.object("context") ?? [:], template, at: "context")
        return try answer([ownRecipient(isTest: true)], template, isTest: true)
    }

    /// send-bulk-message: everybody gets what they can; who does not stands in `fail`.
    func sendBulkMessage() throws -> Answer {
        let template = try messageTemplate(isTest: false)
        if call.fields[AppsInTossHeaders.userKey] != nil || call.fields[AppsInTossHeaders.anonymousKey] != nil {
            warn(MessageVerdicts.headerIgnored)
        }
        let rows = fields["contextList"]?.elements ?? []
        if rows.count < AppsInTossLimits.bulkMessagesSensible { warn(MessageVerdicts.fewRecipients(rows.count)) }
        var recipients: [(name: String, recipient: MessageRecipient)] = []
        recipients.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            let row = Fields(members: row.members ?? [:])
            let place = "contextList[\(index)]"
            recipients.append(try bulkRecipient(row, at: place))
            try checkContext(row.object("context") ?? [:], template, at: place + ".context")
        }
        return try answer(recipients, template)
    }

    // MARK: Whom

    private func ownRecipient(isTest: Bool) -> (name: String, recipient: MessageRecipient) {
        (
            user.limitName ?? "",
            MessageRecipient(isKnown: true, refusesPush: user.refusesPush, takesTests: settings[MessageSettings.testsAgreed])
        )
    }

    private func bulkRecipient(_ row: Fields, at place: String) throws -> (name: String, recipient: MessageRecipient) {
        let (key, anonymousKey) = (row.whole("userKey"), row.text("anonKey"))
        switch (key, anonymousKey) {
        case (let key?, nil):
            let user = try records.user(key, of: app.name)
            return ("user:\(key)", MessageRecipient(isKnown: user != nil, refusesPush: user?.refusesPush ?? false, takesTests: true))
        case (nil, let key?):
            let user = try records.anonymousUser(key, of: app.name)
            return ("anonymous:\(key)", MessageRecipient(isKnown: user != nil, refusesPush: user?.refusesPush ?? false, takesTests: true))
        case (nil, nil):
            throw FieldCheck.refused(
                place + ".userKey", BilingualText(korean: "userKey 또는 anonKey가 필요합니다.", english: "is required, or anonKey in its place"))
        case (_?, _?):
            throw FieldCheck.refused(
                place + ".anonKey", BilingualText(korean: "userKey와 함께 보낼 수 없습니다.", english: "must not come together with userKey"))
        }
    }

    // MARK: What

    private func messageTemplate(isTest: Bool) throws -> MessageTemplate {
        let code = try fields.required("templateSetCode")
        guard let template = try records.template(code, of: app.name) else {
            throw MessageVerdicts.unknownTemplate(isOther: try records.isTemplateOfOtherApp(code, than: app.name), app.name)
        }
        guard template.isApproved || isTest else { throw MessageVerdicts.notApproved(template) }
        return template
    }

    /// Every variable of the template has a value that can be filled in.
    private func checkContext(_ context: JSON.Members, _ template: MessageTemplate, at place: String) throws(Refused) {
        var complaints: [FieldComplaint] = []
        var given: Set<String> = []
        // Each member is looked at once: a context may have as many as a body holds.
        for (name, value) in zip(context.names, context.values) {
            if !value.isNull { given.insert(name) }
            switch value {
            case .object, .array:
                complaints.append(
                    FieldComplaint(
                        field: "\(place).\(name)",
                        message: BilingualText(korean: "문자열이나 숫자여야 합니다.", english: "must be a text or a number")))
            default: break
            }
        }
        for name in template.missing(among: given) {
            complaints.append(
                FieldComplaint(
                    field: "\(place).\(name)",
                    message: BilingualText(
                        korean: "템플릿 \(template.code)의 변수입니다. 값이 필요합니다.",
                        english: "is a variable of the template \(template.code) and needs a value")))
        }
        if !complaints.isEmpty { throw FieldCheck.refused(Array(complaints.prefix(20))) }
        if given.contains(MessageTemplate.filledByPlatform) { warnOnce(MessageVerdicts.userNameGiven) }
        if !template.unknown(among: context.names).isEmpty { warnOnce(MessageVerdicts.unknownVariables(template)) }
    }

    /// A bulk of thousands says a thing once.
    private func warnOnce(_ verdict: Verdict) {
        if !warnings.contains(where: { $0.rule == verdict.rule }) { warn(verdict) }
    }

    // MARK: Answer

    private func answer(_ recipients: [(name: String, recipient: MessageRecipient)], _ template: MessageTemplate, isTest: Bool = false)
        throws
        -> Answer
    {
        let name: AppsInTossEnvelope.SuccessName = settings[MessageSettings.contentName] == .result ? .result : .success
        if settings[MessageSettings.silent] {
            warn(MessageVerdicts.silent)
            return .named(name, MessageReply(messages: [], count: 0).json)
        }
        var messages: [SentMessage] = []
        messages.reserveCapacity(recipients.count * template.channels.count)
        for (name, recipient) in recipients {
            for outcome in template.outcomes(for: recipient, isTest: isTest) {
                let id = "toss:\(outcome.channel.rawValue):\(random.hexadecimal(8))"
                messages.append(SentMessage(call: row.api.name, user: name, contentID: id, outcome: outcome))
            }
        }
        try records.add(messages, template: template, at: now)
        let failed = messages.filter { $0.outcome.reason != nil }.count
        if failed > 0 { warn(MessageVerdicts.partialFailure(failed, of: messages.count)) }
        return .named(name, MessageReply(messages: messages, count: recipients.count).json)
    }
}

/// What the three calls answer.
struct MessageReply {
    var messages: [SentMessage]
    /// For how many people.
    var count: Int

    var json: JSON {
        var members: JSON.Members = ["msgCount": .number(count)]
        var (detail, fail): (JSON.Members, JSON.Members) = ([:], [:])
        for channel in MessageChannel.allCases {
            var (arrived, lost): ([JSON], [JSON]) = ([], [])
            for message in messages where message.outcome.channel == channel {
                if let reason = message.outcome.reason {
                    lost.append(["contentId": .string(message.contentID), "reachedFailReason": .string(reason.rawValue)])
                } else {
                    arrived.append(["contentId": .string(message.contentID)])
                }
            }
            members[channel.countName] = .number(arrived.count)
            detail[channel.listName] = .array(arrived)
            fail[channel.listName] = .array(lost)
        }
        members["detail"] = .object(detail)
        members["fail"] = .object(fail)
        return .object(members)
    }
}

/// Why a message is refused, or what should be known of one that is not, in words.
enum MessageVerdicts {
    static func unknownTemplate(isOther: Bool, _ app: String) -> Refused {
        Refused(
            .templateNotFound,
            Verdict(
                isOther ? "message.template-other-app" : "message.template-unknown",
                ko: isOther ? "다른 미니앱의 템플릿입니다. 미니앱 \(app)에는 없습니다." : "미니앱 \(app)에 없는 templateSetCode입니다.",
                en: isOther
                    ? "the template is another mini-app's; \(app) has none of that code"
                    : "the mini-app \(app) has no such templateSetCode",
                fix: (
                    "GET /-/apps-in-toss/templates 로 확인하고 POST로 만드세요. 실제로는 콘솔의 기능성 캠페인에서 승인받습니다.",
                    "GET /-/apps-in-toss/templates lists them and POST makes one; in reality a functional campaign in the console."
                )))
    }

    static func notApproved(_ template: MessageTemplate) -> Refused {
        Refused(
            .templateNotFound,
            Verdict(
                "message.template-unapproved", ko: "템플릿 \(template.code)은(는) 아직 승인되지 않았습니다.",
                en: "the template \(template.code) has not been approved",
                fix: (
                    "승인 전에는 send-test-message만 됩니다. PUT /-/apps-in-toss/templates/\(template.code) {\"approved\":true}로 승인하세요.",
                    "Before that only send-test-message works; approve it with PUT /-/apps-in-toss/templates/\(template.code) {\"approved\":true}."
                )))
    }

    static var headerIgnored: Verdict {
        Verdict(
            warned: "message.header-ignored", ko: "send-bulk-message는 사용자 헤더를 읽지 않습니다. 받는 사람은 contextList에만 있습니다.",
            en: "send-bulk-message does not read the user headers: the recipients stand in contextList only",
            fix: ("x-toss-user-key와 x-anon-key를 빼세요.", "Leave x-toss-user-key and x-anon-key out."))
    }

    static func fewRecipients(_ count: Int) -> Verdict {
        Verdict(
            warned: "message.few", ko: "받는 사람이 \(count)명입니다. 대량 발송은 50명 이상을 위한 것입니다.",
            en: "there are \(count) recipients; the bulk call is meant for 50 and more",
            fix: ("50명 미만이면 send-message를 쓰세요.", "Use send-message for fewer than 50."), ["recipients": .number(count)])
    }

    static var userNameGiven: Verdict {
        Verdict(
            warned: "message.user-name", ko: "userName은 토스가 채우는 변수라 보낸 값은 쓰지 않습니다.",
            en: "userName is filled in by Toss; the value that was sent is not used",
            fix: ("context에서 userName을 빼세요. 개인정보를 보낼 이유가 없습니다.", "Leave userName out of context: there is no reason to send personal data.")
        )
    }

    static func unknownVariables(_ template: MessageTemplate) -> Verdict {
        Verdict(
            warned: "message.unknown-variable", ko: "템플릿 \(template.code)에 없는 변수는 쓰지 않습니다.",
            en: "variables that the template \(template.code) does not have are not used",
            fix: ("변수 이름의 철자를 확인하세요.", "Check the spelling of the variables."), ["variables": .texts(template.variables)])
    }

    static var silent: Verdict {
        Verdict(
            warned: "message.silent", ko: "설정 message_silent가 켜져 있어 아무에게도 보내지 않고 성공으로 답했습니다.",
            en: "the setting message_silent is on: nobody was sent anything, and the answer is a success",
            fix: ("SUCCESS여도 건수가 모두 0일 수 있습니다. 건수를 확인하세요.", "A SUCCESS may have every count at 0: read the counts."))
    }

    static func partialFailure(_ failed: Int, of all: Int) -> Verdict {
        Verdict(
            warned: "message.partial-failure", ko: "\(all)건 가운데 \(failed)건이 닿지 않았습니다. 응답은 SUCCESS입니다.",
            en: "\(failed) of \(all) did not arrive; the answer is a SUCCESS all the same",
            fix: ("success.fail의 목록과 reachedFailReason을 확인하세요.", "Read the lists in success.fail and their reachedFailReason."),
            ["failed": .number(failed), "messages": .number(all)])
    }
}
