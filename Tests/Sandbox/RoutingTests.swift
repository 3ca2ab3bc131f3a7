import Base
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import Sandbox

@Suite struct RoutingTests {
    @Test("a provider is found by the first segment of the path, which it does not see itself")
    func byPath() async throws {
        let house = try await House()
        #expect(await house.call(.get, "/plain/v1/a%2Fb?x=1").json["path"] == "/v1/a%2Fb")
        #expect(await house.call(.get, "/plain").json["path"] == "/")
        #expect(await house.call(.get, "/plain/").json["path"] == "/")
        #expect(await house.call(.get, "/plain//x").json["path"] == "//x")
        for path in ["/plainer/x", "/Plain/x", "/%70lain/x", "/nothing", "/-", "/-x", "*"] {
            let answer = await house.call(.get, path)
            #expect(answer.status == 404 && answer.complaint != nil)
        }
    }

    @Test("under a real provider's host name the whole path is the provider's")
    func byHost() async throws {
        let house = try await House()
        for host in ["plain.test", "PLAIN.test:8643", "plain.test:443"] {
            let answer = await house.call(.get, "/-/clock", fields: ["Host": host])
            #expect(answer.json == ["path": "/-/clock", "host": "plain.test"])
        }
        let details = HTTPPeer.TLSDetails(serverName: "Plain.test", clientCertificate: nil, version: "TLSv1.3")
        #expect(await house.send(.init(method: .get, target: "/x"), tls: details).json["path"] == "/x")
        let byField = HTTPRequest(method: .get, target: "/total", fields: ["Host": "api.counter.test", "Authorization": "demo-key-0001"])
        #expect(await house.send(byField, tls: details).json["host"] == "api.counter.test")
        // Over TLS under a name of this machine everything is where it is on the plain port.
        let local = HTTPRequest(method: .get, target: "/plain/x", fields: ["Host": "localhost:8643"])
        #expect(await house.send(local, tls: details).json["path"] == "/x")
    }

    @Test("the index says in text or JSON what is where")
    func index() async throws {
        let house = try await House()
        let text = await house.call(.get, "/", fields: ["Accept": "*/*"])
        #expect(text.status == 200 && text.fields["Content-Type"]?.hasPrefix("text/plain") == true)
        for expected in ["http://127.0.0.1:8600/counter/", "api.counter.test", "demo-key-0001", "/-/clock", "1.2.3", "시계"] {
            #expect(text.text.contains(expected))
        }
        let json = await house.call(.get, "/", fields: ["Accept": "application/json"]).json
        #expect(json["providers"]?[1]?["url"] == "http://127.0.0.1:8600/plain/" && json["version"] == "1.2.3")
        #expect(await house.call(.get, "/?x=1").status == 200)
        let refusal = await house.call(.post, "/")
        #expect(refusal.status == 405 && refusal.fields["Allow"] == "GET")
    }

    @Test("health tells version, uptime, tenants and providers")
    func health() async throws {
        let time = ManualTime(House.start)
        let house = try await House(time: time)
        time.advance(by: .milliseconds(2500))
        let answer = await house.call(.get, "/-/health")
        #expect(
            answer.json == [
                "status": "ok", "version": "1.2.3", "uptime_seconds": .number("2.5"), "tenants": 1, "providers": ["counter", "plain"],
            ])
        #expect(answer.fields["Cache-Control"] == "no-store")
        #expect(await house.call(.head, "/-/health").status == 200)
    }

    @Test("calls are counted by provider, route and class of status")
    func metrics() async throws {
        let house = try await House()
        await house.counter(.post, "/count")
        await house.counter(.post, "/count")
        await house.counter(.post, "/count", key: "wrong")
        await house.counter(.post, "/nowhere")
        let text = await house.call(.get, "/-/metrics").text
        let sample = #"bujeol_sandbox_calls_total{provider="counter",route="count",status="2xx"} 2"#
        #expect(
            text.contains(sample) && text.contains(#"route="count",status="4xx"} 1"#) && text.contains(#"route="none",status="4xx"} 1"#))
        #expect(text.contains(#"bujeol_sandbox_call_seconds_count{provider="counter"} 4"#))
        // Nothing that a caller chose becomes a label.
        #expect(!text.contains("nowhere"))
    }

    @Test(
        "a method that a control call does not have is refused with those it has",
        arguments: [
            (HTTPMethod.post, "/-/health", "GET"), (.delete, "/-/clock", "GET, POST"), (.put, "/-/tenants", "GET, POST"),
            (.post, "/-/tenants/demo", "GET, DELETE"), (.patch, "/-/faults", "GET, POST, DELETE"), (.post, "/-/requests", "GET, DELETE"),
            (.delete, "/-/requests/1", "GET"), (.get, "/-/reset", "POST"), (.post, "/-/metrics", "GET"),
        ])
    func methods(method: HTTPMethod, path: String, allowed: String) async throws {
        let house = try await House()
        let answer = await house.call(method, path)
        #expect(answer.status == 405 && answer.fields["Allow"] == allowed && answer.complaint != nil)
    }

    @Test(
        "what the control API does not have is 404, and says what there is",
        arguments: ["/-/", "/-/clocks", "/-/clock/x", "/-/counter/nothing"])
    func unknownControl(path: String) async throws {
        let house = try await House()
        let answer = await house.call(.get, path)
        #expect(answer.status == 404 && answer.complaint?.contains("/-/clock") == true)
    }

    @Test("a provider's own control calls reach its service without their prefix")
    func providerControl() async throws {
        let house = try await House()
        #expect(await house.call(.get, "/-/counter").json == "root")
        #expect(await house.call(.get, "/-/counter/").json == "root")
        #expect(await house.call(.get, "/-/counter/whose").json == "demo")
    }
}

