import Base
import ProviderKit
import Sandbox

/// What a person sees when the program has started: addresses, demo credentials, lines to paste.
final class Introduction {
    private let terminal: Terminal
    private var addresses: [(name: String, address: String, note: BilingualText)] = []
    private var facts: [BilingualText] = []

    init(terminal: Terminal) { self.terminal = terminal }

    func sandbox(_ sandbox: RunningSandbox, secureAddress: String) {
        let note = "TLS \(secureAddress), CA \(sandbox.authority.certificateFile)"
        addresses.append(("sandbox", sandbox.baseURL, BilingualText(korean: note, english: note)))
        facts += sandbox.core.introduction(baseURL: sandbox.baseURL)
    }

    /// - Parameters:
    ///   - demonstration: The connections to the sandbox's demo data; none when a file named others.
    ///   - caller: The id and key that were made up for clients that insist on fetching a token; nothing when a file named callers.
    func gateway(_ address: String, demonstration: [Configuration.Connection], caller: (id: String, key: String)?) {
        let note = caller.map { caller in
            BilingualText(
                korean: "토큰부터 받는 SDK에는 caller id \(caller.id), key \(caller.key)",
                english: "for a client that fetches a token: caller id \(caller.id), key \(caller.key)")
        }
        addresses.append(("gateway", address, note ?? BilingualText(korean: "", english: "")))
        for connection in demonstration {
            facts += connection.provider.connector.introduction(base: "\(address)/\(connection.name)")
        }
    }

    func callbacks(_ address: String) {
        let note = BilingualText(korean: "제공자의 콜백만 받습니다.", english: "takes callbacks of providers only")
        addresses.append(("callbacks", address, note))
    }

    /// Prints everything.
    func finish() {
        terminal.print("bujeol \(Version.text)")
        let width = addresses.map(\.address.count).max() ?? 0
        let nameWidth = addresses.map(\.name.count).max() ?? 0
        for (name, address, note) in addresses {
            let note = terminal.text(note)
            let gap = String(repeating: " ", count: nameWidth - name.count + 2)
            let padding = String(repeating: " ", count: note.isEmpty ? 0 : width - address.count + 3)
            terminal.print("  \(name)\(gap)\(address)\(padding)\(note)")
        }
        var isCommand = true
        for fact in facts.map(terminal.text) {
            // Whose lines these are is easier to see with a gap in front of each group.
            if isCommand, !fact.hasPrefix(" ") { terminal.print("") }
            isCommand = fact.hasPrefix(" ")
            terminal.print("  " + fact)
        }
        terminal.print("")
        terminal.print(BilingualText(korean: "Ctrl-C로 끝냅니다. 처리 중인 요청은 마저 끝내고 종료합니다.", english: "Ctrl-C ends it, after what is in flight."))
    }
}
