import Base
import ProviderKit
import Sandbox

/// What a person sees when the program has started: addresses, and of each provider who the demo caller is and what to paste first.
final class Introduction {
    /// What is told of one provider.
    struct Block {
        /// Who the demo caller is; lines that are meant to be pasted begin with a space.
        var sandbox: [BilingualText] = []
        /// What to paste for the gateway.
        var gateway: [BilingualText] = []

        /// At most three lines: who the demo caller is, and the first thing to try at each half; two at one half when it runs alone.
        var lines: [BilingualText] {
            let heading = sandbox.first { !Block.isCommand($0) } ?? gateway.first { !Block.isCommand($0) }
            let steps = Block.commands(sandbox)
            let calls = Block.commands(gateway)
            let commands = calls.isEmpty ? steps.prefix(2) : steps.prefix(1) + calls.prefix(steps.isEmpty ? 2 : 1)
            return (heading.map { [$0] } ?? []) + commands
        }

        private static func isCommand(_ line: BilingualText) -> Bool { line.english.hasPrefix(" ") }

        /// The lines to paste; one that only sets a variable stands in front of the one that needs it.
        private static func commands(_ lines: [BilingualText]) -> [BilingualText] {
            var result: [BilingualText] = []
            var waiting = ""
            for line in lines where isCommand(line) {
                let text = line.english.drop { $0 == " " }
                if text.prefix(while: { $0 != " " }).contains("=$(") {
                    waiting += text + "; "
                } else {
                    let whole = "  " + waiting + text
                    result.append(waiting.isEmpty ? line : BilingualText(korean: whole, english: whole))
                    waiting = ""
                }
            }
            return result
        }
    }

    private let terminal: Terminal
    private var addresses: [(name: String, address: String, note: BilingualText)] = []
    private var blocks: [(provider: String, block: Block)] = []

    init(terminal: Terminal) { self.terminal = terminal }

    /// - Parameters:
    ///   - secureAddress: The TLS port's.
    ///   - directory: The data directory, as it was given.
    func sandbox(_ sandbox: RunningSandbox, secureAddress: String, directory: String) {
        let base = sandbox.baseURL
        addresses.append(
            (
                "sandbox", base,
                BilingualText(korean: "이 주소를 열면 예제가 더 있습니다.", english: "open it for more examples")
            ))
        let data = directory == Arguments.usualDataDirectory ? "" : " --data \(TrustGuide.shell(directory))"
        addresses.append(
            (
                "TLS", secureAddress,
                BilingualText(
                    korean: "CA \(sandbox.authority.certificateFile), 믿게 하는 방법은 bujeol sandbox trust\(data)",
                    english: "CA \(sandbox.authority.certificateFile); how to trust it: bujeol sandbox trust\(data)")
            ))
        for (provider, lines) in sandbox.core.introductions(baseURL: base) { add(provider) { $0.sandbox += lines } }
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
            let lines = connection.provider.connector.introduction(base: "\(address)/\(connection.name)")
            add(connection.provider.name) { $0.gateway += lines }
        }
    }

    func callbacks(_ address: String) {
        let note = BilingualText(korean: "제공사의 콜백만 받습니다.", english: "takes callbacks of providers only")
        addresses.append(("callbacks", address, note))
    }

    private func add(_ provider: String, _ change: (inout Block) -> Void) {
        if let index = blocks.firstIndex(where: { $0.provider == provider }) {
            change(&blocks[index].block)
        } else {
            var block = Block()
            change(&block)
            blocks.append((provider, block))
        }
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
        for (_, block) in blocks where !block.lines.isEmpty {
            terminal.print("")
            for line in block.lines { terminal.print("  " + terminal.text(line)) }
        }
        terminal.print("")
        terminal.print(BilingualText(korean: "Ctrl-C로 끝냅니다. 처리 중인 요청은 마저 끝내고 종료합니다.", english: "Ctrl-C ends it, after what is in flight."))
    }
}
