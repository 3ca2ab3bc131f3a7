import AppsInToss
import AppsInTossSandbox
import Bootpay
import BootpaySandbox
import ProviderKit
import SandboxKit
import Sentbe
import SentbeSandbox
import TossAuth
import TossAuthSandbox
import WPay
import WPaySandbox

/// The providers this program is built with. A further provider is one more line here and one word in `Package.swift`.
enum Registry {
    // The comma behind the last line keeps the next provider to one line; the formatter would remove it while there is only one.
    // swift-format-ignore
    static let providers: [RegisteredProvider] = [
        RegisteredProvider(BootpayConnector.self, BootpaySandbox.self),
        RegisteredProvider(WPayConnector.self, WPaySandbox.self),
        RegisteredProvider(SentbeConnector.self, SentbeSandbox.self),
        RegisteredProvider(AppsInTossConnector.self, AppsInTossSandbox.self),
        RegisteredProvider(TossAuthConnector.self, TossAuthSandbox.self),
    ]

    /// The provider of that name.
    static func provider(_ name: String) -> RegisteredProvider? { providers.first { $0.name == name } }
}

/// Both halves of one provider.
struct RegisteredProvider: Sendable {
    let connector: any ConnectorFactory.Type
    let sandbox: any SandboxService.Type

    init(_ connector: any ConnectorFactory.Type, _ sandbox: any SandboxService.Type) {
        self.connector = connector
        self.sandbox = sandbox
    }

    /// The provider's name, such as `bootpay`.
    var name: String { connector.provider }

    /// What it offers on the command line; the sandbox's own commands stand behind those of the caller's half.
    var commands: [ProviderCommand] { connector.commands + sandbox.commands }

    /// Whether a command works with the sandbox, so that it takes `--data`.
    func needsSandbox(_ command: ProviderCommand) -> Bool { sandbox.commands.contains { $0.name == command.name } }
}
