import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: fields of Toss Pay") struct SandboxPayFieldTests {
    @Test("Order numbers, descriptions and refund reasons are taken exactly as Python's regular expressions take them")
    func formats() async throws {
        let desk = PayDesk(house: try await SandboxHouse())
        let orders = [
            "a", "A-1_b:c.d^e@f", String(repeating: "9", count: 50), String(repeating: "9", count: 51), "a b", "주문", "a/b", "a#b", "a\\b",
        ]
        let products = [
            "티셔츠", " ", "a\\b", "a\"b", String(repeating: "가", count: 255), String(repeating: "가", count: 256), "\t\n", "'x' <b>",
        ]
        let reasons = [
            "고객 변심", "a_-:.^@()[]#/!%?&", "a,b", "a'b", "이유\n둘", String(repeating: "가", count: 55), String(repeating: "가", count: 56),
            "ㅋㅋ", "😀", "a+b",
        ]
        let script = #"""
            import sys, json, re
            for line in sys.stdin:
                kind, text = json.loads(line)
                if kind == "orderNo": ok = re.fullmatch(r"[0-9A-Za-z_\-:.^@]{1,50}", text)
                elif kind == "productDesc": ok = len(text) <= 255 and text.strip() and not re.search(r'[\\"]', text)
                else: ok = re.fullmatch(r"[가-힣ㄱ-ㅎㅏ-ㅣa-zA-Z0-9 _\-:.^@()\[\]#/!%?&]{1,55}", text)
                print("yes" if ok else "no")
            """#
        let cases = orders.map { ("orderNo", $0) } + products.map { ("productDesc", $0) } + reasons.map { ("reason", $0) }
        let oracle = try PythonOracle.lines(script, input: cases.map { JSON.array([.string($0.0), .string($0.1)]).text })
        try #require(oracle.count == cases.count)
        for (index, (name, text)) in cases.enumerated() {
            let judgement: Judgement
            if name == "reason" {
                let token = try await desk.paid("paid-\(index)")
                judgement = await desk.refund(token, ["reason": .string(text)])
            } else {
                var body = PayDesk.order("order-\(index)").members ?? [:]
                body[name] = .string(text)
                judgement = await desk.send("make-payment", .object(body))
            }
            if oracle[index] == "yes" {
                #expect(judgement.isSuccess, "\(name) \(text)")
            } else {
                #expect(judgement.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400), "\(name) \(text)")
                #expect(judgement.body["error"]?["data"]?["errorDetails"]?[0]?["field"] == .string(name))
            }
        }
    }

    @Test("Amounts that do not come to the whole are refused by the field that is wrong, unless a setting lets them pass")
    func amounts() async throws {
        let desk = PayDesk(house: try await SandboxHouse())
        func field(_ amount: Int64, _ more: JSON.Members) async -> String? {
            let judgement = await desk.send("make-payment", PayDesk.order("o", amount, more))
            if judgement.isSuccess { return nil }
            #expect(judgement.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
            return judgement.body["error"]?["data"]?["errorDetails"]?[0]?["field"]?.string
        }
        #expect(await field(0, [:]) == "amount")
        #expect(await field(1000, ["amountTaxFree": 400]) == "amountTaxable")
        #expect(await field(1000, ["amountTaxFree": 400, "amountTaxable": 500]) == "amount")
        #expect(await field(1000, ["amountTaxFree": 400, "amountTaxable": 600]) == nil)
        #expect(await field(1000, ["amountVat": 1001]) == "amountVat")
        #expect(await field(1000, ["amountServiceFee": 1001]) == "amountServiceFee")
        #expect(await field(1000, ["installment": "MAYBE"]) == "installment")
        #expect(await field(1000, ["cashReceiptTradeOption": "OTHER"]) == "cashReceiptTradeOption")
        #expect(await field(1000, ["isTestPayment": .null]) == "isTestPayment")
        try await desk.house.set(["pay_amount_check": false])
        #expect(await field(1000, ["amountTaxFree": 400]) == nil)
        #expect(await field(1000, ["amountTaxFree": 400, "amountTaxable": 500]) == nil)
    }

    @Test("A tax of one's own and ways of paying that nobody knows are taken, and pointed out")
    func warnings() async throws {
        let desk = PayDesk(house: try await SandboxHouse())
        let tax = await desk.send("make-payment", PayDesk.order("1", 1100, ["amountVat": 99]))
        #expect(tax.isSuccess && tax.rule == "pay.tax" && tax.verdict?.isBilingual == true)
        let wishes = [
            ("TOSS_MONEY,CARD", 2), ("CARD", 1), ("TOSS_MONEY", 1), ("CARD, TOSS_MONEY", 2), ("VISA", 2), ("CARD,VISA", 2), ("", 2),
        ]
        for (index, (text, methods)) in wishes.enumerated() {
            let judgement = await desk.send("make-payment", PayDesk.order("m-\(index)", 1000, ["enablePayMethods": .string(text)]))
            #expect(judgement.isSuccess, "\(text)")
            let token = try #require(judgement.success["payToken"]?.string)
            let payment = try await desk.house.ask(.get, "/payments/\(token)")
            #expect(payment["enabled_methods"]?.elements?.count == methods, "\(text)")
            #expect(judgement.rule == (text.contains("VISA") || text.isEmpty ? "pay.methods" : nil), "\(text)")
        }
        _ = try await desk.make("2")
        let again = await desk.send("make-payment", PayDesk.order("2"))
        #expect(again.rule == "pay.token-replaced")
    }

    @Test("The payment sheet offers no way that the payment does not, no card of 씨티, and no instalments where there are none")
    func sheet() async throws {
        let desk = PayDesk(house: try await SandboxHouse())
        let token = try await desk.make("o", 10_000, ["installment": "NOT_USE"])
        let wrong: [JSON] = [
            ["method": "CASH"], ["method": "CARD", "card_company": 9], ["method": "CARD", "card_company": 11],
            ["method": "CARD", "installment_months": 3], ["method": "CARD", "installment_months": 1],
            ["method": "TOSS_MONEY", "bank": "999"], ["method": "TOSS_MONEY", "bank": "888"], ["discount": 10_001],
            ["discount": 6000, "points": 5000], ["points": -1], ["colour": "red"], ["method": "CARD", "card_type": "GOLD"],
            ["method": "CARD", "card_user_type": "PET"],
        ]
        for wishes in wrong {
            let (status, answer) = try await desk.house.control(.post, "/payments/\(token)/authenticate", wishes)
            #expect(status == 400, "\(wishes.text) \(answer.text)")
        }
        let (missing, _) = try await desk.house.control(.post, "/payments/none/cancel")
        #expect(missing == 404)
        #expect(try await desk.buyer("authenticate", token, ["discount": 10_000])["payStatus"] == "PAY_APPROVED")
        #expect(await desk.execute(token).success["paidAmount"] == 0)
        let debit = try await desk.make("p")
        let (refused, _) = try await desk.house.control(
            .post, "/payments/\(debit)/authenticate", ["method": "CARD", "card_type": "CHECK", "installment_months": 2])
        #expect(refused == 400)
        let listed = try await desk.house.ask(.get, "/payments?order_no=p")
        #expect(listed["payments"]?.elements?.count == 1)
    }

    @Test("A payment outlives a restart in whatever state it is")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let house = try await SandboxHouse(.file(directory.file("state.db")))
        let desk = PayDesk(house: house)
        let token = try await desk.make("o")
        try await desk.buyer("authenticate", token, ["method": "CARD", "card_company": 3, "points": 10])
        let before = await desk.status(token).success
        await house.database.close()
        let again = try await SandboxHouse(.file(directory.file("state.db")), seed: 2, clocks: house.clocks, authority: house.authority)
        let later = PayDesk(house: again)
        #expect(await later.status(token).success == before)
        #expect(await later.execute(token).success["paidAmount"] == 9990)
    }
}
