/// The ways by which a message reaches somebody, in the order of the documented lists.
enum MessageChannel: String, CaseIterable, Sendable {
    case push = "PUSH"
    case inbox = "INBOX"
    case sms = "SMS"
    case alimtalk = "ALIMTALK"
    case friendtalk = "FRIENDTALK"

    /// The name of its list in `detail` and `fail`.
    var listName: String {
        switch self {
        case .push: "sentPush"
        case .inbox: "sentInbox"
        case .sms: "sentSms"
        case .alimtalk: "sentAlimtalk"
        case .friendtalk: "sentFriendtalk"
        }
    }

    /// The name of its count.
    var countName: String { listName + "Count" }
}

/// The text that is sent: a template set with variables.
struct MessageTemplate: Equatable, Sendable {
    /// `templateSetCode`.
    var code: String
    var app: String
    /// The variables that the caller fills in; ``filledByPlatform`` is never among them.
    var variables: [String]
    var isApproved: Bool
    var channels: [MessageChannel]

    /// The variable that the platform fills in by itself.
    static let filledByPlatform = "userName"

    /// The variables for which `given` has no value.
    func missing(among given: Set<String>) -> [String] { variables.filter { !given.contains($0) } }

    /// The names in `given` that the template does not have.
    func unknown(among given: [String]) -> [String] {
        given.filter { !variables.contains($0) && $0 != MessageTemplate.filledByPlatform }
    }
}

/// Whom a message is for, as far as its delivery depends on it.
struct MessageRecipient: Equatable, Sendable {
    /// Whether the mini-app knows such a user.
    var isKnown: Bool
    /// Whether the user has switched pushes of this mini-app off.
    var refusesPush: Bool
    /// Whether the user has agreed to test messages.
    var takesTests: Bool
}

/// What became of one message by one way.
struct MessageOutcome: Equatable, Sendable {
    var channel: MessageChannel
    /// Why it did not arrive; nothing when it did.
    var reason: Reason?

    /// Words of `reachedFailReason`. One is known from others' code, the rest are chosen: it is free text.
    enum Reason: String, CaseIterable, Sendable {
        case userNotFound = "USER_NOT_FOUND"
        case pushRefused = "PUSH_NOT_AGREED"
        case testRefused = "NOT_AGREED_TEST"
    }
}

extension MessageTemplate {
    /// What becomes of this template's message to `recipient`.
    func outcomes(for recipient: MessageRecipient, isTest: Bool) -> [MessageOutcome] {
        channels.map { channel in
            let reason: MessageOutcome.Reason? =
                if !recipient.isKnown { .userNotFound } else if isTest, !recipient.takesTests {
                    .testRefused
                } else if channel == .push,
                    recipient.refusesPush
                { .pushRefused } else { nil }
            return MessageOutcome(channel: channel, reason: reason)
        }
    }
}
