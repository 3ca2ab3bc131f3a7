import Base
import SandboxKit
import Transport

/// Keeps web pages of others from using a browser on this machine against the sandbox.
///
/// Such a page can send requests to loopback (the browser marks them with `Origin` and `Sec-Fetch-Site`), or have its own name resolve to
/// loopback, so that the browser takes the sandbox for the page's own server (then the `Host` field gives it away).
struct BrowserGuard: Sendable {
    private let hosts: Set<String>

    init(_ configuration: SandboxConfiguration) { hosts = Set(configuration.controlHosts.map { $0.lowercased() }) }

    /// Whether a name is one that nobody can bend to this machine: loopback's own, in numbers too, or one that the configuration allows.
    private func isOwn(_ host: String) -> Bool {
        host == "localhost" || hosts.contains(host) || SocketAddress(numericHost: host, port: 0)?.isLoopback == true
    }

    /// What is wrong with a request to the control API or the index; nothing when it may pass.
    ///
    /// A request that names no host passes: browsers always name one.
    ///
    /// - Parameter isOpenToLinks: Whether a link on a foreign page may lead there.
    func objection(_ request: HTTPRequest, host: String, isSecure: Bool, isOpenToLinks: Bool) -> ControlError? {
        if !host.isEmpty, !isOwn(host) { return foreignHost(host) }
        if isOpenToLinks, request.method == .get, isNavigation(request), request.fields["Origin"] == nil { return nil }
        return foreignPage(request, isSecure: isSecure)
    }

    /// What is wrong with a call to a provider; nothing when it may pass.
    ///
    /// Servers may reach a provider under any host name, a container's for instance, and name no origin. Browsers may not, except
    /// for pages, which other sites open on purpose.
    func objection(toProviderCall request: HTTPRequest, host: String, isSecure: Bool, isProviderHost: Bool, isPage: Bool) -> ControlError? {
        let isFromBrowser = request.fields.contains("Origin") || request.fields.contains("Sec-Fetch-Site")
        guard isFromBrowser else { return nil }
        if !host.isEmpty, !isProviderHost, !isOwn(host) { return foreignHost(host) }
        // Opening a page is a navigation; a script of the foreign page that fetches it is not.
        if isPage, request.fields["Sec-Fetch-Mode"].map({ $0 == "navigate" }) ?? true { return nil }
        return foreignPage(request, isSecure: isSecure)
    }

    private func isNavigation(_ request: HTTPRequest) -> Bool {
        request.fields["Sec-Fetch-Mode"] == "navigate" && request.fields["Sec-Fetch-Dest"] == "document"
    }

    private func foreignPage(_ request: HTTPRequest, isSecure: Bool) -> ControlError? {
        if let text = request.fields["Origin"] {
            guard let origin = HTTPOrigin(text) else { return Self.foreignPage }
            let own = request.fields["Host"].map(HostName.init)
            let isSame = own.map { origin == HTTPOrigin(isSecure: isSecure, host: $0.name, port: $0.port ?? (isSecure ? 443 : 80)) }
            guard isSame == true else { return Self.foreignPage }
        }
        switch request.fields["Sec-Fetch-Site"] {
        case nil, "same-origin"?, "none"?: return nil
        default: return Self.foreignPage
        }
    }

    private static let foreignPage = ControlError(
        status: 403, korean: "다른 사이트의 페이지가 브라우저로 보낸 요청이라 거절했습니다. 서버나 명령줄에서 부르세요.",
        english: "A page of another site sent this through a browser, so it was refused; call from a server or the command line.")

    private func foreignHost(_ host: String) -> ControlError {
        let host = String(host.prefix(80))
        return ControlError(
            status: 403, korean: "호스트 이름 \"\(host)\"(으)로는 받지 않습니다. 127.0.0.1이나 localhost로 부르거나 설정에서 이 이름을 허용하세요.",
            english: "The host name \"\(host)\" is not accepted; use 127.0.0.1 or localhost, or allow the name in the configuration.")
    }
}
