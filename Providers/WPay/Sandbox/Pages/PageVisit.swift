import Base
import Cryptography
import SandboxKit
import WPay

/// One page that is open, within one write: shows it, and does what is pressed on it.
struct PageVisit {
    let api: WPayAPI
    let kind: PageKind
    let keys: WPayKeys
    let operations: Operations
    var visit: Visit
    /// What the author of the request should know although it was admitted.
    var warning: Verdict?
    /// Where the page's buttons lead.
    let action: String
    /// Whether the visit is in the state; what is answered at once never gets there.
    var isKept: Bool

    var records: Records { operations.records }
    var settings: SandboxSettings { operations.settings }
    var userKey: String { field("wpayUserKey") }
    var ci: String { field("ci") }

    /// The merchant's value of a field in plain form; empty when there is none.
    func field(_ name: String) -> String { visit.fields[name] ?? "" }

    // MARK: Opening

    /// Shows the page, or answers at once where no shopper is asked.
    ///
    /// - Throws: ``Refused`` when the request itself cannot be.
    mutating func open() throws -> PageAnswer {
        try checkRequest()
        if kind == .join, let known = try knownMember() { return try finish(known) }
        switch settings.pages {
        case .interactive:
            try records.save(visit)
            isKept = true
            return try show()
        case .approve: return try approveAtOnce()
        case .fail: return try finish(operations.unfinished(visit.fields, isCancel: false))
        case .cancel: return try cancel()
        }
    }

    /// What of the request can be refused before a shopper is asked: whom and what it names.
    private func checkRequest() throws {
        guard kind.isForMember else { return }
        if try kind != .pinChange || lockedMember() == nil { _ = try operations.member(userKey, ci: ci) }
        if !field("goodsPrice").isEmpty { try Operations.check(price: try Operations.price(field("goodsPrice"), "goodsPrice")) }
        guard kind == .pay else { return }
        _ = try operations.means(field("wpayToken"), of: userKey, method: api.method(visit.fields), bankCardCode: field("bankCardCode"))
    }

    /// The answer for somebody who is a member already.
    private func knownMember() throws -> OperationResult? {
        let found = try records.members(of: operations.merchant.family, userID: field("userId"), ci: ci)
        guard found.contains(where: { $0.status != .left }) else { return nil }
        return try operations.perform(api, visit.fields, ShopperEntry())
    }

    private func lockedMember() throws -> Member? {
        guard let member = try records.member(userKey), member.family == operations.merchant.family, member.status == .locked else {
            return nil
        }
        return member
    }

    /// Does what a shopper who agrees would do, with a made-up card or account where one is wanted.
    private mutating func approveAtOnce() throws -> PageAnswer {
        var entry = ShopperEntry.preset(operations.random)
        if kind != .registerAccount { entry.account = nil }
        if kind == .window { entry.token = try presetToken(entry) }
        return try finish(operations.perform(api, visit.fields, entry))
    }

    /// The main means that can pay, else the first, else a card that is registered on the spot.
    private func presetToken(_ entry: ShopperEntry) throws -> String {
        let usable = try choices().filter { $0.expiryFlag(at: operations.now) != "N" }
        if let means = usable.first(where: \.isMain) ?? usable.first { return means.token }
        guard let card = entry.card else { throw Refused("token.none", ko: "등록된 결제수단이 없습니다.", en: "no card or account is registered") }
        return try operations.registerCard(userKey, card, ci: ci)["wpayToken"]
    }

    private func digits(_ count: Int) -> String {
        String((0..<count).map { _ in Character(Unicode.Scalar(0x30 + UInt8(operations.random.number(below: 10)))) })
    }

    // MARK: Pressing

    /// Does what was pressed, once: what was answered before is only shown again.
    ///
    /// What is refused either lets the shopper try again or goes to the merchant as a failure. It has changed nothing then, since every operation checks everything
    /// before it changes anything; only a PIN that was set on the way stays.
    mutating func press(_ entries: PageEntries) throws -> PageAnswer {
        if let outcome = PageCallback(stored: visit.progress["answer"]) {
            return PageAnswer(content: .callback(outcome), verdict: PageVisit.answeredBefore)
        }
        do {
            guard let press = entries.press else { throw EntryProblem("단추를 누르세요.", "Press one of the buttons.") }
            return try self.press(press, entries)
        } catch let problem as EntryProblem {
            return try show(notice: problem.notice, keeping: entries)
        } catch let refused as Refused {
            if let notice = notice(for: refused) { return try show(notice: notice, verdict: refused.verdict, keeping: entries) }
            var result = operations.unfinished(visit.fields, isCancel: false)
            result.code = refused.code
            result.verdict = refused.verdict
            return try finish(result)
        }
    }

