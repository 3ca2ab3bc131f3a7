import Base
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: a person taps through the phone's page")
struct SandboxPhoneTests {
    private static let browser: HTTPFields = [
        "Origin": "http://127.0.0.1:8600", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
    ]

    private func look(_ house: SandboxHouse, _ id: String) async -> SandboxHouse.Answer { await house.send(.get, "/toss-auth/phone/\(id)") }

    /// What a browser sends when a button of the page is tapped.
    private func tap(
        _ house: SandboxHouse, _ id: String, _ press: String, _ more: [(name: String, value: String)] = [],
        _ fields: HTTPFields = Self.browser
    ) async -> SandboxHouse.Answer {
        var fields = fields
        fields["Content-Type"] = "application/x-www-form-urlencoded"
        return await house.send(.post, "/toss-auth/phone/\(id)", Array(FormText.encode([("press", press)] + more).utf8), fields)
    }

    private func status(_ house: SandboxHouse, _ id: String, tenant: String = "demo") async throws -> String {
        try #require(try await house.ask(.get, "/transactions/\(id)", tenant: tenant)["status"]?.string)
    }

    @Test("Looking changes nothing; opening, then confirming, completes the check, and every tap leads back to the page by GET")
    func course() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        for _ in 0..<2 {
            let page = await look(house, id)
            #expect(page.status == 200 && page.text.contains("REQUESTED") && page.text.contains("value=\"open\""))
        }
        #expect(try await status(house, id) == "REQUESTED")

        let opened = await tap(house, id, "open")
        #expect(opened.status == 303 && opened.fields["Location"] == id && opened.text.isEmpty)
        #expect(try await house.status(id, token).success["status"] == "IN_PROGRESS")
        #expect(await look(house, id).text.contains("value=\"approve\""))
        // Back in the browser, and the first button again.
        #expect(await tap(house, id, "open").status == 303)
        #expect(try await status(house, id) == "IN_PROGRESS")

