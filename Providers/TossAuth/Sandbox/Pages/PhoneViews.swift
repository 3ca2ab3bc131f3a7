import Base
import ProviderKit
import SandboxKit

/// The views of the phone: each a function from plain values to a page. Nobody's marks are on them.
enum PhoneViews {
    /// The names under which the page's forms send what was pressed and chosen.
    enum Field {
        static let press = "press"
        static let person = "person"
    }

    /// One check as the phone shows it.
    struct Check: Sendable {
        /// `txId`; the forms lead to the page of that name in the same folder.
        var id: String
        /// `client_id` of who asks.
        var client: String
        var kind: Transaction.Kind
        var status: Transaction.Status
        var requestURL: String
        /// Until when it can be approved, and the time now, both by the tenant's clock.
        var expiresAt: Timestamp
        var now: Timestamp
        var isDenied = false
        /// Whose phone this is, once that is known; never more than a masked name.
        var holder: String?
        /// Who could be holding the phone, to be chosen from; empty when nobody has to be.
        var choices: [(id: String, label: String)] = []
    }

    private static let frame = PageFrame(
        site: "본인확인 샌드박스", brand: "<b>본인확인</b> 샌드박스 <small lang=\"en\">sandbox</small>",
        footer: BilingualText(
            "부절의 시험용 휴대폰입니다. 토스 앱이 아니며, 실제 본인확인은 이루어지지 않습니다.",
            "A phone for tests, played by Bujeol. Not the Toss app: nobody's identity is checked."), style: style)

    private static let corner: Markup = "<p class=\"corner\">시험용 휴대폰</p>"

    private static func page(_ title: BilingualText, _ body: Markup, status: Int = 200) -> Reply {
        frame.reply(title: title, corner: corner, body: body, status: status)
    }

    // MARK: One check

    /// The page of a check, whatever has become of it.
    ///
    /// - Parameter notice: What was wrong with the latest press.
    static func check(_ check: Check, notice: BilingualText? = nil, status: Int = 200) -> Reply {
        let body: Markup
        switch check.status {
        case .completed: body = done(check)
        case .expired: body = expired(check)
        case .requested, .inProgress: body = check.isDenied ? denied(check) : asking(check)
        }
        return page(title(check), "\(Markup.notice(notice))\(body)", status: status)
    }

    private static func title(_ check: Check) -> BilingualText {
        switch check.status {
        case .completed: return BilingualText("본인확인을 마쳤습니다", "Identity confirmed")
        case .expired: return BilingualText("요청이 만료되었습니다", "The request has expired")
        case .requested, .inProgress:
            if check.isDenied { return BilingualText("요청을 거절했습니다", "You have declined") }
            if check.status == .requested { return BilingualText("본인확인 요청이 왔습니다", "Somebody asks who you are") }
            return BilingualText("본인이 맞는지 확인해 주세요", "Confirm that it is you")
        }
    }

    private static func asking(_ check: Check) -> Markup {
        let isOpen = check.status == .inProgress
        let go: Markup =
            isOpen
            ? "\(button(.approve, BilingualText("인증하기", "confirm"), style: "main"))"
            : "\(button(.open, BilingualText("확인하기", "look at it"), style: "main"))"
        let choice: Markup =
            isOpen && !check.choices.isEmpty
            ? """
            <label><span class="name">\(BilingualText("이 휴대폰의 주인", "whose phone this is"))</span>\
            \(Markup.select(Field.person, check.choices.map { (value: $0.id, label: $0.label) }))</label>

            """ : .empty
        return """
            \(facts(check))
            <h2>\(BilingualText("보내는 정보", "What is shared"))</h2>
            <ul class="shared">\(shared)</ul>
            \(Markup.form(action: check.id, """
                \(choice)\(hint(check), if: isOpen)\(go)
                \(button(.deny, BilingualText("거절하기", "decline")))
                \(tools)
                """))
            """
    }

    /// What the real app does at this point.
    private static func hint(_ check: Check) -> Markup {
        """
        <p>실제 앱에서는 비밀번호나 생체 인증을 거칩니다.
        <small lang="en">The real app asks for a PIN or for biometrics here.</small></p>

        """
    }

    /// For the developer only: time made to pass.
    private static let tools: Markup = """
        <details><summary>개발자 도구 <small lang="en">for developers</small></summary>
        \(button(.expire, BilingualText("지금 만료시키기", "expire it now"), style: "small danger"))</details>
        """

    private static func denied(_ check: Check) -> Markup {
        """
        <p>거절을 나타내는 상태는 따로 없습니다. 요청한 곳에는 만료될 때까지 \(check.status.rawValue) 상태로 보입니다.
        <small lang="en">There is no state for it: until its time is over, who asked sees \(check.status.rawValue).</small></p>
        \(facts(check))
        \(back(check, "button main"))
        \(Markup.form(action: check.id, tools))
        """
    }

    private static func expired(_ check: Check) -> Markup {
        """
        <p>인증할 수 있는 시간이 지났습니다. 요청한 곳에서 처음부터 다시 요청해야 합니다.
        <small lang="en">The time for it is over; who asked has to ask again.</small></p>
        \(facts(check))
        \(back(check, "button"))
        """
    }

    private static func done(_ check: Check) -> Markup {
        """
        <p>이제 요청한 곳에서 결과를 조회할 수 있습니다. 앱으로 돌아가세요.
        <small lang="en">Who asked can fetch the result now. Go back to the app.</small></p>
        \(facts(check))
        \(back(check, "button main"))
        """
    }

