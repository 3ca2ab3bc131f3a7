import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: calls to WPAY")
struct ConnectorCallTests {
    private let person = ConnectorHouse.person

    @Test(
        "A POST goes to the product's host as a form, encrypted, encoded and signed in WPAY's order, whether it came as JSON or as a form")
    func form() async throws {
        let house = try ConnectorHouse()
        let expected: [WPayOracle.Field] = [
            .init("mid", "INIwpayT03"), .init("wpayUserKey", person.userKey, "E"), .init("wpayToken", person.token, "E"), .init("ci", ""),
            .init("wpayTokenNcnm", "내 카드 & 1", "U"),
        ]
        let json = await house.post(
            "/stdwpay/std/rest/v1/setncnm",
            ["wpayTokenNcnm": "내 카드 & 1", "wpayToken": .string(person.token), "ci": .null, "wpayUserKey": .string(person.userKey)])
        let form = await house.send(
            .post, "/stdwpay/std/rest/v1/setncnm",
            "wpayUserKey=\(person.userKey)&wpayToken=\(person.token)&wpayTokenNcnm=%EB%82%B4+%EC%B9%B4%EB%93%9C+%26+1",
            ["Content-Type": "application/x-www-form-urlencoded"])
        for answer in [json, form] {
            #expect(answer.status == 200 && answer.outcome == "delivered" && answer.result == "success", "\(answer.text)")
        }
        for sent in house.wpay.sent {
            #expect(sent.request.fields["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8")
            #expect(try WPayOracle.complaint(sent.body, fields: expected) == "")
        }
        #expect(house.wpay.targets == Array(repeating: "https://stgwpaystd.inicis.com/stdwpay/std/rest/v1/setncnm", count: 2))
    }

    @Test("More fields than any API has are refused before they are compared, as a form and as JSON")
    func manyFields() async throws {
        let house = try ConnectorHouse()
        let names = (0...200).map { "style\($0)" }
        let form = await house.send(
            .post, "/start/old/memreg", names.map { "\($0)=x" }.joined(separator: "&"),
            ["Content-Type": "application/x-www-form-urlencoded"])
        var members = JSON.Members()
        for name in names { members[name] = "x" }
        let json = await house.post("/start/old/memreg", .object(members))
        for answer in [form, json] {
            #expect(answer.status == 400 && answer.json["detail"]?.string?.contains("200 fields") == true, "\(answer.text)")
        }
    }

    @Test("A look-up goes as a query whose values are percent-encoded once, with connect 5 s and read 10 s")
    func query() async throws {
        let house = try ConnectorHouse()
        let answer = await house.send(.get, "/stdwpay/std/rest/v1/payinfo?wpayUserKey=\(person.userKey)&wpayToken=\(person.token)")
        #expect(answer.result == "success")
        let sent = try #require(house.wpay.sent.first)
        #expect(sent.request.method == .get && sent.request.body.isEmpty)
        #expect(sent.timeouts.connect == .seconds(5) && sent.timeouts.firstByte == .seconds(10) && sent.timeouts.total == .seconds(15))
        let query = try #require(sent.request.target.split(separator: "?").last)
        let complaint = try WPayOracle.complaint(
            String(query),
            fields: [
                .init("mid", "INIwpayT03"), .init("wpayUserKey", person.userKey, "E"), .init("wpayToken", person.token, "E"),
                .init("ci", ""),
            ])
        #expect(complaint == "")
    }

