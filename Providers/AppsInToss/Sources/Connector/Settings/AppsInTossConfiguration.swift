import Base
import ProviderKit
import Transport

extension AppsInTossConnector {
    /// What one connection is configured with, besides its certificates and its limit.
    struct Configuration: Sendable {
        /// A host and what comes before every call's own path there.
        struct Place: Sendable, Hashable {
            var origin: HTTPOrigin
            var pathPrefix: String
        }

        /// Where callbacks are taken and handed on.
        struct Callbacks: Sendable {
            /// From where they may come; nothing for anywhere.
            var sources: [AddressRange]?
            /// What the unlink notice proves itself with; without it there is none.
            var unlink: CallbackProof?
            /// What the subscription webhook proves itself with; without it there is none.
            var subscription: CallbackProof?
            /// The application's address.
            var application: Place

            /// Whether a callback may come from there.
            func mayCome(from address: String) -> Bool { sources?.contains { $0.contains(address) } ?? true }
        }

        /// The mini-app's name, where the settings tell it.
        var app: String?
        /// Where everything is, a sandbox as a rule; nothing for the provider's own two hosts.
        var base: Place?
        /// What opens login-me's personal data.
        var cipher: PersonalDataCipher?
        var callbacks: Callbacks?
        var deadline: Duration
        var connectTimeout: Duration
        var readTimeout: Duration
        var requireCaller: Bool

        init(
            app: String? = nil, base: Place? = nil, cipher: PersonalDataCipher? = nil, callbacks: Callbacks? = nil,
            deadline: Duration = .seconds(30), connectTimeout: Duration = AppsInTossLimits.connectTimeout,
            readTimeout: Duration = AppsInTossLimits.readTimeout, requireCaller: Bool = false
        ) {
            self.app = app
            self.base = base
            self.cipher = cipher
            self.callbacks = callbacks
            self.deadline = deadline
            self.connectTimeout = connectTimeout
            self.readTimeout = readTimeout
            self.requireCaller = requireCaller
        }

        /// Where calls to a host go.
        func place(of host: AppsInTossAPI.Host) -> Place {
            base ?? Place(origin: HTTPOrigin(isSecure: true, host: host.name, port: 443), pathPrefix: "")
        }
    }
}
