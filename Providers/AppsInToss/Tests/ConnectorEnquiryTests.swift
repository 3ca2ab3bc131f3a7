import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss connector: what is asked after an open outcome")
struct ConnectorEnquiryTests {
    private static let execution = "{\"payToken\":\"token-1\",\"orderNo\":\"order-1\",\"isTestPayment\":true}"
    private static let promotion = "{\"promotionCode\":\"TEST_1\",\"key\":\"a2V5\",\"amount\":100}"

    private static func payment(
        _ status: String, amount: Int64 = 1000, taxFree: Int64 = 0, token: String = "token-1", order: String = "order-1"
    ) -> HTTPResponse {
        ScriptedAppsInToss.success(
            [
                "payStatus": .string(status), "payToken": .string(token), "orderNo": .string(order), "amount": .number(amount),
                "amountTaxFree": .number(taxFree), "cardNumber": "1234-****-5678", "accountNumber": "110-1",
            ])
    }

    /// A provider that loses the answer to `name`, and answers the enquiries in order, the last one for ever.
    private static func losing(_ name: String, _ answers: [HTTPResponse]) -> ScriptedAppsInToss {
        let asked = Locked(0)
        return ScriptedAppsInToss { request, _ in
            if request.target.hasSuffix("/" + name) { throw ScriptedAppsInToss.lost }
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            return answers[min(number, answers.count) - 1]
        }
    }

    /// Runs a call against a provider in simulated time.
    private func run(
        _ name: String, _ body: String, _ exchange: ScriptedAppsInToss
    ) throws -> (response: HTTPResponse, house: ConnectorHouse, duration: Duration) {
        let simulation = Simulation()
        return try simulation.run {
            let house = try ConnectorHouse(exchange, time: simulation)
            let start = simulation.uptime
            let response = try await house.call(name, body)
            return (response, house, simulation.uptime - start)
        }
    }

    @Test(
        "A lost execution is asked for with the same token, order and user until its state proves something",
        arguments: [
            (["PAY_COMPLETE"], "done", 1), (["PAY_APPROVED", "PAY_PROGRESS", "PAY_COMPLETE"], "done", 3),
            (["SETTLEMENT_COMPLETE"], "done", 1),
            (["REFUND_SUCCESS"], "done", 1), (["PAY_CANCEL"], "undone", 1), (["PAY_APPROVED"], "open", 10), (["PAY_PROGRESS"], "open", 10),
            (["PAY_SOMETHING_NEW"], "open", 10),
        ])
    func lostExecution(_ states: [String], _ effect: String, _ questions: Int) throws {
        let exchange = ConnectorEnquiryTests.losing("execute-payment", states.map { ConnectorEnquiryTests.payment($0) })
        let (response, house, duration) = try run("execute-payment", ConnectorEnquiryTests.execution, exchange)
        #expect(response.status == 502)
        #expect(response.outcome == "unknown")
        let problem = try #require(response.connectorJSON)
        #expect(problem["effect"]?.string == effect)
        #expect(problem["payStatus"]?.string == states.last)
        #expect(problem["questions"]?.integer == Int64(questions))
        #expect(problem["enquiry"] == "get-payment-status")
        #expect(problem["cause"] == "connection-lost")
        #expect(!response.text.contains("1234") && !response.text.contains("110-1") && !response.text.contains("443731104"))
        #expect(exchange.calls == ["execute-payment"] + [String](repeating: "get-payment-status", count: questions))
        let question = try #require(exchange.sent.last)
        #expect(try JSON(question.request.body) == ["payToken": "token-1", "orderNo": "order-1", "isTestPayment": true])
        #expect(question.request.fields["x-toss-user-key"] == "443731104")
        #expect(question.shown == "shop")
        #expect(question.origin.host == AppsInTossHosts.pay)
        #expect(duration <= house.connector.resolutionLimit)
        #expect(house.count("bujeol_apps_in_toss_enquiries_total", "route", "execute-payment", effect) == "1")
        #expect(house.count("bujeol_apps_in_toss_results_total", "route", "execute-payment", "unknown") == "1")
    }

