public import Base

/// The chapter "Messages" (기능성 푸시, 알림). No message is ever sent twice by the client: after an unknown outcome nobody can tell whether it was delivered.
public struct AppsInTossMessages: Sendable {
    let client: AppsInTossClient

    /// One of many who get a message.
    public struct Recipient: Sendable, Equatable {
        /// Who.
        public var user: AppsInTossUser
        /// The template's variables; Toss itself fills in `userName`.
        public var context: [String: String]

        /// Who gets a message, and with which variables.
        public init(_ user: AppsInTossUser, context: [String: String] = [:]) {
            self.user = user
            self.context = context
        }

        var json: JSON {
            let context = AppsInTossMessages.json(context)
            return switch user {
            case .userKey(let key): ["userKey": .number(key.rawValue), "context": context]
            case .anonymous(let key): ["anonKey": key.json, "context": context]
            }
        }
    }

    /// Sends one message. A user can get ten a minute.
    ///
    /// - Returns: What became of it: an answer that reports success may have delivered nothing, see ``MessageDelivery/isDelivered``.
    public func send(
        _ templateSetCode: String, context: [String: String] = [:], to user: AppsInTossUser
    ) async throws(AppsInTossError) -> MessageDelivery {
        try await deliver("send-message", user, try body(templateSetCode, context))
    }

    /// Sends a message to 1 to 2,500 users; meant for 50 and more.
    public func send(_ templateSetCode: String, to recipients: [Recipient]) async throws(AppsInTossError) -> MessageDelivery {
        guard AppsInTossLimits.bulkMessages.contains(recipients.count) else {
            throw .invalid("한 번에 1~2,500명에게 보낼 수 있습니다.", "1 to 2,500 users can be sent a message at once")
        }
        guard !templateSetCode.isEmpty else { throw AppsInTossMessages.noTemplate }
        return try await deliver(
            "send-bulk-message", nil, ["templateSetCode": .string(templateSetCode), "contextList": .array(recipients.map(\.json))])
    }

    /// Sends a message to try a template out.
    ///
    /// - Parameter deploymentID: The UUID of the mini-app's uploaded bundle.
    public func sendTest(
        _ templateSetCode: String, context: [String: String] = [:], deploymentID: String, to user: AppsInTossUser
    ) async throws(AppsInTossError) -> MessageDelivery {
        guard AppsInTossFormat.isUUID(deploymentID) else { throw .invalid("deploymentId는 UUID여야 합니다.", "deploymentId must be a UUID") }
        var body = try body(templateSetCode, context)
        body["deploymentId"] = .string(deploymentID)
        return try await deliver("send-test-message", user, body)
    }

    private func body(_ templateSetCode: String, _ context: [String: String]) throws(AppsInTossError) -> JSON.Members {
        guard !templateSetCode.isEmpty else { throw AppsInTossMessages.noTemplate }
        return ["templateSetCode": .string(templateSetCode), "context": AppsInTossMessages.json(context)]
    }

    private func deliver(_ name: String, _ user: AppsInTossUser?, _ body: JSON.Members) async throws(AppsInTossError) -> MessageDelivery {
        let answer = try await client.call(name, user: user, body)
        guard let delivery = MessageDelivery(answer.content) else { throw answer.unreadable }
        return delivery
    }

    private static let noTemplate = AppsInTossError.invalid("templateSetCode가 비어 있습니다.", "templateSetCode is empty")

    private static func json(_ context: [String: String]) -> JSON {
        var members: JSON.Members = [:]
        for (name, value) in context.sorted(by: { $0.key < $1.key }) { members[name] = .string(value) }
        return .object(members)
    }
}

/// What became of a message. Failures stand inside an answer that reports success.
public struct MessageDelivery: Sendable, Equatable {
    /// A way by which a message reaches a user, as the lists of the answer are called.
    public enum Channel: String, Sendable, CaseIterable {
        /// A push.
        case push = "sentPush"
        /// The inbox of the Toss app.
        case inbox = "sentInbox"
        /// A text message.
        case textMessage = "sentSms"
        /// A KakaoTalk notice.
        case kakaoNotice = "sentAlimtalk"
        /// A KakaoTalk message among friends.
        case kakaoFriend = "sentFriendtalk"
    }

    /// One message on one channel.
    public struct Item: Sendable, Equatable {
        /// The channel.
        public var channel: Channel
        /// Its id.
        public var contentID: String?
        /// Why it did not arrive: a free text, or a word such as `NOT_AGREED_TEST`.
        public var failureReason: String?
    }

    /// For how many users messages were taken (`msgCount`).
    public var messageCount: Int64
    /// How many were sent on each channel.
    public var counts: [Channel: Int64]
    /// What was sent.
    public var sent: [Item]
    /// What was not.
    public var failures: [Item]
    /// The whole answer.
    public var raw: RawAnswer

    /// Whether anything was sent at all.
    public var isDelivered: Bool { counts.values.contains { $0 > 0 } }
    /// Whether everything was sent and nothing failed.
    public var isComplete: Bool { isDelivered && failures.isEmpty }

    /// Reads what stands under `success`, or `result`; nothing when it tells of no message.
    public init?(_ content: JSON) {
        guard content.members != nil, content["msgCount"] != nil || content["detail"] != nil || content["sentPushCount"] != nil else {
            return nil
        }
        sent = MessageDelivery.items(content["detail"])
        failures = MessageDelivery.items(content["fail"])
        counts = [:]
        for channel in Channel.allCases {
            let listed = Int64(sent.count { $0.channel == channel })
            counts[channel] = content.whole(channel.rawValue + "Count") ?? listed
        }
        messageCount = content.whole("msgCount") ?? 0
        raw = RawAnswer(json: content)
    }

    private static func items(_ lists: JSON?) -> [Item] {
        Channel.allCases.flatMap { channel in
            (lists?[channel.rawValue]?.elements ?? []).map { item in
                Item(
                    channel: channel, contentID: item.text("contentId"),
                    failureReason: item.text("reachedFailReason") ?? item.text("reachFailReason"))
            }
        }
    }
}
