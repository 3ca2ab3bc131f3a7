import Base
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: page sessions, PINs, windows, my page")
struct SandboxPageSessionTests {
    private func callback(_ answer: Judgement, _ row: String) throws -> [String: String] {
        let form = try #require(try SeenPage.read([answer.text])[0].callback, "\(answer.text.suffix(900))")
        return try #require(try SandboxOracle.opened([(row, form.json)])[0], "\(row)")
    }

    private func transactions(_ house: SandboxHouse) async throws -> Int {
        try #require(try await house.control(.get, "/transactions").1.elements?.count)
    }

    // MARK: Sessions

    @Test("A second press, and any other, gets the first result again behind a button, and nothing else happens")
    func pressedTwice() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("payauth/card")
        let first = try await house.press("approve", on: page, ["pin": DemoData.pin])
        for button in ["approve", "fail", "cancel", "nonsense"] {
            let again = try await house.press(button, on: page, ["pin": DemoData.pin])
            let forms = try SeenPage.read([first.text, again.text])
            #expect(forms[0].callback?.json == forms[1].callback?.json, "\(button)")
            #expect(forms[0].elements.contains("script") && !forms[1].elements.contains("script"), "\(button)")
            #expect(again.verdict?.rule == "page.answered" && again.verdict?.kind == .warned)
        }
        #expect(try await transactions(house) == 1)
        #expect(try callback(first, "payauth/card")["resultCode"] == "0000")
    }

    @Test("A page session has a name of 32 random bytes, is over after its time, and cannot be made up")
    func expired() async throws {
        let house = try await SandboxHouse(settings: ["page_seconds": 60])
        let page = try await house.open("payauth/card")
        let (one, two) = (try SandboxHouse.action(page), try SandboxHouse.action(try await house.open("payauth/card")))
        #expect(one != two)
        house.clocks.advance(.seconds(59))
        #expect(try await house.press("approve", on: page, ["pin": "000000"]).text.contains("role=\"alert\""))
        house.clocks.advance(.seconds(1))
        let late = try await house.press("approve", on: page, ["pin": DemoData.pin])
        #expect(late.reply.status == 410 && late.verdict?.rule == "page.expired" && !late.text.contains("shop.example"))
        _ = await house.sandbox.settle(.demo)
        #expect(try await house.press("approve", on: page, ["pin": DemoData.pin]).reply.status == 410)
        let made = try await house.press("approve", at: "/sandbox/visit/" + String(repeating: "0", count: 64), ["pin": DemoData.pin])
        #expect(made.reply.status == 410)
        #expect(try await transactions(house) == 0)
    }

    @Test("Asked for again with GET, a page is shown as it stands, and its result behind a button")
    func reloaded() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("payauth/card")
        let get = Call(method: .get, path: try SandboxHouse.action(page))
        #expect(await house.send(get).text == page.text)
        _ = try await house.press("cancel", on: page)
        let seen = try SeenPage.read([await house.send(get).text])[0]
        #expect(seen.callback?.value("resultCode") == "9999" && !seen.elements.contains("script"))
    }

    /// A whole sandbox, and a browser that posts forms to it.
    private struct Door {
        let sandbox: Sandbox

        init() async throws {
            sandbox = try await Sandbox(
                services: [WPaySandbox.self], database: try Database(.memory), time: ManualTime(), random: SeededRandom(),
                exchange: RecordingNetwork(), configuration: SandboxConfiguration(version: "test", baseURL: { "http://127.0.0.1:8600" }))
        }

        func post(_ path: String, _ body: [UInt8], _ origin: String, site: String, mode: String = "navigate") async -> HTTPResponse {
            await sandbox.respond(
                to: HTTPRequest(
                    method: .post, target: "/wpay" + path,
                    fields: [
                        "Host": "127.0.0.1:8600", "Origin": origin, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode,
                        "Content-Type": "application/x-www-form-urlencoded",
                    ], body: body), from: HTTPPeer(address: "127.0.0.1", port: 40_000))
        }

        /// Opens a page from a shop's site and gives the path of its buttons.
        func open(_ row: String) async throws -> String {
            let order = try SandboxHouse.order(row)
            let call = try SandboxHouse.call(row, order.values)
            let page = await post(call.path, call.body, "https://shop.example", site: "cross-site")
            let text = String(decoding: page.bytes ?? [], as: UTF8.self)
            return String(try #require(text.firstMatch(of: /action="\/wpay(\/sandbox\/visit\/[0-9a-f]{64})"/), "\(page.status)").output.1)
        }
    }

    @Test("A shop of another site may open a page, and nobody but the page itself may press its buttons")
    func origins() async throws {
        let door = try await Door()
        let call = try SandboxHouse.call("payauth/card", try SandboxHouse.order("payauth/card").values)
        #expect(await door.post(call.path, call.body, "https://shop.example", site: "cross-site", mode: "cors").status == 403)
        let action = try await door.open("payauth/card")
        let press = Array("press=cancel".utf8)
        for (origin, site) in [("https://shop.example", "cross-site"), ("http://127.0.0.1:3000", "same-site"), ("null", "cross-site")] {
            #expect(await door.post(action, press, origin, site: site).status == 403, "\(origin)")
        }
        let own = await door.post(action, press, "http://127.0.0.1:8600", site: "same-origin")
        #expect(own.status == 200 && String(decoding: own.bytes ?? [], as: UTF8.self).contains("id=\"callback\""))
    }

    @Test("The request log says that a button was pressed, and nothing of what was typed in")
    func log() async throws {
        let door = try await Door()
        for row in ["memreg", "payreg/card", "payreg/acct", "pinno/reset"] {
            let entries = try SandboxHouse.entries(row).merging(["press": "approve"]) { $1 }
            let body = FormText.encode(entries.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
            let answer = await door.post(try await door.open(row), Array(body.utf8), "http://127.0.0.1:8600", site: "same-origin")
            #expect(String(decoding: answer.bytes ?? [], as: UTF8.self).contains("id=\"callback\""), "\(row)")
            let log = await door.sandbox.respond(
                to: HTTPRequest(method: .get, target: "/-/requests?limit=1"), from: HTTPPeer(address: "127.0.0.1", port: 40_000))
            let text = String(decoding: log.bytes ?? [], as: UTF8.self)
            #expect(text.contains("\"route\":\"page\""), "\(row)")
            for (name, value) in entries where value.utf8.count > 4 && name != "press" {
                #expect(!text.contains(value) && !text.contains(FormText.encode([(name: "", value: value)]).dropFirst()), "\(row) \(name)")
            }
        }
    }

    // MARK: PINs

    @Test("Wrong PINs are counted across pages; the last one locks the member and goes back as a failure, and a new PIN unlocks")
    func wrongPINs() async throws {
        let house = try await SandboxHouse(settings: ["pin_tries": 3, "results": ["pin-locked": ["code": "7777"]]])
        let payment = try await house.open("payauth/card")
        let check = try await house.open("pinno/auth")
        let wrong = try await house.press("approve", on: payment, ["pin": "000000"])
        #expect(wrong.text.contains("2번 더 틀리면") && wrong.verdict?.rule == "pin.wrong")
        #expect(try await house.press("approve", on: check, ["pin": ""]).text.contains("1번 더 틀리면"))
        let locked = try await house.press("approve", on: payment, ["pin": "999999"])
        #expect(try callback(locked, "payauth/card")["resultCode"] == "7777" && locked.verdict?.rule == "pin.locked")
        #expect(try await house.control(.get, "/members/\(DemoData.userKey)").1["status"] == "03")
        let late = try await house.press("approve", on: check, ["pin": DemoData.pin])
        #expect(try callback(late, "pinno/auth")["resultCode"] == "7777")
        #expect(try await house.open("pinno/auth").verdict?.rule == "member.locked")

        let reset = try await house.open("pinno/reset")
        #expect(!reset.text.contains("name=\"pin\""))
        let done = try await house.press("approve", on: reset, ["new-pin": "555555", "new-pin-again": "555555"])
        #expect(try callback(done, "pinno/reset")["resultCode"] == "0000")
        let again = try await house.press("approve", on: try await house.open("payauth/card"), ["pin": "555555"])
        #expect(try callback(again, "payauth/card")["resultCode"] == "0000")
    }

    @Test("Changing the PIN takes the present one, unless there is none yet; whoever has none sets one where it is first asked for")
    func newPINs() async throws {
        let house = try await SandboxHouse()
        let reset = try await house.open("pinno/reset")
        let new = ["new-pin": "555555", "new-pin-again": "555555"]
        #expect(try await house.press("approve", on: reset, new.merging(["pin": "111111"]) { $1 }).text.contains("PIN이 다릅니다"))
        #expect(
            try callback(try await house.press("approve", on: reset, new.merging(["pin": DemoData.pin]) { $1 }), "pinno/reset")[
                "resultCode"] == "0000")

        let joined = try await house.send(
            "cst/apis/memregci",
            ["mid": WPayDemonstration.mid, "userId": "server", "userNm": "김서버", "hNum": "01033334444", "birthDay": "19800101"])
        let key = try SandboxOracle.decrypted([try #require(joined.body["wpayUserKey"]?.string)])[0]
        let check = try await house.open("pinno/auth", ["wpayUserKey": key])
        #expect(check.text.contains("name=\"new-pin\"") && !check.text.contains("name=\"pin\""))
        #expect(try callback(try await house.press("approve", on: check, new), "pinno/auth")["resultCode"] == "0000")
        let next = try await house.open("pinno/auth", ["wpayUserKey": key])
        #expect(try callback(try await house.press("approve", on: next, ["pin": "555555"]), "pinno/auth")["resultCode"] == "0000")
    }

    @Test("flagPin N asks for no PIN")
    func noPIN() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("payauth/card", ["flagPin": "N"])
        #expect(!page.text.contains("name=\"pin\""))
        #expect(try callback(try await house.press("approve", on: page), "payauth/card")["resultCode"] == "0000")
    }

    // MARK: Windows and my page

    @Test("In the standard window a card is registered, chosen and paid with, in as many months as the shopper wants")
    func window() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("payauth/stdMain")
        #expect(try await house.press("approve", on: page, ["pin": DemoData.pin]).text.contains("결제수단을 고르세요"))
        #expect(try await house.press("approve", on: page, ["pin": DemoData.pin, "means": DemoData.cardToken]).text.contains("결제수단을 고르세요"))
        #expect(try await house.press("register", on: page).text.contains("이 화면에 없는 단추"))
        #expect(try await house.press("new-account", on: page).text.contains("계좌 등록"))
        #expect(try await house.press("back", on: page).text.contains("name=\"means\""))
        #expect(try await house.press("new-card", on: page).text.contains("카드 등록"))
        let window = try await house.press("register", on: page, try SandboxHouse.entries("payreg/card"))
        let chosen = try #require(window.text.firstMatch(of: /name="means" value="([0-9a-f]{16})" required checked>\n<span><b>국민카드/))
        let paid = try await house.press(
            "approve", on: page, ["pin": DemoData.pin, "means": String(chosen.output.1), "quota": "06"])
        let opened = try callback(paid, "payauth/stdMain")
        let transaction = try await house.transaction(try #require(opened["wtid"]))
        #expect(opened["resultCode"] == "0000" && opened["wpayToken"] != DemoData.cardToken && transaction["cardQuota"] == "06")
        #expect(transaction["wpayToken"]?.string == opened["wpayToken"])
    }

    @Test("My page changes means at once and calls nobody back until the shopper leaves the service")
    func myPage() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("mypage")
        func means() async throws -> [JSON] { try #require(try await house.control(.get, "/means").1.elements) }
        let ids = page.text.matches(of: /name="means" value="([0-9a-f]{16})"/).map { String($0.output.1) }
        try #require(ids.count == 2)
        let renamed = try await house.press("rename", on: page, ["means": ids[0], "nickname": "\"><b>생활비"])
        #expect(renamed.text.contains("&quot;&gt;&lt;b&gt;생활비") && !renamed.text.contains("<b>생활비"))
        #expect(try await means().contains { $0["wpayTokenNcnm"] == "\"><b>생활비" })
        #expect(try await house.press("not-main", on: page, ["means": ids[0]]).text.contains("대표 지정"))
        #expect(try await means().first { $0["wpayToken"]?.string == DemoData.cardToken }?["majYn"] == "N")
        _ = try await house.press("main", on: page, ["means": ids[0]])
        #expect(try await means().first { $0["wpayToken"]?.string == DemoData.cardToken }?["majYn"] == "Y")
        let deleted = try await house.press("delete", on: page, ["means": ids[1]])
        #expect(!deleted.text.contains(ids[1]) && !deleted.text.contains("id=\"callback\""))
        #expect(try await house.press("delete", on: page, ["means": ids[1]]).text.contains("이미 없는"))
        #expect(try await house.press("approve", on: page, ["pin": DemoData.pin]).text.contains("이 화면에 없는 단추"))
        #expect(try await house.press("leave", on: page, ["pin": "000000"]).text.contains("PIN이 다릅니다"))
        let left = try callback(try await house.press("leave", on: page, ["pin": DemoData.pin]), "mypage")
        #expect(left["resultCode"] == "0000" && left["wpayUserKey"] == DemoData.userKey)
        #expect(try await house.control(.get, "/members/\(DemoData.userKey)").1["status"] == "02")
    }

    @Test("Closing my page calls nobody back and ends it")
    func closed() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("mypage")
        let closed = try await house.press("cancel", on: page)
        #expect(closed.reply.status == 200 && !closed.text.contains("shop.example") && closed.verdict == nil)
        #expect(try await house.press("leave", on: page, ["pin": DemoData.pin]).reply.status == 410)
    }

    @Test("The old my page leaves by GET, the query of the merchant's address kept")
    func oldMyPage() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("old/mypage", ["cancelReturnUrl": "https://shop.example/bye?a=1&b=%26#top"])
        let answer = try await house.press("leave", on: page, ["pin": DemoData.pin])
        let form = try #require(try SeenPage.read([answer.text])[0].callback)
        #expect(form.method == "get" && form.action == "https://shop.example/bye#top")
        #expect(form.fields.prefix(2).map(\.name) == ["a", "b"] && form.value("a") == "1" && form.value("b") == "&")
        #expect(try SandboxOracle.opened([("old/mypage", form.json)])[0]?["wpayUserKey"] == DemoData.userKey)
    }

    @Test("An automatic payment's window takes cards only, and the address for the bill where the merchant wants one")
    func autoPayWindow() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("payauth/auto/stdMain")
        #expect(
            page.text.matches(of: /name="means"/).count == 1 && !page.text.contains("new-account") && !page.text.contains("name=\"quota\""))
        #expect(!page.text.contains("name=\"email\""))
        #expect(try await house.press("new-account", on: page).text.contains("이 화면에 없는 단추"))
    }

    @Test("The identity check of a custom site calls back without a signature, since nobody knows its order")
    func identityCheck() async throws {
        let house = try await SandboxHouse()
        let values = SandboxHouse.member.merging([
            "wtid": "WTID2601010000000001", "hNum": "01011112222", "returnUrl": "https://shop.example/return",
        ]) { $1 }
        let page = await house.send(try SandboxHouse.call("cst/u/arsauth/pa/sec", values))
        #expect(page.text.contains("01011112222"))
        let form = try #require(try SeenPage.read([try await house.press("approve", on: page).text])[0].callback)
        #expect(form.action == "https://shop.example/return" && form.value("resultCode") == "0000" && form.value("signature") == nil)
    }

    // MARK: Without a shopper

    @Test("Told to, pages answer at once", arguments: ["approve", "fail", "cancel"])
    func atOnce(_ mode: String) async throws {
        let house = try await SandboxHouse(settings: ["pages": .string(mode)])
        let rows = ["memreg", "payreg/card", "payauth/card", "payauth/stdMain", "old/payreqauth", "cst/u/payreqauth", "pinno/reset"]
        let calls = try SandboxOracle.calls(try rows.map { try SandboxHouse.order($0) })
        var answers: [Judgement] = []
        for call in calls { answers.append(await house.send(call)) }
        let forms = try SeenPage.read(answers.map(\.text)).map { try #require($0.callback) }
        for opened in try SandboxOracle.opened(zip(rows, forms).map { ($0, $1.json) }) {
            #expect(opened?["resultCode"] == (mode == "approve" ? "0000" : "9999"))
        }
        #expect(try await transactions(house) == (mode == "approve" ? 4 : 0))
    }

    @Test("Told to, the sandbox brings the callback to the merchant by itself when a button is pressed")
    func byItself() async throws {
        let house = try await SandboxHouse(settings: ["callback_delivery": "server"])
        let page = try await house.open("payauth/card")
        let answer = try await house.press("approve", on: page, ["pin": DemoData.pin])
        let sent = try #require(house.network.sent.first)
        #expect(sent.request.method == .post && sent.request.target == "/return?id=5" && sent.origin.host == "shop.example")
        var fields = JSON.Members()
        for (name, value) in FormText.decode(sent.request.body) ?? [] { fields[name] = .string(value) }
        #expect(try SandboxOracle.opened([("payauth/card", .object(fields))])[0]?["resultCode"] == "0000")
        #expect(!answer.text.contains("id=\"callback\"") && answer.reply.status == 200)
        _ = try await house.press("approve", on: page, ["pin": DemoData.pin])
        #expect(house.network.sent.count == 1)
    }
}