    @Test("A refund is done when the payment is refunded, and open while it is not")
    func lostRefund() throws {
        let body = "{\"payToken\":\"token-1\",\"reason\":\"변심\",\"isTestPayment\":false}"
        let done = ConnectorEnquiryTests.losing(
            "refund-payment", ["PAY_COMPLETE", "REFUND_PROGRESS", "REFUND_SUCCESS"].map { ConnectorEnquiryTests.payment($0) })
        let (response, _, _) = try run("refund-payment", body, done)
        #expect(response.connectorJSON?["effect"] == "done")
        #expect(response.connectorJSON?["payStatus"] == "REFUND_SUCCESS")
        #expect(try JSON(done.sent.last?.request.body ?? []) == ["payToken": "token-1", "isTestPayment": false])
        let open = ConnectorEnquiryTests.losing("refund-payment", [ConnectorEnquiryTests.payment("PAY_COMPLETE")])
        #expect(try run("refund-payment", body, open).response.connectorJSON?["effect"] == "open")
    }

    @Test("An answer about another payment than the one asked for proves nothing")
    func otherPayment() throws {
        for other in [
            ConnectorEnquiryTests.payment("PAY_COMPLETE", token: "token-2"), ConnectorEnquiryTests.payment("PAY_CANCEL", order: "x"),
        ] {
            let exchange = ConnectorEnquiryTests.losing("execute-payment", [other])
            let problem = try run("execute-payment", ConnectorEnquiryTests.execution, exchange).response.connectorJSON
            #expect(problem?["effect"] == "open")
            #expect(problem?["payStatus"] == nil)
        }
    }

    @Test(
        "A payment whose making got lost is found by its orderNo, and its token handed over; one of another amount or an older one is not it"
    )
    func lostMaking() throws {
        let body = "{\"orderNo\":\"order-1\",\"productDesc\":\"사과\",\"amount\":1000,\"amountTaxFree\":0,\"isTestPayment\":true}"
        func made(_ answer: HTTPResponse) throws -> (JSON?, Int) {
            let exchange = ConnectorEnquiryTests.losing("make-payment", [answer])
            return (try run("make-payment", body, exchange).response.connectorJSON, exchange.sent.count)
        }
        let (found, _) = try made(ConnectorEnquiryTests.payment("PAY_STANDBY"))
        #expect(found?["effect"] == "done")
        #expect(found?["payToken"] == "token-1")
        let others = [
            ConnectorEnquiryTests.payment("PAY_STANDBY", amount: 2000), ConnectorEnquiryTests.payment("PAY_STANDBY", taxFree: 1000),
            ConnectorEnquiryTests.payment("PAY_STANDBY", order: "order-2"), ConnectorEnquiryTests.payment("PAY_COMPLETE"),
        ]
        for other in others {
            let (problem, count) = try made(other)
            #expect(problem?["effect"] == "open")
            #expect(problem?["payToken"] == nil)
            #expect(count == 2)
        }
        let (missing, count) = try made(ScriptedAppsInToss.failure(.paymentNotFound))
        #expect(missing?["effect"] == "open")
        #expect(missing?["enquiryErrorCode"] == "PAYMENT_NOT_FOUND")
        #expect(count == 1 + OutcomeEnquiry.most)
    }

