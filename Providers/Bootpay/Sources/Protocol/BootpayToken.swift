public import Base

/// What a token reply says: the token, the server's clock, and when the token dies.
public struct BootpayToken: Sendable {
    /// The token, 64 lower-case hexadecimal characters; goes raw into `Authorization`, without a scheme word.
    public var token: Secret
    /// The server's clock at the reply, in whole seconds.
    public var serverTime: Timestamp
    /// When the token dies, by the server's clock. Often less than 30 minutes away: a caller can be handed an aged token.
    public var expiresAt: Timestamp

    /// A token by its parts.
    public init(token: Secret, serverTime: Timestamp, expiresAt: Timestamp) {
        self.token = token
        self.serverTime = serverTime
        self.expiresAt = expiresAt
    }

    /// Reads `data` of a token reply; nothing when a member is missing, or the token could not be a field's value.
    public init?(_ data: JSON) {
        guard let token = data["token"]?.string, !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let serverTime = data["server_time"]?.integer, let expiresAt = data["expired_at"]?.integer
        else { return nil }
        self.init(
            token: Secret(token), serverTime: Timestamp(unixSeconds: serverTime), expiresAt: Timestamp(unixSeconds: expiresAt))
    }

    /// `data` of a token reply.
    public var json: JSON {
        [
            "token": .string(token.withText { $0 }), "server_time": .number(serverTime.unixSeconds),
            "expired_at": .number(expiresAt.unixSeconds),
        ]
    }
}