    private static let answeredBefore = Verdict(
        warned: "page.answered", ko: "이미 처리된 페이지에서 다시 눌렀습니다. 처음의 결과를 그대로 보여 줍니다.",
        en: "something was pressed on a page that had been answered; the first result was shown again, and nothing else happened")

    /// What the shopper can put right: what was typed in, and in a window or on my page the choice of means.
    private func notice(for refused: Refused) -> BilingualText? {
        let rule = refused.verdict.rule
        let isEntry = ["card.number", "card.expiry", "account.number", "pin.form", "field.value"].contains(rule)
        let isRegistering = kind == .registerCard || kind == .registerAccount || !(visit.progress["form"] ?? .null).isNull
        let isChoice = (kind == .window || kind == .myPage) && (rule.hasPrefix("card.") || rule.hasPrefix("token."))
        guard isEntry || isRegistering && rule.hasPrefix("card.") || isChoice else { return nil }
        return refused.verdict.reason
    }

    private mutating func press(_ press: PagePress, _ entries: PageEntries) throws -> PageAnswer {
        switch press {
        case .cancel: return try cancel()
        case .fail: return try finish(operations.unfinished(visit.fields, isCancel: false))
        case .newCard, .newAccount, .back:
            guard kind == .window || kind == .myPage, press != .newAccount || !api.isSignUp else { throw PageVisit.notHere }
            visit.progress["form"] = press == .back ? .null : .string(press.rawValue)
            try records.save(visit)
            return try show()
        case .register: return try registerWithin(entries)
        case .main, .notMain, .rename, .delete: return try change(press, entries)
        case .leave, .approve:
            guard (press == .leave) == (kind == .myPage) else { throw PageVisit.notHere }
            return try approve(entries)
        }
    }

    private static let notHere = EntryProblem("이 화면에 없는 단추입니다.", "This page has no such button.")

    /// The shopper gives up. My page does not call back then.
    private mutating func cancel() throws -> PageAnswer {
        guard kind == .myPage else { return try finish(operations.unfinished(visit.fields, isCancel: true)) }
        if isKept { try records.removeVisit(visit.id) }
        return answer(
            Views.end(
                BilingualText("마이페이지를 닫았습니다", "My page is closed"),
                BilingualText("탈퇴하지 않으면 가맹점에 아무것도 전달되지 않습니다. 창을 닫으세요.", "Nothing goes to the merchant unless you leave. Close the window."),
                merchant: visit.mid))
    }

