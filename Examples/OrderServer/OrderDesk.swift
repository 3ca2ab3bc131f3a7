import Base
import Bootpay
import ProviderKit
import Transport

/// The shop's own API. The point of the example is ``complete(_:paidBy:)``: nothing that comes from a browser or a webhook is believed; the receipt is looked up at Bootpay
/// and its amount compared with the shop's own record before anything is sent off.
struct OrderDesk: HTTPHandler {
    let orders: Orders
    let bootpay: BootpayClient

    func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        let path = request.target.split(separator: "/").map(String.init)
        switch (request.method, path.count) {
        case (.post, 1) where path[0] == "orders": return await place(request)
        case (.get, 2) where path[0] == "orders": return await show(path[1])
        // The browser's Bootpay window has closed and gave the page a receipt's id.
        case (.post, 3) where path[0] == "orders" && path[2] == "payment":
            guard let receipt = (try? JSON(request.body))?["receipt_id"]?.string else {
                return OrderDesk.answer(400, ["error": "no receipt_id"])
            }
            return await complete(path[1], paidBy: ReceiptID(receipt))
        case (.post, 1) where path[0] == "feedback": return await feedback(request)
        default: return OrderDesk.answer(404, ["error": "no such page"])
        }
    }

    private func place(_ request: HTTPRequest) async -> HTTPResponse {
        guard let json = try? JSON(request.body), let item = json["item"]?.string, let price = json["price"]?.integer, price > 0 else {
            return OrderDesk.answer(400, ["error": "item and price, please"])
        }
        return OrderDesk.answer(201, OrderDesk.describe(await orders.place(item: item, price: Won(price))))
    }

    private func show(_ id: String) async -> HTTPResponse {
        guard let order = await orders.order(id) else { return OrderDesk.answer(404, ["error": "no such order"]) }
        return OrderDesk.answer(200, OrderDesk.describe(order))
    }

    /// Fulfils an order if Bootpay says that this receipt paid exactly it.
    private func complete(_ id: String, paidBy receiptID: ReceiptID) async -> HTTPResponse {
        guard let order = await orders.order(id) else { return OrderDesk.answer(404, ["error": "no such order"]) }
        do throws(BootpayError) {
            let receipt = try await bootpay.verify(receiptID, expecting: order.price)
            // A receipt of another order of the same price must not pay this one.
            guard receipt.orderID == order.id else { return OrderDesk.answer(409, ["error": "the receipt belongs to another order"]) }
        } catch {
            switch error.code {
            case .notPaid, .amountDiffers, .notFound: return OrderDesk.answer(402, ["error": .string(error.code.rawValue)])
            // Bootpay could not be asked. The order stays as it is; the page, or the webhook's next try, asks again.
            default: return OrderDesk.answer(503, ["error": .string(error.code.rawValue)])
            }
        }
        guard let fulfilled = await orders.fulfil(id, paidBy: receiptID) else { return OrderDesk.answer(404, ["error": "no such order"]) }
        return OrderDesk.answer(200, OrderDesk.describe(fulfilled))
    }

    /// Bootpay's webhook: a form by default, JSON on request, without any signature. It is a hint to look, nothing more. Whatever but `OK` is an invitation to send it again.
    private func feedback(_ request: HTTPRequest) async -> HTTPResponse {
        var members: [String: String] = [:]
        if let json = try? JSON(request.body) {
            for name in ["receipt_id", "order_id"] { members[name] = json[name]?.string }
        } else {
            for pair in FormText.decode(request.body) ?? [] { members[pair.name] = pair.value }
        }
        guard let receipt = members["receipt_id"], let order = members["order_id"] else {
            return OrderDesk.answer(400, ["error": "incomplete"])
        }
        let response = await complete(order, paidBy: ReceiptID(receipt))
        // Only what a repeat may change is worth one.
        if response.status == 503 { return response }
        return HTTPResponse(status: 200, fields: ["Content-Type": "text/plain"], body: Array("OK".utf8))
    }

    private static func describe(_ order: Order) -> JSON {
        var members: JSON.Members = ["order_id": .string(order.id), "item": .string(order.item), "price": .number(order.price.amount)]
        switch order.state {
        case .waitingForPayment: members["state"] = "waiting"
        case .fulfilled: members["state"] = "fulfilled"
        }
        return .object(members)
    }

    private static func answer(_ status: Int, _ json: JSON) -> HTTPResponse {
        HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: json.bytes)
    }
}
