import Base
import ProviderKit
import Sandbox

/// What a person sees when the program has started: addresses, demo credentials, lines to paste.
final class Introduction {
    private let terminal: Terminal
    private var addresses: [String] = []
    private var facts: [BilingualText] = []

    init(terminal: Terminal) { self.terminal = terminal }

    func sandbox(_ sandbox: RunningSandbox, secureAddress: String) {
        addresses.append("sandbox  \(sandbox.baseURL)   (TLS \(secureAddress), CA \(sandbox.authority.certificateFile))")
        facts += sandbox.core.introduction(baseURL: sandbox.baseURL)
    }

    func gateway(_ address: String, connections: [Configuration.Connection], isDemonstration: Bool) {
        addresses.append("gateway  \(address)")
        guard isDemonstration else { return }
        facts.append(
            BilingualText(
                korean: "토큰을 직접 받는 SDK에 넣을 게이트웨이의 caller id demo-shop, key demo-shop-key",
                english: "for clients that fetch a token themselves, at the gateway: caller id demo-shop, key demo-shop-key"))
        for connection in connections {
            facts += connection.provider.connector.introduction(base: "\(address)/\(connection.name)")
        }
    }

    /// Prints everything.
    func finish() {
        terminal.print("bujeol \(Version.text)")
        for line in addresses { terminal.print("  " + line) }
        if !facts.isEmpty { terminal.print("") }
        for fact in facts { terminal.print("  " + terminal.text(fact)) }
        terminal.print("")
        terminal.print(BilingualText(korean: "Ctrl-C를 누르면 진행 중인 요청을 마치고 끝납니다.", english: "Ctrl-C ends it, after what is in flight."))
    }
}