    @Test("An auto-pay charge goes as JSON to wpayplus with the auto-pay merchant id, names of goods unencoded and the token as it is")
    func charge() async throws {
        let house = try ConnectorHouse(", autoPayMid: \"INIautoT03\"")
        let answer = await house.post(
            "/stdwpay/std/apis/payreqappl",
            [
                "wpayUserKey": .string(person.userKey), "wtid": "WTID0000000000000009", "wpayToken": "T0KEN+as/it=is", "oid": "ORDER-9",
                "goodsName": "사과", "goodsPrice": 1000, "buyerName": "홍길동", "buyerTel": "01012345678",
            ])
        #expect(answer.result == "success", "\(answer.text)")
        let sent = try #require(house.wpay.sent.first)
        #expect(house.wpay.targets == ["https://stgwpayplus.inicis.com/stdwpay/std/apis/payreqappl"])
        #expect(sent.request.fields["Content-Type"] == "application/json; charset=utf-8")
        let json = try JSON(sent.request.body)
        #expect(
            json["mid"] == "INIautoT03" && json["goodsName"] == "사과" && json["wpayToken"] == "T0KEN+as/it=is"
                && json["goodsPrice"] == "1000")
        let form = FormText.encode((json.members?.names ?? []).map { ($0, json[$0]?.string ?? "") })
        let complaint = try WPayOracle.complaint(
            form,
            fields: [
                .init("mid", "INIautoT03"), .init("wpayUserKey", person.userKey, "E"), .init("ci", ""),
                .init("wtid", "WTID0000000000000009"),
                .init("wpayToken", "T0KEN+as/it=is"), .init("oid", "ORDER-9"), .init("goodsName", "사과"), .init("goodsPrice", "1000"),
                .init("buyerName", "홍길동"), .init("buyerTel", "01012345678"), .init("buyerEmail", ""),
            ])
        #expect(complaint == "")
    }

    @Test("A partner's site and the old standard go to their own hosts, with the identity value encrypted")
    func otherProducts() async throws {
        let house = try ConnectorHouse()
        #expect(await house.send(.get, "/kbstar/cst/apis/userinfo?wpayUserKey=\(person.userKey)&ci=C1").result == "success")
        #expect(await house.send(.get, "/stdwpay/apis/schMemRegInfo?userId=test01&ci=C1").result == "success")
        let identity = try WPayOracle.final("C1", "E")
        #expect(house.wpay.sent.map { $0.fields["ci"] } == [identity, identity])
        #expect(house.wpay.sent.map(\.origin.host) == ["stgwpaycst.inicis.com", "stgwpay.inicis.com"])
        #expect(house.wpay.sent[0].request.target.hasPrefix("/kbstar/cst/apis/userinfo?mid="))
        let answer = await house.send(.get, "/KB%2Fx/cst/apis/userinfo?wpayUserKey=\(person.userKey)")
        #expect(answer.status == 400 && answer.outcome == "refused" && house.wpay.sent.count == 2)
    }

    @Test("A base with a path, such as a sandbox's, comes before every path")
    func sandboxBase() async throws {
        let house = try ConnectorHouse(place: "origin: \"http://127.0.0.1:8600/wpay\"")
        _ = await house.send(.get, "/stdwpay/std/rest/v1/getBasicInfos")
        #expect(house.wpay.targets[0].hasPrefix("http://127.0.0.1:8600/wpay/stdwpay/std/rest/v1/getBasicInfos?mid=INIwpayT03&signature="))
    }

    @Test("A value that is encrypted already goes on unchanged when it says so, and is never encrypted twice")
    func encryptedValues() async throws {
        let house = try ConnectorHouse()
        let sealed = try WPayOracle.final(person.userKey, "E")
        let path = "/stdwpay/std/rest/v1/setmaj"
        let token: JSON = .string(person.token)
        #expect(await house.post(path, ["wpayUserKey": ["encrypted": .string(sealed)], "wpayToken": token]).result == "success")
        let form = FormText.encode([("wpayUserKey.encrypted", sealed), ("wpayToken", person.token)])
        #expect(await house.send(.post, path, form).result == "success")
        #expect(await house.post(path, ["wpayUserKey": .string(person.userKey), "wpayToken": token]).result == "success")
        #expect(house.wpay.sent.map { $0.fields["wpayUserKey"] } == [sealed, sealed, sealed])
        let twice = await house.post(path, ["wpayUserKey": .string(sealed), "wpayToken": token])
        #expect(twice.status == 400 && twice.outcome == "refused" && twice.json["cause"] == "already-encrypted")
        #expect(twice.json["detail"]?.string?.contains("\"encrypted\"") == true)
        let nonsense = await house.post(path, ["wpayUserKey": ["encrypted": .string(person.userKey)], "wpayToken": token])
        #expect(nonsense.status == 400 && house.wpay.sent.count == 3)
    }

    @Test(
        "What is missing, unknown or could mean two things is refused with the field's name, in Korean and English, and nothing leaves",
        arguments: [
            ("POST", "setmaj", #"{"wpayUserKey": "AB202601010000000001"}"#, "wpayToken"),
            ("POST", "setmaj", #"{"wpayUserKey": "A", "wpayToken": "B", "colour": "red"}"#, "colour"),
            ("POST", "setmaj", #"{"wpayUserKey": "A", "wpayToken": "B", "mid": "INIother01"}"#, "mid"),
            ("POST", "setmaj", #"{"wpayUserKey": "A", "wpayToken": true}"#, "wpayToken"),
            ("POST", "setmaj", #"{"wpayUserKey": "A", "wpayToken": "B", "signature": "00"}"#, "signature"),
            ("POST", "setmaj", "wpayUserKey=A&wpayToken=B&wpayToken=C", "wpayToken"),
            ("POST", "setmaj", "wpayUserKey=A&wpayToken=B&wpayToken.encrypted=C", "wpayToken"),
            ("POST", "setmaj", "wpayUserKey=A&wpayToken=B&ci=a%26b", "ci"), ("POST", "setmaj", "wpayUserKey=A&wpayToken=B&ci=a%0Ab", "ci"),
            ("POST", "setmaj", "wpayUserKey=A&wpayToken=B&ci=%EA%B0%80", "ci"), ("POST", "setmaj", "{broken", "JSON"),
            ("POST", "setmaj?wpayUserKey=A", "wpayToken=B", "query"), ("GET", "payinfo?wpayUserKey=A", "wpayToken=B", "body"),
            ("GET", "payinfo?wpayUserKey=A", "", "wpayToken"), ("POST", "unheard/of", "{}", "API"), ("POST", "../u/v1/memreg", "{}", "API"),
        ])
    func refusals(_ method: String, _ path: String, _ body: String, _ word: String) async throws {
        let house = try ConnectorHouse()
        let answer = await house.send(HTTPMethod(rawValue: method), "/stdwpay/std/rest/v1/" + path, body)
        #expect(answer.status == (word == "API" ? 404 : 400) && answer.outcome == "refused", "\(answer.text)")
        #expect(answer.json["detail"]?.string?.contains(word) == true, "\(answer.text)")
        #expect(answer.json["detail_ko"]?.string?.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } == true)
        #expect(house.wpay.sent.isEmpty)
    }

    @Test("A page is not called from the server; the answer says where its form is to be had")
    func pages() async throws {
        let house = try ConnectorHouse()
        let answer = await house.post("/stdwpay/std/u/v1/payauth/card", [:])
        #expect(answer.status == 400 && answer.json["detail"]?.string?.contains("/start/payauth/card") == true)
        let partner = await house.post("/kbstar/cst/u/payreqauth", [:])
        #expect(partner.json["detail"]?.string?.contains("/start/kbstar/cst/u/payreqauth") == true, "\(partner.text)")
        #expect(house.wpay.sent.isEmpty)
    }

    @Test(
        "The result stands in a header, and the answer passes untouched",
        arguments: [("0000", "success"), ("000000", "success"), ("2006", "already"), ("7028", "already"), ("9999", "fail"), ("99", "fail")])
    func results(_ code: String, _ word: String) async throws {
        let body = #"{ "resultCode" : "\#(code)", "resultMsg":"%EA%B0%80", "applPrice": 1000.0 }"#
        let house = try ConnectorHouse { _, _ in HTTPResponse(status: 200, body: Array(body.utf8)) }
        let answer = await house.send(.get, "/stdwpay/std/rest/v1/userinfo?wpayUserKey=A")
        #expect(answer.result == word && answer.text == body && answer.outcome == "delivered")
    }

    @Test("On request E fields come decrypted and U fields decoded, in lists too; what these keys cannot open is named")
    func opening() async throws {
        let token = try WPayOracle.final(person.token, "E")
        let list: JSON = [
            ["wpayToken": .string(token), "bankCardNo": "5570****", "cardName": "%EA%B5%AD%EB%AF%BC+1"],
            ["wpayToken": "not-of-these-keys", "cardName": "100% 현금", "new": 1],
        ]
        let reply = ScriptedWPay.answer("0000", ["payListCnt": "2", "payList": list])
        let house = try ConnectorHouse { _, _ in reply }
        let path = "/stdwpay/std/rest/v1/payinfos?wpayUserKey=A"
        let opened = await house.send(.get, path, "", ["Bujeol-Open": "fields"])
        #expect(
            opened.json["payList"] == [
                ["wpayToken": .string(person.token), "bankCardNo": "5570****", "cardName": "국민 1"],
                ["wpayToken": "not-of-these-keys", "cardName": "100% 현금", "new": 1],
            ], "\(opened.text)")
        #expect(opened.fields["Bujeol-Unopened"] == "wpayToken")
        #expect(!house.wpay.sent[0].request.fields.contains("Bujeol-Open"))
        let plain = await house.send(.get, path)
        #expect(plain.json["payList"] == list && !plain.fields.contains("Bujeol-Unopened"))
        #expect(await house.send(.get, path, "", ["Bujeol-Open": "all"]).status == 400)
        let opener = try ConnectorHouse(", openFields: true") { _, _ in reply }
        #expect(await opener.send(.get, path).json["payList"]?[0]?["wpayToken"]?.string == person.token)
        #expect(await opener.send(.get, path, "", ["Bujeol-Open": "none"]).json["payList"] == list)
    }

    @Test(
        "An answer that is not WPAY's is delivered as it is for a look-up, and unverified for a call that changes something",
        arguments: ["<html>busy</html>", "{\"result\": \"0000\"}", "[]", "", "{\"resultCode\": \"\"}"])
    func unreadable(_ body: String) async throws {
        let house = try ConnectorHouse { _, _ in HTTPResponse(status: 200, body: Array(body.utf8)) }
        let read = await house.send(.get, "/stdwpay/std/rest/v1/userinfo?wpayUserKey=A")
        #expect(read.outcome == "delivered" && read.result == "unreadable" && read.text == body)
        let change = await house.post("/stdwpay/std/rest/v1/delpayinfo", ["wpayUserKey": "A", "wpayToken": "B"])
        #expect(change.status == 502 && change.outcome == "unverified" && !change.text.contains("busy"))
        #expect(house.wpay.sent.count == 2)
    }

    @Test("An answer with another status, or larger than any of WPAY's, proves nothing either; a redirection is not followed")
    func oddAnswers() async throws {
        let large = Array(#"{"resultCode":"0000","x":""#.utf8) + [UInt8](repeating: 0x61, count: 65_536) + Array("\"}".utf8)
        let answers = [
            HTTPResponse(status: 500, body: Array(#"{"resultCode":"0000"}"#.utf8)), HTTPResponse(status: 200, body: large),
            HTTPResponse(status: 302, fields: ["Location": "https://elsewhere.example/"]),
        ]
        let house = try ConnectorHouse { _, number in answers[number] }
        for _ in answers {
            #expect(await house.post("/stdwpay/std/rest/v1/memunreg", ["wpayUserKey": "A"]).outcome == "unverified")
        }
        #expect(house.wpay.sent.count == 3)
    }

    @Test("A lost answer is told with what it may mean, and a call that changes something is not repeated")
    func lost() async throws {
        let house = try ConnectorHouse { _, _ in throw ScriptedWPay.lost }
        let answer = await house.post("/stdwpay/std/rest/v1/memunreg", ["wpayUserKey": "A"])
        #expect(answer.outcome == "unknown" && answer.json["detail"]?.string?.contains("/stdwpay/std/rest/v1/userinfo") == true)
        #expect(answer.json["netCancel"] == nil && house.wpay.sent.count == 1)
    }
}
