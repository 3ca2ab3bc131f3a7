import Base
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import Sandbox

@Suite struct RequestLogTests {
    private func log(_ house: House, _ query: String = "") async -> [JSON] {
        await house.call(.get, "/-/requests?\(query)").json["requests"]?.elements ?? []
    }

    @Test("an entry tells who called what, when, with which result and why it was refused")
    func entry() async throws {
        let house = try await House()
        _ = await house.call(.post, "/-/clock", ["set": "2030-01-01T00:00:00Z", "freeze": true])
        await house.counter(.post, "/count", ["amount": 1000], key: "wrong-key")
        let entry = try #require(await log(house).first)
        #expect(entry["time"] == "2030-01-01T00:00:00.000Z" && entry["machine_time"] == "2026-01-01T00:00:00.000Z")
        #expect(entry["tenant"] == "demo" && entry["tenant_known"] == false && entry["provider"] == "counter" && entry["route"] == "count")
        #expect(entry["method"] == "POST" && entry["path"] == "/count" && entry["status"] == 401 && entry["address"] == "192.0.2.7")
        #expect(entry["outcome"] == "answered" && entry["duration_ms"] != nil)
        #expect(entry["verdict"]?["rule"] == "key.unknown" && entry["verdict"]?["reason"]?["ko"] == "모르는 키입니다.")
        #expect(entry["verdict"]?["details"] == ["address": "192.0.2.7"])
        #expect(entry["request"]?["headers"] == ["Authorization": "[redacted]", "Content-Type": "application/json"])
        #expect(entry["request"]?["body"] == ["amount": 1000] && entry["reply"]?["body"] == ["message": "no"])
    }

    @Test("the verdict speaks one language when asked to")
    func language() async throws {
        let house = try await House()
        await house.counter(.post, "/echo/x", ["a": 1])
        #expect(await log(house, "language=ko")[0]["verdict"]?["reason"] == "시끄럽습니다.")
        #expect(await log(house, "language=en")[0]["verdict"]?["reason"] == "Too loud.")
        #expect(await house.call(.get, "/-/requests/1?language=en").json["verdict"]?["reason"] == "Too loud.")
    }

    @Test("entries are filtered by provider, route, status, kind, rule, moment and number, newest first")
    func filters() async throws {
        let time = ManualTime(House.start)
        let house = try await House(time: time)
        await house.counter(.post, "/count")  // 1
        await house.counter(.post, "/count", key: "wrong-key")  // 2
        time.advance(by: .seconds(60))
        await house.counter(.post, "/echo/x", ["a": 1])  // 3
        _ = await house.call(.get, "/plain/x")  // 4
        await house.counter(.get, "/nowhere")  // 5
        func ids(_ query: String) async -> [Int64] { await log(house, query).compactMap { $0["id"]?.integer } }
        #expect(await ids("") == [5, 4, 3, 2, 1])
        #expect(await ids("limit=2") == [5, 4])
        #expect(await ids("provider=plain") == [4])
        #expect(await ids("route=count") == [2, 1])
        #expect(await ids("status=401") == [2])
        #expect(await ids("status=4xx") == [5, 2])
        #expect(await ids("status=2XX&provider=counter") == [3, 1])
        #expect(await ids("kind=refused") == [2])
        #expect(await ids("kind=warned") == [3])
        #expect(await ids("rule=echo.loud") == [3])
        #expect(await ids("since=2026-01-01T00:01:00Z") == [5, 4, 3])
        #expect(await ids("since=2026-01-01T09:01:00+09:00") == [5, 4, 3])
        #expect(await ids("since=3") == [5, 4])
        #expect(await ids("tenant=demo&rule=nothing") == [])
    }

    @Test(
        "a filter that makes no sense is refused in both languages",
        arguments: [
            "limit=0", "limit=-1", "limit=x", "status=99", "status=6xx", "status=abc", "kind=accepted", "since=yesterday", "since=-1",
            "language=fr", "colour=blue", "limit=1&limit=2", "rule=%zz",
        ])
    func badFilters(query: String) async throws {
        let house = try await House()
        let answer = await house.call(.get, "/-/requests?\(query)")
        #expect(answer.status == 400 && answer.complaint != nil)
    }

