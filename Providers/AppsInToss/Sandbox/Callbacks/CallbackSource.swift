import AppsInToss
import Base
import SandboxKit
import Transport

/// Where the sandbox's callbacks pretend to come from, for receivers that look at the address.
///
/// All of them really come from where the sandbox runs. The pretended address travels in `X-Forwarded-For`, as a proxy in front of the receiver would write it: only a
/// receiver that trusts the sandbox's own address as its proxy believes it.
enum CallbackSource: Equatable, Sendable {
    /// From where the sandbox runs, and nothing else is said.
    case own
    /// Every documented address in turn.
    case documented
    /// This documented address.
    case address(String)
    /// An address from which no real callback comes, so that a receiver can be seen refusing it.
    case foreign(String)

    /// Reads the setting's text; nothing when it is none of the four, or an address stands on the wrong side.
    init?(_ text: String) {
        if text.isEmpty {
            self = .own
        } else if text == "documented" {
            self = .documented
        } else if text.hasPrefix(CallbackSource.foreignMark) {
            let address = String(text.dropFirst(CallbackSource.foreignMark.count))
            guard SocketAddress(numericHost: address, port: 0) != nil, !AppsInTossFirewall.isInbound(address) else { return nil }
            self = .foreign(address)
        } else {
            guard AppsInTossFirewall.isInbound(text) else { return nil }
            self = .address(text)
        }
    }

    /// As the setting writes it.
    var text: String {
        switch self {
        case .own: ""
        case .documented: "documented"
        case .address(let address): address
        case .foreign(let address): CallbackSource.foreignMark + address
        }
    }

    /// What `X-Forwarded-For` says with the callback of that number, counted from 1; nothing where the callback has none.
    func shown(_ number: Int64) -> String? {
        switch self {
        case .own: return nil
        case .documented:
            let all = CallbackSource.documentedAddresses
            return all[Int((max(1, number) - 1) % Int64(all.count))]
        case .address(let address), .foreign(let address): return address
        }
    }

    private static let foreignMark = "foreign:"

    /// The documented addresses one by one, in the table's order.
    static let documentedAddresses: [String] = AppsInTossFirewall.inboundTexts.flatMap { text -> [String] in
        guard let tilde = text.firstIndex(of: "~"), let dot = text[..<tilde].lastIndex(of: "."),
            let first = Int(text[text.index(after: dot)..<tilde]), let last = Int(text[text.index(after: tilde)...]), first <= last
        else { return [text] }
        return (first...last).map { "\(text[...dot])\($0)" }
    }

    /// The setting.
    static let setting = Setting<CallbackSource>(
        name: "callback_source", standard: .own,
        allowed: BilingualText(
            korean:
                "\"\"(없음), \"documented\"(문서의 주소를 차례로), 문서의 인바운드 주소 하나(예: \"117.52.3.80\"), 또는 문서에 없는 주소 \"foreign:203.0.113.9\"",
            english:
                "\"\" (none), \"documented\" (each documented address in turn), one documented inbound address such as \"117.52.3.80\", or one that is not, \"foreign:203.0.113.9\""
        ), read: { $0.string.flatMap(CallbackSource.init) }, write: { .string($0.text) })
}

extension SandboxPart {
    /// The simulated source of every callback of this provider.
    static let callbackSource = SandboxPart(
        name: "callback-source", settings: [CallbackSource.setting.erased],
        callbackFields: { callback, settings in
            settings[CallbackSource.setting].shown(callback.id).map { [(name: "X-Forwarded-For", value: $0)] } ?? []
        })
}
