import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: callbacks")
struct ConnectorReturnTests {
    private let person = ConnectorHouse.person
    private let path = ConnectorHouse.returnPath
    private let wtid = "WTID0000000000000001"

    @Test("A program gets the verified result, fields opened, and apart from them those that no signature covers")
    func program() async throws {
        let house = try ConnectorHouse()
        let answer = await house.send(.post, path, try ConnectorHouse.authentication())
        #expect(answer.status == 200 && answer.outcome == "answered" && answer.result == "success", "\(answer.text)")
        #expect(answer.fields["Cache-Control"] == "no-store")
        let json = answer.json
        #expect(json["api"] == "payauth/card" && json["verified"] == true && json["result"] == "success" && json["wtid"]?.string == wtid)
        #expect(
            json["fields"] == [
                "resultCode": "0000", "resultMsg": "정상 처리", "mid": "INIwpayT03", "wtid": .string(wtid), "oid": "ORDER-1",
                "wpayUserKey": .string(person.userKey), "wpayToken": .string(person.token), "wpayDomain": "https://fcwpaystd.inicis.com",
            ])
        #expect(json["unauthenticated"] == ["payMethod": "01"])
        #expect(json["ticket"]?.string?.isEmpty == false && house.wpay.sent.isEmpty)
    }

    @Test("Any change of a signed value, of the signature or of the key is unverified, and no value comes back", arguments: 0..<6)
    func forged(_ number: Int) async throws {
        let house = try ConnectorHouse()
        let good = try ConnectorHouse.authentication()
        let signature = try #require(good.split(separator: "&").first { $0.hasPrefix("signature=") })
        let bad = [
            good.replacing("oid=ORDER-1", with: "oid=ORDER-2"),
            good.replacing(signature, with: signature.uppercased().replacing("SIGNATURE", with: "signature")),
            good.replacing(signature, with: "signature="),
            good.replacing(signature, with: signature.dropLast() + (signature.hasSuffix("0") ? "1" : "0")),
            good + "&oid=ORDER-1", good.replacing("fcwpaystd", with: "evil"),
        ][number]
        #expect(bad != good)
        let answer = await house.send(.post, path, bad)
        #expect(answer.status == 400 && answer.outcome == "unverified" && answer.json["code"] == "answer-unverified", "\(answer.text)")
        let page = await house.send(.post, path, bad, ConnectorHouse.browser)
        #expect(page.status == 400 && page.outcome == "unverified" && page.fields["Content-Type"]?.hasPrefix("text/html") == true)
        for text in [answer.text, page.text] {
            for value in ["ORDER", person.userKey, person.token, "WTID", "evil"] { #expect(!text.contains(value)) }
        }
        #expect(await house.send(.get, "/results/\(wtid)").status == 404)
        #expect(await house.post(ConnectorHouse.approvalPath, ConnectorHouse.approval()).status == 409)
    }

    @Test("A callback of another page does not pass for this one's, nor one about another merchant")
    func otherPage() async throws {
        let house = try ConnectorHouse()
        let body = try ConnectorHouse.authentication()
        #expect(await house.send(.post, "/return/payreg/card", body).status == 400)
        let foreign = try WPayOracle.form([
            .init("resultCode", "0000"), .init("resultMsg", ""), .init("mid", "INIother01"), .init("wtid", "W"),
            .init("wpayUserKey", "K", "E"),
        ])
        let answer = await house.send(.post, "/return/pinno/auth", foreign)
        #expect(answer.status == 400 && answer.json["cause"] == "other-merchant")
        #expect(await (try ConnectorHouse(", autoPayMid: \"INIother01\"")).send(.post, "/return/pinno/auth", foreign).status == 200)
        #expect(await house.send(.post, "/return/unheard", body).status == 404)
        #expect(await house.send(.get, "/return/payauth/card?" + body).status == 400)
        #expect(await house.send(.post, path, "%%%").status == 400)
    }

    @Test(
        "What a shopper adds to a genuine callback takes no memory: overlong values without a signature are left out, overlong bodies refused"
    )
    func padded() async throws {
        let body = try ConnectorHouse.authentication()
        let long = body.replacing("payMethod=01", with: "payMethod=" + String(repeating: "0", count: 2_000))
        #expect(long != body)
        let house = try ConnectorHouse()
        #expect(await house.send(.post, path, body + "&x=" + String(repeating: "0", count: 70_000)).status == 400)
        let answer = await house.send(.post, path, long)
        #expect(answer.json["verified"] == true && answer.json["unauthenticated"] == [:], "\(answer.text.prefix(400))")
    }

    @Test("A failure without a signature is passed on as an unverified failure without values, and takes no wtid")
    func unsigned() async throws {
        let house = try ConnectorHouse()
        let answer = await house.send(.post, path, "resultCode=9999&resultMsg=x&mid=INIwpayT03&wtid=\(wtid)&oid=ORDER-1")
        #expect(answer.status == 200 && answer.outcome == "unverified" && answer.result == "fail")
        #expect(answer.json == ["api": "payauth/card", "verified": false, "result": "fail", "resultCode": "9999"])
        #expect(try await house.authenticate().json["verified"] == true)
        for code in ["0000", "2006"] { #expect(await house.send(.post, path, "resultCode=\(code)&wtid=W").status == 400) }
    }

    @Test("The same callback again gives the same result; another one with its wtid is refused")
    func replay() async throws {
        let house = try ConnectorHouse()
        let first = await house.send(.post, path, try ConnectorHouse.authentication())
        try await house.time.sleep(for: .seconds(60))
        let second = await house.send(.post, path, try ConnectorHouse.authentication())
        #expect(second.text == first.text && second.fields["Bujeol-Repeated"] == "true" && !first.fields.contains("Bujeol-Repeated"))
        let other = await house.send(.post, path, try ConnectorHouse.authentication(oid: "ORDER-2"))
        #expect(other.status == 409 && other.outcome == "refused" && other.json["code"] == "wtid-taken")
        #expect(await house.send(.get, "/results/\(wtid)").text == first.text)
        try await house.time.sleep(for: .seconds(1000))
        let third = await house.send(.post, path, try ConnectorHouse.authentication())
        #expect(third.fields["Bujeol-Repeated"] == "true" && third.json["fields"] == first.json["fields"])
    }

    @Test("A browser gets a plain page in both languages, and the program fetches the result for ten minutes, as often as it wants")
    func browser() async throws {
        let house = try ConnectorHouse()
        let page = await house.send(.post, path, try ConnectorHouse.authentication(), ConnectorHouse.browser)
        #expect(
            page.status == 200 && page.fields["Content-Type"] == "text/html; charset=utf-8" && page.fields["Cache-Control"] == "no-store")
        #expect(page.text.contains("lang=\"ko\"") && page.text.contains("처리되었습니다") && page.text.contains("Please go back to the shop"))
        for value in [person.userKey, person.token, "ORDER-1", wtid] { #expect(!page.text.contains(value)) }
        for _ in 0..<2 {
            let result = await house.send(.get, "/results/\(wtid)")
            #expect(result.status == 200 && result.json["fields"]?["wpayUserKey"]?.string == person.userKey)
        }
        #expect(await house.send(.get, "/results/\(wtid)", "", ["Sec-Fetch-Site": "none"]).status == 403)
        #expect(await house.send(.get, "/results/\(wtid)", "", ["Sec-Fetch-Site": "same-origin"]).status == 403)
        #expect(await house.send(.get, "/results/\(wtid)", "", ["X-Forwarded-For": "203.0.113.9"]).status == 403)
        #expect(await house.send(.post, "/results/\(wtid)").status == 400)
        try await house.time.sleep(for: .seconds(599))
        #expect(await house.send(.get, "/results/\(wtid)").status == 200)
        try await house.time.sleep(for: .seconds(1))
        #expect(await house.send(.get, "/results/\(wtid)").status == 404)
    }

    @Test("A shopper who leaves the browser's fields out, behind a proxy, still gets no values")
    func forwarded() async throws {
        let house = try ConnectorHouse()
        for field in ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"] {
            let answer = await house.send(.post, path, try ConnectorHouse.authentication(), [field: "203.0.113.9"])
            #expect(answer.status == 200 && answer.fields["Content-Type"]?.hasPrefix("text/html") == true)
            #expect(!answer.text.contains(person.userKey))
        }
    }

    @Test("Only a navigation opens the page: a script of another site may not post a callback, nor may anything else be opened")
    func scripts() async throws {
        let house = try ConnectorHouse()
        var script = ConnectorHouse.browser
        script["Sec-Fetch-Mode"] = "cors"
        #expect(await house.send(.post, path, try ConnectorHouse.authentication(), script).status == 403)
        #expect(await house.send(.get, "/results/\(wtid)", "", ConnectorHouse.browser).status == 403)
        #expect(await house.send(.get, path, "", ConnectorHouse.browser).status == 403)
        #expect(await house.post(ConnectorHouse.approvalPath, ConnectorHouse.approval(), ConnectorHouse.browser).status == 403)
    }

    @Test("The merchant's application gets the result from server to server, and the browser the application's answer")
    func application() async throws {
        let house = try ConnectorHouse(", application: \"http://shop.internal:3000/wpay/done?x=1\"") { _, _ in
            HTTPResponse(
                status: 303,
                fields: [
                    "Location": "/orders/ORDER-1", "Set-Cookie": "a=1; HttpOnly", "Set-Cookie": "b=2",
                    "Content-Type": "text/html; charset=utf-8",
                    "Server": "shop", "Bujeol-Outcome": "delivered", "Transfer-Encoding": "chunked",
                ], body: Array("감사합니다".utf8))
        }
        var browser = ConnectorHouse.browser
        browser.append("Accept-Language", "ko")
        browser.append("Cookie", "session=1")
        for repeated in [nil, "true"] {
            let answer = await house.send(.post, path, try ConnectorHouse.authentication(), browser)
            #expect(answer.status == 303 && answer.text == "감사합니다" && answer.outcome == "answered")
            #expect(answer.fields["Location"] == "/orders/ORDER-1" && answer.fields.values("Set-Cookie") == ["a=1; HttpOnly", "b=2"])
            #expect(!answer.fields.contains("Server") && !answer.fields.contains("Transfer-Encoding"))
            let sent = try #require(house.wpay.sent.last)
            #expect(house.wpay.targets.last == "http://shop.internal:3000/wpay/done?x=1")
            #expect(sent.request.method == .post && sent.request.fields["Content-Type"] == "application/json; charset=utf-8")
            #expect(sent.request.fields["Accept-Language"] == "ko" && !sent.request.fields.contains("Cookie"))
            #expect(sent.request.fields["Bujeol-Repeated"] == repeated && sent.request.fields["Bujeol-Result"] == "success")
            #expect(try JSON(sent.request.body)["fields"]?["wpayUserKey"]?.string == person.userKey)
        }
        // Not believed, not handed over.
        let forged = try ConnectorHouse.authentication(wtid: "W2").replacing("ORDER-1", with: "ORDER-2")
        #expect(await house.send(.post, path, forged, browser).status == 400)
        #expect(house.wpay.sent.count == 2)
        #expect(await house.send(.post, path, try ConnectorHouse.authentication(wtid: "W3")).json["verified"] == true)
        #expect(house.wpay.sent.count == 2)
    }

    @Test("When the application does not answer, the browser is told so, and the result can still be fetched")
    func silentApplication() async throws {
        let house = try ConnectorHouse(", application: \"http://shop.internal:3000/\"") { _, _ in throw ScriptedWPay.refusedConnection }
        let page = await house.send(.post, path, try ConnectorHouse.authentication(), ConnectorHouse.browser)
        #expect(page.status == 502 && page.text.contains("상점 서버가 응답하지 않습니다") && !page.text.contains(person.userKey))
        #expect(await house.send(.get, "/results/\(wtid)").json["result"] == "success")
    }

    @Test("The old my page calls back by GET, a partner's page below its site, and who is a member already is no failure")
    func otherPages() async throws {
        let house = try ConnectorHouse()
        let left = try WPayOracle.form([
            .init("resultCode", "0000"), .init("resultMsg", "탈퇴 완료", "U"), .init("wtid", "W1"), .init("wpayUserKey", person.userKey, "E"),
        ])
        var navigation = ConnectorHouse.browser
        navigation["Origin"] = nil
        #expect(await house.send(.get, "/return/old/mypage?" + left).json["fields"]?["resultMsg"] == "탈퇴 완료")
        #expect(await house.send(.get, "/return/old/mypage?" + left, "", navigation).status == 200)
        #expect(await house.send(.post, "/return/old/mypage", left).status == 400)
        let registered = try WPayOracle.form([
            .init("resultCode", "7028"), .init("resultMsg", ""), .init("wtid", "W2"), .init("wpayUserKey", person.userKey, "E"),
            .init("wpayToken", person.token, "E"), .init("payMethod", "01"), .init("bankCardCode", "06"), .init("bankCardNo", "5570****"),
            .init("cardName", "국민", "U"), .init("majYn", "Y"),
        ])
        let answer = await house.send(.post, "/return/kbstar/cst/u/payreg/simple", registered)
        #expect(answer.json["result"] == "already" && answer.json["fields"]?["cardName"] == "국민", "\(answer.text)")
        #expect(answer.json["fields"]?["wpayToken"]?.string == person.token)
        let unsigned = await house.send(.post, "/return/kbstar/cst/u/arsauth/pa/sec", "resultCode=0000")
        #expect(unsigned.status == 400 && unsigned.json["cause"] == "never-signed")
    }

    @Test("Ten thousand callbacks are remembered, and the oldest are forgotten")
    func bounded() {
        var memory = CallbackMemory()
        for number in 0..<10_050 {
            let arrival = CallbackMemory.Arrival(signature: "s", destination: .notAllowed)
            #expect(memory.take("\(number)", arrival, result: [1], now: .zero) == .new)
        }
        #expect(memory.destination(of: "49", now: .zero) == nil && memory.destination(of: "50", now: .zero) == .notAllowed)
        #expect(memory.result(of: "49", now: .zero) == nil && memory.result(of: "50", now: .zero) == [1])
        #expect(memory.destination(of: "50", now: .seconds(3600)) == nil)
    }
}