    @Test("one entry is shown by its number, to its own tenant only")
    func one() async throws {
        let house = try await House()
        await house.makeTenant("other")
        await house.counter(.post, "/count", key: "other-key")
        #expect(await house.call(.get, "/-/requests/1?tenant=other").json["tenant"] == "other")
        for path in ["/-/requests/1", "/-/requests/2?tenant=other", "/-/requests/x"] {
            let answer = await house.call(.get, path)
            #expect(answer.status == 404 && answer.complaint != nil)
        }
    }

    @Test("the log keeps as many entries as ordered and can be emptied")
    func ring() async throws {
        let house = try await House(capacity: 3)
        for _ in 0..<5 { await house.counter(.get, "/total") }
        #expect(await log(house).compactMap { $0["id"]?.integer } == [5, 4, 3])
        #expect(await house.call(.delete, "/-/requests").json == ["deleted": 3])
        #expect(await log(house) == [])
        await house.counter(.get, "/total")
        #expect(await log(house).compactMap { $0["id"]?.integer } == [6])
    }

    @Test("control calls do not stand in the log")
    func control() async throws {
        let house = try await House()
        _ = await house.call(.get, "/-/clock")
        _ = await house.call(.get, "/-/counter/whose")
        #expect(await log(house) == [])
    }
}

@Suite struct RedactionTests {
    /// Values that must never be seen again.
    private static let canaries = [
        "CANARY-private-key", "CANARY-token", "CANARY-password", "4111111111111111", "880101-1234567", "010-1234-5678",
        "canary@example.com",
        "CANARY-lucky", "CANARY-session", "CANARY-user", "19880101", "demo-key-0001",
    ]

    private static let secrets: JSON = [
        "private_key": "CANARY-private-key", "Access-Token": "CANARY-token", "card_no": "4111111111111111", "cardPw": .number("19880101"),
        "identify_number": "880101-1234567", "luckyNumber": "CANARY-lucky", "order_name": "사과 3개", "price": 3000, "empty": ["token": ""],
        "user": [
            "username": "CANARY-user", "phone": "010-1234-5678", "email": "canary@example.com", "birth": "19880101", "verified": true,
        ],
        "list": [["password": "CANARY-password"]], "token": ["inner": ["deep": "CANARY-token"]],
        "metadata": #"{"password":"CANARY-password","colour":"blue"}"#,
        "return_url": "https://shop.example/back?session=CANARY-session&x=1",
    ]

    /// Everything the log shows.
    private func shown(_ house: House) async -> String { await house.call(.get, "/-/requests").text }

    private func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(text.contains("[redacted]"), sourceLocation: sourceLocation)
        for canary in Self.canaries { #expect(!text.contains(canary), sourceLocation: sourceLocation) }
    }

    @Test("secrets in a JSON request and its reply are never shown, everything else is")
    func json() async throws {
        let house = try await House()
        #expect(await house.counter(.post, "/echo/x", Self.secrets).text.contains("CANARY-private-key"))
        let text = await shown(house)
        check(text)
        let entry = await house.call(.get, "/-/requests/1").json
        for body in [entry["request"]?["body"], entry["reply"]?["body"]] {
            #expect(body?["order_name"] == "사과 3개" && body?["price"] == 3000 && body?["user"]?["verified"] == true)
            #expect(body?["empty"] == ["token": ""] && body?["token"] == ["inner": ["deep": "[redacted]"]])
            #expect(body?["metadata"] == #"{"password":"[redacted]","colour":"blue"}"#)
            #expect(body?["return_url"] == "https://shop.example/back?session=[redacted]&x=1")
        }
        #expect(entry["reply"]?["headers"]?["X-Reply-Token"] == "[redacted]")
    }

