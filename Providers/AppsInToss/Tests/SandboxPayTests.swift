import AppsInToss
import Base
import Foundation
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: Toss Pay") struct SandboxPayTests {
    private func desk() async throws -> PayDesk { PayDesk(house: try await SandboxHouse()) }

    @Test("From make to execute with a card: every documented member, the company's code a text here and a number in the status")
    func card() async throws {
        let desk = try await desk()
        let token = try await desk.make("order-1", 50_000)
        #expect(token.utf8.count == 22)
        #expect(await desk.status(token).success["payStatus"] == "PAY_STANDBY")
        try await desk.buyer(
            "authenticate", token,
            ["method": "CARD", "card_company": 10, "installment_months": 3, "no_interest": true, "discount": 1000, "points": 500])
        #expect(await desk.status(token).success["payStatus"] == "PAY_APPROVED")
        let executed = await desk.execute(token, ["orderNo": "order-1"])
        #expect(executed.isSuccess, "\(executed.body.text)")
        let reply = executed.success
        let names = [
            "code", "mode", "orderNo", "amount", "stateMsg", "approvalTime", "discountedAmount", "paidAmount", "payMethod", "payToken",
            "transactionId", "cardCompanyCode", "cardCompanyName", "cardAuthorizationNo", "spreadOut", "noInterest", "salesCheckLinkUrl",
            "cardMethodType", "cardNumber", "cardUserType", "cardNum4Print", "cardBinNumber", "accountBankCode", "accountBankName",
            "accountNumber", "cashReceiptMgtKey", "msg", "errorCode",
        ]
        #expect(reply.members?.names == names)
        #expect(reply["code"] == 0 && reply["mode"] == "TEST" && reply["stateMsg"] == "결제 완료" && reply["payMethod"] == "CARD")
        #expect(reply["amount"] == 50_000 && reply["discountedAmount"] == 1500 && reply["paidAmount"] == 48_500)
        #expect(reply["cardCompanyCode"] == "10" && reply["cardCompanyName"] == "BC" && reply["spreadOut"] == 3)
        #expect(reply["noInterest"] == true && reply["accountBankCode"] == .null && reply["errorCode"] == .null)
        #expect(reply["approvalTime"]?.string == desk.house.clocks.now(.demo).koreanText)
        #expect(UUID(uuidString: reply["transactionId"]?.string ?? "") != nil)

        let status = await desk.status(token).success
        #expect(status["card"]?["cardCompanyCode"] == 10 && status["card"]?["cardNumber"] == reply["cardNumber"])
        #expect(status["payStatus"] == "PAY_COMPLETE" && status["refundableAmount"] == 50_000 && status["paidAmount"] == 48_500)
        #expect(status["discountAmountV2"] == 1000 && status["paidPointV2"] == 500 && status["discountedAmount"] == 1500)
        #expect(status["amountTaxable"] == 50_000 && status["amountVat"] == 4546 && status["amountTaxFree"] == 0)
        #expect(status["disposableCupDeposit"] == 0 && status["accountNumber"] == .null)
        #expect(status["transactions"]?.elements?.count == 1 && status["transactions"]?[0]?["stepType"] == "PAY")
        #expect(status["transactions"]?[0]?["transactionId"] == reply["transactionId"])
        #expect(status["createdTs"]?.string != nil && status["paidTs"] == reply["approvalTime"])
    }

    @Test("Toss money shows an account and no card, and a cash receipt only where one was asked for")
    func tossMoney() async throws {
        let desk = try await desk()
        let token = try await desk.make("order-1", 3000, ["cashReceipt": true, "enablePayMethods": "TOSS_MONEY"])
        let (refused, _) = try await desk.house.control(.post, "/payments/\(token)/authenticate", ["method": "CARD"])
        #expect(refused == 400)
        try await desk.buyer("authenticate", token, ["bank": "092"])
        let reply = await desk.execute(token).success
        #expect(reply["payMethod"] == "TOSS_MONEY" && reply["accountBankCode"] == "092" && reply["accountBankName"] == "토스뱅크")
        #expect(reply["cardCompanyCode"] == .null && reply["spreadOut"] == .null && reply["cashReceiptMgtKey"]?.string != nil)
        let without = try await desk.paid("order-2")
        #expect(await desk.status(without).success["card"] == .null)
        let refunded = await desk.refund(without).success
        #expect(refunded["cashReceiptMgtKey"] == .null)
    }

    @Test("A refund is full, once, negative in the transactions, and settles where the payment was settled")
    func refund() async throws {
        let desk = try await desk()
        let token = try await desk.paid("order-1", 10_000, ["discount": 700, "points": 300])
        let judgement = await desk.refund(token)
        #expect(judgement.isSuccess, "\(judgement.body.text)")
        let reply = judgement.success
        #expect(reply["refundedAmount"] == 10_000 && reply["refundedPaidAmount"] == 9000 && reply["refundedDiscountAmount"] == 1000)
        #expect(reply["refundableAmount"] == 0 && reply["payToken"] == .string(token) && reply["refundNo"]?.string != nil)
        #expect(await desk.refund(token).isRefusal("PAYMENT_INVALID_STATUS", "pay.refund.refunded"))
        let status = await desk.status(token).success
        #expect(status["payStatus"] == "REFUND_SUCCESS" && status["refundableAmount"] == 0)
        let steps = status["transactions"]?.elements ?? []
        #expect(steps.map { $0["stepType"] } == ["PAY", "REFUND"])
        #expect(steps.compactMap { $0["transactionAmount"]?.integer } == [10_000, -10_000])
        for member in ["transactionAmount", "paidAmount", "discountedAmount", "pointAmount"] {
            #expect(steps.compactMap { $0[member]?.integer }.reduce(0, +) == 0, "\(member)")
        }
        #expect(steps[1]["transactionId"] == reply["transactionId"] && steps[0]["transactionId"] != steps[1]["transactionId"])

        let settled = try await desk.paid("order-2")
        try await desk.buyer("settle", settled)
        #expect(await desk.status(settled).success["payStatus"] == "SETTLEMENT_COMPLETE")
        #expect(await desk.refund(settled).isSuccess)
        #expect(await desk.status(settled).success["payStatus"] == "SETTLEMENT_REFUND_COMPLETE")
        let (conflict, _) = try await desk.house.control(.post, "/payments/\(settled)/settle")
        #expect(conflict == 409)
    }

    @Test("Each attempt that the state forbids is refused with its code and its own reason")
    func states() async throws {
        let desk = try await desk()
        let waiting = try await desk.make("waiting")
        #expect(await desk.execute(waiting).isRefusal("PAYMENT_INVALID_STATUS", "pay.execute.not-authenticated"))
        #expect(await desk.refund(waiting).isRefusal("PAYMENT_INVALID_STATUS", "pay.refund.not-paid"))
        let again = try await desk.make("waiting")
        #expect(again != waiting)
        #expect(await desk.execute(waiting).isRefusal("PAYMENT_INVALID_STATUS", "pay.execute.replaced"))
        let cancelled = try await desk.make("cancelled")
        try await desk.buyer("cancel", cancelled)
        #expect(await desk.execute(cancelled).isRefusal("PAYMENT_INVALID_STATUS", "pay.execute.cancelled"))
        #expect(await desk.send("make-payment", PayDesk.order("cancelled")).isSuccess)
        let paid = try await desk.paid("paid")
        #expect(await desk.execute(paid).isRefusal("PAYMENT_EXISTING_PAYMENT", "pay.execute.executed"))
        let used = await desk.send("make-payment", PayDesk.order("paid"))
        #expect(used.isRefusal("PAYMENT_EXISTING_PAYMENT", "pay.order-used"))
        #expect(used.body["error"]?["reason"] == "이미 존재하는 결제입니다.")
        try await desk.buyer("authenticate", again)
        #expect(await desk.send("make-payment", PayDesk.order("waiting")).isRefusal("PAYMENT_EXISTING_PAYMENT", "pay.order-used"))
        let (conflict, _) = try await desk.house.control(.post, "/payments/\(again)/authenticate")
        #expect(conflict == 409)
    }

    @Test("Fifteen minutes for the buyer and fifteen for the merchant on the tenant's clock, to the second")
    func lapses() async throws {
        let desk = try await desk()
        let clocks = desk.house.clocks
        let first = try await desk.make("first")
        clocks.advance(.seconds(899))
        try await desk.buyer("authenticate", first)
        clocks.advance(.seconds(899))
        #expect(await desk.execute(first).isSuccess)
        let second = try await desk.make("second")
        clocks.advance(.seconds(900))
        let (status, _) = try await desk.house.control(.post, "/payments/\(second)/authenticate")
        #expect(status == 409)
        #expect(await desk.status(second).success["payStatus"] == "PAY_CANCEL")
        let third = try await desk.make("third")
        try await desk.buyer("authenticate", third)
        #expect(await desk.house.sandbox.settle(.demo) == clocks.now(.demo) + .seconds(900))
        clocks.advance(.seconds(900))
        #expect(await desk.execute(third).isRefusal("PAYMENT_INVALID_STATUS", "pay.execute.lapsed"))
        #expect(await desk.send("make-payment", PayDesk.order("third")).isRefusal("PAYMENT_EXISTING_PAYMENT", "pay.order-used"))
    }

    @Test("Whoever else's payment it is, it does not exist; the developer is told whose it is")
    func others() async throws {
        let desk = try await desk()
        let token = try await desk.paid("order-1")
        let (door, stranger) = try await desk.house.makeApp("other-app")
        let foreign = PayDesk(house: desk.house, user: stranger, door: door)
        #expect(await foreign.status(token).isRefusal("PAYMENT_NOT_FOUND", "pay.other-app"))
        #expect(await foreign.refund(token).isRefusal("PAYMENT_NOT_FOUND", "pay.other-app"))
        var neighbour = desk
        neighbour.user = Int64(AppsInTossDemonstration.reluctantUserKey)
        #expect(await neighbour.execute(token).isRefusal("PAYMENT_NOT_FOUND", "pay.other-user"))
        #expect(await desk.status("A").isRefusal("PAYMENT_NOT_FOUND", "pay.token-unknown"))
        #expect(await desk.execute(token, ["isTestPayment": false]).isRefusal("PAYMENT_NOT_FOUND", "pay.test-flag"))
        #expect(await desk.execute(token, ["orderNo": "order-2"]).isRefusal("PAYMENT_NOT_FOUND", "pay.other-order"))
        let anonymous = await desk.house.send(
            "make-payment", PayDesk.order("order-9"), fields: [("x-anon-key", AppsInTossDemonstration.anonymousKey)])
        #expect(anonymous.isSuccess)
        let both = await desk.house.send(
            "make-payment", PayDesk.order("order-8"), user: desk.user, fields: [("x-anon-key", AppsInTossDemonstration.anonymousKey)])
        #expect(both.isRefusal("INVALID_PARAMETER", "user.both-headers", status: 400))
        #expect(await desk.house.send("make-payment", PayDesk.order("order-7")).isRefusal("INVALID_PARAMETER", "user.missing", status: 400))
    }

    @Test("get-payment-status finds by either name, by both where a setting wants it, and tests apart from real payments")
    func look() async throws {
        let desk = try await desk()
        let token = try await desk.make("order-1")
        let live = try await desk.make("order-1", 10_000, ["isTestPayment": false])
        func ask(_ body: JSON) async -> Judgement { await desk.send("get-payment-status", body) }
        #expect(await ask(["orderNo": "order-1", "isTestPayment": true]).success["payToken"] == .string(token))
        let real = await ask(["orderNo": "order-1", "isTestPayment": false])
        #expect(real.success["payToken"] == .string(live) && real.success["mode"] == "LIVE")
        #expect(await ask(["isTestPayment": true]).isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        #expect(await ask(["orderNo": "x", "isTestPayment": true]).isRefusal("PAYMENT_NOT_FOUND", "pay.order-unknown"))
        _ = try await desk.make("only-test")
        #expect(await ask(["orderNo": "only-test", "isTestPayment": false]).isRefusal("PAYMENT_NOT_FOUND", "pay.test-flag"))
        try await desk.house.set(["pay_status_needs": "both", "pay_test_flag": "openapi"])
        let half = await ask(["orderNo": "order-1", "isTestPayment": true])
        #expect(half.isRefusal("INVALID_PARAMETER", "field.invalid", status: 400))
        #expect(half.body["error"]?["data"]?["errorDetails"]?[0]?["field"] == "payToken")
        let both = await ask(["orderNo": "order-1", "payToken": .string(token), "isTestPayment": true])
        #expect(both.success["mode"] == "LIVE")
    }

    @Test("The bank's break and a bad key refuse by a switch, each only what it concerns")
    func switches() async throws {
        let desk = try await desk()
        let token = try await desk.make("order-1")
        try await desk.buyer("authenticate", token)
        try await desk.house.set(["pay_bank_break_time": true])
        #expect(await desk.execute(token).isRefusal("COMMON_BREAK_TIME_OF_BANK", "pay.bank-break"))
        #expect(await desk.status(token).isSuccess)
        try await desk.house.set(["pay_bank_break_time": false, "pay_invalid_api_key": true])
        for judgement in [await desk.execute(token), await desk.status(token), await desk.send("make-payment", PayDesk.order("2"))] {
            #expect(judgement.isRefusal("COMMON_INVALID_API_KEY", "pay.api-key"))
        }
        try await desk.house.set(["pay_invalid_api_key": false])
        #expect(await desk.execute(token).isSuccess)
    }

    @Test("A slow bank leaves the outcome open: HTTP_TIMEOUT, PAY_PROGRESS, and paid as of its own moment")
    func slow() async throws {
        let desk = try await desk()
        let token = try await desk.make("order-1")
        try await desk.buyer("authenticate", token)
        try await desk.house.set(["pay_execute_seconds": 5, "pay_refund_seconds": 7])
        let paidAt = desk.house.clocks.now(.demo) + .seconds(5)
        let open = await desk.execute(token)
        #expect(open.isRefusal("INTERNAL_ERROR", "pay.slow-bank", resultType: "HTTP_TIMEOUT"))
        #expect(await desk.status(token).success["payStatus"] == "PAY_PROGRESS")
        #expect(await desk.execute(token).isRefusal("PAYMENT_EXISTING_PAYMENT", "pay.execute.executed"))
        desk.house.clocks.advance(.seconds(3600))
        let status = await desk.status(token).success
        #expect(status["payStatus"] == "PAY_COMPLETE" && status["paidTs"]?.string == paidAt.koreanText)
        #expect(await desk.refund(token).isRefusal("INTERNAL_ERROR", "pay.slow-bank", resultType: "HTTP_TIMEOUT"))
        #expect(await desk.status(token).success["payStatus"] == "REFUND_PROGRESS")
        desk.house.clocks.advance(.seconds(7))
        #expect(await desk.status(token).success["payStatus"] == "REFUND_SUCCESS")
    }

    @Test("Fifty simultaneous executions of one payToken pay once, and fifty refunds refund once")
    func atOnce() async throws {
        let desk = try await desk()
        let token = try await desk.make("order-1")
        try await desk.buyer("authenticate", token)
        func all(_ call: @escaping @Sendable () async -> Judgement) async -> [Judgement] {
            await withTaskGroup(of: Judgement.self) { group in
                for _ in 0..<50 { group.addTask { await call() } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        let executed = await all { await desk.execute(token) }
        #expect(executed.filter(\.isSuccess).count == 1)
        #expect(executed.filter { $0.code == "PAYMENT_EXISTING_PAYMENT" }.count == 49)
        let refunded = await all { await desk.refund(token) }
        #expect(refunded.filter(\.isSuccess).count == 1)
        #expect(refunded.filter { $0.code == "PAYMENT_INVALID_STATUS" }.count == 49)
        #expect(await desk.status(token).success["transactions"]?.elements?.count == 2)
    }
}
