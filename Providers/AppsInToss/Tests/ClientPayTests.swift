import Base
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss: client, payments")
struct ClientPayTests {
    private let user = AppsInTossUser.userKey(443_731_104)

    private static func status(_ word: String) -> JSON {
        [
            "mode": "TEST", "payToken": "p", "orderNo": "o", "payStatus": .string(word), "payMethod": "CARD", "amount": 1000,
            "discountedAmount": 100,
            "paidAmount": 900, "refundableAmount": 1000, "accountBankCode": nil,
            "card": ["cardCompanyCode": 3, "cardCompanyName": "삼성", "cardNumber": "1234****", "noInterest": false, "spreadOut": 0],
            "transactions": [
                [
                    "stepType": "PAY", "transactionId": "t-1", "transactionAmount": 1000, "paidAmount": 900, "discountedAmount": 100,
                    "regTs": "2026-01-01 09:00:00",
                ],
                [
                    "stepType": "REFUND", "transactionId": "t-2", "transactionAmount": -1000, "paidAmount": -900,
                    "regTs": "2026-01-01 09:05:00",
                ],
            ],
            "createdTs": "2026-01-01 08:59:00", "paidTs": "2026-01-01 09:00:00",
        ]
    }

    private static let executed: JSON = [
        "code": 0, "mode": "TEST", "payToken": "p", "orderNo": "o", "amount": 1000, "paidAmount": "900", "discountedAmount": 100,
        "payMethod": "CARD",
        "transactionId": "t-1", "approvalTime": "2026-01-01 09:00:00", "cardCompanyCode": "3", "cardCompanyName": "삼성", "noInterest": false,
        "cardNumber": "1234****", "cardMethodType": "CREDIT", "accountBankCode": nil, "msg": nil, "errorCode": nil,
    ]

    /// Answers execute and refund with the first, and each get-payment-status with the next of `statuses`.
    private func client(_ first: Result<HTTPResponse, HTTPExchangeError>, _ statuses: [String]) -> (AppsInTossClient, ClientScript) {
        let asked = Locked(0)
        let script = ClientScript { call, _ in
            guard call.name == "get-payment-status" else { return try first.get() }
            let index = asked.withLock { count in
                count += 1
                return count - 1
            }
            guard let word = statuses.isEmpty ? nil : statuses[min(index, statuses.count - 1)] else { throw ClientScript.unreachable }
            return ClientScript.success(ClientPayTests.status(word))
        }
        return (AppsInTossClient(script), script)
    }

    @Test("An executed payment is read with amounts as numbers or texts, and the card company's code as either")
    func execute() async throws {
        let (client, script) = client(.success(ClientScript.success(Self.executed)), [])
        let paid = try await client.pay.execute("p", orderNo: "o", isTestPayment: true, for: user)
        #expect(paid.amount == 1000 && paid.paidAmount == 900 && paid.method == .card && paid.transactionID == "t-1" && paid.mode == .test)
        #expect(paid.card?.companyCode == 3 && paid.card?.company?.name == "삼성" && paid.account == nil && paid.foundByEnquiry == nil)
        #expect(paid.approvedAt == Timestamp(unixSeconds: 1_767_225_600))
        #expect(script.sent[0].body == ["payToken": "p", "orderNo": "o", "isTestPayment": true])
        #expect(script.names == ["execute-payment"])
        let status = try #require(PaymentStatus(Self.status("PAY_COMPLETE")))
        #expect(status.card?.companyCode == 3 && status.transactions.map(\.amount) == [1000, -1000] && !"\(status)".contains("1234"))
    }

    @Test(
        "A lost answer to execute-payment is settled by asking, and execute-payment is never sent twice",
        arguments: [["PAY_COMPLETE"], ["PAY_PROGRESS", "PAY_COMPLETE"], ["SETTLEMENT_COMPLETE"]])
    func lostButPaid(_ statuses: [String]) async throws {
        for first in [
            .failure(ClientScript.lost), .success(HTTPResponse(status: 502, fields: [:], body: [])),
            .success(ClientScript.response(["resultType": "HTTP_TIMEOUT"])), .success(ClientScript.failure(.internalError)),
        ] as [Result<HTTPResponse, HTTPExchangeError>] {
            let (client, script) = client(first, statuses)
            let paid = try await client.pay.execute("p", orderNo: "o", isTestPayment: false, for: user)
            #expect(paid.foundByEnquiry?.status.isPaid == true && paid.transactionID == "t-1" && paid.paidAmount == 900)
            #expect(script.names == ["execute-payment"] + Array(repeating: "get-payment-status", count: statuses.count))
            #expect(script.sent[1].body == ["payToken": "p", "orderNo": "o", "isTestPayment": false])
        }
    }