@Suite struct BrowserTests {
    private let own: HTTPFields = ["Host": "127.0.0.1:8600"]

    private func fields(_ pairs: [(String, String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs { fields.append(name, value) }
        return fields
    }

    @Test("the control API and the index answer under loopback names and configured ones", arguments: ["/-/clock", "/"])
    func ownHosts(path: String) async throws {
        let house = try await House(controlHosts: ["Sandbox.internal"])
        for host in [
            "127.0.0.1", "127.0.0.1:8600", "localhost:9", "LocalHost", "[::1]:8600", "[::1]", "sandbox.internal:8600", "127.8.0.2:8600",
            "[::ffff:127.0.0.1]",
        ] {
            #expect(await house.call(.get, path, fields: ["Host": host]).status == 200)
        }
    }

    @Test("under any other name they do not, so that no page can have its own name lead here", arguments: ["/-/clock", "/"])
    func foreignHosts(path: String) async throws {
        let house = try await House()
        for host in [
            "evil.example", "127.0.0.1.evil.example", "evil.example:8600", "localhost.evil", "[::2]", "192.0.2.1", "127.0.0.1@evil",
        ] {
            let answer = await house.call(.get, path, fields: ["Host": host])
            #expect(answer.status == 403 && answer.complaint != nil)
        }
    }

    @Test("a foreign page's request changes nothing")
    func foreignPages() async throws {
        let house = try await House()
        let foreign: [[(String, String)]] = [
            [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "http://localhost:8600")],
            [("Origin", "http://127.0.0.1:3000")], [("Origin", "https://127.0.0.1:8600")], [("Origin", "http://127.0.0.1")],
            [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "invented")],
            [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")],
        ]
        for pairs in foreign {
            let answer = await house.call(.post, "/-/clock", ["freeze": true], fields: fields([("Host", "127.0.0.1:8600")] + pairs))
            #expect(answer.status == 403 && answer.complaint != nil)
        }
        #expect(await house.call(.get, "/-/clock").json["frozen"] == false)
    }

    @Test("the sandbox's own pages may do everything")
    func ownPages() async throws {
        let house = try await House()
        let page = fields([("Host", "127.0.0.1:8600"), ("Origin", "http://127.0.0.1:8600"), ("Sec-Fetch-Site", "same-origin")])
        #expect(await house.call(.post, "/-/clock", ["freeze": true], fields: page).status == 200)
        let typed = fields([("Host", "localhost:8600"), ("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "navigate")])
        #expect(await house.call(.get, "/-/clock", fields: typed).status == 200)
        var request = HTTPRequest(method: .post, target: "/plain/x", fields: fields([("Origin", "https://plain.test:8643")]))
        request.fields["Host"] = "plain.test:8643"
        let details = HTTPPeer.TLSDetails(serverName: "plain.test", clientCertificate: nil, version: "TLSv1.3")
        #expect(await house.send(request, tls: details).status == 200)
    }

    @Test("a link on a foreign page may lead to the index, a frame or a script may not")
    func links() async throws {
        let house = try await House()
        let link = [("Host", "127.0.0.1:8600"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
        #expect(await house.call(.get, "/", fields: fields(link + [("Sec-Fetch-Dest", "document")])).status == 200)
        #expect(await house.call(.get, "/", fields: fields(link + [("Sec-Fetch-Dest", "iframe")])).status == 403)
        #expect(await house.call(.get, "/-/clock", fields: fields(link + [("Sec-Fetch-Dest", "document")])).status == 403)
    }

    @Test("servers call a provider under any name; a foreign page's script does not reach it")
    func providers() async throws {
        let house = try await House()
        let key = [("Authorization", "demo-key-0001")]
        #expect(await house.call(.post, "/counter/count", fields: fields(key + [("Host", "sandbox:8600")])).status == 200)
        let foreign: [[(String, String)]] = [
            [("Host", "127.0.0.1:8600"), ("Origin", "https://evil.example")],
            [("Host", "127.0.0.1:8600"), ("Sec-Fetch-Site", "cross-site")],
            // The page's own name leads here.
            [("Host", "evil.example:8600"), ("Origin", "http://evil.example:8600"), ("Sec-Fetch-Site", "same-origin")],
            [("Host", "api.counter.test"), ("Origin", "https://evil.example")],
        ]
        for pairs in foreign {
            #expect(await house.call(.post, "/counter/count", fields: fields(key + pairs)).status == 403)
        }
        #expect(await house.call(.post, "/counter/count", fields: fields(key)).json["total"] == 2)
    }

    @Test("a page that a service declares may be opened from a shop's site, but not fetched by its script")
    func pages() async throws {
        let house = try await House()
        let shop = [
            ("Host", "127.0.0.1:8600"), ("Origin", "https://shop.example"), ("Sec-Fetch-Site", "cross-site"),
            ("Authorization", "demo-key-0001"),
        ]
        #expect(await house.call(.post, "/counter/page", fields: fields(shop + [("Sec-Fetch-Mode", "navigate")])).status == 200)
        #expect(await house.call(.post, "/counter/page", fields: fields(shop + [("Sec-Fetch-Mode", "cors")])).status == 403)
        #expect(await house.call(.post, "/counter/count", fields: fields(shop + [("Sec-Fetch-Mode", "navigate")])).status == 403)
    }
}
