import Base
public import ProviderKit
import Transport

extension Gateway {
    /// Has every connector look at the files of its secrets again, all at a time, and returns when it is known what came of it.
    ///
    /// - Returns: The findings by the connection's name, in the order of the names. Each is also written to the log.
    public func reload() async -> [(connection: String, findings: [ReloadFinding])] {
        let all = await withTaskGroup(of: (String, [ReloadFinding]).self) { group in
            for connection in connections { group.addTask { (connection.name, await connection.connector.reload()) } }
            return await group.reduce(into: [String: [ReloadFinding]]()) { $0[$1.0] = $1.1 }
        }
        noteReload()
        let sorted = all.sorted { $0.key < $1.key }.map { (connection: $0.key, findings: $0.value) }
        for (connection, findings) in sorted {
            for finding in findings {
                note(connection, finding)
            }
        }
        return sorted
    }

    /// The answer to `POST /-/reload`: 200 when nothing was rejected, otherwise 409, since what is on the disk stands against it.
    func reloadPage() async -> HTTPResponse {
        let all = await reload()
        let isRejected = all.contains { $0.findings.contains { $0.result == .rejected } }
        var members = JSON.Members()
        for (connection, findings) in all {
            members[connection] = .array(
                findings.map { finding in
                    [
                        "subject": .string(finding.subject), "result": .string(finding.result.rawValue),
                        "message": ["ko": .string(finding.message.korean), "en": .string(finding.message.english)],
                    ]
                })
        }
        return Gateway.json(isRejected ? 409 : 200, ["rejected": .boolean(isRejected), "connections": .object(members)])
    }
}