        #expect(await tap(house, id, "approve").status == 303)
        #expect(try await house.status(id, token).success["status"] == "COMPLETED")
        let done = await look(house, id)
        #expect(done.text.contains("COMPLETED") && done.text.contains("href=\"intoss://my-granite-app\"") && !done.text.contains("<form"))
        #expect(try await house.result(id, token).person?["name"] == "김토스")
    }

    @Test("Two taps on one button do what one does: the moment of completion stays, and so do the reads")
    func doubleTap() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        _ = await tap(house, id, "open")
        async let first = tap(house, id, "approve")
        async let second = tap(house, id, "approve")
        #expect(await [first.status, second.status] == [303, 303])
        let completed = try await house.result(id, token).answer.success["completedDt"]
        house.time.advance(by: .seconds(30))
        for button in ["approve", "open", "deny", "expire"] {
            #expect(await tap(house, id, button).status == 303, "\(button)")
            #expect(await house.rule() == "phone.too-late", "\(button)")
        }
        let later = try await house.result(id, token).answer.success
        #expect(later["status"] == "COMPLETED" && later["completedDt"] == completed && completed != nil)
        #expect(try await house.result(id, token).answer.code == "CE3101")
    }

    @Test(
        "Declining leaves the state where it is until time is over, or ends it at once by a setting; either way nobody can confirm any more"
    )
    func declined() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        #expect(await tap(house, id, "deny").status == 303)
        let page = await look(house, id)
        #expect(page.text.contains("거절했습니다") && !page.text.contains("value=\"approve\"") && page.text.contains("value=\"expire\""))
        #expect(await tap(house, id, "approve").status == 303)
        #expect(try await house.status(id, token).success["status"] == "IN_PROGRESS")
        #expect(await tap(house, id, "expire").status == 303)
        #expect(try await house.status(id, token).success["status"] == "EXPIRED")

        try await house.set(["denial": "expires"])
        let other = try await house.begin(token)
        _ = await tap(house, other, "deny")
        #expect(await look(house, other).text.contains("요청이 만료되었습니다"))
        #expect(try await house.status(other, token).success["status"] == "EXPIRED")
    }

    @Test("By the tenant's clock the last moment still counts, and the next one does not, whatever the page in the browser still shows")
    func tooLate() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let (early, late) = (try await house.begin(token), try await house.begin(token))
        house.time.advance(by: .milliseconds(599_999))
        #expect(await look(house, early).text.contains("<dd>1초 ("))
        #expect(await tap(house, early, "approve").status == 303)
        house.time.advance(by: .milliseconds(1))
        #expect(await tap(house, late, "approve").status == 303)
        #expect(try await status(house, early) == "COMPLETED")
        #expect(try await status(house, late) == "EXPIRED")
    }

    // MARK: Who holds the phone

    @Test("With live credentials and one touch, whoever was chosen on the page has approved; nobody else's person can be")
    func chosen() async throws {
        let house = try await SandboxHouse()
        let other = try await house.makeTenant("other")
        let made = try await house.makeTenant("live")
        let token = try await house.token(made.live)
        let id = try await house.begin(token)
        _ = await tap(house, id, "open")
        let page = await look(house, id)
        for words in ["<option value=\"adult\">홍*동 · adult</option>", "성*향 · minor", " · foreigner · 외국인"] {
            #expect(page.text.contains(words), "\(words)")
        }
        #expect(!page.text.contains("홍길동") && !page.text.contains("성춘향"))
        let stranger = try await house.ask(.post, "/people", ["name": "남의집"], tenant: "other")["person"]?.string ?? "?"
        for person in ["", "nobody", "persona", stranger, "ADULT"] {
            let answer = await tap(house, id, "approve", [("person", person)])
            #expect(answer.status == 400 && answer.text.contains("role=\"alert\""), "\(person)")
            #expect(await house.rule(tenant: "live") == "phone.press", "\(person)")
        }
        #expect(try await status(house, id, tenant: "live") == "IN_PROGRESS")
        #expect(await tap(house, id, "approve", [("person", "minor")]).status == 303)
        #expect(try await house.result(id, token).person?["name"] == "성춘향")
        #expect(other.live != made.live)
    }

    @Test("Whom the request named need not be chosen, and cannot be changed; with test credentials the persona answers, whoever is chosen")
    func named() async throws {
        let house = try await SandboxHouse()
        let made = try await house.makeTenant("live")
        for (credentials, name) in [(made.live, "홍길동"), (made.test, "김토스")] {
            let token = try await house.token(credentials)
            let body = try house.personalRequest(name: "홍길동", phone: "01000000001", birthday: "19900101")
            let id = try await house.begin(token, .object(body))
            _ = await tap(house, id, "open")
            #expect(!(await look(house, id)).text.contains("<select"))
            #expect(await tap(house, id, "approve", [("person", "minor")]).status == 303)
            #expect(try await house.result(id, token).person?["name"]?.string == name)
        }
    }

    @Test("Where a tenant has nobody, the page says how to make somebody; where it has one, nobody has to choose")
    func nobody() async throws {
        let house = try await SandboxHouse()
        let made = try await house.makeTenant("live")
        for person in ["minor", "foreigner"] { try await house.ask(.delete, "/people/\(person)", tenant: "live") }
        let token = try await house.token(made.live)
        let (first, second) = (try await house.begin(token), try await house.begin(token))
        #expect(await tap(house, first, "approve").status == 303)
        #expect(try await house.result(first, token).person?["name"] == "홍길동")
        try await house.ask(.delete, "/people/adult", tenant: "live")
        let answer = await tap(house, second, "approve")
        #expect(answer.status == 400 && answer.text.contains("/-/toss-auth/people"))
        #expect(try await status(house, second, tenant: "live") == "REQUESTED")
    }

    // MARK: Strangers

    @Test("A page of another site may lead to the phone, and can neither tap on it nor read it")
    func foreignSite() async throws {
        let house = try await SandboxHouse()
        let id = try await house.begin(try await house.token())
        let foreign: HTTPFields = ["Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]
        let others: [HTTPFields] = [
            foreign, ["Origin": "https://evil.example"], ["Origin": "null"],
            ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"],
            ["Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9999"], ["Origin": "http://localhost:8600"],
        ]
        for fields in others {
            for button in ["open", "approve", "deny", "expire"] {
                #expect(await tap(house, id, button, [], fields).status == 403, "\(button)")
            }
        }
        #expect(try await status(house, id) == "REQUESTED")
        let link: HTTPFields = ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"]
        #expect(await house.send(.get, "/toss-auth/phone/\(id)", [], link).status == 200)
        let script: HTTPFields = ["Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"]
        #expect(await house.send(.get, "/toss-auth/phone/\(id)", [], script).status == 403)
        #expect(await tap(house, id, "open").status == 303)
    }

    @Test("The provider's own hosts have no phone")
    func otherHosts() async throws {
        let house = try await SandboxHouse()
        let id = try await house.begin(try await house.token())
        for host in TossAuthSandbox.hosts {
            #expect(await house.send(.get, "/phone/\(id)", tlsHost: host).status == 404)
            #expect(await house.send(.post, "/phone/\(id)", Array("press=approve".utf8), tlsHost: host).status == 404)
        }
        #expect(try await status(house, id) == "REQUESTED")
    }

    @Test("What a request says never becomes markup, and no address that could run something becomes a link")
    func hostile() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let hostile = "javascript://x/%0aalert(1)//\"><script>alert('1')</script>&amp;<\u{301}b>` 한글"
        let id = try await house.begin(token, ["requestType": "USER_NONE", "requestUrl": .string(hostile), "nonce": .string(hostile)])
        var pages = [await look(house, id).text]
        _ = await tap(house, id, "open")
        pages.append(await look(house, id).text)
        pages.append(await tap(house, id, hostile).text)
        _ = await tap(house, id, "approve")
        pages.append(await look(house, id).text)
        let seen = try SeenPage.read(pages)
        for page in seen { #expect(!page.elements.contains("script") && page.addresses.allSatisfy { $0 == id }) }
        #expect(seen[3].text.contains(hostile) && seen[3].addresses.isEmpty)
    }

    // MARK: Addresses

    @Test("What is no phone says so: an unknown txId, a wrong method, a button that does not exist")
    func wrong() async throws {
        let house = try await SandboxHouse()
        let id = try await house.begin(try await house.token())
        for other in ["4b0a8a43-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "/", "\(id)/x", "%27", id.uppercased(), String(repeating: "a", count: 3000)] {
            let page = await look(house, other)
            #expect(page.status == 404 && page.text.contains("없는 요청입니다"), "\(other)")
            #expect(await tap(house, other, "open").status == 404, "\(other)")
        }
        #expect(await house.rule() == "phone.unknown")
        for method in [HTTPMethod.put, .delete] { #expect(await house.send(method, "/toss-auth/phone/\(id)").status == 405) }
        for body in ["", "press=", "press=APPROVE", "press=read", "approve", "%%%", "{\"press\":\"approve\"}"] {
            let answer = await house.send(.post, "/toss-auth/phone/\(id)", Array(body.utf8), Self.browser)
            #expect(answer.status == 400 && answer.text.contains("role=\"alert\""), "\(body)")
        }
        #expect(try await status(house, id) == "REQUESTED")
    }

    @Test("The list shows what waits in the demo tenant, the youngest first, and nothing of other tenants")
    func list() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let made = try await house.makeTenant("live")
        let foreign = try await house.begin(try await house.token(made.live))
        let ids = [try await house.begin(token), try await house.begin(token), try await house.begin(token)]
        _ = await tap(house, ids[1], "deny")
        let page = await house.send(.get, "/toss-auth/phone")
        #expect(try SeenPage.read([page.text])[0].addresses == ["phone/\(ids[2])", "phone/\(ids[0])"])
        #expect(!page.text.contains(foreign) && page.status == 200)
        house.time.advance(by: .seconds(600))
        let empty = await house.send(.get, "/toss-auth/phone")
        #expect(try SeenPage.read([empty.text])[0].addresses.isEmpty && empty.text.contains("기다리는 요청이 없습니다"))
        #expect(await house.send(.post, "/toss-auth/phone", Array("press=approve".utf8), Self.browser).status == 405)
    }

    @Test("The control API tells where a check's phone is, and by a setting the links that open the app lead there")
    func addresses() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        let place = try await house.ask(.get, "/transactions/\(id)")["phone"]?.string
        #expect(place == "http://127.0.0.1:8600/toss-auth/phone/\(id)")
        try await house.set(["links": "phone-page"])
        let answer = try await house.call("id-request", .object(try house.personalRequest()), token: token).success
        let phone = "http://127.0.0.1:8600/toss-auth/phone/\(answer["txId"]?.string ?? "")"
        #expect(["appScheme", "androidAppUri", "iosAppUri"].allSatisfy { answer[$0]?.string == phone })
    }

    @Test("The request log tells taps and looks under their tenant, without a word of the page")
    func log() async throws {
        let house = try await SandboxHouse()
        let made = try await house.makeTenant("live")
        let id = try await house.begin(try await house.token(made.live))
        _ = await tap(house, id, "open")
        _ = await look(house, id)
        let records = await house.send(.get, "/-/requests?tenant=live&limit=2").json["requests"]?.elements ?? []
        #expect(records.count == 2 && records.allSatisfy { $0["route"] == "phone" && $0["tenant"] == "live" })
        #expect(records.allSatisfy { !$0.text.contains("홍") && !$0.text.contains("<html") })
    }

    @Test("The list shows the oldest that still waits behind any number of younger ones that are over, and with a slash at its end as well")
    func waitingOnly() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let waiting = try await house.begin(token)
        for place in 0..<110 {
            let id = try await house.begin(token)
            try await house.move(id, place % 2 == 0 ? "approve" : "deny")
        }
        for path in ["/toss-auth/phone", "/toss-auth/phone/"] {
            let page = await house.send(.get, path)
            #expect(page.status == 200 && page.text.contains(waiting), "\(path)")
            // Its links lead to the check from either address.
            let link = try #require(page.text.firstMatch(of: /href="([^"]*?)[0-9a-f-]{36}"/)?.1)
            let base = path.hasSuffix("/") ? path : "/toss-auth/"
            #expect(await house.send(.get, link.hasPrefix("/") ? "\(link)\(waiting)" : "\(base)\(link)\(waiting)").status == 200)
        }
        house.time.advance(by: .seconds(600))
        #expect(await !house.send(.get, "/toss-auth/phone").text.contains(waiting))
    }

    @Test("A check is forgotten thirty days after its end and after the time for its result, a few with each new one")
    func pruning() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        var ids: [String] = []
        for _ in 0..<40 { ids.append(try await house.begin(token)) }
        try await house.move(ids[39], "approve")
        house.time.advance(by: .seconds(600 + 30 * 86_400))
        _ = try await house.begin(token)
        #expect(try await house.ask(.get, "/transactions?limit=1000")["transactions"]?.elements?.count == 41)
        house.time.advance(by: .seconds(3601))
        for _ in 0..<4 { _ = try await house.begin(token) }
        let left = try await house.ask(.get, "/transactions?limit=1000")["transactions"]?.elements ?? []
        #expect(left.count == 5 && !left.contains { $0["txId"]?.string == ids[39] })
        #expect(try await house.status(ids[0], token).code == "CE3100")
    }
}