    private mutating func approve(_ entries: PageEntries) throws -> PageAnswer {
        var fields = visit.fields
        var entry = ShopperEntry()
        switch kind {
        case .join:
            guard entries[PageField.agreement] == "Y" else { throw EntryProblem("약관에 동의해야 가입할 수 있습니다.", "Agree to the terms to join.") }
            entry.person = try entries.person(Person(form: fields), readOnly: readOnly)
            entry.pin = try entries.newPIN()
        case .pinChange:
            entry.pin = try entries.newPIN()
            if try lockedMember() == nil, let refusal = try checkPIN(entries) { return refusal }
        case .registerCard: entry.card = try entries.card()
        case .registerAccount: entry.account = try entries.account()
        case .window:
            guard let means = try choice(entries) else { throw EntryProblem("결제수단을 고르세요.", "Choose a means of payment.") }
            entry.token = means.token
            if means.method == .card, let quota = entries.digits(PageField.quota), quota.utf8.count == 2 { fields["cardQuota"] = quota }
            if asksForEmail {
                let email = entries[PageField.email]
                guard email.contains("@"), email.utf8.count <= 60, email.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    throw EntryProblem("이메일 주소를 확인하세요.", "See whether the e-mail address is right.")
                }
                fields["buyerEmail"] = email
            }
        case .pinCheck, .pay, .myPage, .identityCheck: break
        }
        if asksForPIN, let refusal = try checkPIN(entries) { return refusal }
        return try finish(operations.perform(api, fields, entry))
    }

    private var readOnly: Set<String> {
        let names = field("optReadOnly").split { ",:| ".contains($0) }.map(String.init)
        return Set(names.filter { !field($0).isEmpty })
    }

    /// Whether going on takes the member's PIN.
    private var asksForPIN: Bool {
        switch kind {
        case .pinCheck, .myPage: true
        case .pay, .window: field("flagPin") != "N"
        case .join, .pinChange, .registerCard, .registerAccount, .identityCheck: false
        }
    }

    private var asksForEmail: Bool { field("emailUseFlag") == "Y" }

    /// Whether the member joined without a PIN, and sets one with the first page that asks for it.
    private func lacksPIN() throws -> Bool { try records.member(userKey)?.pin == nil }

    /// Compares the PIN; a wrong one counts although nothing else happens. Nothing when it is right.
    private mutating func checkPIN(_ entries: PageEntries) throws -> PageAnswer? {
        if try lacksPIN() {
            _ = try operations.changePIN(userKey, to: entries.newPIN())
            return nil
        }
        switch try operations.checkPIN(userKey, entries[PageField.pin]) {
        case .right: return nil
        case .wrong(let left):
            return try show(
                notice: BilingualText("PIN이 다릅니다. \(left)번 더 틀리면 잠깁니다.", "Wrong PIN; \(left) more tries before it is locked."),
                verdict: Verdict(
                    warned: "pin.wrong", ko: "구매자가 틀린 PIN을 넣었습니다.", en: "the shopper entered a wrong PIN", fix: nil,
                    ["tries_left": .number(left)]))
        case .locked:
            var result = operations.unfinished(visit.fields, isCancel: false)
            result.code = .pinLocked
            result.verdict = Verdict(
                warned: "pin.locked", ko: "PIN을 너무 여러 번 틀려 회원이 잠겼습니다.", en: "too many wrong PINs: the member is locked",
                fix: ("pinno/reset 페이지에서 새 PIN을 정하면 풀립니다.", "A new PIN, by the page pinno/reset, unlocks it."))
            return try finish(result)
        }
    }

    // MARK: Means

    /// The means that can be chosen here.
    private func choices() throws -> [PaymentMeans] {
        let method = kind == .window ? api.method(visit.fields) : nil
        return try records.means(of: userKey).filter { means in means.status == .normal && (method.map { $0 == means.method } ?? true) }
    }

    /// Names a means within this page only.
    private func name(_ means: PaymentMeans) -> String {
        String(Hexadecimal.encode(Digest.sha256.hash("\(visit.id)|\(means.token)")).prefix(16))
    }

    private func choice(_ entries: PageEntries) throws -> PaymentMeans? {
        let wanted = entries[PageField.means]
        return try choices().first { name($0) == wanted }
    }

    private mutating func registerWithin(_ entries: PageEntries) throws -> PageAnswer {
        let result: OperationResult
        switch visit.progress["form"]?.string {
        case PagePress.newCard.rawValue: result = try operations.registerCard(userKey, try entries.card(), ci: ci)
        case PagePress.newAccount.rawValue: result = try operations.registerAccount(userKey, try entries.account(), ci: ci)
        default: throw PageVisit.notHere
        }
        visit.progress["form"] = .null
        visit.progress["chosen"] = .string(result["wpayToken"])
        try records.save(visit)
        let already = BilingualText("이미 등록된 결제수단입니다.", "It is registered already.")
        return try show(notice: result.code == .alreadyRegistered ? already : nil, verdict: result.verdict)
    }

    private mutating func change(_ press: PagePress, _ entries: PageEntries) throws -> PageAnswer {
        guard kind == .myPage else { throw PageVisit.notHere }
        guard let means = try choice(entries) else { throw EntryProblem("이미 없는 결제수단입니다.", "That means is gone.") }
        switch press {
        case .main, .notMain: _ = try operations.setMain(means.token, of: userKey, ci: ci, press == .main)
        case .rename: _ = try operations.setNickname(means.token, of: userKey, ci: ci, entries.name(PageField.nickname, 30))
        default: _ = try operations.delete(means.token, of: userKey, ci: ci)
        }
        return try show()
    }
}

// MARK: Answers

extension PageVisit {
    /// The way back to the merchant. The page stays until its time is over, so that a second press gets the same and does nothing.
    mutating func finish(_ result: OperationResult) throws -> PageAnswer {
        let writer = ReplyWriter(api: api, settings: settings)
        let callback = try writer.callback(result, to: field(api.returnField), keys)
        let outcome = PageCallback(
            merchant: visit.mid, callback: callback, resultCode: writer.text(of: result.code).code,
            isSuccess: [.success, .alreadyMember, .alreadyRegistered].contains(result.code))
        if isKept {
            visit.progress = ["answer": outcome.stored]
            try records.save(visit)
        }
        return PageAnswer(content: .callback(outcome), verdict: result.verdict ?? warning)
    }

    private func answer(_ document: PageDocument, verdict: Verdict? = nil) -> PageAnswer {
        PageAnswer(content: .page(document), verdict: verdict ?? warning)
    }

    /// The page as it stands, for a browser that asks for it again.
    func reload() throws -> PageAnswer {
        if let outcome = PageCallback(stored: visit.progress["answer"]) { return PageAnswer(content: .callback(outcome)) }
        return try show()
    }