    private static func facts(_ check: Check) -> Markup {
        var rows: [(label: BilingualText, value: String)] = [
            (BilingualText("요청한 곳", "asked by"), check.client), (BilingualText("방식", "kind"), kind(check.kind)),
            (BilingualText("상태", "state"), check.status.rawValue),
        ]
        if let holder = check.holder { rows.append((BilingualText("휴대폰 주인", "phone of"), holder)) }
        if check.status == .requested || check.status == .inProgress {
            rows.append((BilingualText("남은 시간", "time left"), timeLeft(check)))
        }
        return Markup.facts(rows)
    }

    private static func kind(_ kind: Transaction.Kind) -> String {
        switch kind {
        case .personal: return "개인정보 기반 (\(kind.rawValue))"
        case .none: return "원터치 (\(kind.rawValue))"
        }
    }

    /// `9분 58초 (17:52:22까지)`, in Korean time.
    static func timeLeft(_ check: Check) -> String {
        // Rounded up: as long as the request can be approved, something is left.
        let left = check.expiresAt - check.now
        let seconds = max(0, left.wholeSeconds + (left > .seconds(left.wholeSeconds) ? 1 : 0))
        let end = CivilTime(check.expiresAt, offset: CivilTime.koreanOffset)
        let parts = [(seconds / 3600, "시간"), (seconds / 60 % 60, "분"), (seconds % 60, "초")].filter { $0.0 > 0 }
        let text = parts.isEmpty ? "0초" : parts.map { "\($0.0)\($0.1)" }.joined(separator: " ")
        return "\(text) (\(end.timeText)까지)"
    }

    private static let shared: [Markup] = [
        BilingualText("이름", "name"), BilingualText("생년월일", "birthday"), BilingualText("성별", "gender"), BilingualText("국적", "nationality"),
        BilingualText("성인 여부", "adult or minor"), BilingualText("연계정보", "CI"), BilingualText("중복가입확인정보", "DI"),
    ].map { "<li>\($0)</li>" }

    /// The way back: a link where the address is a harmless one, and the bare text of any other.
    private static func back(_ check: Check, _ style: String) -> Markup {
        let label = BilingualText("앱으로 돌아가기", "back to the app")
        guard let address = ReturnAddress(check.requestURL) else {
            return """
                <p>돌아갈 주소가 안전한 링크가 아니어서 글자로만 표시합니다. <code>\(check.requestURL)</code>
                <small lang="en">The address to go back to would be no safe link, so it is shown as text only.</small></p>
                """
        }
        return """
            <a class="\(style)" href="\(address.text)" rel="noreferrer">\(label)</a>
            <p class="address"><code>\(address.text)</code></p>
            """
    }

    private static func button(_ move: Transaction.Move, _ label: BilingualText, style: String = "") -> Markup {
        "<button class=\"\(style)\" name=\"\(Field.press)\" value=\"\(move.rawValue)\">\(label)</button>"
    }

    // MARK: Other pages

    /// What waits for somebody to tap: of the demo tenant.
    ///
    /// - Parameter folder: Where the checks' pages are, from the list's own address.
    static func list(_ checks: [Check], folder: String) -> Reply {
        let rows: [Markup] = checks.map { check in
            """
            <li><a href="\(folder)\(check.id)"><b>\(kind(check.kind))</b> <small>\(check.status.rawValue) · 남은 시간 \(timeLeft(check))</small>
            <small>\(check.client)</small> <small>\(check.id)</small></a></li>

            """
        }
        let none: Markup = """
            <p>기다리는 요청이 없습니다. 요청을 보낸 뒤 이 화면을 새로 고치세요.
            <small lang="en">Nothing is waiting. Send a request, then load this page again.</small></p>
            """
        return page(
            BilingualText("기다리는 본인확인 요청", "Requests that wait"), checks.isEmpty ? none : "<ul class=\"waiting\">\(rows)</ul>")
    }

    /// There is no such check.
    static func unknown() -> Reply {
        page(
            BilingualText("없는 요청입니다", "There is no such request"),
            """
            <p>주소의 txId가 맞는지 확인하세요. 초기화(reset)한 뒤에는 이전 요청이 남지 않습니다.
            <small lang="en">See whether the txId in the address is right; a reset forgets all requests.</small></p>
            """, status: 404)
    }

    /// A method or a press that does not exist.
    static func wrong(_ text: BilingualText, status: Int) -> Reply {
        page(BilingualText("처리할 수 없는 요청입니다", "This cannot be done"), "<p>\(text)</p>", status: status)
    }

    private static let style: Markup = """
        \(PageStyle.dark)
        :root { --accent: #0b6b5d; --chosen: #e9f5f2; --focus: #4fb3a2 }
        @media (prefers-color-scheme: dark) { :root { --accent: #63d3c0; --on-accent: #05231e; --chosen: #17332e; --focus: #8fe3d4 } }
        header { flex-wrap: wrap; gap: 0 1rem } dt small { display: inline } .corner { font-size: .875rem; color: var(--soft) }
        .shared { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; margin: 0 0 1.25rem; padding: 0 }
        .shared li { padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .9375rem }
        a.button { display: flex; flex-direction: column; justify-content: center; text-align: center; text-decoration: none }
        a.button small { font-weight: 400; color: inherit; opacity: .85 } .address { text-align: center }
        p code { overflow-wrap: anywhere; word-break: break-all } a.button { margin-top: .5rem }
        details { margin-top: 1.25rem } summary { cursor: pointer; padding: .5rem 0; color: var(--soft); font-size: .9375rem }
        .waiting { list-style: none; margin: 0; padding: 0 } .waiting small { display: block }
        .waiting a { display: block; padding: .75rem 0; border-bottom: 1px solid var(--line); text-decoration: none; color: var(--ink) }

        """
}
