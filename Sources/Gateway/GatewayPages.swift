import Base
import ProviderKit
import Transport

/// The gateway's own pages, for operators and their tools.
extension Gateway {
    func page(_ request: HTTPRequest) async -> HTTPResponse {
        let path = request.target.utf8.firstIndex(of: UInt8(ascii: "?")).map { request.target[..<$0] } ?? request.target[...]
        let make: () async -> HTTPResponse
        switch path {
        case "/-/reload":
            // The one page that does something, and therefore the one that a link or an image cannot ask for.
            guard request.method == .post else {
                var response = refuse(.onlyPost, request)
                response.fields["Allow"] = "POST"
                return response
            }
            return await reloadPage()
        case "/-/health": make = { Gateway.json(200, ["status": "ok"]) }
        case "/-/ready": make = { await self.readiness() }
        case "/-/metrics":
            make = { [metrics] in
                HTTPResponse(
                    status: 200, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: Array(metrics.text.utf8))
            }
        case "/": make = { self.index }
        default: return refuse(.unknownConnection(known: connections.map(\.name)), request)
        }
        guard request.method == .get || request.method == .head else { return refuse(.methodNotAllowed, request) }
        return await make()
    }

    private var index: HTTPResponse {
        var text = "Bujeol gateway\n\n"
        for connection in connections { text += "/\(connection.name)/<the provider's own path>\n" }
        text += "/-/health\n/-/ready\n/-/metrics\nPOST /-/reload\n"
        return HTTPResponse(status: 200, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    private func readiness() async -> HTTPResponse {
        let all = await withTaskGroup(of: (String, Readiness).self) { group in
            for connection in connections { group.addTask { (connection.name, await connection.connector.readiness()) } }
            return await group.reduce(into: [String: Readiness]()) { $0[$1.0] = $1.1 }
        }
        var members = JSON.Members()
        for (name, readiness) in all.sorted(by: { $0.key < $1.key }) {
            members[name] = [
                "ready": .boolean(readiness.isReady),
                "reason": ["ko": .string(readiness.reason.korean), "en": .string(readiness.reason.english)],
            ]
        }
        let isReady = !isDraining && all.values.allSatisfy(\.isReady)
        return Gateway.json(
            isReady ? 200 : 503, ["ready": .boolean(isReady), "draining": .boolean(isDraining), "connections": .object(members)])
    }

    static func json(_ status: Int, _ json: JSON) -> HTTPResponse {
        HTTPResponse(
            status: status, fields: ["Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"], body: json.bytes)
    }
}
