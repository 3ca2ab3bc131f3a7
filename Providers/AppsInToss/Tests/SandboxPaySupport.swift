import AppsInToss
import Base
import SandboxKit
import Testing
import Transport

@testable import AppsInTossSandbox

/// The steps of a payment, for the tests of Toss Pay.
struct PayDesk {
    let house: SandboxHouse
    var user = Int64(AppsInTossDemonstration.userKey)
    var door = SandboxHouse.Door.demo

    /// A body of make-payment.
    static func order(_ number: String, _ amount: Int64 = 10_000, _ more: JSON.Members = [:]) -> JSON {
        var members: JSON.Members = [
            "orderNo": .string(number), "productDesc": "토스 티셔츠", "amount": .number(amount), "amountTaxFree": 0, "isTestPayment": true,
        ]
        for name in more.names { members[name] = more[name] }
        return .object(members)
    }

    func send(_ call: String, _ body: JSON) async -> Judgement { await house.send(call, body, user: user, through: door) }

    func make(_ number: String, _ amount: Int64 = 10_000, _ more: JSON.Members = [:]) async throws -> String {
        let judgement = await send("make-payment", PayDesk.order(number, amount, more))
        try #require(judgement.isSuccess, "\(judgement.body.text)")
        return try #require(judgement.success["payToken"]?.string)
    }

    /// The buyer does something, or the settlement.
    @discardableResult
    func buyer(_ move: String, _ token: String, _ wishes: JSON = [:]) async throws -> JSON {
        try await house.ask(.post, "/payments/\(token)/\(move)", wishes)
    }

    func execute(_ token: String, _ more: JSON.Members = [:]) async -> Judgement { await send("execute-payment", named(token, more)) }
    func refund(_ token: String, _ more: JSON.Members = [:]) async -> Judgement {
        await send("refund-payment", named(token, ["reason": "고객 변심"], more))
    }
    func status(_ token: String) async -> Judgement { await send("get-payment-status", named(token)) }

    /// A payment that is paid.
    func paid(_ number: String, _ amount: Int64 = 10_000, _ wishes: JSON = [:]) async throws -> String {
        let token = try await make(number, amount)
        try await buyer("authenticate", token, wishes)
        let judgement = await execute(token)
        try #require(judgement.isSuccess, "\(judgement.body.text)")
        return token
    }

    private func named(_ token: String, _ parts: JSON.Members...) -> JSON {
        var members: JSON.Members = ["payToken": .string(token), "isTestPayment": true]
        for part in parts { for name in part.names { members[name] = part[name] } }
        return .object(members)
    }
}
