import SandboxKit
import Base
import Bootpay
import Storage

extension CallContext {
    /// `POST /request/token`: the newest token while it is young enough, otherwise a new one.
    ///
    /// Tokens are issued at whole seconds, as the reply counts: so the moment at which a caller sees exactly five minutes left is the moment at which the next
    /// token is to be had.
    /// - Throws: ``NeedsWriting`` when a new token is due and the call was begun as a read.
    func token(mayWrite: Bool) throws -> Answer {
        let rule = settings.tokenRule
        var tokens = try records.tokens(of: access.application.id)
        if let current = tokens.current, rule.isHandedOut(issued: current.issued, now: now) {
            return .success(reply(current))
        }
        guard mayWrite else { throw NeedsWriting() }
        // Somebody else is said to have fetched the first token some time ago; a renewal is the caller's own and fresh.
        let isRenewal = tokens.current.map { rule.isValid(issued: $0.issued, now: now) } ?? false
        let issue = tokens.tokenRequested(
            now: Timestamp(unixSeconds: now.unixSeconds), rule: rule, age: isRenewal ? .zero : .seconds(settings.initialTokenAge)
        ) { random.hexadecimal(32) }
        try records.add(issue, to: access.application.id)
        return .success(reply(issue))
    }

    private func reply(_ issue: IssuedTokens<String>.Issue) -> JSON {
        BootpayToken(token: Secret(issue.token), serverTime: now, expiresAt: settings.tokenRule.expiry(issued: issue.issued)).json
    }

    /// `POST /request/user/token`: a token for one shopper's easy payments.
    func userToken() throws -> JSON {
        let user = try fields.required("user_id")
        if let gender = try fields.text("gender"), gender != "0", gender != "1" {
            throw Fields.wrong("gender", ko: "0(여) 또는 1(남)이어야 합니다", en: "must be 0 (female) or 1 (male)", allowed: ["0", "1"])
        }
        if let birth = try fields.text("birth"), birth.utf8.count != 6 || Int(birth) == nil {
            throw Fields.wrong("birth", ko: "YYMMDD 여섯 자리여야 합니다", en: "must be six digits, YYMMDD")
        }
        let token = ObjectID.make(now, random)
        let expiresAt = Timestamp(unixSeconds: now.unixSeconds + settings.userTokenSeconds)
        try records.connection.execute(
            "INSERT INTO bootpay_user_tokens VALUES (?,?,?,?,?,?)", .text(token), records.owner, .text(project.id), .text(user), now.value,
            expiresAt.value)
        return [
            "user_token": .string(token), "expired_unixtime": .number(expiresAt.unixSeconds),
            "expired_localtime": .string(expiresAt.koreanText + " +0900"),
        ]
    }
}
