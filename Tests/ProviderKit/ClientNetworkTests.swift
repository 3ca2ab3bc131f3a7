import Base
import ProviderKit
import Testing
import Transport

@Suite("A client's own network, and where it leads")
struct ClientNetworkTests {
    @Test("an address is read with its path and without slashes at the end, and what is none gives nothing")
    func base() throws {
        let base = try #require(ServiceBase("https://127.0.0.1:8643/toss-auth//"))
        #expect(base.origin == HTTPOrigin(isSecure: true, host: "127.0.0.1", port: 8643) && base.pathPrefix == "/toss-auth")
        #expect(base.description == "https://127.0.0.1:8643/toss-auth")
        #expect(ServiceBase("http://sandbox")?.pathPrefix == "" && ServiceBase("http://sandbox/")?.pathPrefix == "")
        for text in ["", "sandbox", "ftp://sandbox", "https://", "https://a b/c", "http://a:0/x"] {
            #expect(ServiceBase(text) == nil, "\(text)")
        }
    }

    @Test("it can be ended more than once, and sends nothing behind its end")
    func end() async throws {
        let network = try ClientNetwork()
        await network.shutDown()
        await network.shutDown()
        do throws(HTTPExchangeError) {
            _ = try await network.client.send(
                HTTPRequest(method: .get, target: "/"), to: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1),
                timeouts: HTTPTimeouts())
            Issue.record("it answered")
        } catch {
            #expect(error.code == .shutDown && error.outcome == .notSent)
        }
    }
}
