import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

@Suite("What the Swift client says when a call fails, and what it never does")
struct ClientFailureTests {
    private func client(_ network: ScriptedNetwork, time: any TimeSource = SystemTime()) -> BootpayClient {
        BootpayClient(applicationID: "application", privateKey: Secret("key"), exchange: network, time: time)
    }

    private func error(of body: () async throws(BootpayError) -> Void) async -> BootpayError? {
        do throws(BootpayError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    private static let refusal = Array(#"{"status":401,"code":-2400,"message":"올바르지 않은 접근입니다."}"#.utf8)

    @Test("The outcome of a failed exchange is carried over", arguments: [HTTPExchangeError.Outcome.notSent, .unknown])
    func exchangeFailures(_ outcome: HTTPExchangeError.Outcome) async {
        let network = ScriptedNetwork(afterToken: { _ in throw HTTPExchangeError(.connectionLost, outcome: outcome, message: "gone") })
        let failed = await error { () throws(BootpayError) in _ = try await client(network).cancel(CancelRequest(receiptID: "1")) }
        #expect(failed?.code == .unreachable)
        #expect(failed?.outcome == (outcome == .notSent ? .notSent : .unknown))
        #expect(failed?.mayHaveActed == (outcome == .unknown))
        #expect(network.calls.count == 1)
    }

    @Test("An answer that cannot be read leaves a cancel's outcome unknown; a server's fault may have acted")
    func oddAnswers() async {
        let html = ScriptedNetwork(afterToken: { _ in HTTPResponse(status: 200, body: Array("<html>".utf8)) })
        let unread = await error { () throws(BootpayError) in _ = try await client(html).cancel(CancelRequest(receiptID: "1")) }
        #expect(unread?.code == .unreadableAnswer)
        #expect(unread?.outcome == .unknown)
        let fault = ScriptedNetwork(afterToken: { _ in HTTPResponse(status: 502, body: Array("<html>".utf8)) })
        let unknown = await error { () throws(BootpayError) in _ = try await client(fault).cancel(CancelRequest(receiptID: "1")) }
        #expect(unknown?.outcome == .unknown)
        let enveloped = ScriptedNetwork(afterToken: { _ in
            HTTPResponse(status: 500, body: Array(#"{"status":500,"code":-15006,"message":"금액오류","data":{"ResultCode":"3041"}}"#.utf8))
        })
        let refused = await error { () throws(BootpayError) in _ = try await client(enveloped).cancel(CancelRequest(receiptID: "1")) }
        #expect(refused?.outcome == .refused(status: 500, code: -15006))
        #expect(refused?.mayHaveActed == true)
        #expect(refused?.providerMessage == "금액오류")
        #expect(refused?.description.contains("금액오류") == false)
        // An envelope that says failure although the status line does not.
        let disguised = ScriptedNetwork(afterToken: { _ in
            HTTPResponse(status: 200, body: Array(#"{"status":422,"code":-4221,"message":"x"}"#.utf8))
        })
        let hidden = await error { () throws(BootpayError) in _ = try await client(disguised).submit("1") }
        #expect(hidden?.outcome == .refused(status: 422, code: -4221))
    }

    @Test("A refused token is renewed, and a read repeated once; a call that moves money is not")
    func refusedTokens() async {
        let time = SystemTime()
        let tokens = Locked(0)
        let network = ScriptedNetwork { request in
            if request.target == "/request/token" {
                let number = tokens.withLock { tokens in
                    tokens += 1
                    return tokens
                }
                let body =
                    #"{"status":200,"code":0,"message":"","data":{"token":"t\#(number)","server_time":1767225600,"expired_at":1767227400}}"#
                return HTTPResponse(status: 200, body: Array(body.utf8))
            }
            return HTTPResponse(status: 401, body: ClientFailureTests.refusal)
        }
        let client = client(network, time: time)
        let read = await error { () throws(BootpayError) in _ = try await client.verify("1") }
        #expect(read?.code == .accessDenied)
        #expect(network.calls.map { $0.fields["Authorization"] } == ["t1", "t2"])
        let money = await error { () throws(BootpayError) in _ = try await client.cancel(CancelRequest(receiptID: "1")) }
        #expect(money?.outcome == .refused(status: 401, code: -2400))
        #expect(network.calls.count == 3)
    }

    @Test("What makes no sense is refused before anything leaves")
    func invalidRequests() async {
        let network = ScriptedNetwork(afterToken: { _ in HTTPResponse(status: 200) })
        let client = client(network)
        var key = ChargeRequest(billingKey: "", itemName: "i", price: 100, orderID: "o")
        let errors = [
            await error { () throws(BootpayError) in _ = try await client.verify("") },
            await error { () throws(BootpayError) in _ = try await client.verify("..") },
            await error { () throws(BootpayError) in _ = try await client.cancel(CancelRequest(receiptID: "")) },
            await error { () throws(BootpayError) in _ = try await client.cancel(CancelRequest(receiptID: "1", price: 0)) },
            await error { () throws(BootpayError) in _ = try await client.cancel(CancelRequest(receiptID: "1", price: -5)) },
            await error { () throws(BootpayError) in _ = try await client.charge(key) },
            await error { () throws(BootpayError) in try await client.deleteBillingKey("") },
            await error { () throws(BootpayError) in
                _ = try await client.paymentLink(PaymentLinkRequest(price: 99, orderID: "o", name: "n"))
            },
        ]
        key.billingKey = "k"
        for error in errors {
            #expect(error?.code == .invalidRequest)
            #expect(error?.outcome == .notSent)
        }
        #expect(network.calls.isEmpty)
        #expect(network.tokenCalls == 0)
    }

    @Test("An id cannot change what is called")
    func pathInjection() async {
        let network = ScriptedNetwork(afterToken: { _ in HTTPResponse(status: 404, body: Array("{}".utf8)) })
        _ = await error { () throws(BootpayError) in try await client(network).deleteBillingKey("reserve/1?x=\r\n가") }
        #expect(network.calls.map(\.target) == ["/subscribe/billing/reserve%2F1%3Fx%3D%0D%0A%EA%B0%80"])
    }

    @Test("Requests say what Bootpay's documentation asks for, and leave out what was not given")
    func requestBodies() async throws {
        let network = ScriptedNetwork(afterToken: { _ in HTTPResponse(status: 404) })
        let client = client(network)
        var cancel = CancelRequest(receiptID: "r", price: 1500, random: SeededRandom())
        cancel.refund = CancelRequest.RefundAccount(account: "110", holder: "홍길동", bankCode: "088")
        _ = try? await client.cancel(cancel)
        var charge = ChargeRequest(billingKey: "k", itemName: "i", price: 60_000, orderID: "o")
        charge.instalmentMonths = 3
        charge.feedbackURL = "https://shop.example/feedback"
        charge.items = [OrderItem(name: "책", quantity: 2, id: "b1", price: 30_000, categories: ["a", "b", "c", "d"])]
        _ = try? await client.reserve(charge, at: Timestamp(unixSeconds: 1_800_000_000))
        let bodies = try network.calls.map { try JSON($0.body) }
        #expect(
            bodies == [
                [
                    "receipt_id": "r", "cancel_id": .string(cancel.cancelID), "price": 1500,
                    "refund": ["account": "110", "accountholder": "홍길동", "bankcode": "088"],
                ],
                [
                    "billing_key": "k", "item_name": "i", "price": 60_000, "order_id": "o", "quota": 3,
                    "items": [["item_name": "책", "qty": 2, "unique": "b1", "price": 30_000, "cat1": "a", "cat2": "b", "cat3": "c"]],
                    "feedback_url": "https://shop.example/feedback", "feedback_content_type": "urlencoded", "execute_at": 1_800_000_000,
                    "scheduler_type": "oneshot",
                ],
            ])
        #expect(network.calls.allSatisfy { $0.fields["Content-Type"] == "application/json" && $0.fields["Authorization"] == "t0ken" })
        #expect(CancelRequest(receiptID: "r").cancelID != CancelRequest(receiptID: "r").cancelID)
        #expect(cancel.cancelID.utf8.count == 32)
    }

    @Test("Amounts and numbers are read as numbers, floats and texts; an unknown status is kept; a missing one is not guessed")
    func lenientReading() throws {
        for price in ["11000", "11000.0", "\"11000\"", "\"11000.0\"", "1.1e4"] {
            let json = try JSON(Array(#"{"receipt_id":"1","price":\#(price),"status":"77","order_id":5,"unit":"KRW"}"#.utf8))
            let receipt = try #require(PaymentReceipt(json))
            #expect(receipt.price == 11_000)
            #expect(receipt.status == PaymentStatus(rawValue: 77))
            #expect(receipt.orderID == "5")
            #expect(receipt.currency == "krw")
        }
        for text in [
            #"{"receipt_id":"1","price":100}"#, #"{"receipt_id":"1","status":1}"#, #"{"price":100,"status":1}"#,
            #"{"receipt_id":"1","price":100.5,"status":1}"#, #"{"receipt_id":"1","price":"","status":1}"#, "null", "[]",
        ] {
            #expect(PaymentReceipt(try JSON(Array(text.utf8))) == nil)
        }
    }

    @Test("An amount in another currency is not the amount that was expected")
    func otherCurrency() async {
        let network = ScriptedNetwork(afterToken: { _ in
            HTTPResponse(
                status: 200,
                body: Array(#"{"status":200,"code":0,"data":{"receipt_id":"1","price":1000,"status":1,"unit":"usd"}}"#.utf8))
        })
        let failed = await error { () throws(BootpayError) in _ = try await client(network).verify("1", expecting: 1000) }
        #expect(failed?.code == .amountDiffers)
    }

    @Test("Requests, receipts and errors print without personal data")
    func printing() throws {
        let card = CardDetails(
            number: "5570421234561074", passwordPrefix: "17", expiryYear: "30", expiryMonth: "12", identity: "840101")
        let request = BillingKeyRequest(
            pg: "nicepay", orderID: "o", itemName: "i", card: card,
            shopper: Shopper(name: "홍길동", email: "hong@example.com", phone: "01012345678"))
        let json = try JSON(
            Array(
                #"{"receipt_id":"1","price":1,"status":1,"payment_data":{"card_no":"557042******1074","username":"홍길동","account":"110-1"}}"#
                    .utf8))
        let receipt = try #require(PaymentReceipt(json))
        #expect(receipt.details.cardNumber?.reveal() == "557042******1074")
        var dumped = ""
        dump(request, to: &dumped)
        dump(receipt, to: &dumped)
        for text in ["\(request)", String(reflecting: request), "\(receipt)", String(reflecting: receipt), dumped] {
            for secret in ["5570", "1074", "840101", "홍길동", "hong@", "010123", "110-1"] {
                #expect(!text.contains(secret), "\(secret) in \(text)")
            }
        }
        #expect("\(receipt)".contains("[redacted]"))
    }
}
