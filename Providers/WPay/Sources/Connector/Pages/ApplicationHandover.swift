import Base
import ProviderKit
import Transport

/// Hands a result to the merchant's application from server to server, and its answer to the shopper's browser.
struct ApplicationHandover: Sendable {
    let exchange: any HTTPExchange
    let timeouts: HTTPTimeouts

    /// Fields of the application's answer that the browser gets.
    private static let relayed = ["Content-Type", "Location", "Set-Cookie", "Content-Language", "Content-Security-Policy"]

    func hand(_ result: CallbackResult, to application: WPayConnector.ApplicationAddress, from call: Call) async -> Reply {
        var fields: HTTPFields = ["Content-Type": "application/json; charset=utf-8", "Accept": "text/html"]
        fields.append(WPayConnector.resultField, result.word.rawValue)
        if result.isRepeated { fields.append("Bujeol-Repeated", "true") }
        if let languages = call.fields["Accept-Language"] { fields.append("Accept-Language", languages) }
        let request = HTTPRequest(method: .post, target: application.target, fields: fields, body: result.body)
        guard let response = try? await exchange.send(request, to: application.origin, timeouts: timeouts), let body = response.bytes else {
            return HTMLPage.notice(502, title: "WPAY", ReturnTexts.handoverFailed)
        }
        var reply = Reply(status: response.status, fields: ["Cache-Control": "no-store"], body: body)
        for name in ApplicationHandover.relayed {
            for value in response.fields.values(name) { reply.fields.append(name, value) }
        }
        return reply
    }
}
