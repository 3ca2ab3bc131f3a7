import Base
import SandboxKit
import Storage

/// What a shopper or a server can do, with plain values, within one write: what pages and calls have in common once their fields are admitted.
///
/// Each operation throws ``Refused``, which undoes it, or gives what its callback or reply says.
struct Operations {
    let records: Records
    let merchant: Merchant
    let settings: SandboxSettings
    let now: Timestamp
    let random: any RandomSource
    let place: Place

    init(_ records: Records, merchant: Merchant, settings: SandboxSettings, now: Timestamp, random: any RandomSource, place: Place) {
        self.records = records
        self.merchant = merchant
        self.settings = settings
        self.now = now
        self.random = random
        self.place = place
    }

    /// What an operation comes to, with `mid` and a fresh `wtid` unless it has one of its own.
    func result(_ values: JSON.Members, code: ResultCode = .success, verdict: Verdict? = nil) -> OperationResult {
        var members: JSON.Members = ["mid": .string(merchant.mid)]
        if values["wtid"] == nil { members["wtid"] = .string(Identifier.wtid(now, random)) }
        for name in values.names { members[name] = values[name] }
        return OperationResult(code: code, values: members, verdict: verdict)
    }

    /// What a page's callback says when the shopper cancelled it or let it fail: what was asked for, without anything that came of it.
    func unfinished(_ fields: [String: String], isCancel: Bool) -> OperationResult {
        var members: JSON.Members = ["mid": .string(merchant.mid)]
        for name in ["oid", "userId", "wpayUserKey", "ci"] { members[name] = fields[name].map { .string($0) } }
        let verdict =
            isCancel
            ? Verdict(warned: "page.cancelled", ko: "구매자가 페이지에서 취소했습니다.", en: "the shopper cancelled on the page")
            : Verdict(warned: "page.failed", ko: "페이지에서 실패를 골랐습니다.", en: "failure was chosen on the page")
        return OperationResult(code: isCancel ? .cancelled : .refused, values: members, verdict: verdict)
    }
}

/// What an operation came to: its code, and plain values by the provider's names, of which the callback or reply takes those that its table lists.
struct OperationResult: Sendable {
    var code = ResultCode.success
    var values: JSON.Members
    /// What its author should know although it was accepted.
    var verdict: Verdict?

    /// The text of a value; empty when there is none.
    subscript(name: String) -> String { values.text(name) }
}
