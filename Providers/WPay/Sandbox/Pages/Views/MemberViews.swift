import Base
import SandboxKit

extension Views {
    /// What is known of somebody who is about to join.
    struct Joining: Sendable {
        var userName = ""
        var phone = ""
        var carrier = ""
        /// Eight digits.
        var birthDay = ""
        /// The merchant's names of fields that cannot be changed here.
        var readOnly: Set<String> = []
        /// The merchant's own terms, and where they stand.
        var agreementName = ""
        var agreementAddress = ""
        /// The legal representative of a member under fourteen.
        var representative = ""
    }

    /// The carriers, as WPAY's wallets write them.
    static let carriers: [(value: String, label: String)] = [
        ("SKT", "SKT"), ("KTF", "KT"), ("LGT", "LG U+"), ("SKR", "알뜰폰 SKT"), ("KTR", "알뜰폰 KT"), ("LGR", "알뜰폰 LG U+"),
    ]

    static func join(_ page: OpenPage, _ person: Joining) -> PageDocument {
        let terms: Markup =
            isWebAddress(person.agreementAddress)
            ? "<a href=\"\(person.agreementAddress)\" target=\"_blank\" rel=\"noopener noreferrer\">\(person.agreementName)</a>"
            : "\(person.agreementName)"
        let merchantTerms: Markup = "과 <b>\(terms)</b>"
        let guardian: Markup =
            person.representative.isEmpty ? .empty : Markup.facts([(BilingualText("법정대리인", "representative"), person.representative)])
        return PageDocument(
            title: BilingualText("WPAY 가입", "Join WPAY"), merchant: page.merchant,
            body: """
                \(notice(page))\(guardian)\
                \(form(page, """
                    \(entry(BilingualText("이름", "name"), text(
                        PageField.userName, person.userName, maximum: 30, readOnly: person.readOnly.contains("userNm"))))\
                    <div class="pair">\
                    \(entry(BilingualText("휴대폰 번호", "mobile"), digits(
                        PageField.phone, person.phone, maximum: 13, placeholder: "01000000000", readOnly: person.readOnly.contains("hNum"))))\
                    \(entry(BilingualText("통신사", "carrier"), Markup.select(PageField.carrier, carriers, selected: person.carrier)))\
                    </div>\
                    \(entry(BilingualText("생년월일", "date of birth"), digits(
                        PageField.birthDay, person.birthDay, maximum: 8, placeholder: "19900101", readOnly: person.readOnly.contains("birthDay"))))\
                    <div class="pair">\
                    \(pin(BilingualText("새 PIN", "new PIN"), name: PageField.newPIN))\
                    \(pin(BilingualText("한 번 더", "again"), name: PageField.repeatedPIN))\
                    </div>
                    <label class="choice"><input type="checkbox" name="\(PageField.agreement)" value="Y" required>
                    <span>WPAY 이용약관\(merchantTerms, if: !person.agreementName.isEmpty)에 동의합니다 <small lang="en">I agree to the terms</small></span></label>
                    \(buttons(BilingualText("가입", "join")))
                    """))
                """)
    }

    static func pinCheck(_ page: OpenPage, isNew: Bool) -> PageDocument {
        PageDocument(
            title: BilingualText("PIN 확인", "Check your PIN"), merchant: page.merchant,
            body: "\(notice(page))\(form(page, "\(pin(isNew ? .new : .present))\(buttons(BilingualText("확인", "confirm")))"))")
    }

    /// - Parameters:
    ///   - isLocked: Whether the PIN was locked; then the present one is not asked for, since the shopper does not know it.
    ///   - isNew: Whether there is none yet.
    static func pinChange(_ page: OpenPage, isLocked: Bool, isNew: Bool) -> PageDocument {
        let locked: Markup = """
            <p class="notice">PIN이 잠겨 있습니다. 실제로는 휴대폰 본인확인을 거칩니다. 새 PIN을 정하면 풀립니다.
            <small lang="en">The PIN is locked. WPAY would check the person by phone here; a new PIN unlocks it.</small></p>
            """
        return PageDocument(
            title: BilingualText("PIN 변경", "Change your PIN"), merchant: page.merchant,
            body: """
                \(notice(page))\(locked, if: isLocked && page.notice == nil)\
                \(form(page, """
                    \(pin(BilingualText("지금 PIN", "present PIN")), if: !isLocked && !isNew)\
                    \(pin(BilingualText("새 PIN", "new PIN"), name: PageField.newPIN))\
                    \(pin(BilingualText("새 PIN 한 번 더", "new PIN again"), name: PageField.repeatedPIN))\
                    \(buttons(BilingualText("변경", "change")))
                    """))
                """)
    }

    /// The check of a person by an automatic call (ARS), which is left to a button.
    static func identityCheck(_ page: OpenPage, phone: String) -> PageDocument {
        PageDocument(
            title: BilingualText("ARS 본인확인", "Check by automatic call"), merchant: page.merchant,
            body: """
                \(notice(page))\(Markup.facts([(BilingualText("휴대폰 번호", "mobile"), phone)]))
                <p>실제로는 이 번호로 전화가 걸려 옵니다. <small lang="en">WPAY would call this number.</small></p>
                \(form(page, buttons(BilingualText("확인", "confirm"))))
                """)
    }

    /// Whether a text may be the target of a link: a web address, never a script.
    static func isWebAddress(_ text: String) -> Bool {
        let lower = text.lowercased()
        return lower.hasPrefix("https://") || lower.hasPrefix("http://")
    }
}