    @Test("secrets in a form, in the query and in header fields are never shown")
    func form() async throws {
        let house = try await House()
        let body =
            "private_key=CANARY-private-key&user%5Bphone%5D=010-1234-5678&item=a+b&item=c&card.no=4111111111111111&lucky_number=CANARY-lucky"
        let fields: HTTPFields = [
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Authorization": "Basic CANARY-password",
            "Cookie": "id=CANARY-session", "X-Api-Key": "CANARY-private-key", "User-Agent": "curl/8",
        ]
        let target = "/counter/echo/x?access_token=CANARY-token&page=2&email=canary%40example.com"
        _ = await house.send(.init(method: .post, target: target, fields: fields, body: Array(body.utf8)))
        check(await shown(house))
        let entry = await house.call(.get, "/-/requests/1").json
        #expect(entry["path"] == "/echo/x?access_token=[redacted]&page=2&email=[redacted]")
        #expect(entry["request"]?["body"]?["item"] == ["a b", "c"])
        #expect(entry["request"]?["headers"]?["User-Agent"] == "curl/8" && entry["request"]?["headers"]?["Cookie"] == "[redacted]")
    }

    @Test("a secret of the request does not come back in the reply's text, in the path or in the verdict")
    func echoed() async throws {
        let house = try await House()
        await house.counter(.post, "/echo/said", ["private_key": "CANARY-private-key"])
        await house.counter(.post, "/echo/CANARY%2Dprivate-key", ["private_key": "CANARY-private-key"])
        await house.counter(.post, "/count", key: "CANARY-token")
        check(await shown(house))
        #expect(await house.call(.get, "/-/requests/1").json["reply"]?["body"] == ["message": "you said [redacted]"])
        #expect(await house.call(.get, "/-/requests/2").json["path"] == "/echo/[redacted]")
        #expect(await house.call(.get, "/-/requests/3?language=en").json["verdict"]?["reason"] == "Unknown key [redacted].")
    }

    @Test(
        "a body that has no names to go by is not shown at all",
        arguments: [
            ("text/plain", "CANARY-token"), ("application/xml", "<a password='CANARY-password'/>"),
            ("application/json", #"{"token":"CANARY-token""#),
            ("application/json", #"["CANARY-token"]"#), ("application/json", #""CANARY-token""#),
            ("application/json", "[[4111111111111111]]"),
            ("application/x-www-form-urlencoded", "{\"CANARY-token\"=1"), ("application/x-www-form-urlencoded", "<CANARY-token>=1"),
            ("application/x-www-form-urlencoded", "a=%zz&CANARY-token"), ("multipart/form-data", "token=CANARY-token"),
        ])
    func nameless(type: String, body: String) async throws {
        let house = try await House()
        _ = await house.send(.init(method: .post, target: "/plain/x", fields: ["Content-Type": type], body: Array(body.utf8)))
        let text = await shown(house)
        for canary in Self.canaries { #expect(!text.contains(canary)) }
        #expect(await house.call(.get, "/-/requests/1").json["request"]?["body"] != .null)
    }

    @Test("a long body is cut after its secrets were taken out, a very long one is not shown")
    func long() async throws {
        let house = try await House()
        let filler = String(repeating: "x", count: 20_000)
        _ = await house.call(.post, "/plain/x", ["token": "CANARY-token", "filler": .string(filler), "password": "CANARY-password"])
        _ = await house.call(.post, "/plain/x", ["token": "CANARY-token", "filler": .string(String(repeating: filler, count: 20))])
        let text = await shown(house)
        check(text)
        #expect(text.utf8.count < 40_000 && text.contains("[cut]") && text.contains("too long to show"))
    }

    @Test(
        "names are secret whatever their case and separators, and as parts of longer names",
        arguments: [
            ("private_key", true), ("PrivateKey", true), ("CARD-NO", true), ("buyer_phone_number", true), ("user[email]", true),
            ("user.birth_date", true), ("easy_pay_user_token", true), ("ci", true), ("lucky_number", true), ("order_name", false),
            ("price", false), ("city", false), ("receipt_id", false), ("application_id", false), ("method", false), ("pinned", false),
        ])
    func names(name: String, isSecret: Bool) {
        #expect(Redactor(["LuckyNumber"]).isSecret(name) == isSecret)
    }
}
