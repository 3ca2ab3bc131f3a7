import Base
import ProviderKit
import Transport

/// Keeps web pages away: a page in the developer's browser can send requests to the loopback, and must not be able to move money by that.
///
/// A page is known by `Origin` or `Sec-Fetch-Site`, which browsers set and scripts cannot; a page that has bent a name of its own to the loopback's
/// address (DNS rebinding) by its `Host`. Callers that are programs send neither field.
struct BrowserGuard: Sendable {
    private let hosts: Set<String>

    init(hosts: [String]) { self.hosts = Set(hosts.map { $0.lowercased() }) }

    /// Why a request is refused; nothing when it may pass.
    ///
    /// - Parameter isPage: Whether it is for a page that browsers open from other sites on purpose; asked only about what a browser sent for another site.
    ///   Opening is a navigation; a script of the other site that fetches it is not.
    func refusal(of request: HTTPRequest, isPage: @autoclosure () -> Bool = false) -> CallFailure? {
        // A probe of an orchestrator addresses the health page by whatever address it knows, and learns nothing from it.
        if let host = request.fields["Host"], !isAllowed(host), request.target != "/-/health" {
            return BrowserGuard.failure(
                korean: "Host 헤더가 이 게이트웨이의 이름이 아닙니다. 127.0.0.1이나 localhost로 호출하거나, 설정의 hosts에 이름을 추가하세요.",
                english:
                    "the Host field is not one of this gateway's names; call it as 127.0.0.1 or localhost, or add the name to hosts in the configuration"
            )
        }
        return BrowserGuard.refusalOfPage(request, isPage: isPage())
    }

    /// The same where any name will do.
    static func refusalOfPage(_ request: HTTPRequest, isPage: @autoclosure () -> Bool) -> CallFailure? {
        let isForeign =
            request.fields.contains("Origin") || request.fields["Sec-Fetch-Site"].map { $0 != "none" && $0 != "same-origin" } ?? false
        guard isForeign else { return nil }
        if isPage(), request.fields["Sec-Fetch-Mode"].map({ $0 == "navigate" }) ?? true { return nil }
        return pageRefused
    }

    private static let pageRefused = failure(
        korean: "웹 페이지에서 온 요청은 받지 않습니다. 게이트웨이는 서버 프로그램에서 호출하세요.",
        english: "requests of web pages are refused; call the gateway from a server program")

    private static func failure(korean: String, english: String) -> CallFailure {
        CallFailure(.originForbidden, outcome: .refused, status: 403, message: BilingualText(korean: korean, english: english))
    }

    private func isAllowed(_ field: String) -> Bool {
        let host = BrowserGuard.name(in: field)
        return BrowserGuard.isLoopback(host) || !hosts.isEmpty && hosts.contains(host.lowercased())
    }

    /// The host of a `Host` field without its port and without the brackets of an IPv6 address.
    static func name(in field: String) -> Substring {
        if field.utf8.first == UInt8(ascii: "[") {
            let inside = field.dropFirst()
            guard let end = inside.utf8.firstIndex(of: UInt8(ascii: "]")) else { return inside }
            return inside[..<end]
        }
        guard let colon = field.utf8.lastIndex(of: UInt8(ascii: ":")) else { return field[...] }
        return field[..<colon]
    }

    /// Whether a host names this machine itself: `localhost`, or an address that leads nowhere else.
    static func isLoopback(_ host: Substring) -> Bool {
        if host == "127.0.0.1" || host == "localhost" || host == "::1" { return true }
        if host.lowercased() == "localhost" { return true }
        return SocketAddress(numericHost: String(host), port: 0)?.isLoopback ?? false
    }
}
