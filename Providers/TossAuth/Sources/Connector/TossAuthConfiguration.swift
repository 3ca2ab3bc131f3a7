import Base
import Cryptography
import Transport

extension TossAuthConnector {
    /// What one connection is configured with.
    struct Configuration: Sendable {
        /// The client.
        var credentials: TossAuthCredentials
        /// Where the provider is.
        var place: TossAuthPlace
        /// The provider's public key there.
        var key: ServiceKey
        /// Whose server certificates are accepted there; nothing for what the gateway as a whole trusts.
        var trust: TLSTrust?
        /// What the course of a check does besides.
        var options: VerificationCourse.Options
        /// How adults are told from minors.
        var ageRule: AgeRule
        /// The longest that a call may take altogether.
        var deadline: Duration
        /// Whether every call must carry the id and key of one of the gateway's callers.
        var requireCaller: Bool

        init(
            credentials: TossAuthCredentials, place: TossAuthPlace = .live, key: ServiceKey = .production, trust: TLSTrust? = nil,
            options: VerificationCourse.Options = VerificationCourse.Options(), ageRule: AgeRule = .standard,
            deadline: Duration = .seconds(30), requireCaller: Bool = false
        ) {
            self.credentials = credentials
            self.place = place
            self.key = key
            self.trust = trust
            self.options = options
            self.ageRule = ageRule
            self.deadline = deadline
            self.requireCaller = requireCaller
        }
    }
}
