import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: pages, from a merchant's form to the callback")
struct SandboxPageTests {
    /// All pages, those that end the member last.
    private static let rows = WPayTables.all.filter { $0.isPage && $0.replyIsSigned }.map(\.identifier)
        .sorted { !$0.hasSuffix("mypage") && $1.hasSuffix("mypage") }
    private static let registrations = rows.filter { $0.contains("payreg/") }

    /// Presses the button that goes on.
    private func approve(_ row: String, _ page: Judgement, _ house: SandboxHouse, number: Int) async throws -> Judgement {
        var entries = try SandboxHouse.entries(row, number: number)
        if let chosen = page.text.firstMatch(of: /name="means" value="([0-9a-f]{16})" required checked/) {
            entries["means"] = String(chosen.output.1)
        }
        return try await house.press(row.hasSuffix("mypage") ? "leave" : "approve", on: page, entries)
    }

    @Test("Each page opens for a signed form, and what is approved on it goes back with every field of its order, signed")
    func approved() async throws {
        let rows = Self.rows.filter { $0 != "old/mypage" }
        let calls = try SandboxOracle.calls(try rows.map { try SandboxHouse.order($0) })
        let house = try await SandboxHouse()
        var answers: [Judgement] = []
        for (number, (row, call)) in zip(rows, calls).enumerated() {
            let page = await house.send(call)
            #expect(page.reply.status == 200 && page.route == row && page.tenant == .demo && page.verdict == nil, "\(row)")
            answers.append(try await approve(row, page, house, number: number))
        }
        let pages = try SeenPage.read(answers.map(\.text))
        let forms = try zip(rows, pages).map { row, page in try #require(page.callback, "\(row): \(page.text)") }
        for (row, (form, opened)) in zip(rows, zip(forms, try SandboxOracle.opened(zip(rows, forms).map { ($0, $1.json) }))) {
            let opened = try #require(opened, "\(row)")
            let api = try #require(WPayTables.api(identifier: row))
            #expect(form.method == "post" && form.action == "https://shop.example/return?id=5", "\(row)")
            #expect(opened["resultCode"] == "0000" && opened["wtid"]?.utf8.count == 20, "\(row): \(opened)")
            #expect(form.fields.map(\.name).prefix(api.signedReply.count).elementsEqual(api.signedReply.map(\.name)), "\(row)")
            #expect(Set(form.fields.map(\.name)) == Set(api.reply.map(\.name)).union(["signature"]), "\(row)")
            if api.requestField("oid") != nil, api.replyField("oid") != nil { #expect(opened["oid"] == "ORDER-7", "\(row)") }
        }
        #expect(rows.count == Self.rows.count - 1)
    }

    @Test(
        "Cancelled and failed pages go back with every field too, signed, with 9999 and nothing that came of them",
        arguments: ["cancel", "fail"])
    func unfinished(_ button: String) async throws {
        let rows = Self.rows.filter { !$0.hasSuffix("mypage") }
        let calls = try SandboxOracle.calls(try rows.map { try SandboxHouse.order($0) })
        let house = try await SandboxHouse()
        var answers: [Judgement] = []
        for call in calls { answers.append(try await house.press(button, on: await house.send(call))) }
        let forms = try SeenPage.read(answers.map(\.text)).map { try #require($0.callback) }
        for (row, (answer, opened)) in zip(rows, zip(answers, try SandboxOracle.opened(zip(rows, forms).map { ($0, $1.json) }))) {
            let opened = try #require(opened, "\(row)")
            #expect(opened["resultCode"] == "9999" && opened["wtid"] == "" && opened["wpayToken"] ?? "" == "", "\(row): \(opened)")
            #expect(answer.verdict?.rule == (button == "cancel" ? "page.cancelled" : "page.failed"), "\(row)")
        }
        #expect(try await house.control(.get, "/transactions").1.elements?.isEmpty == true)
    }

    @Test("A form whose signature is wrong gets an error page that says where to look, and nothing of it goes anywhere")
    func wrongSignature() async throws {
        let house = try await SandboxHouse()
        let answer = try await house.send(try SandboxHouse.order("payauth/card", mistake: "label"))
        #expect(answer.reply.status == 400 && answer.verdict?.kind == .refused && answer.verdict?.isBilingual == true)
        let page = try SeenPage.read([answer.text])[0]
        #expect(page.forms.isEmpty && !answer.text.contains("shop.example"))
        #expect(page.addresses == ["http://127.0.0.1:8600/-/requests?provider=wpay&kind=refused&limit=1"])

        try await house.set(["wrong_signature_on_pages": "callback"])
        let called = try await house.send(try SandboxHouse.order("payauth/card", mistake: "label"))
        let form = try #require(try SeenPage.read([called.text])[0].callback)
        let opened = try #require(try SandboxOracle.opened([("payauth/card", form.json)])[0])
        #expect(form.action == "https://shop.example/return?id=5" && opened["resultCode"] == "9999" && opened["oid"] == "ORDER-7")
        #expect(opened["wpayUserKey"] == "")
    }

    @Test("What is wrong with a form that the merchant certainly signed goes back to the merchant")
    func signedButWrong() async throws {
        let house = try await SandboxHouse()
        for (more, rule) in [
            (["wpayToken": "WT209901010000000001"], "token.unknown"), (["wpayUserKey": "WU209901010000000001"], "member.unknown"),
            (["goodsPrice": "0"], "price.zero"), (["goodsPrice": "1,000"], "field.value"), (["bankCardCode": "99"], "token.bank-card-code"),
        ] {
            let answer = try await house.open("payauth/card", more)
            let form = try #require(try SeenPage.read([answer.text])[0].callback, "\(rule)")
            #expect(
                answer.verdict?.rule == rule && form.value("resultCode") == "9999" && form.value("signature")?.utf8.count == 64, "\(rule)")
        }
    }

    @Test("Who is a member already is not asked again: 2006 with the same user key")
    func alreadyMember() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("memreg", ["userId": DemoData.userID])
        let form = try #require(try SeenPage.read([page.text])[0].callback)
        let opened = try #require(try SandboxOracle.opened([("memreg", form.json)])[0])
        #expect(opened["resultCode"] == "2006" && opened["wpayUserKey"] == DemoData.userKey)
    }

    @Test("The same card again is 7028 with the token it had")
    func alreadyRegistered() async throws {
        let house = try await SandboxHouse()
        var tokens: [String] = []
        for _ in 0..<2 {
            let page = try await house.open("payreg/card")
            let answer = try await house.press("approve", on: page, SandboxHouse.entries("payreg/card"))
            let form = try #require(try SeenPage.read([answer.text])[0].callback)
            let opened = try #require(try SandboxOracle.opened([("payreg/card", form.json)])[0])
            tokens.append(opened["wpayToken"] ?? "")
            #expect(opened["resultCode"] == (tokens.count == 1 ? "0000" : "7028") && opened["bankCardNo"] == "941000******1000")
        }
        #expect(tokens[0] == tokens[1] && tokens[0].utf8.count == 20)
    }

    @Test("What cannot be is asked for again, with what was typed in still there")
    func typedWrong() async throws {
        let house = try await SandboxHouse()
        let card = try await house.open("payreg/card")
        let right = try SandboxHouse.entries("payreg/card")
        for (name, value, words) in [
            ("number", "9410", "카드 번호"), ("number", "abcd", "카드번호"), ("expiry", "1330", "유효기간"), ("expiry", "0120", "유효기간"),
        ] {
            let again = try await house.press("approve", on: card, right.merging([name: value]) { $1 })
            #expect(again.text.contains("role=\"alert\"") && again.text.contains(words), "\(name) \(value)")
            #expect(again.text.contains("value=\"\(value)\"") && again.text.contains("value=\"내 카드\""), "\(name) \(value)")
        }
        let join = try await house.open("memreg")
        let person = try SandboxHouse.entries("memreg")
        for (name, value) in [
            ("new-pin", "12345"), ("new-pin-again", "111111"), ("birth", "19910231"), ("name", " "), ("phone", "1"), ("agreed", "N"),
        ] {
            let again = try await house.press("approve", on: join, person.merging([name: value]) { $1 })
            #expect(again.text.contains("role=\"alert\"") && !again.text.contains("id=\"callback\""), "\(name) \(value)")
        }
        #expect(try await house.press("approve", on: join, person).text.contains("id=\"callback\""))
    }

    @Test("Fields that the merchant wants read-only stay as the merchant has them")
    func readOnly() async throws {
        let house = try await SandboxHouse()
        let page = try await house.open("memreg", ["optReadOnly": "userNm,birthDay", "userId": "reader"])
        #expect(page.text.contains("value=\"박방문\" maxlength=\"30\" required readonly"))
        _ = try await house.press(
            "approve", on: page, SandboxHouse.entries("memreg").merging(["name": "남의이름", "birth": "20000101"]) { $1 })
        let joined = try await house.control(.get, "/members").1.elements?.first { $0["userId"] == "reader" }
        #expect(joined?["person"]?["userNm"] == "박방문" && joined?["person"]?["birthDay"] == "19910203")
        #expect(joined?["person"]?["hNum"] == "01011112222" && joined?["has_pin"] == true)
    }
}
