import Base
import SandboxKit
import Storage
import TossAuth

extension Records {
    /// Notes that a client has shown a session: what is kept is a digest of its name and one of its key with its vector, for as long and as many as the settings say.
    ///
    /// - Returns: Whether neither was seen before.
    func noteSession(_ digests: ReceivedSession.ReuseDigests, of client: Client, at now: Timestamp, _ settings: ServiceSettings) throws
        -> Bool
    {
        let oldest = now - .seconds(settings[ServiceSettingList.sessionMemory])
        try connection.execute("DELETE FROM toss_auth_sessions WHERE client = ? AND seen_at < ?", .text(client.id), oldest.value)
        var isFresh = true
        for digest in [digests.id, digests.keyAndVector] {
            try connection.execute(
                "INSERT INTO toss_auth_sessions (tenant, client, digest, seen_at) VALUES (?,?,?,?) ON CONFLICT (client, digest) DO NOTHING",
                owner, .text(client.id), .text(digest), now.value)
            if connection.changes == 0 { isFresh = false }
        }
        // Counting costs more than a row does, so it is done now and then.
        if connection.lastInsertedRow % 128 == 0 { try forgetSessions(of: client, beyond: settings[ServiceSettingList.sessionCount] * 2) }
        return isFresh
    }

    private func forgetSessions(of client: Client, beyond count: Int64) throws {
        try connection.execute(
            """
            DELETE FROM toss_auth_sessions WHERE client = ?1 AND number <=
                (SELECT number FROM toss_auth_sessions WHERE client = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
            """, .text(client.id), .integer(count))
    }
}