    @Test(
        "A payment that the enquiry shows as waiting stays unknown, a cancelled one is not executed, and no answer at all leaves the first failure"
    )
    func lostAndUnpaid() async {
        let (waiting, script) = client(.failure(ClientScript.lost), ["PAY_APPROVED"])
        let error = await clientFailure { try await waiting.pay.execute("p", isTestPayment: false, for: user) }
        #expect(
            error?.outcome == .unknown && error?.payment?.status == .approved && error?.message.english.contains("PAY_APPROVED") == true)
        #expect(script.names == ["execute-payment"] + Array(repeating: "get-payment-status", count: 3))
        let (cancelled, _) = client(.failure(ClientScript.lost), ["PAY_CANCEL"])
        let second = await clientFailure { try await cancelled.pay.execute("p", isTestPayment: false, for: user) }
        #expect(second?.code == .notExecuted && second?.outcome == .refused && second?.payment?.status == .cancelled)
        let (onItsWayBack, _) = client(.failure(ClientScript.lost), ["REFUND_PROGRESS"])
        #expect(await clientFailure { try await onItsWayBack.pay.execute("p", isTestPayment: false, for: user) }?.outcome == .unknown)
        let (silent, _) = client(.failure(ClientScript.lost), [])
        let third = await clientFailure { try await silent.pay.execute("p", isTestPayment: false, for: user) }
        #expect(third?.outcome == .unknown && third?.payment == nil && third?.code == .unreachable)
    }

    @Test("What never left, and what was refused, is not asked about")
    func notAsked() async {
        for first in [.failure(ClientScript.unreachable), .success(ClientScript.failure(.paymentExists))]
            as [Result<HTTPResponse, HTTPExchangeError>]
        {
            let (client, script) = client(first, ["PAY_COMPLETE"])
            #expect(await clientFailure { try await client.pay.execute("p", isTestPayment: false, for: user) }?.outcome != .unknown)
            #expect(script.names == ["execute-payment"])
        }
    }

    @Test("An answer about another payment is not believed, and an error code inside a success is asked about")
    func contradictions() async throws {
        var other = Self.executed.members ?? [:]
        other["payToken"] = "q"
        let (client, script) = client(.success(ClientScript.success(.object(other))), ["PAY_COMPLETE"])
        let error = await clientFailure { try await client.pay.execute("p", isTestPayment: false, for: user) }
        #expect(error?.outcome == .unverified && script.names == ["execute-payment"])
        for (name, value) in [("code", 1), ("errorCode", "X_1")] as [(String, JSON)] {
            var content = Self.executed.members ?? [:]
            content[name] = value
            let (odd, sent) = self.client(.success(ClientScript.success(.object(content))), ["PAY_COMPLETE"])
            #expect(try await odd.pay.execute("p", isTestPayment: false, for: user).foundByEnquiry != nil)
            #expect(sent.names == ["execute-payment", "get-payment-status"])
        }
    }

    @Test("A lost refund is settled by asking, and refund-payment is never sent twice")
    func refunds() async throws {
        let (whole, direct) = client(
            .success(
                ClientScript.success(["refundNo": "r-1", "refundedAmount": 1000, "payToken": "p", "approvalTime": "2026-01-01 09:05:00"])),
            [])
        let refund = try await whole.pay.refund("p", reason: "고객 변심", isTestPayment: true, for: user)
        #expect(
            refund.refundNo == "r-1" && refund.refundedAmount == 1000
                && direct.sent[0].body == ["payToken": "p", "reason": "고객 변심", "isTestPayment": true])
        let (lost, script) = client(.failure(ClientScript.lost), ["REFUND_PROGRESS", "REFUND_SUCCESS"])
        let found = try await lost.pay.refund("p", reason: "x", isTestPayment: false, for: user)
        #expect(found.transactionID == "t-2" && found.refundedAmount == 1000 && found.foundByEnquiry?.status == .refunded)
        #expect(script.names == ["refund-payment", "get-payment-status", "get-payment-status"])
        let (still, _) = client(.failure(ClientScript.lost), ["PAY_COMPLETE"])
        let error = await clientFailure { try await still.pay.refund("p", reason: "x", isTestPayment: false, for: user) }
        #expect(error?.outcome == .unknown && error?.payment?.status == .complete)
        #expect(
            await clientFailure { try await still.pay.refund("p", reason: "금지 문자;", isTestPayment: false, for: user) }?.code
                == .invalidRequest)
    }

    @Test("Payments that make no sense are refused before they are sent")
    func invalid() async {
        let script = ClientScript(.success(ClientScript.success(["payToken": "p"])))
        let client = AppsInTossClient(script)
        let good = PaymentRequest(orderNo: "o", productDescription: "사과", amount: 1000, taxFreeAmount: 0, isTestPayment: true)
        var bad: [PaymentRequest] = []
        for change in [
            { $0.orderNo = "한글" }, { $0.productDescription = "\"" }, { $0.amount = 0 }, { $0.amount = -1 }, { $0.taxFreeAmount = 1001 },
            { $0.taxFreeAmount = 1 }, { $0.tax = -1 },
        ] as [(inout PaymentRequest) -> Void] {
            var request = good
            change(&request)
            bad.append(request)
        }
        for request in bad { #expect(await clientFailure { try await client.pay.make(request, for: user) }?.code == .invalidRequest) }
        #expect(await clientFailure { try await client.pay.status(isTestPayment: true, for: user) }?.code == .invalidRequest)
        #expect(script.sent.isEmpty)
        var full = good
        full.methods = [.tossMoney, .card]
        full.taxFreeAmount = 100
        full.taxableAmount = 900
        full.tax = 82
        full.serviceFee = 0
        full.cashReceipt = true
        full.cashReceiptTradeOption = .general
        full.installment = .doNotUse
        #expect(await clientFailure { try await client.pay.make(full, for: user) } == nil)
        #expect(
            script.sent[0].body == [
                "orderNo": "o", "productDesc": "사과", "amount": 1000, "amountTaxFree": 100, "amountTaxable": 900, "amountVat": 82,
                "amountServiceFee": 0,
                "enablePayMethods": "TOSS_MONEY,CARD", "cashReceipt": true, "cashReceiptTradeOption": "GENERAL", "installment": "NOT_USE",
                "isTestPayment": true,
            ])
    }
}