    /// Shows the page.
    ///
    /// - Parameter entries: What was typed in before, so that it has not to be typed again.
    func show(notice: BilingualText? = nil, verdict: Verdict? = nil, keeping entries: PageEntries = PageEntries([])) throws -> PageAnswer {
        answer(try document(OpenPage(action: action, merchant: visit.mid, notice: notice), entries), verdict: verdict)
    }

    private func document(_ page: OpenPage, _ entries: PageEntries) throws -> PageDocument {
        let form = visit.progress["form"]?.string
        if form == PagePress.newCard.rawValue || form == PagePress.newAccount.rawValue {
            return Views.register(page, registration(isAccount: form == PagePress.newAccount.rawValue, isWithinWindow: true, entries))
        }
        switch kind {
        case .join: return Views.join(page, joining(entries))
        case .pinCheck: return Views.pinCheck(page, isNew: try lacksPIN())
        case .pinChange: return Views.pinChange(page, isLocked: try lockedMember() != nil, isNew: try lacksPIN())
        case .registerCard, .registerAccount:
            return Views.register(page, registration(isAccount: kind == .registerAccount, isWithinWindow: false, entries))
        case .identityCheck: return Views.identityCheck(page, phone: field("hNum"))
        case .pay:
            let means = try operations.means(field("wpayToken"), of: userKey)
            return Views.pay(page, order, with: seen(means), pin: try pinEntry())
        case .window:
            let means = try choices()
            let latest = visit.progress["chosen"]?.string
            let chosen = means.first { $0.token == latest } ?? means.first { $0.isMain } ?? means.first
            return Views.window(
                page, order, means: means.map(seen), chosen: chosen.map(name) ?? "", pin: try pinEntry(),
                email: asksForEmail ? field("buyerEmail") : nil, offersAccounts: !api.isSignUp)
        case .myPage:
            return Views.myPage(
                page, member: try records.member(userKey)?.person.name ?? "", means: try choices().map(seen), pin: try pinEntry())
        }
    }

    private func pinEntry() throws -> Views.PINEntry { asksForPIN ? try lacksPIN() ? .new : .present : .none }

    private var order: Views.Order {
        Views.Order(
            goods: field("goodsName"), price: field("goodsPrice"), buyer: field("buyerName"), number: field("oid"),
            quota: kind == .pay && !api.isSignUp ? field("cardQuota") : "", isAutomatic: api.isSignUp)
    }

    private func seen(_ means: PaymentMeans) -> Views.Means {
        Views.Means(
            id: name(means), isAccount: means.method == .account, company: means.name, number: means.maskedNumber, nickname: means.nickname,
            isMain: means.isMain, isExpired: means.expiryFlag(at: operations.now) == "N")
    }

    private func joining(_ entries: PageEntries) -> Views.Joining {
        let person = Person(form: visit.fields)
        return Views.Joining(
            userName: entries.kept(PageField.userName, person.name), phone: entries.kept(PageField.phone, person.phone),
            carrier: entries.kept(PageField.carrier, PageVisit.usualCarrier(person.carrier)),
            birthDay: entries.kept(PageField.birthDay, person.birthDay),
            readOnly: readOnly, agreementName: field("agreePayNm"), agreementAddress: field("agreeUrl"), representative: field("repNm"))
    }

    /// The specification writes KT otherwise than everybody else.
    private static func usualCarrier(_ code: String) -> String { code == "KFT" ? "KTF" : code == "KFR" ? "KTR" : code }

    private func registration(isAccount: Bool, isWithinWindow: Bool, _ entries: PageEntries) -> Views.Registration {
        let year = (CivilTime(operations.now, offset: CivilTime.koreanOffset).year + 4) % 100
        // Custom sites may send the number along; it is made up like everything else here, so that it only has to be confirmed.
        let given = (1...4).map { field("cardnum\($0)") }.joined()
        let expiry = field("expireDateMM") + field("expireDateYY").suffix(2)
        let preset = "9410" + digits(12)
        return Views.Registration(
            isAccount: isAccount,
            companies: CardBook.companies(isAccount ? .account : .card).map { (value: $0.code, label: $0.name) },
            company: isWithinWindow ? "" : field("bankCardCode"), chosenCompany: entries[PageField.company],
            number: entries.kept(PageField.number, isAccount ? digits(12) : given.isEmpty ? preset : given),
            expiry: entries.kept(PageField.expiry, expiry.isEmpty ? "12\(year)" : expiry), nickname: entries[PageField.nickname],
            isWithinWindow: isWithinWindow)
    }
}