    @Test(
        "A lost execution of a promotion is asked for with the same key, and never sent again",
        arguments: [
            (["SUCCESS"], "done"), (["PENDING", "SUCCESS"], "done"), (["PENDING", "FAILED"], "undone"), (["PENDING"], "open"),
            (["4111"], "open"),
            (["4111", "4111", "SUCCESS"], "done"), (["4104"], "open"), (["HTTP_TIMEOUT", "SUCCESS"], "done"),
        ])
    func lostPromotion(_ words: [String], _ effect: String) throws {
        let answers = words.map { word in
            if word == "HTTP_TIMEOUT" { return ScriptedAppsInToss.failure("", .httpTimeout) }
            return word.first?.isNumber == true
                ? ScriptedAppsInToss.failure(AppsInTossErrorCode(rawValue: word)) : ScriptedAppsInToss.success(.string(word))
        }
        let exchange = ConnectorEnquiryTests.losing("execute-promotion", answers)
        let (response, _, _) = try run("execute-promotion", ConnectorEnquiryTests.promotion, exchange)
        #expect(response.connectorJSON?["effect"]?.string == effect)
        #expect(exchange.calls.filter { $0 == "execute-promotion" }.count == 1)
        #expect(exchange.calls.dropFirst().allSatisfy { $0 == "execution-result" })
        #expect(try JSON(exchange.sent.last?.request.body ?? []) == ["promotionCode": "TEST_1", "key": "a2V5"])
        #expect(!response.text.contains("a2V5"))
        if words == ["4104"] { #expect(exchange.sent.count == 2) }
    }

    @Test(
        "An answer that leaves the outcome open is delivered as it is, with what the enquiry found",
        arguments: ["HTTP_TIMEOUT", "NETWORK_ERROR"])
    func openAnswer(_ type: String) throws {
        let exchange = ScriptedAppsInToss { request, _ in
            request.target.hasSuffix("/execute-payment")
                ? ScriptedAppsInToss.failure("X", AppsInTossResultType(rawValue: type)) : ConnectorEnquiryTests.payment("PAY_COMPLETE")
        }
        let (response, _, _) = try run("execute-payment", ConnectorEnquiryTests.execution, exchange)
        #expect(response.status == 200)
        #expect(response.outcome == "delivered")
        #expect(response.connectorJSON?["resultType"]?.string == type)
        #expect(response.result == "unknown")
        #expect(response.fields["Bujeol-Effect"] == "done")
        #expect(response.fields["Bujeol-Pay-Status"] == "PAY_COMPLETE")
        #expect(exchange.calls == ["execute-payment", "get-payment-status"])
    }

    @Test("Calls without an enquiry, and calls that lack what to ask for, are not asked about")
    func nothingToAsk() throws {
        for (name, body) in [
            ("send-message", "{\"templateSetCode\":\"a\",\"context\":{}}"), ("generate-token", "{\"authorizationCode\":\"c\"}"),
            ("login-me", ""), ("execute-payment", "{}"), ("execute-promotion", "{\"promotionCode\":\"a\"}"), ("refund-payment", "no json"),
        ] {
            let exchange = ScriptedAppsInToss { _, _ in throw ScriptedAppsInToss.lost }
            let (response, _, _) = try run(name, body, exchange)
            #expect(response.outcome == "unknown", "\(name)")
            #expect(response.connectorJSON?["effect"] == nil)
            #expect(exchange.sent.count == 1, "\(name)")
        }
    }

    @Test("A call that did not leave is not asked about")
    func notSent() throws {
        let exchange = ScriptedAppsInToss { _, _ in throw ScriptedAppsInToss.unreachable }
        let (response, _, _) = try run("execute-payment", ConnectorEnquiryTests.execution, exchange)
        #expect(response.outcome == "not-sent")
        #expect(exchange.sent.count == 1)
    }

    @Test("A provider that answers nothing at all is asked for no longer than the limit of enquiries")
    func silence() throws {
        let simulation = Simulation()
        let exchange = ScriptedAppsInToss { _, number in
            if number > 0 { try await simulation.sleep(for: .seconds(4)) }
            throw ScriptedAppsInToss.lost
        }
        let duration = try simulation.run {
            let house = try ConnectorHouse(exchange, time: simulation)
            let start = simulation.uptime
            let response = try await house.call("execute-payment", ConnectorEnquiryTests.execution)
            #expect(response.connectorJSON?["effect"] == "open")
            return simulation.uptime - start
        }
        // The scripted network does not keep its timeouts: the last question may take its whole 4 seconds.
        #expect(duration <= AppsInTossConnector.enquiryLimit + .seconds(4))
        #expect((2...5).contains(exchange.sent.count))
    }
}
