import Base
import ProviderKit
import SandboxKit
import WPay

extension Views {
    /// The result on its way to the merchant, as a form that the browser submits by itself.
    static func callback(_ outcome: PageCallback) -> PageDocument {
        let callback = outcome.callback
        let isQuery = callback.carrier == .query
        // On a GET a browser replaces the query of the address by the form's, so what stands there already has to become fields.
        let parts = callback.address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let place = (parts.first ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let own = isQuery && place.count > 1 ? FormText.decode(place[1].utf8) ?? [] : []
        let fragment = parts.count > 1 ? "#\(parts[1])" : ""
        let address = isQuery ? "\(place.first ?? "")\(fragment)" : callback.address
        let inputs: [Markup] = (own + callback.fields)
            .map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">\n" }
        let script: Markup = "<script>\(PageDocument.submission)</script>"
        let repeated: Markup = """
            <p class="notice">이미 처리된 화면입니다. 처음의 결과를 그대로 다시 보낼 수 있습니다.
            <small lang="en">This page was answered before; the same result can be sent again.</small></p>
            """
        let going: Markup = """
            <p>가맹점으로 돌아갑니다. 넘어가지 않으면 단추를 누르세요.
            <small lang="en">Going back to the merchant. Press the button if nothing happens.</small></p>
            """
        return PageDocument(
            title: outcome.isSuccess ? BilingualText("완료되었습니다", "Done") : BilingualText("완료되지 않았습니다", "Not done"),
            merchant: outcome.merchant,
            body: """
                \(Markup.facts([(BilingualText("결과 코드", "resultCode"), outcome.resultCode)]))\
                \(repeated, if: outcome.isRepeated)\(going, if: !outcome.isRepeated)
                <form id="callback" method="\(isQuery ? "get" : "post")" action="\(address)" accept-charset="utf-8">
                \(inputs)<button class="main">가맹점으로 돌아가기 <small lang="en">return to the merchant</small></button>
                </form>
                \(script, if: !outcome.isRepeated)
                """, formTarget: .anywhere)
    }

    /// The result goes to the merchant without the browser.
    static func delivered(_ outcome: PageCallback) -> PageDocument {
        PageDocument(
            title: outcome.isSuccess ? BilingualText("완료되었습니다", "Done") : BilingualText("완료되지 않았습니다", "Not done"),
            merchant: outcome.merchant,
            body: """
                \(Markup.facts([(BilingualText("결과 코드", "resultCode"), outcome.resultCode)]))
                <p>설정에 따라 샌드박스가 결과를 가맹점에 직접 보냅니다. 창을 닫으세요.
                <small lang="en">As the settings say, the sandbox sends the result to the merchant by itself. Close the window.</small></p>
                """)
    }

    /// A page without any way on, such as that for a session that has ended.
    static func end(_ title: BilingualText, _ text: BilingualText, merchant: String?) -> PageDocument {
        PageDocument(title: title, merchant: merchant, body: "<p>\(text)</p>")
    }

    /// What the shopper sees instead of a page that was refused, and where the developer finds out why.
    ///
    /// - Parameters:
    ///   - message: What WPAY itself says, which is nothing in particular.
    ///   - log: The address of the request log's record.
    static func trouble(_ message: BilingualText, log: String, merchant: String?) -> PageDocument {
        PageDocument(
            title: BilingualText("요청을 처리할 수 없습니다", "The request cannot be processed"), merchant: merchant,
            body: """
                <p class="notice" role="alert">\(message)</p>
                <h2>개발자에게 <small lang="en">For the developer</small></h2>
                <p>returnUrl도 믿을 수 없으므로 가맹점에는 아무것도 보내지 않았습니다. 거절한 이유와 서명 비교는 샌드박스의 요청 기록에 있습니다.
                <small lang="en">Nothing was sent to the merchant, since the returnUrl cannot be trusted either. The reason, with both signed messages, stands
                in the sandbox's request log.</small></p>
                <pre>curl -s "\(log)"</pre>
                <p><a href="\(log)">요청 기록 열기 <small lang="en">open the request log</small></a></p>
                """)
    }
}
